"""Which bytes a request asks for (RFC 9110, sections 13 and 14)."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SINGLE = re.compile(r"bytes[ \t]*=[ \t]*(\d*)-(\d*)[ \t]*", re.ASCII | re.IGNORECASE)
#: A number with this many digits is beyond the end of every file.
_MAX_DIGITS = 20


class Unsatisfiable(Exception):
    """The range begins beyond the end of the file."""


def wanted(headers: Mapping[str, str], size: int, etag: str) -> tuple[int, int] | None:
    """First byte and length of the requested part; ``None`` for the whole file.

    Several ranges, a malformed one, or one whose ``If-Range`` names another version of the file also mean the whole
    file. Raises :class:`Unsatisfiable`.
    """
    match = _SINGLE.fullmatch(headers.get("range", ""))
    if match is None or headers.get("if-range", etag) != etag:
        return None
    first, last = match.groups()
    if not (first or last):
        return None
    if not first:
        length = min(_number(last), size)
        if length == 0:
            raise Unsatisfiable
        return size - length, length
    start = _number(first)
    end = _number(last) if last else size - 1
    if last and end < start:
        return None
    if start >= size:
        raise Unsatisfiable
    return start, min(end, size - 1) - start + 1


def _number(digits: str) -> int:
    """The number, or another one beyond the end of every file: Python refuses to convert thousands of digits."""
    return int(digits.lstrip("0")[:_MAX_DIGITS] or "0")


def unchanged(headers: Mapping[str, str], etag: str) -> bool:
    """Whether ``If-None-Match`` says that the client already has this version of the file."""
    tags = headers.get("if-none-match", "")
    return tags.strip() == "*" or etag in (t.strip().removeprefix("W/") for t in tags.split(","))
