"""Openings of links are recorded after the response, once a minute, and none is lost when the server ends."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import HTML, events, names_of, path_of
from tui.server.limits.link_views import Key, Openings

NOW = datetime(2026, 12, 3, 23, 5, tzinfo=UTC)
KEY: Key = ("1", "10.0.0.1/32", "viewed")


def test_an_opening_is_known_for_a_minute() -> None:
    openings = Openings()
    assert not openings.is_known(KEY, NOW)
    openings.remember(KEY, NOW)
    assert openings.is_known(KEY, NOW + timedelta(seconds=59))
    assert not openings.is_known(KEY, NOW + timedelta(seconds=60))
    assert not openings.is_known(("1", "10.0.0.2/32", "viewed"), NOW)
    openings.forget(KEY)
    assert not openings.is_known(KEY, NOW)


def test_memory_is_bounded() -> None:
    """The ones remembered first are forgotten first."""
    openings = Openings()
    keys: list[Key] = [(str(number), "local", "viewed") for number in range(5000)]
    for key in keys:
        openings.remember(key, NOW)
    assert openings.is_known(keys[-1], NOW)
    assert not openings.is_known(keys[0], NOW)


def test_whoever_waits_has_all_that_were_started() -> None:
    """Also if one of them fails, which is logged."""
    done: list[int] = []

    async def record(number: int) -> None:
        await asyncio.sleep(0)
        if number == 1:
            raise ValueError
        done.append(number)

    async def main() -> bool:
        openings = Openings()
        for number in range(300):
            openings.start(record(number))
        many = openings.are_many
        assert not done
        await openings.recorded()
        return many and not openings.are_many

    assert asyncio.run(main())
    assert len(done) == 299


def accepts_requests(server: ServerProcess) -> bool:
    try:
        httpx.get(server.url, trust_env=False)
    except httpx.TransportError:
        return False
    return True


def test_none_is_lost_when_the_server_ends(tmp_path: Path) -> None:
    """While another program writes, the page is there at once; the server ends when the opening is recorded."""
    with ServerProcess(tmp_path / "data") as server:
        document = publish(server, b"x", "seen.pdf")
    # This one has nothing else to write at its end: the audit is sealed.
    with ServerProcess(tmp_path / "data") as server, server.guest() as guest:
        with contextlib.closing(sqlite3.connect(server.data / "sentlinks.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert guest.get(path_of(document), headers=HTML).status_code == 200
            server.process.send_signal(signal.SIGTERM)
            while accepts_requests(server):
                pass
        assert server.stop() == 0
        assert names_of(events(server, document["id"])) == ["viewed"]


@pytest.mark.parametrize("act", ["unpublish", "delete"])
def test_an_ended_link_is_gone_at_once(restored_server: ServerProcess, act: str) -> None:
    """Nothing that was read before is used again: not by this process, and not by another one of the installation."""
    with ServerProcess(restored_server.data) as other:
        document = publish(restored_server, b"x", "ended.pdf")
        with restored_server.guest() as here, other.guest() as there, restored_server.client() as owner:
            for guest in (here, there):
                assert guest.get(path_of(document), headers=HTML).status_code == 200
            address = f"/share/v1/documents/{document['id']}"
            answer = owner.delete(address) if act == "delete" else owner.post(f"{address}/{act}")
            assert answer.is_success
            for guest in (here, there):
                assert guest.get(path_of(document), headers=HTML).status_code == 404
