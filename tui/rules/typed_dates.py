"""Expirations as people type them: an exact list of forms, and nothing that could be read in two ways."""

from __future__ import annotations

import re
from calendar import day_name, month_name, monthrange
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from . import dates
from .errors import InvalidValue
from .typed_times import TIME, clock, in_digits, is_dotted_time, is_only_a_time
from .typed_values import says_none

#: The units of an expiration, the longest first; months and years have no fixed length.
_UNIT = {
    "y": "y|years?",
    "mo": "months?",
    "w": "w|weeks?",
    "d": "d|days?",
    "h": "h|hours?",
    "m": "m|min(?:ute)?s?",
}
_LATER = re.compile(
    "(?:in )?" + " ?".join(rf"(?:(?P<{name}>\d+) ?(?:{forms}))?" for name, forms in _UNIT.items()), re.ASCII
)
#: A day of the month, as in ``31``, ``31st`` and ``31.``; the suffix is not checked.
_DAY_NUMBER = r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?"
_RFC3339 = re.compile(
    r"(\d{4}-\d{2}-\d{2})[t ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,40}))?)?(z|[+-]\d{2}:\d{2})?", re.ASCII
)
_WEEKDAYS = [name.lower() for name in day_name]
_MONTHS = [name.lower() for name in month_name]
_ABBREVIATED: Final = {"eom": "end of month", "eoy": "end of year"}
_FORMS = "friday, 7d, 31 Dec 2026 or 2026-12-31 17:00"


def parse_expiry(text: str, now: datetime, zone: tzinfo | None = None) -> datetime:
    """Parse a typed expiration into a time (UTC).

    A day means its end, a day with a time that minute, both in ``zone`` (the system's time zone if ``None``): a date
    with or without its year (the next one), ``today``, ``tonight``, ``friday`` (the next one after today), ``this
    friday`` (if it is still to come in this week), ``next friday`` (that of next week), ``end of month``. An RFC 3339
    time is used as it is; a span (``90m``, ``30d 12h``, ``1 month``) counts from ``now``. Raises
    :class:`InvalidValue` for anything else, for what can be read in two ways, for a past time, and for one over ten
    years away.
    """
    text = text.strip()
    try:
        moment = _Reader(now, zone, text).moment()
    except OverflowError:  # beyond the calendar
        raise dates.too_far(dates.shown(text)) from None
    except ValueError:
        raise dates.refusal(
            "no_such_date", f"{dates.shown(text)} is a date that doesn't exist. Try {_FORMS}."
        ) from None
    dates.check_expiry(moment, now, text)
    return moment


def _number(digits: str | None) -> int:
    """The value of digits, however many; 0 for none. Raises :class:`OverflowError` for more than a calendar needs."""
    digits = (digits or "").lstrip("0")
    if len(digits) > 9:
        raise OverflowError
    return int(digits or "0")


class _Reader:
    """Reads one text at one moment. Methods for a kind of form return ``None`` for any other form."""

    def __init__(self, now: datetime, zone: tzinfo | None, text: str) -> None:
        self._now, self._zone, self._typed = now, zone, text
        self._text = re.sub(r",? +|,$", " ", text.lower()).strip()
        self._here = now.astimezone(zone)
        self._today = self._here.date()

    def moment(self) -> datetime:
        for read in (self._later, self._rfc3339, self._day_and_time):
            found = read()
            if found is not None:
                return found
        if self._lacks_digits():
            raise dates.refusal(
                "short_year",
                f"{dates.shown(self._typed)}: the year needs four digits, as in {self._today.year}.",
            )
        more = "; write never for links that don't expire." if says_none(self._typed) else f". Try {_FORMS}."
        raise dates.refusal("unknown", f"{dates.shown(self._typed)} can't be read as a date{more}")

    def _lacks_digits(self) -> bool:
        """Whether it would be a date if its year had four digits."""
        month = "|".join(form for name in _MONTHS if name for form in (name, name[:3], *_USUAL.get(name, ())))
        day = r"\d{1,2}(?:st|nd|rd|th|\.)?"
        date = "|".join(
            (
                r"\d{1,2}([-/.]) ?\d{1,2}\1 ?'?\d{2}",
                rf"(?:{day}[ -]?(?:{month})|(?:{month})\.?[ -]?{day})\.?(?:[ -]'?|')\d{{2}}",
            )
        )
        weekday = "|".join(name[:3] for name in _WEEKDAYS)
        form = rf"(?:(?:{weekday})[a-z]*\.? )?(?:{date})(?:[ t](?:at )?{TIME.pattern})?"
        return re.fullmatch(form, self._text, re.ASCII) is not None

    # ------------------------------------------------------------ spans and RFC 3339

    def _later(self) -> datetime | None:
        match = _LATER.fullmatch(in_digits(self._text))
        if match is None or not any(match.groups()):
            return None
        units = match.groupdict()
        minutes = (units["m"] or "").lstrip("0")
        if (
            re.fullmatch("[1-5]", minutes)
            and units["h"] is None
            and self._text[-2:].strip("0123456789 ") == "m"
        ):
            ending = "" if minutes == "1" else "s"
            raise dates.refusal(
                "unclear",
                f"{minutes} minute{ending} or {minutes} month{ending}? Write {minutes}min or {minutes} month{ending}.",
            )
        months = 12 * _number(units["y"]) + _number(units["mo"])
        begin = self._months_later(months) if months else self._now
        return begin + sum((each * _number(units[name]) for name, each in dates.UNITS.items()), timedelta())

    def _months_later(self, months: int) -> datetime:
        """The same time of day that many months later, on the month's last day if it has no such day."""
        years, month = divmod(self._here.month - 1 + months, 12)
        year = self._here.year + years
        if year > self._now.year + dates.MAX_YEARS + 1:
            raise OverflowError
        day = min(self._here.day, monthrange(year, month + 1)[1])
        return dates.utc(self._here.replace(year=year, month=month + 1, day=day, tzinfo=None), self._zone)

    def _rfc3339(self) -> datetime | None:
        match = _RFC3339.fullmatch(self._text)
        if match is None:
            return None
        day, hour, minute, second, fraction, offset = match.groups()
        here = self._near(date.fromisoformat(day))
        with self._existing_time():
            clock = time(int(hour), int(minute), int(second or 0), int((fraction or "0").ljust(6, "0")[:6]))
        naive = datetime.combine(here, clock)
        if offset is None:
            return dates.utc(naive, self._zone)
        return datetime.fromisoformat(naive.isoformat() + offset.upper()).astimezone(UTC)

    # ------------------------------------------------------------ a day, and perhaps a time

    def _day_and_time(self) -> datetime | None:
        if (day := self._day(self._text)) is not None:
            return dates.end_of_day(day, self._zone)
        # Of times that fit, such as 5 pm and 31 5 pm, the one is right that leaves a day.
        for match in re.finditer(rf"(?:^|(?<=\S)[ t])(?:at )?(?={TIME.pattern}$)", self._text, re.ASCII):
            day = self._day(self._text[: match.start()]) if match.start() else self._today
            if day is not None:
                return self._at(day, self._text[match.end() :])
        # With the time first, a dot is that of a date: 5.12 friday.
        if (first := re.match(rf"({TIME.pattern}) (?:on )?", self._text, re.ASCII)) and "." not in first[1]:
            day = self._day(self._text[first.end() :])
            if day is not None:
                return self._at(day, first[1])
        return self._midnight()

    def _at(self, day: date, typed: str) -> datetime | None:
        match = TIME.fullmatch(typed)
        if match is None:
            return None
        with self._existing_time():
            time_of_day = clock(match)
        return dates.utc(datetime.combine(day, time_of_day), self._zone)

    def _midnight(self) -> datetime | None:
        """The midnight that is still to come today; that of another day is its beginning or its end."""
        match = re.fullmatch(r"(?:(.+?) (?:at )?)?midnight", self._text)
        day = None if match is None else self._day(match[1]) if match[1] else self._today
        if day is None:
            return None
        if day != self._today:
            spelled = f"{day.day} {month_name[day.month][:3]} {day.year}"
            raise self._refused_as_unclear("its beginning", "its end", f"{spelled} 0:00", spelled)
        return dates.end_of_day(day, self._zone)

    @contextmanager
    def _existing_time(self) -> Iterator[None]:
        """Within it, :class:`ValueError` is that of a time that doesn't exist."""
        try:
            yield
        except ValueError:
            raise dates.refusal(
                "no_such_time",
                f"{dates.shown(self._typed)} has a time that doesn't exist. Times are like 17:00 or 5pm.",
            ) from None

    def _day(self, text: str) -> date | None:
        """The day of a text without a time; ``None`` if it is none."""
        readers: tuple[Callable[[str], date | None], ...] = (self._named, self._numbers, self._with_month)
        for read in readers:
            found = read(text)
            if found is not None:
                return self._near(found)
        return self._after_weekday(text)

    def _near(self, day: date) -> date:
        """``day`` itself; days at either end of the calendar can't be converted between time zones."""
        if day.year < self._now.year - 1:
            raise dates.past(dates.shown(self._typed))
        if day.year > self._now.year + dates.MAX_YEARS + 1:
            raise dates.too_far(dates.shown(self._typed))
        return day

    def _named(self, text: str) -> date | None:
        today = self._today
        if text in ("today", "tonight", "eod", "tomorrow"):
            return today + timedelta(days=text == "tomorrow")
        if text == "yesterday":
            raise dates.past(dates.shown(self._typed))
        text = _ABBREVIATED.get(text, text)
        if match := re.fullmatch(r"end of (?:(?:(?:the|this) )?(day|month|year)|next (month|year))", text):
            return self._end_of(match[1] or match[2], later=match[1] is None)
        if match := re.fullmatch(r"(next )?([a-z]+)", text):
            weekday = _index(match[2], _WEEKDAYS)
            if weekday is not None:
                ahead = (weekday - today.weekday() - 1) % 7 + 1
                # Weeks begin on Monday.
                in_next_week = 7 - today.weekday() + weekday
                return today + timedelta(days=in_next_week if match[1] else ahead)
        return self._unclear(text)

    def _end_of(self, unit: str, *, later: bool) -> date:
        """The last day of this day, month or year, or of the one after it."""
        today = self._today
        if unit == "day":
            return today
        month = 12 if unit == "year" else today.month
        year = today.year + (later and unit == "year")
        if later and unit == "month":
            year, month = today.year + month // 12, month % 12 + 1
        return date(year, month, monthrange(year, month)[1])

    def _unclear(self, text: str) -> date | None:
        """A weekday of this week that is still to come. What people read in two ways is refused, with what to type for
        each; anything else is ``None``."""
        today = self._today
        # Weeks begin on Monday.
        monday = today - timedelta(days=today.weekday())
        if match := re.fullmatch(r"(?:end of (?:(?:the|this) )?week|eow|(end of next week))", text):
            friday = monday + timedelta(days=11 if match[1] else 4)
            if friday < today:
                # Only one of them is still to come.
                return friday + timedelta(days=2)
            raise self._refused_as_unclear(
                *(f"{day_name[day.weekday()]} {day.day} {month_name[day.month]}" for day in _weekend(friday)),
                *(f"{day.day} {month_name[day.month][:3]}" for day in _weekend(friday)),
            )
        if match := re.fullmatch(r"next (week|month|year)", text):
            later = {"week": "7d", "month": "1 month", "year": "1y"}[match[1]]
            last = {"week": "next sunday", "month": "end of next month", "year": "end of next year"}[match[1]]
            raise self._refused_as_unclear(f"a {match[1]} from now", "its end", later, last)
        if match := re.fullmatch(r"this ([a-z]+)", text):
            weekday = _index(match[1], _WEEKDAYS)
            if weekday is None:
                return None
            day, name = monday + timedelta(days=weekday), day_name[weekday].lower()
            if day == today:
                after = day + timedelta(days=7)
                other = f"{after.day} {month_name[after.month]}"
                raise self._refused_as_unclear("today", other, "today", name)
            if day < today:
                raise dates.refusal(
                    "past", f"{dates.shown(self._typed)} is in the past; write {name} for the next one."
                )
            return day
        return None

    def _refused_as_unclear(self, one: str, other: str, write: str, or_write: str) -> InvalidValue:
        return dates.refusal(
            "ambiguous", f"{dates.shown(self._typed)} may be {one} or {other}. Write {write} or {or_write}."
        )

    def _numbers(self, text: str) -> date | None:
        """A date in digits. Which is the day and which the month is known by the order (2026-12-31, 12-31), by the dots
        (31.12.), or since only one of them can be a month (31/12/2026)."""
        if match := re.fullmatch(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})", text, re.ASCII):
            return date(int(match[1]), int(match[3]), int(match[4]))
        if is_only_a_time(text):
            return None
        if match := re.fullmatch(r"(\d{1,2})\. ?(\d{1,2})(?:\.? ?(\d{4})|\.)?", text, re.ASCII):
            return self._dated(int(match[1]), int(match[2]), match[3])
        if match := re.fullmatch(r"(\d{1,2})-(\d{1,2})", text, re.ASCII):
            return self._dated(int(match[2]), int(match[1]), None)
        if match := re.fullmatch(r"(\d{1,2})([-/])(\d{1,2})(?:\2(\d{4}))?", text, re.ASCII):
            return self._only_reading(int(match[1]), int(match[3]), match[4])
        return None

    def _only_reading(self, one: int, other: int, year: str | None) -> date:
        found = []
        for day, month in dict.fromkeys([(one, other), (other, one)]):
            try:
                found.append(self._dated(day, month, year))
            except ValueError:
                continue
        if not found:
            raise ValueError
        if len(found) > 1:
            readings = [f"{each.day} {month_name[each.month]}" for each in found]
            # Without the year that was typed, it might be read as that of another one.
            end = "" if year is None else f" {year}"
            write = " or ".join(f"{each.day} {month_name[each.month][:3]}{end}" for each in found)
            raise dates.refusal(
                "ambiguous",
                f"{dates.shown(self._typed)} may be {readings[0]} or {readings[1]}. Write {write}.",
            )
        return found[0]

    def _with_month(self, text: str) -> date | None:
        """A date with the month's name: 31 Dec 2026, Dec 31, 31st December."""
        day_first = rf"{_DAY_NUMBER}[ -]?(?P<month>[a-z]+)\.?"
        month_first = rf"(?P<month>[a-z]+)\.?[ -]?{_DAY_NUMBER}"
        for form in (day_first, month_first):
            if match := re.fullmatch(rf"{form}(?:[ -](?P<year>\d{{4}}))?", text, re.ASCII):
                month = _index(match["month"], _MONTHS)
                if month is not None:
                    return self._dated(int(match["day"]), month, match["year"])
        return None

    def _after_weekday(self, text: str) -> date | None:
        """A date behind its weekday, which must be right."""
        word, _, rest = text.partition(" ")
        weekday = _index(word.removesuffix("."), _WEEKDAYS)
        if weekday is None or not rest:
            return None
        day = self._numbers(rest) or self._with_month(rest)
        if day is not None and day.weekday() != weekday:
            name, typed = day_name[day.weekday()], day_name[weekday]
            # As the day of a month it may be meant, or as a time.
            or_time = f", or {word} {rest.replace('.', ':')} for the time" if is_dotted_time(rest) else ""
            raise dates.refusal(
                "weekday", f"{dates.day_text(day)} is a {name}, not a {typed}; give one of them{or_time}."
            )
        return day

    def _dated(self, day: int, month: int, year: str | None) -> date:
        """A day of a year, without one of the next year in which it is to come. Raises :class:`ValueError` if there is
        no such day."""
        if year is not None:
            return date(int(year), month, day)
        for each in range(self._today.year, self._today.year + 9):
            if day <= monthrange(each, month)[1] and date(each, month, day) >= self._today:
                return date(each, month, day)
        raise ValueError


def _weekend(friday: date) -> tuple[date, date]:
    return friday, friday + timedelta(days=2)


def _index(word: str, names: list[str]) -> int | None:
    """The index of a name, written in full or as its first three letters (``sept`` and ``tues``, ``thur``, ``thurs``
    are usual, too)."""
    for index, name in enumerate(names):
        if name and (word == name or word == name[:3] or word in _USUAL.get(name, ())):
            return index
    return None


_USUAL: Final = {
    "september": ("sept",),
    "tuesday": ("tues",),
    "wednesday": ("weds",),
    "thursday": ("thur", "thurs"),
}
