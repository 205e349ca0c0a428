"""Whose documents are whose: members of a folder, all other users, and fetching without being counted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.users.share import PASSWORD, Sender, problem


@pytest.fixture
def me(restored: Sender) -> Sender:
    return restored


def test_members_see_all_and_change_nothing(me: Sender) -> None:
    """F4, P4: a member sees list, audit and documents, no address, and can't change anything."""
    document = me.send("Offer.pdf", b"content", password=PASSWORD)
    folder, ident = document["folder"]["id"], document["id"]
    with me.add_user("BOB") as bob:
        for path in (f"/folders/{folder}/documents", f"/documents/{ident}", f"/documents/{ident}/audit"):
            assert bob.request("GET", path).status_code == 404
        added = me.post(f"/folders/{folder}/members", {"name": "bob"})
        assert [member["name"] for member in added["members"]] == ["BOB"]
        assert me.post(f"/folders/{folder}/members", {"name": "BOB"}) == added

        seen = bob.get(f"/folders/{folder}/documents")["documents"]
        assert seen == [{**document, "url": None, "send_id": None}]
        assert bob.document(ident)["url"] is None
        assert bob.events(f"/documents/{ident}/audit") == ["sent", "published"]
        assert bob.request("GET", f"/documents/{ident}/content").content == b"content"
        assert bob.get("/folders")["folders"][0]["role"] == "member"
        assert not bob.get("/folders")["folders"][0]["current"]
        assert bob.get("/documents")["total"] == 0
        assert bob.get(f"/folders/{folder}/members") == added
        tries: list[tuple[str, str, Any]] = [
            ("POST", f"/documents/{ident}/unpublish", None),
            ("POST", f"/documents/{ident}/resend", {}),
            ("POST", f"/documents/{ident}/unlock", None),
            ("DELETE", f"/documents/{ident}", None),
            ("POST", f"/trash/{ident}/restore", None),
            ("DELETE", f"/folders/{folder}", None),
            ("POST", f"/folders/{folder}/members", {"name": "BOB"}),
            ("DELETE", f"/folders/{folder}/members/BOB", None),
        ]
        for method, path, body in tries:
            problem(bob.request(method, path, json=body), 403, "folder.read_only")
        assert me.document(ident)["downloads"] == 0

        me.delete(f"/documents/{ident}")
        assert bob.request("GET", f"/documents/{ident}").status_code == 404
        assert bob.request("GET", f"/documents/{ident}/audit").status_code == 404
        me.post(f"/trash/{ident}/restore")
        assert me.delete(f"/folders/{folder}/members/bob") == {"members": []}
        assert me.delete(f"/folders/{folder}/members/bob") == {"members": []}
        assert bob.get("/folders")["folders"] == []
        for method, path, body in tries:
            assert bob.request(method, path, json=body).status_code == 404
        assert bob.request("GET", f"/documents/{ident}/content").status_code == 404
    assert me.events(f"/folders/{folder}/audit") == ["member added", "member removed"]
    assert {"member added", "member removed"} <= set(me.events("/audit"))


def test_who_can_be_a_member(me: Sender) -> None:
    """F4: any other existing user."""
    folder = me.folder
    for name in ("NOBODY", "\x00", "x" * 255):
        response = me.request("POST", f"/folders/{folder}/members", json={"name": name})
        problem(response, 404, "user.unknown")
    problem(me.request("POST", f"/folders/{folder}/members", json={"name": "DJONES"}), 422, "member.owner")
    problem(me.request("DELETE", f"/folders/{folder}/members/NOBODY"), 404, "user.unknown")


def test_nothing_of_anothers_is_found(me: Sender) -> None:
    """P4, S8: for another user every list is empty and every id is not found; no list leaks into another."""
    document = me.send()
    folder, ident = document["folder"]["id"], document["id"]
    me.delete(f"/documents/{me.send('trashed.txt')['id']}")
    with me.add_user("EVE") as eve:
        assert eve.get("/documents") == {"documents": [], "cursor": None, "total": 0}
        assert eve.get("/trash") == {"documents": [], "cursor": None, "total": 0}
        assert eve.get("/folders") == {"folders": []}
        assert eve.get("/audit") == {"events": [], "cursor": None}
        assert eve.post("/trash/empty") == {"purged": 0}
        for method, path in (
            ("GET", f"/folders/{folder}/documents"),
            ("GET", f"/folders/{folder}/members"),
            ("GET", f"/folders/{folder}/audit"),
            ("DELETE", f"/folders/{folder}"),
            ("GET", f"/documents/{ident}"),
            ("GET", f"/documents/{ident}/audit"),
            ("GET", f"/documents/{ident}/content"),
            ("HEAD", f"/documents/{ident}/content"),
            ("DELETE", f"/documents/{ident}"),
            ("POST", f"/documents/{ident}/unpublish"),
            ("POST", f"/documents/{ident}/resend"),
            ("POST", f"/documents/{ident}/unlock"),
            ("POST", f"/trash/{ident}/restore"),
        ):
            body: Any = {} if path.endswith("resend") else None
            assert eve.request(method, path, json=body).status_code == 404, path
    assert me.document(ident)["published"]
    assert me.get("/trash")["total"] == 1
    with me.server.guest() as guest:
        for path in ("/documents", "/folders", "/trash", "/audit", "/me", f"/documents/{ident}"):
            problem(guest.get("/share/v1" + path), 401, "token.invalid")


def test_fetching_is_not_counted(me: Sender) -> None:
    """F4: owner and members can fetch a document, whole or in part, without being counted; the audit records it."""
    document = me.send("Größe.txt", b"0123456789")
    path = f"/documents/{document['id']}/content"
    whole = me.request("GET", path)
    assert whole.content == b"0123456789"
    assert whole.headers["content-disposition"].startswith("attachment; filename=")
    assert "filename*=UTF-8''Gr%C3%B6%C3%9Fe.txt" in whole.headers["content-disposition"]
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in whole.headers["content-security-policy"]
    part = me.request("GET", path, headers={"Range": "bytes=3-5"})
    assert (part.status_code, part.content) == (206, b"345")
    assert part.headers["content-range"] == "bytes 3-5/10"
    changed = me.request("GET", path, headers={"Range": "bytes=3-5", "If-Range": '"else"'})
    assert (changed.status_code, changed.content) == (200, b"0123456789")
    beyond = me.request("GET", path, headers={"Range": "bytes=10-"})
    problem(beyond, 416, "range.unsatisfiable")
    assert beyond.headers["content-range"] == "bytes */10"
    head = me.request("HEAD", path)
    assert head.headers["content-length"] == "10"
    same = me.request("GET", path, headers={"If-None-Match": whole.headers["etag"]})
    assert same.status_code == 304
    me.post(f"/documents/{document['id']}/unpublish")
    assert me.request("GET", path).content == b"0123456789"
    assert me.document(document["id"])["downloads"] == 0
    assert me.events(f"/documents/{document['id']}/audit").count("fetched") == 4
    me.delete(f"/documents/{document['id']}")
    problem(me.request("GET", path), 404, "document.in_trash")
