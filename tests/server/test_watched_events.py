"""Following all events, however many were missed: none is lost, none comes twice, on both databases."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import aclosing, closing
from pathlib import Path

import asyncpg
import pytest

from tests.support.network.misbehave import Misbehaving
from tests.support.servers.databases import both, on_postgres
from tests.support.servers.late_rows import INSERT, under_way
from tests.support.servers.rows import look
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tui.cli.watch.journal import WatchJournal, opened
from tui.clients import events
from tui.clients.connection import open_http
from tui.clients.event_cursor import SETTLING, Cursor
from tui.clients.events import Connected, DocumentEvent, Lost, StreamEvent, follow
from tui.clients.target import Target
from tui.server.share import hub

PATIENCE = 60
EVENTS, CUTS, AT_ONCE = 10_000, 10, 200


async def _happen(server: ServerProcess, document: str, first: int, count: int) -> None:
    """Adds rows to the audit of a document: quicker than a recipient could be."""
    subject = f"document:{document}"
    rows = [(subject, 1_000_000 + number, b"") for number in range(first, first + count)]
    if server.database_url is None:
        with closing(sqlite3.connect(server.data / "sentlinks.db", timeout=30)) as database, database:
            database.executemany(INSERT.format("?", "?", "?", event="viewed"), rows)
        return
    connection = await asyncpg.connect(server.database_url)
    try:
        await connection.executemany(INSERT.format("$1", "$2", "$3", event="viewed"), rows)
    finally:
        await connection.close()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lost connection is tried again at once."""
    monkeypatch.setattr(events, "FIRST_WAIT", 0.02)
    monkeypatch.setattr(events, "SHORTEST_WAIT", 0.01)


class Watch:
    """What a watch tells, across the ends of its connection and of its process."""

    def __init__(self, state: Path, url: str, token: str) -> None:
        self._state, self._url, self._token = state, url, token
        self.told: list[str] = []
        self.now = 0.0

    async def run(self, until: int, begun: asyncio.Event) -> None:
        """Tells events until there are that many in all. Each takes a second by its clock, so that some settle."""
        with opened(self._state, self._url, "DJONES", lambda: self.now) as journal:
            async with open_http(Target(self._url, self._token)) as http:
                stream = follow(http, cursor=journal.cursor, complete=True)
                async with aclosing(stream) as found:  # type: ignore[type-var]
                    await self._tell(found, journal, until, begun)

    async def _tell(
        self, stream: AsyncIterator[StreamEvent], journal: WatchJournal, until: int, begun: asyncio.Event
    ) -> None:
        while len(self.told) < until:
            event = await asyncio.wait_for(anext(stream), PATIENCE)
            if isinstance(event, Connected):
                assert not event.renumbered
                journal.write()
                begun.set()
            elif isinstance(event, DocumentEvent):
                journal.begin(event.ident)
                self.told.append(event.ident)
                journal.done(event.ident)
                self.now += SETTLING / 200


@both
@pytest.mark.long
async def test_of_ten_thousand_events_and_ten_cuts_none_is_lost_and_none_comes_twice(
    server: ServerProcess, tmp_path: Path
) -> None:
    """Every other cut ends the process, the others the connection. After the longest, over half of the events were
    missed: more than the server sends at once."""
    with Sender(server) as me, Misbehaving(server.url) as proxy:
        document = me.send("Offer.pdf")["id"]
        watch = Watch(tmp_path / "state", proxy.url, server.token)
        sizes = [AT_ONCE] * CUTS + [EVENTS - AT_ONCE * CUTS]
        before = look(server, "SELECT max(id) FROM audit")[0][0]
        due = 0
        for number, size in enumerate(sizes):
            begun = asyncio.Event()
            running = asyncio.create_task(watch.run(due + size, begun))
            await asyncio.wait_for(begun.wait(), PATIENCE)
            if number == CUTS:
                proxy.down()
            await _happen(server, document, due, size)
            if number % 2:
                proxy.down()
                proxy.up()
            if number == CUTS:
                proxy.up()
            await asyncio.wait_for(running, PATIENCE)
            due += size
            assert len(watch.told) == due
    rows = look(server, "SELECT id FROM audit WHERE id > ? AND event = 'viewed'", before)
    assert len(rows) == EVENTS
    assert sorted(map(int, watch.told)) == sorted(ident for (ident,) in rows)


@both
async def test_more_than_is_sent_at_once_is_missed(server: ServerProcess) -> None:
    """Whoever asks for all of it gets it in parts; others are told to reload, as before. What happens meanwhile comes
    once, and after it."""
    with Sender(server) as me:
        document = me.send("Offer.pdf")["id"]
        count = hub._REPLAY + 500
        async with open_http(Target(server.url, server.token)) as http:
            cursor = Cursor()
            stream = follow(http, cursor=cursor)
            assert isinstance(await asyncio.wait_for(anext(stream), PATIENCE), Connected)
            await stream.aclose()  # type: ignore[attr-defined]
            last = cursor.last
            await _happen(server, document, 100_000, count)
            other = follow(http, cursor=Cursor(last))
            for expected in (Connected(refresh=False), Connected(refresh=True, renumbered=True)):
                assert await asyncio.wait_for(anext(other), PATIENCE) == expected
            await other.aclose()  # type: ignore[attr-defined]
            again = follow(http, cursor=Cursor(last), complete=True)
            found: list[DocumentEvent] = []
            while len(found) < count + 1:
                event = await asyncio.wait_for(anext(again), PATIENCE)
                if isinstance(event, DocumentEvent):
                    found.append(event)
                if len(found) == 1:
                    me.post(f"/documents/{document}/unpublish")
            await again.aclose()  # type: ignore[attr-defined]
    numbers = [int(event.ident) for event in found]
    assert numbers == sorted(set(numbers))
    assert found[-1].event == "unpublished"


async def _next(stream: AsyncIterator[StreamEvent]) -> DocumentEvent:
    while True:
        event = await asyncio.wait_for(anext(stream), PATIENCE)
        if isinstance(event, DocumentEvent):
            return event


@on_postgres
async def test_a_lower_number_that_appears_late_comes_after_a_lost_connection(server: ServerProcess) -> None:
    """PostgreSQL numbers a row before it is committed: a row with a higher one may be told already."""
    with Sender(server) as me, Misbehaving(server.url) as proxy:
        document, other = me.send("Late.pdf")["id"], me.send("Other.pdf")["id"]
        async with open_http(Target(proxy.url, server.token)) as http:
            stream = follow(http, complete=True)
            assert isinstance(await asyncio.wait_for(anext(stream), PATIENCE), Connected)
            async with under_way(server, document):
                me.post(f"/documents/{other}/unpublish")
                newer = await _next(stream)
                assert (newer.event, newer.document) == ("unpublished", other)
                proxy.down()
                assert isinstance(await asyncio.wait_for(anext(stream), PATIENCE), Lost)
            proxy.up()
            late = await _next(stream)
            await stream.aclose()  # type: ignore[attr-defined]
    assert (late.event, late.document) == ("viewed", document)
    assert int(late.ident) < int(newer.ident)


@on_postgres
async def test_a_lower_number_that_appears_late_comes_to_a_new_stream(server: ServerProcess) -> None:
    """Whether it is the first one or not: what was there when it began doesn't come."""
    with Sender(server) as me:
        document, other = me.send("Late again.pdf")["id"], me.send("Other one.pdf")["id"]
        async with open_http(Target(server.url, server.token)) as http:
            async with under_way(server, document):
                me.post(f"/documents/{other}/unpublish")
                streams = [follow(http), follow(http)]
                for stream in streams:
                    assert isinstance(await asyncio.wait_for(anext(stream), PATIENCE), Connected)
            for stream in streams:
                late = await _next(stream)
                assert (late.event, late.document) == ("viewed", document)
                await stream.aclose()  # type: ignore[attr-defined]
