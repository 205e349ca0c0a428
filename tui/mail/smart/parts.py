"""The parts of a message as spans of its bytes.

Python's email package changes bytes when it writes what it has read, so it is used only to *read* single headers; it
never writes the message itself.
"""

from __future__ import annotations

import itertools
import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import default

from ...rules.errors import InvalidValue

#: The bytes of a message; a mapped file needs no memory.
Raw = bytes | mmap.mmap

_MOST_PARTS, _DEEPEST, _LONGEST_HEAD = 10_000, 50, 1024 * 1024
_NO_HEADER, _END_OF_HEADER = re.compile(rb"\r?\n"), re.compile(rb"\n\r?\n")
_REST_OF_BOUNDARY = re.compile(rb"(--)?[ \t]*\r?(?:\n|\Z)")
_HEADER = re.compile(rb"^[!-9;-~]+[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*", re.MULTILINE)


def _broken(why: str) -> InvalidValue:
    return InvalidValue("message.broken", f"The message is malformed: {why}. Nothing was sent.")


@dataclass(slots=True)
class Part:
    """A part of a message, as offsets of its bytes.

    ``start`` to ``body`` is its header with the empty line, ``body`` to ``end`` its content. In a multipart, ``place``
    is where the boundary line before it begins, and ``next`` where the one after it begins.
    """

    start: int
    body: int
    end: int
    head: EmailMessage
    place: int = 0
    next: int = 0
    children: list[Part] = field(default_factory=list)

    @property
    def media_type(self) -> str:
        """Its media type, such as ``text/plain``."""
        return self.head.get_content_type()

    @property
    def encoding(self) -> str:
        """Its transfer encoding, in lower case."""
        return str(self.head.get("Content-Transfer-Encoding", "7bit")).strip().lower()

    @property
    def disposition(self) -> str:
        return self.head.get_content_disposition() or ""

    @property
    def name(self) -> str:
        """The file name that it gives, or ``""``."""
        return self.head.get_filename() or ""


def walk(part: Part) -> Iterator[Part]:
    """The part and all parts in it, in order."""
    yield part
    for child in part.children:
        yield from walk(child)


def read(raw: Raw) -> Part:
    """The message as a tree of parts. Raises :class:`InvalidValue` if a boundary is missing or never closed."""
    return _Reader(raw).part(0, len(raw), 0)


class _Reader:
    def __init__(self, raw: Raw) -> None:
        self._raw = raw
        self._count = 0

    def part(self, start: int, end: int, depth: int) -> Part:
        self._count += 1
        if self._count > _MOST_PARTS or depth > _DEEPEST:
            raise _broken("it has too many parts")
        within = start, min(end, start + _LONGEST_HEAD)
        found = _NO_HEADER.match(self._raw, *within) or _END_OF_HEADER.search(self._raw, *within)
        # A part may be a header without a body. The first line break of the match ends the header's last line.
        body = found.end() if found else end
        if found is None and end - start > _LONGEST_HEAD:
            raise _broken("one of its headers has no end")
        head = BytesHeaderParser(policy=default).parsebytes(bytes(self._raw[start:body]))
        assert isinstance(head, EmailMessage)
        part = Part(start, body, end, head)
        if head.get_content_maintype() == "multipart":
            self._divide(part, depth)
        return part

    def _divide(self, part: Part, depth: int) -> None:
        boundary = part.head.get_boundary()
        if not boundary:
            raise _broken("one of its multiparts has no boundary")
        lines = list(self._lines(boundary.encode("utf-8", "surrogateescape"), part.body, part.end))
        if not lines or not lines[-1][2]:
            raise _broken("one of its multiparts is never closed")
        for (begin, content, _), (next_begin, _, _) in itertools.pairwise(lines):
            child = self.part(content, max(content, self._before(next_begin, content)), depth + 1)
            child.place, child.next = begin, next_begin
            part.children.append(child)

    def _lines(self, boundary: bytes, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
        """The boundary lines, up to the closing one: where each begins and ends, and whether it closes."""
        mark = b"--" + boundary
        # Much faster than one expression for the whole line, which would look at every byte.
        at = self._raw.find(mark, start, end)
        while at >= 0:
            found = _REST_OF_BOUNDARY.match(self._raw, at + len(mark), end)
            if found and (at == 0 or self._raw[at - 1] == ord("\n")):
                yield at, found.end(), bool(found[1])
                if found[1]:
                    return
            at = self._raw.find(mark, at + 1, end)

    def _before(self, place: int, least: int) -> int:
        """Where the text before the boundary at ``place`` ends: the line break between them belongs to the boundary."""
        if place > least and self._raw[place - 1] == ord("\n"):
            place -= 1
            if place > least and self._raw[place - 1] == ord("\r"):
                place -= 1
        return place


def line_end(raw: Raw) -> bytes:
    """The message's line end, taken from its first line."""
    first = raw.find(b"\n")
    return b"\r\n" if first > 0 and raw[first - 1] == ord("\r") else b"\n"


def header_spans(raw: Raw, part: Part, name: str) -> list[tuple[int, int]]:
    """The spans of the part's headers of that name, with their folded lines."""
    head = bytes(raw[part.start : part.body])
    wanted = name.lower().encode()
    return [
        (part.start + found.start(), part.start + found.end())
        for found in _HEADER.finditer(head)
        if found[0].partition(b":")[0].strip().lower() == wanted
    ]
