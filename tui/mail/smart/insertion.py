"""Inserting text into a part, in its own charset and transfer encoding: nothing else in it changes.

If its charset lacks a letter of the text, the part becomes UTF-8: its header says so, and its own text is the same.
"""

from __future__ import annotations

import binascii
import html
import quopri
import re
import unicodedata
from dataclasses import dataclass

from .content import charset_of, is_ascii_based, is_readable, pieces, text_of
from .parts import Part, Raw, end_of_head, has_media_type
from .visible_end import visible_end

#: The start and end of a span of bytes, and what replaces it.
Change = tuple[int, int, bytes]

_BASE64_LINE = 57
_BOMS = (
    (b"\xff\xfe\0\0", "utf_32_le"),
    (b"\0\0\xfe\xff", "utf_32_be"),
    (b"\xff\xfe", "utf_16_le"),
    (b"\xfe\xff", "utf_16_be"),
)
_TO_ASCII = b"\x1b(B"
_QUOTED = re.compile(rb"=[0-9A-Fa-f]{2}|.", re.DOTALL)


def with_text(raw: Raw, part: Part, text: str, eol: bytes) -> list[Change] | None:
    """The changes that append ``text`` (lines end with ``\\n``) to the part; in HTML where the visible text ends.

    ``None`` if it has no place for it. Raises :class:`InvalidValue` if the part can't be decoded.
    """
    if part.is_open or not is_readable(part):
        return None
    found = _Text.read(raw, part, eol)
    if part.media_type == "text/html":
        return found.with_html(_as_html(text))
    if part.parameter("format").lower() == "flowed":
        text = _stuffed(text)
    return found.with_plain(text)


def _as_html(text: str) -> str:
    return "<p>" + "<br>\n".join(_linked(line) for line in text.splitlines()) + "</p>\n"


def _linked(line: str) -> str:
    escaped = html.escape(line)
    if line.startswith(("https://", "http://")):
        return f'<a href="{escaped}">{escaped}</a>'
    return escaped


def _stuffed(text: str) -> str:
    """The text such that no line of it is taken for a quotation, or goes on in the next (RFC 3676)."""
    lines = (line.rstrip(" ") for line in text.split("\n"))
    return "\n".join(f" {line}" if line.startswith((" ", ">", "From ")) else line for line in lines)


def _exact(codec: str, content: bytes) -> tuple[str, int]:
    """The codec with its byte order, and the length of the mark that says which: Python writes one each time."""
    if codec == "utf_8_sig":
        return "utf_8", 0
    if codec not in ("utf_16", "utf_32"):
        return codec, 0
    for mark, exact in _BOMS:
        if exact.startswith(codec) and content.startswith(mark):
            return exact, len(mark)
    # Without one, the order in which more letters are ASCII.
    evens, odds = content[::2].count(0), content[1::2].count(0)
    return f"{codec}_{'be' if evens >= odds else 'le'}", 0


@dataclass(frozen=True, slots=True)
class _Text:
    """A part with its decoded ``content``; ``codec`` has its byte order, which a mark of ``mark`` bytes says."""

    raw: Raw
    part: Part
    eol: bytes
    content: bytes
    codec: str
    mark: int

    @classmethod
    def read(cls, raw: Raw, part: Part, eol: bytes) -> _Text:
        content = b"".join(pieces(raw, part))
        codec, mark = _exact(charset_of(part) or "ascii", content)
        return cls(raw, part, eol, content, codec, mark)

    @property
    def _line_end(self) -> bytes:
        """The line end of the added text, before it is encoded for transfer."""
        if self.part.encoding != "base64":
            return self.eol
        return b"\r\n" if "\r\n".encode(self.codec) in self.content else b"\n"

    def _lines(self, text: str, codec: str, errors: str = "strict") -> bytes:
        """The text on lines of its own. Raises :class:`UnicodeEncodeError`."""
        return f"\n{text}".replace("\n", self._line_end.decode()).encode(codec, errors)

    # ------------------------------------------------------------ where, and what

    def with_html(self, text: str) -> list[Change] | None:
        at = self._visible_end()
        return None if at is None else self._inserted(at, self._lines(text, self.codec, "xmlcharrefreplace"))

    def _visible_end(self) -> int | None:
        """The place in the content."""
        text = text_of(self.content[self.mark :], self.codec)
        place = None if text is None else visible_end(text)
        if text is None or place is None:
            return None
        if is_ascii_based(self.codec):
            return place
        before = text[:place].encode(self.codec, "replace")
        # Python may write it in another way than it was written.
        return self.mark + len(before) if self.content.startswith(before, self.mark) else None

    def with_plain(self, text: str) -> list[Change] | None:
        try:
            added = self._lines(text, self.codec)
        except UnicodeEncodeError:
            converted = self._in_utf8(text)
            if converted is not None:
                return converted
            added = self._lines("".join(_like(letter, self.codec) for letter in text), self.codec)
        if is_ascii_based(self.codec):
            return self._inserted(len(self.content), added)
        # The text before may end in the middle of another alphabet.
        for start in (b"", _TO_ASCII):
            if self._reads(start + added, text):
                return self._inserted(len(self.content), start + added)
        return None

    def _reads(self, added: bytes, text: str) -> bool:
        try:
            read = (self.content[self.mark :] + added).decode(self.codec)
        except UnicodeError:
            return False
        return read.replace("\r\n", "\n").endswith(f"\n{text}")

    # ------------------------------------------------------------ in the transfer encoding

    def _inserted(self, at: int, added: bytes) -> list[Change]:
        part = self.part
        if part.encoding == "base64":
            content = self.content[:at] + added + self.content[at:]
            return [(part.body, part.end, _in_base64(content, self.eol))]
        if part.encoding == "quoted-printable":
            place = self._quoted_place(at)
            return [(place, place, _in_quoted_printable(added, self.codec, self.eol))]
        return [(part.body + at, part.body + at, added)]

    def _quoted_place(self, at: int) -> int:
        """The place in the raw bytes of one in the content."""
        part, done, line = self.part, 0, self.part.body
        while line < part.end:
            found = self.raw.find(b"\n", line, part.end)
            end = part.end if found < 0 else found + 1
            decoded = len(quopri.decodestring(self.raw[line:end]))
            if done + decoded > at:
                letters = _QUOTED.finditer(self.raw[line:end])
                for _ in range(at - done):
                    line += len(next(letters)[0])
                return line
            done, line = done + decoded, end
        return part.end

    # ------------------------------------------------------------ as UTF-8

    def _in_utf8(self, text: str) -> list[Change] | None:
        """The changes that make the part UTF-8, with ``text``; ``None`` if it can't be read in its own charset."""
        part = self.part
        head = _head_in_utf8(self.raw, part, self.eol)
        try:
            content = self.content.decode(self.codec).encode()
            added = self._lines(text, "utf-8")
        except UnicodeError:
            return None
        if head is None:
            return None
        if part.encoding == "base64":
            return [*head, (part.body, part.end, _in_base64(content + added, self.eol))]
        if part.encoding in ("8bit", "binary"):
            body = (part.body, part.end, content + added)
        elif part.encoding == "quoted-printable" and content == self.content and content.isascii():
            body = (part.end, part.end, _in_quoted_printable(added, "utf-8", self.eol))
        else:
            body = (part.body, part.end, _in_quoted_printable(content + added, "utf-8", self.eol))
        return [*head, body]


def _like(letter: str, codec: str) -> str:
    """The letter, or what is most like it in a charset that lacks it."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(c))
    for one in (letter, plain):
        try:
            one.encode(codec)
        except UnicodeEncodeError:
            continue
        return one
    return "?"


def _in_base64(content: bytes, eol: bytes) -> bytes:
    lines = (content[i : i + _BASE64_LINE] for i in range(0, len(content), _BASE64_LINE))
    return eol.join(binascii.b2a_base64(line, newline=False) for line in lines)


def _in_quoted_printable(content: bytes, codec: str, eol: bytes) -> bytes:
    if "\n".encode(codec) == b"\n":
        return quopri.encodestring(content.replace(eol, b"\n")).replace(b"\n", eol)
    # Its line ends are none to quoted-printable.
    return binascii.b2a_qp(content, istext=False).replace(b"\n", eol)


def _head_in_utf8(raw: Raw, part: Part, eol: bytes) -> list[Change] | None:
    """The changes of the part's header: its charset, and a transfer encoding that can take it. ``None`` if it gives its
    charset in an unusual way."""
    changes, more = list[Change](), b""
    field, value = part.head.first("content-type"), part.content_type
    if field is None or value is None:
        more += b"Content-Type: text/plain; charset=utf-8" + eol
    elif not has_media_type(value):
        changes.append(
            (
                part.start + field.start,
                part.start + field.end,
                b"Content-Type: text/plain; charset=utf-8" + eol,
            )
        )
    else:
        charset, begin = value.parameter("charset"), part.start + field.value
        if charset is not None:
            changes.append((begin + charset.start, begin + charset.end, b"utf-8"))
        elif part.parameter("charset"):
            return None
        else:
            changes.append((begin + value.end, begin + value.end, b"; charset=utf-8"))
    if part.encoding in ("7bit", ""):
        field, line = (
            part.head.first("content-transfer-encoding"),
            b"Content-Transfer-Encoding: quoted-printable" + eol,
        )
        if field is None:
            more += line
        else:
            changes.append((part.start + field.start, part.start + field.end, line))
    if more and part.start == 0 and part.head.first("mime-version") is None:
        more = b"MIME-Version: 1.0" + eol + more
    if more:
        place = end_of_head(raw, part)
        changes.append((place, place, more))
    return changes
