"""The file of a journal (``journal.py``): locked by the process that works on the send, and written line by line."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ...files.private_files import make_private_folder
from ...files.syncing import sync_data
from ...files.trusted_paths import open_own

#: Instead of the suffix of a journal.
ASIDE = ".damaged"
_FLAGS = os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
# Listing the journals holds each lock for a moment, so a failed lock is retried.
_LOCK_TRIES, _LOCK_PAUSE = 20, 0.01


class JournalFile:
    """The file at ``path``, held by this process from :meth:`create` or :meth:`open` until :meth:`release`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.handle = -1
        #: Lines that couldn't be written.
        self._unwritten: list[bytes] = []

    @property
    def held(self) -> bool:
        """Whether the file exists and this process has locked it."""
        return self.handle >= 0

    def create(self, line: bytes) -> None:
        """Create the file with its first line. Raises :class:`OSError`; then there is no file."""
        temporary = _created(self.path.parent) / f".{self.path.stem}"
        handle = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | _FLAGS, 0o600)
        try:
            # It gets its final name only when it is complete and locked, or it would count as an interrupted send.
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _write(handle, line)
            os.fsync(handle)
            temporary.rename(self.path)
            _sync_folder(self.path.parent)
        except OSError:
            os.close(handle)
            temporary.unlink(missing_ok=True)
            raise
        self.handle = handle
        self._unwritten.clear()

    def open(self) -> bool:
        """Lock an existing file. Returns whether that was possible: another process may hold it.

        Raises :class:`OSError`, also if the process that held it has finished the send.
        """
        handle = open_file(self.path, os.O_RDWR | os.O_APPEND)
        if not _lock(handle):
            os.close(handle)
            return False
        if os.fstat(handle).st_nlink == 0:
            os.close(handle)
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self.path))
        self.handle = handle
        return True

    def append(self, line: bytes, *, sync: bool = False) -> None:
        """Write a line. Raises :class:`OSError`; then the next call writes it, too."""
        self._unwritten.append(line)
        while self._unwritten:
            _write(self.handle, self._unwritten[0])
            del self._unwritten[0]
        if sync:
            sync_data(self.handle)

    def delete(self, *, aside: bool = False) -> None:
        """Delete the file, or set it aside, and release it. What is set aside counts as new."""
        with suppress(OSError):
            if aside:
                os.utime(self.handle)
                self.path.rename(aside_of(self.path))
            else:
                self.path.unlink(missing_ok=True)
        self.release()

    def release(self) -> None:
        """Unlock the file: another process may hold it."""
        if self.held:
            os.close(self.handle)
            self.handle = -1


def aside_of(path: Path) -> Path:
    """Where a damaged journal is kept, once its links were shown."""
    return path.with_suffix(ASIDE)


def open_file(path: Path, flags: int) -> int:
    """Open a journal's file. Raises :class:`OSError`, also if it is anything but a regular file."""
    return open_own(path, flags)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes from looking for journals in order to begin one, until this one has done both.

    Waits for a process that does; nothing slow may be done in the block. Without a lock if the folder isn't writable:
    then there can be no journals.
    """
    handle = -1
    try:
        with suppress(OSError):
            handle = os.open(_created(folder) / ".lock", os.O_RDWR | os.O_CREAT | _FLAGS, 0o600)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        if handle >= 0:
            os.close(handle)


def _write(handle: int, line: bytes) -> None:
    rest = memoryview(line)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _created(folder: Path) -> Path:
    return make_private_folder(folder)


def _lock(handle: int) -> bool:
    for _ in range(_LOCK_TRIES):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(_LOCK_PAUSE)
        else:
            return True
    return False
