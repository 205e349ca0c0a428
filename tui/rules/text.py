"""Making text safe to show in a terminal.

A document name can contain escape sequences, line breaks and bidirectional controls. All text from outside that is
shown (tables, titles, messages, logs) goes through :func:`printable` first.
"""

from __future__ import annotations

import re
import unicodedata

#: Longer texts are composed in pieces of this many characters, because sorting combining marks takes quadratic time.
_AT_ONCE = 1024
_BIDI = frozenset(chr(c) for c in (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
#: Characters that reorder or break a line, which can make a name look like another one.
DECEIVING = frozenset(c for c in _BIDI if c not in "\u061c\u200e\u200f") | {"\u2028", "\u2029"}


# Controls (Cc), lone surrogates (Cs), and what reorders or breaks a line. The list is complete; a regular expression
# makes searching a text of megabytes fast.
_HARMFUL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff" + "".join(sorted(_BIDI | DECEIVING)) + "]")


#: What precedes a password in an address, and the password up to the last @.
_WITH_PASSWORD = re.compile(r"(://[^:/?#@\s]*:)\S*@")


def _visible(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return "\ufffd"


def is_plain(text: str) -> bool:
    """Whether it is all printable ASCII, so that it can't control a terminal and each character takes one cell."""
    return text.isascii() and text.isprintable()


def printable(text: str) -> str:
    """``text`` with every character that could control a terminal replaced by a visible one.

    C0 controls and DEL become their control pictures (``ESC`` is ``␛``), the others ``�``. The result is one line and
    has as many characters as ``text``.
    """
    if is_plain(text):
        return text
    return _HARMFUL.sub(_visible, text)


def without_password(address: str) -> str:
    """An address, printable, with ``…`` for a password in it: ``http://anna:…@links.example.com``."""
    return printable(_WITH_PASSWORD.sub(r"\1…@", address))


def shortened(text: str, most: int = 800) -> str:
    """A message without its middle if it is too long to be read, as it is if it quotes a very long value. It ends with
    what to do."""
    if len(text) <= most:
        return text
    end = most // 2
    return f"{text[: most - end - 1]}…{text[-end:]}"


def composed(text: str) -> str:
    """``text`` in Unicode normalisation form C, in linear time: text longer than any name is composed in pieces."""
    if text.isascii() or len(text) <= _AT_ONCE:
        return unicodedata.normalize("NFC", text)
    starts = range(0, len(text), _AT_ONCE)
    return "".join(unicodedata.normalize("NFC", text[start : start + _AT_ONCE]) for start in starts)
