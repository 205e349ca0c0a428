"""Expired links are marked as unpublished: at once those that a request is about, the rest every few seconds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.state import Event, Reason, State
from .. import audit
from ..base.timestamps import moment
from ..context import Context
from ..database.tables import sent_documents
from ..database.values import UNTYPED
from .links import ENDS_GRANTS, RESTORES_GRANTS, delivered_count

#: Documents settled in one transaction: others who write wait for its end.
BATCH = 25


async def settle_due(
    context: Context, connection: AsyncConnection, *where: ColumnElement[bool], limit: int | None = None
) -> int:
    """Mark expired published documents as unpublished, within the caller's transaction. Returns how many were marked.

    ``where`` narrows the selection of ``sent_documents``. The audit records the time of expiry. Safe to run
    concurrently: documents locked by another transaction are skipped. Marks none while the clock isn't believed; their
    links don't work anyway.
    """
    if not context.clock_watch.is_steady():
        return 0
    due = and_(sent_documents.c.state == State.PUBLISHED, sent_documents.c.expires_at <= context.clock())
    selected = select(sent_documents.c.id).where(due, *where).limit(limit).with_for_update(skip_locked=True)
    rows = await context.database.rows_as_stored(
        connection,
        update(sent_documents)
        .where(sent_documents.c.id.in_(selected), due)
        .values(state=State.UNPUBLISHED, reason=Reason.EXPIRED, **ENDS_GRANTS)
        .returning(*audit.COLUMNS, sent_documents.c.delivered),
    )
    for row in rows:
        await audit.append(
            context,
            connection,
            audit.subject("document", row.id),
            Event.EXPIRED,
            details=delivered_count(row),
            at=_expired_at(context, row),
            state=audit.state_of(context, row),
        )
    return len(rows)


def _expired_at(context: Context, row: Row[Any]) -> datetime:
    """When a link that has expired did; now, if what is stored of that was changed by hand."""
    try:
        return moment(row.expires_at)
    except UNTYPED:
        return context.clock()


async def sweep(context: Context) -> int:
    """Settle everything that is due, in transactions of bounded length. Must be run every few seconds.

    Returns how many documents were marked. What was marked because the clock was wrong is published again.
    """
    if context.clock_watch.has_returned():
        await _publish_again(context)
    if not context.clock_watch.is_steady():
        return 0
    total = 0
    while True:
        async with context.database.read() as connection:
            overdue = await connection.execute(
                select(sent_documents.c.id)
                .where(
                    sent_documents.c.state == State.PUBLISHED, sent_documents.c.expires_at <= context.clock()
                )
                .limit(1)
            )
            if overdue.first() is None:
                return total
        async with context.database.write() as connection:
            settled = await settle_due(context, connection, limit=BATCH)
        if not settled:
            # Another process is settling them.
            return total
        total += settled


async def _publish_again(context: Context) -> None:
    """Publish what was marked as expired, but hasn't expired yet: the clock was ahead, and no longer is."""
    not_yet = and_(
        sent_documents.c.state == State.UNPUBLISHED,
        sent_documents.c.reason == Reason.EXPIRED,
        sent_documents.c.expires_at > context.clock(),
    )
    while True:
        async with context.database.write() as connection:
            selected = (
                select(sent_documents.c.id).where(not_yet).limit(BATCH).with_for_update(skip_locked=True)
            )
            rows = await context.database.rows_as_stored(
                connection,
                update(sent_documents)
                .where(sent_documents.c.id.in_(selected), not_yet)
                .values(state=State.PUBLISHED, reason=None, **RESTORES_GRANTS)
                .returning(*audit.COLUMNS),
            )
            for row in rows:
                await audit.append(
                    context,
                    connection,
                    audit.subject("document", row.id),
                    Event.PUBLISHED,
                    details={"why": "the clock was wrong"},
                    state=audit.state_of(context, row),
                )
        if len(rows) < BATCH:
            return
