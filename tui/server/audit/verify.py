"""Proving that no row of the audit was changed, left out, put in or cut off.

What is not yet sealed (the last minute) can be cut from the end of a chain by somebody who rewrites its head as
well; nothing older can.
"""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..context import Context
from ..database.tables import audit, audit_heads, sealed_heads, seals
from .chain import row_mac
from .seals import Head, anchor_path, read_anchor, seal_mac

_BATCH = 500
#: What a broken seal is called in place of a row's subject.
SEALS = "seals"


@dataclass(frozen=True, slots=True)
class Broken:
    """The first row that is not as it was written. ``sequence`` is its place in the chain of ``subject``."""

    subject: str
    sequence: int
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """``broken`` is ``None`` where all holds; ``rows`` is how many were looked at."""

    chains: int
    rows: int
    broken: Broken | None


async def verify(
    context: Context, connection: AsyncConnection, subjects: Iterable[str] | None = None
) -> Verdict:
    """Recomputes the chains of ``subjects`` with their seals, or all of them where it is ``None``.

    Rows that are appended meanwhile do not disturb it.
    """
    chosen = None if subjects is None else sorted(set(subjects))
    chains = rows = 0
    async for heads in _heads(connection, chosen):
        chains += len(heads)
        async for checked, broken in _chains(context, connection, heads):
            rows += checked
            if broken is not None:
                return Verdict(chains, rows, broken)
    if chosen is None:
        broken = await _without_head(connection) or await _all_seals(context, connection)
    else:
        broken = await _seals_of(context, connection, chosen)
    return Verdict(chains, rows, broken or await _anchored(context, connection))


async def _heads(
    connection: AsyncConnection, subjects: Sequence[str] | None
) -> AsyncIterator[dict[str, Head]]:
    query = select(audit_heads.c.subject, audit_heads.c.sequence, audit_heads.c.mac)
    if subjects is not None:
        for start in range(0, len(subjects), _BATCH):
            part = query.where(audit_heads.c.subject.in_(subjects[start : start + _BATCH]))
            yield {row.subject: Head(*row) for row in await connection.execute(part)}
        return
    last = ""
    query = query.order_by(audit_heads.c.subject).limit(_BATCH)
    while True:
        rows = await connection.execute(query.where(audit_heads.c.subject > last))
        found = {row.subject: Head(*row) for row in rows}
        if found:
            yield found
        if len(found) < _BATCH:
            return
        last = max(found)


async def _chains(
    context: Context, connection: AsyncConnection, heads: dict[str, Head]
) -> AsyncIterator[tuple[int, Broken | None]]:
    """For each chain of ``heads``: how many rows were looked at, and the first broken one."""
    stream = await connection.stream(
        select(audit).where(audit.c.subject.in_(heads)).order_by(audit.c.subject, audit.c.sequence)
    )
    subject, sequence, before, ends = "", 0, b"", True
    async for row in stream:
        if row.subject != subject:
            if not ends:
                break
            subject, sequence, before, ends = row.subject, 0, b"", False
        sequence += 1
        if row.sequence != sequence:
            yield 1, Broken(subject, sequence, "it is missing")
            return
        if not hmac.compare_digest(row.mac, row_mac(context, before, row._asdict())):
            yield 1, Broken(subject, sequence, "it was changed, or put in")
            return
        before = row.mac
        head = heads[subject]
        if sequence == head.sequence:
            if head.mac != row.mac:
                yield 1, Broken(subject, sequence, "it is not the row that the chain's head names")
                return
            ends = True
        yield 1, None
    if not ends:
        yield 0, Broken(subject, sequence + 1, "it is missing at the end")
        return
    gone = await _without_rows(connection, heads)
    if gone is not None:
        yield 0, Broken(gone, 1, "it is missing")


async def _without_rows(connection: AsyncConnection, heads: dict[str, Head]) -> str | None:
    query = (
        select(audit_heads.c.subject)
        .outerjoin(audit, and_(audit.c.subject == audit_heads.c.subject, audit.c.sequence == 1))
        .where(audit_heads.c.subject.in_(heads), audit.c.id.is_(None))
        .limit(1)
    )
    return (await connection.execute(query)).scalar()


async def _without_head(connection: AsyncConnection) -> Broken | None:
    query = (
        select(audit.c.subject, audit.c.sequence)
        .outerjoin(audit_heads, audit_heads.c.subject == audit.c.subject)
        .where(audit_heads.c.subject.is_(None))
        .limit(1)
    )
    row = (await connection.execute(query)).first()
    return Broken(row.subject, row.sequence, "its chain has no head") if row else None


def _lost(row: Any) -> Broken | None:
    return Broken(row.subject, row.sequence, "it was sealed, and is missing or changed") if row else None


#: Sealed rows that are no longer there as they were.
_SEALED_AND_LOST = (
    select(sealed_heads.c.subject, sealed_heads.c.sequence)
    .outerjoin(
        audit,
        and_(audit.c.subject == sealed_heads.c.subject, audit.c.sequence == sealed_heads.c.sequence),
    )
    .where(or_(audit.c.id.is_(None), audit.c.mac != sealed_heads.c.mac))
    .order_by(sealed_heads.c.seal, sealed_heads.c.subject)
    .limit(1)
)


async def _all_seals(context: Context, connection: AsyncConnection) -> Broken | None:
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


async def _seals_of(context: Context, connection: AsyncConnection, subjects: Sequence[str]) -> Broken | None:
    for start in range(0, len(subjects), _BATCH):
        part = sealed_heads.c.subject.in_(subjects[start : start + _BATCH])
        lost = _lost((await connection.execute(_SEALED_AND_LOST.where(part))).first())
        if lost is not None:
            return lost
        numbers = await connection.execute(select(sealed_heads.c.seal).where(part).distinct())
        broken = await _each_seal(context, connection, sorted(numbers.scalars()))
        if broken is not None:
            return broken
    return None


async def _each_seal(context: Context, connection: AsyncConnection, numbers: Sequence[int]) -> Broken | None:
    for start in range(0, len(numbers), _BATCH):
        part = numbers[start : start + _BATCH]
        rows = await connection.execute(
            select(seals.c.sequence, seals.c.mac).where(seals.c.sequence.in_([n - 1 for n in part]))
        )
        macs = {row.sequence: row.mac for row in rows}
        for seal, heads in await _sealed(connection, part):
            before = macs.get(seal.sequence - 1, b"")
            if seal.mac != seal_mac(context, before, seal.sequence, seal.at, heads):
                return Broken(SEALS, seal.sequence, "it was changed")
    return None


async def _sealed(connection: AsyncConnection, numbers: Sequence[int]) -> list[tuple[Any, list[Head]]]:
    """Seals with what they cover, in their order."""
    found = (
        await connection.execute(
            select(seals).where(seals.c.sequence.in_(numbers)).order_by(seals.c.sequence)
        )
    ).all()
    entries = await connection.execute(
        select(sealed_heads).where(sealed_heads.c.seal.in_(numbers)).order_by(sealed_heads.c.seal)
    )
    covered = {
        number: sorted(Head(row.subject, row.sequence, row.mac) for row in rows)
        for number, rows in groupby(entries, lambda row: row.seal)
    }
    return [(seal, covered.get(seal.sequence, [])) for seal in found]


async def _anchored(context: Context, connection: AsyncConnection) -> Broken | None:
    """Whether the newest seal that this machine has seen is there: else seals were cut off at the end."""
    try:
        anchor = read_anchor(anchor_path(context))
    except ValueError:
        return Broken(SEALS, 0, "the file audit.seal in the data folder cannot be read")
    if anchor is None:
        return None
    mac = (await connection.execute(select(seals.c.mac).where(seals.c.sequence == anchor.sequence))).scalar()
    return None if mac == anchor.mac else Broken(SEALS, anchor.sequence, "it is missing at the end")
