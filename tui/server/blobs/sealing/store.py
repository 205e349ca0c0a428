"""Sealed contents, whose pieces are in a folder, and whose keys and lists are in the database.

Whoever writes holds the piece's file locked from before its row is committed until the row says how much there is. So a
row without a length whose file can be locked is that of a writer that was stopped: the next one who asks closes that
piece at its last whole chunk, and what follows is a new piece. What lies plain from before is served as it is.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, suppress
from datetime import timedelta
from time import monotonic
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from ....override import override
from ....rules.errors import Conflict
from ...base.clock import Clock
from ...base.keys import Keys, WrongContentKey
from ...database import Database
from ...database.tables import blobs as contents_of_documents
from ..base import PIECE, Blobs, Bytes, Damaged, Fault, StoredBytes, WholeBlob
from ..local import LocalBlobs, locked
from ..reserved_keys import ReservedKeys
from ..running import Prefix, RunningDigests
from ..writing import Writing, in_thread
from . import rows
from .chunks import PieceOpener, PieceSealer, used_length
from .contents import SealedContent, StoredPiece, whole_piece
from .incoming import SealedStream
from .reader import SealedReader
from .recovery import whole_chunks

#: The stored part of an upload is only read for its digest if it isn't longer than this.
_MAX_REHASHED = 4 * 1024**3
#: How long contents that were stored, and have become no document's, are kept in mind.
_NEW_SECONDS = timedelta(hours=2).total_seconds()
#: How long what lies plain is kept after it was sealed, for those who are reading it.
_STILL_READ = timedelta(hours=1)
#: What has more bytes may take longer to be sealed than a reserved key is kept; nothing takes longer than this.
_LARGE, _LONGEST = 1024**3, timedelta(days=7)
#: Bytes that :meth:`SealedBlobs.scrub` reads until it rests.
_SCRUBBED_AT_ONCE = 32 * 1024 * 1024


class SealedBlobs(Blobs):
    """Seals what is new, if the installation ``seals``; serves both."""

    def __init__(
        self, store: LocalBlobs, database: Database, keys: Keys, reserved: ReservedKeys, clock: Clock
    ) -> None:
        self._store = store
        self._database = database
        self._keys = keys
        self._reserved = reserved
        self._clock = clock
        self._running = RunningDigests()
        self._seals = False
        #: What was stored and has no rows yet, and when it was.
        self._new: dict[str, tuple[SealedContent, float]] = {}

    @override
    def new_key(self) -> str:
        return self._store.new_key()

    @override
    def new_keys(self, count: int) -> list[str]:
        return self._store.new_keys(count)

    # ------------------------------------------------------------ what is known of a content

    async def _content(self, key: str, connection: AsyncConnection | None = None) -> SealedContent | None:
        """A sealed content; ``None`` for what lies plain, and for what isn't there."""
        new = self._new.get(key)
        if new is not None:
            return new[0]
        if connection is not None:
            return (await rows.load(connection, self._keys, [key])).get(key)
        async with self._database.read() as own:
            return (await rows.load(own, self._keys, [key])).get(key)

    async def _is_sealing(self) -> bool:
        """Whether new contents are sealed; once begun, that never ends."""
        if not self._seals:
            async with self._database.read() as connection:
                self._seals = await rows.sealing(connection) is not None
        return self._seals

    def _reader(self, content: SealedContent) -> SealedReader:
        return SealedReader(self._store, content)

    # ------------------------------------------------------------ writing

    @override
    async def append(
        self, key: str, offset: int, data: AsyncIterator[Bytes], *, exact: bool = False, digest: bool = False
    ) -> int:
        content = await self._content(key)
        if content is None and (await self._store.length(key) or not await self._is_sealing()):
            return await self._store.append(key, offset, data, exact=exact, digest=digest)
        if content is not None:
            content = await self._closed(content)
        length = content.size if content is not None else 0
        if length < offset or (exact and length != offset):
            raise Conflict("upload.offset", f"{length:,} bytes have arrived; continue from there.")
        known = await self._known(content, offset, digest=digest)
        # A name is used once: the first piece ever has that of the content.
        name = key if content is None else (await self._reserved.take(1))[0]
        writing = await self._store.hold(name)
        try:
            return await self._append(writing, name, content or SealedContent.new(key), offset, known, data)
        finally:
            os.close(writing.handle)

    async def _append(
        self,
        writing: Writing,
        name: str,
        before: SealedContent,
        offset: int,
        known: Prefix | None,
        data: AsyncIterator[Bytes],
    ) -> int:
        """Write ``data`` as a new piece behind the first ``offset`` bytes. Returns the content's new size."""
        sealer = await asyncio.to_thread(PieceSealer, before.secret)
        kept = before.cut(offset)
        await self._begin(before, kept, StoredPiece(kept.next_number, name, sealer.salt, None, 0))
        digest = known.digest.copy() if known is not None else None
        stream = SealedStream(data, sealer, digest)
        await self._fill(writing, name, stream)
        if sealer.used:
            kept = kept.with_pieces(
                [*kept.pieces, whole_piece(kept.next_number, name, sealer.salt, sealer.used)]
            )
        prefixes = (known, Prefix(kept.size, digest, known.since)) if known and digest else ()
        self._running.keep(before.key, await self._whole_stamp(kept), prefixes)
        if stream.failure is not None:
            raise stream.failure
        return kept.size

    async def _known(self, content: SealedContent | None, offset: int, *, digest: bool) -> Prefix | None:
        """The digest of what there is before ``offset``, if it is at hand or must be."""
        if content is None or offset == 0:
            return Prefix(0, hashlib.sha256(), 0)
        known = await self._find(content, offset)
        if known is None and digest and offset <= _MAX_REHASHED:
            # What is damaged has none; it is found out when it is published.
            with suppress(Damaged, EOFError, FileNotFoundError):
                return Prefix(offset, await self._digested(content.cut(offset)), 0)
        return known

    async def _find(self, content: SealedContent, length: int) -> Prefix | None:
        """The digest of its first bytes, if it is known of exactly this list and these files."""
        return self._running.find(content.key, length, await self._whole_stamp(content))

    async def _whole_stamp(self, content: SealedContent) -> str:
        try:
            return f"{content.stamp} {await self._stamp(content)}"
        except FileNotFoundError:
            # Like no other.
            return self.new_key()

    async def _begin(self, before: SealedContent, kept: SealedContent, piece: StoredPiece) -> None:
        """Commit the row of a piece before any of its bytes is written, and that only ``kept`` counts of what was
        there. Raises :class:`Conflict` if the content isn't what it was ``before`` any more."""
        try:
            async with self._database.write() as connection:
                if piece.name == before.key:
                    is_there = await rows.begin(self._database, connection, self._keys, before)
                    now: SealedContent | None = before if is_there else None
                else:
                    now = await rows.load_locked(connection, self._keys, before.key)
                if now is not None and now.mac is not None:
                    raise Conflict("upload.published", "This upload has already been published.")
                if now != before:
                    raise locked()
                after = kept.with_pieces([*kept.pieces, piece])
                await rows.change(connection, before, after, self._clock())
        except BaseException:
            # If it was committed all the same, the piece has nothing.
            if piece.name != before.key:
                await self._store.delete(piece.name)
            raise

    async def _fill(self, writing: Writing, name: str, stream: SealedStream) -> None:
        """Write the piece, and note how much it has. If ``stream`` failed, that is noted, too, for what came before.

        If this is stopped in between, the next one who asks finds out.
        """
        sealer = stream.sealer
        try:
            async with aclosing(stream.chunks()) as chunks:
                await self._store.fill(writing, chunks)
        except Exception as error:
            if error is not stream.failure:
                # Nothing was kept, because of what arrived or because the disk is full.
                if not os.fstat(writing.handle).st_size:
                    await self._drop(name)
                raise
        except BaseException as error:
            if error is not stream.failure:
                raise
        if not sealer.used:
            await self._drop(name)
            return
        async with self._database.write() as connection:
            is_there = await rows.end(connection, name, sealer.stored, sealer.used)
        if not is_there:
            # The upload was ended by another request, which has marked the name, too.
            await self._store.delete(name)

    async def _drop(self, name: str) -> None:
        async with self._database.write() as connection:
            await rows.drop_piece(connection, name, self._clock())
        await self._store.delete(name)

    async def _closed(self, content: SealedContent) -> SealedContent:
        """The content, with the piece of a writer that was stopped closed. Raises ``Conflict("upload.locked")`` if it
        is still being written."""
        piece = content.unfinished
        if piece is None:
            return content
        handle = await in_thread(self._store.reopen, piece.name)
        try:
            # It may have been closed before it could be locked.
            now = await self._content(content.key)
            if now is None or now.unfinished != piece:
                return now or content.with_pieces([])
            stored = used = 0
            if handle is not None:
                opener = await asyncio.to_thread(PieceOpener, content.secret, piece.salt)
                stored, used = await in_thread(whole_chunks, handle, opener)
                await in_thread(_cut, handle, stored)
            if used:
                async with self._database.write() as connection:
                    await rows.end(connection, piece.name, stored, used)
            else:
                await self._drop(piece.name)
        finally:
            if handle is not None:
                os.close(handle)
        return await self._content(content.key) or content.with_pieces([])

    @override
    async def write(self, key: str, data: AsyncIterator[Bytes]) -> int:
        if not await self._is_sealing():
            return await self._store.write(key, data)
        content = SealedContent.new(key)
        sealer = await asyncio.to_thread(PieceSealer, content.secret)
        stream = SealedStream(data, sealer, None)
        writing = await self._store.hold(key)
        try:
            async with aclosing(stream.chunks()) as chunks:
                await self._store.fill(writing, chunks)
        finally:
            os.close(writing.handle)
        self._note_new([_single(content, sealer)])
        return sealer.used

    @override
    async def put(self, contents: Mapping[str, Sequence[Bytes]]) -> None:
        if not await self._is_sealing():
            await self._store.put(contents)
            return
        sealed, stored = await asyncio.to_thread(_seal_all, contents)
        await self._store.put(stored)
        self._note_new(sealed)

    def _note_new(self, contents: Sequence[SealedContent]) -> None:
        now = monotonic()
        while self._new and next(iter(self._new.values()))[1] < now - _NEW_SECONDS:
            self._new.pop(next(iter(self._new)))
        self._new.update((content.key, (content, now)) for content in contents)

    @override
    async def settle(self, connection: AsyncConnection, rows_: Sequence[Mapping[str, Any]]) -> None:
        wanted = {row["key"]: (row["size"], row["sha256"]) for row in rows_}
        new = [
            self._new.pop(key)[0].fixed(size, sha256)
            for key, (size, sha256) in wanted.items()
            if key in self._new
        ]
        if new:
            await rows.add(connection, self._keys, new)
        others = [key for key in wanted if key not in {content.key for content in new}]
        sealed = await rows.load(connection, self._keys, others) if others else {}
        for key in others:
            size, sha256 = wanted[key]
            if key in sealed:
                await self._fix(connection, key, size, sha256)
            elif size and await self._store.stored_lengths([key]) != [size]:
                raise locked()
            else:
                # Begun before sealing was, and published since: it has its turn with the others.
                await rows.note_sealing(connection, rows.Sealing.DONE, rows.Sealing.BEGUN)

    async def _fix(self, connection: AsyncConnection, key: str, size: int, sha256: str) -> None:
        content = await rows.load_locked(connection, self._keys, key)
        if content is None or content.unfinished is not None or content.mac is not None:
            raise locked()
        known = await self._find(content, size)
        if known is None or content.size != size or known.digest.hexdigest() != sha256:
            raise locked()
        await rows.fix(connection, key, content.mac_of(size, sha256))

    @override
    async def seal(self, key: str, size: int, sha256: str) -> None:
        if await self._content(key) is not None:
            return
        (name,) = await self._reserved.take(1)
        now = self._clock()
        if size > _LARGE:
            async with self._database.write() as connection:
                await rows.mark(connection, [name], now + _LONGEST)
        content = SealedContent.new(key)
        sealer = await asyncio.to_thread(PieceSealer, content.secret)
        stream = SealedStream(self._plain(key, size, sha256), sealer, None)
        writing = await self._store.hold(name)
        is_used = False
        try:
            async with aclosing(stream.chunks()) as chunks:
                await self._store.fill(writing, chunks)
            pieces = [whole_piece(0, name, sealer.salt, sealer.used)] if sealer.used else []
            sealed = content.with_pieces(pieces).fixed(size, sha256)
            is_used = await self._replace_plain(content, sealed)
        finally:
            os.close(writing.handle)
            if not (is_used and sealer.used):
                await self._store.delete(name)

    async def _plain(self, key: str, size: int, sha256: str) -> AsyncIterator[Bytes]:
        whole = self._store.whole(key, size, sha256)
        for start in range(0, size, PIECE):
            yield await whole.next(min(PIECE, size - start))

    async def _replace_plain(self, before: SealedContent, sealed: SealedContent) -> bool:
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

    # ------------------------------------------------------------ reading

    @override
    async def length(self, key: str) -> int:
        content = await self._content(key)
        if content is None:
            return await self._store.length(key)
        with suppress(Conflict):
            content = await self._closed(content)
        return await self._length(content)

    async def _length(self, content: SealedContent) -> int:
        piece = content.unfinished
        if piece is None:
            return content.size
        return content.size + used_length((await self._store.stored_lengths([piece.name]))[0])

    @override
    async def lengths(self, keys: Sequence[str], connection: AsyncConnection) -> list[int]:
        sealed = await rows.load(connection, self._keys, keys)
        plain = await self._store.stored_lengths(keys)
        return [
            await self._length(sealed[key]) if key in sealed else length
            for key, length in zip(keys, plain, strict=True)
        ]

    @override
    async def sha256(self, key: str) -> str:
        content = await self._content(key)
        if content is None:
            return await self._store.sha256(key)
        return (await self._digested(content)).hexdigest()

    async def _digested(self, content: SealedContent) -> hashlib._Hash:
        digest = hashlib.sha256()
        async for text in self._reader(content).all():
            await asyncio.to_thread(digest.update, text)
        return digest

    @override
    async def scrub(self, key: str) -> str:
        content = await self._content(key)
        if content is None:
            return await self._store.scrub(key)
        digest, read, began = hashlib.sha256(), 0, monotonic()
        for piece in content.pieces:
            await self._store.drop_from_memory(piece.name)
        async for text in self._reader(content).all():
            await asyncio.to_thread(digest.update, text)
            read += len(text)
            if read >= _SCRUBBED_AT_ONCE:
                await asyncio.sleep(monotonic() - began)
                read, began = 0, monotonic()
        for piece in content.pieces:
            await self._store.drop_from_memory(piece.name)
        return digest.hexdigest()

    @override
    async def received(self, key: str) -> str:
        content = await self._content(key)
        if content is None:
            return await self._store.received(key)
        known = await self._find(content, content.size)
        if known is not None:
            return known.digest.hexdigest()
        digest = await self._digested(content)
        self._running.keep(key, await self._whole_stamp(content), (Prefix(content.size, digest, 0),))
        return digest.hexdigest()

    @override
    async def prefix(self, key: str) -> tuple[int, bytes | None]:
        content = await self._content(key)
        if content is None:
            return await self._store.prefix(key)
        length = await self._length(content)
        known = await self._find(content, length)
        return length, known.digest.digest() if known is not None else None

    @override
    async def piece(self, key: str, start: int, length: int) -> bytes:
        content = await self._content(key)
        if content is None:
            return await self._store.piece(key, start, length)
        return await self._reader(content).read(start, length)

    @override
    async def proven(self, key: str, size: int, sha256: str) -> SealedReader | None:
        content = await self._content(key)
        if content is None:
            return None
        if not content.is_fixed_as(size, sha256):
            raise Damaged("the list of its pieces isn't what it was")
        return self._reader(content)

    @override
    def whole(self, key: str, size: int, sha256: str) -> WholeBlob:
        return self._store.whole(key, size, sha256)

    @override
    async def prove(self, key: str, size: int, sha256: str) -> None:
        await self._store.prove(key, size, sha256)

    # ------------------------------------------------------------ damage

    @override
    async def fault(
        self, key: str, size: int, damaged: str | None = None, connection: AsyncConnection | None = None
    ) -> Fault | None:
        if not size:
            return None
        try:
            content = await self._content(key, connection)
        except WrongContentKey:
            return Fault.CHANGED
        if content is None:
            return await self._store.fault(key, size, damaged)
        if content.size != size:
            return Fault.WRONG_SIZE
        for piece in content.pieces:
            found = await self._store.fault(piece.name, piece.stored or 0)
            if found is not None:
                return found
        return Fault.DAMAGED if damaged is not None and damaged == await self._stamp(content) else None

    @override
    async def stamp(self, key: str) -> str:
        content = await self._content(key)
        return await self._store.stamp(key) if content is None else await self._stamp(content)

    async def _stamp(self, content: SealedContent) -> str:
        stamps = [await self._store.stamp(piece.name) for piece in content.pieces]
        if len(stamps) == 1:
            return stamps[0]
        return hashlib.sha256("\n".join(stamps).encode()).hexdigest()

    @override
    def place(self, key: str) -> str:
        return self._store.place(key)

    @override
    async def stored(self) -> AsyncIterator[Sequence[StoredBytes]]:
        async for found in self._store.stored():
            yield found

    # ------------------------------------------------------------ the disk, and the end

    @override
    def room(self) -> int:
        return self._store.room()

    @override
    def lacks_files(self) -> bool:
        return self._store.lacks_files()

    @override
    def takes_writes(self) -> bool:
        return self._store.takes_writes()

    @override
    async def delete(self, key: str) -> None:
        self._running.forget(key)
        names = []
        if self._new.pop(key, None) is None and await self._content(key) is not None:
            async with self._database.write() as connection:
                names = await rows.forget(connection, key)
                await rows.mark(connection, names, self._clock())
        for name in {key, *names}:
            await self._store.delete(name)

    @override
    async def remove(self, name: str) -> None:
        self._running.forget(name)
        await self._store.delete(name)


def _cut(handle: int, length: int) -> None:
    os.ftruncate(handle, length)
    os.fdatasync(handle)


def _single(content: SealedContent, sealer: PieceSealer) -> SealedContent:
    """A content with the one piece that was sealed, if there is anything in it."""
    pieces = [whole_piece(0, content.key, sealer.salt, sealer.used)] if sealer.used else []
    return content.with_pieces(pieces)


def _seal_all(
    contents: Mapping[str, Sequence[Bytes]],
) -> tuple[list[SealedContent], dict[str, Sequence[Bytes]]]:
    sealed: list[SealedContent] = []
    stored: dict[str, Sequence[Bytes]] = {}
    for key, texts in contents.items():
        content = SealedContent.new(key)
        sealer = PieceSealer(content.secret)
        stored[key] = [*sealer.take(texts), *sealer.finish()]
        sealed.append(_single(content, sealer))
    return sealed, stored
