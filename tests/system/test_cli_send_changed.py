"""A file that changes while ``sentlinks send`` sends it."""

from __future__ import annotations

import hashlib
import os

from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Call
from tests.support.servers.server import ServerProcess
from tests.support.users.share import fetch
from tests.system.command import Client


def test_it_is_told(server: ServerProcess, client: Client, spoiled: Misbehaving) -> None:
    """With what went out, of a large one that is cut off in the middle and of a small one that is written after it was
    read."""
    large, small, other = (client.cwd / name for name in ("large.bin", "small.txt", "other.txt"))
    large.write_bytes(os.urandom(9_000_000))
    small.write_bytes(b"as it was")
    other.write_bytes(b"as it is")
    spoiled.spoil("PATCH", Call(lambda: os.truncate(large, 1_600_000)), "/uploads")
    spoiled.spoil("POST", Call(lambda: small.write_bytes(b"longer than it was")), "/batch")
    done = client("send", "large.bin", "small.txt", "other.txt", "--json")
    assert done.status == 0
    cut, before, same = done.documents
    assert [document["changed_while_sent"] for document in done.documents] == [True, True, False]
    assert [document["size"] for document in done.documents] == [1_600_000, 9, 8]
    assert cut["sha256"] == hashlib.sha256(large.read_bytes()).hexdigest()
    assert fetch(server, before["url"]) == b"as it was"
    assert fetch(server, cut["url"]) == large.read_bytes()
    digest = hashlib.sha256(b"as it was").hexdigest()
    assert (
        f"small.txt changed while it was sent: what went out has 9 bytes and the SHA-256 {digest}.\n"
        in done.err
    )
    assert "large.bin changed while it was sent: what went out has 1,600,000 bytes" in done.err
    assert "other.txt" not in done.err
    assert same["status"] == "succeeded"
