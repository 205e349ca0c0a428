"""The first lines of the document under the cursor: read when the cursor rests, one document at a time."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.timer import Timer

from ...commands.lookup import spelled
from ...rules.carried import REASONS
from ...rules.first_lines import MOST_LINES
from ...rules.text import printable
from ..base.workers import BUSY_DELAY, begin_work
from ..textual_patches.timers import ensure_fires

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.worker import Worker

    from ...inspection.inspector import DocumentReading, FirstLines
    from ...sending.readable import Readable
    from ..base.app_screen import AppScreen
    from ..base.host import Host
    from ..widgets.table import Row
    from ..widgets.text_view import TextView

#: Seconds after a move of the cursor until the document is read: longer than between two repeats of a held key.
_REST_SECONDS = 0.1
#: Seconds until it is tried again, if the server hasn't responded yet.
_AGAIN_SECONDS = 0.5
_LOADING = "Loading…"


class TextTab:
    """Shows the text of one document after another. Leaving a document ends the worker that reads it."""

    def __init__(self, main: Host, view: TextView, screen: AppScreen | None = None) -> None:
        """``screen`` is that of the view, if it lies over the list; it names the document itself."""
        self._main = main
        self._view = view
        self._screen = screen or main.screen
        self._names = screen is None
        self._row: Row | None = None
        #: Which version of the row's document is shown, or being read.
        self._version: object = None
        self._rest: Timer | None = None
        self._worker: Worker[None] | None = None
        self._reading: DocumentReading | None = None

    @property
    def waits(self) -> bool:
        """Whether the text is read only if it is asked for."""
        return self._view.lines.waits

    def follow(self, row: Row | None, *, asked: bool = False) -> None:
        """Show the document of another row soon; ``asked``: at once, also if the server notes who reads it."""
        if row is not None and self._row is not None and row.key == self._row.key:
            readable = self._readable(row)
            if readable is None or readable.version == self._version:
                return
        self.stop()
        self._row = row
        if asked:
            self._begin(asked=True)
            return
        readable = self._readable(row) if row is not None else None
        if readable is not None and not readable.is_recorded:
            # It gets ready while the cursor rests.
            self._main.session.previews.warm(readable)
        self._begin_after(_REST_SECONDS)

    def ask(self) -> None:
        """Read what is only read if it is asked for."""
        self._begin(asked=True)

    def stop(self) -> None:
        """Read nothing; what is shown stays until something else is."""
        self._row, self._version, self._view.lines.waits = None, None, False
        if self._rest is not None:
            self._rest.stop()
        if self._reading is not None:
            self._reading.leave()
            self._reading = None
        if self._worker is not None:
            self._worker.cancel()
            self._worker = None

    def _begin_after(self, seconds: float) -> None:
        self._rest = ensure_fires(self._screen.set_timer(seconds, self._begin))

    def _latest(self, row: Row | None) -> Row | None:
        """The row as the list has it now: that of a preview of the list says less of the same document."""
        current = self._main.table.current
        return current if row is not None and current is not None and current.key == row.key else row

    def _readable(self, row: Row) -> Readable | None:
        """What can be read of a row; nothing before the server has responded."""
        main = self._main
        return main.session.previews.of(row.data) if main.ready or not main.browser.kind.server else None

    def _begin(self, *, asked: bool = False) -> None:
        lines, main = self._view.lines, self._main
        row = self._row = self._latest(self._row)
        if row is None:
            lines.show("", (), "")
        elif main.screen.app.screen is not self._screen:
            # What lies over it was opened meanwhile; this is followed again once that is closed.
            self._row = None
        elif not main.ready and main.browser.kind.server:
            self._begin_after(_AGAIN_SECONDS)
        elif (readable := self._readable(row)) is None:
            self._show(row.name, (), "")
        elif readable.is_recorded and not asked:
            lines.waits = True
            key = "picker.first_lines" if self._names else "text.ask_for_text"
            note = f"Your Work server notes who reads a document. {{{key}}} shows the text."
            self._version = readable.version
            self._show(row.name, (), spelled(note, main.screen.app))
        else:
            lines.waits, self._version = False, readable.version
            self._worker = begin_work(
                self._screen, partial(self._read, row, readable), exclusive=True, group="text"
            )

    async def _read(self, row: Row, readable: Readable) -> None:
        # Slow to import, and only needed here.
        from ...inspection.inspector import DocumentReading

        reading = self._reading = DocumentReading()
        late = self._screen.set_timer(BUSY_DELAY, lambda: self._show_loading(row, readable))
        if not self._view.lines.text.lines:
            self._show_loading(row, readable)
        try:
            found = await self._main.session.previews.first_lines(readable, reading)
        finally:
            late.stop()
        if self._row is row and self._view.is_attached:
            self._show(readable.name, found.lines, note_of(found))

    def _show_loading(self, row: Row, readable: Readable) -> None:
        """Say of a document that it is still being read: what is shown is another one's, or nothing."""
        if self._row is row and self._view.is_attached:
            self._show(readable.name, (), _LOADING)

    def _show(self, name: str, lines: Sequence[str], note: str) -> None:
        self._view.lines.show(printable(name) if self._names else "", lines, note)
        self._screen.refresh_bindings()


def note_of(found: FirstLines) -> str:
    """What the lines are not; empty if there is nothing to say."""
    if found.reason:
        return f"No text to show. {REASONS.get(found.reason, REASONS['crashed'])}"
    if not found.lines:
        return "It has no text."
    doubt = "The text may be wrong: its fonts don't say which characters they draw." if found.doubtful else ""
    more = f"The first {MOST_LINES} lines." if found.more else ""
    return " ".join(filter(None, (more, doubt)))
