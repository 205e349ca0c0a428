"""What a table shows: its columns, and rows of cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ..rules.display import MOMENT_WIDTHS, moment_text

#: A cell: its text, its text and the name of a tone (good, bad, warn, dim, accent), or a moment.
#: ``None`` or ``""`` is nothing: drawn blank, and not told by the line below the list.
Cell = str | tuple[str, str] | datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    """``width`` in cells; a column with ``flex`` shares what the others leave, and has ``width`` at least.

    Where the table is too narrow, moments are written shorter, and then what has the highest rank is left out: the
    column with its ``rank`` (0: never), or what it has more than its ``narrow`` width with its ``narrow_rank``. Of
    cells that are cut ``words`` are left where that is given; ``name`` columns are cut in their middle. ``label`` is
    what stands before its value where it has no title above it, unless that is the title. ``sort`` is the order in
    which a list is first sorted by it, ``-`` before it is descending; empty: it is not.
    """

    title: str
    width: int
    flex: int = 0
    align: str = "left"
    name: bool = False
    words: int = 0
    rank: int = 0
    narrow: int = 0
    narrow_rank: int = 0
    moment: bool = False
    label: str | None = None
    sort: str = ""

    @property
    def told_as(self) -> str:
        """What stands before its value where it has no title above it; names need nothing."""
        if self.label is not None:
            return self.label
        return "" if self.name else self.title

    def least_width(self, moment: int) -> int:
        """Its width where moments have so many cells."""
        return max(moment, len(self.title)) if self.moment else self.width


def moment_column(title: str, *, rank: int = 0, sort: str = "") -> Column:
    """A column of moments."""
    return Column(title, MOMENT_WIDTHS[0], moment=True, rank=rank, sort=sort)


#: So many cells of a name are shown before another column is.
NAME_WIDTH = 24


def flipped(order: str) -> str:
    """The order the other way round."""
    return order[1:] if order.startswith("-") else f"-{order}"


def cell_text(cell: Cell) -> str:
    """All that a cell says."""
    if cell is None or isinstance(cell, datetime):
        return moment_text(cell)
    return cell if isinstance(cell, str) else cell[0]


@dataclass(slots=True)
class Row:
    """``key`` says which row it is, whatever its place; ``data`` is the caller's."""

    key: str
    cells: tuple[Cell, ...]
    data: Any = None
    tone: str = ""
    selectable: bool = True

    @property
    def name(self) -> str:
        """What the first cell says."""
        return cell_text(self.cells[0]) if self.cells else ""


def column_widths(columns: Sequence[Column], width: int, margin: int) -> list[int]:
    """A width for each column in a table ``width`` cells wide, ``margin`` of them before the first; 0 for those
    that are left out."""
    # What is shown of each column: all of it, what is narrow, or nothing.
    shown: list[Column | None] = list(columns)
    while True:
        left = [column for column in shown if column is not None]
        room = width - margin - max(len(left) - 1, 0) - 1
        needed = {moment: sum(c.least_width(moment) for c in left) for moment in MOMENT_WIDTHS}
        moment = next((m for m in MOMENT_WIDTHS if needed[m] <= room), MOMENT_WIDTHS[-1])
        rest = room - needed[moment]
        rank, place = (
            max((max(c.rank, c.narrow_rank), i) for i, c in enumerate(shown) if c) if left else (0, 0)
        )
        last = shown[place]
        if rest >= 0 or not rank or last is None:
            break
        narrowed = replace(last, width=last.narrow, narrow_rank=0)
        shown[place] = narrowed if last.narrow_rank == rank else None
    # Every column has its least width; what is left over, or missing, is shared by the flexible ones.
    flex = sum(column.flex for column in left) or 1
    return [
        0
        if column is None
        else max(4, column.least_width(moment) + rest * column.flex // flex)
        if column.flex
        else column.least_width(moment)
        for column in shown
    ]
