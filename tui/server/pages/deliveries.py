"""Delivery receipts: which bytes of a grant's file have been delivered, and the audit events for it.

*Delivered* when all bytes have been, however many requests it took; *broken off* when a request ended before its last
byte. The audit has each of them once for a grant and network.
"""

from __future__ import annotations

import json
from typing import NamedTuple

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


class Piece(NamedTuple):
    """The bytes from ``start`` up to but not including ``end`` were delivered. Those up to ``possible`` were on their
    way when the connection broke: whether they arrived is seen by where the recipient goes on."""

    start: int
    end: int
    possible: int


Pieces = list[Piece]


def merged(pieces: Pieces, piece: Piece) -> Pieces:
    """``pieces`` with one more; they are sorted and don't touch.

    A recipient who goes on with bytes that were on their way has those before them, whichever of the two requests was
    noted first: the server may notice late that a connection is broken.
    """
    joined: Pieces = []
    for each in sorted([*pieces, piece]):
        last = joined[-1] if joined else None
        if last is not None and each.start <= last.possible:
            joined[-1] = Piece(last.start, max(last.end, each.end), max(last.possible, each.possible))
        else:
            joined.append(each)
    longest = sorted(joined, key=lambda each: each.start - each.end)[:_MAX_PIECES]
    return sorted(longest)


def _read(stored: str | None) -> Pieces:
    # Without the third number, none of the bytes behind the end had been sent.
    return [Piece(start, end, (*more, end)[0]) for start, end, *more in json.loads(stored or "[]")]


def _written(pieces: Pieces) -> str:
    pairs = [each if each.possible > each.end else each[:2] for each in pieces]
    return json.dumps(pairs, separators=(",", ":"))


async def note(
    context: Context, grant: Grant, visitor: Visitor, start: int, sent: int, possible: int, length: int
) -> None:
    """Record that ``sent`` of the ``length`` bytes from ``start`` on were delivered, and that ``possible`` may have
    been."""
    # Without the last byte: a recipient who has all that was requested doesn't resume, and a request for what follows
    # it is another one.
    piece = Piece(start, start + sent, start + max(sent, min(possible, length - 1)))
    async with context.database.write() as connection:
        await lock_document(connection, grant)
        query = select(grant_rows.c.pieces).where(grant_rows.c.hash == grant.hash).with_for_update()
        row = (await connection.execute(query)).first()
        if row is None:
            return
        known = _read(row.pieces)
        pieces = merged(known, piece) if piece.possible > start else known
        if pieces != known:
            await connection.execute(
                update(grant_rows).where(grant_rows.c.hash == grant.hash).values(pieces=_written(pieces))
            )
        if grant.size == 0 or any(each[:2] == (0, grant.size) for each in pieces):
            if await record(context, connection, grant, visitor, Event.DELIVERED):
                await _count(connection, grant)
                await notifications.note(context, connection, grant.document_id, visitor.address)
        elif sent < length:
            delivered = sum(each.end - each.start for each in pieces)
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
