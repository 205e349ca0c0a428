"""Tables on standard output. On a terminal they fit its width; anywhere else nothing is left out or cut."""

from __future__ import annotations

import shutil
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from ...rules.display import counted
from ...rules.names import split
from ...rules.text import is_plain, printable
from ...terminal.plain import is_plain_terminal
from .output import say, say_lines, tell

_GAP = 2
_INDENT = "  "
#: Shortened columns keep at least this many cells, even on the narrowest terminals.
_NARROWEST = 8
#: How many cells of the end of a name are left at most, besides its extension.
_LONGEST_END = 12


class TableColumn(NamedTuple):
    """A column of a table.

    If a terminal has no room for all columns, those of rank 0 always stay, and of the others in the order of their
    ``rank`` each that still fits. A column with ``least`` may be shortened: to that many cells before another one is
    left out, and further if only columns of rank 0 are left.
    """

    heading: str
    rank: int = 0
    least: int | None = None
    #: Whether it has names, which are cut in the middle: several may differ only at their ends.
    names: bool = False


def table(columns: Sequence[TableColumn], rows: Iterable[Sequence[str]], above: Sequence[str] = ()) -> None:
    """Print a table; each column is as wide as its longest cell, as far as there is room.

    ``above`` has a text for each row that is never cut: it is on a line of its own, and the row indented below it.
    On a plain terminal, each row is a line in which the headings stand before their values.
    """
    if is_plain_terminal() and sys.stdout.isatty():
        for number, row in enumerate(rows):
            say(_read(columns, row))
            if above:
                say(above[number])
        return
    headings = [column.heading for column in columns]
    # Column by column: most are plain as a whole, which is tested and measured at once.
    columns_of_cells = [_printable(cells) for cells in zip(headings, *rows, strict=True)]
    widths = [max(map(_measure(cells), cells)) for cells in columns_of_cells]
    indent = _INDENT if above else ""
    room = room_for_lines()
    if room is not None:
        room -= len(indent)
    shown = _shown(columns, widths, room)
    if room is not None:
        widths = _shortened(columns, widths, shown, room)
    fitted = [_fitted(columns_of_cells[i], widths[i], columns[i].names) for i in shown]
    lines = [indent + (" " * _GAP).join(cells).rstrip() for cells in zip(*fitted, strict=True)]
    if above:
        lines = [lines[0], *(line for pair in zip(above, lines[1:], strict=True) for line in pair)]
    say_lines(lines)
    if len(shown) < len(columns):
        hidden, one = len(columns) - len(shown), len(columns) - len(shown) == 1
        tell(
            f"{counted(hidden, 'column')} hidden; --json or a wider terminal shows {'it' if one else 'them'}."
        )


def _read(columns: Sequence[TableColumn], row: Sequence[str]) -> str:
    """A row as it is read aloud: the first cell is its name."""
    first, *rest = zip(columns, row, strict=True)
    cells = [f"{column.heading.lower()} {cell}" for column, cell in rest if cell not in ("", "-")]
    return ", ".join([printable(first[1] or "-"), *map(printable, cells)])


def room_for_lines() -> int | None:
    """The number of cells in a line, ``None`` without a terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _shown(columns: Sequence[TableColumn], widths: Sequence[int], room: int | None) -> list[int]:
    """The indexes of the columns that there is room for."""
    if room is None:
        return list(range(len(columns)))
    shown: list[int] = []
    left = room + _GAP
    for i in sorted(range(len(columns)), key=lambda i: columns[i].rank):
        wanted = min(widths[i], columns[i].least or widths[i]) + _GAP
        if columns[i].rank == 0 or wanted <= left:
            shown.append(i)
            left -= wanted
    return sorted(shown)


def _shortened(
    columns: Sequence[TableColumn], widths: list[int], shown: Sequence[int], room: int
) -> list[int]:
    """The widths, reduced to fit ``room`` by shortening the widest of the columns that may be shortened."""
    widths = list(widths)
    over = sum(widths[i] for i in shown) + _GAP * (len(shown) - 1) - room
    while over > 0:
        widest = max((i for i in shown if columns[i].least), key=lambda i: widths[i], default=None)
        if widest is None or widths[widest] <= _NARROWEST:
            break
        widths[widest] -= 1
        over -= 1
    return widths


def _printable(cells: Sequence[str]) -> Sequence[str]:
    return cells if is_plain("".join(cells)) else [printable(cell) for cell in cells]


def _measure(cells: Sequence[str]) -> Callable[[str], int]:
    """The function that measures printable cells."""
    return len if is_plain("".join(cells)) else width


def _fitted(cells: Sequence[str], room: int, name: bool) -> list[str]:
    """The cells of a column, each ``room`` cells wide."""
    if is_plain("".join(cells)) and max(map(len, cells)) <= room:
        return [cell.ljust(room) for cell in cells]
    return [_fit(cell, room, name) for cell in cells]


def _fit(text: str, cells: int, name: bool) -> str:
    taken = width(text)
    if taken > cells:
        text = _shorten_name(text, cells) if name else shorten(text, cells)
        taken = width(text)
    return text + " " * (cells - taken)


def _shorten_name(text: str, cells: int) -> str:
    """``text``, cut in its middle to at most ``cells`` cells of a terminal."""
    stem, extension = split(text)
    room = cells - width(extension)
    if room < _NARROWEST:
        return shorten(text, cells)
    end = _head(stem[::-1], min(room // 3, _LONGEST_END))[::-1]
    return shorten(stem, room - width(end)) + end + extension


def shorten(text: str, cells: int) -> str:
    """``text``, cut at its end with an ellipsis to at most ``cells`` cells of a terminal."""
    if width(text) <= cells:
        return text
    ellipsis = _ellipsis()
    return _head(text, cells - width(ellipsis)) + ellipsis


def _head(text: str, cells: int) -> str:
    """The longest beginning of ``text`` that takes at most ``cells`` cells."""
    left, end = cells, 0
    while end < len(text) and (left := left - width(text[end])) >= 0:
        end += 1
    return text[:end]


def _ellipsis() -> str:
    try:
        "…".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return "..."
    return "…"


def width(text: str) -> int:
    """The number of terminal cells that ``text`` takes."""
    return len(text) if is_plain(text) else _cells_of(text)


@lru_cache(maxsize=256)
def _cells_of(text: str) -> int:
    """:func:`width` of text that isn't plain; of a long table, most is the same in many rows."""
    return sum(
        0
        if unicodedata.category(c) in ("Mn", "Me", "Cf")
        else 2
        if unicodedata.east_asian_width(c) in "WF"
        else 1
        for c in text
    )
