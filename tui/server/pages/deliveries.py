"""Receipts: which bytes of a grant's file were given, and what the audit says of it.

*Delivered* once all bytes were given, however many requests it took; *broken off* where a request ended before its last
byte. Each stands in the audit once for a grant and network.
"""

from __future__ import annotations

import json

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.state import Event
from ..context import Context
from ..database.tables import grant_events, sent_documents
from ..database.tables import grants as grant_rows
from ..http.visitor import Visitor
from .grants import Grant, hold_document, record

#: Pieces that are kept of what was given; of more, the shortest are forgotten.
_MOST_PIECES = 200

Pieces = list[tuple[int, int]]


def merged(pieces: Pieces, start: int, end: int) -> Pieces:
    """``pieces`` (from the first byte to behind the last one, in order, apart from one another) with one more."""
    apart = []
    for piece in pieces:
        if piece[1] < start or piece[0] > end:
            apart.append(piece)
        else:
            start, end = min(start, piece[0]), max(end, piece[1])
    longest = sorted([*apart, (start, end)], key=lambda piece: piece[0] - piece[1])[:_MOST_PIECES]
    return sorted(longest)


async def note(context: Context, grant: Grant, visitor: Visitor, start: int, sent: int, length: int) -> None:
    """Writes that ``sent`` of the ``length`` bytes from ``start`` on were given."""
    async with context.database.write() as connection:
        await hold_document(connection, grant)
        found = select(grant_rows.c.pieces).where(grant_rows.c.hash == grant.hash).with_for_update()
        row = (await connection.execute(found)).first()
        if row is None:
            return
        known: Pieces = [(a, b) for a, b in json.loads(row.pieces or "[]")]
        pieces = merged(known, start, start + sent) if sent else known
        if pieces != known:
            kept = json.dumps(pieces, separators=(",", ":"))
            await connection.execute(
                update(grant_rows).where(grant_rows.c.hash == grant.hash).values(pieces=kept)
            )
        if grant.size == 0 or pieces == [(0, grant.size)]:
            if await record(context, connection, grant, visitor, Event.DELIVERED):
                await _count(connection, grant)
        elif sent < length:
            given = sum(end - begin for begin, end in pieces)
            details = {"percent": 100 * given // grant.size}
            await record(context, connection, grant, visitor, Event.BROKEN_OFF, details)


async def _count(connection: AsyncConnection, grant: Grant) -> None:
    """Counts a download as delivered, where it has not been by way of another network."""
    told = grant_events.c.hash == grant.hash, grant_events.c.event == str(Event.DELIVERED)
    if (await connection.execute(select(func.count()).where(*told))).scalar_one() > 1:
        return
    await connection.execute(
        update(sent_documents)
        .where(sent_documents.c.id == grant.document_id, sent_documents.c.settings == grant.settings)
        .values(delivered=sent_documents.c.delivered + 1)
    )
