"""Unpublishing, sending again, and the trash: what each act does, and what repeating it does."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.server.test_sends import NOBODY, PASSWORD, at_once, later
from tests.server.test_uploads import stored
from tests.support.server import ServerProcess
from tests.support.share import Sender, fetch, problem
from tui.server.clock import system_clock
from tui.server.context import open_context
from tui.server.jobs import run_all
from tui.server.settings import Settings


@pytest.fixture
def me(server: ServerProcess) -> Iterator[Sender]:
    with Sender(server) as sender:
        yield sender


@pytest.fixture
def alone(fresh_server: ServerProcess) -> Iterator[Sender]:
    with Sender(fresh_server) as sender:
        yield sender


def resend(me: Sender, document: dict[str, Any], **settings: Any) -> Any:
    return me.post(f"/documents/{document['id']}/resend", settings)


# ---------------------------------------------------------------- unpublishing


def test_unpublishing(me: Sender) -> None:
    """F5, F7: the link stops at once and the flag turns off; doing it again changes nothing and succeeds."""
    document = me.send()
    path = f"/documents/{document['id']}"
    stopped = me.post(f"{path}/unpublish")
    assert (stopped["published"], stopped["reason"]) == (False, "by hand")
    assert fetch(me.server, document["url"]) is None
    assert me.post(f"{path}/unpublish") == stopped
    assert me.events(f"{path}/audit") == ["sent", "published", "unpublished"]


def test_unpublishing_ends_what_the_limit_left(me: Sender) -> None:
    """F7, design 1: a grant outlives the limit, but not unpublishing by hand; the reason stays the limit."""
    document = me.send(downloads_permitted=1)
    with me.server.guest() as guest:
        grant = guest.post(document["url"]).headers["location"]
        assert guest.get(grant).content == b"content"
        stopped = me.post(f"/documents/{document['id']}/unpublish")
        assert (stopped["published"], stopped["reason"]) == (False, "limit")
        assert guest.get(grant).status_code == 404


def test_what_comes_back_brings_no_grant_with_it(me: Sender) -> None:
    """design 1: deleting ends what the limit left alone, also where the document is restored."""
    document = me.send(downloads_permitted=1)
    with me.server.guest() as guest:
        grant = guest.post(document["url"]).headers["location"]
        assert guest.get(grant).status_code == 200
        me.delete(f"/documents/{document['id']}")
        assert guest.get(grant).status_code == 404
        assert me.post(f"/trash/{document['id']}/restore")["reason"] == "limit"
        assert guest.get(grant).status_code == 404


# ---------------------------------------------------------------- sending again


def test_sending_again(me: Sender) -> None:
    """F8, L7: published anew at the same address, with the counter at zero and nothing uploaded."""
    document = me.send(downloads_permitted=1)
    fetch(me.server, document["url"])
    before = len(stored(me.server))
    again = resend(me, document, downloads_permitted=2)
    assert (again["published"], again["reason"], again["downloads"]) == (True, None, 0)
    assert (again["url"], again["sent_at"]) == (document["url"], document["sent_at"])
    assert [fetch(me.server, document["url"]) for _ in range(3)] == [b"content", b"content", None]
    assert len(stored(me.server)) == before
    event = [e for e in me.get(f"/documents/{document['id']}/audit")["events"] if e["event"] == "resent"]
    assert event[0]["details"] == {
        "downloads_permitted": 2,
        "expires_at": None,
        "new_address": False,
        "password": "none",
    }


def test_what_is_left_out_is_kept(me: Sender) -> None:
    """F8, S19: each setting is kept, changed, or removed by null, on its own."""
    expires = later(days=3)
    document = me.send(password=PASSWORD, expires_at=expires, downloads_permitted=5)
    kept = resend(me, document)
    assert (kept["has_password"], kept["downloads_permitted"]) == (True, 5)
    assert kept["expires_at"] == document["expires_at"]
    assert fetch(me.server, document["url"], PASSWORD) == b"content"

    without = resend(me, document, expires_at=None)
    assert (without["expires_at"], without["downloads_permitted"], without["has_password"]) == (None, 5, True)
    without = resend(me, document, downloads_permitted=None, expires_at=expires)
    assert without["downloads_permitted"] is None
    assert without["expires_at"] == document["expires_at"]
    other = resend(me, document, password="Other-Seal-74")
    assert other["has_password"]
    with me.server.guest() as guest:
        assert guest.post(document["url"], data={"password": PASSWORD}).status_code == 403
    assert fetch(me.server, document["url"], "Other-Seal-74") == b"content"
    assert not resend(me, document, password=None)["has_password"]
    assert fetch(me.server, document["url"]) == b"content"
    assert [
        e["details"]["password"]
        for e in me.get(f"/documents/{document['id']}/audit")["events"]
        if e["event"] == "resent"
    ] == ["removed", "set", "kept", "kept", "kept"]


def test_a_new_address(me: Sender) -> None:
    """F8: on request the address is a new one; the old one is dead at once."""
    document = me.send()
    again = resend(me, document, new_address=True)
    assert again["url"] != document["url"]
    assert fetch(me.server, document["url"]) is None
    assert fetch(me.server, again["url"]) == b"content"


def test_new_settings_end_grants(me: Sender) -> None:
    """design 1, S6: what was given out under earlier settings ends with them."""
    document = me.send()
    with me.server.guest() as guest:
        grant = guest.post(document["url"]).headers["location"]
        assert guest.get(grant).status_code == 200
        resend(me, document)
        assert guest.get(grant).status_code == 404


def test_a_kept_expiry_that_is_past(alone: Sender) -> None:
    """F8: what is kept must still be to come; given anew or removed, it can be sent again."""
    document = alone.send(expires_at=later(hours=1))
    alone.server.turn_clock(3700)
    path = f"/documents/{document['id']}/resend"
    assert problem(alone.request("POST", path, json={}), 422, "expires.past")["field"] == "expires"
    assert alone.document(document["id"])["reason"] == "expired"
    assert resend(alone, document, expires_at=None)["published"]
    assert alone.events(f"/documents/{document['id']}/audit")[-2:] == ["expired", "resent"]


def test_settings_for_sending_again_are_checked(me: Sender) -> None:
    """D6, D7: as when a send is opened; a refusal changes nothing."""
    document = me.send(downloads_permitted=3)
    path = f"/documents/{document['id']}/resend"
    for body, code in (
        ({"downloads_permitted": 0}, "downloads.out_of_range"),
        ({"expires_at": "2001-01-01T00:00:00Z"}, "expires.past"),
        ({"password": ""}, "password.empty"),
        ({"downloads_permitted": "x"}, "request.invalid"),
    ):
        problem(me.request("POST", path, json=body), 422, code)
    assert me.document(document["id"]) == document


# ---------------------------------------------------------------- the trash


def test_deleting(me: Sender) -> None:
    """F9, F10: the document goes to the trash, its link stops; repeated, it stays there and succeeds."""
    document = me.send()
    path = f"/documents/{document['id']}"
    deleted = me.delete(path)
    assert (deleted["published"], deleted["reason"]) == (False, "by hand")
    assert deleted["deleted_at"]
    assert fetch(me.server, document["url"]) is None
    assert me.delete(path) == deleted
    assert me.post(f"{path}/unpublish") == deleted
    assert deleted in me.get("/trash")["documents"]
    assert document["id"] not in str(me.get("/documents"))
    assert document["id"] not in str(me.get(f"/folders/{document['folder']['id']}/documents"))
    problem(me.request("POST", f"{path}/resend", json={}), 404, "document.in_trash")
    assert me.events(f"{path}/audit") == ["sent", "published", "deleted"]


def test_the_reason_is_kept(me: Sender) -> None:
    """F9: what was unpublished already keeps its reason in the trash and when it comes back."""
    document = me.send(downloads_permitted=1)
    fetch(me.server, document["url"])
    assert me.delete(f"/documents/{document['id']}")["reason"] == "limit"
    assert me.post(f"/trash/{document['id']}/restore")["reason"] == "limit"


def test_restoring(me: Sender) -> None:
    """F10: it comes back to its folder, unpublished; repeated, it stays as it is and succeeds."""
    document = me.send()
    me.delete(f"/documents/{document['id']}")
    restored = me.post(f"/trash/{document['id']}/restore")
    assert (restored["published"], restored["deleted_at"]) == (False, None)
    assert restored["folder"] == document["folder"]
    assert fetch(me.server, document["url"]) is None
    assert me.post(f"/trash/{document['id']}/restore") == restored
    assert resend(me, document)["published"]
    assert fetch(me.server, document["url"]) == b"content"
    assert me.events(f"/documents/{document['id']}/audit")[2:5] == ["deleted", "restored", "resent"]


def test_restoring_where_the_folder_is_gone(alone: Sender) -> None:
    """F10: to the current folder, and where there is none, to a new one."""
    document, other = alone.send("a.txt"), alone.send("b.txt")
    old = document["folder"]["id"]
    new = alone.ensure(shortcut=False)["folder"]
    alone.delete(f"/folders/{old}")
    restored = alone.post(f"/trash/{document['id']}/restore")
    assert restored["folder"] == {"id": new["id"], "name": new["name"]}
    assert alone.get(f"/folders/{new['id']}/documents")["total"] == 1

    alone.delete(f"/folders/{new['id']}")
    generation = alone.get("/folder")["generation"]
    restored = alone.post(f"/trash/{other['id']}/restore")
    current = alone.get("/folder")
    assert restored["folder"]["id"] == current["folder"]["id"]
    assert restored["folder"]["id"] not in (old, new["id"])
    assert current["generation"] > generation
    assert not current["confirmed"]
    assert alone.post(f"/trash/{document['id']}/restore")["folder"] == restored["folder"]


def test_restoring_at_once_makes_one_folder(alone: Sender) -> None:
    """F1, F10: also where several documents come back at the same moment."""
    documents = [alone.send(f"{number}.txt") for number in range(4)]
    alone.delete(f"/folders/{alone.folder}")
    back = at_once(4, lambda n: alone.post(f"/trash/{documents[n]['id']}/restore"))
    assert len({document["folder"]["id"] for document in back}) == 1
    assert len(alone.get("/folders")["folders"]) == 1


def test_emptying(alone: Sender) -> None:
    """F10: what is in the trash is gone for good, with its bytes; its audit is still told; nothing else goes."""
    kept = alone.send("kept.txt", b"kept")
    gone = [alone.send(f"{n}.txt", b"gone") for n in range(3)]
    for document in gone:
        alone.delete(f"/documents/{document['id']}")
    assert len(stored(alone.server)) == 4
    assert alone.post("/trash/empty") == {"purged": 3}
    assert len(stored(alone.server)) == 1
    assert alone.post("/trash/empty") == {"purged": 0}
    assert alone.get("/trash") == {"documents": [], "cursor": None, "total": 0}
    ident = gone[0]["id"]
    for method, path in (
        ("GET", f"/documents/{ident}"),
        ("POST", f"/documents/{ident}/unpublish"),
        ("DELETE", f"/documents/{ident}"),
        ("POST", f"/trash/{ident}/restore"),
        ("GET", f"/documents/{ident}/content"),
    ):
        problem(alone.request(method, path), 404, "document.unknown")
    assert alone.events(f"/documents/{ident}/audit") == ["sent", "published", "deleted", "purged"]
    assert fetch(alone.server, kept["url"]) == b"kept"
    with sqlite3.connect(alone.server.data / "sentlinks.db") as connection:
        row = connection.execute(
            "SELECT address_hash, address_sealed, password_hash, blob FROM sent_documents WHERE id = ?",
            (ident,),
        ).fetchone()
    assert row == (None, None, None, None)


def test_emptying_twice_at_once(alone: Sender) -> None:
    """S4: deletion can be repeated, also at the same moment; each document is removed once."""
    for number in range(6):
        alone.delete(f"/documents/{alone.send(f'{number}.txt')['id']}")
    answers = at_once(4, lambda _: alone.post("/trash/empty")["purged"])
    assert sum(answers) == 6
    assert stored(alone.server) == []


def test_shared_bytes_survive(alone: Sender) -> None:
    """F10: bytes that another document has as well stay until the last one goes."""
    first, second = alone.send("a.txt", b"same"), alone.send("b.txt", b"same")
    with sqlite3.connect(alone.server.data / "sentlinks.db") as connection:
        key = connection.execute("SELECT blob FROM sent_documents WHERE id = ?", (first["id"],)).fetchone()[0]
        connection.execute("UPDATE sent_documents SET blob = ? WHERE id = ?", (key, second["id"]))
    connection.close()
    alone.delete(f"/documents/{first['id']}")
    assert alone.post("/trash/empty") == {"purged": 1}
    assert fetch(alone.server, second["url"]) == b"same"
    alone.delete(f"/documents/{second['id']}")
    alone.post("/trash/empty")
    assert key not in {path.name for path in stored(alone.server)}


def test_bytes_that_vanished(alone: Sender) -> None:
    """S4: a file that is gone from the disk ends neither server nor emptying."""
    document = alone.send()
    for path in stored(alone.server):
        path.unlink()
    with pytest.raises(Exception, match="peer closed"):
        alone.request("GET", f"/documents/{document['id']}/content")
    alone.delete(f"/documents/{document['id']}")
    assert alone.post("/trash/empty") == {"purged": 1}
    assert alone.send("after.txt")["published"]


async def test_a_crash_between_rows_and_bytes(fresh_server: ServerProcess) -> None:
    """S25: bytes that were given up, and are still there after a crash, are removed by the next round."""
    with Sender(fresh_server) as me:
        document = me.send()
        me.delete(f"/documents/{document['id']}")
        files = stored(fresh_server)
        kept = {path: path.read_bytes() for path in files}
        me.post("/trash/empty")
    for path, content in kept.items():
        path.write_bytes(content)
    with sqlite3.connect(fresh_server.data / "sentlinks.db") as connection:
        for path in files:
            connection.execute("INSERT INTO dead_blobs VALUES (?, 0)", (path.name,))
    connection.close()
    context = await open_context(Settings(data=fresh_server.data))
    try:
        await run_all(context)
    finally:
        await context.close()
    assert stored(fresh_server) == []


def test_pages_of_the_trash(me: Sender) -> None:
    """F10: what was deleted last comes first, page by page."""
    sent = [me.send(f"page {n}.txt") for n in range(3)]
    for document in sent:
        me.delete(f"/documents/{document['id']}")
    first = me.get("/trash", limit=2)
    assert [d["id"] for d in first["documents"]] == [sent[2]["id"], sent[1]["id"]]
    rest = me.get("/trash", limit=500, cursor=first["cursor"])
    assert rest["documents"][0]["id"] == sent[0]["id"]
    times = [datetime.fromisoformat(d["deleted_at"]) for d in first["documents"] + rest["documents"]]
    assert times == sorted(times, reverse=True)


def test_what_is_not_there(me: Sender) -> None:
    """S8, S10: whatever is no id is not found."""
    for ident in (NOBODY, "x", "%00", "..%2f..", "a" * 5000, "é"):
        assert me.request("GET", f"/documents/{ident}").status_code == 404
        assert me.request("DELETE", f"/documents/{ident}").status_code == 404
        assert me.request("POST", f"/trash/{ident}/restore").status_code == 404
        assert me.request("GET", f"/folders/{ident}/documents").status_code == 404


def test_unlocking(me: Sender) -> None:
    """S15: the owner lifts the lock that wrong passwords have set; where there is none, nothing happens."""
    document = me.send(password=PASSWORD)
    path = f"/documents/{document['id']}"
    assert me.post(f"{path}/unlock") == document
    with sqlite3.connect(me.server.data / "sentlinks.db") as connection:
        connection.execute(
            "UPDATE sent_documents SET locked_at = ? WHERE id = ?",
            (int(system_clock().timestamp() * 1_000_000), document["id"]),
        )
    connection.close()
    assert me.document(document["id"])["locked"]
    assert me.post(f"{path}/unlock") == document
    assert me.events(f"{path}/audit")[-1] == "unlocked"


def test_many_at_once(me: Sender) -> None:
    """F11: unpublishing, sending again and deleting of many documents at the same moment, each on its own."""
    documents = [me.send(f"many {n}.txt") for n in range(8)]
    paths = [f"/documents/{document['id']}" for document in documents]
    assert not any(d["published"] for d in at_once(8, lambda n: me.post(f"{paths[n]}/unpublish")))
    assert all(d["published"] for d in at_once(8, lambda n: resend(me, documents[n], downloads_permitted=1)))
    assert all(d["deleted_at"] for d in at_once(8, lambda n: me.delete(paths[n])))
