"""The expiration of a send as it is typed (D6): forms, limits and spans."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.support.expirations import at, refused
from tests.support.zones import BERLIN, NOW, moments, zones
from tui.rules import dates, typed_dates
from tui.rules.errors import InvalidValue

# --- expiration: the forms ---


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("2026-12-31", "2026-12-31T23:59:59+00:00"),
        ("  2026-12-31 ", "2026-12-31T23:59:59+00:00"),
        ("2026-11-25", "2026-11-25T23:59:59+00:00"),
        ("2028-02-29", "2028-02-29T23:59:59+00:00"),
        ("2026-12-31 17:00", "2026-12-31T17:00:00+00:00"),
        ("2026-12-31T17:00", "2026-12-31T17:00:00+00:00"),
        ("2026-12-31 17:00:30", "2026-12-31T17:00:30+00:00"),
        ("2026-12-31 00:00", "2026-12-31T00:00:00+00:00"),
        ("2026-12-31T17:00:00Z", "2026-12-31T17:00:00+00:00"),
        ("2026-12-31t17:00:00z", "2026-12-31T17:00:00+00:00"),
        ("2026-12-31T17:00:00.25+01:00", "2026-12-31T16:00:00.250000+00:00"),
        ("2026-12-31T17:00:00.1234567890123Z", "2026-12-31T17:00:00.123456+00:00"),
        ("2026-12-31 17:00:00-05:30", "2026-12-31T22:30:00+00:00"),
        ("2026-12-31T23:59:59-23:59", "2027-01-01T23:58:59+00:00"),
        ("90m", "2026-11-25T14:30:00+00:00"),
        ("36h", "2026-11-27T01:00:00+00:00"),
        ("7d", "2026-12-02T13:00:00+00:00"),
        ("2w", "2026-12-09T13:00:00+00:00"),
        ("2W", "2026-12-09T13:00:00+00:00"),
        ("007d", "2026-12-02T13:00:00+00:00"),
        ("6m", "2026-11-25T13:06:00+00:00"),
        ("1min", "2026-11-25T13:01:00+00:00"),
        ("5 min", "2026-11-25T13:05:00+00:00"),
        ("2 Minutes", "2026-11-25T13:02:00+00:00"),
        ("1 hour", "2026-11-25T14:00:00+00:00"),
        ("7 days", "2026-12-02T13:00:00+00:00"),
        ("2 weeks", "2026-12-09T13:00:00+00:00"),
        ("1 month", "2026-12-25T13:00:00+00:00"),
        ("1month", "2026-12-25T13:00:00+00:00"),
        ("15 months", "2028-02-25T13:00:00+00:00"),
    ],
)
def test_forms(text: str, understood: str) -> None:
    """D6: a date (the end of that day), a date with a time, an RFC 3339 timestamp, or a span."""
    result = typed_dates.parse_expiry(text, NOW, UTC)
    assert result == at(understood)
    assert result.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "soon",
        "2026-13-01",
        "2026-02-29",
        "2026-02-30",
        "2027-00-10",
        "0000-01-01",
        "26-12-31",
        "2026-12-31 24:00",
        "2026-12-31 23:60",
        "2026-12-31T17:00:00+24:00",
        "2026-12-31T17:00:00+1:00",
        "2026-12-31T17",
        "2026-12-31Z",
        "1e3d",
        "1.5d",
        "+5d",
        "-5d",
        "5",
        "d",
        "5 d d",
        "1_0d",
        "１２d",
        "７d",
        "２026-12-31",
        "2026–12–31",
        "2026-12-31\u00a017:00",
        "\x1b[31m",
        "9" * 10_000,
        "٢٠٢٦-١٢-٣١",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    """D6: no guessing; the message has some of the accepted forms."""
    error = refused(text)
    end = {
        "expires.no_such_time": "Times are like 17:00 or 5pm.",
        "expires.short_year": "the year needs four digits, as in 2026.",
    }.get(error.code, "Try friday, 7d, 31 Dec 2026 or 2026-12-31 17:00.")
    assert error.code.startswith("expires.")
    assert error.message.endswith(end)


@pytest.mark.parametrize("text", ["1m", "2m", "3m", "4 m", "5m", "05M"])
def test_minutes_that_may_be_months_are_refused(text: str) -> None:
    """The message has both in forms that are understood. Other spans keep the letter."""
    number = text.strip("mM 0")
    error = refused(text)
    assert error.code == "expires.unclear"
    minutes, months = ("minute", "month") if number == "1" else ("minutes", "months")
    write = f"Write {number}min or {number} {months}."
    assert error.message == f"{number} {minutes} or {number} {months}? {write}"
    assert (typed_dates.parse_expiry(f"{number} {months}", NOW, UTC) - NOW).days >= 30 * int(number)
    assert typed_dates.parse_expiry(f"{number}min", NOW) == NOW + timedelta(minutes=int(number))
    assert typed_dates.parse_expiry("1 month", NOW, UTC) == at("2026-12-25T13:00:00+00:00")
    assert dates.parse_span(text) == timedelta(minutes=int(number))
    assert typed_dates.parse_expiry(dates.spelled_out(text), NOW) == NOW + timedelta(minutes=int(number))


def test_a_month_ends_with_its_last_day() -> None:
    """The time of day is that of the user's zone, also if its clocks change meanwhile."""
    assert typed_dates.parse_expiry("1 month", at("2027-01-31T12:00:00+00:00"), UTC) == at(
        "2027-02-28T12:00:00+00:00"
    )
    assert typed_dates.parse_expiry("4 months", at("2026-11-25T13:00:00+00:00"), BERLIN) == at(
        "2027-03-25T13:00:00+00:00"
    )
    assert typed_dates.parse_expiry("5 months", at("2026-11-25T13:00:00+00:00"), BERLIN) == at(
        "2027-04-25T12:00:00+00:00"
    )
    for text in ("0 months", "0min"):
        assert refused(text).code == "expires.past"
    for text in ("121 months", "999999 months", "999999 weeks"):
        assert refused(text).code == "expires.too_far"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24",
        "2026-11-25 13:00",
        "2026-11-25T12:59:59Z",
        "0m",
        "0d",
        "0001-01-01",
        "0001-01-01 00:00",
        "1999-12-31",
    ],
)
@pytest.mark.parametrize("zone", [UTC, None])
def test_what_is_past_is_refused(text: str, zone: tzinfo | None) -> None:
    """D6: including the present moment."""
    assert refused(text, zone=zone).code == "expires.past"


@pytest.mark.parametrize(
    "text",
    [
        "2036-11-25",
        "2036-11-25 13:00:01",
        "3654d",
        "522w",
        "9999-12-31",
        "9999-12-31T23:59:59-12:00",
        "9" * 5000 + "w",
        "500000000w",
        "999999999d",
        "2037-01-01",
    ],
)
@pytest.mark.parametrize("zone", [UTC, None])
@pytest.mark.usefixtures("utc")
def test_over_ten_years_is_refused(text: str, zone: tzinfo | None) -> None:
    """D6: the maximum is ten years to the second."""
    assert refused(text, zone=zone).code == "expires.too_far"


def test_ten_years_are_taken() -> None:
    for text in ("2036-11-25 13:00", "2036-11-24", "3653d"):
        assert typed_dates.parse_expiry(text, NOW, UTC) <= at("2036-11-25T13:00:00+00:00")


def test_ten_years_from_a_leap_day() -> None:
    """The tenth year after 2028 has no 29 February."""
    now = at("2028-02-29T12:00:00+00:00")
    assert typed_dates.parse_expiry("2038-02-28 12:00", now, UTC) == at("2038-02-28T12:00:00+00:00")
    assert refused("2038-02-28 12:00:01", now).code == "expires.too_far"
    assert refused("2038-03-01", now).code == "expires.too_far"


@given(st.integers(0, 10**7), st.sampled_from("mhdw"), moments, zones)
def test_spans_count_from_now(number: int, unit: str, now: datetime, zone: tzinfo) -> None:
    length = timedelta(minutes=number * {"m": 1, "h": 60, "d": 1440, "w": 10080}[unit])
    assert dates.parse_span(f"{number}{unit}") == length
    assume(timedelta(0) < length <= timedelta(days=3651) and (unit != "m" or number > 5))
    assert typed_dates.parse_expiry(f"{number}{unit}", now, zone) - now == length


@given(st.text(st.sampled_from("0123456789-:. TtZz+mhdw１"), max_size=30), zones)
def test_nothing_typed_makes_a_crash(text: str, zone: tzinfo) -> None:
    try:
        moment = typed_dates.parse_expiry(text, NOW, zone)
    except InvalidValue:
        return
    assert NOW < moment <= at("2036-11-25T13:00:00+00:00")
    assert moment.utcoffset() == timedelta(0)


@pytest.mark.parametrize("text", ["", "7", "d", "１d", "-1d", "1.5d", "7 dayss", "1 month", "1\nd\n"])
def test_a_span_is_a_number_and_a_unit(text: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        dates.parse_span(text)
    assert "90m, 36h, 7d or 2w" in caught.value.message


@pytest.mark.parametrize(
    ("text", "kept", "said"),
    [
        ("7 days", "7d", "7 days"),
        ("1 Week", "1w", "1 week"),
        ("36 hours", "36h", "36 hours"),
        ("90 min", "90m", "90 minutes"),
        ("2 D", "2d", "2 days"),
    ],
)
def test_a_span_may_have_its_unit_as_people_write_it(text: str, kept: str, said: str) -> None:
    """As in the field for the expiry of a send."""
    assert dates.parse_span(text) == dates.parse_span(kept)
    assert (dates.short_span(text), dates.span_text(text)) == (kept, said)


def test_a_span_beyond_counting_is_only_long() -> None:
    for text in ("500000000w", "9" * 9000 + "m", "999999999999w"):
        assert dates.parse_span(text) == timedelta.max
    assert dates.parse_span("0" * 9000 + "5d") == timedelta(days=5)


def test_the_server_checks_the_moment_itself() -> None:
    dates.check_expiry(NOW + timedelta(seconds=1), NOW)
    dates.check_expiry(at("2026-11-25T14:00:01+01:00"), NOW)
    for moment, code in (
        (NOW, "expires.past"),
        (NOW.astimezone(timezone(timedelta(hours=14))), "expires.past"),
        (at("2036-11-25T13:00:00.000001+00:00"), "expires.too_far"),
        (datetime.max.replace(tzinfo=UTC), "expires.too_far"),
        (datetime.min.replace(tzinfo=UTC), "expires.past"),
    ):
        with pytest.raises(InvalidValue) as caught:
            dates.check_expiry(moment, NOW)
        assert caught.value.code == code
        assert caught.value.message.startswith(f"{moment.isoformat()} is ")


def test_the_message_repeats_what_was_typed() -> None:
    assert refused(" 2026-11-25 12:00 ").message.startswith("2026-11-25 12:00 is in the past")
    assert refused("3654d").message.startswith("3654d is over 10 years away")
