"""The line below a list: what the list has no room for, of the row under the cursor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from rich.cells import cell_len
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from ...locations.rows import Cell, Column, Row, cell_text
from ...override import override
from ...rules.display import clock_text
from ...rules.text import printable
from ..textual_patches.timers import ensure_fires
from .fit import cut_to_lines, shorten, wrapped_to_cells

if TYPE_CHECKING:
    from textual.geometry import Size

    from .table.model import RowModel
    from .table.renderer import RowRenderer

    class ListedRows(Protocol):
        """The table whose rows it completes."""

        model: RowModel
        renderer: RowRenderer

        @property
        def widths(self) -> list[int]:
            """The width of each column; 0 for those that are left out."""

        @property
        def size(self) -> Size:
            """The table's size in cells."""

        @property
        def free_lines(self) -> int:
            """How many of its lines are blank; below 0 if it has more rows than lines."""


_BETWEEN = " · "
#: Seconds after a move of the cursor until the line is painted, unless it moves again: longer than between two repeats
#: of a key that is held down.
_REST_SECONDS = 0.1
#: Its lines on a narrow screen.
_USUAL_LINES = 2


class RowLine(Static):
    """Shows what the table's columns leave out or cut, the most important first, behind the name that it belongs to: in
    two lines, or in one on a wide screen; in more where the list, and what is beside it, leave lines blank, since
    nothing moves then."""

    DEFAULT_CSS = f"""
    RowLine {{ height: {_USUAL_LINES}; width: 1fr; padding: 0 1; color: $quiet; text-style: $quiet-style; }}
    """

    def __init__(self, *, id: str) -> None:
        super().__init__("", id=id, markup=False)
        self._pieces: tuple[str, ...] = ()
        #: What the pieces were made of.
        self._made_of: object = None
        self._rest: Timer | None = None
        #: How many lines it may have: its own, and those that the list leaves blank.
        self._room = 0
        #: The height that it was given, in lines; 0 before that.
        self._height = 0
        #: Whether the values are shown elsewhere: then it only says what isn't about the row.
        self.is_elsewhere: Callable[[], bool] = lambda: False
        #: How many lines are blank below what stands beside the list.
        self.free_beside: Callable[[], int | None] = lambda: None
        #: Called whenever the row under the cursor is another one, or has changed.
        self.changed: Callable[[], None] = lambda: None

    @property
    def is_waiting(self) -> bool:
        """Whether the cursor has just moved, and the screen needn't be painted for this line yet. Whatever else paints
        it shows the present text."""
        return self._rest is not None

    @property
    def text(self) -> str:
        """The full text, however much of it fits."""
        return _BETWEEN.join(self._pieces)

    def update_from(self, table: ListedRows, *, moving: bool = False) -> None:
        """Update from the present state of the table; nothing is repainted if the text is the same. While the cursor is
        ``moving``, the line waits until it rests: over a slow connection, it would hold up the cursor."""
        if not self.is_attached or not table.size.width:
            return
        # Each move of the cursor repaints several parts of the table, and each time this is called.
        day = table.renderer.now().astimezone().date()
        row = table.model.current
        beside = self.free_beside()
        free = table.free_lines if beside is None else min(table.free_lines, beside)
        self._room = free + self.size.height
        made_of = (
            row and (row.key, row.cells),
            table.model.columns,
            table.model.order,
            table.size.width,
            self._room,
            day,
            self.is_elsewhere(),
        )
        if made_of == self._made_of:
            return
        self._made_of = made_of
        self.changed()
        pieces = (*_order(table), *([] if self.is_elsewhere() else _values(table)))
        if pieces != self._pieces:
            self._pieces = pieces
            if self._rest is not None:
                self._rest.stop()
            self._rest = ensure_fires(self.set_timer(_REST_SECONDS, self._at_rest)) if moving else None
            self.refresh()
        if self._rest is None:
            self._take_free_lines()

    def _at_rest(self) -> None:
        self._rest = None
        self._take_free_lines()
        self.refresh()

    def _take_free_lines(self) -> None:
        """Take as many lines as the text needs, of those that the list leaves blank: nothing that is in it moves."""
        usual = 1 if self.screen.has_class("-roomy") else _USUAL_LINES
        needs = len(wrapped_to_cells(self.text, max(self.content_size.width, 1)))
        height = max(min(needs, self._room), usual)
        if height != self._height:
            self._height = self.styles.height = height

    @override
    def render(self) -> Content:
        room = max(self.content_size.width, 1)
        lines = [""]
        for piece in self._pieces:
            longer = lines[-1] + (_BETWEEN if lines[-1] else "") + piece
            if cell_len(longer) <= room or not lines[-1] or len(lines) == self.size.height:
                lines[-1] = longer
            else:
                lines.append(piece)
        if any(cell_len(line) > room for line in lines):
            # Whole values on each line would leave room behind them that what is cut needs.
            lines = [_trimmed(line) for line in cut_to_lines(self.text, room, max(self.size.height, 1))]
        return Content("\n".join(shorten(line, room) for line in lines))


def _trimmed(line: str) -> str:
    """A line without what stands between two values at its end, where there is no other value."""
    return line.rstrip().removesuffix(_BETWEEN.rstrip())


def _order(table: ListedRows) -> list[str]:
    """What the list is sorted by, if that column isn't shown."""
    order = table.model.order.lstrip("-")
    sign = "▼" if table.model.order.startswith("-") else "▲"
    return [
        f"Sorted by {column.title} {sign}"
        for column, column_width in zip(table.model.columns, table.widths, strict=True)
        if order and not column_width and column.sort.lstrip("-") == order
    ]


def _values(table: ListedRows) -> list[str]:
    """What the columns leave out or cut of the row under the cursor."""
    columns = list(zip(table.model.columns, table.widths, strict=True))
    row = table.model.current
    if row is None:
        return []
    by_rank = sorted(enumerate(columns), key=lambda entry: entry[1][0].rank)
    parts = [
        f"{column.value_label} {text}".strip()
        for index, (column, column_width) in by_rank
        if (text := left_out(table, row, index, column, column_width))
    ]
    # After a key that selects, the cursor is on another row than the one that the user has just looked at.
    name = printable(row.name) if parts and columns[0][0].name else ""
    return [*([name] if name and parts[0] != name else []), *parts]


def left_out(table: ListedRows, row: Row, index: int, column: Column, column_width: int) -> str:
    """Return what a column doesn't show of its value, or not all of it; empty if it does."""
    cell = row.cells[index] if index < len(row.cells) else ""
    text = printable(cell_text(cell)).strip()
    if not text or not column_width:
        return text
    is_spread = column.name or column.shifts
    room = table.renderer.room_for(row, index, table.size.width) if is_spread else column_width
    shown = printable(table.renderer.shown_text(row, index, column, room)[0])
    return text if not _says_all(shown, cell, text) or cell_len(shown) > room else ""


def _says_all(shown: str, cell: Cell, text: str) -> bool:
    """Whether what a column shows of a cell leaves nothing to say. A moment's text is longer, but with its time of day
    all of it is known."""
    if isinstance(cell, datetime):
        return shown.endswith(clock_text(cell))
    return shown.strip() == text
