"""Folders that only the current user can access, and locks in them."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..files.trusted_paths import Untrusted, open_own
from ..rules.errors import Failed
from ..rules.text import printable


def private_folder(folder: Path) -> Path:
    """Create ``folder`` so that only the current user can access it (0700). Raises :class:`Failed`."""
    # Imported late: the app appears sooner without it.
    from ..files.private_files import make_private_folder

    try:
        return make_private_folder(folder)
    except OSError as error:
        raise unusable(folder, error) from error


def unusable(folder: Path, error: OSError) -> Failed:
    """The problem that using ``folder`` raised ``error``."""
    from ..files.private_files import why_unusable

    if isinstance(error, Untrusted):
        return Failed("folder.unusable", printable(error.advice))
    return Failed(
        "folder.unusable",
        f"The folder {printable(str(folder))} cannot be used: {why_unusable(folder, error)}.",
    )


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[int]:
    """Hold the lock file ``path`` and yield its file descriptor; waits until no other process holds it.

    Without ``wait``, raises :class:`BlockingIOError` if another process holds it.
    """
    handle = open_own(path, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield handle
    finally:
        os.close(handle)
