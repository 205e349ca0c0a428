"""A guide as text for a terminal: wrapped to its width and, if it has colours, with styles for headings and words.

Of Markdown it knows what guides have (see ``tui/guides``).
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

#: Longer lines are hard to read.
WIDEST = 90
_CODE_INDENT = "    "
#: What headings are underlined with, by their tags.
_LINES = {"h1": "="}
_GAP = 2
_BOLD, _UNDERLINED, _NORMAL = "\x1b[1m", "\x1b[4m", "\x1b[0m"
#: The style of what an inline token opens.
_OPENS = {"strong_open": _BOLD, "em_open": _UNDERLINED, "link_open": _UNDERLINED}
_CLOSES = {"strong_close", "em_close", "link_close"}


class _Word(NamedTuple):
    """A word, and what is between it and the one before it (``" "``, or nothing)."""

    text: str
    style: str
    before: str


def rendered(text: str, width: int, *, styled: bool) -> str:
    """The guide ``text`` in lines of at most ``width`` cells, but for code and, outside tables, words that are longer.

    Without styles, headings are underlined.
    """
    parser = MarkdownIt("commonmark").enable("table")
    lines = _blocks(parser.parse(text), min(width, WIDEST), styled)
    return "\n".join(lines).strip("\n") + "\n"


def _blocks(tokens: Sequence[Token], width: int, styled: bool) -> Iterator[str]:
    indents: list[str] = []
    mark = ""
    rows: list[list[list[_Word]]] = []
    heading, in_table = "", False
    for token in tokens:
        if token.type == "heading_open":
            heading = token.tag
        elif token.type == "list_item_open":
            indents.append("  ")
            mark = f"{token.info}." if token.info else "-"
            indents[-1] = " " * (len(mark) + 1)
        elif token.type == "list_item_close":
            indents.pop()
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            yield ""
        elif token.type == "table_open":
            rows, in_table = [], True
        elif token.type == "tr_open":
            rows.append([])
        elif token.type in ("code_block", "fence"):
            yield from (f"{_CODE_INDENT}{line}" for line in token.content.rstrip("\n").split("\n"))
            yield ""
        elif token.type == "table_close":
            in_table = False
            yield from _table(rows, width, styled)
            yield ""
        elif token.type == "inline" and in_table:
            rows[-1].append(list(_words(token, "")))
        elif token.type == "inline":
            words = list(_words(token, _BOLD if heading else ""))
            indent = "".join(indents)
            first = indent[: len(indent) - len(mark) - 1] + f"{mark} " if mark else indent
            lines = list(_wrapped(words, width, first, indent, styled))
            yield from lines
            yield from _underline(heading, lines[-1], styled)
            if not indents:
                yield ""
            heading = mark = ""


def _underline(heading: str, line: str, styled: bool) -> list[str]:
    """What is below the last ``line`` of a ``heading``, if there are no styles to tell it by."""
    return [_LINES.get(heading, "-") * len(line)] if heading and not styled else []


def _words(token: Token, style: str) -> Iterator[_Word]:
    """The words of an inline token."""
    styles = [style]
    before = ""
    for child in token.children or ():
        if child.type in _OPENS:
            styles.append(_OPENS[child.type])
        elif child.type in _CLOSES:
            styles.pop()
        elif child.type == "softbreak":
            before = " "
        elif child.type == "code_inline":
            # Stays on one line.
            yield _Word(child.content, _BOLD, before)
            before = ""
        elif child.type == "text":
            for part in _parts(child.content):
                if part.isspace():
                    before = " "
                else:
                    yield _Word(part, styles[-1], before)
                    before = ""


def _parts(text: str) -> Iterable[str]:
    """Words and the blanks between them."""
    part = ""
    for char in text:
        if part and char.isspace() != part[-1].isspace():
            yield part
            part = ""
        part += char
    if part:
        yield part


def _wrapped(words: Iterable[_Word], width: int, first: str, indent: str, styled: bool) -> Iterator[str]:
    line, used = first, len(first)
    start = used
    for group in _unbroken(words):
        length = sum(len(word.text) for word in group)
        gap = len(group[0].before) if used > start else 0
        if used > start and used + gap + length > width:
            yield line.rstrip()
            line, used, start, gap = indent, len(indent), len(indent), 0
        line += " " * gap + "".join(_painted(word, styled) for word in group)
        used += gap + length
    yield line.rstrip()


def _unbroken(words: Iterable[_Word]) -> Iterator[list[_Word]]:
    """Words with nothing between them, which stay together."""
    group: list[_Word] = []
    for word in words:
        if group and word.before:
            yield group
            group = []
        group.append(word)
    if group:
        yield group


def _painted(word: _Word, styled: bool) -> str:
    return f"{word.style}{word.text}{_NORMAL}" if styled and word.style else word.text


def _length(cell: Sequence[_Word]) -> int:
    return sum(len(word.before) + len(word.text) for word in cell)


def _table(rows: Sequence[Sequence[list[_Word]]], width: int, styled: bool) -> Iterator[str]:
    count = max(map(len, rows))
    widths = _widths([[row[i] for row in rows if i < len(row)] for i in range(count)], width)
    for number, row in enumerate(rows):
        cells = [
            list(_wrapped(_fitting(cell if number else _bold(cell), widths[i]), widths[i], "", "", styled))
            for i, cell in enumerate(row)
        ]
        plain = [
            list(_wrapped(_fitting(cell, widths[i]), widths[i], "", "", False)) for i, cell in enumerate(row)
        ]
        for at in range(max(map(len, cells))):
            line = ""
            for i in range(len(cells)):
                text = cells[i][at] if at < len(cells[i]) else ""
                used = len(plain[i][at]) if at < len(plain[i]) else 0
                line += text + " " * (widths[i] - used + _GAP)
            yield line.rstrip()


def _widths(columns: Sequence[Sequence[Sequence[_Word]]], width: int) -> list[int]:
    """The widths of the columns, each given by its cells. The last one gets what the others leave, at least half,
    unless a word would have to be divided for that, such as a path."""
    count = len(columns)
    needs = [max(map(_length, cells)) for cells in columns]
    widths = [min(need, max(8, width // 2 // max(1, count - 1))) for need in needs]
    widths[-1] = max(8, width - sum(widths[:-1]) - _GAP * (count - 1))
    longest = [max(_length(group) for cell in cells for group in _unbroken(cell)) for cells in columns]
    rest = width - sum(longest) - _GAP * (count - 1)
    if rest < 0 or all(map(int.__le__, longest, widths)):
        return widths
    for i in range(count):
        more = min(rest, needs[i] - longest[i])
        longest[i] += more
        rest -= more
    return longest


def _fitting(cell: Iterable[_Word], width: int) -> Iterator[_Word]:
    """The words of a cell, those that are wider than it in pieces."""
    for word in cell:
        pieces = textwrap.wrap(word.text, width, break_on_hyphens=False)
        for number, piece in enumerate(pieces):
            yield word._replace(text=piece, before=" " if number else word.before)


def _bold(cell: Iterable[_Word]) -> list[_Word]:
    return [word._replace(style=_BOLD) for word in cell]
