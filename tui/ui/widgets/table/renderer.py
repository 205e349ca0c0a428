"""How the lines of a table are drawn: the titles, the rows, and the text shown if there are none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from ....locations.rows import Column, ColumnNeeds, Row, cell_text, column_widths, measured
from ....rules.display import MOMENT_WIDTHS, moment_text
from ....rules.text import printable
from ..fit import cells, fit, wrapped
from .cell_editor import CellEditor
from .model import RowModel


def _shown_cells(text: str) -> int:
    return cells(printable(text))


def _is_empty(row: Row, column_index: int) -> bool:
    cell = row.cells[column_index] if column_index < len(row.cells) else ""
    return not (cell[0] if isinstance(cell, tuple) else cell)


def _text_in(row: Row, column_index: int, editor: CellEditor | None = None) -> str:
    """The text of a cell, or what is typed into it and the caret behind; empty for a moment, which is written as long
    as there is room for."""
    if editor is not None and editor.column == column_index:
        return f"{editor.text} "
    cell = row.cells[column_index] if column_index < len(row.cells) else ""
    return "" if isinstance(cell, datetime) else cell_text(cell)


#: A cell of a row: the index of its column, the column, and how many cells of the terminal it has.
_Place = tuple[int, Column, int]


def _leave_to(found: list[_Place], place: int, wanted: int) -> None:
    """Give a cell up to so much room of those behind it that may be left out, of the least important first."""
    for cell in sorted(found[place + 1 :], key=lambda cell: -cell[1].rank):
        index, column, room = cell
        if wanted <= 0 or not column.rank:
            return
        at, is_gone = found.index(cell), wanted >= room
        # What is left out has no blank before it either.
        given = room + 1 if is_gone else wanted
        found[at : at + 1] = [] if is_gone else [(index, column, room - given)]
        found[place] = (*found[place][:2], found[place][2] + given)
        wanted -= given


class RowRenderer:
    """Draws lines. Column widths and styles are cached until they change."""

    def __init__(
        self, model: RowModel, base: Callable[[], Style], tone: Callable[[str], Style], *, markers: bool
    ) -> None:
        """``base`` computes the style of the table itself, ``tone`` what a tone adds to it; ``markers``: each row is
        preceded by a marker that shows whether it is selected."""
        self._model = model
        self._base_of = base
        self._tone_of = tone
        self._margin = 2 if markers else 1
        self._base: Style | None = None
        self._tones: dict[str, Style] = {}
        #: What the widths were computed from.
        self._computed: object = None
        self._needs: list[ColumnNeeds] = []
        #: The day of that: the moments of another one are written longer, or shorter.
        self._day: date | None = None
        self._widths: list[int] = []
        #: Returns the present moment: today's moments are shown as a time.
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)

    # ------------------------------------------------------------ widths and styles

    def widths(self, width: int) -> list[int]:
        """Return the width of each column, in cells, in a table of that width; 0 for those that are left out."""
        self._measure()
        columns, order = self._model.columns, self._model.order.lstrip("-")
        computed = (columns, width, order, tuple(self._needs))
        if self._computed != computed:
            self._computed = computed
            self._widths = column_widths(columns, width, self._margin, self._needs, order)
        return self._widths

    @property
    def wanted_width(self) -> int:
        """The width in which nothing is cut or left out, as far as rows are loaded."""
        self._measure()
        wanted = self._margin
        for column, needs in zip(self._model.columns, self._needs, strict=True):
            if column.width:
                title = len(column.title) + (2 if column.sort else 0)
                wanted += max(title, needs.of(MOMENT_WIDTHS[0]), column.width if column.fixed else 0) + 1
        return wanted

    def _measure(self) -> None:
        """Note what the rows need that have come. While one scrolls, columns only grow: less would move them about."""
        model, now = self._model, self.now()
        day = now.astimezone().date()
        if day != self._day:
            self._day = day
            model.unmeasured, model.is_replaced = [*model.rows], True
        if not (model.unmeasured or model.is_replaced):
            return
        found = measured(model.columns, model.unmeasured, _shown_cells, now)
        if not model.is_replaced:
            found = [before.grown(new) for before, new in zip(self._needs, found, strict=True)]
        self._needs = found
        model.unmeasured, model.is_replaced = [], False

    def column_at(self, x: int, width: int) -> Column | None:
        """Return the column at position ``x`` of a line."""
        end = self._margin
        for column, column_width in zip(self._model.columns, self.widths(width), strict=False):
            end += column_width + 1 if column_width else 0
            if column_width and x < end:
                return column
        return None

    def styles_changed(self) -> None:
        """Forget the cached styles."""
        self._base = None
        self._tones = {}

    @property
    def base(self) -> Style:
        """The style of the table itself, cached because Textual recomputes it on each access."""
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
        """Return the first line."""
        columns = zip(self._model.columns, self.widths(width), strict=False)
        parts = [
            fit(self._title(column, column_width), column_width, column.align)
            for column, column_width in columns
            if column_width
        ]
        text = fit(" " * self._margin + " ".join(parts), width)
        return Strip([Segment(text, self.base + self._tone("title"))], width)

    def _title(self, column: Column, width: int) -> str:
        order = self._model.order
        if not column.sort or order.lstrip("-") != column.sort.lstrip("-"):
            return column.title
        return f"{column.title} "[: width - 1] + ("▼" if order.startswith("-") else "▲")

    def loading(self, width: int) -> Strip:
        """Return a line for a row that isn't loaded yet."""
        return self._message_line("loading more…", width)

    def empty(self, line: int, width: int) -> Strip:
        """Return a line below the last row; in an empty table, a line of the model's ``empty`` text."""
        if not self._model.rows and self._model.empty and line >= 0:
            lines = wrapped(self._model.empty, width - 3)
            if len(lines) > len(self._model.empty.splitlines()):
                # Where its own lines have no room, their ends would stand alone.
                lines = wrapped(" ".join(self._model.empty.splitlines()), width - 3)
            if line < len(lines):
                return self._message_line(lines[line], width)
        return Strip.blank(width, self.base)

    def _message_line(self, text: str, width: int) -> Strip:
        return Strip([Segment(fit("  " + text, width), self.base + self._tone("dim"))], width)

    def row(self, index: int, width: int, *, focused: bool, editor: CellEditor | None) -> Strip:
        """Return the line of a loaded row; the one under the cursor may have an ``editor``."""
        row, base = self._model.rows[index], self.base
        under_cursor, picked = index == self._model.cursor, self._model.picked
        if row.tone:
            base = base + self._tone(row.tone)
        if row.key in picked:
            base = base + self._tone("selected")
        if under_cursor:
            base = base + self._tone("cursor" if focused else "cursor-blurred")
        if not under_cursor:
            editor = None
        toned = not (under_cursor and focused)
        segments: list[Segment] = []
        # Adjacent text in the same style is one segment: each costs time at every step on the way to the terminal.
        text = self._marks(row) if self._margin == 2 else " "
        style, used = base, self._margin
        for column_index, column, column_width in self._spread(row, width, editor):
            if editor is not None and column_index == editor.column:
                segments.append(Segment(text, style))
                segments.extend(self._edited(editor, column_width))
                text, style = "", base
            else:
                shown, tone = self._cell(row, column_index, column, column_width, base, toned)
                if tone is not style:
                    segments.append(Segment(text, style))
                    text, style = "", tone
                text += shown
            if style is not base:
                segments.append(Segment(text, style))
                text, style = "", base
            text += " "
            used += column_width + 1
        # Cropping is expensive, and is only needed if the table is too narrow. The last cell, which a scrollbar may
        # cover, is a segment by itself, and nothing separates the last column from the edge.
        text, used = text[:-1], used - 1
        segments.append(Segment(text + " " * (width - used - 1), style))
        segments.append(Segment(" " if used < width else "", style))
        strip = Strip([segment for segment in segments if segment.text], max(used, width))
        return strip if used <= width else strip.crop(0, width)

    def _marks(self, row: Row) -> str:
        """What precedes a row: whether it is selected, and whether it is marked."""
        return ("✓" if row.key in self._model.picked else " ") + ("›" if self._model.is_marked(row) else " ")

    def _spread(self, row: Row, width: int, editor: CellEditor | None) -> list[_Place]:
        """Return the index, the column and the width of each cell that is shown. A text that has no room in its column
        also gets that of the cells next to it in which there is nothing, and what other texts leave of theirs if they
        may begin elsewhere; what is typed into one, also that of columns that may be left out."""
        found: list[_Place] = []
        edited = -1 if editor is None else editor.column
        for index, (column, column_width) in enumerate(
            zip(self._model.columns, self.widths(width), strict=False)
        ):
            if not column_width:
                continue
            if found and index != edited and _is_empty(row, index):
                at, before, room = found[-1]
                if before.align == "left" and _shown_cells(_text_in(row, at, editor)) > room:
                    found[-1] = (at, before, room + 1 + column_width)
                    continue
            found.append((index, column, column_width))
        for place, (index, column, _) in enumerate(found):
            takes = (
                column.name or column.shifts or any(each[1].shifts for each in found[place + 1 : place + 2])
            )
            if takes or index == edited:
                self._share(row, found, place, editor)
        return found

    def _share(self, row: Row, found: list[_Place], place: int, editor: CellEditor | None) -> None:
        """Give a text that is cut what those behind it leave, and what the one before it does if it may begin there."""
        index, column, room = found[place]
        text, edited = _text_in(row, index, editor), -1 if editor is None else editor.column
        lacks = _shown_cells(text) - room
        if lacks > 0 and column.shifts and place and found[place - 1][0] != edited:
            if column.brief is not None and lacks > self._spare(row, *found[place - 1]):
                lacks = _shown_cells(column.brief(text)) - room
            lacks -= self._take(row, found, place, place - 1, lacks)
        after = place + 1
        while lacks > 0 and column.align == "left" and after < len(found) and found[after][0] != edited:
            at, other, other_room = found[after]
            is_empty = _is_empty(row, at)
            if is_empty and lacks > other_room:
                # Also the blank before it.
                found[place] = (index, column, found[place][2] + other_room + 1)
                lacks -= other_room + 1
                del found[after]
                continue
            if is_empty or other.shifts or other.align == "right":
                lacks -= self._take(row, found, place, after, lacks)
            if not (is_empty or other.shifts):
                break
            after += 1
        if lacks > 0 and index == edited:
            _leave_to(found, place, lacks)

    def _take(self, row: Row, found: list[_Place], to: int, of: int, wanted: int) -> int:
        """Give a cell up to so many blanks of another one; return how many that were."""
        index, column, room = found[of]
        given = min(wanted, self._spare(row, index, column, room))
        if given > 0:
            found[of] = (index, column, room - given)
            found[to] = (*found[to][:2], found[to][2] + given)
        return max(given, 0)

    def _spare(self, row: Row, index: int, column: Column, room: int) -> int:
        """How many cells a value leaves of its room."""
        cell = row.cells[index] if index < len(row.cells) else ""
        if not isinstance(cell, datetime):
            return room - _shown_cells(cell_text(cell))
        # A date would be written shorter in less room.
        text = moment_text(cell, self.now(), room)
        same = moment_text(cell, self.now(), len(text)) == text
        return room - len(text) if same else 0

    def room_for(self, row: Row, column_index: int, width: int) -> int:
        """Return how many cells a value has in a table of that width; 0 if its column isn't shown."""
        return next((room for at, _, room in self._spread(row, width, None) if at == column_index), 0)

    def _edited(self, editor: CellEditor, column_width: int) -> list[Segment]:
        plain = self.base + self._tone("editor")
        return editor.render(
            column_width, plain, plain + self._tone("caret"), plain + self._tone("editor-selected")
        )

    def _cell(
        self, row: Row, column_index: int, column: Column, column_width: int, base: Style, toned: bool
    ) -> tuple[str, Style]:
        text, tone = self.shown_text(row, column_index, column, column_width)
        # In the row under the cursor the tone would be hard to read; the text conveys the same.
        # Blanks need no tone: each change of style costs bytes.
        style = base + self._tone(tone) if tone and text and toned else base
        return fit(text, column_width, column.align, column.name or column.ends), style

    def shown_text(self, row: Row, column_index: int, column: Column, column_width: int) -> tuple[str, str]:
        """Return the text of a cell for the width of its column, and its tone; drawing may cut the text further."""
        cell = row.cells[column_index] if column_index < len(row.cells) else ""
        if isinstance(cell, datetime):
            return moment_text(cell, self.now(), column_width), ""
        text, tone = cell if isinstance(cell, tuple) else (cell or "", "")
        if _shown_cells(text) > column_width:
            text = column.shortened(text, column_width)
        return (text.partition(" ")[0] if 0 < column_width <= column.narrow else text), tone
