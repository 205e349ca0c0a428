"""Bytes that are no longer those that were kept: found while they are read, remembered, given to nobody whole."""

from __future__ import annotations

import logging

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from .blobs import Fault
from .context import Context
from .database.tables import blobs

log = logging.getLogger("sentlinks")


async def remember(context: Context, key: str, sha256: str) -> bool:
    """Reads bytes that were found damaged once more, and remembers it where they are; ``False`` where they are not.

    It is remembered until somebody changes the file, or puts another in its place.
    """
    try:
        stamp = await context.blobs.stamp(key)
        if await context.blobs.sha256(key) == sha256:
            log.error("bytes were read wrong once, and right when they were read again")
            return False
    except OSError:
        return False
    async with context.database.write() as connection:
        await connection.execute(update(blobs).where(blobs.c.key == key).values(damaged=stamp))
    return True


async def found(context: Context, connection: AsyncConnection, key: str, size: int) -> Fault | None:
    """As :meth:`Blobs.fault`, with what is remembered of the bytes."""
    query = select(blobs.c.damaged).where(blobs.c.key == key)
    return await context.blobs.fault(key, size, (await connection.execute(query)).scalar())


async def is_news(connection: AsyncConnection, key: str, fault: Fault) -> bool:
    """Whether nobody was told yet that bytes cannot be read at all; nobody else is told from now on."""
    news = update(blobs).where(blobs.c.key == key, blobs.c.damaged.is_distinct_from(str(fault)))
    return (await connection.execute(news.values(damaged=str(fault)))).rowcount > 0
