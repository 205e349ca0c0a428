"""A file that bytes are appended to: written, and looked at, while others come, and made durable on the way."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from typing import ParamSpec, TypeVar

from ..disk import Disk, disk_full
from .base import PIECE
from .running import Prefix

P = ParamSpec("P")
T = TypeVar("T")

#: So many bytes that came are made durable while others come.
_SYNC_EVERY = 64 * 1024 * 1024


class Writing:
    """An open file, whose end ``known`` is, with its digest where that is known."""

    def __init__(self, handle: int, disk: Disk, known: Prefix | None) -> None:
        self.handle = handle
        self._disk = disk
        self._known = known
        self._digest = known.digest.copy() if known is not None else None
        self._pending: list[bytes] = []
        self._waiting = self._unsynced = 0
        #: What is being written, and what is being made durable.
        self._write_under_way: asyncio.Task[None] | None = None
        self._sync_under_way: asyncio.Task[None] | None = None
        #: Once it is over: the file's stamp, and its prefixes whose digests are known.
        self.stamp = ""
        self.prefixes: tuple[Prefix, ...] = ()

    async def take(self, piece: bytes) -> None:
        """Keeps ``piece``; there are never many more than two of :data:`PIECE` bytes in memory. Raises what writing
        those before has raised."""
        self._pending.append(piece)
        self._waiting += len(piece)
        if self._waiting < PIECE:
            return
        gathered, self._pending = self._pending, []
        self._unsynced += self._waiting
        self._waiting = 0
        await self._written()
        self._write_under_way = _begun(self._write, gathered)
        if self._unsynced >= _SYNC_EVERY:
            await self._synced()
            self._unsynced = 0
            self._sync_under_way = _begun(os.fdatasync, self.handle)

    async def discard(self, offset: int) -> None:
        """Keeps nothing of what came, which began at ``offset``."""
        self._pending = []
        await self._written()
        await in_thread(os.ftruncate, self.handle, offset)
        self._digest = self._known.digest.copy() if self._known is not None else None

    async def finish(self) -> int:
        """Makes all durable, and answers how long the file is. Whatever is raised, nothing is under way any more."""
        gathered, self._pending = self._pending, []
        try:
            await self._written()
            if gathered:
                await in_thread(self._write, gathered)
        finally:
            try:
                await self._synced()
            finally:
                await in_thread(os.fdatasync, self.handle)
        found = os.fstat(self.handle)
        if self._known is not None and self._digest is not None:
            self.stamp = stamp_of(found)
            self.prefixes = (self._known, Prefix(found.st_size, self._digest))
        return found.st_size

    async def _written(self) -> None:
        under_way, self._write_under_way = self._write_under_way, None
        if under_way is not None:
            await _to_its_end(under_way)

    async def _synced(self) -> None:
        under_way, self._sync_under_way = self._sync_under_way, None
        if under_way is not None:
            await _to_its_end(under_way)

    def _write(self, pieces: list[bytes]) -> None:
        digest, self._digest = self._digest, None
        if sum(map(len, pieces)) > self._disk.room:
            raise disk_full()
        write_all(self.handle, pieces)
        if digest is not None:
            for piece in pieces:
                digest.update(piece)
        self._digest = digest


def _begun(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> asyncio.Task[T]:
    return asyncio.ensure_future(asyncio.to_thread(work, *args, **kwargs))


async def _to_its_end(task: asyncio.Task[T]) -> T:
    """Waits for the end of what a thread does, even when cancelled, since it uses an open handle."""
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        raise


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Runs ``work`` in a thread and waits for its end even when cancelled, since it uses an open handle."""
    return await _to_its_end(_begun(work, *args, **kwargs))


def write_all(handle: int, pieces: list[bytes]) -> None:
    for piece in pieces:
        view = memoryview(piece)
        while view:
            view = view[os.write(handle, view) :]


def stamp_of(found: os.stat_result) -> str:
    """What becomes another where a file is changed or replaced."""
    return f"{found.st_ino} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"
