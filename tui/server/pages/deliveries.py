"""Delivery receipts: which bytes of a grant's file have been delivered, and the audit events for it.

*Delivered* when all bytes have been, however many requests it took; *broken off* when a request ended before its last
byte. The audit has each of them once for a grant and network.
"""

from __future__ import annotations

import json

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.state import Event
from .. import notifications
from ..context import Context
from ..database.tables import grant_events, sent_documents
from ..database.tables import grants as grant_rows
from ..http.visitor import Visitor
from .grants import Grant, lock_document, record

#: Maximum number of pieces stored for a grant; beyond it, the shortest are forgotten.
_MAX_PIECES = 200

Pieces = list[tuple[int, int]]


def merged(pieces: Pieces, start: int, end: int) -> Pieces:
    """``pieces`` with one more. Each is (first byte, byte after the last); they are sorted and don't touch."""
    separate = []
    for piece in pieces:
        if piece[1] < start or piece[0] > end:
            separate.append(piece)
        else:
            start, end = min(start, piece[0]), max(end, piece[1])
    longest = sorted([*separate, (start, end)], key=lambda piece: piece[0] - piece[1])[:_MAX_PIECES]
    return sorted(longest)


async def note(context: Context, grant: Grant, visitor: Visitor, start: int, sent: int, length: int) -> None:
    """Record that ``sent`` of the ``length`` bytes from ``start`` on were delivered."""
    async with context.database.write() as connection:
        await lock_document(connection, grant)
        query = select(grant_rows.c.pieces).where(grant_rows.c.hash == grant.hash).with_for_update()
        row = (await connection.execute(query)).first()
        if row is None:
            return
        known: Pieces = [(a, b) for a, b in json.loads(row.pieces or "[]")]
        pieces = merged(known, start, start + sent) if sent else known
        if pieces != known:
            pieces_json = json.dumps(pieces, separators=(",", ":"))
            await connection.execute(
                update(grant_rows).where(grant_rows.c.hash == grant.hash).values(pieces=pieces_json)
            )
        if grant.size == 0 or pieces == [(0, grant.size)]:
            if await record(context, connection, grant, visitor, Event.DELIVERED):
                await _count(connection, grant)
                await notifications.note(context, connection, grant.document_id, visitor.address)
        elif sent < length:
            delivered = sum(end - begin for begin, end in pieces)
            details = {"percent": 100 * delivered // grant.size}
            await record(context, connection, grant, visitor, Event.BROKEN_OFF, details)


async def _count(connection: AsyncConnection, grant: Grant) -> None:
    """Count a download as delivered, unless it already was through another network."""
    delivered_events = grant_events.c.hash == grant.hash, grant_events.c.event == str(Event.DELIVERED)
    if (await connection.execute(select(func.count()).where(*delivered_events))).scalar_one() > 1:
        return
    await connection.execute(
        update(sent_documents)
        .where(sent_documents.c.id == grant.document_id, sent_documents.c.settings == grant.settings)
        .values(delivered=sent_documents.c.delivered + 1)
    )
