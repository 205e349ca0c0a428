"""Live event streams, and the one reader that feeds them.

Events are read from the audit, whose rows are numbered, so it doesn't matter which process wrote them. Each server
process has one reader, which only runs while there are listeners; it polls for rows after the last one, at the cost
of one index lookup.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.errors import Throttled
from ...rules.state import Event
from ..context import Context
from ..database.outages import DatabaseAway
from ..database.tables import audit as rows
from ..database.tables import members, tokens, users
from .caller import Caller
from .event_audience import audience_of, message

log = logging.getLogger("sentlinks")

#: Maximum number of streams per person and server process.
MOST_STREAMS = 8
#: Seconds between polls of the audit, and between checks of the tokens.
POLL, CHECK = 0.4, 2.0
#: Rows read at once, and rows searched for events a client missed; a client that missed more has to reload everything.
_BATCH, _REPLAY = 500, 5000
#: Events queued for a slow client; if more accumulate, its stream is ended and it has to reconnect.
_QUEUE_SIZE = 512
#: Databases other than SQLite number rows before they commit: for this many seconds, lower numbers may still appear,
#: at most so much lower.
_COMMIT_DELAY, _COMMIT_ROWS = 3.0, 1000


class Stream:
    """One listener. The queue ends with ``None``."""

    def __init__(self, by: Caller, after: int) -> None:
        self.user = by.id
        self.token = by.person.token_id
        #: Connected over the data folder's socket, where the folder's token doesn't expire.
        self.local = by.address is None
        self.after = after
        #: Of the rows up to that one, those above the first number could still appear when the stream was opened; the
        #: others were there already.
        self.settled, self.there = after, frozenset[int]()
        #: ``None`` until they are known.
        self.memberships: frozenset[str] | None = None
        self.queue: asyncio.Queue[str | None] = asyncio.Queue(_QUEUE_SIZE)
        self.ended = False

    def awaits(self, number: int) -> bool:
        """Whether the row with that number wasn't there yet when the stream was opened."""
        return number > self.after or (number > self.settled and number not in self.there)

    def push(self, text: str) -> None:
        """Queue an event; a listener that doesn't keep up is ended, and can come back with the last id it has."""
        if not self.ended:
            try:
                self.queue.put_nowait(text)
            except asyncio.QueueFull:
                self.end()

    def clear(self) -> None:
        """Drop what is queued."""
        while not self.queue.empty():
            self.queue.get_nowait()

    def end(self) -> None:
        """Close the stream: no more events are queued."""
        if not self.ended:
            self.ended = True
            if self.queue.full():
                self.queue.get_nowait()
            self.queue.put_nowait(None)


class Hub:
    """The listeners of this server process, and the one reader that serves them."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._streams: set[Stream] = set()
        self._reader: asyncio.Task[None] | None = None
        self._closed = False
        self._floor = 0
        self._sent_at: dict[int, float] = {}
        #: Whether someone became a member, or is one no longer, by what was read last.
        self._members_changed = False

    def close(self) -> None:
        """End all streams because the server is shutting down."""
        self._closed = True
        for stream in self._streams:
            stream.end()

    async def open(self, by: Caller, last: int | None, *, complete: bool = False) -> tuple[Stream, list[str]]:
        """A new stream and its first messages: ``ready`` with the newest row's number, then what came after ``last``.

        If that is a lot, it is a ``reset``; or, with ``complete``, the first part of it, and the stream ends after it.
        Raises :class:`Throttled` if the person has too many streams.
        """
        if sum(stream.user == by.id for stream in self._streams) >= MOST_STREAMS:
            raise Throttled("events.too_many", "Too many live connections; close some of them.", 30)
        stream = Stream(by, 0)
        # Added at once, so that it counts towards the limit while the database is queried.
        self._streams.add(stream)
        try:
            async with self._context.database.read() as connection:
                newest = await self._begin(connection, stream)
                stream.memberships = await _memberships(connection, [by.id])
                first, is_all = await self._missed(connection, by.id, last, newest, complete=complete)
        except BaseException:
            self._streams.discard(stream)
            raise
        if not is_all:
            # What is told live comes after the rest, which is asked for first.
            stream.clear()
        if self._closed or not is_all:
            stream.end()
        if self._reader is None:
            # What was there is not sent; what has a lower number, but appears later, is.
            now = time.monotonic()
            self._floor, self._sent_at = stream.settled, dict.fromkeys(stream.there, now)
            self._reader = asyncio.create_task(self._read(), name="events")
        return stream, [message("ready", newest, {}), *first]

    def leave(self, stream: Stream) -> None:
        """Remove the stream of a listener that has disconnected."""
        self._streams.discard(stream)

    async def _begin(self, connection: AsyncConnection, stream: Stream) -> int:
        """Note in ``stream`` which rows are there, and return the newest one's number."""
        newest = (await connection.execute(select(func.max(rows.c.id)))).scalar() or 0
        stream.after = stream.settled = newest
        if not self._context.database.sqlite:
            floor = newest - _COMMIT_ROWS if self._reader is None else self._floor
            query = select(rows.c.id).where(rows.c.id > floor, rows.c.id <= newest)
            stream.settled = min(floor, newest)
            stream.there = frozenset((await connection.execute(query)).scalars())
        return newest

    async def _missed(
        self, connection: AsyncConnection, user: str, last: int | None, newest: int, *, complete: bool
    ) -> tuple[list[str], bool]:
        """What came after ``last``, and whether that is all of it."""
        if last is None or last == newest:
            return [], True
        if last > newest or (newest - last > _REPLAY and not complete):
            return [message("reset", newest, {})], True
        # A part ends where no lower numbers can appear any more.
        until = newest if newest - last <= _REPLAY else last + _REPLAY - _COMMIT_ROWS
        query = select(rows).where(rows.c.id > last, rows.c.id <= until).order_by(rows.c.id)
        missed_rows = (await connection.execute(query)).all()
        audience = await audience_of(self._context, connection, missed_rows)
        messages = [each.message(user) for each in audience if user in each.listeners]
        return (messages, True) if until == newest else ([*messages, message("more", until, {})], False)

    # ------------------------------------------------------------ reading

    async def _read(self) -> None:
        checked = time.monotonic()
        while self._streams:
            new_rows: list[Row[Any]] = []
            try:
                async with self._context.database.read() as connection:
                    # What is read may be older than what those who come meanwhile have: only these are checked.
                    there = {stream: stream.memberships for stream in self._streams}
                    new_rows = await self._new_rows(connection)
                    if new_rows or time.monotonic() - checked > CHECK:
                        await self._end_invalid_streams(connection, there)
                        checked = time.monotonic()
                    await self._send_rows(connection, new_rows)
                    await self._end_lost_memberships(connection, new_rows, there)
            except DatabaseAway:
                # What was read of them is read again. The log has the outage already.
                new_rows = []
            except Exception as error:
                log.error("events could not be read; trying again", exc_info=error)
            self._note_sent(new_rows)
            await asyncio.sleep(POLL)
        self._reader = None

    async def _new_rows(self, connection: AsyncConnection) -> list[Row[Any]]:
        """Rows that were not sent yet, in order."""
        query = select(rows).where(rows.c.id > self._floor).order_by(rows.c.id)
        if self._context.database.sqlite:
            query = query.limit(_BATCH)
        return [row for row in (await connection.execute(query)).all() if row.id not in self._sent_at]

    def _note_sent(self, new_rows: Sequence[Row[Any]]) -> None:
        """Don't read these rows again."""
        if self._context.database.sqlite:
            # SQLite has one writer, so numbers follow the order of commits.
            self._floor = new_rows[-1].id if new_rows else self._floor
            return
        now = time.monotonic()
        self._sent_at.update((row.id, now) for row in new_rows)
        settled = [ident for ident, at in self._sent_at.items() if now - at > _COMMIT_DELAY]
        self._floor = max((self._floor, *settled))
        for ident in settled:
            del self._sent_at[ident]

    async def _end_invalid_streams(self, connection: AsyncConnection, streams: Collection[Stream]) -> None:
        """End those of the streams whose token is no longer valid or whose person was removed."""
        query = (
            select(tokens.c.id, tokens.c.kind, tokens.c.expires_at)
            .join(users, users.c.id == tokens.c.user_id)
            .where(
                tokens.c.id.in_({stream.token for stream in streams}),
                tokens.c.revoked_at.is_(None),
                users.c.removed_at.is_(None),
            )
        )
        now, valid, valid_locally = self._context.clock(), set(), set()
        for row in await connection.execute(query):
            if row.expires_at is None or row.expires_at > now:
                valid.add(row.id)
            elif row.kind == "first":
                valid_locally.add(row.id)
        for stream in streams:
            if stream.token not in valid and not (stream.local and stream.token in valid_locally):
                stream.end()

    async def _send_rows(self, connection: AsyncConnection, new_rows: Sequence[Row[Any]]) -> None:
        if not new_rows:
            return
        for concerned in await audience_of(self._context, connection, new_rows):
            for stream in self._streams:
                if stream.user in concerned.listeners and stream.awaits(concerned.row.id):
                    stream.push(concerned.message(stream.user))

    async def _end_lost_memberships(
        self,
        connection: AsyncConnection,
        new_rows: Sequence[Row[Any]],
        there: Mapping[Stream, frozenset[str] | None],
    ) -> None:
        """End the streams of people who lost one of the memberships that they had: they reconnect to get what they may
        still see."""
        changed = any(row.event in (Event.MEMBER_ADDED, Event.MEMBER_REMOVED) for row in new_rows)
        if changed or self._members_changed:
            for stream, had in there.items():
                if had is None:
                    continue
                memberships = await _memberships(connection, [stream.user])
                if had - memberships:
                    stream.end()
                stream.memberships = memberships
        # Those who came meanwhile are checked the next time.
        self._members_changed = changed


async def _memberships(connection: AsyncConnection, people: Iterable[str]) -> frozenset[str]:
    query = select(members.c.folder_id).where(members.c.user_id.in_(people))
    return frozenset((await connection.execute(query)).scalars())
