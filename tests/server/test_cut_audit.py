"""The audit can't be cut: anything removed from it is reported, and so is a missing anchor (S33).

The attacker has the database and the data folder, but not the key, and drops the triggers first.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.intruder import Statement, tamper
from tests.support.rows import look
from tests.support.server import ServerProcess
from tests.support.share import Sender, at_once
from tui.server.audit import seal
from tui.server.opening import open_context

SEALS = "seals"


DATABASE = "both"


@pytest.fixture
def admin(fresh_server: ServerProcess) -> Iterator[Sender]:
    """An administrator of an installation used by one test only."""
    with Sender(fresh_server) as sender:
        yield sender


async def sealed(server: ServerProcess) -> None:
    """Seals, as the server does every minute."""
    context = await open_context(server.settings)
    try:
        await seal(context)
    finally:
        await context.close()


def broken(sender: Sender, path: str = "/audit/verify") -> tuple[str, int, str]:
    """The chain that is reported as broken, where, and why."""
    found = sender.get(path)["broken"]
    assert found is not None, "verify says that all is whole"
    return found["subject"], found["sequence"], found["why"]


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


async def test_sealed_rows_are_cut_off_with_the_seals_that_cover_them(admin: Sender) -> None:
    document = admin.send()
    await sealed(admin.server)
    (before,) = look(admin.server, "SELECT max(sequence) FROM seals")[0]
    admin.post(f"/documents/{document['id']}/unpublish")
    await sealed(admin.server)
    chain = f"document:{document['id']}"
    tamper(
        admin.server,
        ("DELETE FROM sealed_heads WHERE seal > ?", before),
        ("DELETE FROM seals WHERE sequence > ?", before),
        without(chain, 2),
        head_back(chain, 2),
    )
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


def _remove(file: Path) -> None:
    file.unlink()


def _change(file: Path) -> None:
    kept = json.loads(file.read_text())
    file.write_text(json.dumps(kept | {"sequence": 1}))


def _of_before(file: Path) -> None:
    """As an earlier version of the program wrote it, without a MAC of its own."""
    kept = json.loads(file.read_text())
    file.write_text(json.dumps({"sequence": kept["sequence"], "mac": kept["mac"]}))


def _empty(file: Path) -> None:
    file.write_text("")


@pytest.mark.parametrize(
    ("spoil", "why"),
    [(_remove, "missing"), (_change, "changed"), (_of_before, "changed"), (_empty, "changed")],
)
async def test_an_anchor_that_is_no_more(admin: Sender, spoil: Callable[[Path], None], why: str) -> None:
    document = admin.send()
    await sealed(admin.server)
    admin.post(f"/documents/{document['id']}/unpublish")
    await sealed(admin.server)
    spoil(admin.server.data / "audit.seal")
    expected = (
        SEALS,
        0,
        f"the anchor in the data folder (audit.seal) {'was ' if why == 'changed' else 'is '}{why}",
    )
    assert broken(admin) == expected
    # Later seals don't recreate it.
    admin.resend(document)
    await sealed(admin.server)
    assert broken(admin) == expected
    assert broken(admin, f"/documents/{document['id']}/audit/verify") == expected


@pytest.mark.parametrize(
    "change",
    [
        "anchor_sequence = NULL, anchor_seal = NULL, anchor_mac = NULL",
        "anchor_sequence = anchor_sequence - 1",
        "anchor_seal = anchor_mac",
    ],
)
async def test_the_databases_anchor_is_no_more(admin: Sender, change: str) -> None:
    document = admin.send()
    await sealed(admin.server)
    tamper(admin.server, f"UPDATE installation SET {change}")
    for _ in range(2):
        assert broken(admin) == (SEALS, 0, "the anchor in the database is missing, or was changed")
        admin.resend(document)
        await sealed(admin.server)


async def test_seals_that_were_cut_off_do_not_grow_over(admin: Sender) -> None:
    """New seals aren't mistaken for the missing ones whose place they take."""
    document = admin.send()
    await sealed(admin.server)
    tamper(admin.server, "DELETE FROM sealed_heads", "DELETE FROM seals", "UPDATE audit_heads SET sealed = 0")
    for _ in range(4):
        assert broken(admin)[0] == SEALS
        admin.resend(document)
        await sealed(admin.server)
    assert broken(admin)[0] == SEALS


async def test_a_missing_seal_is_detected_with_one_document_too(admin: Sender) -> None:
    document = admin.send()
    await sealed(admin.server)
    admin.resend(document)
    await sealed(admin.server)
    tamper(admin.server, "DELETE FROM sealed_heads WHERE seal = 1", "DELETE FROM seals WHERE sequence = 1")
    assert broken(admin, f"/documents/{document['id']}/audit/verify") == (
        SEALS,
        1,
        "it is missing",
    )


@pytest.mark.parametrize("says", ["1000000000", "sequence", "sealed - 1", "-1"])
async def test_a_chain_that_is_to_be_sealed_no_more(admin: Sender, says: str) -> None:
    """No MAC covers this record; if it were believed, later rows would stay unsealed and could be cut off."""
    document = admin.send()
    await sealed(admin.server)
    admin.resend(document)
    chain = f"document:{document['id']}"
    for path in ("/audit/verify", f"/documents/{document['id']}/audit/verify"):
        assert admin.get(path)["broken"] is None
    tamper(admin.server, (f"UPDATE audit_heads SET sealed = {says} WHERE subject = ?", chain))
    for path in ("/audit/verify", f"/documents/{document['id']}/audit/verify"):
        assert broken(admin, path) == (chain, 3, "the record of how far it was sealed was changed")


def test_chains_that_are_sealed_meanwhile_are_whole(admin: Sender) -> None:
    documents = [admin.send(f"{number}.pdf") for number in range(2)]

    def work(number: int) -> list[Any]:
        with Sender(admin.server) as other:
            if number == 0:
                return [other.get("/audit/verify")["broken"] for _ in range(12)]
            for document in documents * 5:
                other.resend(document)
                asyncio.run(sealed(admin.server))
            return []

    assert at_once(2, work) == [[None] * 12, []]


def test_a_server_that_starts_again_finds_the_same(admin: Sender) -> None:
    """Neither an anchor nor the installation's row is recreated if other data exists."""
    data, url = admin.server.data, admin.server.database_url
    admin.send()
    assert admin.server.stop() == 0
    tamper(admin.server, "UPDATE installation SET anchor_mac = NULL")
    (data / "audit.seal").unlink()
    with ServerProcess(data, database_url=url) as server, Sender(server) as sender:
        assert broken(sender)[0] == SEALS
    tamper(admin.server, "DELETE FROM installation")
    with (
        pytest.raises(AssertionError, match="it was changed by hand"),
        ServerProcess(data, database_url=url),
    ):
        pass


def test_an_untouched_audit_is_intact_after_a_start(admin: Sender) -> None:
    data, url = admin.server.data, admin.server.database_url
    document = admin.send()
    assert admin.server.stop() == 0
    assert (data / "audit.seal").stat().st_mode & 0o777 == 0o600
    with ServerProcess(data, database_url=url) as server, Sender(server) as sender:
        verdict: dict[str, Any] = sender.get("/audit/verify")
        assert (verdict["broken"], verdict["chains"]) == (None, 3)
        sender.resend(document)
        assert sender.get(f"/documents/{document['id']}/audit/verify")["broken"] is None


def _other_machine(tmp_path: Path) -> Path:
    """The data folder of another machine, with the files that an administrator puts there."""
    other = tmp_path / "other"
    other.mkdir(mode=0o700)
    for name in ("key", "token"):
        (other / name).write_bytes((tmp_path / "one" / name).read_bytes())
        (other / name).chmod(0o600)
    return other


def _folders(sender: Sender) -> int:
    """How many data folders the installation's chain records."""
    events = sender.get("/audit/installation")["events"]
    return [event["event"] for event in events].count("data folder added")


def test_another_machine_joins(postgres: Any, tmp_path: Path) -> None:
    """It has its own data folder, which starts with the database's anchor; the audit records it."""
    url = postgres.database()
    with ServerProcess(tmp_path / "one", database_url=url) as one, Sender(one) as sender:
        sender.send()
        assert _folders(sender) == 1
    other = _other_machine(tmp_path)
    with ServerProcess(other, database_url=url) as two, Sender(two) as sender:
        assert (sender.get("/audit/verify")["broken"], _folders(sender)) == (None, 2)
        (other / "audit.seal").unlink()
        assert broken(sender)[0] == SEALS
    with ServerProcess(tmp_path / "one", database_url=url) as one, Sender(one) as sender:
        assert (sender.get("/audit/verify")["broken"], _folders(sender)) == (None, 2)


@pytest.mark.parametrize("which", ["one", "other"])
def test_a_start_does_not_replace_a_lost_anchor(postgres: Any, tmp_path: Path, which: str) -> None:
    """Neither the first machine's nor another's: someone who cuts the audit could have removed it."""
    url = postgres.database()
    with ServerProcess(tmp_path / "one", database_url=url) as one, Sender(one) as sender:
        document = sender.send()
    _other_machine(tmp_path)
    with ServerProcess(tmp_path / "other", database_url=url) as two, Sender(two) as sender:
        sender.resend(document)
    (tmp_path / which / "audit.seal").unlink()
    for _ in range(2):
        with ServerProcess(tmp_path / which, database_url=url) as server, Sender(server) as sender:
            assert broken(sender) == (SEALS, 0, "the anchor in the data folder (audit.seal) is missing")
            sender.resend(document)


def test_an_emptied_data_folder_is_reported_as_new(postgres: Any, tmp_path: Path) -> None:
    """It can't be told from a new one, but administrators see a row; with a damaged id it doesn't count as new."""
    url, data = postgres.database(), tmp_path / "one"
    with ServerProcess(data, database_url=url) as server, Sender(server) as sender:
        sender.send()
    (data / "audit.seal").unlink()
    kept = (data / "audit.folder").read_text()
    (data / "audit.folder").write_text("\0\n")
    with ServerProcess(data, database_url=url) as server, Sender(server) as sender:
        assert (broken(sender)[0], _folders(sender)) == (SEALS, 1)
    (data / "audit.folder").unlink()
    with ServerProcess(data, database_url=url) as server, Sender(server) as sender:
        assert (sender.get("/audit/verify")["broken"], _folders(sender)) == (None, 2)
    assert (data / "audit.folder").read_text() != kept


async def test_a_chain_that_says_it_is_sealed_further_is_sealed_all_the_same(admin: Sender) -> None:
    """Otherwise it would look whole again at that length, and rows added in the meantime could be cut off."""
    document = admin.send()
    await sealed(admin.server)
    chain = f"document:{document['id']}"
    tamper(admin.server, ("UPDATE audit_heads SET sealed = 1000 WHERE subject = ?", chain))
    admin.resend(document)
    await sealed(admin.server)
    ((covered,),) = look(admin.server, f"SELECT max(sequence) FROM sealed_heads WHERE subject = '{chain}'")
    ((head,),) = look(admin.server, f"SELECT sequence FROM audit_heads WHERE subject = '{chain}'")
    assert covered == head
    assert admin.get("/audit/verify")["broken"] is None
