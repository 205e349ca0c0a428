"""Heads of the chains, with digests that need no key, to be signed and stored elsewhere (``rules.heads``)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.heads import ChainHead, Head, row_digest
from ..database.tables import audit, stored
from .chain import covered, row_parts

_BATCH = 500
#: Other requests are served after this many rows.
_TURN = 50


async def collect(connection: AsyncConnection, subjects: Sequence[str] | None = None) -> list[Head]:
    """The heads of ``subjects``, or of all chains, sorted by subject."""
    found: dict[str, Head] = {}
    async for row, digest in _digests(connection, subjects):
        found[row.subject] = Head(row.subject, row.sequence, digest.hex())
    return [found[subject] for subject in sorted(found)]


async def look_up(connection: AsyncConnection, wanted: Mapping[str, int]) -> list[ChainHead]:
    """What exists of each chain, up to the row given in ``wanted``."""
    rows, ends = dict.fromkeys(wanted, 0), dict[str, str]()
    async for row, digest in _digests(connection, list(wanted)):
        if not isinstance(row.sequence, int):
            continue
        if row.sequence <= wanted[row.subject]:
            rows[row.subject] += 1
        if row.sequence == wanted[row.subject] == rows[row.subject]:
            ends[row.subject] = digest.hex()
    return [ChainHead(rows[subject], ends.get(subject)) for subject in wanted]


async def _digests(
    connection: AsyncConnection, subjects: Sequence[str] | None
) -> AsyncIterator[tuple[Row[Any], bytes]]:
    query = select(*stored(audit.c)).order_by(audit.c.subject, audit.c.sequence)
    parts: list[ColumnElement[bool] | None] = [None]
    if subjects is not None:
        parts = [audit.c.subject.in_(subjects[n : n + _BATCH]) for n in range(0, len(subjects), _BATCH)]
    chain, before, count = "", b"", 0
    for part in parts:
        async for row in await connection.stream(query if part is None else query.where(part)):
            if row.subject != chain:
                chain, before = row.subject, b""
            before = row_digest(before, (*row_parts(row._asdict()), covered(row.mac, bytes)))
            yield row, before
            count += 1
            if count % _TURN == 0:
                await asyncio.sleep(0)
