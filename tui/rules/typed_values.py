"""Parsing and checking the fields of a send: password, expiration date, downloads permitted."""

from __future__ import annotations

import re
import secrets
import unicodedata
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from .errors import InvalidValue
from .text import printable

MAX_DOWNLOADS = 1_000_000
MAX_PASSWORD_BYTES = 1024
MAX_YEARS = 10

_SPAN = re.compile(r"(\d+) *([mhdw])", re.IGNORECASE | re.ASCII)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
# What is typed as an expiration besides: words, and months, which have no fixed length.
_EXPIRY_SPAN = re.compile(r"(\d{1,6}) *(min(?:ute)?s?|hours?|days?|weeks?|months?)", re.IGNORECASE | re.ASCII)
# Minutes or months: whoever means so few of one may well get the other.
_UNCLEAR = re.compile(r"0*([1-5]) *m", re.IGNORECASE | re.ASCII)
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,40}))?)?([Zz]|[+-]\d{2}:\d{2})?", re.ASCII
)
_FORMS = "a date (2026-12-31), a date with a time (2026-12-31 17:00), or a span (90min, 36h, 7d, 2w, 1 month)"
# Of up to 40 digits, besides leading zeros: int() refuses thousands of them.
_WHOLE_NUMBER = re.compile(r"[+-]?(?:0{0,59}\d{1,40}|[1-9]\d{0,2}(?:,\d{3}){1,12})", re.ASCII)
# Letters and digits that aren't confused with each other when read aloud or copied by hand.
_ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_OTHERS = "-+=_%"


def parse_span(text: str) -> timedelta:
    """Parse a duration: ``90m``, ``36h``, ``7d``, ``2w``; one that overflows is the longest possible. Raises
    :class:`InvalidValue`.
    """
    match = _SPAN.fullmatch(text.strip())
    if not match:
        raise InvalidValue(
            "span.unknown", f"{_shown(text)} is not a span of time; write one like 90m, 36h, 7d or 2w."
        )
    try:
        return _UNITS[match[2].lower()] * int(match[1].lstrip("0") or "0")
    except (OverflowError, ValueError):  # ValueError: int() refuses thousands of digits
        return timedelta.max


def _shown(text: str) -> str:
    text = text.strip()
    return printable(text if len(text) <= 60 else text[:59] + "…") or "An empty value"


def _refuse(code: str, message: str) -> InvalidValue:
    return InvalidValue(code, message, "expires")


def _local(naive: datetime, zone: tzinfo | None) -> datetime:
    return (naive.replace(tzinfo=zone) if zone else naive.astimezone()).astimezone(UTC)


def end_of_day(day: date, zone: tzinfo | None = None) -> datetime:
    """The last second (UTC) of a day in ``zone`` (the system's time zone if ``None``).

    If clocks are set back over midnight, that second occurs twice: the later one ends the day.
    """
    last = datetime.combine(day, time(23, 59, 59))
    return max(_local(last, zone), _local(last.replace(fold=1), zone))


def _day(text: str, now: datetime) -> date:
    day = date.fromisoformat(text)
    # Dates at either end of the calendar can't be converted between time zones.
    if day.year < now.year - 1:
        raise _past(text)
    if day.year > now.year + MAX_YEARS + 1:
        raise _too_far(text)
    return day


def _months_later(now: datetime, months: int, zone: tzinfo | None) -> datetime:
    """The same time of day that many months later in ``zone``, on the month's last day if it has no such day."""
    local = now.astimezone(zone)
    years, month = divmod(local.month - 1 + months, 12)
    year = local.year + years
    if year > now.year + MAX_YEARS + 1:
        raise OverflowError
    day = min(local.day, monthrange(year, month + 1)[1])
    return _local(local.replace(year=year, month=month + 1, day=day, tzinfo=None), zone)


def _span_later(number: int, unit: str, now: datetime, zone: tzinfo | None) -> datetime:
    if unit.startswith("mo"):
        return _months_later(now, number, zone)
    return now + _UNITS[unit[0]] * number


def spelled_out(span: str) -> str:
    """A span as :func:`parse_span` takes it, spelled so that :func:`parse_expiry` takes it, too: ``5min`` for
    ``5m``."""
    return re.sub(r"[mM]$", "min", span.strip())


def _parse(text: str, now: datetime, zone: tzinfo | None) -> datetime:
    if match := _UNCLEAR.fullmatch(text):
        minutes = "1 minute" if match[1] == "1" else f"{match[1]} minutes"
        raise _refuse("expires.unclear", f"{minutes} or a month? {match[1]}min, 1 month.")
    if match := _EXPIRY_SPAN.fullmatch(text):
        return _span_later(int(match[1]), match[2].lower(), now, zone)
    if match := _SPAN.fullmatch(text):
        return now + parse_span(text)
    if match := _DATE.fullmatch(text):
        return end_of_day(_day(text, now), zone)
    if match := _MOMENT.fullmatch(text):
        day, hour, minute, second, fraction, offset = match.groups()
        naive = datetime.combine(
            _day(day, now),
            time(int(hour), int(minute), int(second or 0), int((fraction or "0").ljust(6, "0")[:6])),
        )
        if offset is None:
            return _local(naive, zone)
        return datetime.fromisoformat(naive.isoformat() + offset.upper()).astimezone(UTC)
    raise _refuse("expires.unknown", f"{_shown(text)} can't be read as a date; write {_FORMS}.")


def parse_expiry(text: str, now: datetime, zone: tzinfo | None = None) -> datetime:
    """Parse a typed expiration into a time (UTC).

    A date means the end of that day, a date with a time that minute, both in ``zone`` (the system's time zone if
    ``None``); an RFC 3339 time is used as it is; a duration (``90m``, ``7 days``, ``1 month``) counts from ``now``.
    Raises :class:`InvalidValue` for anything else, for a past time, for one over ten years away, and for ``1m`` to
    ``5m``, which may be meant as months.
    """
    text = text.strip()
    try:
        moment = _parse(text, now, zone)
    except OverflowError:  # a duration that leads beyond the calendar
        raise _too_far(_shown(text)) from None
    except ValueError:
        raise _refuse(
            "expires.unknown", f"{_shown(text)} is a date that doesn't exist; write {_FORMS}."
        ) from None
    check_expiry(moment, now, shown=text)
    return moment


def _past(shown: str) -> InvalidValue:
    return _refuse("expires.past", f"{shown} is in the past; give a later date.")


def _too_far(shown: str) -> InvalidValue:
    return _refuse("expires.too_far", f"{shown} is over {MAX_YEARS} years away; give an earlier date.")


def check_expiry(moment: datetime, now: datetime, shown: str = "") -> None:
    """Raise :class:`InvalidValue` if ``moment`` is past or over ten years away."""
    shown = _shown(shown or moment.isoformat())
    if moment <= now:
        raise _past(shown)
    try:
        limit = now.replace(year=now.year + MAX_YEARS)
    except ValueError:  # 29 February
        limit = now.replace(year=now.year + MAX_YEARS, day=28)
    if moment > limit:
        raise _too_far(shown)


_SIZE = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,3}))?\s*([kmgt]?)(i?)b?", re.IGNORECASE)


def parse_size(text: str) -> int:
    """Parse a size such as ``5MB``, ``1.5 GiB`` or ``800`` into bytes. Raises :class:`InvalidValue`."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise InvalidValue(
            "size.unknown", f"{printable(text)} isn't a size; write one like 5MB or 800kB.", "size"
        )
    whole, thousandths, unit, binary = match.groups()
    power = " kmgt".index(unit.lower() or " ")
    # Without floating-point numbers, which would make 4,099,999 bytes of 4.1 MB.
    number = int(whole + (thousandths or "").ljust(3, "0"))
    factor: int = (1024 if binary else 1000) ** power
    return number * factor // 1000


def parse_whole_number(text: str) -> int | None:
    """The whole number that ``text`` is, also with its digits in groups as the program prints them: ``1,000``; else
    ``None``."""
    text = text.strip()
    return int(text.replace(",", "")) if _WHOLE_NUMBER.fullmatch(text) else None


def parse_downloads(text: str) -> int:
    """Parse a typed download limit. Raises :class:`InvalidValue` unless it is a whole number in range."""
    number = parse_whole_number(text)
    if number is None:
        raise InvalidValue(
            "downloads.unknown",
            f"{_shown(text.strip())} can't be read as a number of downloads; give a whole number from 1 to 1,000,000.",
            "downloads",
        )
    check_downloads(number)
    return number


def check_downloads(number: int) -> None:
    """Raise :class:`InvalidValue` unless ``number`` is from 1 to 1,000,000."""
    if not 1 <= number <= MAX_DOWNLOADS:
        raise InvalidValue(
            "downloads.out_of_range",
            f"{number:,} downloads are out of range; give a whole number from 1 to 1,000,000.",
            "downloads",
        )


def check_password(password: str) -> None:
    """Raise :class:`InvalidValue` if ``password`` is invalid regardless of the policy."""
    if not password:
        raise InvalidValue("password.empty", "The password is empty; type one.", "password")
    if any(unicodedata.category(c) in ("Cc", "Cs") for c in password):
        raise InvalidValue(
            "password.control_character", "The password contains a control character; remove it.", "password"
        )
    if len(password.encode()) > MAX_PASSWORD_BYTES:
        raise InvalidValue(
            "password.too_long", f"The password is over {MAX_PASSWORD_BYTES} bytes; shorten it.", "password"
        )


def without_line_break(text: str) -> str:
    """``text`` without one trailing line break, which standard input and forms add to a password."""
    if text.endswith("\r\n"):
        return text[:-2]
    return text[:-1] if text.endswith(("\n", "\r")) else text


def generate_link_password(least: int | None) -> str:
    """Generate a password of 20 characters, or of the policy's ``least`` if that is more."""
    return generate_password(max(20, least or 0))


def generate_password(length: int = 20) -> str:
    """Generate a strong password (over 110 bits at 20 characters) with all four kinds of characters."""
    length = max(length, 12)
    while True:
        drawn = [secrets.choice(_ALPHABET) for _ in range(length)]
        for place in range(5, length - 1, 6):
            drawn[place] = secrets.choice(_OTHERS)
        text = "".join(drawn)
        if (
            any(c.islower() for c in text)
            and any(c.isupper() for c in text)
            and any(c.isdigit() for c in text)
        ):
            return text
