"""Commands against a Work server that responds wrongly: one sentence, the right status, an error object."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.checks.long import few
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Call, CutAnswer, Say
from tests.support.servers.server import ServerProcess
from tests.support.users.work import Worker
from tests.system.command import Client, Done

JSON = "application/json"
HTML = b"<!doctype html><h1>Welcome to the wifi</h1>"
BYTES = b"the content of a paper" * 1000


def coded(status: int, code: str) -> Say:
    return Say(status, json.dumps({"error": {"code": code, "message": f"It says {code}."}}).encode(), JSON)


ANSWERS = [
    (Say(200, HTML), 1),
    (Say(200, b'{"data": [', JSON), 1),
    (CutAnswer(60), 1),
    (coded(401, "UNAUTHORIZED"), 4),
    (coded(403, "NRC_NO_ACCESS"), 4),
    (coded(404, "NRC_NO_RECORD"), 5),
    (coded(409, "NRC_LOCKED"), 1),
    (Say(429, HTML, headers=(("Retry-After", "120"),)), 4),
    (Say(500, HTML), 1),
    (Say(502, HTML), 6),
    (Say(503, HTML), 6),
    (Say(302, b"", headers=(("Location", "https://evil.example/x"),)), 1),
]
#: One of each kind, for commands whose requests are made and understood in the same way as those of ``find``.
SOME = [ANSWERS[index] for index in (0, 2, 5, 10)]
NAMES = [f"{getattr(said, 'status', 'cut')}-{number}" for number, (said, _) in enumerate(ANSWERS)]


@pytest.fixture
def worker(server: ServerProcess) -> Iterator[Worker]:
    with Worker(server) as found:
        yield found


@pytest.fixture
def paper(worker: Worker) -> str:
    return str(worker.upload(worker.workspace("Matter"), "Deed", BYTES, "pdf")["id"])


@pytest.fixture
def spoiled(server: ServerProcess) -> Iterator[Misbehaving]:
    with Misbehaving(server.url) as proxy:
        yield proxy


@pytest.fixture
def client(server: ServerProcess, spoiled: Misbehaving, tmp_path: Path) -> Client:
    folder = tmp_path / "work"
    folder.mkdir()
    return Client(spoiled.url, server.token, folder)


@pytest.fixture
def apart(client: Client, server: ServerProcess, spoiled: Misbehaving) -> Client:
    """As if Work were on a separate server, so that documents come from there."""
    address = spoiled.url.replace("127.0.0.1", "localhost")
    client.environ = {
        **client.environ,
        "SENTLINKS_WORK_SERVER": address,
        "SENTLINKS_WORK_TOKEN": server.token,
    }
    return client


def refused(done: Done, status: int) -> None:
    """Checks that the command failed as a whole, with one sentence for people and one object for scripts."""
    assert done.status == status, done.err
    assert done.error
    sentence = done.json["error"]["message"]
    # Or with the command that comes next.
    assert re.search(r"(\.|: sentlinks [a-zA-Z -]+)$", sentence)
    assert not set("<\n\x1b") & set(sentence)


@few(3)
@pytest.mark.parametrize(("said", "status"), ANSWERS, ids=NAMES)
def test_find(client: Client, spoiled: Misbehaving, said: Any, status: int) -> None:
    spoiled.spoil("GET", said, "/documents", times=3)
    refused(client("find", "deed", "--json"), status)


@few(2)
@pytest.mark.parametrize(("said", "status"), SOME)
def test_checkout(
    client: Client, spoiled: Misbehaving, worker: Worker, paper: str, said: Any, status: int
) -> None:
    """No file is left, not even a partial one, and the document is not checked out."""
    spoiled.spoil("GET", said, "/download", times=3)
    refused(client("checkout", paper, "--json"), status)
    assert list(client.cwd.iterdir()) == []
    assert not worker.data(f"documents/{paper}").get("is_checked_out")


@few(2)
@pytest.mark.parametrize(("said", "status"), SOME)
def test_checkin(
    client: Client, spoiled: Misbehaving, worker: Worker, paper: str, said: Any, status: int
) -> None:
    worker.request("POST", f"documents/{paper}/lock", json={}).raise_for_status()
    spoiled.spoil("POST", said, "/versions", times=3)
    refused(client("checkin", paper, client.file("deed.pdf"), "--json"), status)


@few(2)
@pytest.mark.parametrize(
    "bytes_", [HTML, BYTES[:-1], BYTES + b"x", BYTES[:-1] + b"!"], ids=["html", "short", "long", "other"]
)
def test_what_is_not_what_was_listed_is_never_sent(
    apart: Client, spoiled: Misbehaving, paper: str, bytes_: bytes
) -> None:
    """With another size or checksum, the row fails and nothing of it is left; the other row is sent."""
    client = apart
    client.file("mine.txt", "mine")
    spoiled.spoil("GET", Say(200, bytes_, "application/octet-stream"), "/download", times=9)
    done = client("send", paper, "mine.txt", "--json")
    assert done.status == 1, done.err
    failed, sent = done.documents
    assert (failed["status"], sent["status"]) == ("failed", "succeeded")
    assert failed["error"]["code"] in ("document.changed", "source.short", "source.long")
    assert f"Deed.pdf: {failed['error']['message']}" in done.err
    assert failed["url"] is None
    names = [document["name"] for document in client("links", "--all", "--json").documents]
    assert "Deed.pdf" not in names
    asked = spoiled.count("POST", "/documents"), spoiled.count("POST", "/batch")
    assert asked == (0, 1), "only the other one is published"


def test_a_document_deleted_between_listing_and_sending(
    apart: Client, spoiled: Misbehaving, worker: Worker, paper: str
) -> None:
    def delete() -> httpx.Response:
        return worker.request("DELETE", f"documents/{paper}").raise_for_status()

    spoiled.spoil("GET", Call(delete), "/download")
    done = apart("send", paper, "--json")
    assert done.status == 5, done.err
    assert done.documents[0]["error"]["code"] == "NRC_NO_RECORD"


def test_a_short_wait_is_met(apart: Client, spoiled: Misbehaving, paper: str) -> None:
    busy = Say(429, headers=(("Retry-After", "1"),))
    for path in ("/api", "/documents", "/download"):
        spoiled.spoil("GET", busy, path)
    done = apart("send", paper, "--json")
    assert done.status == 0, done.err


def test_a_redirect_of_the_download_takes_the_token_nowhere(
    apart: Client, spoiled: Misbehaving, server: ServerProcess, paper: str
) -> None:
    with Misbehaving(server.url) as elsewhere:
        leads = Say(302, headers=(("Location", f"{elsewhere.url}/x"),))
        spoiled.spoil("GET", leads, "/download", times=9)
        done = apart("send", paper, "--json")
        assert done.documents[0]["error"]["code"] == "answer.redirect"
        assert elsewhere.seen == []
