"""Rows of sent documents that someone overwrote with values of another type: shown without those, and nothing is
delivered of them; they can be unpublished and deleted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.checks.intruder import tamper
from tests.support.checks.long import few, some
from tests.support.users.share import PASSWORD, Sender, database, later, problem, until
from tests.system.command import Client
from tui.rules.link_settings import FLAGS

BYTES, FAR = b"\xff", 2**62


class Spoiled(bytes):
    """Bytes that are stored as text, though they aren't UTF-8."""


TEXT = Spoiled(b"\xff")
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
    ("send_id", BYTES, {"send_id": "\ufffd"}), ("name", TEXT, {"name": "\ufffd"}),
    ("sha256", TEXT, {"sha256": "\ufffd"}), ("source", TEXT, {"source": "\ufffd"}), ("reason", TEXT, {"reason": None}),
    ("recipients", TEXT, {"recipients": []}), ("send_id", TEXT, {"send_id": "\ufffd"}), ("size", TEXT, {"size": 0}),
    ("expires_at", TEXT, {"expires_at": None}),
]  # fmt: skip
SORTS = ("-sent_at", "sent_at", "downloads", "-downloads", "expires_at", "-expires_at")


@pytest.fixture
def me(restored: Sender) -> Sender:
    """The only user of an installation."""
    return restored


def change(me: Sender, ident: str, column: str, value: Any) -> None:
    stored = "CAST(? AS TEXT)" if isinstance(value, Spoiled) else "?"
    tamper(me.server, (f"UPDATE sent_documents SET {column} = {stored} WHERE id = ?", value, ident))


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


def test_pages_go_on_past_it(me: Sender) -> None:
    idents = {me.send(f"{number}.txt")["id"] for number in range(3)}
    for value in ("x", BYTES, TEXT):
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
            assert sorted(found) == sorted(idents), (sort, value)


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


def test_it_expires_like_the_others(me: Sender) -> None:
    documents = [me.send(f"{number}.txt", expires_at=later(hours=1)) for number in range(2)]
    change(me, documents[0]["id"], "source", TEXT)
    me.server.turn_clock(3601)
    assert [each["reason"] for each in listed(me).values()] == ["expired"] * 2


#: Of the columns that a recipient's download depends on.
DELIVERED = {"size", "name", "sha256", "downloads", "downloads_permitted", "expires_at", "locked_at", *FLAGS}


def answer(me: Sender, url: str, **form: str) -> int:
    """The status of a recipient's request: of the page, or with a ``form`` of a press of its button."""
    with me.server.guest() as guest:
        return (guest.post(url, data=form) if form else guest.get(url)).status_code


def test_one_document_is_shown_and_its_link_can_be_ended(me: Sender) -> None:
    """Nothing that depends on what can't be read is done with it. What else a column may have is listed alike."""
    of_each_column = {change[0]: change for change in reversed(CHANGES)}.values()
    flags = [(name, "x", {name: False}) for name in FLAGS]
    others = [("state", "?", {"published": False}), ("deleted_at", "x", {})]
    changes = [*some(4, of_each_column), *flags, *others]
    documents = me.publish_together(me.open()["id"], [f"{column}.txt" for column, _, _ in changes])
    for document, (column, value, shown) in zip(documents, changes, strict=True):
        ident, path = document["id"], f"/documents/{document['id']}"
        change(me, ident, column, value)
        found = me.document(ident)
        assert {name: found[name] for name in shown} == shown, column
        assert me.events(f"{path}/audit") == ["sent", "published"]
        assert me.request("GET", f"{path}/audit/verify").status_code == 200
        for method, part in (("GET", "/content"), ("POST", "/resend")):
            refused = me.request(method, path + part, json={} if method == "POST" else None)
            assert column in problem(refused, 409, "document.unreadable")["detail"]
        expected = 404 if column == "state" else 503 if column in DELIVERED else 200
        assert answer(me, document["url"]) == expected, (column, value)
        pressed = {200: 303}.get(expected, expected)
        assert answer(me, document["url"], press="1" * 32) == pressed, (column, value)
        assert not me.post(f"{path}/unpublish")["published"], column
        assert answer(me, document["url"]) == 404, column
        me.post(f"{path}/unlock")
        me.delete(path)
        assert [each["id"] for each in me.get("/trash")["documents"]] == [ident]
        assert me.post(f"/trash/{ident}/restore")["id"] == ident
        me.delete(path)
        assert me.post("/trash/empty") == {"purged": 1}, column


@few(1)
@pytest.mark.parametrize(("column", "value"), [("name", BYTES), ("deleted_at", "x"), ("deleted_at", FAR)])
def test_its_folder_keeps_no_link_from_being_ended(me: Sender, column: str, value: Any) -> None:
    document = me.send()
    tamper(me.server, (f"UPDATE folders SET {column} = ?", value))
    shown = listed(me)[document["id"]]
    assert shown == me.document(document["id"])
    assert shown["folder"]["name"] == ("" if column == "name" else document["folder"]["name"])
    assert not me.post(f"/documents/{document['id']}/unpublish")["published"]
    assert answer(me, document["url"]) == 404
    me.delete(f"/documents/{document['id']}")
    assert me.post("/trash/empty") == {"purged": 1}


@pytest.mark.parametrize("at", ["'x'", str(FAR)])
def test_a_wrong_password_at_no_time_hides_nothing(me: Sender, at: str) -> None:
    document = me.send(password=PASSWORD)
    before = listed(me)
    tamper(
        me.server,
        "INSERT INTO wrong_passwords (document_id, network, settings, tries, last_at) "
        f"SELECT id, 'local', settings, 9, {at} FROM sent_documents",
    )
    assert listed(me) == before
    assert me.document(document["id"]) == document
    assert me.post(f"/documents/{document['id']}/resend", {})["url"] == document["url"]


def test_a_grant_of_it_ends(me: Sender) -> None:
    document = me.send()
    with me.server.guest() as guest:
        grant = guest.post(document["url"]).headers["location"]
        assert guest.get(grant).content == b"content"
        for column, value, status in (("size", "x", 404), ("sha256", "zz", 503), ("name", BYTES, 503)):
            with database(me.server) as connection:
                query = f"SELECT {column} FROM sent_documents"
                ((kept,),) = connection.execute(query).fetchall()
            change(me, document["id"], column, value)
            assert guest.get(grant).status_code == status, column
            change(me, document["id"], column, kept)
        assert guest.get(grant).content == b"content"


def test_one_that_cannot_be_read_keeps_no_other_from_expiring(me: Sender) -> None:
    """Nor itself; lists are shown meanwhile."""
    changed, also, other = (me.send(f"{number}.txt") for number in range(3))
    change(me, changed["id"], "expires_at", -FAR)
    change(me, also["id"], "sent_at", BYTES)
    for each in (also, other):
        change(me, each["id"], "expires_at", 5)
    until(lambda: not any(each["published"] for each in listed(me).values()))
    assert {each["reason"] for each in listed(me).values()} == {"expired"}
    for each in (changed, also, other):
        assert me.events(f"/documents/{each['id']}/audit") == ["sent", "published", "expired"]


def test_it_hinders_no_act_on_many(me: Sender) -> None:
    """The state of its send, the deletion of its folder, and the removal of its sender."""
    document = me.send("a.txt")
    change(me, document["id"], "expires_at", "x")
    state = me.get(f"/sends/{document['send_id']}")
    assert [each["document"]["expires_at"] for each in state["documents"]] == [None]
    assert me.delete(f"/folders/{document['folder']['id']}") == {"deleted": 1}
    with me.add_user("BERND") as other:
        sent = other.send("b.txt")
        change(me, sent["id"], "sent_at", BYTES)
        assert me.delete("/users/BERND")["unpublished"] == 1
        assert answer(me, sent["url"]) == 404
