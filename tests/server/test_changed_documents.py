"""A sent document that was changed by hand in the database no longer matches its audit (S33)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from tests.support.checks.intruder import Statement, tamper
from tests.support.servers.databases import both
from tests.support.servers.rows import look
from tests.support.users.recipient import act, receipts
from tests.support.users.share import Sender, at_once, fetch, later
from tui.rules.state import Event
from tui.server import audit
from tui.server.audit.states import earlier_state_of
from tui.server.database.tables import sent_documents
from tui.server.installation.installation import open_context

WHY = "the document was changed by hand: it doesn't match this row"


CHANGES = [
    ("downloads = 0", "downloads = 2"),
    ("downloads_permitted = 5", "downloads_permitted = 3"),
    ("downloads_permitted = NULL", "downloads_permitted = 3"),
    ("expires_at = expires_at + 1", "expires_at = expires_at - 1"),
    ("name = 'Other.pdf'", "name = 'Offer.pdf'"),
    ("size = size + 1", "size = size - 1"),
    ("password_hash = 'x'", "password_hash = NULL"),
    ("state = 'unpublished', reason = 'by hand'", "state = 'published', reason = NULL"),
    ("source = 'file:y'", "source = 'file:Offer.pdf'"),
    # Earlier grants that have ended would be valid again.
    ("settings = settings - 1", "settings = settings + 1"),
    ("sha256 = 'x' || substr(sha256, 2)", "sha256 = 'e' || substr(sha256, 2)"),
]


def changed(document: dict[str, Any], what: str) -> Statement:
    return (f"UPDATE sent_documents SET {what} WHERE id = ?", document["id"])


async def test_a_state_of_an_earlier_version_says_less(restored: Sender) -> None:
    document = restored.send()
    chain, own = f"document:{document['id']}", f"/documents/{document['id']}/audit/verify"
    context = await open_context(restored.server.settings)
    try:
        async with context.database.write() as connection:
            query = select(*audit.COLUMNS).where(sent_documents.c.id == document["id"])
            state = earlier_state_of(context, (await connection.execute(query)).one())
            await audit.append(context, connection, chain, Event.RECORDED, state=state)
    finally:
        await context.close()
    tamper(restored.server, changed(document, "settings = settings + 1"))
    assert restored.get(own)["broken"] is None
    tamper(restored.server, changed(document, "downloads = downloads + 1"))
    assert restored.get(own)["broken"] == {"subject": chain, "sequence": 3, "why": WHY}


def test_another_documents_bytes_and_address(restored: Sender) -> None:
    """Bytes, address and sending time of another document, which are valid there."""
    one, other = restored.send(), restored.send(data=b"other")
    for column in ("blob", "address_sealed", "sent_at"):
        tamper(
            restored.server,
            (
                f"UPDATE sent_documents SET {column} = (SELECT {column} FROM sent_documents WHERE id = ?)"
                " WHERE id = ?",
                other["id"],
                one["id"],
            ),
        )
        assert restored.get(f"/documents/{one['id']}/audit/verify")["broken"]["why"] == WHY
        assert restored.get(f"/documents/{other['id']}/audit/verify")["broken"] is None


def test_a_person_who_is_made_an_administrator_by_hand(restored: Sender) -> None:
    """Reported, as is a removed user who is restored by hand; what administrators do isn't."""
    with restored.add_user("ALICE") as alice:
        ((ident,),) = look(restored.server, "SELECT id FROM users WHERE name = 'ALICE'")
        chain = f"person:{ident}"

        def by_hand(what: str) -> None:
            tamper(restored.server, (f"UPDATE users SET {what} WHERE id = ?", ident))

        assert [each.get("/audit/verify")["broken"] for each in (restored, alice)] == [None, None]
        by_hand("admin = true")
        for each in (restored, alice):
            found = each.get("/audit/verify")["broken"]
            assert (found["subject"], found["sequence"]) == (chain, 1)
            assert "the person was changed by hand" in found["why"]
        by_hand("admin = false")
        assert restored.get("/audit/verify")["broken"] is None
    assert restored.request("DELETE", "/users/ALICE").is_success
    assert restored.get("/audit/verify")["broken"] is None
    by_hand("removed_at = NULL")
    assert restored.get("/audit/verify")["broken"]["subject"] == chain


def test_a_document_that_is_taken_away(restored: Sender) -> None:
    document = restored.send()
    tamper(restored.server, ("DELETE FROM sent_documents WHERE id = ?", document["id"]))
    found = restored.get("/audit/verify")["broken"]
    assert found == {
        "subject": f"document:{document['id']}",
        "sequence": 2,
        "why": "the document itself is missing",
    }


def test_wrong_passwords_change_nothing_that_is_held(restored: Sender) -> None:
    """S15: locks and waits come and go."""
    document = restored.send(password="Blue-Heron-42")
    with restored.server.guest() as guest:
        for _ in range(6):
            guest.post(document["url"], data={"password": "wrong"})
    restored.post(f"/documents/{document['id']}/unlock")
    assert restored.get("/audit/verify")["broken"] is None


@both
def test_a_change_by_hand_is_detected(alone: Sender) -> None:
    document = alone.send(downloads_permitted=3, expires_at=later(days=2))
    for number in (1, 2):
        assert fetch(alone.server, document["url"]) == b"content"
        assert len(receipts(alone.server, document, number)) == number
    own = f"/documents/{document['id']}/audit/verify"
    assert alone.get(own)["broken"] is None
    undo: list[Statement] = []
    for change, back in CHANGES:
        tamper(alone.server, *undo, changed(document, change))
        undo = [changed(document, back)]
        for path in ("/audit/verify", own):
            found = alone.get(path)["broken"]
            assert found == {"subject": f"document:{document['id']}", "sequence": 5, "why": WHY}, change
    tamper(alone.server, *undo)
    # It is as it was: each change was the only one.
    assert alone.get("/audit/verify")["broken"] is None


@both
def test_every_act_goes_with_its_row(alone: Sender) -> None:
    """Nothing that the program itself does is reported: neither for senders nor for recipients, nor as time passes."""
    server = alone.server

    def whole() -> None:
        found = alone.get("/audit/verify")
        assert found["broken"] is None, found

    document = alone.send(downloads_permitted=2, password="Blue-Heron-42")
    whole()
    for step in ("unpublish", "resend"):
        act(server, document, step)
        whole()
    alone.resend(document, password=None, downloads_permitted=1, new_address=True)
    document = alone.document(document["id"])
    with server.guest() as guest:
        granted = guest.post(document["url"]).headers["location"]
        whole()
        act(server, document, "unpublish")
        whole()
        assert guest.get(granted).status_code == 404
    alone.resend(document, downloads_permitted=None, expires_at=later(hours=1))
    stopped = act(server, document, "unpublish")
    alone.post(f"/documents/{document['id']}/unpublish/undo", {"unpublished_at": stopped["unpublished_at"]})
    whole()
    server.turn_clock(7200)
    assert fetch(server, document["url"]) is None
    assert alone.document(document["id"])["reason"] == "expired"
    whole()
    for step in ("delete", "restore", "delete"):
        act(server, document, step)
        whole()
    alone.post("/trash/empty")
    whole()
    server.turn_clock(0)


@both
def test_nothing_is_reported_while_it_changes(alone: Sender) -> None:
    """With downloads and checks at the same moment, each check sees a document together with its row."""
    documents = [alone.send(f"{number}.pdf") for number in range(3)]

    def work(number: int) -> list[Any]:
        if number < len(documents):
            return [fetch(alone.server, documents[number]["url"]) for _ in range(6)]
        with Sender(alone.server) as other:
            return [other.get("/audit/verify")["broken"] for _ in range(6)]

    *taken, verdicts, also = at_once(len(documents) + 2, work)
    assert taken == [[b"content"] * 6] * 3
    assert verdicts == also == [None] * 6
