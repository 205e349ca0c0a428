"""Bytes as plain files in a folder of the server's machine."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import hashlib
import os
import re
import secrets
import stat
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import ParamSpec, TypeVar

from ...rules.errors import Conflict
from ..disk import Disk, disk_full
from .base import PIECE, Digest, Discard, Fault

P = ParamSpec("P")
T = TypeVar("T")

_SYNCS_AT_ONCE = 16
_OPEN_AT_ONCE = 200
_KEY = re.compile(r"[0-9a-f]{32}")


def _disk_full(error: OSError) -> Exception:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return disk_full()
    return error


class LocalBlobs:
    """Files of mode 0600, spread over 256 folders of mode 0700 below ``root``."""

    def __init__(self, root: Path, disk: Disk) -> None:
        self.root = root
        self._disk = disk
        root.mkdir(mode=0o700, parents=True, exist_ok=True)

    def new_key(self) -> str:
        return secrets.token_hex(16)

    def _path(self, key: str) -> Path:
        # Keys are made here only; the check holds that no other text ever becomes a path.
        if not _KEY.fullmatch(key):
            raise FileNotFoundError(key)
        return self.root / key[:2] / key

    def _open(self, key: str, offset: int, exact: bool) -> int:
        path = self._path(key)
        fresh = not path.exists()
        if fresh:
            path.parent.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            # One writer at a time, also of several processes: a request that hangs may still be writing.
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if fresh:
                _sync_folder(path.parent)
            size = os.fstat(handle).st_size
            if exact and size != offset:
                raise Conflict("upload.offset", f"{size:,} bytes have arrived; go on from there.")
            if size < offset:
                raise ValueError(f"offset {offset} is beyond the end")
            os.ftruncate(handle, offset)
            os.lseek(handle, offset, os.SEEK_SET)
        except BlockingIOError:
            os.close(handle)
            raise Conflict(
                "upload.locked", "Another request is writing this upload; try again shortly."
            ) from None
        except BaseException:
            os.close(handle)
            raise
        return handle

    async def append(self, key: str, offset: int, data: AsyncIterator[bytes], *, exact: bool = False) -> int:
        handle = await _in_thread(self._open, key, offset, exact)
        pending: list[bytes] = []
        waiting = 0
        try:
            try:
                async for piece in data:
                    pending.append(piece)
                    waiting += len(piece)
                    if waiting >= PIECE:
                        gathered, pending, waiting = pending, [], 0
                        await _in_thread(self._write, handle, gathered)
            except Discard:
                pending = []
                await _in_thread(os.ftruncate, handle, offset)
                raise
            finally:
                # Also where the sender breaks off: what has arrived need not be sent again.
                length = await _in_thread(self._finish, handle, pending)
        except OSError as error:
            # A disk that this has filled is given back its room, so that all else goes on working.
            with suppress(OSError):
                await _in_thread(os.ftruncate, handle, offset)
            raise _disk_full(error) from error
        finally:
            os.close(handle)
        return length

    def _write(self, handle: int, pieces: list[bytes]) -> None:
        if sum(map(len, pieces)) > self.room():
            raise disk_full()
        _write_all(handle, pieces)

    def _finish(self, handle: int, pieces: list[bytes]) -> int:
        try:
            if pieces:
                self._write(handle, pieces)
        finally:
            os.fdatasync(handle)
        return os.fstat(handle).st_size

    async def length(self, key: str) -> int:
        return (await self.lengths([key]))[0]

    async def lengths(self, keys: Sequence[str]) -> list[int]:
        return await asyncio.to_thread(lambda: [self._length(key) for key in keys])

    def _length(self, key: str) -> int:
        try:
            return self._path(key).stat().st_size
        except FileNotFoundError:
            return 0

    async def sha256(self, key: str) -> str:
        return await asyncio.to_thread(_digest, self._path(key))

    async def fault(self, key: str, size: int, damaged: str | None = None) -> Fault | None:
        # An empty document needs no file.
        return await asyncio.to_thread(_fault, self._path(key), size, damaged) if size else None

    async def stamp(self, key: str) -> str:
        return _stamp(await asyncio.to_thread(os.stat, self._path(key)))

    async def piece(self, key: str, start: int, length: int, digest: Digest | None = None) -> bytes:
        return await asyncio.to_thread(_read_piece, self._path(key), length, start, digest)

    def room(self) -> int:
        return self._disk.room

    async def put(self, contents: Mapping[str, bytes]) -> None:
        wanted = sum(map(len, contents.values()))
        if wanted > self.room():
            raise disk_full(wanted)
        paths, pieces = [self._path(key) for key in contents], list(contents.values())
        try:
            for start in range(0, len(paths), _OPEN_AT_ONCE):
                end = start + _OPEN_AT_ONCE
                await _in_thread(_put_all, paths[start:end], pieces[start:end])
        except OSError as error:
            raise _disk_full(error) from error

    async def delete(self, key: str) -> None:
        path = self._path(key)
        await asyncio.to_thread(path.unlink, missing_ok=True)


async def _in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Runs ``work`` in a thread and waits for its end even when cancelled, since it uses an open handle."""
    task = asyncio.ensure_future(asyncio.to_thread(work, *args, **kwargs))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        raise


def _put_all(paths: Sequence[Path], contents: Sequence[bytes]) -> None:
    """Writes all, then makes them durable side by side: disks gather what many wait for."""
    handles: list[int] = []
    folders = {path.parent for path in paths}
    try:
        for folder in folders:
            folder.mkdir(mode=0o700, exist_ok=True)
        for path, content in zip(paths, contents, strict=True):
            handles.append(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            _write_all(handles[-1], [content])
        with ThreadPoolExecutor(_SYNCS_AT_ONCE, thread_name_prefix="fsync") as threads:
            # Read to their ends, so that what fails is raised here.
            deque(threads.map(os.fdatasync, handles), 0)
            deque(threads.map(_sync_folder, folders), 0)
    finally:
        for handle in handles:
            os.close(handle)


def _write_all(handle: int, pieces: list[bytes]) -> None:
    for piece in pieces:
        view = memoryview(piece)
        while view:
            view = view[os.write(handle, view) :]


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read_piece(path: Path, length: int, start: int, digest: Digest | None) -> bytes:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        piece = os.pread(handle, length, start)
    finally:
        os.close(handle)
    if len(piece) < length:
        raise EOFError(f"{path.name} ends at {start + len(piece)}")
    if digest is not None:
        digest.update(piece)
    return piece


def _stamp(found: os.stat_result) -> str:
    return f"{found.st_ino} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"


def _fault(path: Path, size: int, damaged: str | None) -> Fault | None:
    try:
        # Opened, since only that shows whether it may be read.
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return Fault.MISSING
    except OSError:
        return Fault.UNREADABLE
    try:
        found = os.fstat(handle)
    finally:
        os.close(handle)
    if not stat.S_ISREG(found.st_mode):
        return Fault.UNREADABLE
    if found.st_size != size:
        return Fault.WRONG_SIZE
    return Fault.DAMAGED if damaged is not None and damaged == _stamp(found) else None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
