"""Folders that only the current user can access, and locks in them."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..rules.errors import Failed
from ..rules.text import printable


def private_folder(folder: Path) -> Path:
    """Create ``folder`` so that only the current user can access it (0700). Raises :class:`Failed`."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = folder.stat()
        if facts.st_uid == os.geteuid() and facts.st_mode & 0o077:
            folder.chmod(0o700)
    except OSError as error:
        raise unusable(folder, error) from error
    return folder


def unusable(folder: Path, error: OSError) -> Failed:
    """The problem that using ``folder`` raised ``error``."""
    from ..private_files import why_unusable

    return Failed(
        "folder.unusable",
        f"The folder {printable(str(folder))} cannot be used: {why_unusable(folder, error)}.",
    )


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[int]:
    """Hold the lock file ``path`` and yield its file descriptor; waits until no other process holds it.

    Without ``wait``, raises :class:`BlockingIOError` if another process holds it.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield handle
    finally:
        os.close(handle)
