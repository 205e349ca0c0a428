"""Rows of the audit that someone overwrote with what can't be shown: they are named, and nothing else fails."""

from __future__ import annotations

import pytest

from tests.support.checks.intruder import tamper
from tests.support.servers.databases import both
from tests.support.servers.rows import look
from tests.support.users.share import Sender
from tests.system.command import Client


@pytest.fixture
def admin(restored: Sender) -> Sender:
    """An administrator of an installation that is put back after each test."""
    return restored


CHANGES = [
    "at = 9223372036854775807",
    # The first moment of the year 1, which is before it in America.
    "at = -62135596800000000",
    "details = 'no JSON'",
    "details = '[1]'",
    'details = \'{"a": "\\ud800"}\'',
]


@both
def test_what_cannot_be_shown_is_named(alone: Sender) -> None:
    document, other = alone.send(), alone.send("Other.pdf")
    chain, path = f"document:{document['id']}", f"/documents/{document['id']}/audit"
    row = "WHERE subject = ? AND sequence = 2"
    (before,) = look(alone.server, f"SELECT at, details FROM audit {row}", chain)
    for change in CHANGES:
        tamper(alone.server, (f"UPDATE audit SET {change} {row}", chain))
        for one in ("/audit/verify", f"{path}/verify"):
            broken = alone.get(one)["broken"]
            assert (broken["subject"], broken["sequence"]) == (chain, 2), change
        for one in ("/audit", path):
            events = [event for event in alone.get(one)["events"] if event["document"] == document["id"]]
            assert [event["event"] for event in events] == ["unreadable", "sent"], change
            assert (events[0]["at"] is None) == change.startswith("at ")
            assert (events[0]["details"], events[0]["actor"]) == ({"row": 2, "why": "changed"}, None), change
        assert alone.events(f"/documents/{other['id']}/audit") == ["sent", "published"]
        tamper(alone.server, (f"UPDATE audit SET at = ?, details = ? {row}", *before, chain))
        assert alone.get("/audit/verify")["broken"] is None


def test_text_that_is_none(admin: Sender) -> None:
    """Only SQLite stores it."""
    document = admin.send()
    chain = f"document:{document['id']}"
    change = "UPDATE audit SET actor = CAST(x'ff' AS TEXT) WHERE subject = ? AND sequence = 2"
    tamper(admin.server, (change, chain))
    path = f"/documents/{document['id']}/audit"
    for one in ("/audit/verify", f"{path}/verify"):
        broken = admin.get(one)["broken"]
        assert (broken["subject"], broken["sequence"]) == (chain, 2)
    assert "\ufffd" in [event["actor"] for event in admin.get(path)["events"]]


def test_a_name_that_is_no_text_is_left_out(admin: Sender) -> None:
    """Only SQLite stores it. The events are about it all the same."""
    document = admin.send()
    events = admin.get("/audit")["events"]
    tamper(admin.server, "UPDATE sent_documents SET name = x'ff'")
    assert [event["id"] for event in admin.get("/audit")["events"]] == [event["id"] for event in events]
    assert admin.events(f"/documents/{document['id']}/audit") == ["sent", "published"]


def test_an_event_that_does_not_exist_is_shown_as_it_is(admin: Sender) -> None:
    document = admin.send()
    chain = f"document:{document['id']}"
    tamper(
        admin.server, ("UPDATE audit SET event = 'no such event' WHERE subject = ? AND sequence = 2", chain)
    )
    assert admin.get("/audit/verify")["broken"]["subject"] == chain
    assert admin.events(f"/documents/{document['id']}/audit") == ["sent", "no such event"]


def test_an_acceptance_of_the_audit_that_cannot_be_read(admin: Sender) -> None:
    """Whoever verifies their own chains still can; an administrator sees which row it is."""
    changed = "event = 'audit accepted', at = 9223372036854775807, details = '[1]'"
    tamper(admin.server, f"UPDATE audit SET {changed} WHERE subject = 'installation' AND sequence = 1")
    with admin.add_user("ALICE") as alice:
        assert alice.get("/audit/verify")["broken"] is None
    broken = admin.get("/audit/verify")["broken"]
    assert (broken["subject"], broken["sequence"]) == ("installation", 1)


def test_the_command_line_shows_the_rest(admin: Sender) -> None:
    """The row keeps its place, though its moment can't be read."""
    document = admin.send()
    chain = f"document:{document['id']}"
    tamper(
        admin.server, ("UPDATE audit SET at = 9223372036854775807 WHERE subject = ? AND sequence = 1", chain)
    )
    command = Client(admin.server.url, admin.server.token, admin.server.data)
    done = command("audit", "--verify")
    assert done.status == 1
    assert chain in done.out + done.err
    admin.post(f"/documents/{document['id']}/unpublish")
    for whose in ((), (document["id"],)):
        done = command("audit", *whose, "--json")
        names = [event["event"] for event in done.json["events"]]
        assert (done.status, names[-3:]) == (1, ["unpublished", "published", "unreadable"])
        assert done.json["events"][-1]["at"] is None
        done = command("audit", *whose)
        assert (done.status, "this row of the audit was changed" in " ".join(done.out.split())) == (1, True)
        assert "1 row was changed and can't be shown. Check the audit with:" in done.err
