"""The content of a part: decoding it in pieces, and inserting text in its own charset and transfer encoding."""

from __future__ import annotations

import binascii
import codecs
import html
import quopri
import re
import unicodedata
from collections.abc import Iterator

from ...rules.errors import InvalidValue
from .parts import Part, Raw

_STEP = 1024 * 1024
_BLANKS = b" \t\r\n"
_END_OF_BODY = re.compile(rb"</body\s*>", re.IGNORECASE)
_UNENCODED = ("7bit", "8bit", "binary", "")
_BASE64_LINE = 57


def pieces(raw: Raw, part: Part) -> Iterator[bytes]:
    """The decoded bytes of the part. Raises :class:`InvalidValue` if they can't be decoded."""
    if part.encoding == "base64":
        return _from_base64(raw, part)
    if part.encoding == "quoted-printable":
        return iter((quopri.decodestring(raw[part.body : part.end]),))
    if part.encoding in _UNENCODED:
        return (raw[at : min(at + _STEP, part.end)] for at in range(part.body, part.end, _STEP))
    raise InvalidValue(
        "message.encoding", f"An attachment has the unknown transfer encoding {part.encoding}."
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


# ---------------------------------------------------------------- inserting text


def can_take(part: Part) -> bool:
    """Whether text can be inserted into the part: its charset and its transfer encoding are known."""
    return part.encoding in (*_UNENCODED, "base64", "quoted-printable") and _charset(part) is not None


def _charset(part: Part) -> str | None:
    try:
        return codecs.lookup(part.head.get_content_charset() or "us-ascii").name
    except LookupError:
        return None


def with_text(raw: Raw, part: Part, text: str, eol: bytes) -> list[tuple[int, int, bytes]]:
    """The replacements that append ``text`` (lines end with ``\\n``) to the part, in HTML before the end of its body.

    Nothing else in the part changes, unless it is in base64.
    """
    charset = _charset(part) or "us-ascii"
    if part.media_type == "text/html":
        text = "<p>" + "<br>\n".join(_linked(line) for line in text.splitlines()) + "</p>\n"
        added = text.encode(charset, "xmlcharrefreplace")
    else:
        added = _encoded(text, charset)
    if part.encoding == "base64":
        return [(part.body, part.end, _into_base64(raw, part, added, charset, eol))]
    line_break = "\n".encode(charset)
    added = (line_break + added).replace(line_break, eol.decode().encode(charset))
    if part.encoding == "quoted-printable":
        added = quopri.encodestring(added.replace(eol, b"\n")).replace(b"\n", eol)
    at = _end_of_text(raw, part)
    return [(at, at, added)]


def _end_of_text(raw: Raw, part: Part) -> int:
    if part.media_type == "text/html":
        found = [m.start() for m in _END_OF_BODY.finditer(raw, part.body, part.end)]
        if found:
            return found[-1]
    return part.end


def _into_base64(raw: Raw, part: Part, added: bytes, charset: str, eol: bytes) -> bytes:
    content = b"".join(pieces(raw, part))
    line_break, crlf = "\n".encode(charset), "\r\n".encode(charset)
    added = (line_break + added).replace(line_break, crlf if crlf in content else line_break)
    found = list(_END_OF_BODY.finditer(content)) if part.media_type == "text/html" else []
    at = found[-1].start() if found else len(content)
    content = content[:at] + added + content[at:]
    lines = (content[i : i + _BASE64_LINE] for i in range(0, len(content), _BASE64_LINE))
    return eol.join(binascii.b2a_base64(line, newline=False) for line in lines)


def _linked(line: str) -> str:
    escaped = html.escape(line)
    if line.startswith(("https://", "http://")):
        return f'<a href="{escaped}">{escaped}</a>'
    return escaped


def _encoded(text: str, charset: str) -> bytes:
    """The text in ``charset``; if the charset lacks some of its letters, the text loses its accents."""
    try:
        return text.encode(charset)
    except UnicodeEncodeError:
        decomposed = unicodedata.normalize("NFKD", text)
        return "".join(c for c in decomposed if not unicodedata.combining(c)).encode(charset, "replace")


def own_part(text: str, boundary: str, eol: bytes) -> bytes:
    """A separate part with ``text``, from its boundary line up to the next one."""
    encoded = quopri.encodestring(text.encode()).decode().splitlines()
    lines = [
        f"--{boundary}",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
        "Content-Disposition: inline",
        "",
        *encoded,
        "",
    ]
    return eol.join(line.encode("utf-8", "surrogateescape") for line in lines)
