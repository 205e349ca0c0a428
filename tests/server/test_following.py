"""The client that follows Share's events: it resumes where it was, waits longer and longer, and knows when to stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from tests.support.checks.long import few
from tests.support.network.misbehave import ALWAYS, Misbehaving
from tests.support.network.spoiling import CutAnswer, Say
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tui.clients import events
from tui.clients.connection import open_http
from tui.clients.event_cursor import Cursor
from tui.clients.events import Connected, DocumentEvent, Lost, StreamEvent, follow
from tui.clients.target import Target
from tui.rules.errors import NotAllowed, NotFound, NotSignedIn

EVENTS = "/share/v1/events"
PATIENCE = 20


@asynccontextmanager
async def following(
    url: str, token: str, answered: asyncio.Event | None = None
) -> AsyncIterator[AsyncIterator[StreamEvent]]:
    async with open_http(Target(url, token)) as http:
        stream = follow(http, answered)
        try:
            yield stream
        finally:
            await stream.aclose()  # type: ignore[attr-defined]


async def take(stream: AsyncIterator[StreamEvent], kind: type[StreamEvent]) -> StreamEvent:
    """The next event, which must be of that kind."""
    found = await asyncio.wait_for(anext(stream), PATIENCE)
    assert isinstance(found, kind), found
    return found


async def test_what_happens_comes_and_what_was_missed_comes_later(
    server: ServerProcess, proxy: Misbehaving
) -> None:
    with Sender(server) as me:
        async with following(proxy.url, server.token) as stream:
            assert await take(stream, Connected) == Connected(refresh=True)
            first = me.send("First.pdf")
            sent = await take(stream, DocumentEvent)
            assert isinstance(sent, DocumentEvent)
            at = datetime.fromisoformat(first["sent_at"])
            assert (sent.event, sent.document, sent.folder) == ("sent", first["id"], first["folder"]["id"])
            assert (sent.name, sent.actor, sent.counts) == ("First.pdf", "DJONES", {})
            assert sent.at is not None
            assert abs(sent.at - at) < timedelta(seconds=5)
            await take(stream, DocumentEvent)
            proxy.down()
            lost = await take(stream, Lost)
            assert isinstance(lost, Lost)
            assert 0 < lost.wait <= 0.5
            second = me.send("Second.pdf")
            proxy.up()
            while isinstance(found := await asyncio.wait_for(anext(stream), PATIENCE), Lost):
                pass
            assert found == Connected(refresh=False)
            missed = await take(stream, DocumentEvent)
            assert isinstance(missed, DocumentEvent)
            assert (missed.event, missed.document) == ("sent", second["id"])


async def test_a_stream_that_is_followed_again_goes_on_where_it_was(server: ServerProcess) -> None:
    """Whoever stops following and begins again misses nothing, and is told nothing twice."""
    cursor = Cursor()
    with Sender(server) as me:
        async with open_http(Target(server.url, server.token)) as http:
            stream = follow(http, cursor=cursor)
            await take(stream, Connected)
            me.send("First.pdf")
            first = [await take(stream, DocumentEvent) for _ in range(2)]
            await stream.aclose()  # type: ignore[attr-defined]
            second = me.send("Second.pdf")
            again = follow(http, cursor=cursor)
            assert await take(again, Connected) == Connected(refresh=False)
            missed = [await take(again, DocumentEvent) for _ in range(2)]
            await again.aclose()  # type: ignore[attr-defined]
    assert [event.document for event in missed if isinstance(event, DocumentEvent)] == [second["id"]] * 2
    numbers = [int(event.ident) for event in (*first, *missed) if isinstance(event, DocumentEvent)]
    assert numbers == sorted(set(numbers))


async def test_it_waits_longer_and_longer(proxy: Misbehaving, server: ServerProcess) -> None:
    proxy.down()
    waits = []
    async with following(proxy.url, server.token) as stream:
        for _ in range(4):
            lost = await take(stream, Lost)
            assert isinstance(lost, Lost)
            waits.append(lost.wait)
            problem = lost.problem
    for wait, longest in zip(waits, (0.5, 1, 2, 4), strict=True):
        assert longest / 2 <= wait <= longest
    assert events._wait(100, problem) <= events.LONGEST_WAIT


async def test_it_waits_longer_also_where_each_connection_ends_at_once(
    proxy: Misbehaving, server: ServerProcess
) -> None:
    """A successful connection proves nothing yet: if each one then breaks off, the waits still grow."""
    ready = b"event: ready\ndata: {}\n\n"
    proxy.spoil("GET", Say(200, ready, "text/event-stream", missing=9), path=EVENTS, times=9)
    waits = []
    async with following(proxy.url, server.token) as stream:
        for _ in range(3):
            await take(stream, Connected)
            lost = await take(stream, Lost)
            assert isinstance(lost, Lost)
            waits.append(lost.wait)
    for wait, longest in zip(waits, (0.5, 1, 2), strict=True):
        assert longest / 2 <= wait <= longest


@pytest.mark.parametrize(("status", "kind"), [(401, NotSignedIn), (403, NotAllowed), (404, NotFound)])
async def test_it_stops_where_there_is_nothing_to_wait_for(
    status: int, kind: type[Exception], proxy: Misbehaving, server: ServerProcess
) -> None:
    proxy.spoil("GET", Say(status), path=EVENTS, times=9)
    async with following(proxy.url, server.token) as stream:
        with pytest.raises(kind):
            await asyncio.wait_for(anext(stream), PATIENCE)
    assert proxy.count("GET", EVENTS) == 1


async def test_a_server_that_is_full_is_asked_when_it_says(proxy: Misbehaving, server: ServerProcess) -> None:
    proxy.spoil("GET", Say(429, headers=(("Retry-After", "7"),)), path=EVENTS)
    async with following(proxy.url, server.token) as stream:
        lost = await take(stream, Lost)
        assert isinstance(lost, Lost)
        assert lost.wait >= 7


async def test_another_answer_ends_the_wait(
    proxy: Misbehaving, server: ServerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer to another request of the same client; the stream then resumes where it was."""
    monkeypatch.setattr(events, "FIRST_WAIT", 10_000.0)
    monkeypatch.setattr(events, "LONGEST_WAIT", 10_000.0)
    answered = asyncio.Event()
    with Sender(server) as me:
        async with following(proxy.url, server.token, answered) as stream:
            await take(stream, Connected)
            proxy.down()
            lost = await take(stream, Lost)
            assert isinstance(lost, Lost)
            assert lost.wait > 1000
            document = me.send("Missed.pdf")
            proxy.up()
            waiting = asyncio.ensure_future(anext(stream))
            await asyncio.sleep(0)
            answered.set()
            assert await asyncio.wait_for(waiting, PATIENCE) == Connected(refresh=False)
            missed = await take(stream, DocumentEvent)
            assert isinstance(missed, DocumentEvent)
            assert missed.document == document["id"]


@pytest.mark.parametrize("status", [429, 500])
async def test_what_the_server_itself_says_is_waited_for(
    status: int, proxy: Misbehaving, server: ServerProcess
) -> None:
    """Whatever else it answers: that is no sign that this request would be answered differently."""
    proxy.spoil("GET", Say(status, headers=(("Retry-After", "9999"),)), path=EVENTS, times=ALWAYS)
    answered = asyncio.Event()
    async with following(proxy.url, server.token, answered) as stream:
        await take(stream, Lost)
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        answered.set()
        if status == 429:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(waiting, 2)
            assert proxy.count("GET", EVENTS) == 1
        else:
            # At its own pace.
            found = await asyncio.wait_for(waiting, PATIENCE)
            assert isinstance(found, Lost)
            assert found.wait <= 1


@pytest.mark.parametrize(
    ("status", "heard"), [(200, 1), (404, 1), (500, 1), (429, 1), (502, 0), (503, 0), (504, 0)]
)
async def test_what_counts_as_an_answer(
    status: int, heard: int, proxy: Misbehaving, server: ServerProcess
) -> None:
    """Any answer of the server's own, but not a gateway's in its place, nor one after ``hearing`` has ended."""
    proxy.spoil("GET", Say(status, b"{}", "application/json"), path="/share/v1/me", times=9)
    calls: list[None] = []
    async with open_http(Target(proxy.url, server.token)) as http:
        with events.hearing(http, lambda: calls.append(None)):
            await http.get("/share/v1/me")
        assert len(calls) == heard
        await http.get("/share/v1/me")
    assert len(calls) == heard


async def test_an_answer_that_breaks_off_is_a_lost_connection(
    proxy: Misbehaving, server: ServerProcess
) -> None:
    proxy.spoil("GET", CutAnswer(20), path=EVENTS)
    async with following(proxy.url, server.token) as stream:
        await take(stream, Lost)
        await take(stream, Connected)


@few(2)
@pytest.mark.parametrize(
    "body", [b"data: not json\n\n", b"event: happened\ndata: [1]\n\n", b"\xff\xfe\n\n", b": \n\n"]
)
async def test_an_odd_answer_does_no_harm(body: bytes, proxy: Misbehaving, server: ServerProcess) -> None:
    proxy.spoil("GET", Say(200, body, "text/event-stream"), path=EVENTS)
    async with following(proxy.url, server.token) as stream:
        found = await asyncio.wait_for(anext(stream), PATIENCE)
        assert found in (DocumentEvent("", None, None), Connected(refresh=True))
