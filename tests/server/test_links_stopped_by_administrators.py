"""Whoever may read a document of the library may send it: its history says who did, and an administrator can end it."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from tests.support.users.recipient import path_of
from tests.support.users.share import Sender, problem
from tests.support.users.work import Worker

DATABASE = "both"


@pytest.fixture
def work(me: Sender) -> Any:
    with Worker(me.server) as worker:
        yield worker


def sent_by_a_reader(
    me: Sender, work: Worker, reader: Sender, name: str = "Terms for you.txt"
) -> dict[str, Any]:
    """A version of the administrator's, published by someone who may only read it."""
    space = work.workspace("Matter", default_security="view")
    paper = work.upload(work.folder(space, "Papers"), "Terms")
    body = {"version": paper["id"], "name": name, "sha256": hashlib.sha256(b"x").hexdigest()}
    send = reader.open()
    document: dict[str, Any] = reader.post(f"/sends/{send['id']}/versions", body, 201)
    return document | {"version": paper["id"]}


def is_open(me: Sender, document: dict[str, Any]) -> bool:
    with me.server.guest() as guest:
        return guest.get(path_of(document)).status_code == 200


def test_the_history_of_a_document_says_who_sent_it_under_which_name(me: Sender, work: Worker) -> None:
    """The server says so itself, whatever program the reader uses."""
    with me.add_user("RITA") as rita:
        document = sent_by_a_reader(me, work, rita)
        (entry,) = [
            one for one in work.items(f"documents/{document['version']}/history") if one["user"] == "RITA"
        ]
        assert entry["activity"] == "EXPORT"
        assert entry["comments"] == f"Secure Sent Link Terms for you.txt (ID {document['id']})"
        assert me.request("GET", f"/documents/{document['id']}").status_code == 404, "the link is Rita's"


def test_an_administrator_stops_a_link(me: Sender, work: Worker) -> None:
    """It is off at once, both audits have it, and the sender sees by whom; they can't just undo it."""
    with me.add_user("SUE") as sue:
        document = sent_by_a_reader(me, work, sue)
        assert is_open(me, document)
        stopped = me.post(f"/documents/{document['id']}/stop")
        assert stopped == {"id": document["id"], "owner": "SUE", "published": True}
        assert not is_open(me, document)
        event = sue.get(f"/documents/{document['id']}/audit")["events"][0]
        assert (event["event"], event["actor"]) == ("unpublished", "DJONES")
        assert event["details"] == {"why": "stopped by an administrator"}
        installation = me.get("/audit/installation")["events"][0]
        assert (installation["event"], installation["actor"]) == ("link stopped", "DJONES")
        assert installation["details"] == {"document": document["id"], "person": "SUE"}
        mine = sue.get(f"/documents/{document['id']}")
        assert (mine["published"], mine["reason"], mine["unpublished_at"]) == (False, "by hand", None)
        undo = {"unpublished_at": event["at"]}
        problem(
            sue.request("POST", f"/documents/{document['id']}/unpublish/undo", json=undo), 409, "undo.changed"
        )
        # Again, nothing happens.
        assert me.post(f"/documents/{document['id']}/stop")["published"] is False
        assert me.events("/audit/installation").count("link stopped") == 1
        for check in (me.get("/audit/verify"), sue.get("/audit/verify")):
            assert check["broken"] is None
    me.delete("/users/SUE")


def test_only_administrators_stop_the_links_of_others(me: Sender, work: Worker) -> None:
    """Whether there is such a document is not told to anyone else."""
    with me.add_user("TOM") as tom:
        document = me.send()
        for ident in (document["id"], "0" * 32, "no id"):
            problem(tom.request("POST", f"/documents/{ident}/stop"), 403, "admin.only")
        assert is_open(me, document)
    for ident in ("0" * 32, "no id", "%00"):
        problem(me.request("POST", f"/documents/{ident}/stop"), 404, "document.unknown")


def test_downloads_that_a_reached_limit_has_left_alone_end_too(me: Sender) -> None:
    with me.add_user("UMA") as uma:
        document = uma.send(downloads_permitted=1)
        with me.server.guest() as guest:
            grant = guest.post(path_of(document)).headers["location"]
            assert me.post(f"/documents/{document['id']}/stop")["published"] is False
            assert guest.get(grant).status_code == 404
