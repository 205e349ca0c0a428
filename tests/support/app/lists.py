"""A screen with a list that scrolls beside a tree and a scrollbar, painted as Textual paints it."""

from __future__ import annotations

import random

from rich.cells import cell_len, set_cell_size

#: A part of a line: its style (parameters of SGR) and its text.
Part = tuple[str, str]
_TREE, _ROW, _CURSOR, _BAR = (
    "38;5;250",
    "38;2;228;232;238;48;2;22;28;37",
    "1;38;5;231;48;2;53;97;143",
    "48;5;236",
)
_WORDS = (
    "Deed",
    "Offer 契約",
    "Straße",
    "…",
    "12 Nov 2019",
    "59 B",
    "",
    "",
    "",
    "✓",
    "Letter of intent",
    "│",
)


def written(spans: list[tuple[int, int, list[Part]]]) -> str:
    """What Textual writes for spans of lines: row, column, parts."""
    lines = []
    for y, x, parts in spans:
        text = "".join(f"\x1b[{style}m{part}\x1b[0m" if style else part for style, part in parts)
        lines.append(f"\x1b[{y};{x}H{text}")
    return "\n".join(lines) + "\x1b[1;1H"


class ScrollingList:
    """Random steps of a user in a list, with a tree of a certain width to its left. ``emoji``: some lines have
    characters of uncertain width."""

    def __init__(self, seed: int, columns: int, rows: int, *, tree: int = 12, emoji: bool = False) -> None:
        self._random = random.Random(seed)
        self._emoji = emoji
        self._left = tree
        self.columns, self.rows = columns, rows
        self._top = self._cursor = 0
        self._lines = [self._line() for _ in range(200)]
        self._tree = [
            self._random.choice(("", "", "▸ Matters", "  └ Deeds 契", "▾ Share")) for _ in range(self.rows)
        ]

    def _line(self) -> str:
        chance = self._random
        room = self.columns - self._left - 1
        text = " " * chance.randint(0, 2)
        while cell_len(text) < room:
            text += chance.choice(_WORDS) + " " * chance.choice((1, 1, 2, 5, 13))
        if self._emoji and chance.random() < 0.05:
            text = "🎉" + text
        return set_cell_size(text, room)

    def _spans(self, first: int = 2, last: int | None = None) -> list[tuple[int, int, list[Part]]]:
        """The lines of the list, from one row of the screen to another."""
        height, spans = self.rows - 2, []
        for y in range(first, (last or self.rows - 1) + 1):
            index = self._top + y - 2
            style = _CURSOR if index == self._cursor else _ROW
            bar = "7;" + _BAR if y * len(self._lines) // height < self._top else _BAR
            spans.append((y, self._left + 1, [(style, self._lines[index]), (bar, " ")]))
        return spans

    def whole(self) -> str:
        """All of the screen."""
        spans: list[tuple[int, int, list[Part]]] = [(1, 1, [("1", "Documents".ljust(self.columns))])]
        for y, x, parts in self._spans():
            tree = set_cell_size(self._tree[y], self._left)
            spans += [(y, 1, [(_TREE, tree)])] if tree else []
            spans.append((y, x, parts))
        spans.append((self.rows, 1, [("7", "↑↓ Move".ljust(self.columns))]))
        return written(spans)

    def step(self) -> str:
        """What is painted after a key, the wheel, or a change of a line."""
        chance, height = self._random, self.rows - 2
        what = chance.choice(("down", "down", "up", "wheel", "page", "line", "tree", "whole"))
        if what == "tree":
            y = chance.randint(2, self.rows - 1)
            self._tree[y] = chance.choice(("▸ Closed", "", "▾ Open"))
            tree = set_cell_size(self._tree[y], self._left)
            return written([(y, 1, [(_TREE, tree)])]) if tree else self.whole()
        if what == "whole":
            return self.whole()
        if what == "line":
            index = self._top + chance.randrange(height)
            self._lines[index] = self._line()
            y = index - self._top + 2
            return written(self._spans(y, y))
        if what == "wheel":
            return self.wheel(chance.choice((-3, -2, 2, 3)))
        return self._moved(
            {"down": 1, "up": -1}.get(what) or chance.choice((-1, 1)) * (height - 1), self._top
        )

    def down(self) -> str:
        """What is painted when the cursor moves down a line."""
        return self._moved(1, self._top)

    def up(self) -> str:
        """What is painted when the cursor moves up a line."""
        return self._moved(-1, self._top)

    def wheel(self, lines: int) -> str:
        """What is painted when the list is moved by so many lines (negative: up) and the cursor is not."""
        top, self._top = self._top, self._top + lines
        return self._moved(0, top)

    def _moved(self, by: int, top: int) -> str:
        """What is painted after the cursor has moved, in a list whose ``top`` line was at the top so far."""
        height, before = self.rows - 2, self._cursor
        self._cursor = min(max(before + by, 0), len(self._lines) - 1)
        if by:
            self._top = min(max(self._top, self._cursor - height + 1), self._cursor)
        self._top = min(max(self._top, 0), len(self._lines) - height)
        if self._top != top:
            return written(self._spans())
        rows = {index - top + 2 for index in (before, self._cursor)}
        return written([span for y in sorted(rows) if 2 <= y < self.rows for span in self._spans(y, y)])
