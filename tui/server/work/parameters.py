"""Parameters as clients send them: what can't be read is ignored rather than rejected."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import QueryParams

from ..library.problems import BadRequest, invalid

#: Entries per page: the default and the maximum.
DEFAULT_LIMIT = 500
MAX_LIMIT = 9999
_MAX_TEXT = 1000
_MAX_OFFSET = 10**12
_MAX_VALUES = 6

# One client appends ``?total=true&offset=0`` to every address, even after another query.
_APPENDED = re.compile(r"\?(?:total|offset|limit)=.*$", re.DOTALL)
_COUNTS = re.compile(r"\?total=true$")
_DIGITS = re.compile(r"\s*(-?[0-9]{1,18})")
# An unescaped plus in a time zone arrives as a space.
_ZONE = re.compile(r"(?<=[0-9])([-+ ])([0-9]{2})[.:]([0-9]{2})$")
_TRUE = ("true", "1", "yes", "on", "y", "t")
_FALSE = ("false", "0", "no", "off", "n", "f")


class Parameters:
    """The query of a request, read leniently."""

    def __init__(self, query: QueryParams) -> None:
        self._query = query

    def text(self, name: str) -> str | None:
        """The value without surrounding whitespace; ``None`` if it is missing or empty."""
        found = _APPENDED.sub("", self._query.get(name, "")).strip()
        if "\x00" in found or len(found) > _MAX_TEXT:
            raise invalid(name, f"The value of {name} is too long or contains a null character.")
        return found or None

    def flag(self, name: str) -> bool | None:
        """A parameter that says yes or no; ``None`` if it is missing, or says neither."""
        word = re.split(r"[^a-z0-9]", (self.text(name) or "").lower(), maxsplit=1)[0]
        return True if word in _TRUE else False if word in _FALSE else None

    def whole(self, name: str) -> int | None:
        """The whole number that a parameter begins with; ``None`` if it begins with none."""
        match = _DIGITS.match(self.text(name) or "")
        return int(match[1]) if match else None

    def moment(self, name: str) -> datetime | None:
        """A date (its start) or a timestamp, in UTC unless it names a zone; ``None`` if it can't be read."""
        return moment(self.text(name))

    def present(self, names: frozenset[str]) -> list[str]:
        """Which of ``names`` have a value."""
        return sorted(name for name in names.intersection(self._query) if self.text(name) is not None)

    @property
    def paging(self) -> Paging:
        """Which page is asked for, and how; limits that are too high are lowered."""
        limit = self.whole("limit") or 0
        return Paging(
            limit=min(limit, MAX_LIMIT) if limit > 0 else DEFAULT_LIMIT,
            offset=min(max(self.whole("offset") or 0, 0), _MAX_OFFSET),
            position=read_cursor(self.text("cursor")),
            by_cursor="cursor" in self._query
            or (self.text("paging_mode") or "").lower() == "standard_cursor",
            total=bool(self.flag("total")) or any(map(_COUNTS.search, self._query.values())),
        )


def posted(body: Mapping[str, Any]) -> Parameters:
    """The filters in the body of a search, as if they had been sent in the query."""
    filters = body.get("filters")
    values = {**(filters if isinstance(filters, Mapping) else {}), "limit": body.get("limit")}
    return Parameters(QueryParams([(str(k), _word(v)) for k, v in values.items() if v is not None]))


def _word(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


Position = tuple[Any, ...]
"""Where a page ends: the list's tag, and the values that its last entry is sorted by."""


@dataclass(frozen=True, slots=True)
class Paging:
    """The requested piece of a list: after ``position`` if there is one, otherwise after ``offset`` entries."""

    limit: int
    offset: int = 0
    position: Position | None = None
    by_cursor: bool = True
    total: bool = False

    def after(self, tag: str, kinds: Sequence[type]) -> tuple[Any, ...]:
        """The values that the page starts after, in the list ``tag`` whose values are of these ``kinds``.

        Raises :class:`BadRequest` if the cursor is another list's.
        """
        found, *values = self.position or ("",)
        right = len(values) == len(kinds) and all(map(isinstance, values, kinds))
        if found != tag or not right:
            raise foreign_cursor()
        return tuple(values)


def foreign_cursor() -> BadRequest:
    """The problem if a cursor doesn't belong to the list."""
    return invalid("cursor", "The cursor isn't from this list. Start again without one.")


def cursor_of(position: Position) -> str:
    """Encode a position as the text that clients send back."""
    return base64.urlsafe_b64encode(json.dumps(position, separators=(",", ":")).encode()).decode().rstrip("=")


def read_cursor(text: str | None) -> Position | None:
    """Decode a text made by :func:`cursor_of`. Raises :class:`BadRequest` for any other text."""
    if text is None:
        return None
    try:
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True)
        found = json.loads(raw)
        if not isinstance(found, list) or not 1 < len(found) < _MAX_VALUES or not isinstance(found[0], str):
            raise ValueError(text)
        if not all(_is_text(value) or _fits(value) for value in found):
            raise ValueError(text)
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise foreign_cursor() from None
    return tuple(found)


def _is_text(value: Any) -> bool:
    # A lone surrogate cannot be encoded: the exception is a ValueError.
    return isinstance(value, str) and b"\x00" not in value.encode()


def _fits(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63


def moment(text: str | None) -> datetime | None:
    """Parse an ISO 8601 date or timestamp, with a dot or colon in its zone, to UTC; ``None`` if ``text`` isn't one."""
    try:
        found = datetime.fromisoformat(_ZONE.sub(_colon, (text or "").strip()))
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _colon(zone: re.Match[str]) -> str:
    return f"{zone[1].replace(' ', '+')}{zone[2]}:{zone[3]}"
