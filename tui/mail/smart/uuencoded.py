"""Files encoded in the text itself, as uuencode and yEnc do it: they aren't parts, so nothing can replace them."""

from __future__ import annotations

import re

_BEGIN = re.compile(
    rb"^(?:begin(?P<base64>-base64)? [0-7]{3,4} (?P<name>[^\r\n]+)"
    rb"|=ybegin [^\r\n]*?size=(?P<size>\d{1,15})[^\r\n]*? name=(?P<yname>[^\r\n]+))\r?\n",
    re.MULTILINE,
)
_END = re.compile(rb"^(?:end|====|=yend [^\r\n]*)[ \t]*\r?$", re.MULTILINE)
_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/]+={0,2}")


def encoded_file(content: bytes, over: int) -> tuple[str, bool] | None:
    """The name of the first file that the text has within it, and whether it is larger than ``over`` bytes; of several,
    a larger one comes first. ``None`` if there is none."""
    found: tuple[str, bool] | None = None
    ends = [match.start() for match in _END.finditer(content)]
    for begin in _BEGIN.finditer(content):
        while ends and ends[0] < begin.end():
            ends.pop(0)
        if not ends:
            break
        size = _size(begin, content[begin.end() : ends[0]])
        if size is None:
            continue
        name = (begin["name"] or begin["yname"]).decode("utf-8", "replace").strip()
        if size > over:
            return name, True
        found = found or (name, False)
    return found


def _size(begin: re.Match[bytes], body: bytes) -> int | None:
    """The size of the file in bytes; ``None`` if this is no file."""
    if begin["size"] is not None:
        return int(begin["size"])
    lines = [line for line in body.splitlines() if line.strip()]
    if begin["base64"] is not None:
        return sum(len(line) * 3 // 4 for line in lines) if all(map(_BASE64_LINE.fullmatch, lines)) else None
    return sum(map(_count, lines)) if lines and all(map(_is_line, lines)) else None


def _count(line: bytes) -> int:
    return (line[0] - 32) & 63


def _is_line(line: bytes) -> bool:
    """Whether the line is as long as its first letter says: without blanks at its end, or with a checksum."""
    length = -(-_count(line) // 3) * 4
    if min(line) < 32 or max(line) > 96:
        return False
    return len(line) - 1 <= length + 2 and (length == 0 or len(line) > 1)
