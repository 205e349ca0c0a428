"""The first lines of a document, as plain text."""

from __future__ import annotations

import codecs
import email
import email.message
import re
import struct
from collections.abc import Iterator
from email import policy
from email.header import decode_header
from html.parser import HTMLParser
from typing import Any

from ...rules.document_kinds import HEAD, WITH_LINES, DocumentKind, kind_of, why_not
from ...rules.first_lines import MOST_IN_A_LINE, clean_line
from . import pictures
from .archive import Archive
from .document import DocumentBytes
from .office_text import office_lines
from .pdfium import Pdf
from .refusals import Unreadable

#: How much of a text, of a mail and of a picture is read, the second if the first isn't enough.
_OF_A_TEXT = (32 * 1024, 256 * 1024)
_OF_A_MAIL = (64 * 1024, 1024 * 1024)
_OF_A_PICTURE = (64 * 1024, pictures.MOST_OF_HEAD)
_MOST_PAGES = 20
_HEADERS = ("From", "To", "Cc", "Date", "Subject")
_MOST_PARTS = 200
_DAMAGED = (ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError)
#: What fonts without a character map yield; more of it than this share means that the text is probably wrong.
_ODD = re.compile("[\ufffd\ue000-\uf8ff\x00-\x08\x0e-\x1f]")
_MOST_ODD = 0.2


def read_lines(document: DocumentBytes, name: str, most: int) -> dict[str, Any]:
    """The first lines: ``lines``, whether there are ``more``, and whether they are ``doubtful``, since the fonts don't
    say which characters they draw. Raises :class:`Unreadable`."""
    lines: list[str] = []
    odd = total = 0
    more = False
    for given in _lines(document, name, most):
        odd += len(_ODD.findall(given))
        total += len(given)
        line = clean_line(given)
        if not line and (not lines or not lines[-1]):
            continue
        if len(lines) == most:
            more = True
            break
        lines.append(line)
    while lines and not lines[-1]:
        lines.pop()
    return {"lines": lines, "more": more, "doubtful": total > 0 and odd > _MOST_ODD * total}


def _lines(document: DocumentBytes, name: str, most: int) -> Iterator[str]:
    kind = kind_of(document.read_at(0, HEAD), name)
    if kind is DocumentKind.TEXT:
        yield from _text(document, most)
    elif kind is DocumentKind.MAIL:
        yield from _mail(document, most)
    elif kind is DocumentKind.PDF:
        yield from _pdf(document)
    elif kind is DocumentKind.ZIP:
        # Some are of spaces only.
        yield from office_lines(Archive(document), 2 * most)
    elif kind is DocumentKind.PICTURE:
        yield from _picture(document)
    else:
        raise Unreadable(why_not(name, WITH_LINES))


def _text(document: DocumentBytes, most: int) -> list[str]:
    lines: list[str] = []
    for size in _OF_A_TEXT:
        lines = _decoded(document.read_at(0, size)).splitlines()
        # The last one may have been cut.
        if size >= document.size or sum(map(bool, map(str.strip, lines))) > most + 1:
            break
    return lines


def _decoded(data: bytes) -> str:
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
    ):  # fmt: skip
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        # The last character may have been cut.
        return codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _picture(document: DocumentBytes) -> list[str]:
    lines: list[str] = []
    for size in _OF_A_PICTURE:
        is_last = size >= min(document.size, _OF_A_PICTURE[-1])
        try:
            seen = pictures.read(document.read_at(0, size))
        except (struct.error, ValueError, IndexError) as error:
            if is_last:
                raise Unreadable("damaged") from error
            continue
        lines = seen.lines
        if is_last or seen.is_whole:
            break
    return lines


def _pdf(document: DocumentBytes) -> Iterator[str]:
    pdf = Pdf(document)
    try:
        for number in range(min(pdf.page_count, _MOST_PAGES)):
            page = pdf.page(number)
            if page is not None:
                text = page.text()
                page.close()
                yield from text.splitlines()
                yield ""
    finally:
        pdf.close()


# ---------------------------------------------------------------- mail


def _mail(document: DocumentBytes, most: int) -> list[str]:
    lines: list[str] = []
    for size in _OF_A_MAIL:
        try:
            message = email.message_from_bytes(document.read_at(0, size), policy=policy.compat32)
            headers = [f"{name}: {_header(message[name])}" for name in _HEADERS if message[name] is not None]
            body, is_whole = _body(message)
        except _DAMAGED as error:
            raise Unreadable("damaged") from error
        lines = [*headers, "", *body.splitlines()]
        if is_whole or size >= document.size or sum(map(bool, map(str.strip, lines))) > most + 1:
            break
    return lines


def _header(value: object) -> str:
    text = str(value)[:4_000]
    try:
        parts = decode_header(text)
    except ValueError:
        return text
    return "".join(
        part.decode(charset or "latin-1", "replace") if isinstance(part, bytes) else part
        for part, charset in parts
    )


def _body(message: email.message.Message) -> tuple[str, bool]:
    """The text of a mail, and whether something follows it, so that nothing of it was cut."""
    html, is_whole = "", False
    waiting = [message]
    for _ in range(_MOST_PARTS):
        if not waiting:
            break
        part = waiting.pop(0)
        if part.is_multipart():
            waiting = [
                inner for inner in part.get_payload() if isinstance(inner, email.message.Message)
            ] + waiting
        elif part.get_filename():
            continue
        elif part.get_content_type() == "text/plain":
            return _payload(part), bool(waiting)
        elif part.get_content_type() == "text/html" and not html:
            html, is_whole = _payload(part), bool(waiting)
    return without_markup(html), is_whole


def _payload(part: email.message.Message) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    try:
        return data.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return data.decode("latin-1")


class _Markup(HTMLParser):
    """Keeps the text of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("script", "style")
        if tag in ("p", "br", "div", "tr", "li", "h1", "h2", "h3", "blockquote"):
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style") and self._silent > 0

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(re.sub(r"\s+", " ", data))


def without_markup(html: str) -> str:
    """The text of HTML, a line for each paragraph."""
    parser = _Markup()
    parser.feed(html[: 4 * MOST_IN_A_LINE * 60])
    return "".join(parser.found)
