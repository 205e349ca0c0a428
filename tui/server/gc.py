"""Bytes that nothing refers to any more.

They are noted in the transaction that gives them up and removed after it, so that a crash in between leaves
nothing behind: what is noted and still there is removed by the next round. Bytes that are about to get a document are
noted for a time that is still to come.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from .context import Context
from .database.tables import blobs, dead_blobs, sent_documents, versions

log = logging.getLogger("sentlinks")
_BATCH = 200


async def condemn(connection: AsyncConnection, key: str, now: datetime) -> None:
    """Notes bytes that no row of ``blobs`` is about (those of an upload)."""
    await connection.execute(insert(dead_blobs).values(key=key, since=now))


async def release(connection: AsyncConnection, key: str, now: datetime) -> None:
    """Notes the bytes of a row of ``blobs`` unless a version or a sent document still has them."""
    # The row is held: of two that give up the same bytes at once, the later one sees that it is the last.
    held = await connection.execute(select(blobs.c.key).where(blobs.c.key == key).with_for_update())
    if held.first() is None:
        return
    used: Any = or_(exists().where(versions.c.blob == key), exists().where(sent_documents.c.blob == key))
    if (await connection.execute(select(used))).scalar():
        return
    await connection.execute(delete(blobs).where(blobs.c.key == key))
    await condemn(connection, key, now)


async def bury(context: Context) -> None:
    """Removes all bytes that are noted, and are dead by now. Those that cannot be removed stay noted."""
    due = select(dead_blobs.c.key).where(dead_blobs.c.since <= context.clock()).limit(_BATCH)
    while True:
        async with context.database.read() as connection:
            keys = (await connection.execute(due)).scalars().all()
        gone = []
        for key in keys:
            try:
                await context.blobs.delete(key)
            except OSError as error:
                log.warning("bytes of a removed document cannot be deleted: %s", error)
            else:
                gone.append(key)
        if gone:
            async with context.database.write() as connection:
                await connection.execute(delete(dead_blobs).where(dead_blobs.c.key.in_(gone)))
        if len(gone) < _BATCH:
            return
