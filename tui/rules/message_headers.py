"""Reading the headers of e-mails as they come: fields, parameters and encoded words; and writing text into one.

Python's email package recurses, takes quadratic time, and raises errors of all kinds when a header is malformed. What
is here reads on, whatever a header holds, in linear time: a malformed part of it is taken literally, or left out.
"""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.header import Header
from functools import lru_cache
from urllib.parse import unquote_to_bytes

_FIELD = re.compile(rb"^([!-9;-~]+)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)(?:\n|\Z)", re.MULTILINE)
_CHARSET = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,39}", re.ASCII)
#: Python's text codecs that aren't charsets of messages.
_NO_CHARSETS = frozenset(
    {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
)
_WORD = re.compile(r"=\?([\w.:+-]{1,40})(?:\*[\w-]*)?\?([bBqQ])\?([^?\r\n]*)\?=", re.ASCII)
_BLANK = " \t\r\n"
_PARAMETER_NAME = re.compile(r"[^\s;=\"()]+")
_SECTION = re.compile(r"([^*]+)(?:\*(\d{1,4}))?(\*)?", re.ASCII)
_QUOTED = re.compile(r"\\(.)", re.DOTALL)
#: No field needs more.
_MOST_PARAMETERS = 500


@lru_cache(maxsize=64)
def codec_of(charset: str) -> str | None:
    """Python's codec for a charset of messages; ``None`` if there is none."""
    if not _CHARSET.fullmatch(charset):
        return None
    try:
        name = codecs.lookup(charset).name.replace("-", "_")
        # Those that turn bytes into bytes, such as hex, are refused here.
        "a".encode(name)
    except (LookupError, UnicodeError):
        return None
    return None if name in _NO_CHARSETS else name


def as_text(raw: bytes | bytearray) -> str:
    """Bytes of a header as text: UTF-8, or else Latin-1."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


# ---------------------------------------------------------------- fields


@dataclass(frozen=True, slots=True)
class HeaderField:
    """A header field: ``start`` to ``end`` are its bytes, with its folded lines; its value begins at ``value``."""

    name: str
    start: int
    value: int
    end: int


class MessageHead:
    """The header of a message or of a part. Names of fields are given in lower case."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self.fields = [
            HeaderField(found[1].decode("ascii").lower(), found.start(), found.start(2), found.end())
            for found in _FIELD.finditer(raw)
        ]

    def first(self, name: str) -> HeaderField | None:
        """The first field of that name."""
        return next((field for field in self.fields if field.name == name), None)

    def letters(self, field: HeaderField) -> str:
        """The value of a field, each byte of it as the character with its number."""
        return self._raw[field.value : field.end].decode("latin-1")

    def texts(self, name: str) -> list[str]:
        """The values of all fields of that name, unfolded; encoded words stay as they are."""
        return [
            " ".join(as_text(self._raw[field.value : field.end]).split())
            for field in self.fields
            if field.name == name
        ]

    def value(self, name: str) -> Value | None:
        """The value and the parameters of the first field of that name."""
        field = self.first(name)
        return None if field is None else read_value(self.letters(field))


# ---------------------------------------------------------------- parameters


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter; its value, without quotation marks, was at ``start`` to ``end`` (with them)."""

    name: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Value:
    """The value of a structured field, such as ``text/plain``, in lower case, which ends at ``end``."""

    text: str
    end: int
    parameters: Sequence[Parameter]

    def parameter(self, name: str) -> Parameter | None:
        """The first parameter of exactly that name."""
        return next((each for each in self.parameters if each.name == name), None)

    def decoded(self, name: str) -> str:
        """A parameter that may be encoded or in sections (RFC 2231), or hold encoded words; ``""`` without one."""
        sections: dict[int, tuple[str, bool]] = {}
        plain = ""
        for each in self.parameters:
            found = _SECTION.fullmatch(each.name)
            if found is None or found[1] != name:
                continue
            if found[2] is None and found[3] is None:
                plain = plain or decoded_words(as_text(each.value.encode("latin-1")))
            else:
                sections.setdefault(int(found[2] or 0), (each.value, found[3] is not None))
        text, encoded = sections.get(0, ("", False))
        if plain and encoded and text.count("'") < 2:
            # Malformed: it doesn't say its charset.
            return plain
        return _joined(sections) or plain


def _joined(sections: Mapping[int, tuple[str, bool]]) -> str:
    """The sections of a parameter, up to the first that is missing."""
    charset, content = "", b""
    for number in range(len(sections)):
        if number not in sections:
            break
        text, encoded = sections[number]
        if encoded and number == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        raw = text.encode("latin-1")
        content += unquote_to_bytes(raw) if encoded else raw
    return _decoded(content, charset)


def _decoded(content: bytes | bytearray, charset: str) -> str:
    codec = codec_of(charset)
    return as_text(content) if codec is None else content.decode(codec, "replace")


def read_value(letters: str) -> Value:
    """Read a structured field; ``letters`` are its bytes, each as the character with its number."""
    at = _behind_blanks(letters, 0)
    text, end, at = _unquoted(letters, at)
    parameters = list[Parameter]()
    while at < len(letters) and len(parameters) < _MOST_PARAMETERS:
        at = _behind_blanks(letters, at + 1)
        name = _PARAMETER_NAME.match(letters, at)
        if name is None:
            at = _next_semicolon(letters, at)
            continue
        at = _behind_blanks(letters, name.end())
        if letters[at : at + 1] != "=":
            at = _next_semicolon(letters, at)
            continue
        begin = _behind_blanks(letters, at + 1)
        if letters[begin : begin + 1] == '"':
            closing = _behind_quoted(letters, begin)
            value = _QUOTED.sub(r"\1", _unfolded(letters[begin + 1 : closing].removesuffix('"')))
            end_of_value, at = closing, _next_semicolon(letters, closing)
        else:
            value, end_of_value, at = _unquoted(letters, begin)
        parameters.append(Parameter(name[0].lower(), value, begin, end_of_value))
    return Value(text.lower(), end, parameters)


def _unfolded(text: str) -> str:
    return text.replace("\r\n", "").replace("\n", "")


def _unquoted(letters: str, at: int) -> tuple[str, int, int]:
    """What stands up to the next semicolon: its text without a comment at its end, where that text ends, and the
    semicolon's place."""
    semicolon = letters.find(";", at)
    stop = len(letters) if semicolon < 0 else semicolon
    comment = letters.find("(", at, stop)
    if comment > at and letters[comment - 1] in _BLANK:
        behind = _behind_blanks(letters, comment)
        if behind == len(letters) or letters[behind] == ";":
            text = letters[at:comment].rstrip(_BLANK)
            return _unfolded(text), at + len(text), behind
    # Otherwise a bracket belongs to the text, as in report(1).pdf.
    text = letters[at:stop].rstrip(_BLANK)
    return _unfolded(text), at + len(text), stop


def _next_semicolon(letters: str, at: int) -> int:
    """The place of the next semicolon that is neither in quotation marks nor in a comment; the end without one."""
    while at < len(letters) and letters[at] != ";":
        if letters[at] == '"':
            at = _behind_quoted(letters, at)
        elif letters[at] == "(":
            at = _behind_comment(letters, at)
        else:
            at += 1
    return at


def _behind_blanks(letters: str, at: int) -> int:
    """The place behind blanks and comments."""
    while at < len(letters):
        if letters[at] == "(":
            at = _behind_comment(letters, at)
        elif letters[at] in _BLANK:
            at += 1
        else:
            break
    return at


def _behind_quoted(letters: str, at: int) -> int:
    """The place behind the quoted text that begins at ``at``; the end if it isn't closed."""
    at += 1
    while at < len(letters) and letters[at] != '"':
        at += 2 if letters[at] == "\\" else 1
    return min(at + 1, len(letters))


def _behind_comment(letters: str, at: int) -> int:
    """The place behind the comment that begins at ``at``, with those in it; the end if it isn't closed."""
    depth = 0
    while at < len(letters):
        if letters[at] == "\\":
            at += 1
        elif letters[at] == "(":
            depth += 1
        elif letters[at] == ")":
            depth -= 1
            if not depth:
                return at + 1
        at += 1
    return len(letters)


# ---------------------------------------------------------------- encoded words


def decoded_words(text: str) -> str:
    """The text with its encoded words (RFC 2047) decoded; those in an unknown charset, or damaged, stay."""
    pieces: list[str] = []
    #: Encoded words next to each other in one charset, as yet undecoded: a letter may be in both.
    charset, content, at = "", bytearray(), 0
    for found in _WORD.finditer(text):
        raw = _word(found[2], found[3])
        if raw is None or codec_of(found[1]) is None:
            continue
        between = text[at : found.start()]
        if charset and charset == found[1].lower() and not between.strip():
            content += raw
        else:
            pieces.append(_decoded(content, charset) if charset else "")
            # Blanks between encoded words don't count.
            pieces.append("" if charset and not between.strip() else between)
            charset, content = found[1].lower(), bytearray(raw)
        at = found.end()
    pieces.append(_decoded(content, charset) if charset else "")
    return "".join(pieces) + text[at:]


def _word(how: str, text: str) -> bytes | None:
    raw = text.encode("utf-8", "surrogateescape")
    if how in "qQ":
        return binascii.a2b_qp(raw, header=True)
    try:
        return binascii.a2b_base64(raw + b"=" * (-len(raw) % 4), strict_mode=True)
    except binascii.Error:
        return None


# ---------------------------------------------------------------- writing


def header_text(text: str) -> str:
    """A header's text: unchanged if it is short ASCII, else in encoded words of RFC 2047, its lines folded by CRLF.

    ``text`` is a single line. Text that itself looks like an encoded word is encoded too, so that it is read as it was
    written: :class:`email.message.EmailMessage` decodes it, and writes the line breaks in it as they are.
    """
    if text.isascii() and "=?" not in text and len(text) <= 70:
        return text
    return Header(text, "utf-8", header_name="Subject").encode(linesep="\r\n")
