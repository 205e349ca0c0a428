"""The first lines of a document as they may be shown: one line each, and nothing that controls a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .text import DECEIVING

#: How many lines are shown, how long each may be, and all together.
MOST_LINES = 60
MOST_IN_A_LINE = 400
_MOST_OF_ALL = 64 * 1024
#: Controls, lone surrogates, marks that reorder text, and what has no width: of a text, unlike of a name, nothing is
#: missing without them.
_LEFT_OUT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u00ad\u061c\u200b-\u200f\u2060-\u2064\ufeff\ufff9-\ufffb\ufffe\uffff"
    + "".join(sorted(DECEIVING))
    + "]"
)


def clean_line(text: str) -> str:
    """One line of a document: without controls, tabs as spaces, not longer than it may be."""
    line = _LEFT_OUT.sub("", text[: 4 * MOST_IN_A_LINE].replace("\t", "    ").replace("\n", " ")).rstrip()
    return f"{line[: MOST_IN_A_LINE - 1]}…" if len(line) > MOST_IN_A_LINE else line


def clean_lines(given: Iterable[object]) -> tuple[str, ...]:
    """The lines that a worker sent, which may be anything."""
    lines: list[str] = []
    left = _MOST_OF_ALL
    for line in given:
        if len(lines) == MOST_LINES or not isinstance(line, str):
            break
        line = clean_line(line)
        left -= len(line)
        if left < 0:
            break
        lines.append(line)
    return tuple(lines)
