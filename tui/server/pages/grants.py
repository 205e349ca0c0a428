"""Grants: permissions to read the bytes of a document, each paid for by a counted download.

A grant is valid for the time set by the policy, which each request that delivers bytes starts again, up to a day in
all. It delivers at most three times the bytes of the file, and ends ten minutes after it has delivered as many as the
file has. Bytes are reserved before they're sent, and released if a request is broken off. A grant ends immediately,
even in the middle of a request, when its document is unpublished by hand, deleted, expired or given new settings;
reaching the download limit doesn't end it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.errors import Throttled
from ...rules.state import Event, Reason, State
from .. import audit
from ..context import Context
from ..database.tables import Moment, grant_events, grants, policy, sent_documents, stored
from ..database.values import Reader
from ..http.visitor import Visitor
from ..share.downloads import grant_lifetime, undo_download
from ..share.links import damaged

TIMES = 3
AFTERWARDS = timedelta(minutes=10)
#: However much it is used, a grant ends this long after it was created.
LONGEST = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Grant:
    """A valid grant, with the file that it permits to read.

    ``given`` is the number of bytes delivered when it was loaded, ``reserved`` includes those under way. ``network`` is
    the one that pressed the button (``None``: not known); ``lifetime`` is how long it is valid after its last use.
    ``damaged`` and ``unreadable`` are as in :class:`Link`; if it is ``undone``, its download was subtracted from the
    count again.
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
    unreadable: bool = False

    @property
    def undone(self) -> bool:
        return self.undone_at is not None

    def expiry_if_used(self, now: datetime) -> datetime:
        """Until when it is valid, at least, if it delivers bytes now."""
        return min(now + self.lifetime, self.created_at + LONGEST)

    def offered_until(self, now: datetime) -> datetime:
        """Until when its file is there even if all of it is delivered now: see :data:`AFTERWARDS`."""
        return min(self.expires_at, now + AFTERWARDS)

    @property
    def etag(self) -> str:
        return f'"{self.sha256}"'


def _document_allows(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    return and_(
        grants.c.settings == sent_documents.c.settings,
        or_(
            sent_documents.c.state == State.PUBLISHED,
            and_(sent_documents.c.state == State.UNPUBLISHED, sent_documents.c.reason == Reason.LIMIT),
        ),
        or_(sent_documents.c.expires_at.is_(None), sent_documents.c.expires_at > now),
        sent_documents.c.blob.is_not(None),
    )


#: What a grant has of its row, and of its document's.
_OF_GRANT = (
    "hash", "document_id", "bytes_given", "bytes_reserved", "network", "created_at", "expires_at", "settings",
    "undone_at",
)  # fmt: skip
_OF_DOCUMENT = ("name", "size", "sha256", "blob")
_READER = Reader(
    [*(grants.c[name] for name in _OF_GRANT), *(sent_documents.c[name] for name in _OF_DOCUMENT)]
)


@cache
def _grant_of_address() -> Select[Any]:
    """Built once, since it is on the path of every download."""
    now = bindparam("now", type_=Moment)
    return (
        select(
            *stored(_READER.columns),
            damaged().label("damaged"),
            select(policy.c["values"]).scalar_subquery().label("policy"),
            and_(
                _document_allows(now),
                grants.c.expires_at > now,
                or_(sent_documents.c.size == 0, grants.c.bytes_given < TIMES * sent_documents.c.size),
            ).label("good"),
        )
        .join(sent_documents, sent_documents.c.id == grants.c.document_id)
        .where(grants.c.hash == bindparam("grant"))
    )


async def find(context: Context, connection: AsyncConnection | None, secret: str) -> Grant | None:
    """The grant with the address ``secret``, if it is still valid; ``connection`` as for ``links.look_up``."""
    given = {"now": context.clock(), "grant": context.keys.lookup(secret)}
    if connection is None:
        row = await context.database.first(_grant_of_address(), given)
    else:
        row = await context.database.first_as_stored(connection, _grant_of_address(), given)
    if row is None or not row.good:
        return None
    values, lost = _READER.read(row)
    return Grant(
        given=values.pop("bytes_given"),
        reserved=values.pop("bytes_reserved"),
        damaged=row.damaged,
        unreadable=bool(lost),
        lifetime=grant_lifetime(row.policy),
        **values,
    )


async def may_continue(context: Context, grant: Grant, *, has_sent: bool) -> bool:
    """Whether a request that has begun may continue, which depends on the document only.

    The expiry of the grant itself stops new requests only: a slow connection gets the file that it began to fetch. If
    the request ``has_sent`` bytes since the last call, the grant is extended.
    """
    now = context.clock()
    async with context.database.read() as connection:
        result = await connection.execute(
            select(grants.c.expires_at, grants.c.bytes_given)
            .join(sent_documents, sent_documents.c.id == grants.c.document_id)
            .where(grants.c.hash == grant.hash, _document_allows(now))
        )
        row = result.first()
    if row is None:
        return False
    extended_until = grant.expiry_if_used(now)
    # Written only now and then: it takes a transaction each time.
    if has_sent and row.bytes_given < grant.size and row.expires_at < extended_until - grant.lifetime / 2:
        async with context.database.write() as connection:
            await connection.execute(
                update(grants)
                .where(
                    grants.c.hash == grant.hash,
                    grants.c.bytes_given < grant.size,
                    grants.c.expires_at < extended_until,
                )
                .values(expires_at=extended_until)
            )
    return True


async def reserve(context: Context, secret: str, length: int, visitor: Visitor) -> Grant | None:
    """Reserve ``length`` bytes and return the grant; ``None`` if it isn't valid or has too few bytes left.

    The audit records it if the network differs from the one that pressed the button. Raises :class:`Throttled` if the
    bytes may become free when requests under way release theirs.
    """
    async with context.database.write() as connection:
        grant = await find(context, connection, secret)
        if grant is None or grant.unreadable:
            return None
        reserved = await connection.execute(
            update(grants)
            .where(grants.c.hash == grant.hash, grants.c.bytes_reserved + length <= TIMES * grant.size)
            .values(bytes_reserved=grants.c.bytes_reserved + length)
            .returning(grants.c.hash)
        )
        if reserved.first() is not None:
            if grant.network not in (None, visitor.network):
                await record(context, connection, grant, visitor, Event.TAKEN_ELSEWHERE)
            return grant
    if grant.given + length > TIMES * grant.size:
        return None
    raise Throttled("grant.busy", "Other requests are fetching this file just now; try again in a moment.", 2)


async def release_left_over(context: Context) -> None:
    """Release what requests had reserved that are no longer under way: their process was killed.

    To be called only if no other process gives out bytes.
    """
    async with context.database.write() as connection:
        await connection.execute(
            update(grants)
            .where(grants.c.bytes_reserved != grants.c.bytes_given, grants.c.expires_at > context.clock())
            .values(bytes_reserved=grants.c.bytes_given)
        )


async def record(
    context: Context,
    connection: AsyncConnection,
    grant: Grant,
    visitor: Visitor,
    event: Event,
    details: Mapping[str, Any] | None = None,
) -> bool:
    """Write ``event`` to the audit once for a grant and network; ``False`` if it is already there."""
    inserted = await connection.execute(
        context.database.insert(grant_events)
        .values(hash=grant.hash, network=visitor.network, event=str(event))
        .on_conflict_do_nothing()
        .returning(grant_events.c.hash)
    )
    if inserted.first() is None:
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


def _earlier(moment: ColumnElement[datetime], limit: datetime) -> ColumnElement[datetime]:
    return case((moment > limit, literal(limit, Moment)), else_=moment)


async def settle(context: Context, grant: Grant, reserved: int, sent: int) -> None:
    """Release the reserved bytes that weren't sent, and extend the grant.

    When it has delivered the whole file, it is shortened to :data:`AFTERWARDS` instead.
    """
    now = context.clock()
    ends, extended_until, kept = now + AFTERWARDS, grant.expiry_if_used(now), grants.c.expires_at
    extended = case((kept < extended_until, literal(extended_until, Moment)), else_=kept) if sent else kept
    expires_at = case(
        (grants.c.bytes_given >= grant.size, _earlier(kept, ends)),
        (grants.c.bytes_given + sent >= grant.size, _earlier(extended, ends)),
        else_=extended,
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


async def correct_settlement(context: Context, grant: Grant, unsent: int) -> None:
    """Correct a :func:`settle` by the bytes that weren't sent after all.

    If the file isn't complete then, the grant is extended again.
    """
    is_incomplete = grants.c.bytes_given - unsent < grant.size
    extended_until = max(grant.expires_at, grant.expiry_if_used(context.clock()))
    async with context.database.write() as connection:
        await connection.execute(
            update(grants)
            .where(grants.c.hash == grant.hash)
            .values(
                bytes_reserved=grants.c.bytes_reserved - unsent,
                bytes_given=grants.c.bytes_given - unsent,
                expires_at=case((is_incomplete, literal(extended_until, Moment)), else_=grants.c.expires_at),
            )
        )


async def lock_document(connection: AsyncConnection, grant: Grant) -> None:
    """Lock the grant's document; always done before locking the grant and the audit, to avoid deadlocks."""
    query = select(sent_documents.c.id).where(sent_documents.c.id == grant.document_id)
    await connection.execute(query.with_for_update())


async def undo(context: Context, grant: Grant, visitor: Visitor) -> bool:
    """Take a grant's download off the count again, because its file turned out damaged before it was all delivered.

    ``False`` if the whole file had been delivered before, or the download was already taken off.
    """
    async with context.database.write() as connection:
        await lock_document(connection, grant)
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
