"""Grants: reading the bytes of a document that a counted download has paid for.

A grant lives for a while (the policy says how long), gives out at most three times the bytes of the file, and ends
ten minutes after it gave as many as the file has. Bytes are set aside before they are sent, and handed back where a
request is broken off. A grant ends at once, also under way, when its document is unpublished by hand, deleted,
expired or given new settings; reaching the limit leaves it alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.errors import Throttled
from ...rules.state import Reason, State
from ..context import Context
from ..database.tables import Moment, grants, sent_documents

TIMES = 3
AFTERWARDS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant that is good, with the file that it gives. ``given`` counts the bytes handed out when it was read."""

    hash: bytes
    document_id: str
    name: str
    size: int
    sha256: str
    blob: str
    given: int
    expires_at: datetime

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
            sent_documents.c.id,
            sent_documents.c.name,
            sent_documents.c.size,
            sent_documents.c.sha256,
            sent_documents.c.blob,
            grants.c.bytes_given,
            grants.c.expires_at,
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
    return Grant(*row[:-1])


async def under_way(context: Context, grant: Grant) -> bool:
    """Whether a request that has begun may go on: the document still allows it.

    The end of the grant's own time stops new requests only: a slow line gets the file that it began to fetch.
    """
    async with context.database.read() as connection:
        found = await connection.execute(
            select(grants.c.hash)
            .join(sent_documents, sent_documents.c.id == grants.c.document_id)
            .where(grants.c.hash == grant.hash, _document_good(context.clock()))
        )
        return found.first() is not None


async def reserve(context: Context, secret: str, length: int) -> Grant | None:
    """Sets ``length`` bytes aside and answers the grant; ``None`` where it is not good, or has not so many left.

    Raises :class:`Throttled` where it will have them as soon as requests under way give theirs back.
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
            return grant
    if grant.given + length > TIMES * grant.size:
        return None
    raise Throttled("grant.busy", "Other requests are fetching this file just now; try again in a moment.", 2)


async def settle(context: Context, grant: Grant, reserved: int, sent: int) -> None:
    """Hands back what was set aside and not sent, and begins the grant's last minutes once it gave the whole file."""
    ends = context.clock() + AFTERWARDS
    whole = and_(grants.c.bytes_given + sent >= grant.size, grants.c.expires_at > ends)
    async with context.database.write() as connection:
        await connection.execute(
            update(grants)
            .where(grants.c.hash == grant.hash)
            .values(
                bytes_reserved=grants.c.bytes_reserved - (reserved - sent),
                bytes_given=grants.c.bytes_given + sent,
                expires_at=case((whole, literal(ends, Moment)), else_=grants.c.expires_at),
            )
        )


async def take_back(context: Context, grant: Grant, unsent: int) -> None:
    """Undoes of a :func:`settle` what was not sent after all, and its last minutes with it."""
    half_done = grants.c.bytes_given - unsent < grant.size
    async with context.database.write() as connection:
        await connection.execute(
            update(grants)
            .where(grants.c.hash == grant.hash)
            .values(
                bytes_reserved=grants.c.bytes_reserved - unsent,
                bytes_given=grants.c.bytes_given - unsent,
                expires_at=case((half_done, literal(grant.expires_at, Moment)), else_=grants.c.expires_at),
            )
        )
