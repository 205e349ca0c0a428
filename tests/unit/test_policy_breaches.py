"""How a send violates the administrator's policy (D8, P2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.support.zones import BERLIN, NOW, moments, zones
from tui.rules import dates, typed_dates
from tui.rules.errors import InvalidValue, PolicyBreach
from tui.rules.policy import KEYS, Policy, changed
from tui.rules.policy_breaches import GRACE, check_downloads, check_expiry, check_password, kinds


def breach(found: PolicyBreach | None) -> PolicyBreach:
    assert found is not None
    assert found.exit_status == 3
    assert found.code.startswith("policy.")
    assert found.message.endswith(".")
    return found


# --- the password ---


def test_a_password_is_asked_for() -> None:
    policy = Policy(password_required=True)
    assert breach(check_password(policy, None)).code == "policy.password_required"
    assert breach(check_password(policy, "")).field == "password"
    assert check_password(policy, "x") is None


def test_without_a_password_only_its_being_there_is_checked() -> None:
    """The other rules apply only to a password that is given."""
    policy = Policy(password_min_length=12, password_classes=4, password_refused=("x",))
    assert check_password(policy, None) is None
    assert check_password(Policy(password_required=False, password_min_length=12), None) is None


def test_the_least_length_counts_characters() -> None:
    """P1: in characters, not in bytes."""
    policy = Policy(password_min_length=4)
    assert breach(check_password(policy, "abc")).code == "policy.password_too_short"
    assert "at least 4" in breach(check_password(policy, "😀😀😀")).message
    assert check_password(policy, "😀😀😀😀") is None


@pytest.mark.parametrize(
    ("password", "count"),
    [
        ("", 0),
        ("abc", 1),
        ("abcABC", 2),
        ("abcABC1", 3),
        ("abcABC1-", 4),
        ("1234", 1),
        ("äÄ", 2),
        ("ß", 1),
        ("密码", 1),
        ("a b", 2),
        ("٣a", 2),
        ("ǅ", 1),
    ],
)
def test_kinds_of_characters(password: str, count: int) -> None:
    """P1: the kinds are lower case, upper case, digit and other."""
    assert kinds(password) == count


@pytest.mark.parametrize("asked", [1, 2, 3, 4])
def test_as_many_kinds_as_asked_for(asked: int) -> None:
    policy = Policy(password_classes=asked)
    for count, password in enumerate(("abcdef", "abcDEF", "abcDEF1", "abcDEF1-"), 1):
        found = check_password(policy, password)
        assert (found is None) == (count >= asked)
        if found is not None:
            assert breach(found).code == "policy.password_too_plain"
            assert f"{asked} kinds" in found.message


def test_refused_passwords() -> None:
    """P1: the administrator's as well as the shipped ones, ignoring case; the message never repeats the password."""
    policy = Policy(password_refused=("Sommer2026",))
    for password in ("Sommer2026", "sommer2026", "LETMEIN", "letmein"):
        found = breach(check_password(policy, password, {"letmein"}))
        assert found.code == "policy.password_refused"
        assert password.lower() not in found.message.lower()
    assert check_password(policy, "Sommer2027", {"letmein"}) is None


# --- the expiration ---


def test_an_expiration_is_asked_for() -> None:
    policy = Policy(expires_required=True)
    assert breach(check_expiry(policy, None, NOW)).code == "policy.expires_required"
    assert check_expiry(policy, NOW + timedelta(days=3000), NOW) is None


def test_the_longest_alone_leaves_none_allowed() -> None:
    assert check_expiry(Policy(expires_max="7d"), None, NOW) is None
    assert breach(check_expiry(Policy(expires_max="7d", expires_required=True), None, NOW))


@pytest.mark.parametrize(
    ("maximum", "moment", "zone", "taken"),
    [
        # A minute of grace, for the time between typing and arriving.
        ("90m", "2026-11-25T14:30:00Z", UTC, True),
        ("30d", "2026-12-25T13:01:00Z", UTC, True),
        # Any moment of the last permitted day.
        ("7d", "2026-12-02T13:00:00Z", UTC, True),
        ("7d", "2026-12-02T23:59:59Z", UTC, True),
        ("7d", "2026-12-02T23:59:59.999999Z", UTC, True),
        ("7d", "2026-12-03T00:00:00Z", UTC, False),
        ("7d", "2026-12-03T23:59:59Z", UTC, False),
        # That day in the user's zone.
        ("7d", "2026-12-02T22:59:59Z", BERLIN, True),
        ("7d", "2026-12-02T23:00:00Z", BERLIN, False),
        ("7d", "2026-12-03T11:59:59Z", timezone(timedelta(hours=-12)), True),
        ("7d", "2026-12-03T09:59:59Z", timezone(timedelta(hours=14)), True),
        ("7d", "2026-12-03T10:00:00Z", timezone(timedelta(hours=14)), False),
        ("11h", "2026-11-26T00:01:00Z", UTC, True),
        ("10h", "2026-11-25T23:59:59Z", UTC, True),
        ("10h", "2026-11-26T00:00:00Z", UTC, False),
        # Across the end of a year.
        ("400d", "2027-12-30T23:59:59Z", UTC, True),
        ("400d", "2027-12-31T00:00:00Z", UTC, False),
    ],
)
def test_the_longest_span(maximum: str, moment: str, zone: tzinfo, taken: bool) -> None:
    """P1: ``expires_max`` allows 60 s of grace, and any time on the last permitted day."""
    found = check_expiry(Policy(expires_max=maximum), datetime.fromisoformat(moment), NOW, zone)
    assert (found is None) == taken
    if found is not None:
        assert breach(found).code == "policy.expires_too_far"
        assert dates.span_text(maximum) in found.message


def test_the_grace_is_a_minute_and_no_more() -> None:
    """Shortly before midnight, when the end of the day allows no more than the grace does."""
    policy = Policy(expires_max="30m")
    now = datetime(2026, 11, 25, 23, 29, 45, tzinfo=UTC)
    last = now + timedelta(minutes=30)
    assert check_expiry(policy, last + timedelta(seconds=60), now, UTC) is None
    assert breach(check_expiry(policy, last + timedelta(seconds=60, microseconds=1), now, UTC))


@pytest.mark.parametrize(
    ("now", "maximum", "day"),
    [
        ("2026-10-20T10:00:00+00:00", "7d", "2026-10-27"),  # Berlin's clocks went back on the 25th
        ("2027-03-25T10:00:00+00:00", "7d", "2027-04-01"),  # and forward on the 28th
        ("2027-03-27T10:00:00+00:00", "1d", "2027-03-28"),
        ("2028-02-28T10:00:00+00:00", "1d", "2028-02-29"),
        ("2026-12-31T10:00:00+00:00", "1d", "2027-01-01"),
    ],
)
def test_the_last_permitted_date_is_taken_over_changes_of_clocks(now: str, maximum: str, day: str) -> None:
    moment = typed_dates.parse_expiry(day, datetime.fromisoformat(now), BERLIN)
    policy = Policy(expires_max=maximum)
    assert check_expiry(policy, moment, datetime.fromisoformat(now), BERLIN) is None
    later = moment + timedelta(seconds=1)
    assert breach(check_expiry(policy, later, datetime.fromisoformat(now), BERLIN))


@given(moments, st.integers(1, 3651), zones)
def test_the_last_permitted_date_is_taken_and_the_next_is_not(now: datetime, days: int, zone: tzinfo) -> None:
    policy = Policy(expires_max=f"{days}d")
    last = (now + timedelta(days=days)).astimezone(zone).date()
    end = dates.end_of_day(last, zone)
    assert check_expiry(policy, end, now, zone) is None
    after = dates.end_of_day(last + timedelta(days=1), zone)
    assume(after > now + timedelta(days=days) + GRACE)
    assert breach(check_expiry(policy, after, now, zone))


@given(moments, st.integers(1, 3651), zones)
def test_the_longest_span_itself_is_always_taken(now: datetime, days: int, zone: tzinfo) -> None:
    moment = now + timedelta(days=days)
    assert check_expiry(Policy(expires_max=f"{days}d"), moment, now, zone) is None
    # Also a minute later, when it reaches the server.
    assert check_expiry(Policy(expires_max=f"{days}d"), moment + GRACE, now, zone) is None


def test_a_zone_given_as_an_offset_is_that_of_the_moment() -> None:
    """A client sends the offset that applies at the expiry, so that it and the server find the same last day."""
    now = datetime(2026, 10, 20, 10, 0, tzinfo=UTC)
    moment = typed_dates.parse_expiry("2026-10-27", now, BERLIN)
    offset = moment.astimezone(BERLIN).utcoffset()
    assert offset is not None
    assert check_expiry(Policy(expires_max="7d"), moment, now, timezone(offset)) is None


# --- the downloads ---


def test_downloads_are_asked_for() -> None:
    policy = Policy(downloads_required=True, downloads_max=5)
    assert breach(check_downloads(policy, None)).code == "policy.downloads_required"
    assert check_downloads(policy, 1) is None
    assert check_downloads(policy, 5) is None
    assert breach(check_downloads(policy, 6)).code == "policy.downloads_too_many"
    assert "5 downloads" in breach(check_downloads(policy, 1_000_000)).message


def test_the_most_alone_leaves_none_allowed() -> None:
    assert check_downloads(Policy(downloads_max=5), None) is None


@given(st.integers(1, 1_000_000), st.integers(1, 1_000_000))
def test_the_most_is_the_most(most: int, permitted: int) -> None:
    assert (check_downloads(Policy(downloads_max=most), permitted) is None) == (permitted <= most)


@given(
    st.dictionaries(
        st.sampled_from([*KEYS, "x"]),
        st.one_of(st.text(max_size=30), st.sampled_from(["true", "7d", "12", "2", "9999999w"])),
        max_size=12,
    )
)
def test_no_values_make_a_crash(values: dict[str, str]) -> None:
    """Whatever is set is either refused with a message or gives a policy that every check can work with."""
    try:
        policy = changed(Policy(), values)
    except InvalidValue:
        return
    for found in (
        check_password(policy, "x"),
        check_expiry(policy, NOW + timedelta(days=1), NOW, UTC),
        check_downloads(policy, 5),
    ):
        assert found is None or breach(found)
