"""What a table shows: columns, and rows of cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ..rules.display import MOMENT_WIDTHS, moment_text

#: A cell: a text, a text with the name of its tone (good, bad, warn, dim, accent), or a moment.
#: ``None`` and ``""`` are drawn blank, and left out of the line below the list.
Cell = str | tuple[str, str] | datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. ``width`` is in cells; a column with ``flex`` shares the remaining width, and gets at least
    ``width``. With ``ample``, a wider table gives it more at least: 35 % of the table, up to that many cells.

    If the table is too narrow, moments are written shorter; after that, what has the highest rank is left out: a column
    by its ``rank`` (0: never), or by its ``narrow_rank`` what it has beyond its ``narrow`` width. Cells that are cut
    keep only the first ``words`` words if that is given; ``name`` columns are cut in the middle. ``label`` precedes a
    value that is shown without a title above it; by default that is the title. ``restates`` is the title of a column
    that says the same, and a word: if both values are shown in that way, this one follows the other in brackets, after
    the word. ``sort`` is the order first used to sort a list by the column, with ``-`` in front for descending; empty:
    the list can't be sorted by it. ``ways`` are what that order and its reverse are called.
    """

    title: str
    width: int
    flex: int = 0
    ample: int = 0
    align: str = "left"
    name: bool = False
    words: int = 0
    rank: int = 0
    narrow: int = 0
    narrow_rank: int = 0
    moment: bool = False
    label: str | None = None
    restates: tuple[str, str] = ("", "")
    sort: str = ""
    ways: tuple[str, str] = ("A–Z", "Z–A")

    def way_of(self, order: str) -> str:
        """Return what an order by the column is called: its first one, or the reverse."""
        return self.ways[0 if order == self.sort else 1]

    @property
    def value_label(self) -> str:
        """What precedes a value that is shown without a title above it; nothing for names."""
        if self.label is not None:
            return self.label
        return "" if self.name else self.title

    @property
    def next_rank(self) -> int:
        """The rank of what would be left out of it next."""
        return max(self.rank, self.narrow_rank)

    def least_width(self, table: int, moment: int) -> int:
        """Return the width that it needs in a table ``table`` cells wide if moments are ``moment`` cells wide."""
        if self.moment:
            return max(moment, len(self.title))
        return max(self.width, min(self.ample, table * 7 // 20))


def moment_column(title: str, *, rank: int, sort: str = "") -> Column:
    """Return a column of dates with times, each in the longest form that there is room for."""
    ways = ("newest first", "oldest first") if sort.startswith("-") else ("soonest first", "latest first")
    return Column(title, MOMENT_WIDTHS[0], moment=True, rank=rank, sort=sort, ways=ways)


def name_column(title: str, *, flex: int = 1, sort: str = "") -> Column:
    """Return the first column of a list. Before any other column is shown, names get 24 cells; most are 38 at most."""
    return Column(title, 24, flex=flex, ample=38, name=True, sort=sort)


#: What orders by size are called.
SIZES = ("largest first", "smallest first")


def flipped(order: str) -> str:
    """Return the reverse of an order."""
    return order[1:] if order.startswith("-") else f"-{order}"


def cell_text(cell: Cell) -> str:
    """Return the full text of a cell."""
    if cell is None or isinstance(cell, datetime):
        return moment_text(cell)
    return cell if isinstance(cell, str) else cell[0]


@dataclass(slots=True)
class Row:
    """``key`` identifies the row, wherever it is; ``data`` belongs to the caller. ``unusable``: why it can't be
    selected, if it looks as if it could."""

    key: str
    cells: tuple[Cell, ...]
    data: Any = None
    tone: str = ""
    selectable: bool = True
    unusable: str = ""

    @property
    def name(self) -> str:
        """The text of the first cell."""
        return cell_text(self.cells[0]) if self.cells else ""


def holding(rows: Sequence[Row], needle: str, columns: int) -> list[Row]:
    """Return the rows that contain the filter's text in one of their first ``columns`` cells, as shown."""
    from ..rules.names import key

    # As on the server, an asterisk matches anything.
    parts = [part for part in key(needle).split("*") if part]
    return [row for row in rows if _holds(row.cells[:columns], parts, key)] if parts else list(rows)


def _holds(cells: tuple[Cell, ...], parts: list[str], key: Callable[[str], str]) -> bool:
    """Return whether one of the cells contains all parts of the filter's text."""
    texts = (key(cell_text(cell)) for cell in cells)
    return any(all(part in text for part in parts) for text in texts)


def column_widths(columns: Sequence[Column], width: int, margin: int) -> list[int]:
    """Return the width of each column in a table ``width`` cells wide, ``margin`` of them before the first column; 0
    for those that are left out. At least one column must have no rank."""
    # What is shown of each column: all of it, its narrow form, or nothing.
    shown: list[Column | None] = list(columns)
    while True:
        left = [column for column in shown if column is not None]
        # Each is followed by a blank cell.
        room = width - margin - len(left)
        needed = {moment: sum(c.least_width(width, moment) for c in left) for moment in MOMENT_WIDTHS}
        moment = next((m for m in MOMENT_WIDTHS if needed[m] <= room), MOMENT_WIDTHS[-1])
        rest = room - needed[moment]
        last = max(left, key=lambda column: column.next_rank)
        if rest >= 0 or not last.next_rank:
            break
        narrowed = replace(last, width=last.narrow, narrow_rank=0)
        shown[shown.index(last)] = narrowed if last.narrow_rank == last.next_rank else None
    # Every column gets its least width; the flexible ones share what is left over, or missing.
    flex = sum(column.flex for column in left)
    return [
        0
        if column is None
        else max(4, column.least_width(width, moment) + rest * column.flex // flex)
        if column.flex
        else column.least_width(width, moment)
        for column in shown
    ]
