"""Stored bytes that have become corrupt: detected while they are read, recorded, and never delivered in full."""

from __future__ import annotations

import logging

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..blobs import NOT_AS_STORED, Fault
from ..context import Context
from ..database.tables import blobs

log = logging.getLogger("sentlinks")


async def remember(context: Context, key: str, sha256: str) -> bool:
    """Reread bytes that seemed damaged or missing. If they are, record that and return ``True``, else ``False``.

    The record holds until one of their files is changed or replaced.
    """
    try:
        stamp = await context.blobs.stamp(key)
    except OSError:
        return False
    try:
        if await context.blobs.sha256(key) == sha256:
            log.error("bytes looked damaged when first read, but were intact when read again")
            return False
    except NOT_AS_STORED:
        pass
    except OSError:
        return False
    async with context.database.write() as connection:
        await connection.execute(update(blobs).where(blobs.c.key == key).values(damaged=stamp))
    return True


async def note_found(context: Context, key: str, fault: Fault | None) -> None:
    """Note what a check has found, so that ``/readyz`` tells of it as long as it is so; ``None``: nothing any more.

    In another word than :func:`record_fault`'s: whoever asks for the document is told in the audit all the same.
    """
    noted = blobs.c.damaged
    async with context.database.write() as connection:
        if fault is None:
            await connection.execute(update(blobs).where(blobs.c.key == key).values(damaged=None))
        else:
            # What is noted already is looked at again, too.
            first = update(blobs).where(blobs.c.key == key, noted.is_(None))
            await connection.execute(first.values(damaged=f"found {fault}"))


async def find_fault(context: Context, key: str, size: int) -> Fault | None:
    """Like :meth:`Blobs.fault`, taking recorded damage into account. Not for one who holds a connection: a store
    elsewhere may take its time."""
    async with context.database.read() as connection:
        query = select(blobs.c.damaged).where(blobs.c.key == key)
        damaged = (await connection.execute(query)).scalar()
    return await context.blobs.fault(key, size, damaged)


async def record_fault(connection: AsyncConnection, key: str, fault: Fault) -> bool:
    """Record that bytes can't be read because of ``fault``. Return whether this is the first time, so that the
    audit says it only once."""
    first_record = update(blobs).where(blobs.c.key == key, blobs.c.damaged.is_distinct_from(str(fault)))
    return (await connection.execute(first_record.values(damaged=str(fault)))).rowcount > 0
