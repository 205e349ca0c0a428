"""One change to many documents in one request: each as by its own (F7, S20, S23)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.checks.long import few
from tests.support.servers.databases import both
from tests.support.users.share import NOBODY, Sender, fetch, problem
from tui.wire.changes import MOST_DOCUMENTS

Documents = Sequence[Mapping[str, Any]]


def change(me: Sender, what: str, documents: Documents, done_at: str = "") -> list[dict[str, Any]]:
    body = {
        "change": what,
        "documents": [
            {"id": each["id"]} | ({"done_at": each[done_at]} if done_at else {}) for each in documents
        ],
    }
    results: list[dict[str, Any]] = me.post("/documents/changes", body)["results"]
    assert len(results) == len(documents)
    return results


def changed(me: Sender, what: str, documents: Documents, done_at: str = "") -> list[dict[str, Any]]:
    """All of them could be."""
    results = change(me, what, documents, done_at)
    assert [each["error"] for each in results] == [None] * len(results)
    return [each["document"] for each in results]


@both
def test_all_of_them_as_each_alone(me: Sender) -> None:
    """The answers, the links and the audit are those of single requests, in the order of the request."""
    documents = [me.send(f"{number}.pdf", downloads_permitted=2) for number in range(4)]
    alone, together = documents[:1], documents[:0:-1]
    one = me.post(f"/documents/{alone[0]['id']}/unpublish")
    many = changed(me, "unpublish", together)
    assert [each["id"] for each in many] == [each["id"] for each in together]
    assert {(each["published"], each["reason"]) for each in [one, *many]} == {(False, "by hand")}
    assert [fetch(me.server, each["url"]) for each in documents] == [None] * 4
    assert changed(me, "unpublish", together) == many
    back = changed(me, "undo unpublish", many, "unpublished_at")
    assert back == together == changed(me, "undo unpublish", many, "unpublished_at")
    assert fetch(me.server, back[0]["url"]) == b"content"
    in_trash = changed(me, "delete", together)
    assert {each["id"] for each in me.get("/trash")["documents"]} >= {each["id"] for each in together}
    restored = changed(me, "undo delete", in_trash, "deleted_at")
    assert [each["published"] for each in restored] == [True] * 3
    me.post(f"/documents/{alone[0]['id']}/unpublish/undo", {"unpublished_at": one["unpublished_at"]})
    gone = me.request("DELETE", f"/documents/{alone[0]['id']}").json()
    me.post(f"/trash/{gone['id']}/undo", {"deleted_at": gone["deleted_at"]})
    audits = [me.get(f"/documents/{each['id']}/audit")["events"] for each in (*alone, together[-1])]
    rows = [[(row["event"], row["actor"], row["details"]) for row in reversed(audit)][2:] for audit in audits]
    assert rows[0] == rows[1]
    assert me.get("/audit/verify")["broken"] is None


def test_one_keeps_back_no_other(restored: Sender) -> None:
    """What isn't there, another's, changed since, expired or too late has an error as its result."""
    me = restored
    now = datetime.now(UTC).replace(microsecond=0)
    me.server.stop_clock(now)
    soon = me.send("soon.pdf", expires_at=(now + timedelta(seconds=20)).isoformat())
    good, resent = me.send("good.pdf"), me.send("resent.pdf")
    with me.add_user("OTHER") as other:
        theirs, shared = other.send("theirs.pdf"), me.send("shared.pdf")
        stopped = changed(me, "unpublish", [soon, good, resent])
        me.resend(resent)
        me.server.stop_clock(now + timedelta(seconds=20))
        others = [{**each, "unpublished_at": now.isoformat()} for each in (theirs, {"id": NOBODY}, shared)]
        results = change(
            me, "undo unpublish", [*stopped, *others, {**others[0], "id": "../x"}], "unpublished_at"
        )
        codes = [each["error"] and (each["error"]["status"], each["error"]["code"]) for each in results]
        unknown = (404, "document.unknown")
        assert codes == [
            (409, "undo.expired"), None, (409, "undo.changed"), unknown, unknown, (409, "undo.changed"), unknown
        ]  # fmt: skip
        assert results[1]["document"]["published"]
        # A member may read, and for anyone else there is no such document.
        me.post(f"/folders/{good['folder']['id']}/members", {"name": "OTHER"})
        (refused,) = change(other, "unpublish", [good])
        assert (refused["error"]["status"], refused["error"]["code"]) == (403, "folder.read_only")
        assert me.document(good["id"])["published"]
    stopped = changed(me, "unpublish", [good])
    me.server.stop_clock(now + timedelta(seconds=61))
    (late,) = change(me, "undo unpublish", stopped, "unpublished_at")
    assert late["error"]["code"] == "undo.late"


@few(2)
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"change": "unpublish", "documents": []},
        {"change": "purge", "documents": [{"id": NOBODY}]},
        {"change": "unpublish", "documents": [{"id": NOBODY}] * (MOST_DOCUMENTS + 1)},
        {"change": "unpublish", "documents": [{"id": "x" * 65}]},
        {"change": "undo delete", "documents": [{"id": NOBODY, "done_at": "2026-01-01T00:00:00"}]},
    ],
)
def test_bad_bodies(me: Sender, body: Any) -> None:
    assert me.request("POST", "/documents/changes", json=body).status_code == 422


def test_what_is_undone_has_its_time(me: Sender) -> None:
    document = me.send()
    for what in ("undo unpublish", "undo delete"):
        (result,) = change(me, what, [document])
        assert (result["error"]["status"], result["error"]["code"]) == (422, "changes.done_at")


def test_only_who_is_signed_in(me: Sender) -> None:
    with me.server.guest() as guest:
        body = {"change": "unpublish", "documents": [{"id": NOBODY}]}
        problem(guest.post("/share/v1/documents/changes", json=body), 401, "token.invalid")
