"""Writing contents as objects, each of which is stored at once, whole or not at all: in an S3 store.

A piece's name is reserved, and so marked for deletion, before its bytes are stored (:mod:`..reserved_keys`), and its
row is committed afterwards, with its length: there are no pieces without one. Whoever is stopped in between leaves
bytes that are deleted. Nobody is locked out: of two who write to one content, the one whose list isn't what it was any
more is told so.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol

from ....override import override
from ....rules.errors import Conflict
from ...base.clock import Clock
from ...base.keys import Keys
from ...database import Database
from ..base import PIECE, Bytes, Discard, Store, StoreAway
from ..reserved_keys import ReservedKeys
from ..running import Prefix
from ..stored_files import locked
from ..writing import in_thread
from . import rows
from .chunks import PieceSealer
from .contents import SealedContent, whole_piece
from .writer import ContentWriter, Records, check_offset

#: A piece is closed after this many bytes of text, which are whole chunks, and so many pieces are stored at once. The
#: next one arrives meanwhile, so more would cost memory; with fewer, requests would take longer than their bytes.
PIECE_BYTES, _AT_ONCE = 8 * 1024 * 1024, 2
#: How long what belongs to no document yet is kept, and how often that is put off while more arrives.
_KEPT, _PUT_OFF_EVERY = timedelta(hours=2), timedelta(minutes=20)


class _List(Protocol):
    """The list of pieces of a content, as far as it is known to others."""

    async def add(self, after: SealedContent) -> SealedContent:
        """Have ``after``, with one more piece, in its place, and return that as it is then. Raises :class:`Conflict` if
        it was changed."""

    async def replace(self, after: SealedContent) -> None:
        """Have another list in its place. Raises :class:`Conflict` if it was changed."""


class ObjectWriter(ContentWriter):
    """Writes pieces to ``store``, and their rows."""

    def __init__(self, store: Store, records: Records) -> None:
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
        before = content or SealedContent.new(key)
        listed = _Rows(
            self._records.database, self._records.keys, self._records.clock, before, is_new=content is None
        )
        arriving = _Arriving(self._store, self._records.reserved, before.cut(offset), known, listed)
        try:
            async for text in data:
                await arriving.take(text)
        except Discard:
            await arriving.discard()
            raise
        finally:
            # Even if the sender disconnects: what has arrived needn't be sent again.
            now = await arriving.finish()
            if arriving.prefixes:
                await self._records.known.keep(now, arriving.prefixes)
        return now.size

    @override
    async def whole(
        self, content: SealedContent, data: AsyncIterator[Bytes], name: str | None = None
    ) -> SealedContent:
        arriving = _Arriving(
            self._store,
            self._records.reserved,
            content,
            None,
            _Marked(self._records.database, self._records.clock),
        )
        async for text in data:
            await arriving.take(text)
        return await arriving.finish()


class _Rows(_List):
    """The rows of a content that is an upload's."""

    def __init__(
        self, database: Database, keys: Keys, clock: Clock, before: SealedContent, *, is_new: bool
    ) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock
        self._listed = before
        self._is_new = is_new

    @override
    async def add(self, after: SealedContent) -> SealedContent:
        await self._change(after)
        return after.noted()

    @override
    async def replace(self, after: SealedContent) -> None:
        if self._is_new or after != self._listed:
            await self._change(after)

    async def _change(self, after: SealedContent) -> None:
        now, listed = self._clock(), self._listed
        async with self._database.write() as connection:
            if self._is_new:
                if not await rows.begin(self._database, connection, self._keys, listed):
                    raise locked()
            else:
                end = await rows.load_end(connection, listed.key)
                if end is not None and end.mac is not None:
                    raise Conflict("upload.published", "This upload has already been published.")
                if end is None or end.last != (listed.pieces[-1] if listed.pieces else None):
                    raise locked()
            new = after.pieces[-1:] if after.pieces[:-1] == listed.pieces else ()
            if new:
                # Without looking at all the others each time.
                await rows.append_piece(connection, listed, new[0])
                if not await rows.unmark(connection, [new[0].name]):
                    raise StoreAway("storing a piece took longer than its name is reserved")
            else:
                await rows.change(connection, listed, after, now)
        self._listed, self._is_new = after, False


class _Marked(_List):
    """A content that is to become a document's all at once: its pieces stay marked for deletion until then."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._put_off_at: datetime = clock()

    @override
    async def add(self, after: SealedContent) -> SealedContent:
        now = self._clock()
        if now - self._put_off_at >= _PUT_OFF_EVERY:
            async with self._database.write() as connection:
                await rows.mark(connection, [piece.name for piece in after.pieces], now + _KEPT)
            self._put_off_at = now
        return after

    @override
    async def replace(self, after: SealedContent) -> None:
        """Nothing is listed anywhere."""


class _Arriving:
    """Bytes that follow those of ``content``, whose digest is ``known``. While pieces are being stored, the next one
    arrives."""

    def __init__(
        self,
        store: Store,
        reserved: ReservedKeys,
        content: SealedContent,
        known: Prefix | None,
        listed: _List,
    ) -> None:
        self._store = store
        self._reserved = reserved
        #: What was there, and with what was stored since.
        self._kept = self._content = content
        self._listed = listed
        self._known = known
        self._digest = known.digest.copy() if known is not None else None
        #: What arrived, what was sealed of it since the last piece, and how many bytes both are.
        self._texts: list[Bytes] = []
        self._texts_bytes = 0
        self._sealer: PieceSealer | None = None
        self._chunks: list[bytes] = []
        self._piece_bytes = 0
        #: In the order of their pieces.
        self._storing: deque[asyncio.Task[None]] = deque()
        self._is_over = False
        #: Set at the end: what is known of the digests of what is stored.
        self.prefixes: tuple[Prefix, ...] = ()

    async def take(self, text: Bytes) -> None:
        """Store ``text`` with what follows. Raises errors of what was stored before; nothing more is, then."""
        view = memoryview(text)
        while len(view) >= (room := PIECE_BYTES - self._piece_bytes):
            await self._add(view[:room])
            await self._close()
            view = view[room:]
        await self._add(view)
        if len(view) < len(text):
            # What is left of a large one may not stay where it is.
            await self._seal()

    async def _add(self, text: memoryview) -> None:
        self._texts.append(text)
        self._texts_bytes += len(text)
        self._piece_bytes += len(text)
        if self._texts_bytes >= PIECE:
            await self._seal()

    async def finish(self) -> SealedContent:
        """Store the rest, and return the content as it is then."""
        if not self._is_over:
            await self._close()
            await self._stored()
            if self._content is self._kept:
                await self._listed.replace(self._kept)
            if self._known is not None and self._digest is not None:
                end = Prefix(self._content.size, self._digest, self._known.since)
                self.prefixes = (self._known, end)
            self._is_over = True
        return self._content

    async def discard(self) -> None:
        """Drop everything that arrived."""
        with suppress(StoreAway):
            await self._stored()
        self._is_over = True
        if self._content is not self._kept:
            await self._listed.replace(self._kept)
            self._content = self._kept

    async def _seal(self) -> None:
        texts, self._texts, self._texts_bytes = self._texts, [], 0
        if any(texts):
            self._chunks += await in_thread(self._sealed, texts)

    def _sealed(self, texts: Sequence[Bytes]) -> list[bytes]:
        if self._sealer is None:
            self._sealer = PieceSealer(self._content.secret)
        if self._digest is not None:
            for text in texts:
                self._digest.update(text)
        return self._sealer.take(texts)

    async def _close(self) -> None:
        """Begin to store the piece that has arrived, as soon as there is a place for it."""
        await self._seal()
        sealer, chunks = self._sealer, self._chunks
        self._sealer, self._chunks, self._piece_bytes = None, [], 0
        if sealer is not None:
            chunks += sealer.finish()
            await self._stored(_AT_ONCE - 1)
            before = self._storing[-1] if self._storing else None
            self._storing.append(asyncio.create_task(self._store_piece(before, sealer, chunks)))

    async def _stored(self, most: int = 0) -> None:
        """Wait until at most so many pieces are still being stored."""
        try:
            while len(self._storing) > most:
                await self._storing[0]
                self._storing.popleft()
        except BaseException:
            # What has arrived behind it can't be stored any more.
            self._is_over = True
            for each in self._storing:
                each.cancel()
            await asyncio.gather(*self._storing, return_exceptions=True)
            self._storing.clear()
            raise

    async def _store_piece(
        self, before: asyncio.Task[None] | None, sealer: PieceSealer, chunks: Sequence[bytes]
    ) -> None:
        # Whatever fails, the name and the salt aren't used again.
        (name,) = await self._reserved.take(1)
        # While documents are moved to another store, it may be another one than for the piece before.
        store = self._store.writing()
        await store.put({name: chunks})
        if before is not None:
            # Without it, this one has no place in the list.
            await before
        number = self._content.next_number
        piece = whole_piece(number, name, sealer.salt, sealer.used)
        after = self._content.with_pieces([*self._content.pieces, piece])
        self._content = await self._listed.add(after.written(store.ident))
