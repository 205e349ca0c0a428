"""Sending and fetching through servers whose documents are in s3:, and what happens while that is away."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.checks.long import few
from tests.support.servers.buckets import S3Bucket
from tests.support.servers.database_proxy import Gate, gate_to
from tests.support.servers.databases import both
from tests.support.servers.postgres import Postgres
from tests.support.servers.rows import look
from tests.support.servers.seaweed import Seaweed
from tests.support.servers.server import ServerProcess
from tests.support.users.recipient import press, take
from tests.support.users.share import Sender, fetch, problem, until
from tests.support.users.work import Worker
from tests.system.command import run
from tui.server.blobs.s3.store import MARKER

MIB = 1024 * 1024
TEXT = os.urandom(9 * MIB + 12_345)
#: Of four pieces.
LONG_TEXT = os.urandom(25 * MIB)


class _Server(ServerProcess):
    dear_passwords = False
    patience = 1.0


class Firm:
    """What servers of one installation are started with."""

    def __init__(self, folder: Path, bucket: S3Bucket, gate: Gate, started: ExitStack) -> None:
        self.folder = folder
        self.bucket = bucket
        self.gate = gate
        self._started = started

    def server(self, database_url: str | None = None, name: str = "one", *more: str) -> _Server:
        words = ("--store", self.bucket.url, *more)
        return self._started.enter_context(
            _Server(self.folder / name, arguments=words, database_url=database_url)
        )


@pytest.fixture
def firm(s3_store: Seaweed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Firm]:
    for name, value in s3_store.environment.items():
        monkeypatch.setenv(name, value)
    with gate_to(s3_store.url) as gate, ExitStack() as started:
        monkeypatch.setenv("AWS_ENDPOINT_URL", gate.url.replace("None@", ""))
        yield Firm(tmp_path, S3Bucket(s3_store), gate, started)


def _troubles(server: ServerProcess) -> list[str]:
    with server.guest() as guest:
        return [each["id"] for each in guest.get("/readyz").json().get("troubles", [])]


def _range(guest: httpx.Client, address: str, start: int, length: int) -> bytes:
    answer = guest.get(address, headers={"Range": f"bytes={start}-{start + length - 1}"})
    assert answer.status_code == 206
    return answer.content


@both
async def test_sent_and_fetched(firm: Firm, database_url: Any) -> None:
    server = firm.server(database_url())
    with Sender(server) as sender, server.guest() as guest, Worker(server) as worker:
        large, small = sender.send("Large.pdf", TEXT), sender.send("Small.pdf", b"a few words")
        assert fetch(server, small["url"]) == b"a few words"
        address = take(guest, large)
        assert guest.get(address).content == TEXT
        for start, length in ((0, 1), (8 * MIB - 5, 10), (len(TEXT) - 1, 1), (100_000, 5 * MIB)):
            assert _range(guest, address, start, length) == TEXT[start : start + length]
        version = worker.upload(worker.workspace("Doe v. Roe"), "Notes", b"of Work")
        assert worker.download(version["id"]).content == b"of Work"
        stored = await firm.bucket.objects()
        # 9 MiB are two pieces.
        assert len(stored) - 1 == 4
        assert not any(b"a few words" in each or TEXT[:50] in each for each in stored.values())
        assert [file for file in (server.data / "blobs").rglob("*") if file.is_file()] == []
    assert _troubles(server) == []


async def test_begun_at_one_process_and_gone_on_at_another(firm: Firm, postgres: Postgres) -> None:
    url = postgres.database()
    one = firm.server(url)
    (firm.folder / "two").mkdir(mode=0o700)
    for name in ("key", "token"):
        shutil.copy(one.data / name, firm.folder / "two" / name)
    two = firm.server(url, "two")
    with Sender(one) as here, Sender(two, one.token) as there:
        sent = here.open()
        location = here.begin(sent["id"], len(TEXT))
        cut = 8 * MIB + 70_000
        assert here.patch(location, 0, TEXT[:cut]).status_code == 204
        assert there.offset(location) == cut
        assert there.patch(location, cut, TEXT[cut:]).status_code == 204
        document = here.publish(sent["id"], location.rpartition("/")[2], "Offer.pdf", TEXT)
        assert fetch(two, document.json()["url"].replace(one.url, two.url)) == TEXT


def test_a_download_ends_with_its_link(firm: Firm) -> None:
    server = firm.server()
    text = os.urandom(40 * MIB)
    with Sender(server) as sender, server.guest() as guest:
        document = sender.send("Offer.pdf", text)
        with guest.stream("GET", take(guest, document)) as answer:
            parts = answer.iter_raw()
            got = [next(parts)]
            sender.post(f"/documents/{document['id']}/unpublish")
            # For one who reads nothing meanwhile, so that it can't be over before the server looks.
            audit = f"/documents/{document['id']}/audit"
            until(lambda: "broken off" in [event["event"] for event in sender.get(audit)["events"]])
            with pytest.raises(httpx.RemoteProtocolError):
                got.extend(parts)
        assert sum(map(len, got)) < len(text)


def test_a_store_that_goes_away_and_comes_back(firm: Firm) -> None:
    """Requests are refused for a while, with when to try again; nothing that was acknowledged is lost."""
    server = firm.server()
    with Sender(server) as sender, server.guest() as guest:
        document = sender.send("Offer.pdf", TEXT)
        address = take(guest, document)
        sent = sender.open()
        location = sender.begin(sent["id"], len(TEXT))
        assert sender.patch(location, 0, TEXT[:MIB]).status_code == 204
        firm.gate.close()
        refused = sender.patch(location, MIB, TEXT[MIB:])
        assert problem(refused, 503, "store.away")["detail"].endswith(
            "can't be reached now; try again shortly."
        )
        assert int(refused.headers["retry-after"]) > 0
        assert sender.offset(location) == MIB
        for away in (guest.get(address), guest.post(document["url"])):
            assert away.status_code == 503
            assert int(away.headers["retry-after"]) > 0
            assert "right now" in away.text
        problem(sender.request("GET", f"/documents/{document['id']}/content"), 503, "store.away")
        assert _troubles(server) == ["store"]
        # The link itself, and what is said of it, don't need the store.
        assert guest.get(document["url"]).status_code == 200
        firm.gate.open()
        assert sender.patch(location, MIB, TEXT[MIB:]).status_code == 204
        sender.publish(sent["id"], location.rpartition("/")[2], "Second.pdf", TEXT)
        assert guest.get(address).content == TEXT


def _checked(server: ServerProcess, firm: Firm, status: int, **environ: str) -> dict[str, Any]:
    """The rows of a check of the installation, by their ids; it must end with ``status``."""
    done = run("admin", "check", "--data", str(server.data), "--store", firm.bucket.url, "--json", **environ)
    assert done.status == status, done.out + done.err
    return {row["id"]: row for row in done.json["checks"]}


def test_a_check_reads_the_store_and_tells_what_is_wrong_with_it(firm: Firm) -> None:
    server = firm.server()
    with Sender(server) as sender:
        sender.send("Offer.pdf", b"a few words")
    rows = _checked(server, firm, 0)
    assert rows["store"]["found"] == f"{firm.bucket.url} can be reached."
    assert {row["state"] for row in rows.values()} == {"ok"}
    rows = _checked(server, firm, 1, AWS_SECRET_ACCESS_KEY="not the one")
    assert "refuses the server's credentials (SignatureDoesNotMatch)" in rows["store"]["found"]
    # What can't be read now isn't called damaged.
    assert rows["documents"]["found"].startswith("This can't be checked: ")
    elsewhere = run("admin", "check", "--data", str(server.data), "--json")
    assert "are in s3:" in elsewhere.out
    # One bit of an object.
    ((name, content),) = (
        (name, each) for name, each in asyncio.run(firm.bucket.objects()).items() if name != MARKER
    )
    asyncio.run(firm.bucket.put(name, content[:-1] + bytes([content[-1] ^ 1])))
    assert _troubles(server) == []
    rows = _checked(server, firm, 1)
    assert rows["document"]["found"].startswith("“Offer.pdf” (")
    assert f"its bytes aren't those that were stored ({firm.bucket.url}/{name})" in rows["document"]["found"]
    assert _troubles(server) == ["documents"]
    asyncio.run(firm.bucket.put(name, content))
    assert _troubles(server) == []


def _spoil(firm: Firm, name: str, content: bytes | None) -> None:
    asyncio.run(firm.bucket.delete(name) if content is None else firm.bucket.put(name, content))


def _sent_in_pieces(server: ServerProcess, firm: Firm, sender: Sender) -> tuple[Any, dict[str, bytes]]:
    """A document of four pieces, and their names, in order, with what is stored of each."""
    document = sender.send("Offer.pdf", LONG_TEXT)
    names = look(server, "SELECT name FROM sealed_pieces ORDER BY number")
    objects = asyncio.run(firm.bucket.objects())
    pieces = {str(name): objects[str(name)] for (name,) in names}
    assert len(pieces) == 4
    return document, pieces


def test_a_check_names_only_those_pieces_that_are_wrong(firm: Firm) -> None:
    server = firm.server()
    with Sender(server) as sender:
        _, pieces = _sent_in_pieces(server, firm, sender)
    names = list(pieces)
    _spoil(firm, names[1], pieces[names[1]][:-1])
    _spoil(firm, names[2], None)
    for _ in range(2):
        row = _checked(server, firm, 1)["document"]
        for told in (row["found"], row["remedy"]):
            assert f"{firm.bucket.url}/{names[1]}, {firm.bucket.url}/{names[2]}" in told
            assert not any(name in told for name in (names[0], names[3]))
            assert "more piece" not in told
    assert _troubles(server) == ["documents"]
    for name in names[1:3]:
        _spoil(firm, name, pieces[name])
    assert _troubles(server) == []
    assert "document" not in _checked(server, firm, 0)


@few(1)
@pytest.mark.parametrize("how", ["missing", "short", "flipped"])
def test_a_piece_in_the_middle_is_noticed_by_who_fetches(firm: Firm, how: str) -> None:
    """Only reading shows it. The download isn't counted, the server says so, and doesn't begin again until the piece is
    put back."""
    server = firm.server()
    with Sender(server) as sender, server.guest() as guest:
        document, pieces = _sent_in_pieces(server, firm, sender)
        name = list(pieces)[1]
        whole = pieces[name]
        spoilt = {"missing": None, "short": whole[:-1], "flipped": bytes([whole[0] ^ 1]) + whole[1:]}[how]
        _spoil(firm, name, spoilt)
        got = bytearray()
        with suppress(httpx.RemoteProtocolError), guest.stream("GET", take(guest, document)) as answer:
            for part in answer.iter_raw():
                got += part
        assert LONG_TEXT.startswith(got)
        assert len(got) < 16 * MIB
        until(lambda: _troubles(server) == ["documents"])
        assert sender.document(document["id"])["downloads"] == 0
        assert press(guest, document).status_code == 503
        assert sender.request("GET", f"/documents/{document['id']}/content").status_code == 500
        _spoil(firm, name, whole)
        assert _troubles(server) == []
        assert guest.get(take(guest, document)).content == LONG_TEXT
