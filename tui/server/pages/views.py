"""What recipients only look at in the audit (openings, bytes that are not there): a row a link, network and minute."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from ...rules.state import Event
from .. import audit
from ..blobs import Fault
from ..context import Context
from ..database.tables import views
from ..http.visitor import Visitor
from ..share.links import Link

ONCE_IN = timedelta(minutes=1)


async def record(context: Context, link: Link, visitor: Visitor, event: Event) -> None:
    """Writes that ``link`` was opened (``VIEWED``, or ``SCANNED`` for a scanner), unless it just was."""
    await _record(context, link.id, visitor, event)


async def record_fault(context: Context, document_id: str, visitor: Visitor, fault: Fault) -> None:
    """Writes that a recipient asked for a document whose bytes cannot be given out, unless that was just written."""
    await _record(context, document_id, visitor, Event.UNAVAILABLE, {"why": str(fault)})


async def _record(
    context: Context,
    document_id: str,
    visitor: Visitor,
    event: Event,
    details: Mapping[str, Any] | None = None,
) -> None:
    now = context.clock()
    key = {"document_id": document_id, "network": visitor.network, "event": str(event)}
    async with context.database.read() as connection:
        known = await connection.execute(
            select(views.c.at).where(*(views.c[name] == value for name, value in key.items()))
        )
        last = known.scalar()
    if last is not None and last > now - ONCE_IN:
        return
    dialect: Any = sqlite if context.database.sqlite else postgresql
    claim = (
        dialect.insert(views)
        .values(**key, at=now)
        .on_conflict_do_update(index_elements=list(key), set_={"at": now}, where=views.c.at <= now - ONCE_IN)
        .returning(views.c.at)
    )
    async with context.database.write() as connection:
        # Of those that come at once, one writes the row.
        if (await connection.execute(claim)).first() is not None:
            await audit.append(
                context,
                connection,
                audit.subject("document", document_id),
                event,
                address=visitor.address,
                agent=visitor.agent,
                details=details,
            )
