"""Undoing a manual unpublish (F7): for half a minute, with counter, settings and grants as they were."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.checks.long import few, telling
from tests.support.servers.databases import both
from tests.support.servers.server import ServerProcess
from tests.support.users.recipient import RECEIPTS, receipts
from tests.support.users.share import NOBODY, PASSWORD, Sender, at_once, database, fetch, problem


def unpublish(me: Sender, document: dict[str, Any]) -> dict[str, Any]:
    stopped: dict[str, Any] = me.post(f"/documents/{document['id']}/unpublish")
    assert (stopped["published"], stopped["reason"]) == (False, "by hand")
    return stopped


def undo(me: Sender, stopped: dict[str, Any]) -> httpx.Response:
    body = {"unpublished_at": stopped["unpublished_at"]}
    return me.request("POST", f"/documents/{stopped['id']}/unpublish/undo", json=body)


def undone(me: Sender, stopped: dict[str, Any]) -> dict[str, Any]:
    answer = undo(me, stopped)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def settings_of(me: Sender, document: dict[str, Any]) -> int:
    with database(me.server) as rows:
        query = "SELECT settings FROM sent_documents WHERE id = ?"
        found: Any = rows.execute(query, (document["id"],)).fetchone()
        return int(found[0])


def test_everything_is_as_it_was(me: Sender) -> None:
    """The counter continues, the password is unchanged, and the audit shows both."""
    document = me.send(password=PASSWORD, downloads_permitted=3)
    assert fetch(me.server, document["url"], PASSWORD) == b"content"
    assert len(receipts(me.server, document)) == 1
    before, settings = me.document(document["id"]), settings_of(me, document)
    stopped = unpublish(me, document)
    assert fetch(me.server, document["url"], PASSWORD) is None
    assert undone(me, stopped) == before == me.document(document["id"])
    assert (before["downloads"], before["unpublished_at"]) == (1, None)
    assert settings_of(me, document) == settings
    assert [fetch(me.server, document["url"], PASSWORD) for _ in range(3)] == [b"content", b"content", None]
    events = reversed(me.get(f"/documents/{document['id']}/audit")["events"])
    rows = [row for row in events if row["event"] not in RECEIPTS]
    assert [row["event"] for row in rows] == [
        "sent", "published", "downloaded", "unpublished", "published", "downloaded", "downloaded", "limit reached",
    ]  # fmt: skip
    assert rows[4]["details"] == {"undone": "unpublished"}
    assert rows[4]["actor"] == rows[3]["actor"]
    assert me.get(f"/documents/{document['id']}/audit/verify")["broken"] is None


def test_grants_given_before_work_again(me: Sender) -> None:
    """A download in progress continues; nothing more is counted for it."""
    document = me.send()
    with me.server.guest() as guest:
        grant = guest.post(document["url"]).headers["location"]
        assert guest.get(grant, headers={"Range": "bytes=0-2"}).content == b"con"
        stopped = unpublish(me, document)
        assert guest.get(grant, headers={"Range": "bytes=3-"}).status_code == 404
        undone(me, stopped)
        assert guest.get(grant, headers={"Range": "bytes=3-"}).content == b"tent"
    assert me.document(document["id"])["downloads"] == 1


def test_a_grant_whose_own_time_has_passed_stays_over(restored: Sender) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    restored.server.stop_clock(now)
    document = restored.send()
    with restored.server.guest() as guest:
        grant = guest.post(document["url"]).headers["location"]
        restored.server.stop_clock(now + timedelta(minutes=59, seconds=55))
        stopped = unpublish(restored, document)
        restored.server.stop_clock(now + timedelta(hours=1, seconds=5))
        undone(restored, stopped)
        assert guest.get(grant).status_code == 404


def test_done_twice_it_is_done_once(me: Sender) -> None:
    """Both presses of `u u` and of `z z` succeed, and a request whose answer was lost can be repeated."""
    document = me.send()
    stopped = unpublish(me, document)
    assert unpublish(me, document) == stopped
    once = undone(me, stopped)
    assert undone(me, stopped) == once
    path = f"/documents/{document['id']}/audit"
    assert me.events(path) == ["sent", "published", "unpublished", "published"]
    # The second unpublish is a separate one: what undid the first one does not undo it.
    again = unpublish(me, document)
    assert again["unpublished_at"] != stopped["unpublished_at"]
    problem(undo(me, stopped), 409, "undo.changed")
    assert not me.document(document["id"])["published"]
    undone(me, again)
    assert settings_of(me, document) == 1


def test_half_a_minute(restored: Sender) -> None:
    """By the server's clock, with ten extra seconds for the connection."""
    for seconds, works in ((30, True), (40, True), (40.001, False), (3600, False)):
        now = datetime.now(UTC)
        restored.server.stop_clock(now)
        stopped = unpublish(restored, restored.send())
        restored.server.stop_clock(now + timedelta(seconds=seconds))
        if works:
            assert undone(restored, stopped)["published"]
        else:
            problem(undo(restored, stopped), 409, "undo.late")
            assert not restored.document(stopped["id"])["published"]


def _delete(me: Sender, document: dict[str, Any]) -> None:
    me.delete(f"/documents/{document['id']}")


def _delete_and_restore(me: Sender, document: dict[str, Any]) -> None:
    _delete(me, document)
    me.post(f"/trash/{document['id']}/restore")


def _resend(me: Sender, document: dict[str, Any]) -> None:
    me.resend(document, new_address=True)


def _resend_and_unpublish(me: Sender, document: dict[str, Any]) -> None:
    me.resend(document, downloads_permitted=7)
    unpublish(me, document)


def _delete_folder(me: Sender, document: dict[str, Any]) -> None:
    me.delete(f"/folders/{document['folder']['id']}")


@few(3)
@pytest.mark.parametrize(
    "change", [_delete, _delete_and_restore, _resend, _resend_and_unpublish, _delete_folder]
)
def test_what_happened_since_is_not_undone(
    me: Sender, change: Callable[[Sender, dict[str, Any]], None]
) -> None:
    document = me.send()
    stopped = unpublish(me, document)
    change(me, document)
    before = me.document(document["id"])
    problem(undo(me, stopped), 409, "undo.changed")
    assert me.document(document["id"]) == before


def test_what_was_purged_is_not_there(me: Sender) -> None:
    stopped = unpublish(me, me.send())
    _delete(me, stopped)
    me.post("/trash/empty")
    problem(undo(me, stopped), 404, "document.unknown")


def test_an_expiry_that_has_passed(restored: Sender) -> None:
    now = datetime.now(UTC)
    restored.server.stop_clock(now)
    stopped = unpublish(restored, restored.send(expires_at=(now + timedelta(seconds=20)).isoformat()))
    restored.server.stop_clock(now + timedelta(seconds=20))
    problem(undo(restored, stopped), 409, "undo.expired")
    assert fetch(restored.server, stopped["url"]) is None


def test_only_what_was_unpublished_by_hand(me: Sender) -> None:
    """Neither a link that reached its limit nor one that was never unpublished."""
    document = me.send(downloads_permitted=1)
    moment = {"id": document["id"], "unpublished_at": datetime.now(UTC).isoformat()}
    problem(undo(me, moment), 409, "undo.changed")
    fetch(me.server, document["url"])
    limited = me.document(document["id"])
    assert (limited["reason"], limited["unpublished_at"]) == ("limit", None)
    problem(undo(me, moment), 409, "undo.changed")


@both
def test_downloads_that_were_cut_off_after_the_limit_go_on(me: Sender) -> None:
    """Unpublishing a link that is used up ends its downloads; undoing that brings back exactly what was, any number of
    times, and no download more."""
    document = me.send(downloads_permitted=1)
    with me.server.guest() as guest:
        grant = guest.post(document["url"]).headers["location"]
        before, settings = me.document(document["id"]), settings_of(me, document)
        for _ in range(2):
            stopped = unpublish(me, document)
            assert unpublish(me, document) == stopped
            assert guest.get(grant, headers={"Range": "bytes=0-2"}).status_code == 404
            assert undone(me, stopped) == before == undone(me, stopped)
            assert guest.get(grant, headers={"Range": "bytes=0-2"}).content == b"con"
            assert guest.post(document["url"]).status_code == 404
        assert settings_of(me, document) == settings
    events = [e for e in me.events(f"/documents/{document['id']}/audit") if e not in RECEIPTS]
    assert events[3:] == ["limit reached", *("unpublished", "limit reached") * 2]
    assert me.get(f"/documents/{document['id']}/audit/verify")["broken"] is None


def test_a_limit_reached_after_it_was_undone(me: Sender) -> None:
    document = me.send(downloads_permitted=1)
    stopped = unpublish(me, document)
    undone(me, stopped)
    assert fetch(me.server, document["url"]) == b"content"
    shown = me.document(document["id"])
    assert (shown["reason"], shown["unpublished_at"]) == ("limit", None)
    problem(undo(me, stopped), 409, "undo.changed")


def test_only_the_owner(me: Sender) -> None:
    """A member has read access; for anyone else the document does not exist."""
    document = me.send()
    stopped = unpublish(me, document)
    with me.add_user("MEMBER") as member, me.add_user("STRANGER") as stranger:
        me.post(f"/folders/{document['folder']['id']}/members", {"name": "MEMBER"})
        problem(undo(member, stopped), 403, "folder.read_only")
        problem(undo(stranger, stopped), 404, "document.unknown")
        problem(undo(me, {**stopped, "id": NOBODY}), 404, "document.unknown")
    with me.server.guest() as guest:
        answer = guest.post(f"/share/v1/documents/{document['id']}/unpublish/undo", json={})
        assert answer.status_code == 401
    assert not me.document(document["id"])["published"]


@pytest.mark.parametrize(
    "body", [{}, {"unpublished_at": None}, {"unpublished_at": "2026-01-01T00:00:00"}, None]
)
def test_bad_bodies(me: Sender, body: Any) -> None:
    stopped = unpublish(me, me.send())
    answer = me.request("POST", f"/documents/{stopped['id']}/unpublish/undo", json=body)
    assert answer.status_code == 422
    assert not me.document(stopped["id"])["published"]


@pytest.mark.parametrize("kind", telling(["sqlite", "postgres"], "postgres"))
def test_two_processes_have_one_truth(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Unpublishing and undoing it, many times and at once at two server processes: the last one wins, and state,
    settings, audit and grant agree."""
    url = request.getfixturevalue("postgres").database() if kind == "postgres" else None
    with (
        ServerProcess(tmp_path / "data", database_url=url) as first,
        ServerProcess(tmp_path / "data") as second,
        Sender(first) as one,
        Sender(second) as other,
        first.guest() as guest,
    ):
        document = one.send()
        grant = guest.post(document["url"]).headers["location"]
        for _ in range(2):
            stopped = at_once(4, lambda n: unpublish((one, other)[n % 2], document))
            assert len({answer["unpublished_at"] for answer in stopped}) == 1
            assert guest.get(grant, headers={"Range": "bytes=0-0"}).status_code == 404
            # Some requests unpublish while the others undo.
            answers = at_once(
                6,
                lambda n, stopped=stopped: (
                    undo((one, other)[n % 2], stopped[0])
                    if n < 4
                    else (one, other)[n % 2].request("POST", f"/documents/{document['id']}/unpublish")
                ),
            )
            assert {answer.status_code for answer in answers} <= {200, 409}
            published = one.document(document["id"])["published"]
            assert published == other.document(document["id"])["published"]
            ranged = guest.get(grant, headers={"Range": "bytes=0-0"})
            assert ranged.status_code == (206 if published else 404)
            events = one.events(f"/documents/{document['id']}/audit")
            changes = [event for event in events[2:] if event in ("published", "unpublished")]
            assert changes == ["unpublished", "published"] * (len(changes) // 2) + ["unpublished"] * (
                not published
            )
            assert settings_of(one, document) == (1 if published else 2)
            if not published:
                undone(one, one.document(document["id"]))
        assert one.get("/audit/verify")["broken"] is None


def test_removed_users_cannot_publish(restored: Sender) -> None:
    """A removed user's links go with them: they can't publish them again."""
    anna = restored.add_user("ANNA")
    with anna:
        stopped = unpublish(anna, anna.send())
        restored.delete("/users/ANNA")
        assert undo(anna, stopped).status_code == 401
    assert fetch(restored.server, stopped["url"]) is None


def test_what_an_older_server_has_unpublished(restored: Sender) -> None:
    """It has no time of unpublishing, and cannot be undone."""
    stopped = unpublish(restored, restored.send())
    with database(restored.server) as rows:
        rows.execute("UPDATE sent_documents SET unpublished_at = NULL")
    problem(undo(restored, stopped), 409, "undo.changed")
