"""Bytes in an S3 store that no row knows: what was stored only after it had been deleted, because the store had been
away, or what the rows of a lost database knew.

That none of them is needed: the row of a name (of a reserved one, a piece, an upload or a document) is there before its
bytes, and moves from one table to another in one transaction. So a name that was listed, and of which one statement,
later, finds no row anywhere, had its row and has lost it; and no name is used twice.

Whether the database is one that was restored and lacks what others need can't always be known. So they are told, and
deleted a day later: ``admin check`` names them until then, and a newer database knows them again.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.display import counted
from ..audit import find_behind
from ..blobs import moves
from ..blobs.s3.store import S3Pieces
from ..blobs.sealing.rows import mark
from ..context import Context
from ..database.tables import blobs, dead_blobs, sealed_pieces, uploads

log = logging.getLogger("sentlinks")

#: What is younger is left alone, whatever is known of it; and how long what was found is kept.
_YOUNG, _KEPT = timedelta(days=1), timedelta(days=1)
_SOME = 500
_NAMES = (sealed_pieces.c.name, dead_blobs.c.key, uploads.c.blob_key, blobs.c.key)


async def sweep(context: Context) -> None:
    """Mark orphans for deletion. Does nothing while the database may lack what others need: rows that were lost are
    found by ``audit.seal``, and another installation's store by its mark. Raises :class:`StoreAway`."""
    store = context.stores.writing()
    if not isinstance(store, S3Pieces):
        return
    async with context.database.read() as connection:
        where = await moves.look(connection)
    # While documents are moved, names may be in either store, and what is copied just now has its turn.
    if where.move is not None or where.present.id != store.ident:
        return
    if await store.marker() != store.ident or await find_behind(context) is not None:
        return
    swept, until = 0, context.clock() - _YOUNG
    async for found in store.stored():
        names = [each.key for each in found if each.key is not None and each.changed_at < until]
        for start in range(0, len(names), _SOME):
            swept += await _mark_unknown(context, names[start : start + _SOME])
    if swept:
        log.warning(
            "%s of no document will be deleted from the store in a day; if the database was restored, and lacks "
            "documents, see: sentlinks admin check",
            counted(swept, "object"),
        )


async def _mark_unknown(context: Context, names: Sequence[str]) -> int:
    async with context.database.read() as connection:
        known = await _known(connection, names)
    unknown = [name for name in names if name not in known]
    if unknown:
        async with context.database.write() as connection:
            await mark(connection, unknown, context.clock() + _KEPT)
    return len(unknown)


async def _known(connection: AsyncConnection, names: Collection[str]) -> set[str]:
    """Those that have a row. In one statement, which sees the tables as they were at one moment."""
    parts = (select(column.label("name")).where(column.in_(names)) for column in _NAMES)
    return set((await connection.execute(union_all(*parts))).scalars())
