"""Whether there is room for an upload: in the person's quota, and on the disk."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..base.disk import disk_full
from ..context import Context
from ..database.tables import uploads
from .caller import Caller


async def check_quotas(by: Caller, size: int) -> None:
    """Raise :class:`NoRoom` if all the uploads that the person has begun would exceed their quota when complete."""
    async with by.context.database.read() as connection:
        _, announced = await unfinished(by, connection)
    await by.context.quotas.check(by.person.name, announced + size)


async def unfinished(by: Caller, connection: AsyncConnection) -> tuple[int, int]:
    """The number of the person's unfinished uploads, and their total announced size in bytes."""
    own = uploads.c.user_id == by.id, uploads.c.published_as.is_(None)
    query = select(func.count(), func.coalesce(func.sum(uploads.c.size), 0)).where(
        *own, uploads.c.expires_at > by.context.clock()
    )
    count, announced = (await connection.execute(query)).one()
    return count, int(announced)


async def check_room(context: Context, connection: AsyncConnection, size: int) -> None:
    """Raise ``Failed("disk_full")`` unless ``size`` more bytes fit on the disk.

    Room is left for a reserve, and for everything announced but not received yet.
    """
    expected = uploads.c.published_as.is_(None), uploads.c.expires_at > context.clock()
    announced = select(func.coalesce(func.sum(uploads.c.size), 0)).where(*expected)
    room = context.blobs.room() - size
    if room >= int((await connection.execute(announced)).scalar_one()):
        return
    rows = (await connection.execute(select(uploads.c.blob_key, uploads.c.size).where(*expected))).all()
    lengths = await context.blobs.lengths([row.blob_key for row in rows], connection)
    if room < sum(row.size - received for row, received in zip(rows, lengths, strict=True)):
        raise disk_full(size)
