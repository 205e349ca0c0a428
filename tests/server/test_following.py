"""The client that follows Share's events: it goes on where it was, waits longer and longer, and knows when to stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from tests.support.misbehave import CutAnswer, Misbehaving, Say
from tests.support.server import ServerProcess
from tests.support.share import Sender
from tui.clients import events
from tui.clients.connection import open_http
from tui.clients.events import Connected, Happened, Lost, Told, follow
from tui.clients.target import Target
from tui.rules.errors import NotAllowed, NotFound, NotSignedIn

EVENTS = "/share/v1/events"
PATIENCE = 20


@pytest.fixture
def proxy(server: ServerProcess) -> Iterator[Misbehaving]:
    with Misbehaving(server.url) as found:
        yield found


@asynccontextmanager
async def following(url: str, token: str) -> AsyncIterator[AsyncIterator[Told]]:
    async with open_http(Target(url, token)) as http:
        told = follow(http)
        try:
            yield told
        finally:
            await told.aclose()  # type: ignore[attr-defined]


async def take(told: AsyncIterator[Told], kind: type[Told]) -> Told:
    """The next thing that is told, which is of that kind."""
    found = await asyncio.wait_for(anext(told), PATIENCE)
    assert isinstance(found, kind), found
    return found


async def test_what_happens_comes_and_what_was_missed_comes_later(
    server: ServerProcess, proxy: Misbehaving
) -> None:
    with Sender(server) as me:
        async with following(proxy.url, server.token) as told:
            assert await take(told, Connected) == Connected(anew=True)
            first = me.send("First.pdf")
            expected = Happened("sent", first["id"], first["folder"]["id"])
            assert await take(told, Happened) == expected
            await take(told, Happened)
            proxy.down()
            lost = await take(told, Lost)
            assert isinstance(lost, Lost)
            assert 0 < lost.wait <= 0.5
            second = me.send("Second.pdf")
            proxy.up()
            while isinstance(found := await asyncio.wait_for(anext(told), PATIENCE), Lost):
                pass
            assert found == Connected(anew=False)
            missed = await take(told, Happened)
            assert isinstance(missed, Happened)
            assert (missed.event, missed.document) == ("sent", second["id"])


async def test_it_waits_longer_and_longer(proxy: Misbehaving, server: ServerProcess) -> None:
    proxy.down()
    waits = []
    async with following(proxy.url, server.token) as told:
        for _ in range(4):
            lost = await take(told, Lost)
            assert isinstance(lost, Lost)
            waits.append(lost.wait)
    for wait, longest in zip(waits, (0.5, 1, 2, 4), strict=True):
        assert longest / 2 <= wait <= longest
    assert events._wait(100, lost.problem) <= events.LONGEST_WAIT


async def test_it_waits_longer_also_where_each_connection_ends_at_once(
    proxy: Misbehaving, server: ServerProcess
) -> None:
    """That a server lets somebody in says nothing yet: one that then breaks off each time is not asked for ever."""
    ready = b"event: ready\ndata: {}\n\n"
    proxy.spoil("GET", Say(200, ready, "text/event-stream", missing=9), path=EVENTS, times=9)
    waits = []
    async with following(proxy.url, server.token) as told:
        for _ in range(3):
            await take(told, Connected)
            lost = await take(told, Lost)
            assert isinstance(lost, Lost)
            waits.append(lost.wait)
    for wait, longest in zip(waits, (0.5, 1, 2), strict=True):
        assert longest / 2 <= wait <= longest


@pytest.mark.parametrize(("status", "kind"), [(401, NotSignedIn), (403, NotAllowed), (404, NotFound)])
async def test_it_stops_where_there_is_nothing_to_wait_for(
    status: int, kind: type[Exception], proxy: Misbehaving, server: ServerProcess
) -> None:
    proxy.spoil("GET", Say(status), path=EVENTS, times=9)
    async with following(proxy.url, server.token) as told:
        with pytest.raises(kind):
            await asyncio.wait_for(anext(told), PATIENCE)
    assert proxy.count("GET", EVENTS) == 1


async def test_a_server_that_is_full_is_asked_when_it_says(proxy: Misbehaving, server: ServerProcess) -> None:
    proxy.spoil("GET", Say(429, headers=(("Retry-After", "7"),)), path=EVENTS)
    async with following(proxy.url, server.token) as told:
        lost = await take(told, Lost)
        assert isinstance(lost, Lost)
        assert lost.wait >= 7


async def test_an_answer_that_breaks_off_is_a_lost_connection(
    proxy: Misbehaving, server: ServerProcess
) -> None:
    proxy.spoil("GET", CutAnswer(20), path=EVENTS)
    async with following(proxy.url, server.token) as told:
        await take(told, Lost)
        await take(told, Connected)


@pytest.mark.parametrize(
    "body", [b"data: not json\n\n", b"event: happened\ndata: [1]\n\n", b"\xff\xfe\n\n", b": \n\n"]
)
async def test_an_odd_answer_harms_nobody(body: bytes, proxy: Misbehaving, server: ServerProcess) -> None:
    proxy.spoil("GET", Say(200, body, "text/event-stream"), path=EVENTS)
    async with following(proxy.url, server.token) as told:
        found = await asyncio.wait_for(anext(told), PATIENCE)
        assert found in (Happened("", None, None), Connected(anew=True))
