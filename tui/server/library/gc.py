"""Garbage collection of bytes that nothing refers to any more.

Bytes are marked for deletion in the transaction that drops the last reference to them, and deleted afterwards. A crash
in between leaks nothing: the next run deletes whatever is still marked. Bytes that are about to become a document's are
marked with a time in the future.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..blobs import StoreAway
from ..blobs.sealing.rows import forget, mark
from ..context import Context
from ..database.tables import blobs, dead_blobs, sent_documents, versions

log = logging.getLogger("sentlinks")
_BATCH = 200


async def mark_for_deletion(connection: AsyncConnection, key: str, now: datetime) -> None:
    """Mark bytes for deletion that have no row in ``blobs`` (those of an upload), and destroy their key: from now on,
    they are noise."""
    await mark(connection, {key, *await forget(connection, key)}, now)


async def release(connection: AsyncConnection, key: str, now: datetime) -> None:
    """Mark the bytes of a row in ``blobs`` for deletion, unless a version or a sent document still refers to them."""
    # Lock the row: if two transactions drop the same bytes concurrently, the second one sees that none refers to them.
    row = await connection.execute(select(blobs.c.key).where(blobs.c.key == key).with_for_update())
    if row.first() is None:
        return
    used: Any = or_(exists().where(versions.c.blob == key), exists().where(sent_documents.c.blob == key))
    if (await connection.execute(select(used))).scalar():
        return
    await connection.execute(delete(blobs).where(blobs.c.key == key))
    await mark_for_deletion(connection, key, now)


async def collect(context: Context) -> None:
    """Delete all bytes that are marked for deletion by now. Those that can't be deleted stay marked; so do all while
    documents are moved to another store: whoever moves them may be about to store what was deleted just now."""
    after: str | None = ""
    while after is not None:
        due = (
            select(dead_blobs.c.key)
            .where(dead_blobs.c.since <= context.clock(), dead_blobs.c.key > after)
            .order_by(dead_blobs.c.key)
            .limit(_BATCH)
        )
        async with context.database.read() as connection:
            keys = (await connection.execute(due)).scalars().all()
        after = keys[-1] if len(keys) == _BATCH else None
        deleted = []
        for key in keys:
            try:
                await context.blobs.remove(key)
            except StoreAway:
                # Neither are the others to be reached.
                after = None
                break
            except OSError as error:
                log.warning("can't delete the bytes of a removed document: %s", error)
            else:
                deleted.append(key)
        if deleted:
            if not context.stores.seen:
                async with context.database.write() as connection:
                    await connection.execute(delete(dead_blobs).where(dead_blobs.c.key.in_(deleted)))
            context.database.is_wiped = False
    # The keys of what was deleted are still in the log until then.
    if not context.database.is_wiped:
        context.database.is_wiped = await context.database.wipe()
