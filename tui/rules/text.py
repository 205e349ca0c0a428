"""Text that may be hostile to a terminal, made harmless.

A document name can hold escape sequences, line breaks and bidirectional controls. Wherever text of
somebody else is shown (tables, titles, messages, logs) it goes through :func:`printable` first.
"""

from __future__ import annotations

import unicodedata

_BIDI = frozenset(chr(c) for c in (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
#: Characters that reorder or break a line, and so can make a name look like another one.
DECEIVING = frozenset(c for c in _BIDI if c not in "\u061c\u200e\u200f") | {"\u2028", "\u2029"}


def _visible(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return "\ufffd"


def _harmful(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") or char in _BIDI


def is_plain(text: str) -> bool:
    """Whether it is made of printable ASCII: nothing in it steers a terminal, and each character takes one cell."""
    return text.isascii() and text.isprintable()


def printable(text: str) -> str:
    """``text`` with every character that could steer a terminal replaced by a visible one.

    C0 controls become their control pictures (``ESC`` is ``␛``), everything else ``�``. The result
    is one line and has as many characters as ``text``.
    """
    if is_plain(text):
        return text
    return "".join(_visible(c) if _harmful(c) else c for c in text)
