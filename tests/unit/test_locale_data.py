"""What is kept of a language's data is enough: everything is written as with all of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from babel import Locale, localedata
from babel.core import get_global

import tui.server.pages.language
from tests.support.checks.long import some
from tui.server.pages import locale_data
from tui.server.pages.language import Language
from tui.server.pages.languages import NAMES, language

_ZONES = [ZoneInfo(name) for name in sorted(available_timezones())]
_SIZES = (0, 1, 999, 1000, 9_950, 12_345, 999_500, 10**8, 3 * 10**9, 7 * 10**12)
_SPANS = (1, 2, 59, 119, 120, 3_600, 7_200, 86_400, 172_800, 50 * 86_400)


def written(language: Language) -> Iterator[str]:
    """Everything that such a language writes."""
    for function in vars(tui.server.pages.language).values():
        if hasattr(function, "cache_clear"):
            # To them, a language is the same whatever its data.
            function.cache_clear()
    yield language.direction
    for size in _SIZES:
        yield language.write_size(size)
        yield language.write_size(size, exact=False)
        yield language.plural("one", "%(count)s", size)
    yield from map(language.write_when, _SPANS)
    for month in range(1, 13):
        yield language.write_moment(datetime(2026, month, month, 23, 5, tzinfo=UTC))
    for zone in _ZONES:
        yield language.write_moment(datetime(2026, 7, 31, 23, 5, tzinfo=UTC), zone)


def entries(data: Any) -> int:
    return 1 + sum(map(entries, data.values())) if isinstance(data, dict) else 1


@pytest.mark.parametrize("tag", some(4, NAMES))
def test_all_is_written_as_with_the_whole_data(tag: str) -> None:
    locale = {"en": "en-GB"}.get(tag, tag)
    ours = list(written(Language(tag, locale_data.locale(locale), {})))
    whole = Locale.parse(locale, sep="-")
    assert whole.territories, "nobody else gets the reduced one"
    assert ours == list(written(Language(tag, whole, {})))


def test_little_of_it_is_kept() -> None:
    all_of_it = entries(localedata.load("de"))
    reduced: Any = locale_data.locale("de")
    assert not reduced.territories
    assert not reduced.currencies
    assert entries(reduced._data._data) * 4 < all_of_it
    language("de")
    assert not get_global("territory_currencies")
    likely = get_global("likely_subtags")
    assert "zh_TW" in likely
    assert len(likely) < 500
