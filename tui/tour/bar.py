"""The bar below the app: a rule with what the viewer can press, the caption, and what a recipient sees. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from ..rules.text import printable

#: The rows that the bar takes from the terminal.
ROWS = 4
_KEYS = "space goes on · q ends"
#: Around keys, in a caption.
_MARK = "`"
#: Between the parts of what a recipient sees.
PART = " · "


class BarText(NamedTuple):
    """Text in the colour of a token of ``tui.ui.tokens``."""

    text: str
    token: str
    bold: bool = False


Line = tuple[BarText, ...]


def bar(caption: str, visited: Sequence[str], number: int, count: int, columns: int) -> list[Line]:
    """The lines of the bar, each exactly as wide as the terminal. The ``number``-th of ``count`` captions is shown."""
    lines = [_rule(number, count, columns)]
    shown = _wrapped(_words(caption), columns - 2)
    lines += [_line(text, columns) for text in shown[: ROWS - 1]]
    lines += [_line(_fitting(text, columns - 2), columns) for text in visited[: ROWS - len(lines)]]
    lines += [_line((), columns) for _ in range(ROWS - len(lines))]
    return lines


def _words(caption: str) -> list[Line]:
    """The words of a caption, each with the blank after it; what stands between marks is one, in the colour of keys."""
    words: list[list[BarText]] = [[]]
    for index, text in enumerate(printable(caption).split(_MARK)):
        is_key = index % 2 == 1
        for piece in (text,) if is_key else re.split(r"(?<= )", text):
            words[-1].append(BarText(piece, "key" if is_key else "text", is_key))
            if not is_key and piece.endswith(" "):
                words.append([])
    return [tuple(word) for word in words]


def _wrapped(words: Sequence[Line], room: int) -> list[Line]:
    """The lines that these words fill."""
    lines: list[Line] = [()]
    width = 0
    for word in words:
        text = "".join(piece.text for piece in word)
        if width and width + cell_len(text.rstrip()) > room:
            lines.append(())
            width = 0
        lines[-1] += word
        width += cell_len(text)
    return lines


def _fitting(text: str, room: int) -> Line:
    """As many whole parts of what a recipient sees as there is room for."""
    text = printable(text)
    while cell_len(text) > room and PART in text:
        text = text.rpartition(PART)[0]
    return (BarText(text, "key"),)


def _rule(number: int, count: int, columns: int) -> Line:
    left, right = f"── Tour {number}/{count} ", f" {_KEYS} ──"
    room = columns - cell_len(left) - cell_len(right)
    if room < 1:
        return (BarText(set_cell_size(left, columns), "quiet"),)
    return (BarText(f"{left}{'─' * room}{right}", "quiet"),)


def _line(pieces: Line, columns: int) -> Line:
    """A line with a column at both sides; what has no room is cut."""
    room = max(columns - 2, 0)
    line, left = [BarText(" "[:columns], "text")], room
    for piece in pieces:
        text = piece.text
        if cell_len(text.rstrip()) > left:
            text = f"{set_cell_size(text, left - 1).rstrip()}…" if left else ""
        text = set_cell_size(text, min(cell_len(text), left))
        left -= cell_len(text)
        line.append(piece._replace(text=text))
    return (*line, BarText(" " * (columns - 1 - room + left if columns else 0), "text"))
