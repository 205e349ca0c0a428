"""Small rules: what can be searched for, how ids, sizes, times and events are written, which names and passwords do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tui.rules import (
    accounts,
    activity_details,
    activity_kinds,
    common_passwords,
    display,
    errors,
    ids,
    search,
    sent_text,
)
from tui.rules.errors import InvalidValue, Throttled
from tui.rules.state import EndedBy, Reason

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("utc")


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
        (NOW, 16, "09:00"),
        (NOW, 6, "09:00"),
        (datetime(2026, 1, 5, 16, 8, tzinfo=UTC), 13, "5 Jan, 16:08"),
        (datetime(2026, 1, 5, tzinfo=UTC), 12, "5 Jan"),
        (datetime(2026, 12, 31, tzinfo=UTC), 8, "31 Dec"),
        (datetime(2026, 11, 24, tzinfo=UTC), 11, "24 Nov"),
        (datetime(2026, 11, 24, tzinfo=UTC), 6, "Tue"),
        (datetime(2026, 12, 3, tzinfo=UTC), 6, "Thu"),
        (datetime(2026, 11, 20, tzinfo=UTC), 6, "20 Nov"),
        (datetime(2025, 11, 27, 9, tzinfo=UTC), 13, "27 Nov 2025"),
        (datetime(2025, 11, 27, 9, tzinfo=UTC), 11, "27 Nov 2025"),
        (datetime(2025, 11, 27, 9, tzinfo=UTC), 10, "2025"),
    ],
)
def test_moments(moment: datetime, width: int, text: str) -> None:
    assert display.moment_text(moment, NOW, width) == text


def test_a_moment_that_is_none_or_is_seen_from_nowhere() -> None:
    assert display.moment_text(None, NOW) == ""
    assert display.moment_text(NOW, None, 8) == "Fri 27 Nov 2026, 09:00"
    assert display.day_and_time(NOW) == "27 Nov 2026 09:00"
    assert display.day_and_time(None) == ""


def test_the_first_names_of_many() -> None:
    names = [f"{number}.pdf" for number in range(9)]
    assert display.first_names(names[:8]).split("\n") == names[:8]
    assert display.first_names(names).split("\n") == [*names[:8], "and 1 more"]
    assert display.first_names(names * 200).endswith("\nand 1,792 more")


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
    assert sent_text.downloads_text(0, None, anew=True) == "0 anew"
    assert sent_text.sent_times("14:12", "14:15") == "14:12 and again 14:15"
    assert sent_text.taken_text(0, None, 0, anew=True) == "none since it was sent again"
    assert sent_text.taken_text(2, 2, 1, anew=True) == "2 of 2 taken, 1 arrived since it was sent again"


def test_whatever_has_ended_a_link_has_words() -> None:
    """In full, and in few for a column, where that of a limit or an expiry is one already."""
    for why in (*Reason, *EndedBy):
        assert sent_text.reason_text(why) in sent_text._REASONS.values(), why
    assert set(sent_text._FEW_WORDS) >= set(EndedBy)


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
    assert (
        activity_kinds.activity_text("NEWDOCVER")
        == activity_kinds.activity_text("newdocver")
        == "new version"
    )
    assert activity_kinds.activity_text("SHARE_LINK_OPENED") == "share link opened"
    assert activity_kinds.activity_text("wrong password") == "wrong password"
    details = {
        "first": True, "second": False, "empty": "", "none": None, "zero": 0, "expires_at": "2026-11-27T10:30:00+00:00",
        "ended_at": "never", "looked_at": 5, "sha256": "ab", "two_words": "x",
    }  # fmt: skip
    assert activity_details.details_text(details) == (
        "from byte: yes, second: no, zero: 0, expires: Fri 27 Nov 2026, 10:30, ended at: never, looked at: 5, "
        "SHA-256: ab, two words: x"
    )
    assert activity_details.details_text({}) == ""
    assert activity_details.details_text({"to": ["a@b.de", 7], "sent": []}) == "to: a@b.de, 7, sent: none"


@pytest.mark.parametrize(
    ("activity", "text"),
    [
        ("EXPORT", "exported"), ("VIEW", "viewed"), ("MAIL", "e-mailed"), ("PRINT", "printed"), ("MODIFY", "changed"),
        ("RELEASE", "released"), ("DELETE", "deleted"), ("RESTORE", "restored"), ("SHARED", "shared"),
        ("SHARE_EXPIRATION_MODIFIED", "expiry changed"),
    ],
)  # fmt: skip
def test_what_happened_is_said_in_the_past_tense(activity: str, text: str) -> None:
    assert activity_kinds.activity_text(activity) == text


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
        ({"tries": 3, "since": "2026-11-27T10:30:00+00:00"}, "tries: 3, since: Fri 27 Nov 2026, 10:30"),
        ({"sha256": "ab"}, "SHA-256: ab"),
    ],
)
def test_details_are_written_as_elsewhere(details: dict[str, object], text: str) -> None:
    assert activity_details.details_text(details) == text


@pytest.mark.parametrize(
    ("key", "value"),
    [("expires_at", "0001-01-01T00:00:00+14:00"), ("size", 10**400), ("since", "soon")],
    ids=["early", "large", "words"],
)
def test_details_that_someone_made_up_are_shown_as_they_are(key: str, value: object) -> None:
    """They are beyond the calendar of this time zone, or any size."""
    assert activity_details.details_text({key: value}).endswith(f": {value}")


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


def test_with_what_somebody_is_signed_in() -> None:
    assert accounts.session_words("app", None) == "app"
    assert accounts.session_words("app", None, current=True) == "app (this one)"
    assert accounts.session_words("oauth client", "addin") == "addin"
    assert accounts.session_words("oauth client", None) == "program"


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("elevenchars", "password.too_short"),
        ("Common-Heron", "password.common"),
        ("a" * 12, "password.weak"),
        ("Quarry-Lamp-72", None),
    ],
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


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "1 s"), (0.2, "1 s"), (29.1, "30 s"), (59, "59 s"), (59.5, "1 min"), (61, "2 min"), (3600, "1 h")],
)
def test_how_long_one_has_to_wait(seconds: float, text: str) -> None:
    """Never less than that."""
    assert display.wait_text(seconds) == text


@pytest.mark.parametrize(
    ("count", "more", "text"),
    [
        (6, {"seconds": 30}, "6 wrong passwords; next try in 30 s"),
        (6, {}, "6 wrong passwords"),
        (101, {"locked": True, "seconds": 30}, "101 wrong passwords; locked, with one try a minute"),
        (0, {"seconds": 90}, "wrong passwords; next try in 2 min"),
        (1, {}, "1 wrong password"),
    ],
)
def test_what_wrong_passwords_have_done(count: int, more: dict[str, Any], text: str) -> None:
    assert sent_text.wrong_passwords_text(count, **more) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("ACTIVE!453.1", "ACTIVE!453, v1"),
        ("ACTIVE!453.12", "ACTIVE!453, v12"),
        ("file:Draft 1.2", "a local file"),
        ("file:", "a local file"),
        ("ACTIVE!453", "ACTIVE!453"),
        ("ACTIVE!453.x", "ACTIVE!453.x"),
        ("", ""),
    ],
)
def test_what_a_document_was_sent_from(source: str, text: str) -> None:
    assert sent_text.source_text(source) == text
    named = f"Minutes.docx ({text})" if text != "a local file" else text
    assert sent_text.source_text(source, "Minutes.docx") == named
