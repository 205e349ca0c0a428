"""What can be looked for in the library."""

from __future__ import annotations

import re

from .errors import InvalidValue

#: A server takes no longer text.
MOST = 1000
_WORD = re.compile(r"[\w*]")
_ID = re.compile(r"[^\s!/]+!([0-9]{1,18})(?:\.[0-9]{1,9})?")


def checked(text: str) -> str:
    """The text without blanks around it. Raises :class:`InvalidValue` where it has no word, or is too long."""
    text = text.strip()
    if not _WORD.search(text):
        raise InvalidValue("text.empty", "There is nothing to look for; name a word.", "text")
    if len(text) > MOST:
        raise InvalidValue("text.too_long", "The text is too long; name fewer words.", "text")
    return text


def number_in(text: str) -> int | None:
    """The number of the document whose id the text is (``ACTIVE!453``, or ``ACTIVE!453.2`` for any of its versions)."""
    found = _ID.fullmatch(text.strip())
    return int(found[1]) if found else None
