"""Imports whose server fails: what wasn't imported is named, and the next import makes up for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.network.misbehave import ALWAYS, Misbehaving
from tests.support.network.spoiling import CutAnswer, Say
from tests.support.servers.server import ServerProcess
from tests.support.users.work import Worker
from tests.system.command import Client
from tests.system.importing import counts, imported, listed

JSON = "application/json"


def test_an_upload_that_fails_is_named_and_mended_by_the_next_run(
    client: Client, spoiled: Misbehaving, tree: Path
) -> None:
    spoiled.spoil("POST", Say(500, b"<h1>oops</h1>"), "/documents", times=2)
    found = imported(client, tree, "Mended", status=1)
    assert (found["added"], len(found["failed"])) == (3, 2)
    assert counts(imported(client, tree, "Mended")) == (2, 0, 3, 0)


def test_an_answer_that_is_lost_makes_no_second_document(
    server: ServerProcess, client: Client, spoiled: Misbehaving, tree: Path
) -> None:
    spoiled.spoil("POST", CutAnswer(10), "/documents")
    found = imported(client, tree, "Lost", status=1)
    assert found["added"] == 4
    again = imported(client, tree, "Lost")
    assert counts(again) == (0, 0, 5, 0)
    assert len(listed(server, again["workspace"]["id"])) == 5


def test_a_server_that_asks_for_patience(client: Client, spoiled: Misbehaving, tree: Path) -> None:
    spoiled.spoil("POST", Say(429, b"", headers=(("Retry-After", "1"),)), "/documents", times=3)
    assert counts(imported(client, tree, "Patience")) == (5, 0, 0, 0)


def test_a_sign_in_that_ends_midway(client: Client, spoiled: Misbehaving, tree: Path) -> None:
    body = b'{"error": {"code": "NRC_TOKEN_INVALID", "message": "X-Auth-Token is invalid or missing"}}'
    spoiled.spoil("POST", Say(401, body, JSON), "/documents", skip=2, times=ALWAYS)
    done = client("import", tree, "--workspace", "Ended", "--json")
    assert done.status == 1
    assert done.json["added"] == 2
    assert done.json["failed"]
    assert "run it again" in done.err


@pytest.mark.parametrize("code", ["disk_full", "NRC_DISK_FULL", "NRC_QUOTA_KEPT"])
def test_a_server_that_is_full(client: Client, spoiled: Misbehaving, tree: Path, code: str) -> None:
    """When the server's disk or the user's quota is full, nothing more is tried."""
    body = b'{"error": {"code": "%s", "message": "There is no room."}}' % code.encode()
    spoiled.spoil("POST", Say(507, body, JSON), "/documents", times=ALWAYS)
    done = client("import", tree, "--workspace", f"Full {code}", "--json")
    assert (done.status, done.error) == (1, code)


def test_a_server_that_tells_no_digests(server: ServerProcess, client: Client, tree: Path) -> None:
    """Another server's list may lack checksums; the bytes are compared instead."""
    import json

    found = imported(client, tree, "Plain")
    with Worker(server) as work:
        whole = work.get(f"folders/{found['workspace']['id']}/children", total="true")
    for item in whole["data"]:
        item.pop("checksum", None)
        item.pop("iwl", None)
    client.file("tree/Offer.docx", "0ffer")
    with Misbehaving(server.url) as proxy:
        proxy.spoil(
            "GET", Say(200, json.dumps(whole).encode(), JSON), f"/{found['workspace']['id']}/children"
        )
        client.environ = {**client.environ, "SENTLINKS_SERVER": proxy.url}
        assert counts(imported(client, tree, "Plain")) == (0, 1, 4, 0)


def test_no_server(client: Client, tree: Path) -> None:
    client.environ = {**client.environ, "SENTLINKS_SERVER": "http://127.0.0.1:1"}
    for arguments in (["import", tree, "--workspace", "W"], ["find", "x"], ["checkout", "ACTIVE!1"]):
        assert client(*arguments, "--json").status == 6
