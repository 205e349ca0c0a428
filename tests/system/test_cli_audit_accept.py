"""``audit accept``: an audit broken by a backup or a lost anchor continues, and every verification says so."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Any

import pytest

from tests.support.checks.intruder import tamper
from tests.support.servers.databases import both
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tests.system.command import Client
from tui.server import audit
from tui.server.audit import anchors
from tui.server.installation.installation import open_context


@pytest.fixture
def client(fresh_server: ServerProcess, tmp_path: Path) -> Client:
    folder = tmp_path / "admin"
    folder.mkdir()
    return Client(fresh_server.url, fresh_server.token, folder)


async def sealed(server: ServerProcess) -> None:
    context = await open_context(server.settings)
    try:
        await audit.seal(context)
    finally:
        await context.close()


def accept(client: Client, server: ServerProcess, *options: str) -> Any:
    where = ["--data", str(server.data)]
    if server.database_url is not None:
        where += ["--database-url", server.database_url]
    return client("audit", "accept", *where, *options)


def verdict(client: Client) -> tuple[int, dict[str, Any]]:
    done = client("audit", "--verify", "--json")
    return done.status, done.json["verified"]


@both
async def test_an_anchor_that_was_lost(client: Client, fresh_server: ServerProcess) -> None:
    """The audit stays broken, even after a restart, until it is accepted; from then on it is intact, and says so."""
    server = fresh_server
    with Sender(server) as sender:
        document = sender.send()
        await sealed(server)
        (server.data / "audit.seal").unlink()
        sender.resend(document)
    await sealed(server)
    status, found = verdict(client)
    assert (status, found["accepted"]) == (1, [])
    done = accept(client, server, "--yes", "--json")
    assert done.status == 0, done.err
    accepted = done.json["accepted"]
    assert (accepted["operator"], accepted["why"]) == (getpass.getuser(), found["broken"]["why"])
    assert accepted["before"] == accepted["seal"] > 0
    for _ in range(2):
        assert verdict(client) == (
            0,
            {**found, "broken": None, "rows": found["rows"] + 1, "accepted": [accepted]},
        )
        await sealed(server)
    words = client("audit", "--verify")
    assert "accepted" in words.err
    assert "The audit is intact since" in words.err
    events = client("audit", "--installation", "--json").json["events"]
    (event,) = [event for event in events if event["event"] == "audit accepted"]
    assert event["details"] == {key: accepted[key] for key in ("operator", "why", "before", "seal")}


async def test_what_is_accepted(client: Client, fresh_server: ServerProcess, tmp_path: Path) -> None:
    """Nothing without a question, nothing that is whole, a backup, and no rows that were changed."""
    it_is_asked_first_and_makes_no_new_data(client, fresh_server, tmp_path)
    what_is_whole_stays_as_it_is(client, fresh_server)
    await a_backup_that_was_put_back_is_accepted(client, fresh_server)
    rows_that_were_changed_are_not_accepted(client, fresh_server)


def it_is_asked_first_and_makes_no_new_data(client: Client, server: ServerProcess, tmp_path: Path) -> None:
    assert accept(client, server, "--json").status == 2
    done = client("audit", "accept", "--data", str(tmp_path / "none"), "--yes", "--json")
    assert (done.status, done.error) == (1, "data.none")
    assert not (tmp_path / "none").exists()
    for wrong in (("--verify",), ("--server", server.url)):
        assert client("audit", "accept", "--yes", *wrong).status == 2
    assert client("audit", "--yes").status == 2


def what_is_whole_stays_as_it_is(client: Client, server: ServerProcess) -> None:
    done = accept(client, server, "--yes", "--json")
    assert (done.status, done.json) == (0, {"accepted": None})
    assert "nothing to accept" in accept(client, server, "--yes").err
    assert verdict(client)[1]["accepted"] == []


async def a_backup_that_was_put_back_is_accepted(client: Client, server: ServerProcess) -> None:
    """With the database alone restored, the data folder knows a later seal, which will never arrive."""
    with Sender(server) as sender:
        sender.send()
    await sealed(server)
    context = await open_context(server.settings)
    try:
        known = anchors.read_file(context)
        assert known is not None
        anchors.write_file(context, anchors.Anchor(known.sequence + 3, bytes(32)))
    finally:
        await context.close()
    status, found = verdict(client)
    assert (status, found["broken"]["why"]) == (1, "it is missing at the end")
    accepted = accept(client, server, "--yes", "--json").json["accepted"]
    assert (accepted["before"], accepted["seal"]) == (known.sequence + 3, known.sequence)
    for _ in range(2):
        assert verdict(client)[0] == 0
        await sealed(server)


def rows_that_were_changed_are_not_accepted(client: Client, server: ServerProcess) -> None:
    with Sender(server) as sender:
        ident = sender.send()["id"]
    tamper(
        server,
        ("UPDATE audit SET actor = 'EVE' WHERE subject = ? AND sequence = 1", f"document:{ident}"),
    )
    (server.data / "audit.seal").unlink()
    before = verdict(client)
    done = accept(client, server, "--yes", "--json")
    assert (done.status, done.error) == (1, "audit.changed")
    assert verdict(client) == before
    assert not (server.data / "audit.seal").exists()
