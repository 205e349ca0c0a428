"""Sealing a whole content as one piece: what arrives at once, and what lies plain from before."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import select

from ...base.clock import Clock
from ...base.keys import Keys
from ...database import Database
from ...database.tables import blobs as contents_of_documents
from ..base import PIECE, Bytes
from ..local import LocalBlobs
from ..reserved_keys import ReservedKeys
from . import rows
from .chunks import PieceSealer
from .contents import SealedContent, whole_piece
from .writer import ContentWriter

#: How long what lies plain is kept after it was sealed, for those who are reading it.
_STILL_READ = timedelta(hours=1)
#: What has more bytes may take longer to be sealed than a reserved key is kept; nothing takes longer than this.
_LARGE, _LONGEST = 1024**3, timedelta(days=7)


def seal_all(
    contents: Mapping[str, Sequence[Bytes]], store: str
) -> tuple[list[SealedContent], dict[str, Sequence[Bytes]]]:
    """New contents, and what is to be stored of each, in that ``store``."""
    sealed: list[SealedContent] = []
    stored: dict[str, Sequence[Bytes]] = {}
    for key, texts in contents.items():
        content = SealedContent.new(key)
        sealer = PieceSealer(content.secret)
        stored[key] = [*sealer.take(texts), *sealer.finish()]
        sealed.append(single(content, sealer, store))
    return sealed, stored


def single(content: SealedContent, sealer: PieceSealer, store: str, name: str | None = None) -> SealedContent:
    """A content with the one piece that was sealed, if there is anything in it, and is written to that ``store``."""
    if not sealer.used:
        return content
    return content.with_pieces([whole_piece(0, name or content.key, sealer.salt, sealer.used)]).written(store)


class PlainSealer:
    """Seals what lies plain in ``plain``, as the ``writer`` of that moment does."""

    def __init__(
        self,
        plain: LocalBlobs,
        writer: Callable[[], ContentWriter],
        database: Database,
        keys: Keys,
        reserved: ReservedKeys,
        clock: Clock,
    ) -> None:
        self._plain = plain
        self._writer = writer
        self._database = database
        self._keys = keys
        self._reserved = reserved
        self._clock = clock

    async def seal(self, key: str, size: int, sha256: str) -> None:
        """As :meth:`Blobs.seal`. Whenever this is stopped, the content is whole, plain or sealed."""
        (name,) = await self._reserved.take(1)
        if size > _LARGE:
            async with self._database.write() as connection:
                await rows.mark(connection, [name], self._clock() + _LONGEST)
        content, is_used = SealedContent.new(key), False
        try:
            stored = await self._writer().whole(content, self._bytes(key, size, sha256), name)
            sealed = stored.fixed(size, sha256)
            is_used = await self._replace(content, sealed) and bool(sealed.pieces)
        finally:
            if not is_used:
                await self._plain.delete(name)

    async def _bytes(self, key: str, size: int, sha256: str) -> AsyncIterator[Bytes]:
        whole = self._plain.whole(key, size, sha256)
        for start in range(0, size, PIECE):
            yield await whole.next(min(PIECE, size - start))

    async def _replace(self, before: SealedContent, sealed: SealedContent) -> bool:
        """Make ``sealed`` the content, unless it is no document's any more, or sealed already. What lies plain is
        deleted when nobody reads it any more."""
        assert sealed.mac is not None
        documents = contents_of_documents
        async with self._database.write() as connection:
            lock = select(documents.c.key).where(documents.c.key == sealed.key).with_for_update()
            if (await connection.execute(lock)).first() is None:
                return False
            if not await rows.begin(self._database, connection, self._keys, before):
                return False
            now = self._clock()
            await rows.change(connection, before, sealed, now)
            await rows.fix(connection, sealed.key, sealed.mac)
            await rows.mark(connection, [sealed.key], now + _STILL_READ)
        return True
