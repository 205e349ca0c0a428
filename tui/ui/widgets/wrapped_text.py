"""Text wrapped to a width, scrolled, and searched: plain state, without Textual."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .fit import cells


class WrappedRow(NamedTuple):
    """A row on the screen: the characters ``start`` to ``end`` of a line."""

    line: int
    start: int
    end: int


class FoundPlace(NamedTuple):
    """Where a line has what is sought: its characters ``start`` to ``end``."""

    line: int
    start: int
    end: int


def wrap(text: str, width: int) -> Iterator[tuple[int, int]]:
    """Yield where each row of a line begins and ends: between words if possible, and not wider than ``width`` cells."""
    start = 0
    while start < len(text):
        end, used, gap = start, 0, -1
        while end < len(text):
            used += cells(text[end])
            # Blanks at the end of a row aren't shown, and what is wider than a row has one all the same.
            if used > width and end > start and text[end] != " ":
                break
            gap = end + 1 if text[end] == " " else gap
            end += 1
        if start < gap and end < len(text):
            end = gap
        yield start, end
        start = end
    if not text:
        yield 0, 0


class WrappedText:
    """Lines, of which ``height`` rows are shown from the row ``top`` on."""

    def __init__(self) -> None:
        self.lines: Sequence[str] = ()
        self.rows: list[WrappedRow] = []
        self.top = 0
        self.sought = ""
        self.found: list[FoundPlace] = []
        #: Which of the places is the current one; -1 if there is none.
        self.current = -1
        self._width = self._height = 0

    def take(self, lines: Sequence[str]) -> None:
        """Have other lines, from their beginning; what is sought is sought in them."""
        self.lines, self.top = lines, 0
        self._wrap()
        self.seek(self.sought)

    def fit(self, width: int, height: int) -> None:
        """Wrap to another width; the row at the top stays there, as far as possible."""
        if width != self._width:
            line = self.rows[self.top].line if self.rows else 0
            self._width = width
            self._wrap()
            self.top = next((index for index, row in enumerate(self.rows) if row.line == line), 0)
        self._height = height
        self.scroll(0)

    def _wrap(self) -> None:
        # There is no width before it is on the screen.
        self.rows = [
            WrappedRow(number, start, end)
            for number, line in enumerate(self.lines if self._width else ())
            for start, end in wrap(line, self._width)
        ]

    @property
    def height(self) -> int:
        """How many rows are shown."""
        return self._height

    @property
    def last_top(self) -> int:
        """The row at the top if the end is shown."""
        return max(len(self.rows) - self._height, 0)

    def scroll(self, by: int) -> bool:
        """Scroll by some rows, as far as there are any; return whether that has changed what is shown."""
        before, self.top = self.top, min(max(self.top + by, 0), self.last_top)
        return self.top != before

    # ------------------------------------------------------------ finding

    def seek(self, text: str) -> None:
        """Look for a text in all lines, whatever its case; the first place from the top on is the current one."""
        self.sought, self.found, self.current = text, [], -1
        if not text:
            return
        pattern = re.compile(re.escape(text), re.IGNORECASE)
        self.found = [
            FoundPlace(number, *match.span())
            for number, line in enumerate(self.lines)
            for match in pattern.finditer(line)
        ]
        if self.found:
            line = self.rows[self.top].line if self.rows else 0
            following = (index for index, place in enumerate(self.found) if place.line >= line)
            self.current = next(following, 0)
            self._show_current()

    def go(self, by: int) -> None:
        """Go to the next place, or to the one before; after the last comes the first."""
        if self.found:
            self.current = (self.current + by) % len(self.found)
            self._show_current()

    def _show_current(self) -> None:
        place = self.found[self.current]
        rows = (
            index for index, row in enumerate(self.rows) if row.line == place.line and place.start < row.end
        )
        at = next(rows, 0)
        if not self.top <= at < self.top + self._height:
            self.top = at - self._height // 3
            self.scroll(0)

    def places_in(self, row: WrappedRow) -> Iterator[tuple[int, int, bool]]:
        """Yield which characters of a row were found, and whether they are the current place."""
        for index, place in enumerate(self.found):
            start, end = max(place.start, row.start), min(place.end, row.end)
            if place.line == row.line and start < end:
                yield start - row.start, end - row.start, index == self.current
