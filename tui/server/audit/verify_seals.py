"""Verifying the seals and their anchors: what they cover must be unchanged, and none may be cut off."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..context import Context
from ..database.tables import audit, installation, sealed_heads, seals, stored
from . import anchors
from .chain import STATES, covered
from .report import SEALS, Broken
from .seals import SealedHead, seal_mac, wrongly_marked

_BATCH = 500


def _lost(row: Any) -> Broken | None:
    return (
        Broken.at(row.subject, row.sequence, "it was sealed, but is missing or was changed") if row else None
    )


#: Sealed rows that are missing or changed.
_SEALED_AND_LOST = (
    select(*stored((sealed_heads.c.subject, sealed_heads.c.sequence)))
    .outerjoin(
        audit,
        and_(audit.c.subject == sealed_heads.c.subject, audit.c.sequence == sealed_heads.c.sequence),
    )
    # States have no rows; they are compared with the seals elsewhere (``changed_states``).
    .where(~sealed_heads.c.subject.startswith(STATES))
    .where(or_(audit.c.id.is_(None), audit.c.mac != sealed_heads.c.mac))
    .order_by(sealed_heads.c.seal, sealed_heads.c.subject)
    .limit(1)
)


async def check_all_seals(context: Context, connection: AsyncConnection) -> Broken | None:
    """The first seal that was changed or is missing; ``None`` if all are whole. Reads all of them, in batches."""
    last = (
        await connection.execute(select(seals.c.sequence).order_by(seals.c.sequence.desc()).limit(1))
    ).scalar()
    expected, before = 1, b""
    for start in range(1, (last or 0) + 1, _BATCH):
        end = min(start + _BATCH - 1, last or 0)
        for seal, heads in await _sealed(connection, list(range(start, end + 1))):
            if seal.sequence != expected:
                break
            if seal.mac != seal_mac(context, before, seal.sequence, seal.at, heads):
                return Broken(SEALS, seal.sequence, "it was changed")
            expected, before = expected + 1, seal.mac
        if expected != end + 1:
            return Broken(SEALS, expected, "it is missing")
    return _lost((await connection.execute(_SEALED_AND_LOST)).first())


async def check_seals_of(
    context: Context, connection: AsyncConnection, subjects: Sequence[str]
) -> Broken | None:
    """The same for the seals that cover the chains of ``subjects``."""
    for start in range(0, len(subjects), _BATCH):
        part = sealed_heads.c.subject.in_(subjects[start : start + _BATCH])
        lost = _lost((await connection.execute(_SEALED_AND_LOST.where(part))).first())
        if lost is not None:
            return lost
        numbers = await connection.execute(select(sealed_heads.c.seal).where(part).distinct())
        found = numbers.scalars().all()
        if not all(isinstance(number, int) for number in found):
            return Broken(SEALS, 0, "the number of a seal was changed")
        broken = await _each_seal(context, connection, sorted(found))
        if broken is not None:
            return broken
    return None


async def _each_seal(context: Context, connection: AsyncConnection, numbers: Sequence[int]) -> Broken | None:
    for start in range(0, len(numbers), _BATCH):
        part = numbers[start : start + _BATCH]
        rows = await connection.execute(
            select(*stored((seals.c.sequence, seals.c.mac))).where(
                seals.c.sequence.in_([n - 1 for n in part])
            )
        )
        macs = {row.sequence: row.mac for row in rows}
        found = await _sealed(connection, part)
        missing = set(part) - {seal.sequence for seal, _ in found}
        if missing:
            return Broken(SEALS, min(missing), "it is missing")
        for seal, heads in found:
            if seal.sequence > 1 and seal.sequence - 1 not in macs:
                return Broken(SEALS, seal.sequence - 1, "it is missing")
            before = macs.get(seal.sequence - 1, b"")
            if seal.mac != seal_mac(context, before, seal.sequence, seal.at, heads):
                return Broken(SEALS, seal.sequence, "it was changed")
    return None


async def _sealed(connection: AsyncConnection, numbers: Sequence[int]) -> list[tuple[Any, list[SealedHead]]]:
    """Seals with the heads that they cover, in order."""
    found = (
        await connection.execute(
            select(*stored(seals.c)).where(seals.c.sequence.in_(numbers)).order_by(seals.c.sequence)
        )
    ).all()
    entries = await connection.execute(
        select(*stored(sealed_heads.c)).where(sealed_heads.c.seal.in_(numbers)).order_by(sealed_heads.c.seal)
    )
    heads_of = {
        number: sorted(
            (SealedHead(row.subject, row.sequence, row.mac) for row in rows),
            key=lambda head: covered(head.subject, str),
        )
        for number, rows in groupby(entries, lambda row: row.seal)
    }
    return [(seal, heads_of.get(seal.sequence, [])) for seal in found]


async def check_marks(connection: AsyncConnection, subjects: Sequence[str] | None) -> Broken | None:
    """Find a chain whose head claims that it is sealed further than it is, so it would no longer be sealed."""
    parts = (
        [None] if subjects is None else [subjects[n : n + _BATCH] for n in range(0, len(subjects), _BATCH)]
    )
    for part in parts:
        row = await wrongly_marked(connection, part)
        if row is not None:
            reached = row.sequence + 1 if isinstance(row.sequence, int) else 0
            return Broken.at(row.subject, reached, "the record of how far it was sealed was changed")
    return None


async def check_anchors(context: Context, connection: AsyncConnection) -> Broken | None:
    """Check that the number of seals and the newest one match the anchors; otherwise seals were cut off."""
    newest = select(*stored([seals.c.mac])).where(seals.c.sequence == installation.c.anchor_sequence)
    # One statement, since another seal may be made at the same time.
    columns = installation.c.anchor_sequence, installation.c.anchor_seal, installation.c.anchor_mac
    query = select(
        *stored(columns),
        select(func.count()).select_from(seals).scalar_subquery().label("seals"),
        newest.scalar_subquery().label("newest"),
    )
    row = (await connection.execute(query)).first()
    anchor = row and anchors.verified(context, row.anchor_sequence, row.anchor_seal, row.anchor_mac)
    if row is None or anchor is None:
        return Broken(SEALS, 0, "the anchor in the database is missing, or was changed")
    if anchor != anchors.NONE_YET and row.newest != anchor.mac:
        return Broken(SEALS, anchor.sequence, "it is missing at the end")
    if row.seals != anchor.sequence:
        return Broken(SEALS, await _gap(connection), "it is missing, or was inserted")
    try:
        file_anchor = anchors.read_file(context)
    except ValueError:
        return Broken(SEALS, 0, "the anchor in the data folder (audit.seal) was changed")
    if file_anchor is None:
        return Broken(SEALS, 0, "the anchor in the data folder (audit.seal) is missing")
    is_there = await anchors.seal_exists(context, connection, file_anchor)
    return None if is_there else Broken(SEALS, file_anchor.sequence, "it is missing at the end")


async def _gap(connection: AsyncConnection) -> int:
    """The number of the first missing seal."""
    later = seals.alias()
    query = (
        select(func.min(seals.c.sequence))
        .outerjoin(later, later.c.sequence == seals.c.sequence + 1)
        .where(later.c.sequence.is_(None))
    )
    first = (await connection.execute(select(func.min(seals.c.sequence)))).scalar()
    return 1 if first != 1 else int((await connection.execute(query)).scalar_one()) + 1
