"""Deliveries: which bytes of a grant's file have arrived, what remains of the grant then, and the audit events for it.

*Delivered* when all bytes have arrived, however many requests it took; *broken off* when a request ended before its
last byte had. The audit has each of them once for a grant and network.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from enum import Enum, auto
from typing import Any, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.state import Event
from .. import notifications
from ..context import Context
from ..database.tables import grant_events, sent_documents
from ..database.tables import grants as grant_rows
from ..http.visitor import Visitor
from . import given_bytes
from .given_bytes import lock_document
from .grants import Grant

#: Maximum number of pieces stored for a grant; beyond it, the shortest are forgotten.
_MAX_PIECES = 200


class DeliveredRange(NamedTuple):
    """The bytes from ``start`` up to but not including ``end`` were delivered. Those up to ``possible`` were on their
    way when the connection broke: whether they arrived is seen by where the recipient goes on."""

    start: int
    end: int
    possible: int


Pieces = list[DeliveredRange]


def merged(pieces: Pieces, piece: DeliveredRange) -> Pieces:
    """``pieces`` with one more; they are sorted and don't touch.

    A recipient who goes on with bytes that were on their way has those before them, whichever of the two requests was
    noted first: the server may notice late that a connection is broken.
    """
    joined: Pieces = []
    for each in sorted([*pieces, piece]):
        last = joined[-1] if joined else None
        if last is not None and each.start <= last.possible:
            joined[-1] = DeliveredRange(
                last.start, max(last.end, each.end), max(last.possible, each.possible)
            )
        else:
            joined.append(each)
    longest = sorted(joined, key=lambda each: each.start - each.end)[:_MAX_PIECES]
    return sorted(longest)


def _read(stored: str | None) -> Pieces:
    # Without the third number, none of the bytes behind the end had been sent.
    return [DeliveredRange(start, end, (*more, end)[0]) for start, end, *more in json.loads(stored or "[]")]


def _written(pieces: Pieces) -> str:
    pairs = [each if each.possible > each.end else each[:2] for each in pieces]
    return json.dumps(pairs, separators=(",", ":"))


class TransferEnd(NamedTuple):
    """How a request for ``length`` bytes from ``start`` on ended.

    The recipient's system took ``taken`` bytes, and ``handed_over`` were on their way to it; ``arrived``: the recipient
    has all of them, since ``at``, which ``is_late`` if it was long after they were sent. If it was ``relayed``, all of
    that is about the proxy.
    """

    start: int
    length: int
    taken: int
    handed_over: int
    arrived: bool
    at: datetime
    is_late: bool = False
    relayed: bool = False

    @property
    def piece(self) -> DeliveredRange:
        """What is certain to have arrived: of a connection that was cut nothing, until the recipient goes on."""
        if self.arrived:
            return DeliveredRange(self.start, self.start + self.length, self.start + self.length)
        return DeliveredRange(self.start, self.start, self.start + self._possible)

    @property
    def piece_at_best(self) -> DeliveredRange:
        """What has arrived if the recipient has read all that its system took."""
        return DeliveredRange(
            self.start, self.start + min(self.taken, self._possible), self.start + self._possible
        )

    @property
    def _possible(self) -> int:
        # Without the last byte: a recipient who has all that was requested doesn't resume, and a request for what
        # follows it is another one.
        return max(min(self.handed_over, self.length - 1), 0)


class Announced(Enum):
    """What :func:`announce` has recorded of a request before its last bytes were sent."""

    NOTHING = auto()
    #: All of its bytes are settled.
    SETTLED = auto()
    #: And with them, all of the file will have arrived.
    DELIVERED = auto()


async def announce(context: Context, grant: Grant, delivery: TransferEnd) -> Announced:
    """Settle a request as if it arrived: whoever has all of its bytes finds them counted. Not to be repeated."""
    async with context.database.write() as connection:
        query = select(grant_rows.c.pieces).where(grant_rows.c.hash == grant.hash).with_for_update()
        known = _read((await connection.execute(query)).scalar())
        await given_bytes.settle(connection, grant, delivery.length, delivery.length, delivery.at)
        arrived = merged(known, delivery._replace(arrived=True).piece)
        if _is_whole(arrived, grant) and await given_bytes.mark_delivered(
            connection, grant, delivery.at, relayed=delivery.relayed
        ):
            return Announced.DELIVERED
    return Announced.SETTLED


async def record(
    context: Context, grant: Grant, visitor: Visitor, delivery: TransferEnd, announced: Announced
) -> None:
    """Record how a request ended, as :func:`settle` and :func:`note` do. Not to be repeated."""
    async with context.database.write() as connection:
        counts = await lock_document(connection, grant)
        await _settle(connection, grant, delivery, announced)
        await _note(context, connection, grant, visitor, delivery, counts)


async def settle(context: Context, grant: Grant, delivery: TransferEnd, announced: Announced) -> None:
    """Release the bytes that were reserved for a request but not taken. Not to be repeated."""
    async with context.database.write() as connection:
        await _settle(connection, grant, delivery, announced)


async def _settle(
    connection: AsyncConnection, grant: Grant, delivery: TransferEnd, announced: Announced
) -> None:
    if announced is Announced.NOTHING:
        await given_bytes.settle(connection, grant, delivery.length, delivery.taken, delivery.at)
        return
    if not delivery.arrived:
        await given_bytes.take_back(connection, grant, delivery.length - delivery.taken)
        if announced is Announced.DELIVERED:
            await given_bytes.unmark_delivered(connection, grant, delivery.at)
    elif announced is Announced.DELIVERED and delivery.is_late and not delivery.relayed:
        await given_bytes.mark_later(connection, grant, delivery.at)


async def note(context: Context, grant: Grant, visitor: Visitor, delivery: TransferEnd) -> None:
    """Record what arrived: in the grant, and for the sender. Repeated, it changes nothing."""
    async with context.database.write() as connection:
        counts = await lock_document(connection, grant)
        await _note(context, connection, grant, visitor, delivery, counts)


async def _note(
    context: Context,
    connection: AsyncConnection,
    grant: Grant,
    visitor: Visitor,
    delivery: TransferEnd,
    counts: Mapping[str, Any],
) -> None:
    if not delivery.arrived and not delivery.handed_over:
        return
    query = select(grant_rows.c.pieces).where(grant_rows.c.hash == grant.hash).with_for_update()
    row = (await connection.execute(query)).first()
    if row is None:
        return
    known = _read(row.pieces)
    pieces = merged(known, delivery.piece)
    if pieces != known:
        await connection.execute(
            update(grant_rows).where(grant_rows.c.hash == grant.hash).values(pieces=_written(pieces))
        )
    was_whole = _is_whole(known, grant)
    if _is_whole(pieces, grant) and (delivery.arrived or not was_whole):
        await given_bytes.mark_delivered(connection, grant, delivery.at, relayed=delivery.relayed)
        details = {**counts, **({"to": "a proxy"} if delivery.relayed else {})}
        if await given_bytes.record(context, connection, grant, visitor, Event.DELIVERED, details):
            await _count(connection, grant)
            await notifications.note(context, connection, grant.document_id, visitor.address)
    elif not delivery.arrived and not was_whole:
        at_best = sum(each.end - each.start for each in merged(known, delivery.piece_at_best))
        # Of a file that was cut, never all of it.
        percent = {"percent": min(100 * at_best // grant.size, 99)}
        await given_bytes.record(context, connection, grant, visitor, Event.BROKEN_OFF, percent)


def _is_whole(pieces: Pieces, grant: Grant) -> bool:
    return (0, grant.size) in (each[:2] for each in pieces)


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
