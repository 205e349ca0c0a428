"""The parts of a message as spans of its bytes.

Python's email package is not used: it changes bytes when it writes what it has read, and raises errors of all kinds
when a header is malformed.
"""

from __future__ import annotations

import itertools
import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from ...rules.errors import InvalidValue
from ...rules.message_headers import MessageHead, Value, as_text

#: The bytes of a message; a mapped file needs no memory.
Raw = bytes | mmap.mmap

_ONLY_ONCE = ("content-type", "content-transfer-encoding", "content-disposition")
_MOST_PARTS, _DEEPEST, _LONGEST_HEAD = 10_000, 50, 1024 * 1024
_NO_HEADER, _END_OF_HEADER = re.compile(rb"\r?\n"), re.compile(rb"\n\r?\n")
_REST_OF_BOUNDARY = re.compile(rb"(--)?[ \t]*\r?(?:\n|\Z)")
_MEDIA_TYPE = re.compile(r"[!#$&^_.+a-z0-9-]+/[!#$&^_.+a-z0-9-]+", re.ASCII)


def _broken(why: str) -> InvalidValue:
    return InvalidValue("message.broken", f"The message is malformed: {why}. Nothing was sent.")


@dataclass(eq=False)
class Part:
    """A part of a message, as offsets of its bytes.

    ``start`` to ``body`` is its header with the empty line, ``body`` to ``end`` its content. In a multipart, ``place``
    is where the boundary line before it begins, and ``next`` where the one after it begins. ``is_open`` if the header
    isn't followed by an empty line: then there is no content.
    """

    start: int
    body: int
    end: int
    head: MessageHead
    is_open: bool = False
    #: What it is without a ``Content-Type``.
    default_type: str = "text/plain"
    place: int = 0
    next: int = 0
    children: list[Part] = field(default_factory=list)

    @cached_property
    def content_type(self) -> Value | None:
        """What its ``Content-Type`` says, if it has one."""
        return self.head.value("content-type")

    @cached_property
    def media_type(self) -> str:
        """Its media type, such as ``text/plain``, in lower case."""
        value = self.content_type
        if value is None:
            return self.default_type
        return value.text if has_media_type(value) else "text/plain"

    @property
    def main_type(self) -> str:
        """The first half of its media type."""
        return self.media_type.partition("/")[0]

    def parameter(self, name: str) -> str:
        """A parameter of its media type; ``""`` without one."""
        return self.content_type.decoded(name) if self.content_type is not None else ""

    @property
    def boundary(self) -> bytes:
        """Its boundary; empty without one."""
        found = self.content_type.parameter("boundary") if self.content_type is not None else None
        return b"" if found is None else found.value.encode("latin-1").rstrip()

    @cached_property
    def encoding(self) -> str:
        """Its transfer encoding, in lower case."""
        value = self.head.value("content-transfer-encoding")
        return "7bit" if value is None else value.text

    @cached_property
    def _disposition(self) -> Value | None:
        return self.head.value("content-disposition")

    @property
    def disposition(self) -> str:
        """The value of ``Content-Disposition`` as it is written; empty without one."""
        return "" if self._disposition is None else as_text(self._disposition.text.encode("latin-1"))

    @cached_property
    def name(self) -> str:
        """The file name that it gives, or ``""``."""
        given = "" if self._disposition is None else self._disposition.decoded("filename")
        return given or self.parameter("name")


def has_media_type(value: Value) -> bool:
    """Whether a ``Content-Type`` is well-formed; otherwise it means plain text."""
    return _MEDIA_TYPE.fullmatch(value.text) is not None


def walk(part: Part) -> Iterator[Part]:
    """The part and all parts in it, in order."""
    yield part
    for child in part.children:
        yield from walk(child)


def read(raw: Raw) -> Part:
    """The message as a tree of parts. Raises :class:`InvalidValue` if a boundary is missing or never closed, or mail
    programs may differ about what its parts are."""
    if raw.find(b"\n") < 0 <= raw.find(b"\r"):
        raise _broken("its lines end with a carriage return only")
    return _PartReader(raw).part(0, len(raw), 0)


class _PartReader:
    def __init__(self, raw: Raw) -> None:
        self._raw = raw
        self._count = 0

    def part(self, start: int, end: int, depth: int, default_type: str = "text/plain") -> Part:
        self._count += 1
        if self._count > _MOST_PARTS or depth > _DEEPEST:
            raise _broken("it has too many parts")
        within = start, min(end, start + _LONGEST_HEAD)
        found = _NO_HEADER.match(self._raw, *within) or _END_OF_HEADER.search(self._raw, *within)
        # A part may be a header without a body. The first line break of the match ends the header's last line.
        body = found.end() if found else end
        if found is None and end - start > _LONGEST_HEAD:
            raise _broken("one of its headers has no end")
        head = MessageHead(bytes(self._raw[start:body]))
        if any(len(set(head.texts(name))) > 1 for name in _ONLY_ONCE):
            # Which of them holds is for each mail program to decide.
            raise _broken("one of its parts contradicts itself about what it is")
        part = Part(start, body, end, head, found is None, default_type)
        if part.main_type == "multipart":
            self._divide(part, depth)
        return part

    def _divide(self, part: Part, depth: int) -> None:
        if not part.boundary:
            raise _broken("one of its multiparts has no boundary")
        lines = list(self._lines(part.boundary, part.body, part.end))
        if not lines or not lines[-1][2]:
            raise _broken("one of its multiparts is never closed")
        if any(not closes for _, _, closes in self._lines(part.boundary, lines[-1][1], part.end)):
            raise _broken("one of its multiparts goes on after its end")
        # In a digest, each part is a message.
        default_type = "message/rfc822" if part.media_type == "multipart/digest" else "text/plain"
        for (begin, content, _), (next_begin, _, _) in itertools.pairwise(lines):
            end = max(content, self._before(next_begin, content))
            child = self.part(content, end, depth + 1, default_type)
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


def header_spans(part: Part, name: str) -> list[tuple[int, int]]:
    """The spans of the part's headers of that name (in lower case), with their folded lines."""
    return [
        (part.start + field.start, part.start + field.end) for field in part.head.fields if field.name == name
    ]


def end_of_head(raw: Raw, part: Part) -> int:
    """Where the empty line behind the part's header begins."""
    return part.body - (2 if raw[part.body - 2 : part.body] == b"\r\n" else 1)
