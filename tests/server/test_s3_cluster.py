"""Servers whose S3 store is a cluster: a gateway each, and one of its machines lost; and one that is slow."""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.support.checks.long import more
from tests.support.network.line import Line
from tests.support.network.misbehave import ALWAYS, Misbehaving
from tests.support.network.spoiling import Say
from tests.support.servers.buckets import S3Bucket
from tests.support.servers.postgres import Postgres
from tests.support.servers.seaweed import Seaweed
from tests.support.servers.seaweed_cluster import seaweed_cluster
from tests.support.servers.server import ServerProcess
from tests.support.users.recipient import take
from tests.support.users.share import Sender, fetch
from tests.system.command import Client, run

MIB = 1024 * 1024


class _Impatient(ServerProcess):
    patience = 2.0


@more
def test_a_volume_server_and_a_gateway_are_lost(
    tmp_path: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each object is on two machines: all documents are given out, and new ones are taken by whom a gateway is left."""
    texts = [os.urandom(size) for size in (9 * MIB + 5, 70_000, 100)]
    with seaweed_cluster() as cluster, ExitStack() as started:
        for name, value in cluster.environment.items():
            monkeypatch.setenv(name, value)
        url, words = postgres.database(), ("--store", "s3://firm/documents")
        cluster.make_bucket("firm")
        one = started.enter_context(ServerProcess(tmp_path / "one", arguments=words, database_url=url))
        (tmp_path / "two").mkdir(mode=0o700)
        for name in ("key", "signing.key", "token"):
            shutil.copy(one.data / name, tmp_path / "two" / name)
        monkeypatch.setenv("AWS_ENDPOINT_URL", cluster.gateways[1])
        two = started.enter_context(ServerProcess(tmp_path / "two", arguments=words, database_url=url))
        with Sender(one) as here, Sender(two, one.token) as there:
            sent = {here.send(f"{len(text)}.bin", text)["url"]: text for text in texts}
            cluster.kill("volume1")
            sent |= {there.send(f"{len(text)}.bin", text)["url"]: text for text in texts}
            for server in (one, two):
                for address, text in sent.items():
                    assert fetch(server, httpx.URL(address).path) == text
            cluster.kill("gateway0")
            for address, text in sent.items():
                assert fetch(two, httpx.URL(address).path) == text
            there.send("Last.pdf", texts[1])
            for server, named in ((one, ["store"]), (two, [])):
                with server.guest() as guest:
                    said = guest.get("/readyz").json().get("troubles", [])
                assert [each["id"] for each in said] == named
        options = ["--data", str(two.data), "--database-url", url, "--store", words[1]]
        checked = run("admin", "check", "--json", *options)
        assert checked.status == 0, checked.out


@more
def test_a_store_that_says_for_a_minute_that_it_is_busy(
    tmp_path: Path, s3_store: Seaweed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named, nothing that was acknowledged is lost, and all goes on by itself when it is over."""
    for name, value in s3_store.environment.items():
        monkeypatch.setenv(name, value)
    text, store = os.urandom(9 * MIB + 5), S3Bucket(s3_store).url
    with Misbehaving(s3_store.url) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        with (
            _Impatient(tmp_path / "data", arguments=("--store", store)) as server,
            Sender(server) as sender,
            server.guest() as guest,
        ):
            document = sender.send("Offer.pdf", text)
            address = take(guest, document)
            for method in ("GET", "HEAD", "PUT", "POST", "DELETE"):
                proxy.spoil(
                    method,
                    Say(503, b"<Error><Code>SlowDown</Code></Error>", "application/xml"),
                    times=ALWAYS,
                )
            client = Client(server.url, server.token, tmp_path)
            sending = client.start("send", str(client.file("Large.bin", text)), "--json")
            for _ in range(25):
                away = guest.get(address)
                assert away.status_code == 503
                assert int(away.headers["retry-after"]) > 0
            said = guest.get("/readyz").json()["troubles"]
            assert [each["id"] for each in said] == ["store"]
            assert "(SlowDown)" in said[0]["detail"]
            checked = run("admin", "check", "--json", "--data", str(server.data), "--store", store)
            assert checked.status == 1
            assert "(SlowDown)" in checked.out
            assert guest.get(document["url"]).status_code == 200
            assert not sending.over
            proxy.behave()
            done = sending.done()
            assert done.status == 0, done.err
            assert fetch(server, httpx.URL(done.documents[0]["url"]).path) == text
            assert guest.get(address).content == text
            assert "troubles" not in guest.get("/readyz").json()
            assert server.log.read_text().count("documents can't be read or stored") == 1


@more
def test_a_gateway_that_gives_a_few_bytes_a_second(
    tmp_path: Path, s3_store: Seaweed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What takes too long is refused, with when to come again, or goes on from where it broke off when it is over."""
    for name, value in s3_store.environment.items():
        monkeypatch.setenv(name, value)
    text, words = os.urandom(9 * MIB + 5), ("--store", S3Bucket(s3_store).url)
    with ServerProcess(tmp_path / "data", arguments=words) as server, Sender(server) as sender:
        document = sender.send("Offer.pdf", text)
        with server.guest() as guest:
            address = take(guest, document)
    with Line(s3_store.url, rate=2000) as line, ExitStack() as started:
        monkeypatch.setenv("AWS_ENDPOINT_URL", line.url)
        slow = started.enter_context(ServerProcess(tmp_path / "data", arguments=words))
        with Sender(slow) as sender, slow.guest() as guest:
            guest.timeout = sender.http.timeout = httpx.Timeout(180)
            # Links open, as ever.
            assert guest.get(httpx.URL(document["url"]).path).status_code == 200
            sent = sender.open()
            location = sender.begin(sent["id"], len(text))
            assert sender.patch(location, 0, text).status_code == 503
            offset = sender.offset(location)
            away = guest.get(address)
            assert away.status_code == 503
            assert int(away.headers["retry-after"]) > 0
            assert away.elapsed.total_seconds() < 180
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_store.url)
    with (
        ServerProcess(tmp_path / "data", arguments=words) as again,
        Sender(again) as sender,
        again.guest() as guest,
    ):
        assert sender.offset(location) == offset
        assert sender.patch(location, offset, text[offset:]).status_code == 204
        assert guest.get(address).content == text
