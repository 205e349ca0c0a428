"""Text of which terminals disagree how wide it is: emoji, joined and combining characters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from rich.cells import cell_len

#: What ends a text within a row: the blanks that fill its column, or a frame.
_END = re.compile(r"  +|(?=[│║|])")


def by_certainty(text: str, certain_width: Callable[[str], int]) -> Iterator[tuple[str, int, int, bool]]:
    """The parts of a text of a row, each with its width in cells, how many blanks follow it, and whether every terminal
    gives it that width. From a character of uncertain width on, a part goes to the end of the name that this is in: it
    is written at once, and where it takes more room, it has that of the blanks.

    ``certain_width``: of a character, 0 if terminals disagree on it.
    """
    position = 0
    while position < len(text):
        start = next((at for at in range(position, len(text)) if not certain_width(text[at])), len(text))
        # A mark belongs to the letter before it.
        start = max(start - 1, position) if start < len(text) else start
        if start > position:
            yield text[position:start], cell_len(text[position:start]), 0, True
        if start == len(text):
            return
        end = _END.search(text, start + 1)
        stop, position = end.span() if end is not None else (len(text), len(text))
        yield text[start:stop], cell_len(text[start:stop]), position - stop, False
