"""The administrator's policy (P1): its rules, and the values that they may have."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

import pytest
from hypothesis import given

from tests.support.zones import NOW, moments, zones
from tui.rules import typed_dates
from tui.rules.common_passwords import common_passwords, known_by_now
from tui.rules.errors import InvalidValue
from tui.rules.policy import KEYS, LONGEST, Policy, changed
from tui.rules.policy_breaches import check_downloads, check_expiry, check_password, password_rules
from tui.rules.text import printable


def wrong(values: dict[str, str], policy: Policy | None = None) -> InvalidValue:
    with pytest.raises(InvalidValue) as caught:
        changed(policy or Policy(), values)
    assert caught.value.exit_status == 2
    assert printable(caught.value.message) == caught.value.message
    return caught.value


def test_the_keys_are_those_that_others_hold_on_to() -> None:
    """Scripts and servers of other releases know them: a new one is added here, and none is renamed or removed."""
    assert set(KEYS) == {
        "password_required", "password_min_length", "password_classes", "expires_required", "expires_default",
        "expires_max", "downloads_required", "downloads_default", "downloads_max", "folder_name",
        "grant_seconds", "password_refused", "notify_default", "recipients_domains", "recipients_others",
        "carries_warn", "carries_refuse", "carries_unreadable", "presets",
    }  # fmt: skip


def test_nothing_is_asked_for_at_first() -> None:
    policy = Policy()
    assert check_password(policy, None) is None
    assert check_expiry(policy, None, NOW) is None
    assert check_downloads(policy, None) is None
    assert policy.base_folder_name == "Secure Sent Links"
    assert policy.grant_lifetime == timedelta(hours=1)


def test_values_are_set_and_unset() -> None:
    """P1: an empty value unsets a rule."""
    policy = changed(
        Policy(),
        {
            "password_required": "true",
            "password_min_length": " 12 ",
            "password_classes": "4",
            "expires_required": "False",
            "expires_default": "7d",
            "expires_max": "4w",
            "downloads_default": "5",
            "downloads_max": "0010",
            "folder_name": "Gesendet",
            "grant_seconds": "600",
            "password_refused": "Sommer2026\r\n\n spaced \nSommer2026",
        },
    )
    assert policy.password_required is True
    assert policy.expires_required is False
    assert policy.password_min_length == 12
    assert policy.downloads_max == 10
    assert policy.base_folder_name == "Gesendet"
    assert policy.grant_lifetime == timedelta(minutes=10)
    assert policy.password_refused == ("Sommer2026", " spaced ")
    assert changed(policy, dict.fromkeys(KEYS, "")) == Policy()
    assert changed(policy, {"expires_max": ""}).expires_default == "7d"
    assert changed(policy, {}) == policy


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("password_required", "yes"),
        ("password_required", "1"),
        ("password_required", "\x1b[31m"),
        ("password_min_length", "0"),
        ("password_min_length", "257"),
        ("password_min_length", "-1"),
        ("password_min_length", "1.5"),
        ("password_min_length", "１２"),
        ("password_min_length", "²"),
        ("password_classes", "0"),
        ("password_classes", "5"),
        ("downloads_default", "0"),
        ("downloads_max", "1000001"),
        ("downloads_max", "1,000,001"),
        ("downloads_max", "1.000"),
        ("downloads_max", "000000000001999999"),
        ("downloads_max", "1000000000000005"),
        ("downloads_max", "0" * 99 + "5"),
        ("downloads_max", "9" * 9000),
        ("grant_seconds", "59"),
        ("grant_seconds", "604801"),
        ("expires_default", "0d"),
        ("expires_default", "soon"),
        ("expires_default", "2026-12-31"),
        ("expires_max", "3652d"),
        ("expires_max", "500000000w"),
        ("expires_max", "9" * 9000 + "w"),
        ("folder_name", "a/b"),
        ("folder_name", "..."),
        ("folder_name", "x" * 256),
        ("folder_name", "a\x1bb"),
        ("no_such_key", "1"),
        ("\x1b[31m", "1"),
    ],
)
def test_values_that_cannot_be(key: str, value: str) -> None:
    """Each is refused with a message, and none is applied in part."""
    wrong({"password_min_length": "8", key: value})


@pytest.mark.parametrize("word", ["none", "off", "No", "never", "unlimited"])
@pytest.mark.parametrize(
    "key", [key for key in KEYS if key not in ("folder_name", "grant_seconds", "password_refused")]
)
def test_a_word_for_none_is_taken_or_the_right_one_is_told(key: str, word: str) -> None:
    """Never taken as the domain that all recipients have to be at."""
    if (key, word) in (("carries_warn", "none"), ("carries_refuse", "none"), ("carries_unreadable", "off")):
        assert changed(Policy(), {key: word}) != Policy()
        return
    told = (
        "true or false",
        "For no rule, leave the value empty.",
        "For no kind, write none.",
        "warn or refuse",
    )
    assert any(each in wrong({key: word}).message for each in told)


def test_a_folder_name_is_called_so() -> None:
    problem = wrong({"folder_name": "a/b"})
    assert problem.message == (
        "The name a/b contains the character /, which a folder name can't have; remove or replace it."
    )
    assert wrong({"folder_name": "..."}).message == "The name ... needs a letter or a digit."


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("expires_max", "3651d"),
        ("grant_seconds", "60"),
        ("downloads_max", "1000000"),
        ("downloads_max", "1,000,000"),
        ("downloads_max", "0" * 98 + "5"),
    ],
)
def test_values_that_just_can_be(key: str, value: str) -> None:
    assert getattr(changed(Policy(), {key: value}), key) is not None


def test_a_default_never_breaks_the_longest_or_the_most() -> None:
    """Otherwise every send that leaves the field alone would be refused."""
    assert wrong({"expires_default": "8d", "expires_max": "1w"}).field == "expires_default"
    assert wrong({"expires_max": "1h"}, Policy(expires_default="61m")).code == "policy.value"
    assert wrong({"downloads_default": "6", "downloads_max": "5"}).field == "downloads_default"
    assert changed(Policy(), {"expires_default": "7d", "expires_max": "1w"})
    assert changed(Policy(), {"downloads_default": "5", "downloads_max": "5"})


@given(moments, zones)
def test_the_longest_default_is_never_over_ten_years(now: datetime, zone: tzinfo) -> None:
    policy = changed(Policy(), {"expires_default": f"{LONGEST.days}d", "expires_max": f"{LONGEST.days}d"})
    assert policy.expires_default
    moment = typed_dates.parse_expiry(policy.expires_default, now, zone)
    assert check_expiry(policy, moment, now, zone) is None


@pytest.mark.parametrize(
    ("rules", "first", "last"),
    [
        ({}, None, None),
        ({"password_min_length": 1, "password_classes": 1}, None, None),
        ({"password_min_length": 2}, "2+ characters", "2+ characters"),
        ({"password_min_length": 12}, "12+ characters", "12+ characters"),
        ({"password_min_length": 2, "password_classes": 1}, "2+ characters", "2+ characters"),
        (
            {"password_min_length": 1, "password_classes": 2},
            "2 kinds (a–z, A–Z, 0–9, other)",
            "2 kinds",
        ),
        (
            {"password_min_length": 2, "password_classes": 2},
            "2+ characters of 2 kinds (a–z, A–Z, 0–9, other)",
            "2+ chars, 2 kinds",
        ),
        ({"password_classes": 2}, "2 kinds (a–z, A–Z, 0–9, other)", "2 kinds"),
        (
            {"password_min_length": 256, "password_classes": 4},
            "256+ characters of 4 kinds (a–z, A–Z, 0–9, other)",
            "256+ chars, 4 kinds",
        ),
    ],
)
def test_the_rules_of_a_password_are_told_at_length_and_shorter(
    rules: dict[str, int], first: str | None, last: str | None
) -> None:
    """D8: the shortest fits next to the field on a terminal of 60 columns."""
    texts = password_rules(Policy(**rules))  # type: ignore[arg-type]
    assert (texts[0], texts[-1]) == (first, last) if texts else first is None
    assert sorted(texts, key=len, reverse=True) == list(texts)
    assert not texts or len(texts[-1]) <= 20


def test_the_passwords_that_attackers_try_first() -> None:
    common = common_passwords()
    assert len(common) == 10_000
    assert {"password", "123456", "qwerty"} <= common
    assert all(each == each.lower() for each in common)
    assert "heron-4471-lake" not in common
    assert known_by_now() == common
