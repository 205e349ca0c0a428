"""The files that bytes are stored in: each is opened by its path, and no link is followed."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from ...files.syncing import sync_data
from ...rules.errors import Conflict
from ..base.files import sync_folder
from .base import Bytes, Fault, Parts, StoredBytes, T
from .whole import read
from .writing import stamp_of, write_all

_SYNCS_AT_ONCE = 16
KEY = re.compile(r"[0-9a-f]{32}")


def lock(handle: int) -> None:
    """Raise ``Conflict("upload.locked")`` if another request is writing to the file, in whatever process."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise locked() from None


def locked() -> Conflict:
    """The problem while another request is writing."""
    return Conflict("upload.locked", "Another request is writing this upload; try again shortly.")


def put_all(paths: Sequence[Path], contents: Sequence[Sequence[Bytes]]) -> None:
    """Write all files, then sync them in parallel: disks combine concurrent syncs."""
    handles: list[int] = []
    folders = {path.parent for path in paths}
    try:
        for folder in folders:
            folder.mkdir(mode=0o700, exist_ok=True)
        for path, content in zip(paths, contents, strict=True):
            handles.append(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            write_all(handles[-1], content)
        threads = sync_threads()
        # Each thread gets one task, since handing out a task takes more of the processor than a sync does. All have
        # ended before a file is closed.
        shares = [handles[start::_SYNCS_AT_ONCE] for start in range(min(_SYNCS_AT_ONCE, len(handles)))]
        _all_done([threads.submit(_sync_all, share) for share in shares])
        _all_done([threads.submit(sync_folder, folder) for folder in folders])
    finally:
        for handle in handles:
            os.close(handle)


@cache
def sync_threads() -> ThreadPoolExecutor:
    """What files are synced in. To start and end sixteen for each batch took a twentieth of its time."""
    return ThreadPoolExecutor(_SYNCS_AT_ONCE, thread_name_prefix="fsync")


def _all_done(tasks: Sequence[Future[None]]) -> None:
    """Wait until all have ended. Raises what the first of those that failed has raised."""
    wait(tasks)
    for task in tasks:
        task.result()


def _sync_all(handles: Sequence[int]) -> None:
    for handle in handles:
        sync_data(handle)


def use_piece(path: Path, start: int, length: int, into: memoryview, use: Callable[[Parts], T]) -> T:
    """What ``use`` makes of the ``length`` bytes from ``start`` on, as many at once as ``into`` has room for."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)

    def parts() -> Iterator[Bytes]:
        for at in range(start, start + length, len(into)):
            part = into[: start + length - at]
            found = os.preadv(handle, [part], at)
            if found < len(part):
                raise EOFError(f"the file ends at {at + found}")
            yield part

    try:
        return use(parts())
    finally:
        os.close(handle)


def read_piece(path: Path, length: int, start: int) -> bytes:
    """``length`` bytes from ``start`` on."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        return read(handle, length, start)
    finally:
        os.close(handle)


def fault_of(path: Path, size: int, damaged: str | None) -> Fault | None:
    """What is wrong with a file that should have ``size`` bytes. With the stamp ``damaged``, it is known to be."""
    try:
        # Only opening the file shows whether it can be read.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return Fault.MISSING
    except OSError:
        return Fault.UNREADABLE
    try:
        status = os.fstat(handle)
    finally:
        os.close(handle)
    if not stat.S_ISREG(status.st_mode):
        return Fault.UNREADABLE
    if status.st_size != size:
        return Fault.WRONG_SIZE
    return Fault.DAMAGED if damaged is not None and damaged == stamp_of(status) else None


def open_from_disk(path: Path) -> int:
    """A handle from which the file is read anew, even if the system has it in memory."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    drop_from_memory(handle)
    return handle


def drop_from_memory(handle: int) -> None:
    """Have the system read the file from the disk the next time."""
    # Not every system and file system can do this.
    if sys.platform != "darwin":
        with suppress(AttributeError, OSError):
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)


def stored_in(root: str, folder: Path) -> list[StoredBytes]:
    """What is in one of the folders; its name alone if it isn't one of them."""
    with suppress(NotADirectoryError), os.scandir(folder) as entries:
        return [
            found
            for entry in entries
            if (found := _stored_bytes(Path(entry.path), f"{root}/{folder.name}/{entry.name}", folder.name))
        ]
    found = _stored_bytes(folder, f"{root}/{folder.name}", "")
    return [found] if found else []


def _stored_bytes(path: Path, place: str, folder: str) -> StoredBytes | None:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    is_key = bool(folder and KEY.fullmatch(path.name) and path.name.startswith(folder))
    changed_at = datetime.fromtimestamp(max(status.st_mtime, status.st_ctime), UTC)
    return StoredBytes(path.name if is_key else None, place, status.st_size, changed_at)


def digest_of_file(path: Path) -> str:
    """SHA-256 of the file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
