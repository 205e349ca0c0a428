"""Text for terminals that don't display UTF-8: every character is replaced with ASCII characters of the same width."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from functools import cache

_REPLACEMENTS = {
    "─━═╌┄▔▁▂▃": "-",
    "│┃║╎┆▏▎▕": "|",
    "┌┐└┘├┤┬┴┼╭╮╯╰╔╗╚╝╠╣╦╩╬": "+",
    "▄▅▆▇█▉▊▋▌▍▐▀░▒▓■": "#",
    "▲△↑⇧": "^",
    "▼▽▾↓": "v",
    "▸▶›»→↹␉": ">",
    "◂◀‹«←⌫⏎": "<",
    "●": "+",
    "◐": "%",
    "○": "-",
    "•": "*",
    "✓": "+",
    "✗×": "x",
    "⊘": "!",
    "…": "~",
    "·": ".",
    "–—‑‐−": "-",
    "“”„": '"',
    "‘’‚": "'",
    "\xa0\u2002\u2003\u2009": " ",
    "ßſ": "s",
    "ø": "o",
    "Ø": "O",
    "ł": "l",
    "Ł": "L",
    "đð": "d",
    "ĐÐ": "D",
    "æ": "a",
    "Æ": "A",
    "œ": "o",
    "Œ": "O",
    "ı": "i",
}
_ASCII = {character: ascii_ for characters, ascii_ in _REPLACEMENTS.items() for character in characters}


class _Table(dict[int, str]):
    """The replacement of each character, determined when it first occurs."""

    def __missing__(self, number: int) -> str:
        character = chr(number)
        found = character if number < 0x80 else _replacement(character)
        self[number] = found
        return found


_TABLE = _Table()


def _replacement(character: str) -> str:
    # Imported late: they are needed on very few terminals.
    import unicodedata

    from rich.cells import cell_len

    width = cell_len(character)
    if character in _ASCII:
        return _ASCII[character]
    without_accents = unicodedata.normalize("NFKD", character)[:1]
    return without_accents if width == 1 and without_accents.isascii() else "?" * width


def to_ascii(text: str) -> str:
    """Return ``text`` with everything replaced that isn't ASCII. Lines and signs keep their shape as far as possible,
    letters lose their accents, and what has no likeness becomes a question mark."""
    return text if text.isascii() else text.translate(_TABLE)


#: Marks of which the standard leaves open how wide they are: two cells where the locale is one of these, in most fonts.
_MARKS = str.maketrans({mark: _ASCII[mark] for mark in "●◐○"})
_WIDE_IN = ("zh", "ja", "ko")


def with_narrow_marks(text: str) -> str:
    """Return ``text`` with the marks replaced that a terminal may draw two cells wide."""
    return text if text.isascii() else text.translate(_MARKS)


def draws_marks_wide(environ: Mapping[str, str] | None = None) -> bool:
    """Whether the locale is one in which terminals draw some marks two cells wide."""
    return _locale(environ).lower().startswith(_WIDE_IN)


def _locale(environ: Mapping[str, str] | None) -> str:
    environ = _given_environment() if environ is None else environ
    return environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or ""


def shows_unicode(environ: Mapping[str, str] | None = None) -> bool:
    """Whether the terminal's encoding is UTF-8, according to the locale; also if no locale is set at all, as in many
    containers. ``environ`` is the environment that the program was started with."""
    locale = _locale(environ)
    return not locale or "UTF8" in locale.upper().replace("-", "")


@cache
def _given_environment() -> Mapping[str, str]:
    """In the C locale, Python sets ``LC_CTYPE`` to UTF-8 before it starts (PEP 538), whatever the terminal displays."""
    from pathlib import Path

    with suppress(OSError):
        pairs = [
            entry.partition("=") for entry in os.fsdecode(Path("/proc/self/environ").read_bytes()).split("\0")
        ]
        return {name: value for name, _, value in pairs}
    return os.environ
