"""Sealing what lies plain from before: while the server serves, one document after another, and interrupted at any
time without loss."""

from __future__ import annotations

import asyncio
import logging
from time import monotonic
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.at_rest import AtRest
from ...rules.errors import Problem
from ..blobs.sealing.rows import Sealing, note_sealing, sealing
from ..context import Context
from ..database.tables import blobs, sealed_contents

log = logging.getLogger("sentlinks")

_WORDS = {None: AtRest.PLAIN, Sealing.BEGUN: AtRest.SEALING, Sealing.DONE: AtRest.SEALED}
#: How long :func:`seal_some` goes on, and how many rows it reads at a time.
SECONDS, _SOME = 5.0, 100


class SealingState(NamedTuple):
    """How far sealing is (``None``: not begun), and how many contents with how many bytes lie plain."""

    sealing: Sealing | None
    left: int
    left_bytes: int


def _plain(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(blobs)
        .join(sealed_contents, sealed_contents.c.key == blobs.c.key, isouter=True)
        .where(sealed_contents.c.key.is_(None))
    )


async def sealing_state(connection: AsyncConnection) -> SealingState:
    """How far sealing is. Takes a while if much has been sealed and not all."""
    now = await sealing(connection)
    if now is Sealing.DONE:
        return SealingState(now, 0, 0)
    count, size = (
        await connection.execute(_plain(func.count(), func.coalesce(func.sum(blobs.c.size), 0)))
    ).one()
    return SealingState(now, count, int(size))


async def at_rest(context: Context) -> AtRest:
    """How documents lie, in a word. Fast."""
    async with context.database.read() as connection:
        return _WORDS[await sealing(connection)]


async def begin(context: Context) -> bool:
    """Begin to seal, for good. Returns ``False`` if that was done before."""
    async with context.database.write() as connection:
        return await note_sealing(connection, None, Sealing.BEGUN)


async def seal_some(context: Context) -> None:
    """Seal for :data:`SECONDS`, resting as long as it takes; at the end of all, note that it is done."""
    async with context.database.read() as connection:
        if await sealing(connection) is not Sealing.BEGUN:
            return
    after, ends, is_all = "", monotonic() + SECONDS, True
    while True:
        query = _plain(*blobs.c).where(blobs.c.key > after).order_by(blobs.c.key).limit(_SOME)
        async with context.database.read() as connection:
            rows = (await connection.execute(query)).all()
        for row in rows:
            if monotonic() >= ends:
                return
            began = monotonic()
            is_all &= await _seal(context, row)
            after = row.key
            await asyncio.sleep(monotonic() - began)
        if len(rows) < _SOME:
            break
    if is_all:
        await _end(context)


async def _seal(context: Context, row: Row[Any]) -> bool:
    """Seal one, unless it can't be; then the next run tries again."""
    if row.size > context.blobs.room():
        return False
    # Damage is found, told and noted by who reads; what is damaged isn't made whole by being sealed.
    if await context.blobs.fault(row.key, row.size, row.damaged) is not None:
        return False
    try:
        await context.blobs.seal(row.key, row.size, row.sha256)
    except (OSError, EOFError, Problem) as error:
        log.warning("the bytes %s can't be encrypted: %s", await context.blobs.place(row.key), error)
        return False
    return True


async def _end(context: Context) -> None:
    """Note that nothing lies plain any more, unless something has been published that did."""
    async with context.database.write() as connection:
        is_left = (await connection.execute(_plain(blobs.c.key).limit(1))).first() is not None
        if not is_left and await note_sealing(connection, Sealing.BEGUN, Sealing.DONE):
            log.info("all documents are encrypted where they lie")
