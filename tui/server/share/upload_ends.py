"""The end of uploads that aren't published: by request, or because they have expired."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from ..context import Context
from ..database.tables import uploads
from ..library.gc import collect, mark_for_deletion
from .caller import Caller
from .sends import send_of
from .uploads import find

# Expired uploads are removed this long after they stop being accessible, when no request can be writing to them.
_MARGIN = timedelta(hours=1)
_BATCH = 200


async def terminate(by: Caller, upload_id: str) -> None:
    """End an upload and discard its bytes; those of a published upload belong to the document and stay.

    Raises :class:`NotFound`.
    """
    upload = await find(by, upload_id)
    async with by.context.database.write() as connection:
        await _remove(connection, [upload.id], by.context)
    await collect(by.context)


async def end_all(by: Caller, send_id: str) -> int:
    """End all unfinished uploads of one of the caller's sends. Returns how many. Raises :class:`NotFound`."""
    async with by.context.database.write() as connection:
        await send_of(by, connection, send_id)
        query = select(uploads.c.id).where(
            uploads.c.send_id == send_id, uploads.c.user_id == by.id, uploads.c.published_as.is_(None)
        )
        ids = list((await connection.execute(query)).scalars())
        for start in range(0, len(ids), _BATCH):
            await _remove(connection, ids[start : start + _BATCH], by.context)
    await collect(by.context)
    return len(ids)


async def _remove(connection: Any, ids: list[str], context: Context) -> None:
    removed = await connection.execute(
        delete(uploads).where(uploads.c.id.in_(ids)).returning(uploads.c.blob_key, uploads.c.published_as)
    )
    for row in removed.all():
        if row.published_as is None:
            await mark_for_deletion(connection, row.blob_key, context.clock())


async def remove_expired(context: Context) -> None:
    """Remove expired uploads, and their bytes unless they were published."""
    expired = uploads.c.expires_at <= context.clock() - _MARGIN
    while True:
        async with context.database.read() as connection:
            query = select(uploads.c.id).where(expired).limit(_BATCH)
            ids = list((await connection.execute(query)).scalars())
        if not ids:
            return
        async with context.database.write() as connection:
            await _remove(connection, ids, context)
