"""The activities of one send, which read as one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tui.rules.send_activities import Happened, ReadSend, in_sends, read_send

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


def happened(event: str, seconds: float = 0, about: str = "a.txt", **details: Any) -> Happened:
    return Happened(event, NOW - timedelta(seconds=seconds), "DJONES", details, about)


def one_send(send: str, *names: str, seconds: float = 0) -> list[Happened]:
    """The activities of a send, the latest first."""
    found = []
    for number, name in enumerate(reversed(names)):
        later = seconds + number
        found += [
            happened("EXPORT", later, name, comments="Secure Sent Link a.txt (ID 1)"),
            happened("SHARED", later, name, comments="Secure Sent Link a.txt"),
            happened("published", later, name, downloads_permitted=2),
            happened("sent", later, name, send=send, recipients=["anna@b.example"], source=f"A!{number}.1"),
        ]
    return found


def groups(events: list[Happened]) -> list[int]:
    return [len(group) for group in in_sends(events, lambda event: event)]


def test_a_send_reads_as_one() -> None:
    first, second = one_send("1", "a.txt", "b.txt"), one_send("2", "c.txt", seconds=3)
    assert groups([happened("downloaded"), *first, *second]) == [1, 8, 4]
    assert read_send(first, "DJONES") == ReadSend(
        "Sent 2 documents to anna@b.example: 2 downloads", ("a.txt", "b.txt")
    )
    assert read_send(second) == ReadSend(
        "Sent by DJONES from A!0, v1 to anna@b.example: 2 downloads", ("c.txt",)
    )


def test_what_belongs_to_no_send_stays_by_itself() -> None:
    published, sent = happened("published"), happened("sent", send="1")
    assert groups([published, published]) == [1, 1]
    assert groups([published, happened("sent", 6)]) == [1, 1], "later"
    assert groups([happened("published", undone=True), sent]) == [1, 1], "published again"
    assert groups([happened("EXPORT", comments="to a disk"), sent]) == [1, 1]
    assert groups([published._replace(actor="ANNA"), sent]) == [1, 1]
    assert groups([published._replace(at=None), sent]) == [1, 1]
    assert groups([published, happened("downloaded"), sent]) == [1, 1, 1]
    assert groups([]) == []


def test_the_documents_of_a_send_are_in_its_order() -> None:
    """Several are published at once, in any order. Where a server doesn't say their places, it stays that one."""
    sent = [
        happened("sent", n, name, send="1", place=place)
        for n, name, place in ((0, "b", 3), (1, "a", 1), (2, "c", 2))
    ]
    assert groups(sent) == [3]
    assert read_send(sent).names == ("a", "c", "b")
    unplaced = [each._replace(details={"send": "1"}) for each in sent]
    assert read_send(unplaced).names == ("c", "a", "b")
    hostile = [each._replace(details={"send": "1", "place": "1"}) for each in sent]
    assert read_send(hostile).names == ("c", "a", "b")


def test_what_work_notes_of_one_link_reads_as_one() -> None:
    """Of what another has sent, only this is known: of a link of each, the export and under which name it was sent."""

    def noted(event: str, ident: str, settings: str = "") -> Happened:
        return happened(event, comments=f"Secure Sent Link a.txt (ID {ident}){settings}")

    shared = noted("SHARED", "1", "; no expiration date; downloads permitted 3; with password")
    assert groups([shared, noted("EXPORT", "1")]) == [2]
    assert groups([shared, noted("SHARED", "2"), noted("EXPORT", "2"), noted("EXPORT", "1")]) == [2, 2]
    assert groups([happened("SHARED", comments="Secure Sent Link a.txt"), noted("EXPORT", "1")]) == [1, 1]
    assert read_send([shared, noted("EXPORT", "1")], "DJONES") == ReadSend(
        "Sent as a secure link: a.txt (ID 1); no expiration date; downloads permitted 3; with password",
        ("a.txt",),
    )
