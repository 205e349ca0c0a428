"""Whom a send is for: the sender's note, kept with it, and seen by no one else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.checks.long import few
from tests.support.servers.databases import both
from tests.support.servers.rows import look
from tests.support.servers.server import ServerProcess
from tests.support.users.share import NOBODY, PASSWORD, Sender, fetch, problem
from tui.rules.addresses import MOST_RECIPIENTS

#: For what the database decides; all else is tried with SQLite.
ANNA, BERND = "Anna Arp <anna@example.com>", "bernd@example.com"


def set_recipients(sender: Sender, send_id: str, recipients: list[Any], **more: Any) -> Any:
    response = sender.request("PUT", f"/sends/{send_id}/recipients", json={"recipients": recipients, **more})
    assert response.status_code == 200, response.text
    return response.json()


def recorded(sender: Sender, ident: str) -> list[tuple[str, list[str] | None]]:
    """The events of a document that are about recipients, oldest first, with whom they name."""
    events = reversed(sender.get(f"/documents/{ident}/audit")["events"])
    return [
        (event["event"], event["details"].get("recipients"))
        for event in events
        if event["event"] in ("sent", "recipients set")
    ]


@both
def test_they_are_kept_with_the_send_and_its_documents(me: Sender) -> None:
    sent = me.open(recipients=["  Anna Arp <anna@example.com>", BERND, "ANNA@example.com"])
    assert sent["recipients"] == [ANNA, BERND], "in their canonical form, each mailbox once"
    document = me.publish(sent["id"], me.upload(sent["id"], b"a"), "A.pdf", b"a").json()
    assert (document["send_id"], document["recipients"]) == (sent["id"], [ANNA, BERND])
    assert me.document(document["id"])["recipients"] == [ANNA, BERND]
    assert document in me.get(f"/folders/{document['folder']['id']}/documents")["documents"]
    assert me.get(f"/sends/{sent['id']}")["send"]["recipients"] == [ANNA, BERND]
    assert recorded(me, document["id"]) == [("sent", [ANNA, BERND])]


def test_without_any_nothing_is_said(me: Sender) -> None:
    document = me.send()
    assert document["recipients"] == []
    assert recorded(me, document["id"]) == [("sent", None)]


@pytest.fixture(scope="module")
def sent(server: ServerProcess) -> dict[str, Any]:
    """A document that has a recipient."""
    with Sender(server) as me:
        return me.send(recipients=[BERND])


@few(5)
@pytest.mark.parametrize(
    ("recipients", "code", "words"),
    [
        (["anna"], "mail.address", "anna is not an e-mail address"),
        ([BERND, ""], "mail.address", "Nothing is not an e-mail address"),
        (["a@b.de\nBcc: c@d.de"], "mail.address", "contains a control character"),
        (["\x1b[31m <a@b.de>"], "mail.address", "contains a control character"),
        (["\u202egnp.exe <a@b.de>"], "mail.address", "contains a control character"),
        ([f"{'x' * 65}@b.de"], "mail.address", "is not an e-mail address"),
        ([f"{'x' * 201} <a@b.de>"], "mail.address", "is not an e-mail address"),
        (
            [f"a{n}@b.de" for n in range(MOST_RECIPIENTS + 1)],
            "mail.too_many",
            "at most 100 recipients; remove 1",
        ),
        (["x" * 1025], None, "at most 1024 characters"),
        ([BERND] * 1001, None, "at most 1000 items"),
        ([7], None, "valid string"),
        (BERND, None, "valid list"),
        (None, None, "valid list"),
    ],
)
def test_bad_input_gets_one_sentence(
    me: Sender, sent: dict[str, Any], recipients: Any, code: str | None, words: str
) -> None:
    """And it changes nothing."""
    bodies = (
        ("POST", "/sends", {"folder": me.folder, "recipients": recipients}),
        ("PUT", f"/sends/{sent['send_id']}/recipients", {"recipients": recipients}),
    )
    for method, path, body in bodies:
        response = me.request(method, path, json=body)
        assert response.status_code == 422, response.text
        said = response.json()
        assert code in (None, said["code"])
        assert words in said["detail"]
        assert said["detail"].endswith(".")
        assert said["detail"].isprintable()
        assert len(said["detail"]) < 250
    assert me.document(sent["id"])["recipients"] == [BERND]


@both
def test_changing_them_later(me: Sender) -> None:
    sent = me.open()
    one, two = (
        me.publish(sent["id"], me.upload(sent["id"], b"x"), name, b"x").json() for name in ("1.pdf", "2.pdf")
    )
    assert set_recipients(me, sent["id"], [ANNA]) == {"recipients": [ANNA], "changed": 2}
    assert set_recipients(me, sent["id"], [ANNA]) == {"recipients": [ANNA], "changed": 0}, "repeated"
    assert set_recipients(me, sent["id"], [BERND], documents=[two["id"]])["changed"] == 1
    assert [me.document(each["id"])["recipients"] for each in (one, two)] == [[ANNA], [BERND]]
    # What is still to be published goes to those of the send.
    assert me.publish(sent["id"], me.upload(sent["id"], b"x"), "3.pdf", b"x").json()["recipients"] == [ANNA]
    assert set_recipients(me, sent["id"], [])["changed"] == 3
    assert recorded(me, two["id"]) == [
        ("sent", None),
        ("recipients set", [ANNA]),
        ("recipients set", [BERND]),
        ("recipients set", []),
    ]
    assert me.get(f"/documents/{two['id']}/audit/verify")["broken"] is None
    assert me.document(two["id"])["url"] == two["url"], "the link stays as it is"
    assert fetch(me.server, two["url"]) == b"x"


def test_only_the_sender_sees_and_sets_them(me: Sender) -> None:
    """A colleague who was added to the folder sees the documents, and not whom they are for."""
    with (
        me.add_user("BOB") as bob,
        me.add_user("EVE") as eve,
        me.add_user("ADMIN", admin=True) as admin,
    ):
        document = me.send(recipients=[ANNA])
        sent = document["send_id"]
        set_recipients(me, sent, [BERND])
        me.post(f"/folders/{document['folder']['id']}/members", {"name": "BOB"})
        for reader in (admin, bob, eve):
            assert reader.get("/recipients") == {"recipients": [], "own_domains": []}
            for path in (f"/sends/{sent}", f"/sends/{sent}/recipients"):
                method = "PUT" if path.endswith("recipients") else "GET"
                response = reader.request(
                    method, path, json={"recipients": [ANNA]} if method == "PUT" else None
                )
                problem(response, 404, "send.unknown")
        for path in (
            f"/documents/{document['id']}",
            f"/folders/{document['folder']['id']}/documents",
            f"/documents/{document['id']}/audit",
        ):
            text = bob.request("GET", path).text
            assert "Offer.pdf" in text
            assert "anna" not in text
            assert "bernd" not in text
        assert me.document(document["id"])["recipients"] == [BERND]
        with me.server.guest() as guest:
            assert "bernd" not in guest.get(document["url"]).text


def test_documents_that_are_not_in_the_send(me: Sender) -> None:
    one, other = me.send(), me.send()
    path = f"/sends/{one['send_id']}/recipients"
    for wrong in (other["id"], NOBODY, "x", "\x00"):
        body = {"recipients": [ANNA], "documents": [one["id"], wrong]}
        problem(me.request("PUT", path, json=body), 404, "document.unknown")
    assert me.document(one["id"])["recipients"] == []
    problem(me.request("PUT", f"/sends/{NOBODY}/recipients", json={"recipients": []}), 404, "send.unknown")


@both
def test_earlier_recipients(me: Sender) -> None:
    """Those used most come first; a mailbox is there once, as it was last written."""
    with me.add_user("OFTEN") as me:
        assert me.get("/recipients") == {"recipients": [], "own_domains": []}
        me.send(recipients=["anna@example.com", "carol@example.com"])
        me.send(recipients=[BERND])
        me.send(recipients=[ANNA])
        assert me.get("/recipients")["recipients"] == [ANNA, BERND, "carol@example.com"]
        # A send of many documents counts once.
        sent = me.open(recipients=["dora@example.com"])
        for n in range(5):
            me.publish(sent["id"], me.upload(sent["id"], b"x"), f"{n}.pdf", b"x")
        assert me.get("/recipients")["recipients"][0] == ANNA


@both
def test_what_is_purged_is_forgotten(server: ServerProcess, me: Sender) -> None:
    """Like the address of the link; the audit still says to whom it went."""
    with me.add_user("FORGETFUL") as me:
        sent = me.open(recipients=[ANNA])
        one, two = (
            me.publish(sent["id"], me.upload(sent["id"], b"x"), name, b"x").json()
            for name in ("1.pdf", "2.pdf")
        )
        me.delete(f"/documents/{one['id']}")
        assert me.get("/trash")["documents"][0]["recipients"] == [ANNA]
        me.post("/trash/empty")
        rows = "SELECT recipients FROM {} WHERE id = ?"
        assert look(server, rows.format("sent_documents"), one["id"]) == [(None,)]
        assert look(server, rows.format("sends"), sent["id"]) == [(ANNA,)], "another document is left"
        me.delete(f"/documents/{two['id']}")
        me.post("/trash/empty")
        assert look(server, rows.format("sends"), sent["id"]) == [(None,)]
        assert me.get("/recipients") == {"recipients": [], "own_domains": []}
        assert recorded(me, one["id"]) == [("sent", [ANNA])]
        assert set_recipients(me, sent["id"], [BERND])["changed"] == 0
        assert look(server, rows.format("sent_documents"), two["id"]) == [(None,)]


def test_they_survive_a_restart_and_are_in_no_log(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "data") as first, Sender(first) as me:
        document = me.send(recipients=[ANNA], password=PASSWORD)
        me.request("PUT", f"/sends/{document['send_id']}/recipients", json={"recipients": ["no address"]})
        set_recipients(me, document["send_id"], [ANNA, BERND])
        me.get("/recipients")
        log = first.log.read_text()
    assert "example.com" not in log
    assert "no address" not in log
    with ServerProcess(tmp_path / "data") as again, Sender(again) as me:
        assert me.document(document["id"])["recipients"] == [ANNA, BERND]
        assert me.get("/recipients")["recipients"] == [ANNA, BERND]
