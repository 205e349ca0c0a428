"""Bytes of documents that the database doesn't know: what a crash has left, or what a database that is behind lacks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from ...rules.check_results import Check, ok, warn
from ...rules.display import counted, joined, size_text
from ...rules.text import printable
from ..blobs import StoredBytes
from ..blobs.s3.store import S3Pieces
from ..context import Context
from ..database.tables import blobs, dead_blobs, sealed_pieces, uploads

#: What is younger may have rows soon, or had them a moment ago; and what is older and is to be deleted only later isn't
#: about to become a document's: it was found to be no document's.
_YOUNG, _OLD = timedelta(hours=1), timedelta(days=1)
_BATCH = 500
_EXAMPLES = 5


async def check_left_over(context: Context) -> Check:
    """Compare what is stored with what the database knows; reads names only."""
    places: list[str] = []
    size = 0
    until = context.clock() - _YOUNG
    async for found in context.blobs.stored():
        old = [each for each in found if each.changed_at < until]
        known = await _known(context, [each for each in old if each.key is not None])
        for each in old:
            if each.key not in known:
                places.append(each.place)
                size += each.size
    if not places:
        stores = context.stores.connected
        where = joined([each.address.url if isinstance(each, S3Pieces) else "blobs/" for each in stores])
        return ok("left over", f"Everything in {where} belongs to a document.")
    shown = ", ".join(printable(place) for place in places[:_EXAMPLES])
    more = f" and {len(places) - _EXAMPLES:,} more" if len(places) > _EXAMPLES else ""
    belong = "belongs" if len(places) == 1 else "belong"
    what, otherwise = "file", "move them away"
    if isinstance(context.stores.writing(), S3Pieces):
        what, otherwise = "object", "the server deletes its own, a day after it has told so in its log"
    return warn(
        "left over",
        f"{counted(len(places), what)} ({size_text(size)}) {belong} to no document that the database knows: "
        f"{shown}{more}.",
        f"If the database is behind, they are what it lacks, so keep them. Otherwise {otherwise}.",
    )


async def _known(context: Context, stored: Sequence[StoredBytes]) -> set[str | None]:
    """The keys of those that have a row."""
    found: set[str | None] = set()
    now = context.clock()
    columns = (uploads.c.blob_key, sealed_pieces.c.name, blobs.c.key)
    for start in range(0, len(stored), _BATCH):
        part = stored[start : start + _BATCH]
        keys = [each.key for each in part]
        is_old = {each.key: each.changed_at < now - _OLD for each in part}
        async with context.database.read() as connection:
            # An upload becomes a document, and that garbage: in this order, none is missed on its way.
            for column in columns:
                found.update((await connection.execute(select(column).where(column.in_(keys)))).scalars())
            dead = await connection.execute(select(dead_blobs).where(dead_blobs.c.key.in_(keys)))
            found.update(row.key for row in dead if row.since <= now or not is_old[row.key])
    return found
