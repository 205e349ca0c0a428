"""What is done with the list itself: filter, sort, go up, ask anew."""

from __future__ import annotations

from ..locations.kinds import kind_of
from ..locations.local_files import LOCAL
from ..locations.location import Location
from ..locations.work_kinds import found_location
from .screen_commands import HIDDEN, NOT_OPEN, ON_ITS_WAY, CommandGroup
from .workers import worker_action


class ListCommands(CommandGroup):
    """Also those that show another location."""

    IDS = ("parent", "clear", "filter", "sort", "find", "local_files", "reload")

    def disabled_reason(self, ident: str) -> str | None:
        main, navigator = self.main, self.main.browser.navigator
        if ident == "parent" and not navigator.can_go_up:
            return "There is nothing above this place."
        if ident == "clear" and not main.pane.filtering and not main.table.selected:
            return HIDDEN
        if ident == "filter" and not navigator.path:
            return "There is no list yet."
        if ident == "sort" and not main.location_kind.orders:
            return "This list has an order of its own."
        if ident == "sort" and main.pending is not None:
            return ON_ITS_WAY
        if ident == "find" and not main.ready:
            return NOT_OPEN
        if ident == "local_files" and not main.location_kind.server:
            return "The list shows the files of this machine already."
        return None

    async def filter(self) -> None:
        await self.main.pane.open_filter()

    def clear(self) -> None:
        """Ends the filter; without one, nothing is selected any more."""
        if self.main.pane.filtering:
            self.main.pane.close_filter()
            self.main.browser.show_rows()
        else:
            self.main.table.clear_selection()

    def sort(self) -> None:
        """Sorts by the next column and, after the last one, by each the other way round."""
        browser = self.main.browser
        orders = browser.kind.orders
        browser.sort(orders[(orders.index(browser.order) + 1) % len(orders)])

    def parent(self) -> None:
        """The place that this one is in; from a root of the tree, back to where one came from."""
        path = self.main.browser.navigator.up()
        if path is not None:
            self.main.go_back(path)

    def local_files(self) -> None:
        """Shows the files of this machine."""
        self.main.open_place(LOCAL.resolved(Location(LOCAL.name, "")))
        self.main.table.focus()

    @worker_action(exclusive=True, group="find_documents", opens=True, command="find")
    async def find(self) -> None:
        """Asks for words, and shows the documents of the library that have them."""
        from ..rules.search import MOST, checked
        from .prompt import Prompt

        main = self.main
        before = main.location_kind.words(main.place) if main.place is not None else ""
        asked = "Words of a name, a number, an author or a class; beginnings of words will do."
        text = await main.show_dialog(
            Prompt("Find in the library", asked, before, keep="Find", most=MOST, loses=False, check=checked)
        )
        if text:
            main.open_place(found_location(text))
            main.table.focus()

    @worker_action(exclusive=True, group="reload", command="reload")
    async def reload(self) -> None:
        """Asks for everything anew; a local server that has ended is started first."""
        main = self.main
        shown = main.pending or main.place
        # The files of this machine are there, whatever becomes of the server.
        is_local = shown is not None and not kind_of(shown).server
        if is_local:
            main.browser.load_again()
        await main.session.start_server()
        if main.session.opened:
            main.start.show_user()
        if not main.session.opened or shown is None:
            main.start.connect()
            return
        if not is_local:
            main.browser.load_again()
        main.live.listen_again()
        main.branches.refill_all()
