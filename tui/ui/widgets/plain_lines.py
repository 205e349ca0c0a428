"""Lines of text that the terminal itself continues on its next line, so that they are selected and copied whole."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, chop_cells
from rich.segment import Segment
from rich.text import Text
from textual.geometry import Region
from textual.strip import Strip
from textual.widgets import Static

from ...override import override
from ..textual_patches.driver import write_to_terminal
from .scroll_box import ScrollBox

#: In the colour of the background.
_ERASE = "\x1b[K"
_WRAP_ON, _WRAP_OFF = "\x1b[?7h", "\x1b[?7l"


class PlainLines(ScrollBox):
    """Has to have the whole width of the screen, and to begin at its top.

    Every row of the screen is painted on its own, so a terminal takes each for a line. :meth:`join_rows` writes those
    that belong together once more, as one line; nothing on the screen changes.
    """

    DEFAULT_CSS = """
    PlainLines { height: 1fr; scrollbar-size-vertical: 0; }
    PlainLines Static { width: 100%; height: auto; }
    """

    def __init__(self, lines: Sequence[Text]) -> None:
        self._shown = Static(markup=False)
        super().__init__(self._shown)
        self._lines = lines
        #: For each row, whether its line continues on the next one.
        self._continues: list[bool] = []

    def on_resize(self) -> None:
        """Fold the lines at the very last column, as terminals do."""
        rows: list[Text] = []
        self._continues = []
        for line in self._lines:
            ends, at = [], 0
            for part in chop_cells(line.plain, max(1, self.size.width)):
                at += len(part)
                ends.append(at)
            parts = line.divide(ends[:-1])
            rows += parts
            self._continues += [True] * (len(parts) - 1) + [False]
        self._shown.update(Text("\n", no_wrap=True).join(rows))
        self.call_after_refresh(self.join_rows)

    @override
    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self.call_after_refresh(self.join_rows)

    def join_rows(self) -> None:
        """Let the terminal know which of the visible rows are one line."""
        top = self.scroll_offset.y
        continues = self._continues[top : top + self.size.height]
        if not any(continues) or self.app.screen is not self.screen:
            return
        strips = self._shown.render_lines(Region(0, top, self.size.width, len(continues)))
        written = [_WRAP_ON, "\x1b[H"]
        for row, (strip, goes_on) in enumerate(zip(strips, continues, strict=True), 1):
            written.append(self._without_blanks(strip).render(self.app.console))
            if not goes_on and row < len(continues):
                written.append("\r\n")
        write_to_terminal(self.app, "".join([*written, _WRAP_OFF]))

    @staticmethod
    def _without_blanks(strip: Strip) -> Strip:
        """A row without the blanks at its end, which would be copied too: the rest of the line is erased instead."""
        used = cell_len(strip.text.rstrip())
        if used == strip.cell_length:
            return strip
        *_, (_, style, _) = strip
        return Strip([*strip.crop(0, used), Segment(_ERASE, style)])
