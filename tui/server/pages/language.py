"""A language of the recipients' pages: its sentences, and its formats for sizes, times and time spans (CLDR)."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_skeleton, format_timedelta, get_timezone_location
from babel.numbers import format_decimal
from babel.units import format_unit

from .kinds import kind_of

_Unit = Literal["day", "hour", "minute", "second"]
_UNITS = ("kilobyte", "megabyte", "gigabyte", "terabyte")
#: A threshold larger than any span, so that the unit is the requested one.
_NO_LARGER_UNIT = 1e12
_SPANS: dict[_Unit, int] = {"day": 86400, "hour": 3600, "minute": 60, "second": 1}
#: A unit is used for spans of at least this many of it.
_AT_LEAST = 2
_CATEGORIES = ("zero", "one", "two", "few", "many", "other")
#: Languages that join a day and a time by a word, where the library has a comma or a blank.
_DAY_AND_TIME = {"fr": "{1} à {0}", "pt": "{1} às {0}"}
#: How these write the first day of a month; the library has a plain number in each language.
_FIRST_DAY = {"fr": "1er", "it": "1º", "pt_BR": "1º"}
#: What separates the parts of a text, and what encloses one, by language; else a comma and a blank, and brackets.
_COMMAS = {"ja": "、", "zh": "，"}
_FULL_WIDTH = "（{}）"
#: A blank between a number and an East Asian word: the library has some, these languages none.
_BLANK = re.compile(r"(?<=[0-9])\s(?=[\u3040-\u30ff\u4e00-\u9fff])")
#: Texts of each kind that are kept: writing one takes longer than all else on its page, and many pages show the same.
_KEPT = 1024


class Language:
    """``tag`` is its BCP 47 tag; ``sentences`` maps the English sentences to its own, ``plurals`` those for one thing
    to the forms for each category of numbers that it has, in the order of :data:`_CATEGORIES`."""

    def __init__(
        self,
        tag: str,
        locale: Locale,
        sentences: Mapping[str, str],
        plurals: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.tag = tag
        self.direction = locale.text_direction
        self._locale = locale
        self._sentences = sentences
        categories = categories_of(locale)
        self._plurals = {
            singular: dict(zip(categories, forms, strict=True)) for singular, forms in (plurals or {}).items()
        }

    def gettext(self, message: str) -> str:
        """The translation of the sentence; the sentence itself if it has none."""
        return self._sentences.get(message) or message

    def text(self, message: str, **values: object) -> str:
        """The translation of the sentence with ``values`` filled in, as plain text."""
        return self.gettext(message) % values

    def plural(self, singular: str, plural: str, count: int) -> str:
        """The sentence for ``count`` (which it may contain as ``%(count)s``), in the form that the number needs."""
        forms = self._plurals.get(singular)
        english = singular if count == 1 else plural
        sentence = english if forms is None else forms[self._locale.plural_form(count)]
        return sentence % {"count": format_decimal(count, locale=self._locale)}

    def kind_of(self, extension: str) -> str:
        """The name of the file type with ``extension`` (without its dot)."""
        return self.text(kind_of(extension), extension=extension.upper())

    def write_size(self, size: int, *, exact: bool = True) -> str:
        """``3.0 MB (3,000,000 bytes)``; without ``exact`` only ``3.0 MB``."""
        return _size(self._locale, size, exact)

    def write_moment(self, moment: datetime, zone: tzinfo = UTC) -> str:
        """``3 December 2026, 14:05 UTC``, or in another zone ``3 December 2026, 15:05 (Berlin) · 14:05 UTC``."""
        return " · ".join(filter(None, self.write_moment_in_parts(moment, zone)))

    def write_moment_in_parts(self, moment: datetime, zone: tzinfo = UTC) -> tuple[str, str]:
        """The moment in ``zone`` with its place, and in UTC; the latter is empty if ``zone`` is UTC itself."""
        return _moment(self._locale, moment.astimezone(UTC).replace(second=0, microsecond=0), zone)

    @property
    def comma(self) -> str:
        """What separates the parts of a text."""
        return _COMMAS.get(self._locale.language, ", ")

    def join(self, *parts: str) -> str:
        """The parts that aren't empty, with a comma between them."""
        return self.comma.join(filter(None, parts))

    def write_when(self, span: timedelta | int) -> str:
        """``in 7 days``, ``in 2 seconds``: a span (or number of seconds) from now, rounded up."""
        seconds = math.ceil(span.total_seconds()) if isinstance(span, timedelta) else span
        unit: _Unit = next((u for u, length in _SPANS.items() if seconds >= _AT_LEAST * length), "second")
        return _when(self._locale, max(1, math.ceil(seconds / _SPANS[unit])), unit)


def categories_of(locale: Locale) -> list[str]:
    """The categories of numbers that ask for forms of their own, as CLDR has them for a language."""
    has = {*locale.plural_form.tags, "other"}
    return [category for category in _CATEGORIES if category in has]


@lru_cache(_KEPT)
def _size(locale: Locale, size: int, exact: bool) -> str:
    # With a normal space, the unit can wrap to the next line on a narrow page.
    whole = format_unit(size, "digital-byte", "long", locale=locale).replace("\xa0", " ")
    if locale.script == "Hant":
        # The library has no word for it.
        whole = whole.replace("byte", "位元組")
    whole = _BLANK.sub("", whole)
    if size < 1000:
        return whole
    amount, units = size / 1000, list(_UNITS)
    while amount >= 999.5 and len(units) > 1:
        amount, units = amount / 1000, units[1:]
    form = "#,##0.0" if amount < 10 else "#,##0"
    short = format_unit(amount, f"digital-{units[0]}", "short", format=form, locale=locale)
    return f"{short}{_in_brackets(locale, whole)}" if exact else short


@lru_cache(_KEPT)
def _moment(locale: Locale, moment: datetime, zone: tzinfo) -> tuple[str, str]:
    """``moment`` is in UTC, and a whole minute."""
    if not isinstance(zone, ZoneInfo):
        return f"{_day_and_time(locale, moment)} UTC", ""
    local = moment.astimezone(zone)
    same_day = local.date() == moment.date()
    in_utc = _time(moment) if same_day else _day_and_time(locale, moment)
    place = get_timezone_location(zone, locale=locale, return_city=True)
    return _day_and_time(locale, local) + _in_brackets(locale, place), f"{in_utc} UTC"


@lru_cache(_KEPT)
def _when(locale: Locale, number: int, unit: _Unit) -> str:
    when = format_timedelta(
        timedelta(seconds=number * _SPANS[unit]),
        granularity=unit,
        threshold=_NO_LARGER_UNIT,
        add_direction=True,
        locale=locale,
    )
    return _BLANK.sub("", when)


def _in_brackets(locale: Locale, text: str) -> str:
    """``text`` in brackets, to be put behind another."""
    return _FULL_WIDTH.format(text) if locale.language in _COMMAS else f" ({text})"


def _time(moment: datetime) -> str:
    return f"{moment:%H:%M}"


def _day_and_time(locale: Locale, moment: datetime) -> str:
    day = format_skeleton("yMMMMd", moment, tzinfo=moment.tzinfo, locale=locale)
    if moment.day == 1:
        day = re.sub(r"^1\b", _FIRST_DAY.get(str(locale), "1"), day)
    pattern = _DAY_AND_TIME.get(locale.language) or str(locale.datetime_formats["medium"])
    return pattern.format(_time(moment), day)
