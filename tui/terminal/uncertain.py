"""Text of which terminals disagree how wide it is: emoji, joined and combining characters."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rich.cells import split_graphemes


def by_certainty(text: str, certain_width: Callable[[str], int]) -> Iterator[tuple[str, int, bool]]:
    """The parts of a text, each with its width in cells and whether every terminal gives it that width. What is shown
    as one character, such as a letter with its accents, is one part. ``certain_width``: of a character, 0 if terminals
    disagree on it."""
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
