"""Small rules of a link's settings: what the policy may demand of them, what is said of a field, and until when
unpublishing can be undone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.zones import BERLIN
from tui.rules import dates, policy, typed_dates
from tui.rules.errors import Conflict, InvalidValue
from tui.rules.given_before import compared, lessened, lessened_text, present_values
from tui.rules.link_settings import FLAGS, LEFT_OUT, Flag, LinkSettings
from tui.rules.policy import Policy
from tui.rules.state import UNDO_GRACE, UNDO_WINDOW, check_undo
from tui.rules.typed_settings import (
    TYPED,
    empty_texts,
    is_missing,
    kept_none_texts,
    kept_texts,
    short_reason,
)

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("utc")


# ---------------------------------------------------------------- undoing


LAST = UNDO_WINDOW + UNDO_GRACE


def test_unpublishing_is_undone_for_half_a_minute_and_a_little_longer_by_the_server() -> None:
    assert (timedelta(seconds=30), timedelta(seconds=40)) == (UNDO_WINDOW, LAST)


@pytest.mark.parametrize(
    ("own", "expires", "after", "code"),
    [
        (NOW, None, timedelta(0), None),
        (NOW, None, LAST, None),
        (NOW, None, LAST + timedelta(microseconds=1), "undo.late"),
        (None, None, timedelta(0), "undo.changed"),
        (NOW - timedelta(seconds=1), None, timedelta(0), "undo.changed"),
        (NOW, NOW + timedelta(seconds=5), timedelta(seconds=5), "undo.expired"),
        (NOW, NOW + timedelta(seconds=6), timedelta(seconds=5), None),
        (NOW, NOW, LAST * 2, "undo.expired"),
    ],
)
def test_until_when_unpublishing_is_undone(
    own: datetime | None, expires: datetime | None, after: timedelta, code: str | None
) -> None:
    found = None
    try:
        check_undo(own, NOW, expires, NOW + after)
    except Conflict as error:
        found = error.code
    assert found == code


# ---------------------------------------------------------------- fields of a link's settings

STRICT = Policy(
    password_required=True, password_min_length=10, password_classes=3, expires_required=True, expires_max="30d",
    downloads_required=True, downloads_max=2000,
)  # fmt: skip


def test_the_policy_of_values_as_they_are_kept() -> None:
    found = Policy.of({"password_refused": ["a", "b"], "downloads_max": 3, "no such rule": 1})
    assert found == Policy(password_refused=("a", "b"), downloads_max=3)
    assert Policy.of({"password_refused": None}) == Policy()


@pytest.mark.parametrize(
    ("key", "least", "most"),
    [
        ("password_min_length", 1, 256),
        ("password_classes", 1, 4),
        ("downloads_default", 1, 1_000_000),
        ("downloads_max", 1, 1_000_000),
        ("grant_seconds", 60, 604_800),
    ],
)
def test_the_numbers_that_a_policy_may_have(key: str, least: int, most: int) -> None:
    for number in (least, most):
        assert getattr(policy.changed(Policy(), {key: str(number)}), key) == number
    for number in (least - 1, most + 1):
        with pytest.raises(InvalidValue):
            policy.changed(Policy(), {key: str(number)})


def test_how_long_a_download_may_take() -> None:
    assert Policy().grant_lifetime == timedelta(hours=1)
    assert Policy(grant_seconds=60).grant_lifetime == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("text", "code"),
    [("2024-12-31", "expires.past"), ("2025-01-01", "expires.past"), ("2026-11-26", "expires.past")],
)
def test_dates_that_are_past(text: str, code: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        typed_dates.parse_expiry(text, NOW)
    assert caught.value.code == code


def test_what_the_policy_asks_of_a_field() -> None:
    assert TYPED["expires"].limits(STRICT) == ("30 days at most",)
    assert TYPED["downloads"].limits(STRICT) == ("2,000 at most",)
    assert TYPED["expires"].limits(Policy()) == TYPED["downloads"].limits(Policy()) == ()
    assert TYPED["downloads"].sentence(STRICT) == "Downloads permitted: required, 2,000 at most."
    assert TYPED["downloads"].sentence(Policy()) == ""
    assert TYPED["password"].sentence(Policy()) == "Password: optional; must not be a common one."
    asked = Policy(password_required=True, password_min_length=10)
    assert TYPED["password"].sentence(asked) == (
        "Password: required, 10+ characters; must not be a common one."
    )


def test_what_is_left_out_is_on_only_if_the_policy_says_so() -> None:
    notify = FLAGS["notify"]
    assert not notify.by_default(Policy())
    assert notify.by_default(Policy(notify_default=True))
    without_rule = Flag("Sealed", "sealed", (), "sealed", "seal them", "seal")
    assert not without_rule.by_default(Policy(notify_default=True))


def test_what_a_sent_document_has_of_a_setting() -> None:
    sent = SimpleNamespace(has_password=True, expires_at=NOW, downloads_permitted=1_000)
    bare = SimpleNamespace(has_password=False, expires_at=None, downloads_permitted=None)
    assert {name: setting.kept(setting.present(sent)) for name, setting in TYPED.items()} == {
        "password": "set", "expires": "27 Nov 2026 09:00", "downloads": "1,000",
    }  # fmt: skip
    assert {setting.kept(setting.present(bare)) for setting in TYPED.values()} == {"none"}
    assert present_values([sent, bare])["downloads"] == [1_000, None]
    expires = TYPED["expires"]
    assert expires.kept_shorter(NOW, NOW) == ("27 Nov 2026 09:00", "27 Nov 09:00", "27 Nov")
    assert expires.kept_shorter(NOW, NOW.replace(year=2025)) == ("27 Nov 2026 09:00", "27 Nov 2026")
    assert expires.kept_shorter(None, NOW) == ("none",)


@pytest.mark.parametrize(
    ("name", "value", "present", "texts", "less"),
    [
        ("downloads", 1, [2], ("fewer than before (2)", "fewer than before", "fewer"), True),
        ("downloads", 1, [None], ("fewer than before (no limit)", "fewer than before", "fewer"), True),
        ("downloads", 2, [2], ("before: 2",), False),
        ("downloads", 3, [2, 5], ("fewer than some have", "fewer"), True),
        ("downloads", 9, [2, 5], ("before: they differ",), False),
        ("expires", NOW, [NOW - timedelta(days=1)], ("before: Thu 26 Nov 2026, 09:00",), False),
        (
            "expires",
            NOW,
            [None],
            ("earlier than before (never ends)", "earlier than before", "earlier"),
            True,
        ),
    ],
)
def test_a_new_value_beside_what_documents_have(
    name: str, value: object, present: list[object], texts: tuple[str, ...], less: bool
) -> None:
    found = compared(name, value, present)
    assert found is not None
    assert (found.texts, found.is_less) == (texts, less)


def test_what_can_be_no_less_than_before() -> None:
    assert compared("password", "x", [True]) is None
    assert compared("expires", NOW, []) is None
    before: Any = SimpleNamespace(has_password=False, expires_at=None, downloads_permitted=7)
    after: Any = SimpleNamespace(name="a.txt", has_password=False, expires_at=NOW, downloads_permitted=5)
    assert lessened(before, LinkSettings(expires_at=NOW, downloads_permitted=5)) == ["expires", "downloads"]
    assert lessened(before, LinkSettings(expires_at=LEFT_OUT, downloads_permitted=None)) == []
    assert [lessened_text(name, after, before) for name in ("expires", "downloads")] == [
        "The link of “a.txt” ends earlier: Fri 27 Nov 2026, 09:00, before it never ended",
        "The link of “a.txt” allows fewer downloads: 5, before 7",
    ]


def test_what_is_said_of_an_empty_field() -> None:
    assert empty_texts(STRICT, "expires") == [
        "required: 30 days at most", "30 days at most",
    ]  # fmt: skip
    assert empty_texts(STRICT, "password")[:2] == [
        "required: 10+ characters of 3 kinds (a–z, A–Z, 0–9, other)",
        "required: 10+ characters of 3 kinds",
    ]
    assert empty_texts(Policy(), "expires") == ["optional"]
    assert empty_texts(Policy(), "downloads") == ["optional, 1 to 1,000,000", "optional"]
    assert kept_texts(STRICT, "expires") == ["30 days at most", "–"]
    assert kept_texts(Policy(), "expires") == ["–"]
    limited = Policy(expires_required=True, expires_max="30d")
    assert kept_none_texts(limited, "expires") == ["required: 30 days at most", "required"]
    assert kept_none_texts(limited, "downloads") == []


def test_what_a_value_means() -> None:
    assert TYPED["password"].understood("x")[0] == "recipients must enter it"
    assert TYPED["expires"].understood(NOW) == [
        "until Fri 27 November 2026, 09:00 (UTC)", "until Fri 27 Nov 2026, 09:00", "Fri 27 Nov 2026 09:00",
    ]  # fmt: skip
    assert dates.expiry_texts(typed_dates.parse_expiry("friday", NOW, BERLIN), BERLIN) == [
        "until Fri 4 December 2026, end of the day (CET)", "until Fri 4 Dec 2026, end of day",
        "until end of Fri 4 Dec 2026", "Fri 4 Dec 2026",
    ]  # fmt: skip
    assert TYPED["downloads"].understood(1)[0] == "1 download of each document"
    assert TYPED["downloads"].understood(2000) == [
        "2,000 downloads of each document", "2,000 of each document", "2,000 of each",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("policy.password_too_short", "7 of 10 characters"),
        ("policy.password_too_plain", "1 of 3 kinds"),
        ("policy.password_refused", "too common"),
        ("policy.expires_too_far", "30 days at most"),
        ("policy.downloads_too_many", "2,000 at most"),
        ("downloads.out_of_range", "1 to 1,000,000"),
        ("expires.unknown", "not a readable date"),
        ("expires.short_year", "year of four digits"),
        ("another", "The sentence."),
    ],
)
def test_a_few_words_of_what_is_wrong(code: str, text: str) -> None:
    first, _, second = code.partition(".")
    name = second.partition("_")[0] if first == "policy" else {"expires": "expires"}.get(first, "downloads")
    assert short_reason(InvalidValue(code, "The sentence."), name, "shorter", STRICT) == text


def test_nothing_typed_is_missing_only_where_it_is_required() -> None:
    assert is_missing(InvalidValue("policy.expires_required", ""))
    assert not is_missing(InvalidValue("policy.expires_too_far", ""))
