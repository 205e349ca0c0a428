"""What the user is told without asking: which events, in which words, for how long, and each of them once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.support.checks.notices import HOSTILE, ME, happening, text_of, told
from tui.clients.events import DocumentEvent
from tui.rules.activity_kinds import KNOWN
from tui.rules.notices import KINDS, NOT_TOLD, TONES, notice_text, others_text
from tui.rules.state import Event
from tui.session.notices import (
    ALERT_SECONDS,
    LONGEST_SECONDS,
    MOST_KEPT,
    SHOWN_SECONDS,
    Notices,
)
from tui.ui.widgets.notice_text import notice_text as fitted

# ---------------------------------------------------------------- words


@pytest.mark.parametrize("event", sorted({*map(str, Event), *(name for name in KNOWN if not name.isupper())}))
def test_what_the_activity_has_is_told_or_not_told_for_a_reason(event: str) -> None:
    """Work's own events, whose names are in capitals, are in no stream; neither is a row that can't be shown."""
    if event == "unreadable":
        assert event not in {*KINDS, *NOT_TOLD}
        return
    assert (event in KINDS) is not (event in NOT_TOLD)
    assert event in KINDS or NOT_TOLD[event]


def test_the_kinds_are_events_of_share() -> None:
    assert {*KINDS, *NOT_TOLD} == set(map(str, Event))
    assert {kind.tone for kind in KINDS.values()} == set(TONES)
    assert {each for kind in KINDS.values() for each in (*kind.settles, *kind.settles_one)} <= set(KINDS)


@pytest.mark.parametrize(
    ("event", "counts", "text"),
    [
        (
            "delivered",
            {"downloads": 1, "downloads_permitted": 2},
            "Offer.pdf delivered to 203.0.113.7, 1 of 2",
        ),
        ("delivered", {"downloads": 3}, "Offer.pdf delivered to 203.0.113.7"),
        (
            "downloaded",
            {"downloads": 1, "downloads_permitted": 2},
            "Download of Offer.pdf from 203.0.113.7 has begun, 1 of 2, not arrived yet",
        ),
        ("published", {}, "Offer.pdf is published again"),
        ("fetched", {}, "Offer.pdf downloaded by someone"),
        ("broken off", {"percent": 43}, "Download of Offer.pdf from 203.0.113.7 broke off at 43 %"),
        ("taken elsewhere", {}, "Offer.pdf downloaded from another network, 203.0.113.7"),
        ("wrong password", {"tries": 1}, "Wrong password for Offer.pdf from 203.0.113.7"),
        ("locked", {}, "Offer.pdf is locked after wrong passwords"),
        ("unavailable", {}, "Offer.pdf could not be downloaded: the server can't read its file"),
        ("expired", {}, "Offer.pdf has expired"),
        ("expired", {"delivered": 1}, "Offer.pdf has expired"),
        ("expired", {"delivered": 0}, "Offer.pdf has expired without being collected"),
        (
            "limit reached",
            {"downloads": 2, "downloads_permitted": 2, "delivered": 0},
            "Offer.pdf is used up, 2 of 2, and no download has arrived yet",
        ),
    ],
)
def test_sentences(event: str, counts: dict[str, int], text: str) -> None:
    assert notice_text(event, "Offer.pdf", address="203.0.113.7", counts=counts) == text


def test_who_stopped_a_link_is_told() -> None:
    assert text_of(told(happening("unpublished", actor="ADMIN"))) == "Offer.pdf was stopped by ADMIN"


def test_who_of_the_folder_has_downloaded_it_is_told() -> None:
    assert text_of(told(happening("fetched", actor="EDDA"))) == "Offer.pdf downloaded by EDDA"
    assert not told(happening("fetched", actor=ME)).kept


@pytest.mark.parametrize("event", KINDS)
def test_no_name_and_no_address_gets_through_raw(event: str) -> None:
    said = notice_text(
        event, HOSTILE, actor=HOSTILE, address=HOSTILE, counts={"percent": -1, "delivered": 0}, times=3
    )
    assert not set(said) & {"\x1b", "\x07", "\n", "\u202e"}
    assert "{count}%s" in said


def test_others_are_counted_by_what_they_are() -> None:
    assert others_text("delivered", {}) == ""
    assert others_text("delivered", {"delivered": 1}) == "1 more delivery"
    assert others_text("delivered", {"delivered": 5}) == "5 more deliveries"
    assert others_text("delivered", {"wrong password": 1, "delivered": 1}) == "2 more events"


@pytest.mark.parametrize("event", KINDS)
@pytest.mark.parametrize("other", KINDS)
def test_more_is_said_of_what_there_is_one_of_already(event: str, other: str) -> None:
    kind = KINDS[other]
    more = "more " if event == other else ""
    assert others_text(event, {other: 1}) == f"1 {more}{kind.one}"
    assert others_text(event, {other: 2}) == f"2 {more}{kind.many}"


@pytest.mark.parametrize("other_document", ["d1", "d2"])
def test_a_single_notice_of_another_kind_is_there_in_full_where_there_is_room(other_document: str) -> None:
    """It isn't counted as one more, and says of which document it is."""
    name = "Offer.pdf" if other_document == "d1" else "Plan.pdf"
    counts = {"downloads": 1, "downloads_permitted": 2}
    wrong = happening("wrong password")
    notices = told(wrong, wrong, happening(document=other_document, name=name, counts=counts))
    line = notices.line(0.0)
    assert line is not None
    first = "2 wrong passwords for Offer.pdf, last from 203.0.113.7"
    full = f"{first} · {name} delivered to 203.0.113.7, 1 of 2"
    assert line.full_text == full
    assert fitted(line, "! ", 200, "g n lists") == f"! {full}  g n lists"
    assert fitted(line, "! ", len(full) + 2, "g n lists") == f"! {full}"
    assert fitted(line, "! ", len(full) + 1) == f"! {first} · 1 delivery"
    assert line.text() == f"{first} · 1 delivery"


def test_each_time_counts() -> None:
    """Wrong passwords of one link are one notice, but not one event."""
    wrong, other = happening("wrong password"), happening("wrong password", document="d2", name="Plan.pdf")
    assert text_of(told(wrong, wrong, wrong, other)) == (
        "Wrong password for Plan.pdf from 203.0.113.7 · 3 more wrong passwords"
    )
    assert text_of(told(wrong, wrong, happening(), other)) == (
        "Wrong password for Plan.pdf from 203.0.113.7 · 3 more events"
    )


# ---------------------------------------------------------------- which events


@pytest.mark.parametrize(
    "event",
    [
        happening("delivered", actor=ME),
        happening("unpublished", actor=ME),
        happening("delivered", name=None),
        happening("delivered", document=None),
        *map(happening, (*NOT_TOLD, "limit reached", "new one", "")),
    ],
)
def test_what_is_no_news(event: DocumentEvent) -> None:
    """One's own acts, other people's documents, and what something else tells already."""
    notices = told(event)
    assert (text_of(notices), notices.unseen, list(notices.kept)) == ("", 0, [])


def test_a_link_that_ends_without_being_collected_is_news() -> None:
    used_up = {"downloads": 1, "downloads_permitted": 1}
    assert told(happening("limit reached", counts={**used_up, "delivered": 1})).unseen == 0
    notices = told(happening("limit reached", counts={**used_up, "delivered": 0}))
    assert text_of(notices) == "Offer.pdf is used up, 1 of 1, and no download has arrived yet"
    assert notices.unseen == 1
    expired = told(happening("expired", counts={"delivered": 0}), happening("delivered", document="d2"))
    line = expired.line(0.0)
    assert line is not None
    assert line.notice.tone == "warn"


def test_a_delivery_takes_the_place_of_what_was_told_before_it() -> None:
    """The last download is counted before its bytes have arrived."""
    used_up = {"downloads": 1, "downloads_permitted": 1, "delivered": 0}
    other = happening("limit reached", document="d2", name="Plan.pdf", counts=used_up)
    notices = told(other, happening("limit reached", counts=used_up))
    notices.happened(happening(counts={"downloads": 1, "downloads_permitted": 1}), ME, 1.0)
    assert [(notice.event, notice.document) for notice in notices.kept] == [
        ("delivered", "d1"),
        ("limit reached", "d2"),
    ]
    assert notices.unseen == 2
    assert text_of(notices, 1.0) == "Offer.pdf delivered to 203.0.113.7, 1 of 1 · 1 used-up link"
    notices.looked_at()
    notices.happened(happening(document="d2", name="Plan.pdf"), ME, 2.0)
    assert (notices.unseen, len(notices.kept)) == (1, 2)


def test_a_download_that_has_begun_is_told_until_it_is_known_what_became_of_it() -> None:
    """Each by its own: the one that never arrives remains."""
    anna, bob, carol = (f"203.0.113.{n}" for n in (1, 2, 3))
    counts = {"downloads": 1, "downloads_permitted": 5}
    notices = told(*(happening("downloaded", ident=a, address=a, counts=counts) for a in (anna, bob, carol)))
    assert notices.unseen == 3
    assert text_of(notices) == (
        f"Download of Offer.pdf from {carol} has begun, 1 of 5, not arrived yet · 2 more begun downloads"
    )
    # That a download arrives follows at once, mostly: the terminal rings once.
    assert notices.alert(0.0) is None
    notices.happened(happening(address=bob), ME, 1.0)
    notices.happened(happening("broken off", address=carol), ME, 2.0)
    assert [(notice.event, notice.address) for notice in notices.kept] == [
        ("broken off", carol),
        ("delivered", bob),
        ("downloaded", anna),
    ]
    assert notices.unseen == 3
    notices.happened(happening(address="198.51.100.1"), ME, 3.0)
    assert [notice.event for notice in notices.kept] == ["delivered", "broken off", "delivered"]
    assert notices.unseen == 3


@pytest.mark.parametrize("end", ["delivered", "broken off", "unavailable"])
@pytest.mark.parametrize("which", [0, 1, 2])
def test_only_the_end_of_the_same_download_takes_the_place_of_its_beginning(end: str, which: int) -> None:
    """Also if all of them are from one address, and the last one used up the link."""
    begun = [datetime(2026, 12, 3, 14, minute, tzinfo=UTC) for minute in range(3)]
    notices = told(
        *(
            replace(
                happening("downloaded", ident=f"{n}", counts={"downloads": n + 1, "downloads_permitted": 3}),
                at=at,
            )
            for n, at in enumerate(begun)
        ),
        happening("limit reached", ident="9", address=None, counts={"downloads": 3, "delivered": 0}),
    )
    assert [notice.at for notice in notices.kept if notice.event == "downloaded"] == begun[::-1]
    for again in ("10", "11"):
        # The second time from another network, or after it went on.
        notices.happened(happening(end, ident=again, begun_at=begun[which]), ME, 1.0)
        left = [notice.at for notice in reversed(notices.kept) if notice.event == "downloaded"]
        assert left == [at for at in begun if at != begun[which]]
    assert any(notice.event == "limit reached" for notice in notices.kept) is (end != "delivered")


def test_the_last_download_that_has_begun_is_told_as_the_last() -> None:
    used_up = {"downloads": 1, "downloads_permitted": 1}
    notices = told(
        happening("downloaded", counts=used_up),
        happening("limit reached", ident="2", address=None, counts={**used_up, "delivered": 0}),
    )
    assert text_of(notices) == (
        "Offer.pdf is used up, 1 of 1, and no download has arrived yet · 1 begun download"
    )
    notices.happened(happening(ident="3"), ME, 1.0)
    assert [notice.event for notice in notices.kept] == ["delivered"]
    assert notices.unseen == 1


def test_nothing_is_told_twice() -> None:
    """The server repeats events if the connection was lost before their numbers were noted."""
    notices = Notices()
    assert notices.happened(happening(ident="7"), ME, 0.0)
    assert not notices.happened(happening(ident="7"), ME, 1.0)
    assert notices.unseen == 1
    # After a backup was restored, numbers are used again.
    notices.renumbered()
    assert notices.happened(happening(ident="7"), ME, 2.0)


def test_many_events_are_one_line() -> None:
    names = [f"Exhibit {number}.pdf" for number in range(6)]
    notices = told(*(happening(name=name, document=name) for name in names))
    assert text_of(notices) == "Exhibit 5.pdf delivered to 203.0.113.7 · 5 more deliveries"
    assert notices.unseen == 6
    assert [notice.name for notice in notices.kept] == names[::-1]


def test_what_is_urgent_is_not_hidden_by_what_is_not() -> None:
    notices = told(happening("wrong password"), happening("delivered"), happening("delivered", document="d2"))
    assert text_of(notices) == "Wrong password for Offer.pdf from 203.0.113.7 · 2 deliveries"
    line = notices.line(0.0)
    assert line is not None
    assert line.notice.tone == "warn"


def test_wrong_passwords_of_a_link_are_one() -> None:
    notices = told(*(happening("wrong password", address=f"203.0.113.{n}") for n in range(3)))
    assert text_of(notices) == "3 wrong passwords for Offer.pdf, last from 203.0.113.2"
    assert (notices.unseen, len(notices.kept)) == (1, 1)
    notices.happened(happening("wrong password", document="d2", name="Plan.pdf"), ME, 1.0)
    assert text_of(notices, 1.0) == "Wrong password for Plan.pdf from 203.0.113.7 · 3 more wrong passwords"
    notices.looked_at()
    notices.happened(happening("wrong password", document="d2", name="Plan.pdf"), ME, 2.0)
    assert text_of(notices, 2.0) == "Wrong password for Plan.pdf from 203.0.113.7"


# ---------------------------------------------------------------- for how long


def test_a_line_is_gone_after_a_while_and_the_list_stays() -> None:
    notices = told(happening())
    assert notices.seconds_left(4.0) == SHOWN_SECONDS - 4.0
    assert text_of(notices, SHOWN_SECONDS - 0.1)
    assert text_of(notices, SHOWN_SECONDS) == ""
    assert notices.seconds_left(SHOWN_SECONDS) == 0.0
    assert (notices.unseen, len(notices.kept)) == (1, 1)
    notices.happened(happening(name="Plan.pdf", document="d2"), ME, SHOWN_SECONDS + 5)
    assert text_of(notices, SHOWN_SECONDS + 5) == "Plan.pdf delivered to 203.0.113.7"


def test_a_line_that_never_ends_begins_anew() -> None:
    """If something happens every second, the others that it counts are those of the last minute."""
    notices, now = Notices(), 0.0
    while now < LONGEST_SECONDS + 5:
        notices.happened(happening(), ME, now)
        now += 1.0
    assert text_of(notices, now) == "Offer.pdf delivered to 203.0.113.7 · 4 more deliveries"


def test_a_thousand_events_are_bounded_and_one_alert() -> None:
    notices = told(*(happening(ident=str(n), document=str(n), name=f"{n}.pdf") for n in range(1000)))
    assert len(notices.kept) == notices.unseen == MOST_KEPT
    assert text_of(notices) == f"999.pdf delivered to 203.0.113.7 · {MOST_KEPT - 1} more deliveries"
    assert notices.alert(0.0) is not None
    assert notices.alert(0.0) is None


def test_alerts_leave_time_between_them() -> None:
    notices = told(happening())
    first = notices.alert(0.0)
    assert first is not None
    assert first.text() == "Offer.pdf delivered to 203.0.113.7"
    assert notices.seconds_to_alert(0.0) is None
    for n in range(3):
        notices.happened(happening(document=str(n)), ME, 1.0)
    assert notices.alert(1.0) is None
    assert notices.seconds_to_alert(1.0) == ALERT_SECONDS - 1.0
    second = notices.alert(ALERT_SECONDS)
    assert second is not None
    assert second.others == "2 more deliveries"


def test_what_was_looked_at_is_not_new() -> None:
    notices = told(happening())
    notices.looked_at()
    assert (text_of(notices), notices.unseen, len(notices.kept)) == ("", 0, 1)
    assert notices.alert(0.0) is None


def test_another_user_sees_nothing_of_it() -> None:
    notices = told(happening(ident="7"))
    notices.forget()
    assert (text_of(notices), notices.unseen, list(notices.kept)) == ("", 0, [])
    assert notices.happened(happening(ident="7"), "ANNA", 1.0)
