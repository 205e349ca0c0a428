"""Who listens to what happens, and the one reader that tells them: the owner of what it is about, and the members.

They are read off the audit, whose rows are numbered: one reader for each server process, and only while somebody
listens, asks for the rows behind the last one, which costs one look at an index. So it does not matter which process
wrote them. What is told is that something happened to a document or a folder, never what is in it; whoever wants to
know more asks for it, with the rights that they have then.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.errors import Throttled
from ...rules.state import Event, State
from ..context import Context
from ..database.tables import audit as rows
from ..database.tables import folders, members, sent_documents, tokens, users
from .caller import Caller

log = logging.getLogger("sentlinks")

#: Streams of one person to one server process.
MOST_STREAMS = 8
#: Seconds between two looks at the audit, and between two looks at tokens.
POLL, CHECK = 0.4, 2.0
#: So many rows are read at once, and are looked through for what somebody missed; who missed more loads all anew.
_BATCH, _REPLAY = 500, 5000
#: Events that wait for a slow reader; one that is slower is let go, and asks again.
_WAITING = 512
#: Other databases number rows before they are committed: for so many seconds, one with a lower number may still come.
_LATE = 3.0
_IN_TRASH = (State.TRASHED, State.PURGED)


class Stream:
    """One listener. The queue ends with ``None``."""

    def __init__(self, by: Caller, after: int) -> None:
        self.user = by.id
        self.token = by.person.token_id
        #: Over the data folder's socket, where its token stays good.
        self.local = by.address is None
        self.after = after
        self.memberships: set[str] = set()
        self.queue: asyncio.Queue[str | None] = asyncio.Queue(_WAITING)
        self.ended = False

    def tell(self, text: str) -> None:
        if not self.ended:
            try:
                self.queue.put_nowait(text)
            except asyncio.QueueFull:
                self.end()

    def end(self) -> None:
        """Nothing more is told."""
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
        self._told: dict[int, float] = {}

    def close(self) -> None:
        """The server ends, and so do all streams."""
        self._closed = True
        for stream in self._streams:
            stream.end()

    async def open(self, by: Caller, last: int | None) -> tuple[Stream, list[str]]:
        """A stream with what is told first: the number of the last row, or what came after ``last``.

        Raises :class:`Throttled` where the person has too many.
        """
        if sum(stream.user == by.id for stream in self._streams) >= MOST_STREAMS:
            raise Throttled("events.too_many", "You listen in too many places; close some of them.", 30)
        stream = Stream(by, 0)
        # It counts from here on, also while the database is asked.
        self._streams.add(stream)
        try:
            async with self._context.database.read() as connection:
                newest = (await connection.execute(select(func.max(rows.c.id)))).scalar() or 0
                stream.after = newest
                stream.memberships = await _memberships(connection, [by.id])
                first = await self._missed(connection, by.id, last, newest)
        except BaseException:
            self._streams.discard(stream)
            raise
        if self._closed:
            stream.end()
        if self._reader is None:
            self._floor, self._told = newest, {}
            self._reader = asyncio.create_task(self._read(), name="events")
        return stream, [_message("ready", newest, {}), *first]

    def leave(self, stream: Stream) -> None:
        """The listener has gone."""
        self._streams.discard(stream)

    async def _missed(
        self, connection: AsyncConnection, user: str, last: int | None, newest: int
    ) -> list[str]:
        if last is None or last == newest:
            return []
        if last > newest or newest - last > _REPLAY:
            return [_message("reset", newest, {})]
        query = select(rows).where(rows.c.id > last, rows.c.id <= newest).order_by(rows.c.id)
        found = (await connection.execute(query)).all()
        told = await _audience(connection, found)
        return [_told(row, folder) for row, listeners, folder in told if user in listeners]

    # ------------------------------------------------------------ reading

    async def _read(self) -> None:
        checked = time.monotonic()
        while self._streams:
            try:
                async with self._context.database.read() as connection:
                    fresh = await self._fresh(connection)
                    if fresh or time.monotonic() - checked > CHECK:
                        await self._end_strangers(connection)
                        checked = time.monotonic()
                    if fresh:
                        await self._tell(connection, fresh)
            except Exception as error:
                log.error("events could not be read and will be tried again", exc_info=error)
            await asyncio.sleep(POLL)
        self._reader = None

    async def _fresh(self, connection: AsyncConnection) -> list[Row[Any]]:
        """Rows that were not told yet, in their order."""
        query = select(rows).where(rows.c.id > self._floor).order_by(rows.c.id)
        if self._context.database.sqlite:
            # It has one writer, and numbers come in the order of commits.
            found = list((await connection.execute(query.limit(_BATCH))).all())
            self._floor = found[-1].id if found else self._floor
            return found
        now = time.monotonic()
        found = [row for row in (await connection.execute(query)).all() if row.id not in self._told]
        self._told.update((row.id, now) for row in found)
        settled = [ident for ident, at in self._told.items() if now - at > _LATE]
        self._floor = max((self._floor, *settled))
        for ident in settled:
            del self._told[ident]
        return found

    async def _end_strangers(self, connection: AsyncConnection) -> None:
        """Ends the streams whose token or person is no longer good."""
        query = (
            select(tokens.c.id, tokens.c.kind, tokens.c.expires_at)
            .join(users, users.c.id == tokens.c.user_id)
            .where(
                tokens.c.id.in_({stream.token for stream in self._streams}),
                tokens.c.revoked_at.is_(None),
                users.c.removed_at.is_(None),
            )
        )
        now, good, local = self._context.clock(), set(), set()
        for row in await connection.execute(query):
            if row.expires_at is None or row.expires_at > now:
                good.add(row.id)
            elif row.kind == "first":
                local.add(row.id)
        for stream in self._streams:
            if stream.token not in good and not (stream.local and stream.token in local):
                stream.end()

    async def _tell(self, connection: AsyncConnection, fresh: Sequence[Row[Any]]) -> None:
        for row, listeners, folder in await _audience(connection, fresh):
            text = _told(row, folder)
            for stream in self._streams:
                if stream.user in listeners and row.id > stream.after:
                    stream.tell(text)
        if any(row.event in (Event.MEMBER_ADDED, Event.MEMBER_REMOVED) for row in fresh):
            await self._end_members(connection)

    async def _end_members(self, connection: AsyncConnection) -> None:
        """Ends the streams of those who are no longer members of a folder: they ask again for what is left."""
        for stream in list(self._streams):
            now = await _memberships(connection, [stream.user])
            if stream.memberships - now:
                stream.end()
            stream.memberships = now


async def _memberships(connection: AsyncConnection, people: Iterable[str]) -> set[str]:
    query = select(members.c.folder_id).where(members.c.user_id.in_(people))
    return set((await connection.execute(query)).scalars())


async def _audience(
    connection: AsyncConnection, found: Sequence[Row[Any]]
) -> list[tuple[Row[Any], set[str], str | None]]:
    """Each row with the ids of those whom it concerns by the rights of now, and the folder that it is about."""
    about = [row.subject.partition(":") for row in found]
    documents = {
        row.id: row
        for row in await connection.execute(
            select(
                sent_documents.c.id,
                sent_documents.c.owner_id,
                sent_documents.c.folder_id,
                sent_documents.c.state,
            ).where(sent_documents.c.id.in_({ident for kind, _, ident in about if kind == "document"}))
        )
    }
    concerned = {row.folder_id for row in documents.values()}
    concerned |= {ident for kind, _, ident in about if kind == "folder"}
    owners = {
        row.id: row.owner_id
        for row in await connection.execute(
            select(folders.c.id, folders.c.owner_id).where(folders.c.id.in_(concerned))
        )
    }
    joined: dict[str, set[str]] = {}
    for row in await connection.execute(select(members).where(members.c.folder_id.in_(concerned))):
        joined.setdefault(row.folder_id, set()).add(row.user_id)
    told = []
    for row, (kind, _, ident) in zip(found, about, strict=True):
        document = documents.get(ident) if kind == "document" else None
        folder = document.folder_id if document is not None else ident if kind == "folder" else None
        if folder is None or (document is None and folder not in owners):
            continue
        listeners = {document.owner_id if document is not None else owners[folder]}
        # Members see nothing of the trash but that a document has gone there.
        if document is None or document.state not in _IN_TRASH or row.event == Event.DELETED:
            listeners |= joined.get(folder, set())
        told.append((row, listeners, folder))
    return told


def _told(row: Row[Any], folder: str | None) -> str:
    kind, _, ident = row.subject.partition(":")
    return _message(
        "happened",
        row.id,
        {
            "at": row.at.isoformat(),
            "event": row.event,
            "document": ident if kind == "document" else None,
            "folder": folder,
        },
    )


def _message(event: str, ident: int, data: dict[str, Any]) -> str:
    return f"id: {ident}\nevent: {event}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n"
