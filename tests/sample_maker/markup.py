"""The small markup in which the texts of the PDF and DOCX documents are written.

====================  =====================================================
``@ ...``             letterhead
``# ...``             title
``## ...``            heading
``- ...``             list item
``> ...``             a line that isn't joined with others (addresses)
``| a | b |``         row of a table; the first row is its header
``__ ...``            signature line, and who signs
anything else         paragraph; its lines are joined, an empty line ends it
====================  =====================================================
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from unicodedata import east_asian_width

MARKS = {"@": "letterhead", "#": "title", "##": "heading", "-": "item", ">": "line", "__": "signature"}


@dataclass(frozen=True)
class Block:
    """A paragraph of some style, or (``rows``) a table."""

    style: str
    text: str = ""
    rows: list[list[str]] = field(default_factory=list)


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def blocks(text: str) -> list[Block]:
    found: list[Block] = []
    for style, group in groupby(text.splitlines(), key=_style):
        lines = list(group)
        if style == "table":
            found.append(Block("table", rows=[cells(line) for line in lines]))
        elif style == "paragraph":
            found.append(Block("paragraph", _joined(lines)))
        elif style != "blank":
            found.extend(_marked(style, lines))
    return found


def _joined(lines: list[str]) -> str:
    """Lines are joined by a space, except in Japanese, which has none between words."""
    text = ""
    for line in lines:
        text += line.strip() if not text or east_asian_width(text[-1]) == "W" else f" {line.strip()}"
    return text


def _style(line: str) -> str:
    if not line.strip():
        return "blank"
    if line.startswith("|"):
        return "table"
    return MARKS.get(line.partition(" ")[0], "paragraph")


def _marked(style: str, lines: list[str]) -> list[Block]:
    return [Block(style, line.partition(" ")[2].strip()) for line in lines]
