"""Which bytes a request asks for (RFC 9110, sections 13 and 14)."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SINGLE = re.compile(r"bytes[ \t]*=[ \t]*(\d*)-(\d*)[ \t]*", re.ASCII | re.IGNORECASE)
_MAX_DIGITS = 19


class Unsatisfiable(Exception):
    """The range begins behind the end."""


def wanted(headers: Mapping[str, str], size: int, etag: str) -> tuple[int, int] | None:
    """First byte and length of the part asked for; ``None`` where the whole file is.

    That is also so for several ranges at once, for a range that cannot be read, and for one whose ``If-Range``
    names another state of the file. Raises :class:`Unsatisfiable`.
    """
    match = _SINGLE.fullmatch(headers.get("range", ""))
    if match is None or headers.get("if-range", etag) != etag:
        return None
    first, last = match.groups()
    if not (first or last) or max(len(first), len(last)) > _MAX_DIGITS:
        return None
    if not first:
        length = min(int(last), size)
        if length == 0:
            raise Unsatisfiable
        return size - length, length
    start = int(first)
    end = int(last) if last else size - 1
    if last and end < start:
        return None
    if start >= size:
        raise Unsatisfiable
    return start, min(end, size - 1) - start + 1


def unchanged(headers: Mapping[str, str], etag: str) -> bool:
    """Whether ``If-None-Match`` says that the client has this state of the file already."""
    tags = headers.get("if-none-match", "")
    return tags.strip() == "*" or etag in (t.strip().removeprefix("W/") for t in tags.split(","))
