"""Which server processes share a data folder: each holds a lock on it as long as it runs, whatever ends it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_FILE = "serving.lock"


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
