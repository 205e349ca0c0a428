"""Live event streams, and the one reader that feeds them. An event goes to the owner and the folder's members.

Events are read from the audit, whose rows are numbered, so it doesn't matter which process wrote them. Each server
process has one reader, which only runs while there are listeners; it polls for rows after the last one, at the cost
of one index lookup. An event says that something happened to a document or a folder. The owner of a document, who may
always know it, is also told its name, by whom or from where it was, and how often; never its link. Members who want to
know more request it, with the rights that they have by then.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.errors import Throttled
from ...rules.state import Event, State
from ..context import Context
from ..database.outages import DatabaseAway
from ..database.tables import audit as rows
from ..database.tables import folders, members, sent_documents, tokens, users
from .caller import Caller

log = logging.getLogger("sentlinks")

#: Maximum number of streams per person and server process.
MOST_STREAMS = 8
#: Seconds between polls of the audit, and between checks of the tokens.
POLL, CHECK = 0.4, 2.0
#: Rows read at once, and rows searched for events a client missed; a client that missed more has to reload everything.
_BATCH, _REPLAY = 500, 5000
#: Events queued for a slow client; if more accumulate, its stream is ended and it has to reconnect.
_QUEUE_SIZE = 512
#: Databases other than SQLite number rows before they commit: for this many seconds, lower numbers may still appear.
_COMMIT_DELAY = 3.0
_IN_TRASH = (State.TRASHED, State.PURGED)
#: What the owner is told of an event's details: numbers only.
_COUNTS = ("downloads", "downloads_permitted", "percent", "tries")


class Stream:
    """One listener. The queue ends with ``None``."""

    def __init__(self, by: Caller, after: int) -> None:
        self.user = by.id
        self.token = by.person.token_id
        #: Connected over the data folder's socket, where the folder's token doesn't expire.
        self.local = by.address is None
        self.after = after
        self.memberships: set[str] = set()
        self.queue: asyncio.Queue[str | None] = asyncio.Queue(_QUEUE_SIZE)
        self.ended = False

    def push(self, text: str) -> None:
        """Queue an event; a listener that doesn't keep up is ended, and can come back with the last id it has."""
        if not self.ended:
            try:
                self.queue.put_nowait(text)
            except asyncio.QueueFull:
                self.end()

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

    def close(self) -> None:
        """End all streams because the server is shutting down."""
        self._closed = True
        for stream in self._streams:
            stream.end()

    async def open(self, by: Caller, last: int | None) -> tuple[Stream, list[str]]:
        """A new stream and its first messages: ``ready`` with the newest row's number, then what came after ``last``.

        Raises :class:`Throttled` if the person has too many streams.
        """
        if sum(stream.user == by.id for stream in self._streams) >= MOST_STREAMS:
            raise Throttled("events.too_many", "Too many live connections; close some of them.", 30)
        stream = Stream(by, 0)
        # Added at once, so that it counts towards the limit while the database is queried.
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
            self._floor, self._sent_at = newest, {}
            self._reader = asyncio.create_task(self._read(), name="events")
        return stream, [_message("ready", newest, {}), *first]

    def leave(self, stream: Stream) -> None:
        """Remove the stream of a listener that has disconnected."""
        self._streams.discard(stream)

    async def _missed(
        self, connection: AsyncConnection, user: str, last: int | None, newest: int
    ) -> list[str]:
        if last is None or last == newest:
            return []
        if last > newest or newest - last > _REPLAY:
            return [_message("reset", newest, {})]
        query = select(rows).where(rows.c.id > last, rows.c.id <= newest).order_by(rows.c.id)
        missed_rows = (await connection.execute(query)).all()
        audience = await _audience(self._context, connection, missed_rows)
        return [concerned.message(user) for concerned in audience if user in concerned.listeners]

    # ------------------------------------------------------------ reading

    async def _read(self) -> None:
        checked = time.monotonic()
        while self._streams:
            new_rows: list[Row[Any]] = []
            try:
                async with self._context.database.read() as connection:
                    new_rows = await self._new_rows(connection)
                    if new_rows or time.monotonic() - checked > CHECK:
                        await self._end_invalid_streams(connection)
                        checked = time.monotonic()
                    if new_rows:
                        await self._send_rows(connection, new_rows)
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

    async def _end_invalid_streams(self, connection: AsyncConnection) -> None:
        """End the streams whose token is no longer valid or whose person was removed."""
        query = (
            select(tokens.c.id, tokens.c.kind, tokens.c.expires_at)
            .join(users, users.c.id == tokens.c.user_id)
            .where(
                tokens.c.id.in_({stream.token for stream in self._streams}),
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
        for stream in self._streams:
            if stream.token not in valid and not (stream.local and stream.token in valid_locally):
                stream.end()

    async def _send_rows(self, connection: AsyncConnection, new_rows: Sequence[Row[Any]]) -> None:
        for concerned in await _audience(self._context, connection, new_rows):
            for stream in self._streams:
                if stream.user in concerned.listeners and concerned.row.id > stream.after:
                    stream.push(concerned.message(stream.user))
        if any(row.event in (Event.MEMBER_ADDED, Event.MEMBER_REMOVED) for row in new_rows):
            await self._end_lost_memberships(connection)

    async def _end_lost_memberships(self, connection: AsyncConnection) -> None:
        """End the streams of people who lost a membership: they reconnect to get what they may still see."""
        for stream in list(self._streams):
            memberships = await _memberships(connection, [stream.user])
            if stream.memberships - memberships:
                stream.end()
            stream.memberships = memberships


async def _memberships(connection: AsyncConnection, people: Iterable[str]) -> set[str]:
    query = select(members.c.folder_id).where(members.c.user_id.in_(people))
    return set((await connection.execute(query)).scalars())


class _Concerned(NamedTuple):
    """A row with the ids of the people it concerns by their current rights, the folder it is about, and the owner and
    the name of the document that it is about (``None`` for a folder)."""

    row: Row[Any]
    listeners: set[str]
    folder: str | None
    owner: str | None
    name: object

    def message(self, user: str) -> str:
        """The message for one of the listeners."""
        row = self.row
        kind, _, ident = row.subject.partition(":")
        told: dict[str, Any] = {
            "at": row.at.isoformat(),
            "event": row.event,
            "document": ident if kind == "document" else None,
            "folder": self.folder,
        }
        if self.owner == user:
            # Someone may have changed the name to what is no text.
            name = self.name if isinstance(self.name, str) else None
            told |= {"name": name, "actor": row.actor, "address": row.address, **_counts(row.details)}
        return _message("happened", row.id, told)


def _counts(details: str) -> dict[str, int]:
    try:
        found = json.loads(details)
    except (ValueError, RecursionError):
        return {}
    counts = {key: found.get(key) for key in _COUNTS} if isinstance(found, dict) else {}
    return {key: value for key, value in counts.items() if type(value) is int}


async def _audience(
    context: Context, connection: AsyncConnection, audit_rows: Sequence[Row[Any]]
) -> list[_Concerned]:
    """The rows that concern anyone."""
    subjects = [row.subject.partition(":") for row in audit_rows]
    query = select(
        sent_documents.c.id,
        sent_documents.c.owner_id,
        sent_documents.c.folder_id,
        sent_documents.c.state,
        sent_documents.c.name,
    ).where(sent_documents.c.id.in_({ident for kind, _, ident in subjects if kind == "document"}))
    documents = {row.id: row for row in await context.database.rows_as_stored(connection, query)}
    folder_ids = {row.folder_id for row in documents.values()}
    folder_ids |= {ident for kind, _, ident in subjects if kind == "folder"}
    owners = {
        row.id: row.owner_id
        for row in await connection.execute(
            select(folders.c.id, folders.c.owner_id).where(folders.c.id.in_(folder_ids))
        )
    }
    folder_members: dict[str, set[str]] = {}
    for row in await connection.execute(select(members).where(members.c.folder_id.in_(folder_ids))):
        folder_members.setdefault(row.folder_id, set()).add(row.user_id)
    audience = []
    for row, (kind, _, ident) in zip(audit_rows, subjects, strict=True):
        document = documents.get(ident) if kind == "document" else None
        folder = document.folder_id if document is not None else ident if kind == "folder" else None
        if folder is None or (document is None and folder not in owners):
            continue
        listeners = {document.owner_id if document is not None else owners[folder]}
        # Of the trash, members only see that a document was moved there.
        if document is None or document.state not in _IN_TRASH or row.event == Event.DELETED:
            listeners |= folder_members.get(folder, set())
        owner, name = (document.owner_id, document.name) if document is not None else (None, None)
        audience.append(_Concerned(row, listeners, folder, owner, name))
    return audience


def _message(event: str, ident: int, data: dict[str, Any]) -> str:
    return f"id: {ident}\nevent: {event}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n"
