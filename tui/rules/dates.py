"""When links expire: spans, the limits of an expiration, and how it is written. ``typed_dates`` reads what is typed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from .display import DAYS, MONTHS, day_words
from .errors import InvalidValue
from .text import printable

MAX_YEARS = 10
#: The longest part of what was typed that a message repeats.
_MOST_SHOWN = 60

_SPAN = re.compile(
    r"(\d+) *(?:(m)(?:in(?:ute)?s?)?|(h)(?:ours?)?|(d)(?:ays?)?|(w)(?:eeks?)?)", re.IGNORECASE | re.ASCII
)
#: The units of a span, by their letters.
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def parse_span(text: str) -> timedelta:
    """Parse a duration: ``90m``, ``36h``, ``7d``, ``2w``, ``30 days``; one that overflows is the longest possible.
    Raises :class:`InvalidValue`.
    """
    parts = _parts(text)
    if parts is None:
        raise InvalidValue(
            "span.unknown", f"{shown(text)} is not a span of time; write one like 90m, 36h, 7d or 2w."
        )
    try:
        return UNITS[parts[1]] * int(parts[0].lstrip("0") or "0")
    except (OverflowError, ValueError):  # ValueError: int() refuses thousands of digits
        return timedelta.max


def _parts(span: str) -> tuple[str, str] | None:
    """The number and the unit's letter of a span; ``None`` if it is none."""
    match = _SPAN.fullmatch(span.strip())
    return None if match is None else (match[1], next(filter(None, match.groups()[1:])).lower())


def short_span(span: str) -> str:
    """A span as it is kept, which every version of the program reads: ``30d`` for ``30 days``."""
    parts = _parts(span)
    return span if parts is None else "".join(parts)


_UNIT_NAMES = {"m": "minute", "h": "hour", "d": "day", "w": "week"}


def span_text(span: str) -> str:
    """A span as :func:`parse_span` takes it, as people say it: ``7 days`` for ``7d``."""
    parts = _parts(span)
    if parts is None:
        return span
    number = parts[0].lstrip("0") or "0"
    return f"{number} {_UNIT_NAMES[parts[1]]}{'' if number == '1' else 's'}"


def spelled_out(span: str) -> str:
    """A span as :func:`parse_span` takes it, spelled so that ``typed_dates.parse_expiry`` takes it, too: ``5min`` for
    ``5m``."""
    return re.sub(r"[mM]$", "min", span.strip())


def check_expiry(moment: datetime, now: datetime, typed: str = "") -> None:
    """Raise :class:`InvalidValue` if ``moment`` is past or over ten years away."""
    text = shown(typed or moment.isoformat())
    if moment <= now:
        raise past(text)
    try:
        limit = now.replace(year=now.year + MAX_YEARS)
    except ValueError:  # 29 February
        limit = now.replace(year=now.year + MAX_YEARS, day=28)
    if moment > limit:
        raise too_far(text)


def end_of_day(day: date, zone: tzinfo | None = None) -> datetime:
    """The last second (UTC) of a day in ``zone`` (the system's time zone if ``None``).

    If clocks are set back over midnight, that second occurs twice: the later one ends the day.
    """
    last = datetime.combine(day, time(23, 59, 59))
    return max(utc(last, zone), utc(last.replace(fold=1), zone))


def day_text(day: date) -> str:
    """``4 December 2026``."""
    return f"{day.day} {MONTHS[day.month]} {day.year}"


def day_heading(moment: datetime, now: datetime) -> str:
    """The day of a moment in the user's time zone: ``Today``, ``Yesterday``, ``Monday 30 November 2026``."""
    day = moment.astimezone().date()
    days = (now.astimezone().date() - day).days
    if days in (0, 1):
        return ("Today", "Yesterday")[days]
    return f"{DAYS[day.weekday()]} {day_text(day)}"


def expiry_texts(moment: datetime, zone: tzinfo | None = None) -> list[str]:
    """An expiration in words, the longest wording first: ``until Fri 4 December 2026, end of the day (CET)``. ``zone``
    is the system's time zone if ``None``."""
    local = moment.astimezone(zone)
    is_end = local.time().replace(microsecond=0) == time(23, 59, 59)
    clock = "end of the day" if is_end else f"{local:%H:%M}"
    short_clock = "end of day" if is_end else clock
    short = f"{DAYS[local.weekday()][:3]} {day_words(moment, zone)}"
    return [
        f"until {DAYS[local.weekday()][:3]} {day_text(local.date())}, {clock} ({local:%Z})",
        f"until {short}, {short_clock}",
        *([f"until end of {short}"] if is_end else []),
        short if is_end else f"{short} {clock}",
    ]


def clear_moment(moment: datetime, zone: tzinfo | None = None) -> str:
    """A time that is clear in every time zone: ``Thursday 31 December 2026, 23:59 (CET, UTC+01:00)``."""
    local = moment.astimezone(zone)
    offset = local.strftime("%z")
    # Some zones have no name of their own, but their offset.
    name = f"{local:%Z}, " if local.strftime("%Z").isalpha() and offset != "+0000" else ""
    day = f"{DAYS[local.weekday()]} {day_text(local.date())}"
    return f"{day}, {local:%H:%M} ({name}UTC{f'{offset[:3]}:{offset[3:5]}' if offset != '+0000' else ''})"


def typed_text(moment: datetime, zone: tzinfo | None = None) -> str:
    """What has to be typed for an expiration, to the minute: ``31 Dec 2026 17:00``; only the day for its end."""
    local = moment.astimezone(zone)
    is_end = moment.replace(microsecond=0) == end_of_day(local.date(), zone)
    return day_words(moment, zone) if is_end else f"{day_words(moment, zone)} {local:%H:%M}"


def shown(text: str) -> str:
    """What was typed, as a message repeats it: printable and not too long."""
    text = text.strip()
    cut = text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + "…"
    return printable(cut) or "An empty value"


def refusal(code: str, message: str) -> InvalidValue:
    """What is wrong with an expiration; ``code`` without its beginning."""
    return InvalidValue(f"expires.{code}", message, "expires")


def past(text: str) -> InvalidValue:
    """What was typed is past."""
    return refusal("past", f"{text} is in the past; give a later date.")


def too_far(text: str) -> InvalidValue:
    """What was typed is over ten years away."""
    return refusal("too_far", f"{text} is over {MAX_YEARS} years away; give an earlier date.")


def utc(naive: datetime, zone: tzinfo | None) -> datetime:
    """A local time of ``zone`` (the system's time zone if ``None``) in UTC."""
    return (naive.replace(tzinfo=zone) if zone else naive.astimezone()).astimezone(UTC)
