"""What is known of the row under the cursor, or its text, beside the list on a wide screen."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.timer import Timer

from ...override import override
from ...rules.errors import Problem
from ..base.workers import begin_work
from ..textual_patches.timers import ensure_fires
from ..widgets.pane_heading import PaneHeading
from .details_tab import DetailsTab, Line
from .details_text import DetailsText

if TYPE_CHECKING:
    from ...locations.kind import LocationKind
    from ..base.host import Host
    from ..widgets.table import Row
    from ..widgets.text_view import TextLines, TextView
    from .text_tab import TextTab

#: Seconds after a move of the cursor until the pane shows its row, and until more is asked for.
_REST_SECONDS, _MORE_SECONDS = 0.1, 0.4


class DetailsPane(Vertical):
    """Follows the cursor from what is loaded; when it rests, more is asked for. Its other tab has the document's
    text."""

    def __init__(self, main: Host, *, text: bool = False) -> None:
        """``text``: begin with the text of documents."""
        super().__init__(id="details")
        self._main = main
        self._tab = DetailsTab()
        self.heading = PaneHeading(self._tab.title, id="details-heading")
        self._body = DetailsText()
        self._rest: Timer | None = None
        #: The row that is shown, with the kind of location that it is in: the list may have moved on to another.
        self._shown: tuple[LocationKind, Row] | None = None
        #: The key of a row, and what was asked for about it.
        self._more: tuple[str, list[Line]] = ("", [])
        #: The text of the document, once it was wanted, and whether it is shown.
        self.text: TextTab | None = None
        self.shows_text = text
        self._view: TextView | None = None

    @override
    def compose(self) -> ComposeResult:
        yield self.heading
        yield self._body

    def on_mount(self) -> None:
        """Show the row that is already under the cursor."""
        if self.shows_text:
            self.show_tab(text=True)
        else:
            self.follow()

    def show_tab(self, *, text: bool) -> None:
        """Show the text of the document, or what is known of it."""
        self.shows_text = text
        if not self.is_attached:
            return
        if text and self._view is None:
            # Most users never look at it.
            from ..widgets.text_view import TextView
            from .text_tab import TextTab

            self._view = TextView(self._main.say)
            self.text = TextTab(self._main, self._view)
            self.mount(self._view)
        elif self._view is not None:
            self._view.display = text
        self._body.display = not text
        self.heading.tell("Text" if text else self._tab.title)
        if self.text is not None and not text:
            if self._view is not None and self._view.lines.has_focus:
                self._main.table.focus()
            self.rest()
        self.follow()

    def rest(self) -> None:
        """Read no document for a while."""
        if self.text is not None:
            self.text.stop()
            self._main.session.previews.rest()

    def scroll_text(self, *, down: bool) -> None:
        """Scroll the text by half of what is visible."""
        if self._view is not None:
            lines = self._view.lines
            lines.scroll_by(lines.half if down else -lines.half)

    @property
    def takes_keys(self) -> bool:
        """Whether keys act on it."""
        focused = self._main.screen.focused
        return focused is not None and self in focused.ancestors

    # The view is imported when it is first wanted: its messages are named here.

    def on_text_lines_left(self) -> None:
        """Give the keys back to the list."""
        self._main.table.focus()

    def on_text_lines_document_wanted(self, event: TextLines.DocumentWanted) -> None:
        """Move the cursor of the list, which is followed."""
        self._main.table.action_down() if event.by > 0 else self._main.table.action_up()

    def on_text_lines_text_wanted(self) -> None:
        """Read the document that waits."""
        if self.text is not None:
            self.text.ask()

    def follow(self) -> None:
        """Take up the row under the cursor. It is painted when the cursor rests: over a slow connection, the pane would
        hold it up."""
        if not (self.is_attached and self.display):
            if self.shows_text:
                self.rest()
            return
        row, kind = self._main.table.current, self._main.browser.kind
        if self.shows_text and self.text is not None:
            self.text.follow(row)
            return
        self._shown = (kind, row) if row is not None else None
        more = self._more[1] if row is not None and self._more[0] == row.key else []
        lines = [*self._tab.at_once(kind, row), *more] if row is not None else []
        if self._body.take(lines, self._tab.label_width(kind)):
            self._after(_REST_SECONDS, self._at_rest)

    def _after(self, seconds: float, then: Callable[[], object]) -> None:
        if self._rest is not None:
            self._rest.stop()
        self._rest = ensure_fires(self.set_timer(seconds, then))

    def _at_rest(self) -> None:
        self._body.paint()
        if self._main.ready:
            self._after(_MORE_SECONDS, self._ask)

    def _ask(self) -> None:
        if self._shown is not None and self._main.screen.app.screen is self._main.screen:
            begin_work(self._main.screen, partial(self._load, *self._shown), exclusive=True, group="details")

    async def _load(self, kind: LocationKind, row: Row) -> None:
        # The pane only completes what the list shows: what has failed, the next command tells.
        with suppress(Problem):
            lines = await self._tab.more(self._main.session, kind, row)
            if self._shown is not None and self._shown[1] is row and self.is_attached:
                self._more = (row.key, lines)
                if self._body.take([*self._tab.at_once(kind, row), *lines], self._tab.label_width(kind)):
                    self._body.paint()
