"""Writing files of bytes: an upload that lies plain, part by part, or a sealed piece from first to last byte."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

from ...rules.errors import Conflict
from ..base.disk import READ_ONLY, Disk, ReadOnly, disk_full, no_more_files
from ..base.files import sync_folder
from .base import Bytes, Discard
from .running import Prefix, RunningDigests
from .sealing.chunks import PieceSealer
from .stored_files import lock, locked
from .verified import Verified
from .whole import digest_of
from .writing import Writing, in_thread, stamp_of

#: The stored part of an upload is only read for its digest if it isn't longer than this.
_MAX_REHASHED = 4 * 1024**3


def refused(disk: Disk, error: OSError) -> Exception:
    """What to tell of bytes that could not be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return no_more_files() if disk.files == 0 else disk_full()
    if error.errno in READ_ONLY:
        disk.note_refused()
        return ReadOnly()
    return error


class FileWriter:
    """Writes the files at ``path`` of their keys, each by one writer at a time, and keeps the digests of what it
    writes in ``running`` and ``verified``."""

    def __init__(
        self, path: Callable[[str], Path], disk: Disk, running: RunningDigests, verified: Verified
    ) -> None:
        self._path = path
        self._disk = disk
        self._running = running
        self._verified = verified

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
            raise refused(self._disk, error) from error

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

    async def append(
        self, key: str, offset: int, data: AsyncIterator[Bytes], *, exact: bool = False, digest: bool = False
    ) -> int:
        """As :meth:`Blobs.append`."""
        try:
            writing = await in_thread(self._open, key, offset, exact, digest)
        except OSError as error:
            raise refused(self._disk, error) from error
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
            raise refused(self._disk, error) from error
        return length

    def _note_received(self, key: str, writing: Writing) -> None:
        """Remember a file that was just written, so that fetching it right after it was sent is quick, too."""
        signature = writing.signature
        if signature is not None and writing.prefixes and signature.is_put_back:
            received = writing.prefixes[-1]
            self._verified.remember(key, signature, received.digest.hexdigest(), received.since)
