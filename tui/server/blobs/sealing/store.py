"""Sealed contents, whose pieces are in a folder or an S3 store, and whose keys and lists are in the database.

What lies plain from before, in the folder, is served as it is.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from ....override import override
from ....rules.display import counted
from ....rules.errors import Conflict
from ...base.clock import Clock
from ...base.keys import Keys, WrongContentKey
from ...database import Database
from ..base import Blobs, Bytes, Damaged, Fault, Store, StoreAway, StoredBytes, WholeBlob
from ..local import LocalBlobs
from ..reserved_keys import ReservedKeys
from ..running import Prefix
from ..stored_files import locked
from . import rows
from .contents import SealedContent, StoredPiece
from .faulty import faulty_pieces
from .known import KnownContents
from .objects import ObjectWriter
from .pieces import PieceWriter
from .reader import SealedReader
from .whole_contents import PlainSealer, seal_all
from .writer import ContentWriter, Records

#: Bytes that :meth:`SealedBlobs.scrub` reads until it rests.
_SCRUBBED_AT_ONCE = 32 * 1024 * 1024
#: Pieces of a content that are named, and that are deleted while someone waits.
_SHOWN, _DELETED_AT_ONCE = 5, 20


class SealedBlobs(Blobs):
    """Seals what is new, if the installation ``seals``, and keeps it in ``store``, which may be ``plain`` as well;
    serves both."""

    def __init__(
        self,
        plain: LocalBlobs,
        store: Store,
        database: Database,
        keys: Keys,
        reserved: ReservedKeys,
        clock: Clock,
    ) -> None:
        self._plain = plain
        self._store = store
        self._database = database
        self._keys = keys
        self._clock = clock
        self._known = KnownContents(store, database, keys)
        records = Records(database, keys, reserved, clock, self._known)
        self._to_folder = PieceWriter(plain, records)
        self._to_objects = ObjectWriter(store, records)
        self._sealer = PlainSealer(plain, lambda: self._writer, database, keys, reserved, clock)

    @override
    def new_key(self) -> str:
        return self._store.new_keys(1)[0]

    @override
    def new_keys(self, count: int) -> list[str]:
        return self._store.new_keys(count)

    # ------------------------------------------------------------ writing

    @property
    def _writer(self) -> ContentWriter:
        """What writes to the store that is for what is new now."""
        return self._to_folder if self._store.writing() is self._plain else self._to_objects

    @override
    async def append(
        self, key: str, offset: int, data: AsyncIterator[Bytes], *, exact: bool = False, digest: bool = False
    ) -> int:
        content = await self._known.content(key)
        if content is None and (await self._plain.length(key) or not await self._known.is_sealing()):
            return await self._plain.append(key, offset, data, exact=exact, digest=digest)
        if content is not None:
            # Also if it was begun in the folder before documents were moved to another store.
            content = await self._to_folder.closed(content)
        return await self._writer.append(key, content, offset, data, exact=exact, digest=digest)

    @override
    async def write(self, key: str, data: AsyncIterator[Bytes]) -> int:
        if not await self._known.is_sealing():
            return await self._plain.write(key, data)
        content = await self._writer.whole(SealedContent.new(key), data)
        self._known.note_new([content])
        return content.size

    @override
    async def put(self, contents: Mapping[str, Sequence[Bytes]]) -> None:
        if not await self._known.is_sealing():
            await self._plain.put(contents)
            return
        store = self._store.writing()
        sealed, stored = await asyncio.to_thread(seal_all, contents, store.ident)
        await store.put(stored)
        self._known.note_new(sealed)

    @override
    async def settle(self, connection: AsyncConnection, contents: Sequence[Mapping[str, Any]]) -> None:
        wanted = {row["key"]: (row["size"], row["sha256"]) for row in contents}
        new = [content for key in wanted if (content := self._known.take_new(key)) is not None]
        if new:
            await rows.add(connection, self._keys, [each.fixed(*wanted.pop(each.key)) for each in new])
        sealed = await rows.load(connection, self._keys, list(wanted)) if wanted else {}
        for key, (size, sha256) in wanted.items():
            if key in sealed:
                await self._fix(connection, key, size, sha256)
            elif size and await self._plain.stored_lengths([key]) != [size]:
                raise locked()
        if len(sealed) < len(wanted):
            # Begun before sealing was, and published since: it has its turn with the others.
            await rows.note_sealing(connection, rows.Sealing.DONE, rows.Sealing.BEGUN)

    async def _fix(self, connection: AsyncConnection, key: str, size: int, sha256: str) -> None:
        content = await rows.load_locked(connection, self._keys, key)
        if content is None or content.unfinished is not None or content.mac is not None:
            raise locked()
        known = await self._known.find(content, size)
        if known is None or content.size != size or known.digest.hexdigest() != sha256:
            raise locked()
        await rows.fix(connection, key, content.mac_of(size, sha256))

    @override
    async def seal(self, key: str, size: int, sha256: str) -> None:
        if await self._known.content(key) is None:
            await self._sealer.seal(key, size, sha256)

    # ------------------------------------------------------------ reading

    @override
    async def length(self, key: str) -> int:
        content = await self._known.content(key)
        if content is None:
            return await self._plain.length(key)
        with suppress(Conflict):
            content = await self._to_folder.closed(content)
        return await self._known.length(content)

    @override
    async def lengths(self, keys: Sequence[str], connection: AsyncConnection) -> list[int]:
        sealed = await rows.load(connection, self._keys, keys)
        plain = await self._plain.stored_lengths(keys)
        return [
            await self._known.length(sealed[key]) if key in sealed else length
            for key, length in zip(keys, plain, strict=True)
        ]

    @override
    async def sha256(self, key: str) -> str:
        content = await self._known.content(key)
        if content is None:
            return await self._plain.sha256(key)
        return (await self._known.digested(content)).hexdigest()

    @override
    async def scrub(self, key: str) -> str:
        content = await self._known.content(key)
        if content is None:
            return await self._plain.scrub(key)
        digest, read, began = hashlib.sha256(), 0, monotonic()
        for piece in content.pieces:
            await self._store.drop_from_memory(piece.name)
        async for text in self._known.reader(content).all():
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
        content = await self._known.content(key)
        if content is None:
            return await self._plain.received(key)
        known = await self._known.find(content, content.size)
        if known is not None:
            return known.digest.hexdigest()
        digest = await self._known.digested(content)
        await self._known.keep(content, (Prefix(content.size, digest, 0),))
        return digest.hexdigest()

    @override
    async def prefix(self, key: str) -> tuple[int, bytes | None]:
        content = await self._known.content(key)
        if content is None:
            return await self._plain.prefix(key)
        length = await self._known.length(content)
        known = await self._known.find(content, length)
        return length, known.digest.digest() if known is not None else None

    @override
    async def piece(self, key: str, start: int, length: int) -> bytes:
        content = await self._known.content(key)
        if content is None:
            return await self._plain.piece(key, start, length)
        return bytes(await self._known.reader(content).read(start, length))

    @override
    async def proven(self, key: str, size: int, sha256: str) -> SealedReader | None:
        try:
            content = await self._known.content(key)
        except WrongContentKey as error:
            raise Damaged(error.message) from error
        if content is None:
            return None
        if not content.is_fixed_as(size, sha256):
            raise Damaged("the list of its pieces isn't what it was")
        return self._known.reader(content)

    @override
    def whole(self, key: str, size: int, sha256: str) -> WholeBlob:
        return self._plain.whole(key, size, sha256)

    @override
    async def prove(self, key: str, size: int, sha256: str) -> None:
        await self._plain.prove(key, size, sha256)

    # ------------------------------------------------------------ damage

    @override
    async def fault(self, key: str, size: int, damaged: str | None = None) -> Fault | None:
        if not size:
            return None
        try:
            content = await self._known.content(key)
        except WrongContentKey:
            return Fault.CHANGED
        if content is None:
            return await self._plain.fault(key, size, damaged)
        if content.size != size:
            return Fault.WRONG_SIZE
        found = await self._store.fault_of([(piece.name, piece.stored or 0) for piece in content.pieces])
        if found is not None:
            return found
        return Fault.DAMAGED if damaged is not None and damaged == await self._known.stamp(content) else None

    @override
    async def stamp(self, key: str) -> str:
        content = await self._known.content(key)
        return await self._plain.stamp(key) if content is None else await self._known.stamp(content)

    @override
    async def place(self, key: str) -> str:
        content = await self._known.content(key)
        if content is None:
            return await self._plain.place(key)
        return await self._places(content.pieces)

    @override
    async def faulty_place(self, key: str) -> str:
        content = await self._known.content(key)
        if content is None or len(content.pieces) == 1:
            return await self.place(key)
        # The list itself may be what was changed.
        return await self._places(await faulty_pieces(content, self._store) or content.pieces)

    async def _places(self, pieces: Sequence[StoredPiece]) -> str:
        places = [await self._store.place(piece.name) for piece in pieces[:_SHOWN]]
        more = len(pieces) - len(places)
        return ", ".join(places) + (f" and {counted(more, 'more piece')}" if more else "")

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
    async def trouble(self) -> str | None:
        return await self._store.trouble()

    @override
    async def delete(self, key: str) -> None:
        self._known.forget(key)
        names: list[str] = []
        new = self._known.take_new(key)
        if new is not None:
            names = [piece.name for piece in new.pieces]
        elif await self._known.content(key) is not None:
            async with self._database.write() as connection:
                names = await rows.forget(connection, key)
                await rows.mark(connection, names, self._clock())
        # All of it is marked: what takes longer is left to the collection of unused bytes.
        with suppress(StoreAway):
            for name in list(dict.fromkeys((key, *names)))[:_DELETED_AT_ONCE]:
                await self._store.delete(name)

    @override
    async def remove(self, name: str) -> None:
        self._known.forget(name)
        await self._store.delete(name)
