"""The trash: deleting, restoring, emptying, and what repeating each of them does."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.support.servers.rows import look
from tests.support.servers.server import ServerProcess
from tests.support.users.share import NOBODY, Sender, at_once, database, fetch, problem, stored
from tui.server.installation.installation import open_context
from tui.server.installation.jobs import run_all

_numbers = itertools.count()


@pytest.fixture
def alone(me: Sender) -> Iterator[Sender]:
    """A user with a folder and a trash of their own."""
    with me.add_user(f"ALONE{next(_numbers)}") as sender:
        yield sender


@pytest.fixture
def new(server: ServerProcess) -> Callable[[], set[Path]]:
    """The files with bytes that were stored since."""
    before = set(stored(server))
    return lambda: set(stored(server)) - before


def test_deleting(me: Sender) -> None:
    """F9, F10: the document goes to the trash and its link stops; repeating it succeeds and changes nothing."""
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
    """F9: a document that was already unpublished keeps its reason in the trash and when it is restored."""
    document = me.send(downloads_permitted=1)
    fetch(me.server, document["url"])
    assert me.delete(f"/documents/{document['id']}")["reason"] == "limit"
    assert me.post(f"/trash/{document['id']}/restore")["reason"] == "limit"


def test_restoring(me: Sender) -> None:
    """F10: it returns to its folder, unpublished; repeating it succeeds and changes nothing."""
    document = me.send()
    me.delete(f"/documents/{document['id']}")
    restored = me.post(f"/trash/{document['id']}/restore")
    assert (restored["published"], restored["deleted_at"]) == (False, None)
    assert restored["folder"] == document["folder"]
    assert fetch(me.server, document["url"]) is None
    assert me.post(f"/trash/{document['id']}/restore") == restored
    assert me.resend(document)["published"]
    assert fetch(me.server, document["url"]) == b"content"
    assert me.events(f"/documents/{document['id']}/audit")[2:5] == ["deleted", "restored", "resent"]


def test_restoring_where_the_folder_is_gone(alone: Sender) -> None:
    """F10: to the current folder, or to a new one if there is none."""
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
    """F1, F10: even if several documents are restored at the same moment."""
    documents = [alone.send(f"{number}.txt") for number in range(4)]
    alone.delete(f"/folders/{alone.folder}")
    back = at_once(4, lambda n: alone.post(f"/trash/{documents[n]['id']}/restore"))
    assert len({document["folder"]["id"] for document in back}) == 1
    assert len(alone.get("/folders")["folders"]) == 1


def test_emptying(alone: Sender, new: Callable[[], set[Path]]) -> None:
    """F10: what is in the trash is permanently deleted, bytes included; its audit stays readable; nothing else goes."""
    kept = alone.send("kept.txt", b"kept")
    gone = [alone.send(f"{n}.txt", b"gone") for n in range(3)]
    for document in gone:
        alone.delete(f"/documents/{document['id']}")
    assert len(new()) == 4
    assert alone.post("/trash/empty") == {"purged": 3}
    assert len(new()) == 1
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
    with database(alone.server) as connection:
        row = connection.execute(
            "SELECT address_hash, address_sealed, password_hash, blob FROM sent_documents WHERE id = ?",
            (ident,),
        ).fetchone()
    assert row == (None, None, None, None)


def test_emptying_twice_at_once(alone: Sender, new: Callable[[], set[Path]]) -> None:
    """S4: emptying can be repeated, even at the same moment; each document is removed once."""
    for number in range(6):
        alone.delete(f"/documents/{alone.send(f'{number}.txt')['id']}")
    answers = at_once(4, lambda _: alone.post("/trash/empty")["purged"])
    assert sum(answers) == 6
    assert new() == set()


def test_shared_bytes_survive(alone: Sender, new: Callable[[], set[Path]]) -> None:
    """F10: bytes shared with another document stay until the last one is gone."""
    first, second = alone.send("a.txt", b"same"), alone.send("b.txt", b"same")
    with database(alone.server) as connection:
        row = connection.execute("SELECT blob FROM sent_documents WHERE id = ?", (first["id"],)).fetchone()
        assert row is not None
        key = row[0]
        connection.execute("UPDATE sent_documents SET blob = ? WHERE id = ?", (key, second["id"]))
    alone.delete(f"/documents/{first['id']}")
    assert alone.post("/trash/empty") == {"purged": 1}
    assert fetch(alone.server, second["url"]) == b"same"
    alone.delete(f"/documents/{second['id']}")
    alone.post("/trash/empty")
    assert key not in {path.name for path in new()}


def test_bytes_that_vanished(alone: Sender, new: Callable[[], set[Path]]) -> None:
    """S4: a file that is missing from the disk stops neither the server nor the emptying."""
    document = alone.send()
    vanished = new()
    for path in vanished:
        path.unlink()
    problem(alone.request("GET", f"/documents/{document['id']}/content"), 500, "document.unavailable")
    alone.delete(f"/documents/{document['id']}")
    assert alone.post("/trash/empty") == {"purged": 1}
    # It isn't tried again for ever.
    left = {key for (key,) in look(alone.server, "SELECT key FROM dead_blobs")}
    assert vanished
    assert left.isdisjoint(path.name for path in vanished)
    assert alone.send("after.txt")["published"]


async def test_a_crash_between_rows_and_bytes(fresh_server: ServerProcess) -> None:
    """S25: bytes that were marked for deletion, and are still there after a crash, are removed by the next round."""
    with Sender(fresh_server) as me:
        document = me.send()
        me.delete(f"/documents/{document['id']}")
        files = stored(fresh_server)
        kept = {path: path.read_bytes() for path in files}
        me.post("/trash/empty")
    for path, content in kept.items():
        path.write_bytes(content)
    with database(fresh_server) as connection:
        for path in files:
            connection.execute("INSERT INTO dead_blobs VALUES (?, 0)", (path.name,))
    context = await open_context(fresh_server.settings)
    try:
        await run_all(context)
    finally:
        await context.close()
    assert stored(fresh_server) == []


def test_pages_of_the_trash(me: Sender) -> None:
    """F10: the last deleted come first, page by page."""
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
    """S8, S10: anything that is not an id is not found."""
    for ident in (NOBODY, "x", "%00", "..%2f..", "a" * 5000, "é"):
        assert me.request("GET", f"/documents/{ident}").status_code == 404
        assert me.request("DELETE", f"/documents/{ident}").status_code == 404
        assert me.request("POST", f"/trash/{ident}/restore").status_code == 404
        assert me.request("GET", f"/folders/{ident}/documents").status_code == 404
