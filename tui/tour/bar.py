"""The bar below the app: a rule with what the viewer can press, the caption, and what a recipient sees. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from ..rules.text import printable

#: The rows that the bar takes from the terminal.
ROWS = 4
_KEYS = "space goes on · q ends"


class BarText(NamedTuple):
    """Text in the colour of a token of ``tui.ui.tokens``."""

    text: str
    token: str
    bold: bool = False


Line = tuple[BarText, ...]


def bar(caption: str, visited: Sequence[str], number: int, count: int, columns: int) -> list[Line]:
    """The lines of the bar, each exactly as wide as the terminal."""
    lines = [_rule(number, count, columns)]
    shown = textwrap.wrap(printable(caption), max(columns - 2, 1))
    lines += [_line(text, "text", columns, bold=True) for text in shown[: ROWS - 1]]
    lines += [_line(printable(text), "key", columns) for text in visited[: ROWS - len(lines)]]
    lines += [_line("", "text", columns) for _ in range(ROWS - len(lines))]
    return lines


def _rule(number: int, count: int, columns: int) -> Line:
    left, right = f"── Tour {number}/{count} ", f" {_KEYS} ──"
    room = columns - cell_len(left) - cell_len(right)
    if room < 1:
        return (BarText(set_cell_size(left, columns), "quiet"),)
    return (BarText(f"{left}{'─' * room}{right}", "quiet"),)


def _line(text: str, token: str, columns: int, *, bold: bool = False) -> Line:
    room = max(columns - 2, 0)
    if cell_len(text) > room:
        text = f"{set_cell_size(text, room - 1).rstrip()}…"
    return (BarText(f" {set_cell_size(text, room)} "[:columns] if room else " " * columns, token, bold),)
