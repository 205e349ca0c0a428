"""Signed audit heads: kept elsewhere, they reveal what was cut or rewritten, even by someone with the key (S33)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.support.intruder import tamper
from tests.support.server import ServerProcess
from tests.support.share import Sender
from tests.system.command import Client
from tui.rules import heads
from tui.rules.heads import SignedHeads
from tui.rules.state import Event
from tui.server import audit
from tui.server.audit import anchors
from tui.server.opening import open_context

DATABASE = "both"


@pytest.fixture
def server(fresh_server: ServerProcess) -> ServerProcess:
    """A server for this test alone."""
    return fresh_server


@pytest.fixture
def client(server: ServerProcess, tmp_path: Path) -> Client:
    folder = tmp_path / "admin"
    folder.mkdir()
    return Client(server.url, server.token, folder)


def keep(client: Client, tmp_path: Path, *options: str) -> Path:
    """Saves the current heads to a file."""
    done = client("audit", "heads", *options)
    assert done.status == 0, done.err
    file = tmp_path / "heads"
    file.write_text(done.out)
    return file


def against(client: Client, file: Path) -> tuple[int, list[dict[str, Any]]]:
    done = client("audit", "--verify", "--against", str(file), "--json")
    assert done.status in (0, 1), done.err
    return done.status, done.json["broken"]


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_what_goes_on_from_the_heads_is_whole(client: Client, server: ServerProcess, tmp_path: Path,
                                              options: tuple[str, ...]) -> None:  # fmt: skip
    with Sender(server) as sender:
        document = sender.send()
        file = keep(client, tmp_path, *options)
        sender.resend(document)
        sender.send()
    assert against(client, file) == (0, [])
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


@pytest.mark.parametrize("change", ["digest", "sequence", "id", "at", "public_key"])
def test_heads_that_somebody_has_changed(client: Client, tmp_path: Path, change: str) -> None:
    file = keep(client, tmp_path, "--json")
    kept = json.loads(file.read_text())
    head = kept["heads"][0]
    head["digest"] = "0" * 64 if change == "digest" else head["digest"]
    head["sequence"] += change == "sequence"
    head["id"] = "elsewhere" if change == "id" else head["id"]
    kept["at"] += "0" if change == "at" else ""
    kept["public_key"] = "1" * 64 if change == "public_key" else kept["public_key"]
    file.write_text(json.dumps(kept))
    done = client("audit", "--verify", "--against", str(file), "--json")
    assert (done.status, done.json["error"]["code"]) == (2, "heads.signature")


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "nothing", "sentlinks audit heads 1\nat x\n", "\xff", "{" * 9999]
)
def test_what_are_no_heads(client: Client, tmp_path: Path, text: str) -> None:
    file = tmp_path / "heads"
    file.write_text(text)
    assert (
        client("audit", "--verify", "--against", str(file), "--json").json["error"]["code"]
        == "heads.unreadable"
    )
    assert client("audit", "--verify", "--against", str(tmp_path / "missing")).status == 2
    for wrong in (["--against", str(file)], ["x", "--verify", "--against", str(file)], ["heads", "--verify"]):
        assert client("audit", *wrong).status == 2


def signed_by_another(signed: SignedHeads) -> SignedHeads:
    """The same heads, validly signed with another key."""
    key = Ed25519PrivateKey.generate()
    return signed._replace(
        public_key=key.public_key().public_bytes_raw().hex(),
        signature=key.sign(heads.signed_text(signed.at, signed.heads)).hex(),
    )


@pytest.mark.parametrize("form", ["lines", "json"])
def test_heads_that_another_key_has_signed(client: Client, tmp_path: Path, form: str) -> None:
    """Someone who replaces the saved file cannot sign the replacement as the server does."""
    file = keep(client, tmp_path)
    own = heads.read(file.read_text())
    other = signed_by_another(own)
    lie = heads.written(other).replace(other.fingerprint, own.fingerprint)
    if form == "json":
        rows = [{"id": h.subject, "sequence": h.sequence, "digest": h.digest} for h in other.heads]
        lie = json.dumps({"heads": rows, "at": other.at, "public_key": other.public_key,
                          "fingerprint": own.fingerprint, "signature": other.signature})  # fmt: skip
    file.write_text(lie)
    done = client("audit", "--verify", "--against", str(file), "--json")
    assert (done.status, done.json.get("error", {}).get("code")) == (2, "heads.signature")
    file.write_text(heads.written(other))
    assert against(client, file) == (
        1,
        [{"id": "key", "sequence": 0, "why": "signed with a different key than this server's"}],
    )
    errors = client("audit", "--verify", "--against", str(file)).err
    assert f"signed with a different key than this server's: {other.fingerprint}" in errors
    assert "continue from these heads" not in errors


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_heads_as_they_come(client: Client, tmp_path: Path, options: tuple[str, ...]) -> None:
    """Heads are read from standard input too, and from a file with a byte order mark and empty lines at the end."""
    text = keep(client, tmp_path, *options).read_text()
    file = tmp_path / "edited"
    file.write_text(f"\ufeff{text}\n\n")
    assert against(client, file) == (0, [])
    done = client("audit", "--verify", "--against", "-", given=text)
    assert (done.status, "All 2 chains" in done.err) == (0, True)


def test_a_file_that_is_too_large(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "heads"
    with file.open("wb") as large:
        large.truncate((64 << 20) + 1)
    done = client("audit", "--verify", "--against", str(file), "--json")
    assert (done.status, done.error) == (2, "heads.unreadable")
    assert "64 MB" in done.err


@pytest.mark.parametrize(("times", "code"), [(0, "heads.none"), (2, "heads.twice")])
def test_files_with_no_heads_or_the_same_twice(client: Client, tmp_path: Path, times: int, code: str) -> None:
    file = keep(client, tmp_path)
    signed = heads.read(file.read_text())
    some = signed._replace(heads=list(signed.heads) * times)
    file.write_text(heads.written(signed_by_another(some)))
    done = client("audit", "--verify", "--against", str(file), "--json")
    assert (done.status, done.error) == (2, code)


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
