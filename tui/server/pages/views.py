"""Recording in the audit that recipients opened a link, or found its bytes unavailable.

Each is recorded at most once per link, network and minute, and skipped if the disk is full or another program is
writing, since recipients must not wait for it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select

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
    """Record that ``link`` was opened (``VIEWED``, or ``SCANNED`` for a scanner), unless it just was recorded."""
    await _record(context, link.id, visitor, event)


async def record_fault(context: Context, document_id: str, visitor: Visitor, fault: Fault) -> None:
    """Record that a recipient requested a document whose bytes can't be sent, unless it just was recorded."""
    await _record(context, document_id, visitor, Event.UNAVAILABLE, {"why": str(fault)})


async def _record(
    context: Context,
    document_id: str,
    visitor: Visitor,
    event: Event,
    details: Mapping[str, Any] | None = None,
) -> None:
    if context.disk.is_full:
        # The disk reserve is for downloads and for ending links.
        return
    try:
        await _write(context, document_id, visitor, event, details)
    except Failed as error:
        log.warning("a view of a link was not recorded: %s", error.message)


async def _write(
    context: Context, document_id: str, visitor: Visitor, event: Event, details: Mapping[str, Any] | None
) -> None:
    now = context.clock()
    key = {"document_id": document_id, "network": visitor.network, "event": str(event)}
    async with context.database.read() as connection:
        last = (await connection.execute(_LAST, key)).scalar()
    if last is not None and last > now - ONCE_IN:
        return
    claim = (
        context.database.insert(views)
        .values(**key, at=now)
        .on_conflict_do_update(index_elements=list(key), set_={"at": now}, where=views.c.at <= now - ONCE_IN)
        .returning(views.c.at)
    )
    async with context.database.write(patience=NOTE_SECONDS) as connection:
        # Of simultaneous requests, only one writes the row.
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
