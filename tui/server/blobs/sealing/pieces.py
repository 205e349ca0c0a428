"""Writing the pieces of an upload: each by one request, and what a request was stopped in is closed by the next one.

Whoever writes holds the piece's file locked from before its row is committed until the row says how much there is. So a
row without a length whose file can be locked is that of a writer that was stopped.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator

from ....files.syncing import sync_data
from ....override import override
from ....rules.errors import Conflict
from ..base import Bytes
from ..local import LocalBlobs
from ..stored_files import locked
from ..writing import Writing, in_thread
from . import rows
from .chunks import PieceOpener, PieceSealer
from .contents import SealedContent, StoredPiece, whole_piece
from .recovery import whole_chunks
from .whole_contents import single
from .writer import ContentWriter, Records, check_offset


class PieceWriter(ContentWriter):
    """Writes pieces to the files of ``store``, and their rows."""

    def __init__(self, store: LocalBlobs, records: Records) -> None:
        self._store = store
        self._records = records

    @override
    async def append(
        self,
        key: str,
        content: SealedContent | None,
        offset: int,
        data: AsyncIterator[Bytes],
        *,
        exact: bool,
        digest: bool,
    ) -> int:
        check_offset(content, offset, exact=exact)
        known = await self._records.known.before(content, offset, digest=digest)
        # A name is used once: the first piece ever has that of the content.
        name = key if content is None else (await self._records.reserved.take(1))[0]
        before = content or SealedContent.new(key)
        sealer = await asyncio.to_thread(PieceSealer, before.secret)
        writing = await self._store.hold(name, sealer, known)
        try:
            kept = before.cut(offset)
            piece = StoredPiece(kept.next_number, name, sealer.salt, None, 0)
            await self._begin(before, kept, piece)
            try:
                await self._store.fill(writing, data)
            finally:
                # Even if the sender disconnects: what has arrived needn't be sent again.
                now = await self._end(writing, kept, piece, sealer)
                await self._records.known.keep(now, writing.prefixes)
            return now.size
        finally:
            os.close(writing.handle)

    @override
    async def whole(
        self, content: SealedContent, data: AsyncIterator[Bytes], name: str | None = None
    ) -> SealedContent:
        sealer = await asyncio.to_thread(PieceSealer, content.secret)
        writing = await self._store.hold(name or content.key, sealer)
        try:
            await self._store.fill(writing, data)
        finally:
            os.close(writing.handle)
        return single(content, sealer, self._store.ident, name)

    async def _begin(self, before: SealedContent, kept: SealedContent, piece: StoredPiece) -> None:
        """Commit the row of a piece before any of its bytes is written, and that only ``kept`` counts of what was
        there. Raises :class:`Conflict` if the content isn't what it was ``before`` any more."""
        try:
            async with self._records.database.write() as connection:
                if piece.name == before.key:
                    is_there = await rows.begin(
                        self._records.database, connection, self._records.keys, before
                    )
                    now: SealedContent | None = before if is_there else None
                else:
                    now = await rows.load_locked(connection, self._records.keys, before.key)
                if now is not None and now.mac is not None:
                    raise Conflict("upload.published", "This upload has already been published.")
                if now != before:
                    raise locked()
                after = kept.with_pieces([*kept.pieces, piece]).written(self._store.ident)
                await rows.change(connection, before, after, self._records.clock())
        except BaseException:
            # If it was committed all the same, the piece has nothing.
            if piece.name != before.key:
                await self._store.delete(piece.name)
            raise

    async def _end(
        self, writing: Writing, kept: SealedContent, piece: StoredPiece, sealer: PieceSealer
    ) -> SealedContent:
        """Note how much the piece has, and return the content with it. If this is stopped, or what is stored isn't all
        that was sealed, the next one who asks finds out."""
        stored = os.fstat(writing.handle).st_size
        if not stored:
            # Nothing was kept, because of what arrived or because the disk is full.
            await self._drop(piece.name)
            return kept
        if stored == sealer.stored:
            async with self._records.database.write() as connection:
                is_there = await rows.end(connection, piece.name, sealer.stored, sealer.used)
            if not is_there:
                # The upload was ended by another request, which has marked the name, too.
                await self._store.delete(piece.name)
        ended = whole_piece(piece.number, piece.name, piece.salt, sealer.used)
        return kept.with_pieces([*kept.pieces, ended])

    async def _drop(self, name: str) -> None:
        async with self._records.database.write() as connection:
            await rows.drop_piece(connection, name, self._records.clock())
        await self._store.delete(name)

    async def closed(self, content: SealedContent) -> SealedContent:
        """The content, with the piece of a writer that was stopped closed. Raises ``Conflict("upload.locked")`` if it
        is still being written."""
        piece = content.unfinished
        if piece is None:
            return content
        handle = await in_thread(self._store.reopen, piece.name)
        try:
            # It may have been closed before it could be locked.
            now = await self._records.known.content(content.key)
            if now is None or now.unfinished != piece:
                return now or content.with_pieces([])
            stored = used = 0
            if handle is not None:
                opener = await asyncio.to_thread(PieceOpener, content.secret, piece.salt)
                stored, used = await in_thread(whole_chunks, handle, opener)
                await in_thread(_cut, handle, stored)
            if used:
                async with self._records.database.write() as connection:
                    await rows.end(connection, piece.name, stored, used)
            else:
                await self._drop(piece.name)
        finally:
            if handle is not None:
                os.close(handle)
        return await self._records.known.content(content.key) or content.with_pieces([])


def _cut(handle: int, length: int) -> None:
    os.ftruncate(handle, length)
    sync_data(handle)
