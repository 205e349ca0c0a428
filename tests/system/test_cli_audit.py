"""Signed audit heads: kept elsewhere, they reveal what was cut or rewritten, even by someone with the key (S33)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.checks.intruder import tamper
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tests.system.command import Client
from tests.system.kept_heads import against, keep
from tui.rules.state import Event
from tui.server import audit
from tui.server.audit import anchors
from tui.server.installation.installation import open_context


@pytest.fixture
def server(fresh_server: ServerProcess) -> ServerProcess:
    """A server for this test alone."""
    return fresh_server


@pytest.fixture
def client(server: ServerProcess, tmp_path: Path) -> Client:
    folder = tmp_path / "admin"
    folder.mkdir()
    return Client(server.url, server.token, folder)


def test_what_goes_on_from_the_heads_is_whole(client: Client, server: ServerProcess, tmp_path: Path) -> None:
    with Sender(server) as sender:
        document = sender.send()
        first = keep(client, tmp_path, "--json").rename(tmp_path / "first")
        file = keep(client, tmp_path)
        sender.resend(document)
        sender.send()
    assert against(client, first) == (0, [])
    done = client("audit", "--verify", "--against", str(file))
    assert "All 3 chains" in done.err
    assert "SHA256:" in done.err
    assert done.status == 0


def test_the_heads_name_their_key(client: Client, server: ServerProcess) -> None:
    first, again = client("audit", "heads", "--json").json, client("audit", "heads", "--json").json
    assert first["public_key"] == again["public_key"]
    assert first["fingerprint"] == again["fingerprint"]
    assert {head["id"].partition(":")[0] for head in first["heads"]} == {"installation", "person"}
    assert (server.data / "signing.key").stat().st_mode & 0o777 == 0o600
    text = client("audit", "heads").out
    assert f"fingerprint {first['fingerprint']}\n" in text


async def as_the_server(server: ServerProcess, chain: str, *events: Event) -> None:
    """Rewrites a chain and everything that vouches for it, as someone with the key can."""
    tamper(server, "UPDATE audit_heads SET sealed = 0", "DELETE FROM sealed_heads", "DELETE FROM seals",
           ("DELETE FROM audit WHERE subject = ?", chain),
           ("DELETE FROM audit_heads WHERE subject = ?", chain))  # fmt: skip
    context = await open_context(server.settings)
    try:
        async with context.database.write() as connection:
            for event in events:
                await audit.append(context, connection, chain, event, actor="DJONES")
            await anchors.keep(context, connection, anchors.NONE_YET)
            anchors.write_file(context, anchors.NONE_YET)
        await audit.seal(context)
    finally:
        await context.close()


async def test_a_chain_that_was_written_anew_with_the_key(
    client: Client, server: ServerProcess, tmp_path: Path
) -> None:
    """Nothing on the server can reveal the change; heads kept elsewhere do, and name the chain."""
    with Sender(server) as sender:
        documents = [sender.send(f"{n}.pdf") for n in range(3)]
        for document in documents:
            sender.post(f"/documents/{document['id']}/unpublish")
    client("audit", "--json")
    context = await open_context(server.settings)
    await audit.seal(context)
    await context.close()
    file = keep(client, tmp_path)
    rewritten, cut, gone = (f"document:{document['id']}" for document in documents)
    await as_the_server(server, rewritten, Event.SENT, Event.PUBLISHED, Event.VIEWED)
    await as_the_server(server, cut, Event.SENT, Event.PUBLISHED)
    tamper(server, ("DELETE FROM audit WHERE subject = ?", gone))
    status, broken = against(client, file)
    assert status == 1
    assert {row["id"]: (row["sequence"], row["why"]) for row in broken} == {
        rewritten: (3, "it, or one before it, was rewritten"),
        cut: (3, "it is missing: the chain was cut"),
        gone: (1, "the whole chain is missing"),
    }
    words = client("audit", "--verify", "--against", str(file))
    assert f"row 3 of {cut}" in words.err


def test_a_broken_audit_is_not_signed(client: Client, server: ServerProcess) -> None:
    with Sender(server) as sender:
        chain = f"document:{sender.send()['id']}"
    tamper(server, ("UPDATE audit SET actor = 'NOBODY' WHERE subject = ?", chain))
    done = client("audit", "heads", "--json")
    assert (done.status, done.json["error"]["code"]) == (1, "audit.broken")
    assert chain in done.json["error"]["message"]


def test_a_lost_signing_key_is_told(client: Client, server: ServerProcess, tmp_path: Path) -> None:
    """A restart reports the loss too and creates no new key; earlier heads can be checked without the key."""
    file = keep(client, tmp_path)
    path = server.data / "signing.key"
    kept = path.read_text()
    path.unlink()
    assert server.stop() == 0
    with ServerProcess(server.data, database_url=server.database_url) as again:
        other = Client(again.url, again.token, client.cwd)
        done = other("audit", "heads", "--json")
        assert (done.status, done.json["error"]["code"]) == (1, "signing_key.lost")
        assert "backup" in done.json["error"]["message"]
        assert not path.exists()
        assert against(other, file) == (0, [])
        for content, code in ((b"1" * 64, "wrong"), (b"x", "malformed"), (b"\xff" * 32, "malformed")):
            path.write_bytes(content)
            path.chmod(0o600)
            assert other("audit", "heads", "--json").json["error"]["code"] == f"signing_key.{code}"
        path.write_text(kept)
        assert other("audit", "heads").status == 0


def test_ones_own_heads(client: Client, server: ServerProcess, tmp_path: Path) -> None:
    """A user who is no administrator can save the heads of their own chains, and can't check anyone else's."""
    with Sender(server) as admin, admin.add_user("ALICE") as alice:
        document = alice.send()
        other = Client(server.url, alice.http.headers["X-Auth-Token"], client.cwd)
        file = keep(other, tmp_path)
        listed = other("audit", "heads", "--json").json["heads"]
        assert [head["id"].partition(":")[0] for head in listed] == ["document", "person"]
        assert against(other, file) == (0, [])
        assert against(client, file) == (0, [])
        done = other("audit", "--verify", "--against", str(keep(client, tmp_path)), "--json")
        assert (done.status, done.json["error"]["code"]) == (4, "audit.not_yours")
        chain = f"document:{document['id']}"
        file = keep(other, tmp_path)
        tamper(server, ("DELETE FROM audit WHERE subject = ? AND sequence > 1", chain))
        assert against(other, file)[1] == [
            {"id": chain, "sequence": 2, "why": "it is missing: the chain was cut"}
        ]
