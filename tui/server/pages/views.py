"""What recipients only look at in the audit (openings, bytes that are not there): a row a link, network and minute.

Nobody waits for it: where the disk is full, or another program is writing, it is left out.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from ...rules.errors import Failed
from ...rules.state import Event
from .. import audit
from ..blobs import Fault
from ..context import Context
from ..database import NOTE_SECONDS
from ..database.tables import views
from ..http.visitor import Visitor
from ..share.links import Link

log = logging.getLogger("sentlinks")

ONCE_IN = timedelta(minutes=1)
_LAST = select(views.c.at).where(
    *(views.c[key] == bindparam(key) for key in ("document_id", "network", "event"))
)


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
    if context.disk.is_full:
        # What is put by is for opening links and ending them.
        return
    try:
        await _write(context, document_id, visitor, event, details)
    except Failed as error:
        log.warning("that a link was looked at was not written: %s", error.message)


async def _write(
    context: Context, document_id: str, visitor: Visitor, event: Event, details: Mapping[str, Any] | None
) -> None:
    now = context.clock()
    key = {"document_id": document_id, "network": visitor.network, "event": str(event)}
    async with context.database.read() as connection:
        last = (await connection.execute(_LAST, key)).scalar()
    if last is not None and last > now - ONCE_IN:
        return
    dialect: Any = sqlite if context.database.sqlite else postgresql
    claim = (
        dialect.insert(views)
        .values(**key, at=now)
        .on_conflict_do_update(index_elements=list(key), set_={"at": now}, where=views.c.at <= now - ONCE_IN)
        .returning(views.c.at)
    )
    async with context.database.write(patience=NOTE_SECONDS) as connection:
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
