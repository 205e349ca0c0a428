"""How times, sizes and counts are written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

#: The widths of a time in cells: in full, as a date with its year if that isn't this one, and as short as it can be.
MOMENT_WIDTHS = (16, 11, 6)
_MOST_NAMES = 8
_WEEK = timedelta(days=6)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY = 86_400
#: The lengths of units in seconds, the longest first, and what one and several are called.
_UNITS = (
    (365 * _DAY, "year", "years"),
    (30 * _DAY, "month", "months"),
    (7 * _DAY, "week", "weeks"),
    (_DAY, "day", "days"),
    (3600, "h", "h"),
    (60, "min", "min"),
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def moment_text(moment: datetime | None, now: datetime | None = None, width: int = MOMENT_WIDTHS[0]) -> str:
    """A time in the user's time zone, in at most ``width`` cells: ``2026-11-25 13:05``.

    If that doesn't fit, relative to ``now``: ``13:05`` for today, ``25 Nov`` for this year, else ``25 Nov 2025``. As
    short as it can be, the nearest days are ``Tue``, and those of another year only ``2025``.
    """
    if moment is None:
        return ""
    local = moment.astimezone()
    if now is None or width >= MOMENT_WIDTHS[0]:
        return f"{local:%Y-%m-%d %H:%M}"
    today = now.astimezone()
    if local.date() == today.date():
        return f"{local:%H:%M}"
    day, is_short = f"{local.day} {_MONTHS[local.month - 1]}", width < MOMENT_WIDTHS[1]
    if is_short and abs(local.date() - today.date()) <= _WEEK:
        return _DAYS[local.weekday()]
    if local.year == today.year:
        return day
    return f"{local.year}" if is_short else f"{day} {local.year}"


def ago_text(moment: datetime | None, now: datetime) -> str:
    """How long ago a moment is: ``just now``, ``5 min ago``, ``3 h ago``, ``2 days ago``. One that is later than now,
    by another clock, is just now."""
    if moment is None:
        return ""
    seconds = (now - moment).total_seconds()
    for length, one, many in _UNITS:
        if seconds >= length:
            return f"{counted(int(seconds // length), one, many)} ago"
    return "just now"


def size_text(size: int) -> str:
    """``932 B``, ``12.3 kB``, ``4.5 GB``: at most eight cells."""
    if size < 1000:
        return f"{size} B"
    value = float(size)
    for unit in ("kB", "MB", "GB", "TB", "PB"):
        value /= 1000
        if value < 999.5 or unit == "PB":
            return f"{value:.1f} {unit}" if value < 99.95 else f"{value:.0f} {unit}"
    raise AssertionError("unreachable")


def counted(count: int, one: str, many: str = "") -> str:
    """A count with what it counts: ``1 link``, ``7 links``; ``many`` if more isn't the same with an ``s``."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def documents_text(count: int) -> str:
    """``1 document``, ``7 documents``."""
    return counted(count, "document")


def is_and_it(count: int) -> tuple[str, str]:
    """The verb and the pronoun for that many things: ``is`` and ``it``, or ``are`` and ``them``."""
    return ("is", "it") if count == 1 else ("are", "them")


def first_names(names: Sequence[str]) -> str:
    """The first few names, one per line, for a confirmation about all of them."""
    more = len(names) - _MOST_NAMES
    return "\n".join([*names[:_MOST_NAMES], *([f"and {more:,} more"] if more > 0 else [])])


def distinguished(names: Sequence[str], *marks: Sequence[str]) -> list[str]:
    """The names; those that are the same get the first of their marks: ``Offer.pdf (ACTIVE!453.1)``. If that is the
    same, too, they also get the next one."""
    found = list(names)
    for column in marks:
        counts = Counter(name.casefold() for name in found)
        found = [
            f"{name} ({mark})" if counts[name.casefold()] > 1 else name
            for name, mark in zip(found, column, strict=True)
        ]
    return found
