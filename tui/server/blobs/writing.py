"""Appending to a file: written, hashed and synced while more bytes arrive."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import ParamSpec, TypeVar

from ...files.syncing import sync_data
from ..base.disk import Disk, disk_full
from .base import PIECE, Bytes
from .running import Prefix
from .sealing.chunks import PieceSealer
from .verified import CLOCK_TICK_NS, Signature

P = ParamSpec("P")
T = TypeVar("T")

#: Start a sync after this many bytes, unless one is running; and wait for that one first after this many.
_SYNC_EVERY, _MOST_UNSYNCED = 8 * 1024 * 1024, 64 * 1024 * 1024
#: The most pieces that the system takes in one call.
_MOST_AT_ONCE = 1024


class Writing:
    """An open file. ``known`` is what is stored so far, if the digest of that is known: the beginning of the file, or,
    with a ``sealer``, what is stored before the piece that the file becomes."""

    def __init__(
        self, handle: int, disk: Disk, known: Prefix | None, sealer: PieceSealer | None = None
    ) -> None:
        self.handle = handle
        self._sealer, self._is_discarded = sealer, False
        self._disk = disk
        self._known = known
        self._digest = known.digest.copy() if known is not None else None
        self._pending: list[Bytes] = []
        self._pending_bytes = self._unsynced = 0
        #: The write and the sync that are running.
        self._write_task: asyncio.Future[None] | None = None
        self._sync_task: asyncio.Future[None] | None = None
        #: Set at the end: the file's signature, and its prefixes with known digests.
        self.signature: Signature | None = None
        self.prefixes: tuple[Prefix, ...] = ()

    @property
    def stamp(self) -> str:
        """The file's stamp at the end; empty if no digests are known."""
        return "" if self.signature is None else self.signature.stamp

    async def take(self, piece: Bytes) -> None:
        """Store ``piece``. Never much more than twice :data:`PIECE` bytes are in memory. Raises errors of earlier
        writes."""
        self._pending.append(piece)
        self._pending_bytes += len(piece)
        if self._pending_bytes < PIECE:
            return
        gathered, self._pending = self._pending, []
        self._unsynced += self._pending_bytes
        self._pending_bytes = 0
        await self._finish_write()
        self._write_task = _start_in_thread(self._write, gathered)
        is_syncing = self._sync_task is not None and not self._sync_task.done()
        if self._unsynced >= (_MOST_UNSYNCED if is_syncing else _SYNC_EVERY):
            await self._finish_sync()
            self._unsynced = 0
            self._sync_task = _start_in_thread(sync_data, self.handle)

    async def discard(self, offset: int) -> None:
        """Drop everything that arrived, which began at ``offset``."""
        self._pending, self._is_discarded = [], True
        await self._finish_write()
        await in_thread(os.ftruncate, self.handle, offset)
        self._digest = self._known.digest.copy() if self._known is not None else None

    async def finish(self) -> int:
        """Make everything durable and return the file's length. Even on errors, no write or sync is left running."""
        gathered, self._pending = self._pending, []
        try:
            await self._finish_write()
            if gathered:
                await in_thread(self._write, gathered)
            if self._sealer is not None and not self._is_discarded:
                await in_thread(write_all, self.handle, self._sealer.finish())
        finally:
            try:
                await self._finish_sync()
            finally:
                await in_thread(_sync_last, self.handle)
        status = os.fstat(self.handle)
        if self._known is not None and self._digest is not None:
            self.signature = Signature.of(status)
            self.prefixes = (self._known, Prefix(self._length(status), self._digest, self._known.since))
        return status.st_size

    def _length(self, status: os.stat_result) -> int:
        """How many bytes have been stored, together with those that were stored before."""
        if self._sealer is None or self._known is None:
            return status.st_size
        return self._known.length + (0 if self._is_discarded else self._sealer.used)

    async def _finish_write(self) -> None:
        task, self._write_task = self._write_task, None
        if task is not None:
            await _wait_uncancelled(task)

    async def _finish_sync(self) -> None:
        task, self._sync_task = self._sync_task, None
        if task is not None:
            await _wait_uncancelled(task)

    def _write(self, pieces: list[Bytes]) -> None:
        digest, self._digest = self._digest, None
        if sum(map(len, pieces)) > self._disk.room:
            raise disk_full()
        write_all(self.handle, pieces if self._sealer is None else self._sealer.take(pieces))
        if digest is not None:
            for piece in pieces:
                digest.update(piece)
        self._digest = digest


def _sync_last(handle: int) -> None:
    """Sync a file after its last write, with the time of that put back a little: the next write certainly changes it
    then, even if it follows within the same tick of the file system's clock."""
    status = os.fstat(handle)
    with suppress(OSError):
        os.utime(handle, ns=(status.st_atime_ns, status.st_mtime_ns - 2 * CLOCK_TICK_NS))
    sync_data(handle)


def _start_in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> asyncio.Future[T]:
    return asyncio.get_running_loop().run_in_executor(None, partial(work, *args, **kwargs))


async def _wait_uncancelled(task: asyncio.Future[T]) -> T:
    """Wait until a thread has finished, even when cancelled, since it uses an open file descriptor."""
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        raise


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run ``work`` in a thread and wait for it, even when cancelled, since it uses an open file descriptor."""
    return await _wait_uncancelled(_start_in_thread(work, *args, **kwargs))


def write_all(handle: int, pieces: Iterable[Bytes]) -> None:
    """Write the pieces one after the other, with as few calls as possible."""
    rest = deque(memoryview(piece) for piece in pieces)
    while rest:
        written = os.writev(handle, list(islice(rest, _MOST_AT_ONCE)))
        while rest and written >= len(rest[0]):
            written -= len(rest.popleft())
        if written:
            rest[0] = rest[0][written:]


def stamp_of(status: os.stat_result) -> str:
    """A string that changes when the file is changed or replaced."""
    return Signature.of(status).stamp
