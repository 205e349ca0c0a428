"""The time zones that typed expirations are in."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.expirations import at
from tests.support.zones import APIA, BERLIN, NEW_YORK, NOW, SANTIAGO, moments, zones
from tui.rules import typed_dates
from tui.rules.errors import InvalidValue


@pytest.mark.parametrize(
    ("zone", "text", "understood"),
    [
        (BERLIN, "2026-12-31", "2026-12-31T22:59:59+00:00"),
        (BERLIN, "2027-07-01", "2027-07-01T21:59:59+00:00"),
        # Clocks go forward on the first of these days, and back on the second.
        (BERLIN, "2027-03-28", "2027-03-28T21:59:59+00:00"),
        (BERLIN, "2027-10-31", "2027-10-31T22:59:59+00:00"),
        (BERLIN, "2027-03-28 01:59", "2027-03-28T00:59:00+00:00"),
        (BERLIN, "2027-03-28 03:00", "2027-03-28T01:00:00+00:00"),
        (NEW_YORK, "2027-03-14", "2027-03-15T03:59:59+00:00"),
        (NEW_YORK, "2026-12-31", "2027-01-01T04:59:59+00:00"),
        (APIA, "2026-12-31", "2026-12-31T10:59:59+00:00"),
        (SANTIAGO, "2027-04-02", "2027-04-03T02:59:59+00:00"),
        # Clocks go back from midnight to 23:00: this second occurs twice, and the later one ends the day.
        (SANTIAGO, "2027-04-03", "2027-04-04T03:59:59+00:00"),
        (BERLIN, "2026-12-31T17:00:00Z", "2026-12-31T17:00:00+00:00"),
    ],
)
def test_dates_are_those_of_the_users_zone(zone: tzinfo, text: str, understood: str) -> None:
    """D6: the end of that day where the user is, even if the clocks change."""
    assert typed_dates.parse_expiry(text, NOW, zone) == at(understood)


def test_a_span_is_real_time() -> None:
    """24 hours are 24 hours, even across a clock change."""
    now = at("2027-03-27T12:00:00+01:00")
    assert typed_dates.parse_expiry("24h", now, BERLIN) - now == timedelta(hours=24)
    assert typed_dates.parse_expiry("1d", now, BERLIN) - now == timedelta(days=1)


def test_a_time_that_the_clocks_leave_out_or_repeat_means_one_moment() -> None:
    assert typed_dates.parse_expiry("2027-03-28 02:30", NOW, BERLIN) == at("2027-03-28T03:30:00+02:00")
    assert typed_dates.parse_expiry("2027-10-31 02:30", NOW, BERLIN) == at("2027-10-31T02:30:00+02:00")


def test_a_day_that_a_zone_left_out_ends_with_the_next() -> None:
    """Samoa skipped 30 December 2011."""
    now = at("2011-12-28T12:00:00+00:00")
    assert typed_dates.parse_expiry("2011-12-29", now, APIA) == at("2011-12-29T23:59:59-10:00")
    assert typed_dates.parse_expiry("2011-12-30", now, APIA) == at("2011-12-31T23:59:59+14:00")
    assert typed_dates.parse_expiry("2011-12-31", now, APIA) == at("2011-12-31T23:59:59+14:00")


@pytest.fixture
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    earlier = os.environ.get("TZ")
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    if earlier is None:
        monkeypatch.delenv("TZ")
    else:
        monkeypatch.setenv("TZ", earlier)
    time.tzset()


@pytest.mark.usefixtures("in_berlin")
def test_without_a_zone_it_is_the_systems() -> None:
    assert typed_dates.parse_expiry("2026-12-31", NOW) == at("2026-12-31T22:59:59+00:00")
    assert typed_dates.parse_expiry("2027-07-01 10:00", NOW) == at("2027-07-01T08:00:00+00:00")


@given(st.dates(date(2021, 1, 1), date(2055, 1, 1)), zones)
def test_a_date_lasts_to_its_last_second(day: date, zone: tzinfo) -> None:
    """The expiry is on that day in its zone, and a second later it is the next day."""
    now = datetime.combine(day, datetime.min.time(), UTC) - timedelta(days=2)
    end = typed_dates.parse_expiry(day.isoformat(), now, zone)
    assert end.astimezone(zone).date() == day
    assert (end + timedelta(seconds=1)).astimezone(zone).date() > day


@given(moments, moments, zones)
def test_what_is_shown_can_be_typed(now: datetime, moment: datetime, zone: tzinfo) -> None:
    """An RFC 3339 timestamp in any zone is read back as the same moment, or refused as past or too far away."""
    try:
        assert typed_dates.parse_expiry(moment.astimezone(zone).isoformat(), now, zone) == moment
        assert now < moment <= now + timedelta(days=3653)
    except InvalidValue as error:
        expected = "expires.past" if moment <= now else "expires.too_far"
        assert error.code == expected  # noqa: PT017
        assert not now < moment <= now + timedelta(days=3651)
