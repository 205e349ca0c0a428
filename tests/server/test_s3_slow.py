"""A store that answers slowly for a while: sends and fetches go on or say what is the matter, and nothing is lost."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.support.checks.long import cases
from tests.support.servers.buckets import S3Bucket
from tests.support.servers.database_proxy import Gate, gate_to
from tests.support.servers.seaweed import Seaweed
from tests.support.servers.server import ServerProcess
from tests.support.users.recipient import take
from tests.support.users.share import Sender, fetch, until

_MIB = 1024 * 1024
#: For how long it is slow, and how late each of its answers is then: later than it is waited for when somebody asks.
SECONDS, LATENESS = cases(6, 600), 2.5
LARGE, SMALL = os.urandom(6 * _MIB + 12_345), os.urandom(20_000)


@pytest.fixture
def gate(s3_store: Seaweed, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """The way to the store."""
    for name, value in s3_store.environment.items():
        monkeypatch.setenv(name, value)
    with gate_to(s3_store.url) as found:
        monkeypatch.setenv("AWS_ENDPOINT_URL", found.url)
        yield found


class _Away(Exception):
    """It was said that the store is away, and when to come again."""


def _say_why(answer: httpx.Response) -> None:
    if answer.status_code == 503:
        assert int(answer.headers["retry-after"]) > 0
        raise _Away


def _has_gone(works: Callable[[], object]) -> bool:
    try:
        works()
    except _Away:
        return False
    return True


def test_a_store_that_is_slow_for_a_while(gate: Gate, s3_store: Seaweed, tmp_path: Path) -> None:
    with (
        ServerProcess(tmp_path / "data", arguments=("--store", S3Bucket(s3_store).url)) as server,
        server.guest() as guest,
        ThreadPoolExecutor(3) as threads,
    ):
        with Sender(server) as sender:
            large = sender.send("Large.bin", LARGE)
        sent: list[tuple[str, bytes]] = [(large["url"], LARGE)]
        went: dict[str, list[bool]] = {"small sends": [], "large sends": [], "fetches": []}

        def send(text: bytes, what: str) -> None:
            with Sender(server) as sender:
                sender.http.event_hooks = {"response": [_say_why]}

                def works() -> None:
                    sent.append((sender.send("Sent.bin", text)["url"], text))

                while time.monotonic() < end:
                    went[what].append(_has_gone(works))

        def get() -> None:
            with server.guest() as guest:
                guest.event_hooks = {"response": [_say_why]}

                def works() -> None:
                    assert guest.get(take(guest, large)).raise_for_status().content == LARGE

                while time.monotonic() < end:
                    went["fetches"].append(_has_gone(works))

        def troubles() -> list[str]:
            return [each["id"] for each in guest.get("/readyz").json().get("troubles", [])]

        assert troubles() == []
        gate.lateness = LATENESS
        end = time.monotonic() + SECONDS
        under_way = [
            threads.submit(send, SMALL, "small sends"),
            threads.submit(send, LARGE, "large sends"),
            threads.submit(get),
        ]
        until(lambda: troubles() == ["store"])
        for each in under_way:
            each.result()
        gate.lateness = 0
        until(lambda: troubles() == [])
        for url, text in sent:
            assert fetch(server, url) == text
        print({what: (sum(each), len(each)) for what, each in went.items()}, len(sent))
        assert all(any(each) for each in went.values())
