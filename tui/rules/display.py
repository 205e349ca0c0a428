"""How times, sizes and counts are written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo
from math import ceil

#: In English, whatever the locale; January is 1, Monday is 0.
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("", "January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
#: The widths of a time in cells: with the time of day, with its year if that isn't this one, as short as it can be.
MOMENT_WIDTHS = (13, 11, 6)
#: The width of a time of day.
_CLOCK_WIDTH = 5
_MOST_NAMES = 8
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
_WEEK = timedelta(days=6)


def moment_text(moment: datetime | None, now: datetime | None = None, width: int = MOMENT_WIDTHS[0]) -> str:
    """A time in the user's time zone: ``Wed 25 Nov 2026, 13:05``.

    With ``now`` it is as long as ``width`` cells allow: ``13:05`` for today, else ``25 Nov, 13:05`` or ``25 Nov`` for
    this year, and ``25 Nov 2025`` for another. As short as it can be, the nearest days are ``Tue``, and those of
    another year only ``2025``.
    """
    if moment is None:
        return ""
    local = moment.astimezone()
    if now is None:
        return f"{DAYS[local.weekday()][:3]} {day_words(moment)}, {clock_text(moment)}"
    today = now.astimezone()
    if local.date() == today.date():
        return clock_text(moment)
    is_short = width < MOMENT_WIDTHS[1]
    if is_short and abs(local.date() - today.date()) <= _WEEK:
        return DAYS[local.weekday()][:3]
    if local.year != today.year:
        return f"{local.year}" if is_short else day_words(moment)
    day = f"{local.day} {MONTHS[local.month][:3]}"
    return f"{day}, {clock_text(moment)}" if width >= MOMENT_WIDTHS[0] else day


def moment_widths(moment: datetime, today: date) -> tuple[int, int, int]:
    """How wide :func:`moment_text` may be on that day where there is room for each of :data:`MOMENT_WIDTHS`."""
    local = moment.astimezone()
    if local.date() == today:
        return (_CLOCK_WIDTH,) * 3
    long, day, short = MOMENT_WIDTHS
    # What is narrower than a date with its year is written as short as can be.
    return (long, short, short) if local.year == today.year else (day, day, short)


def clock_text(moment: datetime) -> str:
    """The time of day of a moment in the user's time zone: ``13:05``."""
    return f"{moment.astimezone():%H:%M}"


def day_words(moment: datetime, zone: tzinfo | None = None) -> str:
    """The day of a time in ``zone`` (the system's if ``None``): ``31 Dec 2026``."""
    return _day(moment.astimezone(zone))


def _day(local: datetime) -> str:
    return f"{local.day} {MONTHS[local.month][:3]} {local.year}"


def day_and_time(moment: datetime | None) -> str:
    """A time in the user's time zone without its weekday, as tables of commands have it: ``25 Nov 2026 13:05``."""
    if moment is None:
        return ""
    # The zone is asked for once, and no format is read: lists of links have thousands of them.
    local = moment.astimezone()
    return f"{_day(local)} {local.hour:02}:{local.minute:02}"


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


def wait_text(seconds: float) -> str:
    """How long one has to wait, never less than that: ``30 s``, ``4 min``, ``1 h``."""
    for length, unit in ((3600, "h"), (60, "min")):
        if seconds > length - 1:
            return f"{ceil(seconds / length):,} {unit}"
    return f"{max(ceil(seconds), 1)} s"


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


def joined(words: Sequence[str]) -> str:
    """Words as they are listed in a sentence: ``a``, ``a and b``, ``a, b and c``."""
    *before, last = words or [""]
    return " and ".join(filter(None, (", ".join(before), last)))


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
