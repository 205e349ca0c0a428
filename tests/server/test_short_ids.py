"""Which of one's own documents and folders have an id that begins in a given way."""

from __future__ import annotations

from tests.support.checks.intruder import tamper
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender, problem

DATABASE = "both"


def begin(server: ServerProcess, document: dict[str, str], beginning: str) -> str:
    """Gives a document an id that begins so, which chance never does."""
    ident = beginning + document["id"][len(beginning) :]
    tamper(server, f"UPDATE sent_documents SET id = '{ident}' WHERE id = '{document['id']}'")
    return ident


def test_own_documents_and_folders_are_found(me: Sender, server: ServerProcess) -> None:
    first, second, other = (me.send(name) for name in ("b.txt", "a.txt", "c.txt"))
    ids = sorted([begin(server, first, "abcdef12"), begin(server, second, "abcdef13")])
    found = me.get("/ids/abcdef1")
    assert [each["id"] for each in found["documents"]] == ids
    assert {each["name"] for each in found["documents"]} == {"a.txt", "b.txt"}
    assert found["folders"] == []
    for length in (6, 31, 32):
        assert me.get(f"/ids/{other['id'][:length]}")["documents"] == [{"id": other["id"], "name": "c.txt"}]
    assert [each["id"] for each in me.get("/ids/abcdef13")["documents"]] == ids[1:]
    folder = me.folder
    assert [each["id"] for each in me.get(f"/ids/{folder[:6]}")["folders"]] == [folder]


def test_what_was_deleted_and_purged_is_found(me: Sender) -> None:
    document = me.send()
    for change in (lambda: me.delete(f"/documents/{document['id']}"), lambda: me.post("/trash/empty")):
        change()
        assert [each["id"] for each in me.get(f"/ids/{document['id'][:8]}")["documents"]] == [document["id"]]


def test_what_is_not_ones_own_is_not(me: Sender) -> None:
    document = me.send()
    folder = me.folder
    with me.add_user("STRANGER") as stranger, me.add_user("COLLEAGUE") as member:
        me.post(f"/folders/{folder}/members", {"name": "COLLEAGUE"})
        for other in (stranger, member):
            assert other.get(f"/ids/{document['id'][:6]}")["documents"] == []
            assert other.get(f"/ids/{folder[:6]}")["folders"] == []


def test_a_beginning_has_six_digits_at_least(me: Sender) -> None:
    for wrong in ("abcde", "ABCDEF", "abcdefg", "a" * 33, "abcde%25", "%00abcdef"):
        problem(me.request("GET", f"/ids/{wrong}"), 422, "request.invalid")
