"""Rows of sent documents that someone overwrote with values of another type: listed without those."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.intruder import tamper
from tests.support.server import ServerProcess
from tests.support.share import Sender, database
from tests.system.command import Client

BYTES, FAR = b"\xff", 2**62
#: A column, what it is overwritten with, and what is listed instead.
CHANGES: list[tuple[str, Any, dict[str, Any]]] = [
    ("size", "x", {"size": 0}), ("size", 1.5, {"size": 0}), ("downloads", BYTES, {"downloads": 0}),
    ("delivered", "x", {"delivered": 0}), ("name", BYTES, {"name": "\ufffd"}),
    ("sha256", BYTES, {"sha256": "\ufffd"}), ("source", BYTES, {"source": "\ufffd"}),
    ("reason", BYTES, {"reason": None}), ("downloads_permitted", "x", {"downloads_permitted": None}),
    ("expires_at", "x", {"expires_at": None}), ("expires_at", FAR, {"expires_at": None}),
    ("sent_at", BYTES, {"sent_at": "1970-01-01T00:00:00Z"}), ("last_download_at", FAR, {"last_download_at": None}),
    ("locked_at", "x", {"locked": False}), ("address_sealed", 5, {"url": None}),
    ("address_sealed", b"short", {"url": None}), ("recipients", BYTES, {"recipients": []}),
    ("send_id", BYTES, {"send_id": "\ufffd"}),
]  # fmt: skip
SORTS = ("-sent_at", "sent_at", "downloads", "-downloads", "expires_at", "-expires_at")


@pytest.fixture
def me(fresh_server: ServerProcess) -> Iterator[Sender]:
    """The only user of an installation."""
    with Sender(fresh_server) as sender:
        yield sender


def change(me: Sender, ident: str, column: str, value: Any) -> None:
    tamper(me.server, (f"UPDATE sent_documents SET {column} = ? WHERE id = ?", value, ident))


def listed(me: Sender) -> dict[str, Any]:
    found = me.get("/documents")
    assert found["total"] == len(found["documents"])
    return {each["id"]: each for each in found["documents"]}


def test_a_value_of_another_type_hides_no_document(me: Sender) -> None:
    for number in range(3):
        me.send(f"{number}.txt")
    before = listed(me)
    ident = list(before)[1]
    for column, value, shown in CHANGES:
        with database(me.server) as connection:
            query = f"SELECT {column} FROM sent_documents WHERE id = ?"
            ((kept,),) = connection.execute(query, (ident,)).fetchall()
        change(me, ident, column, value)
        assert listed(me) == before | {ident: before[ident] | shown}, (column, value)
        change(me, ident, column, kept)
    assert listed(me) == before


@pytest.mark.parametrize("value", ["x", BYTES])
def test_pages_go_on_past_it(me: Sender, value: Any) -> None:
    idents = {me.send(f"{number}.txt")["id"] for number in range(3)}
    for column in ("sent_at", "downloads", "expires_at"):
        change(me, min(idents), column, value)
    for sort in SORTS:
        found: list[str] = []
        cursor = None
        while len(found) < 4:
            page = me.get("/documents", sort=sort, limit=1, **({"cursor": cursor} if cursor else {}))
            found += [each["id"] for each in page["documents"]]
            if (cursor := page["cursor"]) is None:
                break
        assert sorted(found) == sorted(idents), sort


def test_the_commands_and_the_trash_list_it(me: Sender) -> None:
    """What can't be read is said in the server's log, once."""
    documents = [me.send(f"{number}.txt") for number in range(2)]
    change(me, documents[0]["id"], "size", "x")
    client = Client(me.server.url, me.server.token, me.server.data)
    assert {d["name"] for d in client("links", "--json").documents} == {"0.txt", "1.txt"}
    assert client("links").status == 0
    said = f"the document {documents[0]['id']} is listed without what can't be read of it: size"
    assert me.server.log.read_text().count(said) == 1
    change(me, documents[0]["id"], "size", 7)
    me.delete(f"/documents/{documents[0]['id']}")
    change(me, documents[0]["id"], "deleted_at", "x")
    assert [each["id"] for each in me.get("/trash")["documents"]] == [documents[0]["id"]]
