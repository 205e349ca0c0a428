"""Bytes that are no longer those that were kept: found while they are read, remembered, given to nobody whole."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from .blobs import Blobs, Damaged, Fault
from .blobs.base import Digest
from .context import Context
from .database.tables import blobs

log = logging.getLogger("sentlinks")


class Check:
    """Of bytes that are read from the first to the last, whether they are those with the digest ``sha256``.

    A part of a document cannot be checked: ``digest`` is ``None`` then.
    """

    def __init__(self, start: int, length: int, size: int, sha256: str) -> None:
        self.digest: Digest | None = hashlib.sha256() if start == 0 and length == size else None
        self._left = length
        self._sha256 = sha256

    def take(self, piece: bytes) -> None:
        """To be asked before ``piece`` is given out; raises :class:`Damaged` where it is the last, and they are not."""
        self._left -= len(piece)
        if self.digest is not None and self._left == 0 and self.digest.hexdigest() != self._sha256:
            raise Damaged("the digest is not that of what was kept")


async def read(
    kept: Blobs, key: str, start: int, length: int, *, size: int, sha256: str
) -> AsyncGenerator[bytes, None]:
    """As :meth:`Blobs.read`, of a document of ``size`` bytes; raises :class:`Damaged` before the last piece."""
    check = Check(start, length, size, sha256)
    async with closing(kept.read(key, start, length, check.digest)) as pieces:
        async for piece in pieces:
            check.take(piece)
            yield piece


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


@asynccontextmanager
async def closing(pieces: AsyncIterator[bytes]) -> AsyncIterator[AsyncIterator[bytes]]:
    """Closes what is read from at the end of the block."""
    try:
        yield pieces
    finally:
        if isinstance(pieces, AsyncGenerator):
            await pieces.aclose()
