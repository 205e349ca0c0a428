"""Recognizes that lines have moved up or down, so that the terminal can be told to move them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import ne

from .sgr import PLAIN, Style

#: A cell: its character (empty for the second half of a wide one) and its style.
StyledCell = tuple[str, Style]
#: A cell as the terminal shows it; ``None`` if it is unknown.
Cell = StyledCell | None

#: Scrolling fewer lines isn't worth looking for.
LEAST_LINES = 5
#: How many lines further up and down it is looked for: a key moves a list by one line, a mouse wheel by a few.
_STEPS = (1, -1, 2, -2, 3, -3)
#: Characters that it takes to scroll, and to begin writing in another row.
_SCROLLING, _ROW = 30, 8


@dataclass(frozen=True, slots=True)
class Scroll:
    """The rows from ``top`` to ``bottom`` move up by ``lines``, or down if negative. Whole rows move, with all that is
    beside the lines that have moved. ``shifted`` are these rows as the terminal shows them then, ``wanted`` (without
    the column 0 that no terminal has) what they have to become; ``others`` is what is painted in other rows."""

    top: int
    bottom: int
    lines: int
    shifted: dict[int, list[Cell]]
    wanted: dict[int, list[StyledCell]]
    others: list[tuple[int, int, list[StyledCell]]]


def found_scroll(
    rows: Mapping[int, list[Cell]], painted: Sequence[tuple[int, int, list[StyledCell]]], columns: int
) -> Scroll | None:
    """The way to write what is ``painted`` (row, column, cells) by scrolling, if that is much shorter than to write it
    over the ``rows`` that the terminal shows, each ``columns`` wide."""
    moved = _moved(rows, painted)
    if moved is None:
        return None
    matching, step = moved
    top, bottom = min(matching) + min(step, 0), max(matching) + max(step, 0)
    before = {y: rows.get(y, [])[: columns + 1] for y in range(top, bottom + 1)}
    if any(len(row) <= columns or row.count(None) > 1 for row in before.values()):
        # Something there is unknown, and couldn't be written again.
        return None
    blank: list[Cell] = [None, *[(" ", PLAIN)] * columns]
    shifted = {y: before.get(y + step) or list(blank) for y in before}
    wanted = {y: [cell for cell in row if cell is not None] for y, row in before.items()}
    others = []
    for y, x, cells in painted:
        if y in wanted:
            wanted[y][x - 1 : x - 1 + len(cells)] = cells
        else:
            others.append((y, x, cells))
    over = sum(_length(before[y][1:], row) for y, row in wanted.items())
    scrolled = sum(_length(shifted[y][1:], row) for y, row in wanted.items())
    return Scroll(top, bottom, step, shifted, wanted, others) if _SCROLLING + scrolled * 1.3 < over else None


def _moved(
    rows: Mapping[int, list[Cell]], painted: Sequence[tuple[int, int, list[StyledCell]]]
) -> tuple[list[int], int] | None:
    """The rows of painted lines that are shown already, and how many rows below their new place all of them are (above,
    if negative); ``None`` if that isn't true of at least half of the lines."""
    (column, width), count = Counter((x, len(cells)) for _, x, cells in painted).most_common(1)[0]
    if count < LEAST_LINES:
        return None
    lines = [(y, cells) for y, x, cells in painted if x == column and len(cells) == width]
    found: list[int] = []
    best = 0
    for step in _STEPS:
        # A few lines tell soon that it isn't so.
        if any(_shows(rows, y + step, column, cells) for y, cells in lines[1 :: len(lines) // 4]):
            matching = [y for y, cells in lines if _shows(rows, y + step, column, cells)]
            if len(matching) > len(found):
                found, best = matching, step
    return (found, best) if 2 * len(found) >= len(lines) else None


def _shows(rows: Mapping[int, list[Cell]], y: int, x: int, cells: list[StyledCell]) -> bool:
    return rows.get(y, [])[x : x + len(cells)] == cells


def _length(before: Sequence[Cell], wanted: Sequence[StyledCell]) -> int:
    """About how many characters it takes to write a row over another."""
    changed = sum(map(ne, before, wanted))
    return changed + _ROW if changed else 0
