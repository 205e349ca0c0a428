"""Recording in the audit that recipients opened a link, or found its bytes unavailable.

Each is recorded at most once per link, network and minute, and skipped if the disk is full or another program is
writing, since recipients must not wait for it. With SQLite, whose writers queue up, an opening is recorded after the
response: it is in the queue before the recipient's next request, so the audit has both in their order.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from ...rules.errors import Failed
from ...rules.state import Event
from .. import audit
from ..base.clock import is_recent, recent
from ..blobs import Fault
from ..context import Context
from ..database import NOTE_SECONDS
from ..database.tables import views
from ..http.visitor import Visitor
from ..limits.link_views import ONCE_IN, Key
from ..share.links import Link

log = logging.getLogger("sentlinks")

_KEY = ("document_id", "network", "event")
#: Seconds that a recording which no one waits for waits for another program's writing.
_PATIENCE = 10.0
_LAST = select(views.c.at).where(*(views.c[name] == bindparam(name) for name in _KEY))


@dataclass(frozen=True, slots=True)
class _Opening:
    document_id: str
    visitor: Visitor
    event: Event
    at: datetime
    details: Mapping[str, Any] | None = None

    @property
    def key(self) -> Key:
        return self.document_id, self.visitor.network, str(self.event)


async def record(context: Context, link: Link, visitor: Visitor, event: Event) -> None:
    """Record that ``link`` was opened (``VIEWED``, or ``SCANNED`` for a scanner), unless it just was recorded."""
    openings, now = context.openings, context.clock()
    key: Key = (link.id, visitor.network, event)
    if openings.is_known(key, now):
        return
    opening = _Opening(link.id, visitor, event, now)
    openings.remember(key, now)
    waits = not context.database.sqlite or openings.are_many
    recording = openings.start(_record(context, opening, NOTE_SECONDS if waits else _PATIENCE))
    if waits:
        await recording


async def record_fault(context: Context, document_id: str, visitor: Visitor, fault: Fault) -> None:
    """Record that a recipient requested a document whose bytes can't be sent, unless it just was recorded."""
    opening = _Opening(document_id, visitor, Event.UNAVAILABLE, context.clock(), {"why": str(fault)})
    await _record(context, opening, NOTE_SECONDS)


async def _record(context: Context, opening: _Opening, patience: float) -> None:
    is_recorded = False
    try:
        # On a full disk, the reserve is for downloads and for ending links.
        if not context.disk.is_full:
            await _write(context, opening, patience)
            is_recorded = True
    except Failed as error:
        log.warning("a view of a link was not recorded: %s", error.message)
    finally:
        if not is_recorded:
            context.openings.forget(opening.key)


async def _write(context: Context, opening: _Opening, patience: float) -> None:
    values = dict(zip(_KEY, opening.key, strict=True))
    last = await context.database.first(_LAST, values)
    if last is not None and is_recent(last.at, opening.at, ONCE_IN):
        context.openings.remember(opening.key, last.at)
        return
    claim = (
        context.database.insert(views)
        .values(**values, at=opening.at)
        .on_conflict_do_update(
            index_elements=_KEY, set_={"at": opening.at}, where=~recent(views.c.at, opening.at, ONCE_IN)
        )
        .returning(views.c.at)
    )
    async with context.database.write(patience=patience) as connection:
        # Of simultaneous requests, only one writes the row.
        if (await connection.execute(claim)).first() is not None:
            await audit.append(
                context,
                connection,
                audit.subject("document", opening.document_id),
                opening.event,
                address=opening.visitor.address,
                agent=opening.visitor.agent,
                details=opening.details,
                at=opening.at,
            )
