"""Small rules: what can be searched for, how ids, sizes, times and events are written, which passwords are common."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tui.rules import (
    accounts,
    activities,
    common_passwords,
    display,
    errors,
    ids,
    options,
    policy,
    search,
    sent_text,
)
from tui.rules.errors import Conflict, InvalidValue, Throttled
from tui.rules.policy import Policy
from tui.rules.state import UNDO_GRACE, UNDO_WINDOW, check_undo
from tui.rules.typed_settings import (
    empty_texts,
    is_missing,
    kept_texts,
    rule_sentence,
    rule_texts,
    short_reason,
    understood_texts,
)

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


# ---------------------------------------------------------------- searches and ids


@pytest.mark.parametrize("text", ["a", "*", "_", "é", "7", f"{'a' * 1000}"])
def test_what_can_be_searched_for(text: str) -> None:
    assert search.checked(f"  {text}\n") == text


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "empty"), ("  ", "empty"), ("?!…", "empty"), ("a" * 1001, "too_long"), ("?" * 1001, "empty")],
)
def test_what_cannot(text: str, code: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        search.checked(text)
    assert (caught.value.code, caught.value.field) == (f"text.{code}", "text")


@pytest.mark.parametrize(
    ("text", "number", "version"),
    [
        ("ACTIVE!453", 453, False),
        ("ACTIVE!453.2", 453, True),
        ("A-b c!0.0", 0, True),
        (f"A!{'9' * 18}.{'9' * 9}", 10**18 - 1, True),
        (f"A!{'9' * 19}", None, False),
        (f"A!1.{'9' * 10}", None, False),
        ("ACTIVE!453.", None, False),
        ("ACTIVE!453.2.1", None, False),
        ("!453", None, False),
        ("ACTIVE!", None, False),
        ("ACTIVE!x", None, False),
        ("A!B!1", None, False),
        ("A/B!1", None, False),
        ("453", None, False),
        ("ACTIVE!1\n", None, False),
    ],
)
def test_ids_of_documents(text: str, number: int | None, version: bool) -> None:
    assert ids.number_of(text) == number
    assert ids.is_document(text) == (number is not None)
    assert ids.is_version(text) == version


# ---------------------------------------------------------------- how things are written


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (1050, "1.1 kB"),
        (12_345, "12.3 kB"),
        (99_949, "99.9 kB"),
        (99_950, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (4_500_000_000, "4.5 GB"),
        (2 * 10**12, "2.0 TB"),
        (3 * 10**15, "3.0 PB"),
        (999_500 * 10**12, "1000 PB"),
        (5 * 10**18, "5000 PB"),
    ],
)
def test_sizes(size: int, text: str) -> None:
    assert display.size_text(size) == text


@pytest.mark.parametrize(
    ("moment", "width", "text"),
    [
        (NOW, 16, "2026-11-27 09:00"),
        (NOW, 15, "09:00"),
        (NOW, 8, "09:00"),
        (datetime(2026, 1, 5, tzinfo=UTC), 11, "5 Jan"),
        (datetime(2026, 12, 31, tzinfo=UTC), 8, "31 Dec"),
        (datetime(2025, 11, 27, 9, tzinfo=UTC), 11, "27 Nov 2025"),
        (datetime(2025, 11, 27, 9, tzinfo=UTC), 10, "Nov 2025"),
        (datetime(2025, 11, 27, 9, tzinfo=UTC), 16, "2025-11-27 09:00"),
    ],
)
def test_moments(moment: datetime, width: int, text: str) -> None:
    assert display.moment_text(moment, NOW, width) == text


def test_a_moment_that_is_none_or_is_seen_from_nowhere() -> None:
    assert display.moment_text(None, NOW) == ""
    assert display.moment_text(NOW, None, 8) == "2026-11-27 09:00"


def test_the_first_names_of_many() -> None:
    names = [f"{number}.pdf" for number in range(9)]
    assert display.first_names(names[:8]).split("\n") == names[:8]
    assert display.first_names(names).split("\n") == [*names[:8], "…"]


def test_what_tells_the_same_names_apart() -> None:
    names, versions, ids = ["A.pdf", "B.pdf", "a.pdf", "A.pdf"], ["1", "1", "2", "1"], ["v", "x", "y", "z"]
    assert display.distinguished(names, versions) == ["A.pdf (1)", "B.pdf", "a.pdf (2)", "A.pdf (1)"]
    told = display.distinguished(names, versions, ids)
    assert told == ["A.pdf (1) (v)", "B.pdf", "a.pdf (2)", "A.pdf (1) (z)"]


def test_states_of_a_sent_document() -> None:
    assert sent_text.external_text(True, "expired") == "On"
    reasons = ("by hand", "expired", "limit", "unheard of")
    assert [sent_text.external_text(False, reason) for reason in reasons] == [
        "Off · unpublished", "Off · expired", "Off · limit reached", "Off · unheard of",
    ]  # fmt: skip
    assert sent_text.external_text(False, None) == sent_text.external_text(False, "") == "Off"
    assert sent_text.downloads_text(3, None) == "3"
    assert sent_text.downloads_text(3, 5) == "3 of 5"
    assert sent_text.downloads_text(0, 0) == "0 of 0"


def test_counts_name_their_thing() -> None:
    assert [display.counted(n, "link") for n in (0, 1, 7, 1200)] == [
        "0 links",
        "1 link",
        "7 links",
        "1,200 links",
    ]
    assert [display.counted(n, "link stops", "links stop") for n in (1, 2)] == [
        "1 link stops",
        "2 links stop",
    ]
    assert [display.documents_text(n) for n in (1, 2)] == ["1 document", "2 documents"]
    assert [display.is_and_it(n) for n in (1, 2)] == [("is", "it"), ("are", "them")]


def test_events() -> None:
    assert activities.activity_text("NEWDOCVER") == activities.activity_text("newdocver") == "new version"
    assert activities.activity_text("SHARE_REVOKED") == "share revoked"
    assert activities.activity_text("wrong password") == "wrong password"
    details = {
        "first": True, "second": False, "empty": "", "none": None, "zero": 0, "expires_at": "2026-11-27T10:30:00+00:00",
        "ended_at": "never", "looked_at": 5, "sha256": "ab", "two_words": "x",
    }  # fmt: skip
    assert activities.details_text(details, activities.BY_THE_WAY) == (
        "from byte: yes, second: no, zero: 0, expires: 2026-11-27 10:30, ended at: never, looked at: 5, two words: x"
    )
    assert activities.details_text({}) == ""
    assert activities.details_text({"to": ["a@b.de", 7], "sent": []}) == "to: a@b.de, 7, sent: none"


@pytest.mark.parametrize(
    ("activity", "text"),
    [
        ("EXPORT", "exported"), ("VIEW", "viewed"), ("MAIL", "e-mailed"), ("PRINT", "printed"), ("MODIFY", "changed"),
        ("RELEASE", "released"), ("DELETE", "deleted"), ("RESTORE", "restored"), ("SHARED", "shared"),
        ("SHARE_EXPIRATION_MODIFIED", "expiry changed"),
    ],
)  # fmt: skip
def test_what_happened_is_said_in_the_past_tense(activity: str, text: str) -> None:
    assert activities.activity_text(activity) == text


@pytest.mark.parametrize(
    ("details", "text"),
    [
        ({"size": 6076, "source": "ACTIVE!3.1"}, "size: 6.1 kB, sent from: ACTIVE!3.1"),
        ({"has_password": False, "downloads_permitted": 1200}, "password: no, downloads permitted: 1,200"),
        ({"password": "kept", "new_address": True}, "password: kept, new link: yes"),
        ({"reason": "limit"}, "reason: limit reached"),
        ({"reason": "by hand"}, "reason: unpublished"),
        ({"percent": 43}, "received: 43%"),
        ({"first": 1000, "length": 24}, "from byte: 1,000, bytes: 24"),
        ({"tries": 3, "since": "2026-11-27T10:30:00+00:00"}, "tries: 3, since: 2026-11-27 10:30"),
        ({"sha256": "ab"}, "SHA-256: ab"),
    ],
)
def test_details_are_written_as_elsewhere(details: dict[str, object], text: str) -> None:
    assert activities.details_text(details) == text


@pytest.mark.parametrize(
    ("key", "value"),
    [("expires_at", "0001-01-01T00:00:00+14:00"), ("size", 10**400), ("since", "soon")],
    ids=["early", "large", "words"],
)
def test_details_that_someone_made_up_are_shown_as_they_are(key: str, value: object) -> None:
    """They are beyond the calendar of this time zone, or any size."""
    assert activities.details_text({key: value}).endswith(f": {value}")


def test_common_passwords_are_read_when_they_are_needed() -> None:
    common_passwords.common_passwords.cache_clear()
    assert common_passwords.known_by_now() == frozenset()
    found = common_passwords.common_passwords()
    assert len(found) == 10_000
    assert {"password", "123456"} < found
    assert common_passwords.known_by_now() is found


# ---------------------------------------------------------------- failures


@pytest.mark.parametrize(
    ("kind", "exit_status", "http_status"),
    [
        (errors.Problem, 1, 500),
        (errors.Failed, 1, 500),
        (errors.Conflict, 1, 409),
        (errors.TooLarge, 1, 413),
        (errors.NoRoom, 1, 507),
        (errors.Unavailable, 1, 503),
        (errors.InvalidValue, 2, 422),
        (errors.PolicyBreach, 3, 422),
        (errors.NotSignedIn, 4, 401),
        (errors.NotAllowed, 4, 403),
        (errors.Throttled, 4, 429),
        (errors.NotFound, 5, 404),
        (errors.Unreachable, 6, 503),
        (errors.Interrupted, 1, 503),
    ],
)
def test_how_a_failure_ends_a_command_and_is_answered(
    kind: type[errors.Problem], exit_status: int, http_status: int
) -> None:
    assert (kind.exit_status, kind.http_status) == (exit_status, http_status)


# ---------------------------------------------------------------- names and passwords


def test_names_that_are_too_long_are_nobodys() -> None:
    assert accounts.names_meant("a" * 1025) == ()
    assert accounts.names_meant("a" * 1024) == ("a" * 1024, "A" * 1024)
    with pytest.raises(InvalidValue) as caught:
        accounts.kept_name("\ufb03" * 1025)
    assert caught.value.code == "name.too_long"


def test_what_nobody_sees_is_spelled_out() -> None:
    assert accounts.escaped("AL\u200bICE\U000e0001") == "AL\\u200BICE\\U000E0001"
    assert accounts.unescaped("AL\\u200BICE\\U000E0001") == "AL\u200bICE\U000e0001"
    assert accounts.unescaped("\\U00110000") == "\\U00110000"
    assert accounts.escaped("\uffff\U00010000") == "\\uFFFF\\U00010000"[:6] + accounts.escaped("\U00010000")
    with pytest.raises(InvalidValue) as caught:
        accounts.kept_name("AL\u200bICE")
    assert (caught.value.code, caught.value.field) == ("name.invisible_character", "name")


def test_a_name_with_something_unseen_is_nobodys() -> None:
    assert accounts.names_meant("AL\u200bICE") == ()
    assert accounts.names_meant("  ") == ("  ",)
    assert accounts.names_meant(" alice ") == (" alice ", "ALICE")


def test_made_passwords_have_another_kind_of_character_now_and_then() -> None:
    for length, places in ((20, [5, 11, 17]), (12, [5]), (13, [5, 11]), (3, [5])):
        made = options.generate_password(length)
        assert len(made) == max(length, 12)
        assert [place for place, character in enumerate(made) if not character.isalnum()] == places


@pytest.mark.parametrize(("least", "length"), [(None, 20), (5, 20), (20, 20), (30, 30)])
def test_a_made_password_is_as_long_as_the_policy_wants(least: int | None, length: int) -> None:
    assert len(options.generate_link_password(least)) == length


def test_with_what_somebody_is_signed_in() -> None:
    assert accounts.session_words("app", None) == "app"
    assert accounts.session_words("app", None, current=True) == "app (this one)"
    assert accounts.session_words("oauth client", "addin") == "addin"
    assert accounts.session_words("oauth client", None) == "program"


@pytest.mark.parametrize(
    ("password", "code"),
    [("elevenchars", "password.too_short"), ("Common-Heron", "password.common"), ("a" * 12, None)],
)
def test_passwords_for_signing_in(password: str, code: str | None) -> None:
    try:
        accounts.check_password(password, {"common-heron"})
        found = None
    except InvalidValue as error:
        found = error.code
    assert found == code


def test_who_tries_too_often_is_told_when_to_come_again() -> None:
    assert (Throttled("busy", "").retry_after, Throttled("busy", "", 7).retry_after) == (1, 7)


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
        options.parse_expiry(text, NOW)
    assert caught.value.code == code


def test_what_the_policy_asks_of_a_field() -> None:
    assert rule_texts(STRICT, "expires") == ("30d at most",)
    assert rule_texts(STRICT, "downloads") == ("2,000 at most",)
    assert rule_texts(Policy(), "expires") == rule_texts(Policy(), "downloads") == ()
    assert rule_sentence(STRICT, "downloads") == "Downloads permitted: required, 2,000 at most."
    assert rule_sentence(Policy(), "downloads") == ""
    assert rule_sentence(Policy(), "password") == "Password: optional; must not be a common one."
    asked = Policy(password_required=True, password_min_length=10)
    assert rule_sentence(asked, "password") == (
        "Password: required, at least 10 characters; must not be a common one."
    )


def test_what_is_said_of_an_empty_field() -> None:
    assert empty_texts(STRICT, "expires") == [
        "required; policy: 30d at most", "required; 30d at most", "30d at most",
    ]  # fmt: skip
    assert empty_texts(STRICT, "password")[:2] == [
        "required; policy: at least 10 characters, 3 kinds (lower case, upper case, digits, others)",
        "required; at least 10 characters, 3 kinds (lower case, upper case, digits, others)",
    ]
    assert empty_texts(Policy(), "expires") == ["optional"]
    assert empty_texts(Policy(), "downloads") == ["optional, 1 to 1,000,000", "optional"]
    assert kept_texts(STRICT, "expires") == ["kept; 30d at most", "kept"]
    assert kept_texts(Policy(), "expires") == ["kept"]


def test_what_a_value_means() -> None:
    assert understood_texts("password", "x")[0] == "the recipient is asked for it"
    assert understood_texts("expires", NOW) == ["until Fri 2026-11-27 09:00 UTC", "until 2026-11-27 09:00"]
    assert understood_texts("downloads", 1)[0] == "1 download of each document"
    assert understood_texts("downloads", 2000) == [
        "2,000 downloads of each document", "2,000 of each document", "2,000 of each",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("policy.password_too_short", "7 of 10 characters"),
        ("policy.password_too_plain", "1 of 3 kinds"),
        ("policy.password_refused", "too common"),
        ("policy.expires_too_far", "30d at most"),
        ("policy.downloads_too_many", "2,000 at most"),
        ("downloads.out_of_range", "from 1 to 1,000,000"),
        ("another", "The sentence."),
    ],
)
def test_a_few_words_of_what_is_wrong(code: str, text: str) -> None:
    assert short_reason(InvalidValue(code, "The sentence."), "shorter", STRICT) == text


def test_nothing_typed_is_missing_only_where_it_is_required() -> None:
    assert is_missing(InvalidValue("policy.expires_required", ""))
    assert not is_missing(InvalidValue("policy.expires_too_far", ""))
