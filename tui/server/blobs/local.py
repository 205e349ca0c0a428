"""Storage of bytes as plain files in a folder of the server's machine."""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from ...override import override
from ..base.disk import Disk, disk_full, no_more_files
from . import received_files
from .base import (
    FOLDER,
    PIECE,
    Blobs,
    Bytes,
    Damaged,
    Fault,
    Parts,
    ProvenBytes,
    Store,
    StoreAway,
    StoredBytes,
    T,
)
from .file_writer import FileWriter, refused
from .proofs import Proofs
from .running import Prefix, RunningDigests
from .scratch import Scratch
from .sealing.chunks import PieceSealer
from .stored_files import (
    KEY,
    digest_of_file,
    drop_from_memory,
    fault_of,
    open_from_disk,
    put_all,
    read_piece,
    stored_in,
    use_piece,
)
from .verified import Verified
from .whole import WholeFile
from .writing import Writing, in_thread, stamp_of

_OPEN_AT_ONCE = 200
#: Bytes that :meth:`LocalBlobs.scrub` reads until it rests.
_SCRUBBED_AT_ONCE = 32 * 1024 * 1024


class LocalBlobs(Blobs, Store):
    """Files of mode 0600, in 256 folders of mode 0700 below ``root``, which is on ``disk``."""

    def __init__(self, root: Path, disk: Disk, verified: Verified | None = None) -> None:
        self.root = root
        self._disk = disk
        self._running = RunningDigests()
        self._verified = verified or Verified()
        #: Bytes of other stores' pieces that are about to be written.
        self._arriving = 0
        self._writer = FileWriter(self._path, disk, self._running, self._verified)
        self._proofs = Proofs(self._path, self._verified)
        self._scratch = Scratch()
        root.mkdir(mode=0o700, parents=True, exist_ok=True)

    @override
    def new_key(self) -> str:
        return secrets.token_hex(16)

    @override
    def new_keys(self, count: int) -> list[str]:
        # All in the same folder, so that only one has to be synced.
        folder = secrets.token_hex(1)
        return [folder + secrets.token_hex(15) for _ in range(count)]

    def _path(self, key: str) -> Path:
        # Keys are only made here; the check makes sure that no other text ever becomes a path.
        if not KEY.fullmatch(key):
            raise FileNotFoundError(key)
        return self.root / key[:2] / key

    async def hold(self, name: str, sealer: PieceSealer, known: Prefix | None = None) -> Writing:
        """As :meth:`FileWriter.hold`."""
        return await self._writer.hold(name, sealer, known)

    def reopen(self, name: str) -> int | None:
        """As :meth:`FileWriter.reopen`."""
        return self._writer.reopen(name)

    @override
    async def append(
        self, key: str, offset: int, data: AsyncIterator[Bytes], *, exact: bool = False, digest: bool = False
    ) -> int:
        return await self._writer.append(key, offset, data, exact=exact, digest=digest)

    async def fill(self, writing: Writing, data: AsyncIterator[Bytes], offset: int = 0) -> int:
        """As :meth:`FileWriter.fill`."""
        return await self._writer.fill(writing, data, offset)

    @override
    async def write(self, key: str, data: AsyncIterator[Bytes]) -> int:
        return await self.append(key, 0, data)

    @override
    async def settle(self, connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Nothing has to be noted of what lies plain."""

    @override
    async def seal(self, key: str, size: int, sha256: str) -> None:
        """Everything lies plain here."""

    @override
    async def received(self, key: str) -> str:
        _, digest = await self.prefix(key)
        return digest.hex() if digest is not None else await self.sha256(key)

    @override
    async def prefix(self, key: str) -> tuple[int, bytes | None]:
        status = await asyncio.to_thread(os.stat, self._path(key))
        known = self._running.find(key, status.st_size, stamp_of(status))
        return status.st_size, known.digest.digest() if known is not None else None

    @override
    async def length(self, key: str) -> int:
        return (await self.stored_lengths([key]))[0]

    @override
    async def lengths(self, keys: Sequence[str], connection: AsyncConnection) -> list[int]:
        return await self.stored_lengths(keys)

    @override
    async def stored_lengths(self, names: Sequence[str]) -> list[int]:
        return await asyncio.to_thread(lambda: [self._length(name) for name in names])

    def _length(self, key: str) -> int:
        try:
            return self._path(key).stat().st_size
        except FileNotFoundError:
            return 0

    @override
    async def sha256(self, key: str) -> str:
        return await asyncio.to_thread(digest_of_file, self._path(key))

    @override
    async def scrub(self, key: str) -> str:
        handle = await in_thread(open_from_disk, self._path(key))
        digest, read_bytes, began = hashlib.sha256(), 0, monotonic()
        try:
            while piece := await in_thread(os.read, handle, PIECE):
                digest.update(piece)
                read_bytes += len(piece)
                if read_bytes >= _SCRUBBED_AT_ONCE:
                    await asyncio.sleep(monotonic() - began)
                    read_bytes, began = 0, monotonic()
            await in_thread(drop_from_memory, handle)
        finally:
            os.close(handle)
        return digest.hexdigest()

    @override
    async def drop_from_memory(self, name: str) -> None:
        with suppress(OSError):
            os.close(await in_thread(open_from_disk, self._path(name)))

    @override
    async def place(self, key: str) -> str:
        return f"{self.root.name}/{key[:2]}/{key}"

    @override
    async def faulty_place(self, key: str) -> str:
        return await self.place(key)

    @override
    async def stored(self) -> AsyncIterator[Sequence[StoredBytes]]:
        for folder in await asyncio.to_thread(lambda: sorted(self.root.iterdir())):
            if folder.name != received_files.MARKER:
                yield await asyncio.to_thread(stored_in, self.root.name, folder)

    @override
    async def fault(self, key: str, size: int, damaged: str | None = None) -> Fault | None:
        # An empty document needs no file.
        return await asyncio.to_thread(fault_of, self._path(key), size, damaged) if size else None

    @override
    async def fault_of(self, pieces: Sequence[tuple[str, int]]) -> Fault | None:
        for name, size in pieces:
            if (found := await self.fault(name, size)) is not None:
                return found
        return None

    @override
    async def stamp(self, key: str) -> str:
        return stamp_of(await asyncio.to_thread(os.stat, self._path(key)))

    @override
    async def signs(self, names: Sequence[str]) -> str:
        return "\n".join([await self.stamp(name) for name in names])

    @override
    async def piece(self, key: str, start: int, length: int) -> bytes:
        return await asyncio.to_thread(read_piece, self._path(key), length, start)

    @override
    async def opened(self, name: str, start: int, length: int, use: Callable[[Parts], T]) -> T:
        path = self._path(name)

        def opened() -> T:
            with self._scratch.lent(length) as into:
                return use_piece(path, start, length, into, use)

        return await asyncio.to_thread(opened)

    @override
    async def proven(self, key: str, size: int, sha256: str) -> ProvenBytes | None:
        return None

    @override
    def whole(self, key: str, size: int, sha256: str) -> WholeFile:
        return WholeFile(self._path(key), size, sha256, self._verified)

    @override
    async def prove(self, key: str, size: int, sha256: str) -> None:
        await self._proofs.prove(key, size, sha256)

    @override
    def room(self) -> int:
        return self._disk.room

    @override
    def lacks_files(self) -> bool:
        return self._disk.lacks_files

    @override
    def takes_writes(self) -> bool:
        return self._disk.takes_writes()

    @override
    async def trouble(self) -> str | None:
        return None

    @override
    async def put(self, contents: Mapping[str, Sequence[Bytes]]) -> None:
        wanted = sum(len(piece) for pieces in contents.values() for piece in pieces)
        if wanted > self.room():
            raise disk_full(wanted)
        if self._disk.lacks_files:
            raise no_more_files()
        paths, pieces = [self._path(key) for key in contents], list(contents.values())
        try:
            for start in range(0, len(paths), _OPEN_AT_ONCE):
                end = start + _OPEN_AT_ONCE
                await in_thread(put_all, paths[start:end], pieces[start:end])
        except OSError as error:
            raise refused(self._disk, error) from error

    @property
    def ident(self) -> str:
        """As :attr:`OwnStore.ident`."""
        return FOLDER

    @override
    def writing(self) -> LocalBlobs:
        return self

    async def receive(self, name: str, length: int, data: AsyncIterator[Bytes]) -> None:
        """As :meth:`OwnStore.receive`."""
        if length > self.room():
            raise disk_full(length)
        if self._disk.lacks_files:
            raise no_more_files()
        try:
            await received_files.receive_file(self._path(name), self._fitting(data))
        except (Damaged, FileNotFoundError, StoreAway):
            raise
        except OSError as error:
            raise refused(self._disk, error) from error

    async def _fitting(self, data: AsyncIterator[Bytes]) -> AsyncIterator[Bytes]:
        """The same, while there is room: several pieces are received at once."""
        async for part in data:
            if self._arriving + len(part) > self.room():
                raise disk_full()
            self._arriving += len(part)
            try:
                yield part
            finally:
                self._arriving -= len(part)

    async def marker(self) -> str | None:
        """As :meth:`OwnStore.marker`."""
        return await asyncio.to_thread(received_files.mark_of, self.root)

    async def mark(self, ident: str) -> None:
        """As :meth:`OwnStore.mark`."""
        await self._changed(received_files.write_mark, ident)

    async def unmark(self) -> None:
        """As :meth:`OwnStore.unmark`."""
        await self._changed(received_files.remove_mark)

    async def drop_half_received(self) -> None:
        """As :meth:`OwnStore.drop_half_received`."""
        await self._changed(received_files.remove_halves)

    async def _changed(self, change: Callable[..., None], *more: str) -> None:
        try:
            await asyncio.to_thread(change, self.root, *more)
        except OSError as error:
            raise refused(self._disk, error) from error

    @override
    async def delete(self, key: str) -> None:
        self._running.forget(key)
        self._verified.forget(key)
        await asyncio.to_thread(self._path(key).unlink, missing_ok=True)

    @override
    async def remove(self, name: str) -> None:
        await self.delete(name)
