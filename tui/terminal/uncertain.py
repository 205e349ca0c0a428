"""Text of which terminals disagree how wide it is: emoji, joined and combining characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from rich.cells import cell_len, split_graphemes

#: The app's own signs among characters that may be emoji: every terminal shows these in one cell.
_SURE = "✓✗⏎⌫"


@lru_cache(maxsize=8192)
def certain_width(char: str) -> int:
    """1 or 2; 0 for a character whose width terminals disagree on."""
    code = ord(char)
    if code < 0x300:
        return 1
    if code >= 0x1F000 or 0x2600 <= code < 0x27C0 or 0x2300 <= code < 0x2400 or 0x2B00 <= code < 0x2C00:
        return 1 if char in _SURE else 0
    if unicodedata.category(char) in ("Mn", "Me", "Mc", "Cf", "Co", "Cs", "Cn"):
        return 0
    return cell_len(char)


def by_certainty(text: str) -> Iterator[tuple[str, int, bool]]:
    """The parts of a text, each with its width in cells and whether every terminal gives it that width. What is shown
    as one character, such as a letter with its accents, is one part."""
    spans, _ = split_graphemes(text)
    run, width = "", 0
    for start, end, size in spans:
        part = text[start:end]
        if end - start == 1 and certain_width(part) == size > 0:
            run, width = run + part, width + size
            continue
        if run:
            yield run, width, True
            run, width = "", 0
        yield part, size, False
    if run:
        yield run, width, True
