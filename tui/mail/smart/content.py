"""The content of a part: decoding it in pieces, and its text."""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator

from ...rules.errors import InvalidValue
from ...rules.message_headers import codec_of
from .parts import Part, Raw

_STEP = 1024 * 1024
_BLANKS = b" \t\r\n"
UNENCODED = ("7bit", "8bit", "binary", "")
_ENCODINGS = (*UNENCODED, "base64", "quoted-printable")
#: In these, what stands for an ASCII letter depends on what is before it.
_STATEFUL = re.compile(r"iso2022|hz|utf_7")
_ASCII = bytes(range(128))


def pieces(raw: Raw, part: Part) -> Iterator[bytes]:
    """The decoded bytes of the part. Raises :class:`InvalidValue` if they can't be decoded."""
    if part.encoding == "base64":
        return _from_base64(raw, part)
    if part.encoding == "quoted-printable":
        return iter((quopri.decodestring(raw[part.body : part.end]),))
    if part.encoding in UNENCODED:
        return (raw[at : min(at + _STEP, part.end)] for at in range(part.body, part.end, _STEP))
    raise InvalidValue(
        "message.encoding", "An attachment has an unknown Content-Transfer-Encoding. Nothing was sent."
    )


def _from_base64(raw: Raw, part: Part) -> Iterator[bytes]:
    left = b""
    for at in range(part.body, part.end, _STEP):
        left += bytes(raw[at : min(at + _STEP, part.end)]).translate(None, _BLANKS)
        whole = len(left) - len(left) % 4
        yield _decoded(left[:whole])
        left = left[whole:]
    if left:
        yield _decoded(left)


def _decoded(text: bytes) -> bytes:
    damaged = InvalidValue("message.base64", "An attachment's base64 is damaged. Nothing was sent.")
    # The strict mode accepts too much padding.
    if len(text) % 4 or text.endswith(b"==="):
        raise damaged
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error:
        raise damaged from None


def decoded_size(raw: Raw, part: Part) -> int:
    """The size of the decoded part, in bytes."""
    return sum(map(len, pieces(raw, part)))


# ---------------------------------------------------------------- text


def charset_of(part: Part) -> str | None:
    """Python's codec for the part's charset; ``None`` if it is unknown, or no charset at all."""
    return codec_of(part.parameter("charset") or "us-ascii")


def is_readable(part: Part) -> bool:
    """Whether the part's charset and transfer encoding are known."""
    return part.encoding in _ENCODINGS and charset_of(part) is not None


def is_ascii_based(codec: str) -> bool:
    """Whether each byte of an ASCII letter is that letter in this charset, wherever it stands."""
    if _STATEFUL.match(codec):
        return False
    return _ASCII.decode(codec, "replace") == _ASCII.decode("ascii")


def text_of(content: bytes, codec: str) -> str | None:
    """The text with its decoded bytes; ``None`` if it isn't in this charset. In one that is based on ASCII, a letter
    beyond it may be several characters: their places are those of the bytes."""
    if is_ascii_based(codec):
        return content.decode("latin-1")
    try:
        return content.decode(codec)
    except UnicodeError:
        return None
