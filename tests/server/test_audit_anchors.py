"""The audit's anchors, in the database and in each data folder: a missing, old or changed one is reported (S33)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.checks.cut_audits import SEALS, broken, has_sealed, sealed
from tests.support.checks.intruder import tamper
from tests.support.checks.long import few, more
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender, until


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


@few(1)
@pytest.mark.parametrize(
    ("spoil", "why"),
    [(_remove, "missing"), (_change, "changed"), (_of_before, "changed"), (_empty, "changed")],
)
async def test_an_anchor_that_is_no_more(restored: Sender, spoil: Callable[[Path], None], why: str) -> None:
    document = restored.send()
    await sealed(restored.server)
    restored.post(f"/documents/{document['id']}/unpublish")
    await sealed(restored.server)
    spoil(restored.server.data / "audit.seal")
    expected = (
        SEALS,
        0,
        f"the anchor in the data folder (audit.seal) {'was ' if why == 'changed' else 'is '}{why}",
    )
    assert broken(restored) == expected
    # Later seals don't recreate it.
    restored.resend(document)
    await sealed(restored.server)
    assert broken(restored) == expected
    assert broken(restored, f"/documents/{document['id']}/audit/verify") == expected


@few(1)
@pytest.mark.parametrize(
    "change",
    [
        "anchor_sequence = NULL, anchor_seal = NULL, anchor_mac = NULL",
        "anchor_sequence = anchor_sequence - 1",
        "anchor_seal = anchor_mac",
    ],
)
async def test_the_databases_anchor_is_no_more(restored: Sender, change: str) -> None:
    document = restored.send()
    await sealed(restored.server)
    tamper(restored.server, f"UPDATE installation SET {change}")
    for _ in range(2):
        assert broken(restored) == (SEALS, 0, "the anchor in the database is missing, or was changed")
        restored.resend(document)
        await sealed(restored.server)


def test_a_server_that_starts_again_finds_the_same(alone: Sender) -> None:
    """An untouched audit is intact, and neither an anchor nor the installation's row is recreated if other data
    exists."""
    data, url = alone.server.data, alone.server.database_url
    document = alone.send()
    assert alone.server.stop() == 0
    assert (data / "audit.seal").stat().st_mode & 0o777 == 0o600
    with ServerProcess(data, database_url=url) as server, Sender(server) as sender:
        verdict: dict[str, Any] = sender.get("/audit/verify")
        assert (verdict["broken"], verdict["chains"]) == (None, 3)
        sender.resend(document)
        assert sender.get(f"/documents/{document['id']}/audit/verify")["broken"] is None
    tamper(alone.server, "UPDATE installation SET anchor_mac = NULL")
    (data / "audit.seal").unlink()
    with ServerProcess(data, database_url=url) as server, Sender(server) as sender:
        assert broken(sender)[0] == SEALS
    tamper(alone.server, "DELETE FROM installation")
    with (
        pytest.raises(AssertionError, match="it was changed by hand"),
        ServerProcess(data, database_url=url),
    ):
        pass


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
    """It has its own data folder, which starts with the database's anchor; the audit records it. A start replaces no
    lost anchor, neither the first machine's nor another's: someone who cuts the audit could have removed it."""
    url = postgres.database()
    with ServerProcess(tmp_path / "one", database_url=url) as one, Sender(one) as sender:
        document = sender.send()
        assert _folders(sender) == 1
    other = _other_machine(tmp_path)
    with ServerProcess(other, database_url=url) as two, Sender(two) as sender:
        assert (sender.get("/audit/verify")["broken"], _folders(sender)) == (None, 2)
        # The server seals the row about its folder when it starts, and would write the file anew.
        until(lambda: has_sealed(two))
        (other / "audit.seal").unlink()
        assert broken(sender)[0] == SEALS
    with ServerProcess(tmp_path / "one", database_url=url) as one, Sender(one) as sender:
        assert (sender.get("/audit/verify")["broken"], _folders(sender)) == (None, 2)
    (tmp_path / "one" / "audit.seal").unlink()
    for which in ("one", "other", "one"):
        with ServerProcess(tmp_path / which, database_url=url) as server, Sender(server) as sender:
            assert broken(sender) == (SEALS, 0, "the anchor in the data folder (audit.seal) is missing")
            sender.resend(document)


@more
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
