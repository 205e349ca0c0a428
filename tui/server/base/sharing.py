"""Which server processes share a data folder: each holds a lock on it as long as it runs, whatever ends it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_FILE = "serving.lock"
#: Number, kind, whether it is mandatory, whether it is exclusive, process, DEVICE:INODE, and the range.
_LOCKS = Path("/proc/locks")


@contextmanager
def sharing(data: Path) -> Iterator[bool]:
    """Share the folder during the block. Yields whether no other process on this machine did when it began.

    The caller may put in order then what a process that was killed has left.
    """
    try:
        handle = os.open(data / _FILE, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError:
        # A full disk. Links are served all the same.
        yield False
        return
    try:
        yield _is_first(handle)
    finally:
        os.close(handle)


@contextmanager
def exclusive(path: Path) -> Iterator[bool]:
    """Yields whether no other process on this machine is in such a block with the same file."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_alone = True
        except BlockingIOError:
            is_alone = False
        yield is_alone
    finally:
        os.close(handle)


def sharers(data: Path) -> list[int]:
    """The numbers of the processes on this machine that share the folder, of whatever version. Those of another
    container are 0, and elsewhere than on Linux there are none."""
    try:
        status = (data / _FILE).stat()
        lines = _LOCKS.read_text().splitlines()
    except OSError:
        return []
    place = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    fields = [line.split() for line in lines]
    return [int(each[4]) for each in fields if each[1:3] == ["FLOCK", "ADVISORY"] and each[5] == place]


def _is_first(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_first = True
    except OSError:
        # Another process holds it, or the file system has no locks.
        is_first = False
    with suppress(OSError):
        fcntl.flock(handle, fcntl.LOCK_SH)
    return is_first
