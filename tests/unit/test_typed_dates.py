"""Expirations as people write dates (D6)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.expirations import at, refused
from tests.support.zones import BERLIN, NOW, moments, zones
from tui.rules import dates, typed_dates
from tui.rules.errors import InvalidValue
from tui.rules.text import printable


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        # It is Wednesday 25 November 2026, 13:00.
        ("today", "2026-11-25 23:59:59"),
        ("Tomorrow", "2026-11-26 23:59:59"),
        ("wednesday", "2026-12-02 23:59:59"),
        ("Thursday", "2026-11-26 23:59:59"),
        ("fri", "2026-11-27 23:59:59"),
        ("tuesday", "2026-12-01 23:59:59"),
        ("sun", "2026-11-29 23:59:59"),
        ("next friday", "2026-12-04 23:59:59"),
        ("next  Wednesday", "2026-12-02 23:59:59"),
        ("next sunday", "2026-12-06 23:59:59"),
        ("next mon", "2026-11-30 23:59:59"),
        ("friday 17:00", "2026-11-27 17:00:00"),
        ("next friday at 5pm", "2026-12-04 17:00:00"),
        ("tomorrow noon", "2026-11-26 12:00:00"),
        ("tomorrow at noon", "2026-11-26 12:00:00"),
        ("17:00", "2026-11-25 17:00:00"),
        ("5:30 pm", "2026-11-25 17:30:00"),
        ("31 Dec 5 pm", "2026-12-31 17:00:00"),
        ("Dec 31 12am", "2026-12-31 00:00:00"),
        ("Dec 31 12:30pm", "2026-12-31 12:30:00"),
        ("in 2 weeks", "2026-12-09 13:00:00"),
        ("3 days", "2026-11-28 13:00:00"),
        ("1y", "2027-11-25 13:00:00"),
        ("2 years", "2028-11-25 13:00:00"),
        ("10 years", "2036-11-25 13:00:00"),
        ("30d 12h", "2026-12-26 01:00:00"),
        ("30d12h", "2026-12-26 01:00:00"),
        ("1 month, 2 weeks", "2027-01-08 13:00:00"),
        ("in 1 hour 5 min", "2026-11-25 14:05:00"),
        ("2h 3m", "2026-11-25 15:03:00"),
        ("end of month", "2026-11-30 23:59:59"),
        ("end of the month", "2026-11-30 23:59:59"),
        ("End of this year", "2026-12-31 23:59:59"),
        ("tonight", "2026-11-25 23:59:59"),
        ("tonight 20:00", "2026-11-25 20:00:00"),
        ("EOD", "2026-11-25 23:59:59"),
        ("end of day", "2026-11-25 23:59:59"),
        ("end of the day", "2026-11-25 23:59:59"),
        ("eom", "2026-11-30 23:59:59"),
        ("eoy", "2026-12-31 23:59:59"),
        ("end of next month", "2026-12-31 23:59:59"),
        ("end of next year", "2027-12-31 23:59:59"),
        ("this friday", "2026-11-27 23:59:59"),
        ("this sun 5pm", "2026-11-29 17:00:00"),
        ("end of month noon", "2026-11-30 12:00:00"),
        ("31.12.2026", "2026-12-31 23:59:59"),
        ("31. 12. 2026", "2026-12-31 23:59:59"),
        ("1.2.2027", "2027-02-01 23:59:59"),
        ("31.12.", "2026-12-31 23:59:59"),
        ("24. 11.", "2027-11-24 23:59:59"),
        ("31.12.2026 17:00", "2026-12-31 17:00:00"),
        ("2026/12/31", "2026-12-31 23:59:59"),
        ("2026-1-5 9:00", None),
        ("2027-1-5", "2027-01-05 23:59:59"),
        ("12-31", "2026-12-31 23:59:59"),
        ("11-25", "2026-11-25 23:59:59"),
        ("11-24", "2027-11-24 23:59:59"),
        ("31 Dec 2026", "2026-12-31 23:59:59"),
        ("31 december", "2026-12-31 23:59:59"),
        ("31. Dez", "expires.unknown"),
        ("31st Dec. 2026", "2026-12-31 23:59:59"),
        ("31-Dec-2026", "2026-12-31 23:59:59"),
        ("Dec 31", "2026-12-31 23:59:59"),
        ("December 31, 2026", "2026-12-31 23:59:59"),
        ("Sept 1", "2027-09-01 23:59:59"),
        ("25 Nov", "2026-11-25 23:59:59"),
        ("24 Nov", "2027-11-24 23:59:59"),
        ("29 Feb", "2028-02-29 23:59:59"),
        ("31/12/2026", "2026-12-31 23:59:59"),
        ("12/31/2026", "2026-12-31 23:59:59"),
        ("31/12", "2026-12-31 23:59:59"),
        ("05/05/2027", "2027-05-05 23:59:59"),
        ("31-12-2026", "2026-12-31 23:59:59"),
        ("Thursday 31 December 2026", "2026-12-31 23:59:59"),
        ("Thu, 31 Dec 2026, 17:00", "2026-12-31 17:00:00"),
        ("thu 2026-12-31", "2026-12-31 23:59:59"),
        ("2026-12-31 5pm", "2026-12-31 17:00:00"),
        ("17.00", "2026-11-25 17:00:00"),
        ("17.30", "2026-11-25 17:30:00"),
        ("friday 17.00", "2026-11-27 17:00:00"),
        ("next friday at 17.10", "2026-12-04 17:10:00"),
        ("31.12.2026 17.00", "2026-12-31 17:00:00"),
        ("31. 12. 17.10", "2026-12-31 17:10:00"),
        ("31.12 17.10", "2026-12-31 17:10:00"),
        ("1. dec 12.30", "2026-12-01 12:30:00"),
        ("5.30 pm", "2026-11-25 17:30:00"),
        # A day of a month, since there is one.
        ("17.12", "2026-12-17 23:59:59"),
        ("friday 4.12", "2026-12-04 23:59:59"),
        ("17:00 friday", "2026-11-27 17:00:00"),
        ("5pm on 31 Dec", "2026-12-31 17:00:00"),
        ("noon tomorrow", "2026-11-26 12:00:00"),
        ("midnight", "2026-11-25 23:59:59"),
        ("tonight at midnight", "2026-11-25 23:59:59"),
        ("in two weeks", "2026-12-09 13:00:00"),
        ("Twelve months", "2027-11-25 13:00:00"),
        ("a week", "2026-12-02 13:00:00"),
        ("in an hour", "2026-11-25 14:00:00"),
    ],
)
def test_dates_as_people_write_them(text: str, understood: str | None) -> None:
    """D6: days by their names, in digits in the usual orders, and with the month's name; with a time or without."""
    if understood is None or understood.startswith("expires."):
        assert refused(text).code == (understood or "expires.past")
    else:
        assert typed_dates.parse_expiry(text, NOW, UTC) == at(understood + "+00:00")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("03/04/2027", "03/04/2027 may be 3 April or 4 March. Write 3 Apr 2027 or 4 Mar 2027."),
        ("03/04/2028", "03/04/2028 may be 3 April or 4 March. Write 3 Apr 2028 or 4 Mar 2028."),
        ("3/4", "3/4 may be 3 April or 4 March. Write 3 Apr or 4 Mar."),
        ("3-4-2027", "3-4-2027 may be 3 April or 4 March. Write 3 Apr 2027 or 4 Mar 2027."),
        ("3/4/2027 17:00", "3/4/2027 17:00 may be 3 April or 4 March. Write 3 Apr 2027 or 4 Mar 2027."),
        ("next week", "next week may be a week from now or its end. Write 7d or next sunday."),
        ("Next month", "Next month may be a month from now or its end. Write 1 month or end of next month."),
        ("next year 5pm", "next year 5pm may be a year from now or its end. Write 1y or end of next year."),
        (
            "end of week",
            "end of week may be Friday 27 November or Sunday 29 November. Write 27 Nov or 29 Nov.",
        ),
        ("eow", "eow may be Friday 27 November or Sunday 29 November. Write 27 Nov or 29 Nov."),
        (
            "end of next week",
            "end of next week may be Friday 4 December or Sunday 6 December. Write 4 Dec or 6 Dec.",
        ),
        ("this wednesday", "this wednesday may be today or 2 December. Write today or wednesday."),
        ("this mon", "this mon is in the past; write monday for the next one."),
        ("Friday 31 December 2026", "31 December 2026 is a Thursday, not a Friday; give one of them."),
        (
            "friday 17.10",
            "17 October 2027 is a Sunday, not a Friday; give one of them, or friday 17:10 for the time.",
        ),
        (
            "tomorrow midnight",
            "tomorrow midnight may be its beginning or its end. Write 26 Nov 2026 0:00 or 26 Nov 2026.",
        ),
        (
            "31 Dec at midnight",
            "31 Dec at midnight may be its beginning or its end. Write 31 Dec 2026 0:00 or 31 Dec 2026.",
        ),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(text: str, message: str) -> None:
    assert refused(text).message == message


@pytest.mark.parametrize(
    "text",
    [
        "31 Feb",
        "12.31.",
        "30.2.2027",
        "13/13/2027",
        "31/6",
        "00-10",
        "Dec 0",
        "25:00",
        "tomorrow 13pm",
        "0pm",
        "fri 24:00",
        "24.00",
        "17.60",
    ],
)
def test_days_and_times_that_do_not_exist_are_refused(text: str) -> None:
    error = refused(text)
    is_time = ":" in text or "pm" in text
    assert error.code == ("expires.no_such_time" if is_time else "expires.no_such_date")
    assert "doesn't exist" in error.message


@pytest.mark.parametrize(
    "text",
    [
        "31.12.26", "31. 12. 26", "31/12/26", "12/31/26", "26-12-31", "31 Dec 26", "31-Dec-26", "Dec 31, 26",
        "Dec 31 '26", "31st December 26", "Thu 31.12.26", "31.12.26 17:00", "31 Dec 26 5pm", "3/4/27",
    ],
)  # fmt: skip
def test_a_year_of_two_digits_is_refused(text: str) -> None:
    """Which one it is, is not guessed; one sentence says what is missing."""
    error = refused(text)
    assert error.code == "expires.short_year"
    assert error.message == f"{text}: the year needs four digits, as in {NOW.year}."


@pytest.mark.parametrize(
    "text", ["31.12.26.26", "31.12-26", "31 Dec 026", "31 Dez 26", "31.12.6", "1.1.1.26"]
)
def test_what_would_be_no_date_with_four_digits_either(text: str) -> None:
    assert refused(text).code == "expires.unknown"


@pytest.mark.parametrize(
    "text",
    [
        "fri day", "next", "next tomorrow", "next 31 Dec", "31", "Dec", "Dec 2026", "2026",
        "1d 2w", "5d 5d", "in", "in tomorrow", "end of", "end", "this", "this day", "next day", "cob",
        "next eod", "noonish", "at", "friday friday", "17.00 friday", "5.12 friday", "17:00 on", "midnight noon",
        "friday 17", "1 mo", "m", "a w", "thirteen weeks", "two", "thu thu 31 Dec", "17:00 17:00",
    ],
)  # fmt: skip
def test_other_words_are_refused(text: str) -> None:
    """Also those whose meaning might be guessed."""
    assert refused(text).code == "expires.unknown"


@pytest.mark.parametrize("text", ["yesterday", "Yesterday 17:00", "noon yesterday"])
def test_yesterday_is_a_date_but_past(text: str) -> None:
    error = refused(text)
    assert error.code == "expires.past"
    assert error.message == f"{text} is in the past; give a later date."


def test_days_are_those_of_the_zone() -> None:
    """At 23:30 in London it's already tomorrow in Berlin."""
    now = at("2026-11-25T23:30:00+00:00")
    assert typed_dates.parse_expiry("today", now, BERLIN) == at("2026-11-26T22:59:59+00:00")
    assert typed_dates.parse_expiry("thursday", now, BERLIN) == at("2026-12-03T22:59:59+00:00")
    assert typed_dates.parse_expiry("thursday", now, UTC) == at("2026-11-26T23:59:59+00:00")


@given(st.dates(date(2026, 11, 26), date(2036, 11, 1)), zones)
def test_each_way_to_write_a_day_means_the_same(day: date, zone: tzinfo) -> None:
    texts = [
        f"{day:%d.%m.%Y}",
        f"{day:%Y/%m/%d}",
        f"{day:%d %b %Y}",
        f"{day:%B %d, %Y}",
        f"{day:%A %d %B %Y}",
    ]
    texts += [dates.day_text(day)] + [f"{day:%d/%m/%Y}"] * (day.day > 12)
    assert {typed_dates.parse_expiry(text, NOW, zone) for text in texts} == {dates.end_of_day(day, zone)}


@given(st.times(), st.dates(date(2026, 11, 26), date(2036, 11, 1)))
def test_a_dot_in_a_time_is_a_colon_or_that_of_a_date(clock: time, day: date) -> None:
    """Behind a whole date it can only be a time, and alone one that no date is like."""
    typed, moment = (
        f"{clock.hour}.{clock:%M}",
        datetime.combine(day, clock, UTC).replace(second=0, microsecond=0),
    )
    for text in (f"{day} {typed}", f"{day:%d.%m.%Y} at {typed}", f"{day:%d %b %Y}, {typed}"):
        assert typed_dates.parse_expiry(text, NOW, UTC) == moment
    midnight = NOW.replace(hour=0, minute=0)
    expected = midnight.replace(hour=clock.hour, minute=clock.minute)
    if 1 <= clock.minute <= 12:
        return
    if expected > NOW:
        assert typed_dates.parse_expiry(typed, NOW, UTC) == expected
    else:
        assert refused(typed).code in ("expires.past", "expires.too_soon")


WORDS = "this week eow tonight "
WORDS += "next friday fri today noon midnight 5pm 17:00 17.00 17.10 at on in two weeks a "
WORDS += "31 12 2026 . / - , Dec 31st end of month 1y 30d 12h m 3 \x00 ü"


@given(st.lists(st.sampled_from(WORDS.split(" ")), max_size=6), st.sampled_from(["", " "]))
def test_any_words_are_understood_or_refused_in_a_sentence(words: list[str], blank: str) -> None:
    message, moment = "Understood.", NOW + timedelta(1)
    try:
        moment = typed_dates.parse_expiry(blank.join(words), NOW, BERLIN)
    except InvalidValue as error:
        message = error.message
    assert message.endswith(".")
    assert printable(message) == message
    assert moment > NOW


@given(moments, zones)
def test_what_is_to_be_written_instead_is_understood(now: datetime, zone: tzinfo) -> None:
    """Whenever it is, each of what a refusal offers is read, and as another day than the other, if it is to come."""
    unclear = (
        "next week",
        "next month",
        "next year",
        "end of week",
        "end of next week",
        "this friday",
        "1.1. midnight",
    )
    for text in unclear:
        message = ""
        try:
            typed_dates.parse_expiry(text, now, zone)
        except InvalidValue as error:
            message = error.message
        offered = re.findall(r"[Ww]rite (.*?)(?: or (.*?))?(?: for the next one)?\.$", message)
        assert bool(offered) == bool(message)
        for each in (each for pair in offered for each in pair if each):
            assert now < typed_dates.parse_expiry(each, now, zone) < now + timedelta(days=800)
            if "week" in text:
                assert typed_dates.parse_expiry(each, now, zone) < now + timedelta(days=15)


@given(moments, zones)
def test_the_end_of_a_month_is_before_another_day_of_it(now: datetime, zone: tzinfo) -> None:
    for text, months in (("eom", 0), ("end of next month", 1), ("eoy", None), ("end of next year", None)):
        end = typed_dates.parse_expiry(text, now, zone).astimezone(zone)
        assert (end + timedelta(seconds=1)).astimezone(zone).day == 1
        here = now.astimezone(zone)
        if months is not None:
            assert (end.year - here.year) * 12 + end.month - here.month == months
