"""How the first screen is laid out: which panes have room, whether they have frames, and which one is active."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from textual.containers import Vertical

from ...rules.errors import Problem
from ...rules.text import printable
from ..widgets.fit import cells
from ..widgets.heading import Heading
from ..widgets.pane_heading import PaneHeading
from ..widgets.tree import LocationTree
from .pane_widths import EMPTY_LIST, WITH_DETAILS, PaneNeeds, PaneWidths, pane_widths

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..base.host import Host
    from ..widgets.row_line import RowLine
    from .details_pane import DetailsPane
    from .list_pane import ListPane

#: The cells beside the way to a place: how many rows it has, and how many of them are selected.
_BESIDE_WAY = 24
#: The size from which on panes have frames.
_FRAMED = (100, 30)


class RememberedTab:
    """Which tab of the details was shown last, kept for the next start: a file that is there, or not."""

    def __init__(self, state: Path | None) -> None:
        self._file = state / "shows-text" if state is not None else None

    @property
    def is_text(self) -> bool:
        """Whether it was that of the text."""
        return self._file is not None and self._file.exists()

    def keep(self, *, text: bool) -> None:
        """Keep it. What can't be kept is not worth a message."""
        if self._file is None:
            return
        from ...config.private import private_folder
        from ...files.private_files import write_private

        with suppress(Problem, OSError):
            if text:
                write_private(private_folder(self._file.parent) / self._file.name, b"", sync=False)
            else:
                self._file.unlink(missing_ok=True)


class MainLook:
    """Marks the pane that has the focus. Behind a dialog no pane has one; all but the headings stays as it is, since
    whatever changes has to be written to the terminal."""

    def __init__(self, main: Host, pane: ListPane, looked: Callable[[], None]) -> None:
        """``looked`` is called when the user looks at another row."""
        self._main = main
        self._pane = pane
        self._looked = looked
        #: The details, once there was room for them.
        self.details: DetailsPane | None = None
        #: Whether the user wants to see the details where there is room for them.
        self._wants_details = True
        self._remembered = RememberedTab(main.session.state)
        #: What tree and list need, once there are rows. Of a list, that is what its first rows need, so that nothing
        #: moves while one goes through it.
        self._needs: PaneNeeds | None = None

    @property
    def has_room(self) -> bool:
        """Whether there is room for the details."""
        return self._main.screen.app.size.width >= WITH_DETAILS

    def toggle_details(self) -> None:
        """Show or hide the details."""
        self._wants_details = not self._wants_details
        self.fit()

    @property
    def shows_text(self) -> bool:
        """Whether the text of the document is beside the list."""
        details = self.details
        return details is not None and details.display and details.shows_text

    @property
    def shows_values(self) -> bool:
        """Whether the details of the row are beside the list."""
        details = self.details
        return details is not None and details.display and not details.shows_text

    def toggle_text(self) -> None:
        """Show the text of the document beside the list, where there is room; again, its details. If the text waits to
        be asked for, read it."""
        details = self.details
        if self.shows_text and details is not None and details.text is not None and details.text.waits:
            details.text.ask()
            return
        wanted = not self.shows_text
        self._wants_details = True
        self.fit()
        if self.details is not None:
            self.details.show_tab(text=wanted)
            self._remembered.keep(text=wanted)
        self._fit_row_line()

    def scroll_text(self, *, down: bool) -> None:
        """Scroll the text beside the list by half of what is visible."""
        if self.details is not None:
            self.details.scroll_text(down=down)

    @property
    def _shows_details(self) -> bool:
        return self.has_room and self._wants_details

    def _fit_row_line(self) -> None:
        table = self._main.table
        if table.row_line is not None:
            table.row_line.update_from(table)

    def _fit_details(self) -> None:
        shown = self._shows_details
        if self.details is not None and shown:
            _set_width(self.details, self._widths.details)
        if shown and self.details is None:
            self._main.screen.query_one("#panes").mount(self.made_details())
        elif self.details is not None and self.details.display != shown:
            self.details.display = shown
            self.details.follow()

    def made_details(self) -> DetailsPane:
        """Return a new pane. On a narrow screen, it would only make the first paint slower."""
        from .details_pane import DetailsPane

        self.details = DetailsPane(self._main, text=self._remembered.is_text)
        self.details.styles.width = self._widths.details
        return self.details

    def made_places(self) -> Vertical:
        """Return the pane of the tree."""
        places = Vertical(id="places")
        self._fit_places(places)
        return places

    def _fit_places(self, places: Vertical, *, in_tree: bool = False) -> None:
        tree, _, gives_way = self._widths
        self._main.screen.set_class(gives_way and not in_tree, "-list-only", update=places.is_attached)
        _set_width(places, 0 if gives_way and not in_tree else tree)

    def row_changed(self) -> None:
        """Have the details follow the cursor. What was said some time ago would seem to be about this row."""
        self._main.status.forget_read()
        self._looked()
        if self.details is not None:
            self.details.follow()

    def follow(self, row_line: RowLine, places: LocationTree) -> None:
        """Follow what the line below the list and the tree show, and let the line have what room there is for it."""
        row_line.changed, places.filled = self.row_changed, self.fit
        row_line.free_beside = lambda: places.free_lines
        row_line.is_elsewhere = lambda: self.shows_values

    def begin(self) -> None:
        """Take up the size before there is anything to be styled again."""
        screen = self._main.screen
        screen.set_class(self._is_framed, "-framed", update=False)
        self._pane.add_class("-active")
        self._pane.where.mark(active=True, framed=self._is_framed)

    @property
    def _is_framed(self) -> bool:
        width, height = self._main.screen.app.size
        return width >= _FRAMED[0] and height >= _FRAMED[1]

    def place_changed(self) -> None:
        """Take up what the list of another location needs."""
        table, way = self._main.table, " › ".join(place.name for place in self._main.browser.navigator.way)
        # What an empty list says is wrapped to any width; names in the tree would be cut beside blanks.
        is_empty = self._main.browser.list.is_empty
        wanted = max(
            EMPTY_LIST if is_empty else table.renderer.wanted_width, cells(printable(way)) + _BESIDE_WAY
        )
        is_known = is_empty or table.rows
        self._needs = PaneNeeds(self._main.places.wanted_width, wanted, is_empty) if is_known else None
        self.fit()

    def fit(self) -> None:
        """Take up the size, the focus and the location as they are now."""
        screen = self._main.screen
        if not screen.is_attached or not screen.children:
            return
        if self._needs is not None:
            self._needs = self._needs._replace(tree=self._main.places.wanted_width)
        in_tree = isinstance(screen.focused, LocationTree)
        is_covered = screen.app.screen is not screen
        # On the way back from a screen over it, it would seem to be about what was done there.
        self._main.status.forget_read()
        framed = self._is_framed
        screen.set_class(framed, "-framed")
        self._fit_places(screen.query_one("#places", Vertical), in_tree=in_tree)
        screen.query_one(Heading).hush(is_covered)
        self._fit_details()
        self._fit_row_line()
        if self.shows_text and self.details is not None and not is_covered:
            self.details.follow()
        in_details = self.details is not None and self.details.takes_keys
        tree = screen.query_one("#places-heading", PaneHeading)
        headings = [(tree, in_tree), (self._pane.where, not in_tree and not in_details)]
        if self.details is not None:
            headings.append((self.details.heading, in_details))
        for heading, active in headings:
            heading.mark(active=active and not is_covered, framed=framed)
            # The details may not have been composed yet.
            if heading.parent is not None:
                heading.parent.set_class(active, "-active")

    @property
    def _widths(self) -> PaneWidths:
        """How wide the panes are for the location that the list shows."""
        return pane_widths(
            self._main.screen.app.size.width,
            framed=self._is_framed,
            detailed=self._shows_details,
            sent=self._main.browser.kind.is_share_folder,
            needs=self._needs if self._needs is not None and self._needs.tree else None,
        )


def _set_width(pane: Vertical, width: int) -> None:
    """Give a pane its width; nothing is laid out again if it is the same."""
    now = pane.styles.width
    if now is None or now.value != width:
        pane.styles.width = width
