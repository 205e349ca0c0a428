"""What grants have given: reserving bytes, settling them, and noting what has arrived.

What follows from it for a grant is described in :mod:`.grants`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.errors import Throttled
from ...rules.state import Event
from .. import audit
from ..context import Context
from ..database.tables import Moment, grant_events, grants, sent_documents
from ..http.visitor import Visitor
from ..share.downloads import undo_download
from .grants import AFTERWARDS, SEEN_EVERY, TIMES_AFTERWARDS, Grant, bytes_in_all_of, find

#: A request that wasn't seen under way for so long was killed with its process.
LOST = 5 * SEEN_EVERY
_IS_BUSY = grants.c.bytes_reserved != grants.c.bytes_given


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
            .where(
                grants.c.hash == grant.hash, grants.c.bytes_reserved + length <= bytes_in_all_of(grant.size)
            )
            .values(bytes_reserved=grants.c.bytes_reserved + length, busy_at=context.clock())
            .returning(grants.c.hash)
        )
        if reserved.first() is not None:
            if grant.network not in (None, visitor.network):
                await record(context, connection, grant, visitor, Event.TAKEN_ELSEWHERE)
            return grant
    if grant.given + length > grant.bytes_in_all:
        return None
    raise Throttled("grant.busy", "Other requests are fetching this file just now; try again in a moment.", 2)


async def release_left_over(context: Context) -> None:
    """Release what requests had reserved that are no longer under way: their process was killed.

    To be called only if no other process gives out bytes.
    """
    await _release(context, grants.c.expires_at > context.clock())


async def release_lost(context: Context) -> None:
    """Release what requests of any process had reserved if none was seen under way for :data:`LOST`."""
    now = context.clock()
    lost = and_(grants.c.expires_at > now, grants.c.busy_at < now - LOST)
    async with context.database.read() as connection:
        found = await connection.execute(select(grants.c.hash).where(_IS_BUSY, lost).limit(1))
        if found.first() is None:
            return
    await _release(context, lost)


async def _release(context: Context, where: ColumnElement[bool]) -> None:
    async with context.database.write() as connection:
        await connection.execute(
            update(grants)
            .where(_IS_BUSY, where)
            .values(
                bytes_reserved=grants.c.bytes_given,
                bytes_permitted=grants.c.bytes_permitted - (grants.c.bytes_reserved - grants.c.bytes_given),
            )
        )


async def record(
    context: Context,
    connection: AsyncConnection,
    grant: Grant,
    visitor: Visitor,
    event: Event,
    details: Mapping[str, Any] | None = None,
) -> bool:
    """Write ``event`` to the audit once for a grant and network, with when its download began; ``False`` if it is
    already there."""
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
        details={**(details or {}), "begun_at": grant.created_at.isoformat()},
    )
    return True


async def settle(connection: AsyncConnection, grant: Grant, reserved: int, given: int, at: datetime) -> None:
    """Release what a request had ``reserved`` but not ``given``, and extend the grant if something has not arrived yet.

    ``grant`` is as it was when the bytes were reserved; ``at`` is when the request ended.
    """
    unused, extended_until, kept = reserved - given, grant.expiry_if_used(at), grants.c.expires_at
    left, given_by_now = grants.c.bytes_reserved - unused, grants.c.bytes_given + given
    values: dict[str, Any] = {
        # If it was believed to be lost, what it had reserved was released already.
        "bytes_reserved": case((left < given_by_now, given_by_now), else_=left),
        "bytes_given": given_by_now,
    }
    if given:
        is_used = and_(grants.c.bytes_permitted.is_(None), kept < extended_until)
        values["expires_at"] = case((is_used, literal(extended_until, Moment)), else_=kept)
    if grant.permitted is None:
        # If all of the file arrived in the meantime, they were among the bytes that had been reserved by then.
        values["bytes_permitted"] = grants.c.bytes_permitted - unused
    await connection.execute(update(grants).where(grants.c.hash == grant.hash).values(values))


async def take_back(connection: AsyncConnection, grant: Grant, unused: int) -> None:
    """Release bytes that were settled as given."""
    values = {
        name: grants.c[name] - unused
        for name in (
            "bytes_reserved",
            "bytes_given",
            *(("bytes_permitted",) if grant.permitted is None else ()),
        )
    }
    await connection.execute(update(grants).where(grants.c.hash == grant.hash).values(values))


async def mark_delivered(
    connection: AsyncConnection, grant: Grant, at: datetime, *, relayed: bool = False
) -> bool:
    """Note that all of the file had arrived ``at`` that time, unless that is noted already (``False``).

    What remains is :data:`AFTERWARDS`, unless the grant ends before, and :data:`TIMES_AFTERWARDS` more whole downloads.
    If it was ``relayed``, a proxy has all of it, and what remains stays as it is.
    """
    of_grant = grants.c.hash == grant.hash
    if relayed:
        marked = await connection.execute(
            update(grants)
            .where(of_grant, grants.c.delivered_at.is_(None))
            .values(delivered_at=at)
            .returning(grants.c.hash)
        )
        return marked.first() is not None
    ends, kept = at + AFTERWARDS, grants.c.expires_at
    marked = await connection.execute(
        update(grants)
        .where(of_grant, grants.c.bytes_permitted.is_(None))
        .values(
            delivered_at=func.coalesce(grants.c.delivered_at, literal(at, Moment)),
            bytes_permitted=grants.c.bytes_reserved + TIMES_AFTERWARDS * grant.size,
            expires_at=case((kept > ends, literal(ends, Moment)), else_=kept),
        )
        .returning(grants.c.hash)
    )
    return marked.first() is not None


async def mark_later(connection: AsyncConnection, grant: Grant, at: datetime) -> None:
    """Correct a :func:`mark_delivered` of an earlier time."""
    ends = min(grant.expiry_if_used(at), at + AFTERWARDS)
    await connection.execute(
        update(grants).where(grants.c.hash == grant.hash).values(delivered_at=at, expires_at=ends)
    )


async def unmark_delivered(connection: AsyncConnection, grant: Grant, at: datetime) -> None:
    """Undo :func:`mark_delivered`, as of ``at``."""
    await connection.execute(
        update(grants)
        .where(grants.c.hash == grant.hash)
        .values(
            delivered_at=None,
            bytes_permitted=None,
            expires_at=max(grant.expires_at, grant.expiry_if_used(at)),
        )
    )


async def lock_document(connection: AsyncConnection, grant: Grant) -> dict[str, Any]:
    """Lock the grant's document; always done before locking the grant and the audit, to avoid deadlocks. Returns its
    downloads and how many are permitted, as details for the audit."""
    counts = sent_documents.c.downloads, sent_documents.c.downloads_permitted
    query = select(*counts).where(sent_documents.c.id == grant.document_id)
    # When a grant is updated twice in a transaction, PostgreSQL looks at its document again, which must not wait.
    row = (await connection.execute(query.with_for_update(key_share=True))).first()
    return {} if row is None else {"downloads": row.downloads, "downloads_permitted": row.downloads_permitted}


async def undo(context: Context, grant: Grant, visitor: Visitor) -> bool:
    """Take a grant's download off the count again, because its file turned out damaged before all of it had arrived.

    ``False`` if the whole file had arrived before, or the download was already taken off.
    """
    async with context.database.write() as connection:
        await lock_document(connection, grant)
        undone = await connection.execute(
            update(grants)
            .where(
                grants.c.hash == grant.hash,
                grants.c.undone_at.is_(None),
                grants.c.delivered_at.is_(None),
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
            begun_at=grant.created_at,
            address=visitor.address,
            agent=visitor.agent,
        )
        return True
