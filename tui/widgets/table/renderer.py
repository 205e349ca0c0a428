"""How the lines of a table are drawn: the titles, a row, and what is said where there is none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from ...locations.rows import Column, Row, column_widths
from ...rules.display import moment_text
from ..fit import fit, shorten_to_words, wrapped
from .cell_editor import CellEditor
from .model import RowModel


class RowRenderer:
    """Knows the widths of the columns, and the styles, until one of them is another."""

    def __init__(
        self, model: RowModel, base: Callable[[], Style], tone: Callable[[str], Style], *, markers: bool
    ) -> None:
        """``base`` works out the style of the table itself, ``tone`` what a tone adds to it; ``markers``: before each
        row stands whether it is selected."""
        self._model = model
        self._base_of = base
        self._tone_of = tone
        self._margin = 2 if markers else 1
        self._base: Style | None = None
        self._tones: dict[str, Style] = {}
        self._measured: tuple[tuple[Column, ...], int] = ((), 0)
        self._widths: list[int] = []
        #: The present moment: what is of today is written as a time.
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)

    # ------------------------------------------------------------ widths and styles

    def widths(self, width: int) -> list[int]:
        """How wide each column is in a table of that width, in cells; 0 for those that are left out."""
        if self._measured != (self._model.columns, width):
            self._measured = (self._model.columns, width)
            self._widths = column_widths(*self._measured, self._margin)
        return self._widths

    def column_at(self, x: int, width: int) -> Column | None:
        """The column at a cell of a line."""
        end = self._margin
        for column, wide in zip(self._model.columns, self.widths(width), strict=False):
            end += wide + 1 if wide else 0
            if wide and x < end:
                return column
        return None

    def styles_changed(self) -> None:
        """What is known of the styles holds no longer."""
        self._base = None
        self._tones = {}

    @property
    def base(self) -> Style:
        """The style of the table itself, which Textual works out anew each time that it is asked."""
        if self._base is None:
            self._base = self._base_of()
        return self._base

    def _tone(self, name: str) -> Style:
        style = self._tones.get(name)
        if style is None:
            style = self._tones[name] = self._tone_of(name)
        return style

    # ------------------------------------------------------------ lines

    def titles(self, width: int) -> Strip:
        """The first line."""
        columns = zip(self._model.columns, self.widths(width), strict=False)
        parts = [fit(self._title(column, wide), wide, column.align) for column, wide in columns if wide]
        text = fit(" " * self._margin + " ".join(parts), width)
        return Strip([Segment(text, self.base + self._tone("title"))], width)

    def _title(self, column: Column, width: int) -> str:
        order = self._model.order
        if not column.sort or order.lstrip("-") != column.sort.lstrip("-"):
            return column.title
        return f"{column.title} "[: width - 1] + ("▼" if order.startswith("-") else "▲")

    def loading(self, width: int) -> Strip:
        """A line whose row is not here yet."""
        return self._said("loading more…", width)

    def empty(self, line: int, width: int) -> Strip:
        """A line below the last row; in an empty table it may be one of what that says."""
        if not self._model.rows and self._model.empty and line >= 0:
            lines = wrapped(self._model.empty, width - 3)
            if line < len(lines):
                return self._said(lines[line], width)
        return Strip.blank(width, self.base)

    def _said(self, text: str, width: int) -> Strip:
        return Strip([Segment(fit("  " + text, width), self.base + self._tone("dim"))], width)

    def row(self, index: int, width: int, *, focused: bool, editor: CellEditor | None) -> Strip:
        """The line of a row that is here; the one under the cursor may have an ``editor``."""
        row, base = self._model.rows[index], self.base
        here, picked = index == self._model.cursor, self._model.picked
        if row.tone:
            base = base + self._tone(row.tone)
        if row.key in picked:
            base = base + self._tone("selected")
        if here:
            base = base + self._tone("cursor" if focused else "cursor-blurred")
        edited = editor.column if here and editor is not None else -1
        toned = not (here and focused)
        segments: list[Segment] = []
        # What follows one another in one style is one piece: each piece costs at every step to the terminal.
        text = ("● " if row.key in picked else "  ") if self._margin == 2 else " "
        style, used = base, self._margin
        for place, (column, wide) in enumerate(zip(self._model.columns, self.widths(width), strict=False)):
            if not wide:
                continue
            if place == edited and editor is not None:
                segments.append(Segment(text, style))
                segments.extend(self._edited(editor, wide))
                text, style = "", base
            else:
                shown, tone = self._cell(row, place, column, wide, base, toned)
                if tone is not style:
                    segments.append(Segment(text, style))
                    text, style = "", tone
                text += shown
            if style is not base:
                segments.append(Segment(text, style))
                text, style = "", base
            text += " "
            used += wide + 1
        # Cutting is dear, and is kept for a table that is too narrow: the last cell, where a scrollbar is, is a piece
        # of its own, and nothing is between the last column and the edge.
        text, used = text[:-1], used - 1
        segments.append(Segment(text + " " * (width - used - 1), style))
        segments.append(Segment(" " if used < width else "", style))
        strip = Strip([segment for segment in segments if segment.text], max(used, width))
        return strip if used <= width else strip.crop(0, width)

    def _edited(self, editor: CellEditor, wide: int) -> list[Segment]:
        plain = self.base + self._tone("editor")
        return editor.render(wide, plain, plain + self._tone("caret"), plain + self._tone("editor-selected"))

    def _cell(
        self, row: Row, place: int, column: Column, wide: int, base: Style, toned: bool
    ) -> tuple[str, Style]:
        text, tone = self.shown_text(row, place, column, wide)
        # Under the cursor the tone would be hard to read on the cursor's colour: words tell it too.
        # Blanks need no tone of their own: each change of style costs bytes.
        style = base + self._tone(tone) if tone and text and toned else base
        return fit(text, wide, column.align, column.name), style

    def shown_text(self, row: Row, place: int, column: Column, wide: int) -> tuple[str, str]:
        """What a cell says in so many cells, which may be cut further where that is drawn, and its tone."""
        cell = row.cells[place] if place < len(row.cells) else ""
        if isinstance(cell, datetime):
            return moment_text(cell, self.now(), wide), ""
        text, tone = cell if isinstance(cell, tuple) else (cell or "", "")
        return (shorten_to_words(text, wide, column.words) if column.words else text), tone
