"""Sealing: recording the newest rows of all chains in one chain of the installation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from ..base.timestamps import micros
from ..context import Context
from ..database.tables import audit_heads, sealed_heads, seals
from .anchors import Advance, Anchor, newest
from .chain import STATES, covered

#: Maximum number of heads in a seal; the rest goes into the next one, which follows immediately.
_MAX_HEADS = 1000


_UNSEALED = (
    select(audit_heads.c.subject, audit_heads.c.sequence, audit_heads.c.mac)
    # Not ``>``: a head that claims to be sealed beyond its end was tampered with, and is sealed too.
    .where(audit_heads.c.sequence != audit_heads.c.sealed)
)


class SealedHead(NamedTuple):
    """The newest row of a chain: its number and its authentication code."""

    subject: str
    sequence: int
    mac: bytes


def seal_mac(context: Context, before: bytes, sequence: int, at: int, heads: Iterable[SealedHead]) -> bytes:
    """The MAC of a seal over ``heads`` (sorted by subject), made ``at`` (microseconds since 1970), which follows one
    whose MAC is ``before``."""
    parts = [covered(before, bytes), str(sequence).encode(), str(at).encode()]
    for head in heads:
        parts += [covered(head.subject, str), str(head.sequence).encode(), covered(head.mac, bytes)]
    return context.keys.audit_mac(b"seal", *parts)


async def seal(context: Context) -> int:
    """Seal the heads that moved since the last seal, and return how many there were.

    Runs when something was written, every minute, and at a clean shutdown. Several processes may run it concurrently.
    """
    async with context.database.read() as connection:
        if (await connection.execute(_UNSEALED.limit(1))).first() is None:
            return 0
    total = 0
    while True:
        try:
            count = await _seal_some(context)
        except IntegrityError:
            # Another process has made this seal.
            return total
        total += count
        if count < _MAX_HEADS:
            return total


async def _seal_some(context: Context) -> int:
    async with context.database.write() as connection:
        # A chain that is being appended to is left to the next seal.
        moved = await connection.execute(_UNSEALED.limit(_MAX_HEADS).with_for_update(skip_locked=True))
        heads = sorted(SealedHead(*row) for row in moved)
        if not heads:
            return 0
        last = await newest(connection)
        sequence, at = last.sequence + 1, context.clock()
        mac = seal_mac(context, last.mac, sequence, micros(at), heads)
        advance = Advance(context, last, Anchor(sequence, mac))
        await connection.execute(insert(seals).values(sequence=sequence, at=at, mac=mac))
        await connection.execute(insert(sealed_heads), [{"seal": sequence, **h._asdict()} for h in heads])
        await _mark(connection, heads)
        await advance.in_transaction(connection)
    await advance.afterwards()
    return len(heads)


async def _mark(connection: AsyncConnection, heads: Sequence[SealedHead]) -> None:
    await connection.execute(
        update(audit_heads)
        .where(audit_heads.c.subject.in_([h.subject for h in heads]))
        .values(sealed=audit_heads.c.sequence)
    )


async def wrongly_marked(connection: AsyncConnection, subjects: Sequence[str] | None) -> Row[Any] | None:
    """Find a chain whose head has a wrong ``sealed`` column, which no MAC covers, among ``subjects`` or all.

    Returns its ``subject`` and the ``sequence`` up to which it really is sealed. A chain that claims more would not be
    sealed again.
    """
    # One statement, since a seal may be made at the same time.
    covered = select(sealed_heads.c.subject, func.max(sealed_heads.c.sequence).label("sequence"))
    if subjects is not None:
        covered = covered.where(sealed_heads.c.subject.in_(subjects))
    sealed_up_to = covered.group_by(sealed_heads.c.subject).subquery()
    reached = func.coalesce(sealed_up_to.c.sequence, 0)
    query: Select[Any] = (
        select(audit_heads.c.subject, reached.label("sequence"))
        .outerjoin(sealed_up_to, sealed_up_to.c.subject == audit_heads.c.subject)
        # Those of states are compared elsewhere (``guards.State``).
        .where(audit_heads.c.sealed != reached, ~audit_heads.c.subject.startswith(STATES))
        .order_by(audit_heads.c.subject)
        .limit(1)
    )
    if subjects is not None:
        query = query.where(audit_heads.c.subject.in_(subjects))
    found: Row[Any] | None = (await connection.execute(query)).first()
    return found
