"""Grants: reading the bytes of a document that a counted download has paid for.

A grant lives for a while (the policy says how long), and each request that gives bytes lets it live so long from then
on, a day at most. It gives out at most three times the bytes of the file, and ends ten minutes after it gave as many
as the file has. Bytes are set aside before they are sent, and handed back where a request is broken off. A grant ends
at once, also under way, when its document is unpublished by hand, deleted, expired or given new settings; reaching the
limit leaves it alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.errors import Throttled
from ...rules.state import Event, Reason, State
from .. import audit
from ..context import Context
from ..database.tables import Moment, grant_events, grants, policy, sent_documents
from ..http.visitor import Visitor
from ..share.links import damaged, grant_lifetime, undo_download

TIMES = 3
AFTERWARDS = timedelta(minutes=10)
#: However much it is used, a grant ends so long after it was given.
LONGEST = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant that is good, with the file that it gives.

    ``given`` counts the bytes handed out when it was read, ``reserved`` those under way too. ``network`` is the one
    that pressed the button (``None``: not known); ``lifetime`` is how long it lives from its last use on. ``damaged``
    is as of :class:`Link`; the download of one that is ``undone`` was taken off the count again.
    """

    hash: bytes
    document_id: str
    name: str
    size: int
    sha256: str
    blob: str
    given: int
    reserved: int
    network: str | None
    created_at: datetime
    expires_at: datetime
    settings: int
    damaged: str | None
    undone_at: datetime | None
    lifetime: timedelta

    @property
    def undone(self) -> bool:
        return self.undone_at is not None

    def used(self, now: datetime) -> datetime:
        """Until when it lives, at least, where it gives bytes now."""
        return min(now + self.lifetime, self.created_at + LONGEST)

    @property
    def etag(self) -> str:
        return f'"{self.sha256}"'


def _document_good(now: datetime) -> ColumnElement[bool]:
    return and_(
        grants.c.settings == sent_documents.c.settings,
        or_(
            sent_documents.c.state == State.PUBLISHED,
            and_(sent_documents.c.state == State.UNPUBLISHED, sent_documents.c.reason == Reason.LIMIT),
        ),
        or_(sent_documents.c.expires_at.is_(None), sent_documents.c.expires_at > now),
        sent_documents.c.blob.is_not(None),
    )


async def find(context: Context, connection: AsyncConnection, secret: str) -> Grant | None:
    """The grant with that address, where it is still good."""
    now = context.clock()
    found = await connection.execute(
        select(
            grants.c.hash,
            sent_documents.c.id.label("document_id"),
            sent_documents.c.name,
            sent_documents.c.size,
            sent_documents.c.sha256,
            sent_documents.c.blob,
            grants.c.bytes_given.label("given"),
            grants.c.bytes_reserved.label("reserved"),
            grants.c.network,
            grants.c.created_at,
            grants.c.expires_at,
            grants.c.settings,
            damaged().label("damaged"),
            grants.c.undone_at,
            select(policy.c["values"]).scalar_subquery().label("policy"),
            and_(
                _document_good(now),
                grants.c.expires_at > now,
                or_(sent_documents.c.size == 0, grants.c.bytes_given < TIMES * sent_documents.c.size),
            ).label("good"),
        )
        .join(sent_documents, sent_documents.c.id == grants.c.document_id)
        .where(grants.c.hash == context.keys.lookup(secret))
    )
    row = found.first()
    if row is None or not row.good:
        return None
    values = dict(row._mapping)
    del values["good"]
    return Grant(lifetime=grant_lifetime(values.pop("policy")), **values)


async def under_way(context: Context, grant: Grant, *, gave: bool) -> bool:
    """Whether a request that has begun may go on: the document still allows it.

    The end of the grant's own time stops new requests only: a slow line gets the file that it began to fetch. Where
    it ``gave`` bytes since it was last asked, the grant lives on.
    """
    now = context.clock()
    async with context.database.read() as connection:
        found = await connection.execute(
            select(grants.c.expires_at, grants.c.bytes_given)
            .join(sent_documents, sent_documents.c.id == grants.c.document_id)
            .where(grants.c.hash == grant.hash, _document_good(now))
        )
        row = found.first()
    if row is None:
        return False
    until = grant.used(now)
    # Written now and then only: each time costs the database a transaction.
    if gave and row.bytes_given < grant.size and row.expires_at < until - grant.lifetime / 2:
        async with context.database.write() as connection:
            await connection.execute(
                update(grants)
                .where(
                    grants.c.hash == grant.hash,
                    grants.c.bytes_given < grant.size,
                    grants.c.expires_at < until,
                )
                .values(expires_at=until)
            )
    return True


async def reserve(context: Context, secret: str, length: int, visitor: Visitor) -> Grant | None:
    """Sets ``length`` bytes aside and answers the grant; ``None`` where it is not good, or has not so many left.

    The audit says where another network than the one that pressed takes them. Raises :class:`Throttled` where it
    will have them as soon as requests under way give theirs back.
    """
    async with context.database.write() as connection:
        grant = await find(context, connection, secret)
        if grant is None:
            return None
        taken = await connection.execute(
            update(grants)
            .where(grants.c.hash == grant.hash, grants.c.bytes_reserved + length <= TIMES * grant.size)
            .values(bytes_reserved=grants.c.bytes_reserved + length)
            .returning(grants.c.hash)
        )
        if taken.first() is not None:
            if grant.network not in (None, visitor.network):
                await record(context, connection, grant, visitor, Event.TAKEN_ELSEWHERE)
            return grant
    if grant.given + length > TIMES * grant.size:
        return None
    raise Throttled("grant.busy", "Other requests are fetching this file just now; try again in a moment.", 2)


async def record(
    context: Context,
    connection: AsyncConnection,
    grant: Grant,
    visitor: Visitor,
    event: Event,
    details: Mapping[str, Any] | None = None,
) -> bool:
    """Writes ``event`` to the audit, once for a grant and network; ``False`` where it was there."""
    dialect: Any = sqlite if context.database.sqlite else postgresql
    first = await connection.execute(
        dialect.insert(grant_events)
        .values(hash=grant.hash, network=visitor.network, event=str(event))
        .on_conflict_do_nothing()
        .returning(grant_events.c.hash)
    )
    if first.first() is None:
        return False
    await audit.append(
        context,
        connection,
        audit.subject("document", grant.document_id),
        event,
        address=visitor.address,
        agent=visitor.agent,
        details=details,
    )
    return True


def _earlier(one: ColumnElement[datetime], other: datetime) -> ColumnElement[datetime]:
    return case((one > other, literal(other, Moment)), else_=one)


async def settle(context: Context, grant: Grant, reserved: int, sent: int) -> None:
    """Hands back what was set aside and not sent, and lets the grant live on; once it gave the whole file, for its
    last minutes only."""
    now = context.clock()
    ends, until, kept = now + AFTERWARDS, grant.used(now), grants.c.expires_at
    lives_on = case((kept < until, literal(until, Moment)), else_=kept) if sent else kept
    expires_at = case(
        (grants.c.bytes_given >= grant.size, _earlier(kept, ends)),
        (grants.c.bytes_given + sent >= grant.size, _earlier(lives_on, ends)),
        else_=lives_on,
    )
    async with context.database.write() as connection:
        await connection.execute(
            update(grants)
            .where(grants.c.hash == grant.hash)
            .values(
                bytes_reserved=grants.c.bytes_reserved - (reserved - sent),
                bytes_given=grants.c.bytes_given + sent,
                expires_at=expires_at,
            )
        )


async def take_back(context: Context, grant: Grant, unsent: int) -> None:
    """Undoes of a :func:`settle` what was not sent after all, and its last minutes with it."""
    half_done = grants.c.bytes_given - unsent < grant.size
    until = max(grant.expires_at, grant.used(context.clock()))
    async with context.database.write() as connection:
        await connection.execute(
            update(grants)
            .where(grants.c.hash == grant.hash)
            .values(
                bytes_reserved=grants.c.bytes_reserved - unsent,
                bytes_given=grants.c.bytes_given - unsent,
                expires_at=case((half_done, literal(until, Moment)), else_=grants.c.expires_at),
            )
        )


async def hold_document(connection: AsyncConnection, grant: Grant) -> None:
    """Holds the grant's document: before the grant and the audit, which is the order in which all hold them."""
    held = select(sent_documents.c.id).where(sent_documents.c.id == grant.document_id)
    await connection.execute(held.with_for_update())


async def undo(context: Context, grant: Grant, visitor: Visitor) -> bool:
    """Takes the download of a grant off the count again, once: its file turned out damaged before all of it was given.

    ``False`` where it had given the whole file before, or that was done already.
    """
    async with context.database.write() as connection:
        await hold_document(connection, grant)
        undone = await connection.execute(
            update(grants)
            .where(
                grants.c.hash == grant.hash,
                grants.c.undone_at.is_(None),
                grants.c.bytes_given < grant.size,
            )
            .values(undone_at=context.clock())
            .returning(grants.c.hash)
        )
        if undone.first() is None:
            return False
        await undo_download(
            context,
            connection,
            grant.document_id,
            grant.settings,
            address=visitor.address,
            agent=visitor.agent,
        )
        return True
