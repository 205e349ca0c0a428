"""Commands of the list itself: filter, sort, go up, find, reload."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...commands.lookup import spelled
from ...locations.rows import flipped
from ...locations.work_kinds import found_location, other_search
from ...override import override
from ..base.command_group import CommandGroup, nothing_chosen, still_loading
from ..base.screen_commands import HIDDEN, NOT_OPEN
from ..base.workers import worker_action
from ..browser.matches import go_to_match

if TYPE_CHECKING:
    from ..base.host import Host
    from ..main.list_pane import ListPane
    from ..main.main_look import MainLook
    from ..main.start_up import StartUp

#: The commands about the text of documents, and those of the kinds of location that offer them.
_OF_TEXTS = {
    "first_lines": "picker.first_lines",
    "sent_text": "folder.sent_text",
    "scroll_text_down": "",
    "scroll_text_up": "",
}


class ListCommands(CommandGroup):
    """The commands of the list, including those that show another location."""

    IDS = (
        *("parent", "leave_found", "sent_copies", "clear", "filter", "next_match", "previous_match"),
        *("sort", "reverse", "find", "reload", "details_pane"),
        *("first_lines", "sent_text", "scroll_text_down", "scroll_text_up"),
    )

    def __init__(self, main: Host, pane: ListPane, start: StartUp, look: MainLook) -> None:
        super().__init__(main)
        self._look = look
        self._pane = pane
        self._start = start

    @override
    def disabled_reason(self, ident: str) -> str | None:
        if ident in _OF_TEXTS:
            return self._text_disabled_reason(ident)
        main, navigator = self.main, self.main.browser.navigator
        of_kinds = {"leave_found": "found.leave_found", "sent_copies": "main.sent_copies"}
        nothing_to_clear = ident == "clear" and not (
            self._pane.filtering or main.browser.list.ended_needle or main.table.selected
        )
        if nothing_to_clear or (ident in of_kinds and not main.browser.kind.offers(of_kinds[ident])):
            return HIDDEN
        if ident in ("parent", "leave_found") and not navigator.can_go_up:
            return "There is no folder above this one."
        if ident == "filter" and not navigator.path:
            return "The list is not loaded yet."
        if ident in ("next_match", "previous_match") and not main.browser.list.sought:
            return spelled(
                "Nothing is sought: {main.filter} filters, and then goes through what it found.",
                self.screen.app,
            )
        if ident in ("sort", "reverse") and not main.browser.kind.orders:
            return "This list can't be sorted."
        if ident in ("sort", "reverse", "sent_copies") and main.browser.pending is not None:
            # A list that is being sorted can be sorted otherwise.
            return still_loading(main)
        if ident == "find" and not main.ready:
            return NOT_OPEN
        has_room = ident != "details_pane" or self._look.has_room
        return None if has_room else "There is room for the details from 110 columns on."

    def _text_disabled_reason(self, ident: str) -> str | None:
        main, command = self.main, _OF_TEXTS[ident]
        if not command:
            return None if self._look.shows_text else HIDDEN
        if not main.browser.kind.offers(command):
            return HIDDEN
        # The files of this machine are read without the server.
        if not main.ready and main.browser.kind.server:
            return NOT_OPEN
        if self._look.shows_text:
            return None
        if why := still_loading(main):
            return why
        row = main.current
        return (
            None if row is not None and row.selectable else nothing_chosen(main, "Choose a document first.")
        )

    async def filter(self) -> None:
        """Show the field that filters the list by names, and move the focus there."""
        await self._pane.open_filter()

    def clear(self) -> None:
        """End the filter, whose matches are marked then; without one, remove the marks; without marks, clear the
        selection."""
        if self._pane.filtering:
            self._pane.end_filter()
        elif self.main.browser.list.ended_needle:
            self._pane.remove_marks()
        else:
            self.main.table.deselect()

    def next_match(self) -> None:
        """Go to the next row that the filter has found."""
        self.main.table.held.of(go_to_match)(self.main.browser, forward=True)

    def previous_match(self) -> None:
        """Go to the row before that the filter has found."""
        self.main.table.held.of(go_to_match)(self.main.browser, forward=False)

    def sort(self) -> None:
        """Sort by the next column, in the order first used for it."""
        browser = self.main.browser
        orders = browser.kind.first_orders
        here = next((i for i, order in enumerate(orders) if browser.order in (order, flipped(order))), -1)
        browser.sort(orders[(here + 1) % len(orders)])

    def reverse(self) -> None:
        """Sort by the same column the other way round."""
        self.main.browser.sort(flipped(self.main.browser.order))

    def parent(self) -> None:
        """Go up to the parent location; from a root of the tree, back to where the user came from."""
        path = self.main.browser.navigator.up()
        if path is not None:
            self.main.go_back(path)

    def details_pane(self) -> None:
        """Show or hide the details next to the list."""
        self._look.toggle_details()

    def first_lines(self) -> object:
        """Show the text of the document under the cursor: beside the list where there is room, over it where there is
        none."""
        if not self._look.has_room:
            return self._text_over_the_list()
        self._look.toggle_text()
        return None

    sent_text = first_lines

    @worker_action(exclusive=True, group="choose", opens=True)
    async def _text_over_the_list(self) -> None:
        from ..dialogs.first_lines import FirstLinesScreen

        await self.main.show_dialog(FirstLinesScreen(self.main))

    def scroll_text_down(self) -> None:
        """Show what follows in the text beside the list."""
        self._look.scroll_text(down=True)

    def scroll_text_up(self) -> None:
        """Show what comes before in the text beside the list."""
        self._look.scroll_text(down=False)

    def leave_found(self) -> None:
        """Go back from the results of a search."""
        self.parent()

    def sent_copies(self) -> None:
        """Search for the same words with the copies that were sent, or without them again."""
        main, location = self.main, self.main.browser.location
        if location is not None:
            other = other_search(location)
            # In its place: the way back is that of the first search.
            main.open_place(other, path=[*main.browser.navigator.path[:-1], other], back=True)

    @worker_action(exclusive=True, group="find_documents", opens=True, command="find")
    async def find(self) -> None:
        """Ask for search words, and show the documents of the library that match."""
        from ...rules.search import MOST, checked
        from ..base.prompt import Prompt

        main = self.main
        before = main.browser.kind.words(main.browser.location) if main.browser.location is not None else ""
        hint = "Search name, number, author or class. Prefixes match."
        text = await main.show_dialog(
            Prompt("Find in the library", hint, before, keep="Find", most=MOST, loses=False, check=checked)
        )
        if text:
            main.open_place(found_location(text))
            main.table.focus()

    @worker_action(exclusive=True, group="reload", command="reload")
    async def reload(self) -> None:
        """Reload everything; a local server that has ended is started first."""
        await self._start.reload()
