"""Storage of bytes as plain files in a folder of the server's machine."""

from __future__ import annotations

import asyncio
import errno
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
from ...rules.errors import Conflict
from ..base.disk import READ_ONLY, Disk, ReadOnly, disk_full, no_more_files
from ..base.files import sync_folder
from . import received_files
from .base import (
    FOLDER,
    PIECE,
    Blobs,
    Bytes,
    Damaged,
    Discard,
    Fault,
    ProvenBytes,
    Store,
    StoreAway,
    StoredBytes,
    T,
)
from .proofs import Proofs
from .running import Prefix, RunningDigests
from .sealing.chunks import PieceSealer
from .stored_files import (
    KEY,
    digest_of_file,
    drop_from_memory,
    fault_of,
    lock,
    locked,
    open_from_disk,
    put_all,
    read_piece,
    stored_in,
)
from .verified import Verified
from .whole import WholeFile, digest_of
from .writing import Writing, in_thread, stamp_of

_OPEN_AT_ONCE = 200
#: The stored part of an upload is only read for its digest if it isn't longer than this.
_MAX_REHASHED = 4 * 1024**3
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
        self._proofs = Proofs(self._path, self._verified)
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

    def _refused(self, error: OSError) -> Exception:
        """What to tell of bytes that could not be written."""
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            return no_more_files() if self._disk.files == 0 else disk_full()
        if error.errno in READ_ONLY:
            self._disk.note_refused()
            return ReadOnly()
        return error

    def _open_locked(self, key: str) -> int:
        """Open a file, or make it, for one writer at a time, across processes too: a request that hangs may still be
        writing. Raises ``Conflict("upload.locked")``."""
        path = self._path(key)
        fresh = not path.exists()
        if fresh and self._disk.lacks_files:
            raise no_more_files()
        if fresh:
            path.parent.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            lock(handle)
            if fresh:
                sync_folder(path.parent)
        except BaseException:
            os.close(handle)
            raise
        return handle

    async def hold(self, name: str, sealer: PieceSealer, known: Prefix | None = None) -> Writing:
        """Begin to write a piece under a name that has no bytes: :meth:`fill` does, and nobody else until the handle is
        closed. ``known`` is what is stored before it. Raises ``Conflict("upload.locked")`` if someone else does, or
        has."""
        try:
            return await in_thread(self._hold, name, sealer, known)
        except OSError as error:
            raise self._refused(error) from error

    def _hold(self, name: str, sealer: PieceSealer, known: Prefix | None) -> Writing:
        handle = self._open_locked(name)
        if os.fstat(handle).st_size:
            os.close(handle)
            raise locked()
        return Writing(handle, self._disk, known, sealer)

    def reopen(self, name: str) -> int | None:
        """A handle to what one who was stopped has written, for which nobody else gets one until it is closed; ``None``
        if there is nothing. Raises ``Conflict("upload.locked")`` if it is still being written."""
        try:
            handle = os.open(self._path(name), os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            lock(handle)
        except BaseException:
            os.close(handle)
            raise
        return handle

    def _open(self, key: str, offset: int, exact: bool, digest: bool) -> Writing:
        handle = self._open_locked(key)
        try:
            status = os.fstat(handle)
            if status.st_size < offset or (exact and status.st_size != offset):
                raise Conflict(
                    "upload.offset", f"{status.st_size:,} bytes have arrived; continue from there."
                )
            now = self._verified.clock()
            known = (
                self._running.find(key, offset, stamp_of(status))
                if offset
                else Prefix(0, hashlib.sha256(), now)
            )
            if known is None and digest and offset <= _MAX_REHASHED:
                known = Prefix(offset, digest_of(handle, offset), now)
            os.ftruncate(handle, offset)
            os.lseek(handle, offset, os.SEEK_SET)
        except BaseException:
            os.close(handle)
            raise
        return Writing(handle, self._disk, known)

    @override
    async def append(
        self, key: str, offset: int, data: AsyncIterator[Bytes], *, exact: bool = False, digest: bool = False
    ) -> int:
        try:
            writing = await in_thread(self._open, key, offset, exact, digest)
        except OSError as error:
            raise self._refused(error) from error
        try:
            return await self.fill(writing, data, offset)
        finally:
            os.close(writing.handle)
            self._running.keep(key, writing.stamp, writing.prefixes)
            self._note_received(key, writing)

    async def fill(self, writing: Writing, data: AsyncIterator[Bytes], offset: int = 0) -> int:
        """Write ``data`` from ``offset`` on, as :meth:`append` does, and return the new length."""
        try:
            try:
                async for piece in data:
                    await writing.take(piece)
            except Discard:
                await writing.discard(offset)
                raise
            finally:
                # Even if the sender disconnects: what has arrived needn't be sent again.
                length = await writing.finish()
        except OSError as error:
            # If this filled the disk, free the space again so that everything else keeps working.
            with suppress(OSError):
                await in_thread(os.ftruncate, writing.handle, offset)
            writing.prefixes = ()
            raise self._refused(error) from error
        return length

    @override
    async def write(self, key: str, data: AsyncIterator[Bytes]) -> int:
        return await self.append(key, 0, data)

    @override
    async def settle(self, connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Nothing has to be noted of what lies plain."""

    @override
    async def seal(self, key: str, size: int, sha256: str) -> None:
        """Everything lies plain here."""

    def _note_received(self, key: str, writing: Writing) -> None:
        """Remember a file that was just written, so that fetching it right after it was sent is quick, too."""
        signature = writing.signature
        if signature is not None and writing.prefixes and signature.is_put_back:
            received = writing.prefixes[-1]
            self._verified.remember(key, signature, received.digest.hexdigest(), received.since)

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
    async def opened(self, name: str, start: int, length: int, use: Callable[[Bytes], T]) -> T:
        path = self._path(name)
        return await asyncio.to_thread(lambda: use(read_piece(path, length, start)))

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
            raise self._refused(error) from error

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
            raise self._refused(error) from error

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
            raise self._refused(error) from error

    @override
    async def delete(self, key: str) -> None:
        self._running.forget(key)
        self._verified.forget(key)
        await asyncio.to_thread(self._path(key).unlink, missing_ok=True)

    @override
    async def remove(self, name: str) -> None:
        await self.delete(name)
