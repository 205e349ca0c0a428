"""Undoing a deletion (F9): for half a minute, with counter, settings and grants as they were; never in another way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.support.checks.long import few
from tests.support.users.recipient import RECEIPTS, receipts
from tests.support.users.share import NOBODY, PASSWORD, Sender, at_once, fetch, problem
from tests.support.users.work import Worker

DATABASE = "both"


@pytest.fixture
def timed(me: Sender) -> Iterator[Sender]:
    """The same user, on whose server the clock may be stopped."""
    yield me
    me.server.turn_clock(0)


def delete(me: Sender, document: dict[str, Any]) -> dict[str, Any]:
    deleted: dict[str, Any] = me.delete(f"/documents/{document['id']}")
    assert deleted["deleted_at"] is not None
    return deleted


def undo(me: Sender, deleted: dict[str, Any]) -> httpx.Response:
    return me.request("POST", f"/trash/{deleted['id']}/undo", json={"deleted_at": deleted["deleted_at"]})


def undone(me: Sender, deleted: dict[str, Any]) -> dict[str, Any]:
    answer = undo(me, deleted)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def undo_unpublish(me: Sender, document: dict[str, Any], moment: str | None) -> httpx.Response:
    return me.request("POST", f"/documents/{document['id']}/unpublish/undo", json={"unpublished_at": moment})


def test_a_published_document_is_published_as_it_was(me: Sender) -> None:
    """Counter, password and grants; Work lists and finds it again, and the audit shows both."""
    document = me.send(name="Undeletable.pdf", password=PASSWORD, downloads_permitted=3)
    assert fetch(me.server, document["url"], PASSWORD) == b"content"
    assert len(receipts(me.server, document)) == 1
    before = me.document(document["id"])
    deleted = delete(me, document)
    assert (deleted["published"], deleted["reason"], deleted["unpublished_at"]) == (False, "by hand", None)
    assert fetch(me.server, document["url"], PASSWORD) is None
    assert undone(me, deleted) == before == me.document(document["id"])
    assert before["downloads"] == 1
    assert undone(me, deleted) == before, "a request whose answer was lost is repeated"
    assert [fetch(me.server, document["url"], PASSWORD) for _ in range(3)] == [b"content", b"content", None]
    assert not me.get("/trash")["documents"]
    with Worker(me.server) as work:
        assert [item["id"] for item in work.items("documents", anywhere="undeletable")] == [before["work_id"]]
    events = reversed(me.get(f"/documents/{document['id']}/audit")["events"])
    rows = [row for row in events if row["event"] not in RECEIPTS]
    assert [row["event"] for row in rows[:5]] == ["sent", "published", "downloaded", "deleted", "published"]
    assert rows[4]["details"] == {"undone": "deleted"}
    assert rows[4]["actor"] == rows[3]["actor"]
    assert me.get(f"/documents/{document['id']}/audit/verify")["broken"] is None


def test_grants_work_again(me: Sender) -> None:
    document = me.send()
    with me.server.guest() as guest:
        grant = guest.post(document["url"]).headers["location"]
        assert guest.get(grant, headers={"Range": "bytes=0-2"}).content == b"con"
        deleted = delete(me, document)
        assert guest.get(grant, headers={"Range": "bytes=3-"}).status_code == 404
        undone(me, deleted)
        assert guest.get(grant, headers={"Range": "bytes=3-"}).content == b"tent"
    assert me.document(document["id"])["downloads"] == 1


def test_what_was_unpublished_comes_back_unpublished(me: Sender) -> None:
    """By hand, or by its limit: exactly as it was. The deletion isn't an unpublishing that can be undone."""
    by_hand, limited = me.send(), me.send(downloads_permitted=1)
    stopped = me.post(f"/documents/{by_hand['id']}/unpublish")
    assert fetch(me.server, limited["url"]) == b"content"
    for document, reason in ((by_hand, "by hand"), (limited, "limit")):
        before = me.document(document["id"])
        deleted = delete(me, document)
        assert deleted["unpublished_at"] is None
        problem(undo_unpublish(me, document, stopped["unpublished_at"]), 409, "undo.changed")
        back = undone(me, deleted)
        assert (back["published"], back["reason"], back["deleted_at"]) == (False, reason, None)
        assert undone(me, deleted) == back == before
        problem(undo_unpublish(me, document, deleted["deleted_at"]), 409, "undo.changed")
        assert fetch(me.server, document["url"]) is None
        assert me.events(f"/documents/{document['id']}/audit")[-1] == "restored"
    problem(undo_unpublish(me, limited, stopped["unpublished_at"]), 409, "undo.changed")


@pytest.mark.parametrize("deletions", [1, 3])
def test_the_unpublishing_before_it_can_still_be_undone(timed: Sender, deletions: int) -> None:
    """As if the document had never been in the trash, with its grants; also if the clock stood still meanwhile."""
    timed.server.stop_clock(datetime.now(UTC))
    document = timed.send(downloads_permitted=3)
    with timed.server.guest() as guest:
        grant = guest.post(document["url"]).headers["location"]
        assert guest.get(grant, headers={"Range": "bytes=0-2"}).content == b"con"
        before = timed.document(document["id"])
        stopped = timed.post(f"/documents/{document['id']}/unpublish")
        for _ in range(deletions):
            assert undone(timed, delete(timed, document)) == stopped
        answer = undo_unpublish(timed, document, stopped["unpublished_at"])
        assert (answer.status_code, answer.json()) == (200, before)
        again = undo_unpublish(timed, document, stopped["unpublished_at"])
        assert (again.status_code, again.json()) == (200, before), (
            "a request whose answer was lost is repeated"
        )
        assert guest.get(grant, headers={"Range": "bytes=3-"}).content == b"tent"
    assert fetch(timed.server, document["url"]) == b"content"
    events = timed.events(f"/documents/{document['id']}/audit")
    assert [event for event in events if event in ("unpublished", "deleted", "restored", "published")][
        1:
    ] == [
        "unpublished",
        *("deleted", "restored") * deletions,
        "published",
    ]
    assert timed.get(f"/documents/{document['id']}/audit/verify")["broken"] is None


def test_the_time_to_undo_an_unpublishing_goes_on_in_the_trash(timed: Sender) -> None:
    now = datetime.now(UTC)
    timed.server.stop_clock(now)
    document = timed.send()
    stopped = timed.post(f"/documents/{document['id']}/unpublish")
    timed.server.stop_clock(now + timedelta(seconds=20))
    deleted = delete(timed, document)
    timed.server.stop_clock(now + timedelta(seconds=41))
    assert undone(timed, deleted) == stopped
    problem(undo_unpublish(timed, document, stopped["unpublished_at"]), 409, "undo.late")


def test_from_the_trash_for_good(me: Sender) -> None:
    """What was restored from the trash has lost its grants, so undoing what came before can't bring them back."""
    document = me.send()
    stopped = me.post(f"/documents/{document['id']}/unpublish")
    delete(me, document)
    restored = me.post(f"/trash/{document['id']}/restore")
    assert (restored["reason"], restored["unpublished_at"]) == ("by hand", None)
    problem(undo_unpublish(me, document, stopped["unpublished_at"]), 409, "undo.changed")
    deleted = delete(me, document)
    assert undone(me, deleted) == restored, "it was off before this deletion, too"


def test_half_a_minute(timed: Sender) -> None:
    """By the server's clock, with ten extra seconds for the connection; after that the counter can't be kept."""
    for seconds, works in ((30, True), (40, True), (40.001, False), (3600, False)):
        now = datetime.now(UTC)
        timed.server.stop_clock(now)
        deleted = delete(timed, timed.send())
        timed.server.stop_clock(now + timedelta(seconds=seconds))
        if works:
            assert undone(timed, deleted)["published"]
            continue
        late = problem(undo(timed, deleted), 409, "undo.late")
        assert late["detail"] == (
            "Deleting can be undone for 30 seconds. Restore the document from the trash instead."
        )
        assert timed.document(deleted["id"])["deleted_at"] == deleted["deleted_at"]


def test_an_expiry_that_has_passed(timed: Sender) -> None:
    """The document comes back, but its link doesn't."""
    now = datetime.now(UTC)
    timed.server.stop_clock(now)
    document = timed.send(expires_at=(now + timedelta(seconds=20)).isoformat())
    deleted = delete(timed, document)
    timed.server.stop_clock(now + timedelta(seconds=20))
    back = undone(timed, deleted)
    assert (back["published"], back["reason"]) == (False, "expired")
    assert undone(timed, deleted) == back
    assert fetch(timed.server, document["url"]) is None
    assert timed.get(f"/documents/{document['id']}/audit/verify")["broken"] is None
    again = timed.resend(document, expires_at=None)
    assert (again["published"], again["downloads"]) == (True, 0)


def _restore(me: Sender, document: dict[str, Any]) -> None:
    me.post(f"/trash/{document['id']}/restore")


def _restore_and_resend(me: Sender, document: dict[str, Any]) -> None:
    _restore(me, document)
    me.resend(document, downloads_permitted=7)


def _restore_and_delete(me: Sender, document: dict[str, Any]) -> None:
    _restore(me, document)
    delete(me, document)


def _undo_and_delete(me: Sender, document: dict[str, Any]) -> None:
    undone(me, document)
    delete(me, document)


@few(2)
@pytest.mark.parametrize("change", [_restore, _restore_and_resend, _restore_and_delete, _undo_and_delete])
def test_what_happened_since_is_not_undone(
    me: Sender, change: Callable[[Sender, dict[str, Any]], None]
) -> None:
    """What was restored from the trash isn't published by undoing its deletion, nor an unpublishing."""
    deleted = delete(me, me.send())
    change(me, deleted)
    before = me.document(deleted["id"])
    assert problem(undo(me, deleted), 409, "undo.changed")["detail"] == (
        "The document has changed since, so this can't be undone."
    )
    problem(undo_unpublish(me, deleted, deleted["deleted_at"]), 409, "undo.changed")
    assert me.document(deleted["id"]) == before


def test_a_folder_that_is_gone(me: Sender) -> None:
    """Also one that was deleted together with the document."""
    alone, together = me.send(), me.send()
    deleted = delete(me, alone)
    me.delete(f"/folders/{alone['folder']['id']}")
    for document in (deleted, me.document(together["id"])):
        gone = problem(undo(me, document), 409, "undo.folder_gone")
        assert gone["detail"] == "Its folder has been deleted since. Restore the document from the trash."
        assert me.document(document["id"])["deleted_at"] == document["deleted_at"]


def test_what_was_purged_is_not_there(me: Sender) -> None:
    deleted = delete(me, me.send())
    me.post("/trash/empty")
    problem(undo(me, deleted), 404, "document.unknown")


def test_only_the_owner_and_only_with_the_moment(me: Sender) -> None:
    document = me.send()
    deleted = delete(me, document)
    with me.add_user("MEMBER2") as member, me.add_user("STRANGER2") as stranger:
        me.post(f"/folders/{document['folder']['id']}/members", {"name": "MEMBER2"})
        problem(undo(member, deleted), 404, "document.unknown")
        problem(undo(stranger, deleted), 404, "document.unknown")
    problem(undo(me, {**deleted, "id": NOBODY}), 404, "document.unknown")
    for body in ({}, {"deleted_at": None}, {"deleted_at": "2026-01-01T00:00:00"}, None):
        assert me.request("POST", f"/trash/{deleted['id']}/undo", json=body).status_code == 422
    assert me.document(document["id"])["deleted_at"] == deleted["deleted_at"]


def test_at_once(me: Sender) -> None:
    """Undone, deleted and restored at once: each change is one in the audit, and state and link agree."""
    document = me.send()
    deleted = delete(me, document)

    def act(n: int) -> int:
        if n % 3 == 0:
            return undo(me, deleted).status_code
        if n % 3 == 1:
            return me.request("POST", f"/trash/{document['id']}/restore").status_code
        return me.request("DELETE", f"/documents/{document['id']}").status_code

    assert set(at_once(6, act)) <= {200, 409}
    assert me.get(f"/documents/{document['id']}/audit/verify")["broken"] is None
    published = me.document(document["id"])["published"]
    assert (fetch(me.server, document["url"]) == b"content") == published
