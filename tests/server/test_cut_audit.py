"""The audit can't be cut: anything removed from it is reported (S33).

The attacker has the database and the data folder, but not the key, and drops the triggers first.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.checks.cut_audits import SEALS, broken, sealed
from tests.support.checks.intruder import Statement, tamper
from tests.support.servers.databases import both
from tests.support.servers.rows import look
from tests.support.users.recipient import events, names_of, path_of
from tests.support.users.share import Sender, at_once, until


@pytest.fixture
def admin(restored: Sender) -> Sender:
    """An administrator of an installation that is put back after each test."""
    return restored


def head_back(subject: str, to: int) -> Statement:
    """The head of a chain as it would be if nothing had come after row ``to``."""
    return (
        "UPDATE audit_heads SET sequence = ?, sealed = 0, mac ="
        " (SELECT mac FROM audit WHERE audit.subject = audit_heads.subject AND audit.sequence = ?)"
        " WHERE subject = ?",
        to,
        to,
        subject,
    )


def without(subject: str, after: int = 0) -> Statement:
    return ("DELETE FROM audit WHERE subject = ? AND sequence > ?", subject, after)


async def test_the_whole_audit_cut_with_its_seals_and_anchor(admin: Sender) -> None:
    """All rows, heads and seals gone, and the data folder's file too: this used to be reported as *whole*."""
    admin.send()
    await sealed(admin.server)
    gone = ("sealed_heads", "seals", "audit", "audit_heads")
    tamper(admin.server, *[f"DELETE FROM {table}" for table in gone])
    (admin.server.data / "audit.seal").unlink()
    subject, sequence, why = broken(admin)
    assert (subject.partition(":")[0], sequence, why) == ("document", 1, "the whole chain is missing")


async def test_what_was_done_last_is_cut_off(admin: Sender) -> None:
    """Before it was sealed, along with the chain's head."""
    document = admin.send()
    admin.post(f"/documents/{document['id']}/unpublish")
    chain = f"document:{document['id']}"
    tamper(admin.server, without(chain, 2), head_back(chain, 2))
    for path in ("/audit/verify", f"/documents/{document['id']}/audit/verify"):
        assert broken(admin, path)[:2] == (chain, 3)


@pytest.mark.parametrize("sealing", [False, True])
async def test_a_documents_whole_chain_is_gone(admin: Sender, sealing: bool) -> None:
    document = admin.send()
    chain = f"document:{document['id']}"
    if sealing:
        await sealed(admin.server)
        tamper(admin.server, ("DELETE FROM sealed_heads WHERE subject = ?", chain))
    tamper(admin.server, without(chain), ("DELETE FROM audit_heads WHERE subject = ?", chain))
    for path in ("/audit/verify", f"/documents/{document['id']}/audit/verify"):
        assert broken(admin, path) == (chain, 1, "the whole chain is missing")


def test_a_persons_whole_chain_is_gone(admin: Sender) -> None:
    with admin.add_user("ALICE") as alice:
        ((ident,),) = look(admin.server, "SELECT id FROM users WHERE name = 'ALICE'")
        chain = f"person:{ident}"
        tamper(admin.server, without(chain), ("DELETE FROM audit_heads WHERE subject = ?", chain))
        for who in (admin, alice):
            assert broken(who) == (chain, 1, "the whole chain is missing")


def test_the_installations_chain_is_gone(admin: Sender) -> None:
    chain = "installation"
    tamper(admin.server, without(chain), ("DELETE FROM audit_heads WHERE subject = ?", chain))
    assert broken(admin) == (chain, 1, "the whole chain is missing")


async def test_seals_that_were_cut_off_do_not_grow_over(admin: Sender) -> None:
    """New seals aren't mistaken for the missing ones whose place they take."""
    document = admin.send()
    await sealed(admin.server)
    tamper(admin.server, "DELETE FROM sealed_heads", "DELETE FROM seals", "UPDATE audit_heads SET sealed = 0")
    for _ in range(2):
        assert broken(admin)[0] == SEALS
        admin.resend(document)
        await sealed(admin.server)
    assert broken(admin)[0] == SEALS


async def test_a_seal_that_was_cut_off_with_all_that_it_covers(admin: Sender) -> None:
    """Everything as it was before, the data folder's file too: only the database's anchor knows more, also once as many
    seals are there again."""
    document, file = admin.send(), admin.server.data / "audit.seal"
    await sealed(admin.server)
    chain, columns = f"document:{document['id']}", ("sequence", "mac", "head_mac", "sealed")
    (head,) = look(admin.server, f"SELECT {', '.join(columns)} FROM audit_heads WHERE subject = '{chain}'")
    ((before,),), kept = look(admin.server, "SELECT max(sequence) FROM seals"), file.read_bytes()
    with admin.server.guest() as guest:
        guest.get(path_of(document)).raise_for_status()
    assert names_of(events(admin.server, document["id"])) == ["viewed"]
    await sealed(admin.server)
    put_back = f"UPDATE audit_heads SET {' = ?, '.join(columns)} = ? WHERE subject = ?"
    tamper(
        admin.server,
        ("DELETE FROM sealed_heads WHERE seal > ?", before),
        ("DELETE FROM seals WHERE sequence > ?", before),
        without(chain, 2),
        (put_back, *head, chain),
    )
    file.write_bytes(kept)
    for _ in range(2):
        assert broken(admin)[0] == SEALS
        admin.resend(document)
        await sealed(admin.server)


async def test_a_missing_seal_is_detected_with_one_document_too(admin: Sender) -> None:
    document = admin.send()
    await sealed(admin.server)
    admin.resend(document)
    await sealed(admin.server)
    chain = f"document:{document['id']}"
    ((first,),) = look(admin.server, f"SELECT min(seal) FROM sealed_heads WHERE subject = '{chain}'")
    gone = [f"DELETE FROM {table} = {first}" for table in ("sealed_heads WHERE seal", "seals WHERE sequence")]
    tamper(admin.server, *gone)
    found, row, why = broken(admin, f"/documents/{document['id']}/audit/verify")
    assert (found, row) == (SEALS, first)
    assert why.startswith("it is missing")


async def test_a_chain_that_says_it_is_sealed_further_is_sealed_all_the_same(admin: Sender) -> None:
    """Otherwise it would look whole again at that length, and rows added in the meantime could be cut off."""
    document = admin.send()
    await sealed(admin.server)
    chain = f"document:{document['id']}"
    tamper(admin.server, ("UPDATE audit_heads SET sealed = 1000 WHERE subject = ?", chain))
    admin.resend(document)
    await sealed(admin.server)
    covered = f"SELECT max(sequence) FROM sealed_heads WHERE subject = '{chain}'"
    head = f"SELECT sequence FROM audit_heads WHERE subject = '{chain}'"
    # Either process may seal it, and the chain may have grown between the two.
    until(lambda: look(admin.server, covered) == look(admin.server, head))
    assert admin.get("/audit/verify")["broken"] is None


@both
async def test_sealed_rows_are_cut_off_with_the_seals_that_cover_them(alone: Sender) -> None:
    document = alone.send()
    await sealed(alone.server)
    (before,) = look(alone.server, "SELECT max(sequence) FROM seals")[0]
    alone.post(f"/documents/{document['id']}/unpublish")
    await sealed(alone.server)
    chain = f"document:{document['id']}"
    tamper(
        alone.server,
        ("DELETE FROM sealed_heads WHERE seal > ?", before),
        ("DELETE FROM seals WHERE sequence > ?", before),
        without(chain, 2),
        head_back(chain, 2),
    )
    for path in ("/audit/verify", f"/documents/{document['id']}/audit/verify"):
        assert broken(alone, path)[:2] == (chain, 3)


@both
def test_chains_that_are_sealed_meanwhile_are_whole(alone: Sender) -> None:
    documents = [alone.send(f"{number}.pdf") for number in range(2)]

    def work(number: int) -> list[Any]:
        with Sender(alone.server) as other:
            if number == 0:
                return [other.get("/audit/verify")["broken"] for _ in range(8)]
            for document in documents * 3:
                other.resend(document)
                asyncio.run(sealed(alone.server))
            return []

    assert at_once(2, work) == [[None] * 8, []]
