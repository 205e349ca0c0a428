"""What a table shows: its columns, and rows of cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

#: A cell: its text, or its text and the name of a tone (good, bad, warn, dim, accent).
Cell = str | tuple[str, str]


@dataclass(frozen=True, slots=True)
class Column:
    """``width`` in cells; a column with ``flex`` shares what the others leave, and has ``width`` at least.

    ``sort`` is the order in which a list is first sorted by it, ``-`` before it is descending; empty: it is not.
    It is left out where the table is narrower than ``hide_below``, or as wide as ``hide_from``. ``name`` columns are
    cut in their middle.
    """

    title: str
    width: int
    flex: int = 0
    align: str = "left"
    name: bool = False
    hide_below: int = 0
    hide_from: int = 1_000_000
    sort: str = ""


def flipped(order: str) -> str:
    """The order the other way round."""
    return order[1:] if order.startswith("-") else f"-{order}"


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
        cell = self.cells[0] if self.cells else ""
        return cell if isinstance(cell, str) else cell[0]


def column_widths(columns: Sequence[Column], width: int, margin: int) -> list[int]:
    """A width for each column in a table ``width`` cells wide, ``margin`` of them before the first; 0 for those
    that are left out."""
    shown = [column for column in columns if column.hide_below <= width < column.hide_from]
    room = width - margin - max(len(shown) - 1, 0) - 1
    # Every column has its least width; what is left over, or missing, is shared by the flexible ones.
    rest = room - sum(column.width for column in shown)
    flex = sum(column.flex for column in shown) or 1
    widths: list[int] = []
    for column in columns:
        if column not in shown:
            widths.append(0)
        elif column.flex:
            widths.append(max(4, column.width + rest * column.flex // flex))
        else:
            widths.append(column.width)
    return widths
