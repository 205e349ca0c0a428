"""How a table is drawn: line by line, and only the lines that changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from ..locations.rows import Column, Row, column_widths
from ..rules.display import moment_text
from .editing import InPlace
from .fit import fit, shorten_to_words, wrapped

if TYPE_CHECKING:
    pass


class Drawn(InPlace):
    """A part of :class:`Table`."""

    columns: tuple[Column, ...]
    #: The present moment: what is of today is written as a time.
    now: Callable[[], datetime]
    #: What the rows are sorted by, as the columns call it; empty where that is not said.
    order: str = ""
    #: What an empty table says.
    empty: str
    _markers: bool
    _base: Style | None = None
    _tones: dict[str, Style]
    _measured: tuple[tuple[Column, ...], int] = ((), 0)
    _wide: list[int]

    def __init__(self, *, id: str | None = None) -> None:
        self._tones = {}
        super().__init__(id=id)

    def show(  # noqa: PLR0913
        self,
        rows: Sequence[Row],
        *,
        columns: Sequence[Column] | None = None,
        empty: str | None = None,
        more: bool = False,
        above: int = 0,
        below: int = 0,
        more_above: bool = False,
        keep: bool = False,
        part: bool = False,
        others: Sequence[Row] = (),
        at: int | None = None,
    ) -> None:
        """Shows other rows. ``above`` and ``below``: so many more are known on either side. ``keep`` leaves cursor,
        selection and view where they were, by the rows' keys. ``others`` are rows of the list that are not shown, as
        a filter has it; with ``part`` there may be more, and what is selected of those stays so. ``at`` is where the
        cursor is put then."""
        self.end_edit()
        if columns is not None:
            self.columns = tuple(columns)
        if empty is not None:
            self.empty = empty
        place = self.model.show(rows, self.cursor, keep=keep, part=part, others=others, at=at)
        self.model.surround(above=above, below=below, more=more, more_above=more_above)
        self._selection_changed()
        self._measure()
        self.set_reactive(type(self).cursor, place)
        if not keep:
            self._see(self.above)
        self._follow()
        self.refresh()
        self.post_message(self.Moved(self._self, self.current))

    @property
    def _widths(self) -> list[int]:
        """The columns' widths in the table as wide as it is now."""
        # Looked at only where a line is drawn: the size is known before anybody is told of it.
        if self._measured != (self.columns, self.size.width):
            self._measured = (self.columns, self.size.width)
            self._wide = column_widths(*self._measured, 2 if self._markers else 1)
        return self._wide

    def _tone(self, name: str) -> Style:
        style = self._tones.get(name)
        if style is None:
            style = self._tones[name] = self.get_component_rich_style(f"table--{name}", partial=True)
        return style

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        base = self._base_style
        if y == 0:
            return self._title_line(width)
        index = self._row_at(y)
        if 0 <= index < len(self.rows):
            return self._row_line(index, width, base)
        if index < 0 or (self.more and index <= len(self.rows) + self.below):
            wanted = self.WantedAbove if index < 0 else self.Wanted
            self.post_message(wanted(self._self))
            return Strip([Segment(fit("  loading more…", width), base + self._tone("dim"))], width)
        if not self.rows and self.empty and y >= 2:
            lines = wrapped(self.empty, width - 3)
            if y - 2 < len(lines):
                return Strip([Segment(fit("  " + lines[y - 2], width), base + self._tone("dim"))], width)
        return Strip.blank(width, base)

    def _title_line(self, width: int) -> Strip:
        text = "  " if self._markers else " "
        parts = [
            fit(self._title(c, w), w, c.align) for c, w in zip(self.columns, self._widths, strict=False) if w
        ]
        return Strip(
            [Segment(fit(text + " ".join(parts), width), self._base_style + self._tone("title"))], width
        )

    def _title(self, column: Column, width: int) -> str:
        if not column.sort or self.order.lstrip("-") != column.sort.lstrip("-"):
            return column.title
        return f"{column.title} "[: width - 1] + ("▼" if self.order.startswith("-") else "▲")

    def _column_at(self, x: int) -> Column | None:
        """The column at a cell of a line."""
        end = 2 if self._markers else 1
        for column, width in zip(self.columns, self._widths, strict=False):
            end += width + 1 if width else 0
            if width and x < end:
                return column
        return None

    def _row_line(self, index: int, width: int, base: Style) -> Strip:
        row = self.rows[index]
        here = index == self.cursor
        editing = here and self._editor is not None
        if row.tone:
            base = base + self._tone(row.tone)
        if row.key in self.model.picked:
            base = base + self._tone("selected")
        if here:
            base = base + self._tone("cursor" if self.has_focus else "cursor-blurred")
        segments: list[Segment] = []
        # What follows one another in one style is one piece: each piece costs at every step to the terminal.
        text = ("● " if row.key in self.model.picked else "  ") if self._markers else " "
        style, used = base, len(text)
        for place, (column, wide) in enumerate(zip(self.columns, self._widths, strict=False)):
            if not wide:
                continue
            if editing and self._editor and place == self._edited_column:
                segments.append(Segment(text, style))
                plain = self._base_style + self._tone("editor")
                looks = (plain, plain + self._tone("caret"), plain + self._tone("editor-selected"))
                segments.extend(self._editor.render(wide, *looks))
                text, style = "", base
            else:
                shown, tone = self._cell(row, place, column, wide, base, here)
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

    def _cell(
        self, row: Row, place: int, column: Column, wide: int, base: Style, here: bool
    ) -> tuple[str, Style]:
        text, tone = self.shown_text(row, place, column, wide)
        # Under the cursor the tone would be hard to read on the cursor's colour: words tell it too.
        # Blanks need no tone of their own: each change of style costs bytes.
        style = base + self._tone(tone) if tone and text and not (here and self.has_focus) else base
        return fit(text, wide, column.align, column.name), style

    def shown_text(self, row: Row, place: int, column: Column, wide: int) -> tuple[str, str]:
        """What a cell says in so many cells, which may be cut further where that is drawn, and its tone."""
        cell = row.cells[place] if place < len(row.cells) else ""
        if isinstance(cell, datetime):
            return moment_text(cell, self.now(), wide), ""
        text, tone = cell if isinstance(cell, tuple) else (cell or "", "")
        return (shorten_to_words(text, wide, column.words) if column.words else text), tone

    @property
    def widths(self) -> list[int]:
        """How wide each column is, in cells; 0 for those that are left out."""
        return self._widths

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._base = None
        self._tones = {}

    @property
    def _base_style(self) -> Style:
        """The style of the table itself, which Textual works out anew each time that it is asked."""
        if self._base is None:
            self._base = self.rich_style
        return self._base

    def on_focus(self) -> None:
        self.refresh_row(self.cursor)

    def on_blur(self) -> None:
        self.refresh_row(self.cursor)
