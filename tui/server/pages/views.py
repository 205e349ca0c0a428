"""Openings of a link in the audit: at most one row for a link, network and minute."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from ...rules.state import Event
from .. import audit
from ..context import Context
from ..database.tables import views
from ..share.links import Link
from .visitor import Visitor

ONCE_IN = timedelta(minutes=1)


async def record(context: Context, link: Link, visitor: Visitor, event: Event) -> None:
    """Writes that ``link`` was opened (``VIEWED``, or ``SCANNED`` for a scanner), unless it just was."""
    now = context.clock()
    key = {"document_id": link.id, "network": visitor.network, "event": str(event)}
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
                audit.subject("document", link.id),
                event,
                address=visitor.address,
                agent=visitor.agent,
            )
