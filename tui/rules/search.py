"""Checking search texts."""

from __future__ import annotations

import re

from .errors import InvalidValue

#: The longest text that a server accepts.
MOST = 1000
_WORD = re.compile(r"[\w*]")


def checked(text: str) -> str:
    """The text without surrounding whitespace. Raises :class:`InvalidValue` if it has no word or is too long."""
    text = text.strip()
    if not _WORD.search(text):
        raise InvalidValue("text.empty", "There is nothing to search for; type a word.", "text")
    if len(text) > MOST:
        raise InvalidValue("text.too_long", "The search is too long; use fewer words.", "text")
    return text
