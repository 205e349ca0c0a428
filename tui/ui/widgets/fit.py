"""Fit text into a number of terminal cells."""

from __future__ import annotations

import re
from functools import lru_cache

from rich.cells import cell_len, set_cell_size

from ...rules.names import split
from ...rules.text import is_plain, printable

ELLIPSIS = "…"
#: A word, with the blanks after it; an address in brackets begins one.
_WORD = re.compile(r"\S(?:(?!<[^\s<>]+@)\S)*\s*|\s+")
#: Signs after which a word may be divided that is longer than a line, those for an address if possible, and those that
#: no line begins with.
_AFTER, _IN_ADDRESS, _NOT_FIRST = "@.-_/", "@.", ",;:.!?>)]}”’"

#: The cells that are left of a name at least, and what precedes the further lines of an address.
_LEAST_NAME, _INDENT = 8, "  "


def cells(text: str) -> int:
    """Return the width of ``text`` in cells. Most text is plain, which is faster to test than to measure."""
    return len(text) if is_plain(text) else cell_len(text)


def _head(text: str, width: int) -> str:
    """Return the longest prefix of ``text`` that is at most ``width`` cells wide."""
    if is_plain(text):
        return text[: max(width, 0)]
    used = 0
    for index, char in enumerate(text):
        used += cell_len(char)
        if used > width:
            return text[:index]
    return text


def _tail(text: str, width: int) -> str:
    return _head(text[::-1], width)[::-1]


def shorten(text: str, width: int) -> str:
    """Cut ``text`` at its end, with an ellipsis, if it is wider than ``width`` cells."""
    if cells(text) <= width:
        return text
    return _head(text, width - 1) + ELLIPSIS if width > 0 else ""


def shorten_name(name: str, width: int) -> str:
    """Cut a file name in its middle, so that its beginning, its end and its extension can still be read."""
    if cells(name) <= width:
        return name
    stem, ext = split(name)
    room = width - cells(ext) - 1
    if room < 4:
        return shorten(name, width)
    # Names that end with a number, such as that of a draft or a date, differ there.
    back = min(room // (2 if stem[-1:].isdecimal() else 3), 12)
    return _head(stem, room - back) + ELLIPSIS + _tail(stem, back) + ext


def fit_address(text: str, width: int) -> list[str]:
    """Return the lines of an e-mail address, with or without a name. What can be cut is the name alone: without the
    whole address, no one can tell whose it is."""
    name, bracket, address = text.rpartition(" <")
    room = width - cells(bracket + address)
    if cells(text) <= width:
        return [text]
    if bracket and room >= _LEAST_NAME:
        return [shorten(name, room) + bracket + address]
    parts = wrapped_to_cells(bracket.lstrip() + address, width - len(_INDENT))
    first = shorten(name, width) if bracket else parts.pop(0)
    return [first, *(_INDENT + part for part in parts)]


@lru_cache(maxsize=16)
def wrapped(text: str, width: int) -> list[str]:
    """Return the lines of ``text``, wrapped between words if they are longer than ``width`` characters."""
    from textwrap import wrap

    return [part for line in text.splitlines() for part in wrap(line, max(width, 1)) or [""]]


def wrapped_to_cells(text: str, width: int) -> list[str]:
    """Return the lines of ``text``, wrapped to ``width`` cells: between words, and those that are longer than a line,
    such as addresses, after a sign in them if possible. No line begins with a comma or whatever else belongs to what is
    before it."""
    lines: list[str] = []
    for whole in text.split("\n"):
        line = ""
        for word in _WORD.findall(whole):
            *before, line = _joined(line, word, max(width, 1))
            lines += before
        lines.append(line.rstrip())
    return lines


def _joined(line: str, word: str, width: int) -> list[str]:
    """The line with a word at its end, or the lines if it has no room there. A word may have blanks at its end."""
    if cells((line + word).rstrip()) <= width:
        return [line + word]
    found = [line.rstrip()] if line else []
    # Also what is left of one, such as its domain.
    is_address = "@" in word
    while cells(word.rstrip()) > width:
        end = _fold(word, width, is_address=is_address)
        found.append(word[:end])
        word = word[end:]
    return [*found, word]


def _fold(word: str, width: int, *, is_address: bool) -> int:
    """Where a word is divided that is longer than a line."""
    room = len(_head(word, width))
    while room > 1 and cells(word[:room]) > width:
        room -= 1
    best = _after_sign(word, room, _IN_ADDRESS) if is_address else 0
    at = word.find("@") + 1
    if 0 < at <= room and cells(word[at:].rstrip()) <= width:
        # Its domain stays whole.
        best = at
    best = best or _after_sign(word, room, _AFTER)
    # A part of an address that has no room here may have it on the next line.
    least = 1 if is_address else room // 2
    end = best if best > least else room
    while end > 1 and word[end] in _NOT_FIRST:
        end -= 1
    return max(end, 1)


def _after_sign(word: str, room: int, signs: str) -> int:
    """What is behind the last of these signs that has room; 0 without one."""
    return max(word.rfind(sign, 0, room) for sign in signs) + 1


def cut_to_lines(text: str, width: int, count: int) -> list[str]:
    """Return at most ``count`` lines of ``text``, wrapped to ``width`` cells; if there is more, the last one is cut."""
    rest = shorten(text, width * count)
    lines = wrapped_to_cells(rest, width)
    if len(lines) > count:
        # A word may go on from one line to the next.
        for line in lines[: count - 1]:
            rest = rest.partition(line)[2].lstrip()
        lines[count - 1 :] = [shorten(" ".join(rest.split("\n")), width)]
    return lines


@lru_cache(maxsize=1024)
def fit(text: str, width: int, align: str = "left", middle: bool = False) -> str:
    """Make ``text`` printable and exactly ``width`` cells wide."""
    shown = printable(text)
    shown = shorten_name(shown, width) if middle else shorten(shown, width)
    used = cells(shown)
    if used > width:
        # A sequence of characters, such as an emoji, may be wider than the sum of their widths.
        shown, used = set_cell_size(shown, width), width
    blank = " " * (width - used)
    return blank + shown if align == "right" else shown + blank
