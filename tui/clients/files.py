"""This machine's files: looked at, listed, and read without being changed underneath.

What a person named wrongly (missing, a folder, unreadable) is an :class:`InvalidValue`; what happens to a file
while it is sent is :class:`Failed`.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import stat
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ..rules.errors import Failed, InvalidValue, Problem
from ..rules.text import printable

#: How much is read at once, in bytes.
CHUNK = 1024 * 1024
# The most of a file that does not say how long it is.
_MOST_UNSAID = 16 * 1024 * 1024

_FLAGS = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file as it was when somebody looked at it; ``size`` in bytes."""

    path: Path
    name: str
    size: int
    #: Device, inode and time of the last change: another file, or other content, has others.
    identity: tuple[int, int, int]
    #: Of a file that says it is empty and is not, as those of ``/proc`` do: what was in it.
    content: bytes = field(default=b"", repr=False)

    @classmethod
    def open(cls, path: Path) -> LocalFile:
        """Looks at the file at ``path``, which may be a link to one.

        Raises :class:`InvalidValue`: ``file.missing``, ``file.folder``, ``file.special``, ``file.unreadable``.
        """
        try:
            facts = path.stat()
            _check_kind(path, facts.st_mode)
            handle = os.open(path, _FLAGS)
            try:
                content = b"" if facts.st_size else _content(path, handle)
            finally:
                os.close(handle)
        except (OSError, ValueError) as error:
            raise _unusable(path, error) from error
        if not content:
            return cls(path, path.name, facts.st_size, _identity(facts))
        # Such a file changes whenever it is looked at, and there is no telling but by what is in it.
        digest = int.from_bytes(hashlib.sha256(content).digest())
        return cls(path, path.name, len(content), (facts.st_dev, facts.st_ino, digest), content)

    async def look_again(self) -> LocalFile:
        """The file as it is now. Raises as :meth:`open` does."""
        return await asyncio.to_thread(LocalFile.open, self.path)

    async def read(self, start: int = 0) -> AsyncIterator[bytes]:
        """The bytes from ``start`` on, in pieces of up to :data:`CHUNK`.

        Raises :class:`Failed` ``file.changed`` where the file is no longer the one that was looked at, or is
        changed while it is read, ``file.read_error`` where the disk fails, and :class:`InvalidValue`
        ``file.missing`` where it is gone.
        """
        if self.content:
            for begin in range(start, self.size, CHUNK):
                yield self.content[begin : begin + CHUNK]
            return
        reading = _Reading(self, start)
        try:
            while not reading.done:
                piece = await asyncio.to_thread(reading.next)
                if piece:
                    yield piece
        finally:
            reading.give_up()


class _Reading:
    """A file being read, piece by piece, each in a thread; it may be given up while a thread is at it."""

    def __init__(self, file: LocalFile, position: int) -> None:
        self.done = False
        self._file = file
        self._position = position
        self._handle: int | None = None
        self._given_up = False
        self._busy = threading.Lock()

    def next(self) -> bytes:
        """The next piece; the last one, after which it is ``done``, may be empty."""
        try:
            with self._busy:
                return self._next()
        finally:
            if self._given_up:
                self._close()

    def give_up(self) -> None:
        """Closes the file now, or as soon as the thread that reads it is done."""
        self._given_up = True
        if self._busy.acquire(blocking=False):
            self._close()
            self._busy.release()

    def _next(self) -> bytes:
        file = self._file
        try:
            if self._handle is None:
                self._handle = os.open(file.path, _FLAGS)
                self._check_unchanged(self._handle)
            piece = os.pread(self._handle, min(CHUNK, file.size - self._position), self._position)
            self._position += len(piece)
            if self._position < file.size and not piece:
                raise self._changed()
            if self._position >= file.size:
                # Before the last piece is given out, so that nobody takes the document for complete.
                self._check_unchanged(self._handle)
                self.done = True
            return piece
        except FileNotFoundError as error:
            raise _unusable(file.path, error) from error
        except OSError as error:
            raise Failed(
                "file.read_error",
                f"{printable(file.name)} cannot be read ({os.strerror(error.errno or errno.EIO)}); "
                "check its disk and send it again.",
            ) from error

    def _check_unchanged(self, handle: int) -> None:
        facts = os.fstat(handle)
        if facts.st_size != self._file.size or _identity(facts) != self._file.identity:
            raise self._changed()

    def _changed(self) -> Problem:
        return Failed(
            "file.changed",
            f"{printable(self._file.name)} changed while it was being sent; send it again when nothing writes to it.",
        )

    def _close(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)


def _content(path: Path, handle: int) -> bytes:
    """What is in a file that says it is empty. Raises :class:`InvalidValue` where that is too much for memory."""
    pieces, total = [], 0
    try:
        while total <= _MOST_UNSAID and (piece := os.read(handle, CHUNK)):
            pieces.append(piece)
            total += len(piece)
    except BlockingIOError:
        # It has nothing to say now, and may later: it is no file with an end.
        pass
    if total > _MOST_UNSAID:
        raise InvalidValue(
            "file.special",
            f"{printable(str(path))} doesn't say how long it is; copy its content into a file and send that.",
            "item",
        )
    return b"".join(pieces)


def _identity(facts: os.stat_result) -> tuple[int, int, int]:
    return facts.st_dev, facts.st_ino, facts.st_mtime_ns


def _check_kind(path: Path, mode: int) -> None:
    shown = printable(str(path))
    if stat.S_ISDIR(mode):
        raise InvalidValue("file.folder", f"{shown} is a folder; name the files in it.", "item")
    if not stat.S_ISREG(mode):
        raise InvalidValue(
            "file.special", f"{shown} is not a regular file; copy its content into one and send that.", "item"
        )


def _unusable(path: Path, error: OSError | ValueError) -> InvalidValue:
    shown = printable(str(path))
    number = error.errno if isinstance(error, OSError) else errno.ENOENT
    if number in (errno.EACCES, errno.EPERM):
        return InvalidValue("file.unreadable", f"{shown} cannot be read: you have no permission.", "item")
    if number in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EINVAL):
        return InvalidValue(
            "file.missing",
            f"There is no file {shown}; check the spelling, or whether it was moved.",
            "item",
        )
    if number == errno.ELOOP:
        return InvalidValue("file.missing", f"{shown} is a symbolic link that leads back to itself.", "item")
    if number == errno.ENXIO:
        return InvalidValue("file.special", f"{shown} is not a regular file, so it can't be sent.", "item")
    return InvalidValue(
        "file.unreadable", f"{shown} cannot be read ({os.strerror(number or errno.EIO)}).", "item"
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a folder's listing. What is not ``usable`` can be neither opened nor sent."""

    path: Path
    name: str
    is_folder: bool
    #: Bytes; 0 for a folder.
    size: int
    modified: datetime | None
    usable: bool = True


async def list_folder(path: Path, hidden: bool = False) -> list[Entry]:
    """Folders and files in ``path``: folders first, then by name without regard to case.

    Names that begin with a dot come only where ``hidden``. Raises :class:`InvalidValue` ``folder.missing`` or
    ``folder.unreadable``.
    """
    return await asyncio.to_thread(_list_folder, path, hidden)


def _list_folder(path: Path, hidden: bool) -> list[Entry]:
    shown = printable(str(path))
    try:
        with os.scandir(path) as found:
            entries = [_entry(item) for item in found if hidden or not item.name.startswith(".")]
    except PermissionError as error:
        raise InvalidValue(
            "folder.unreadable", f"The folder {shown} cannot be read: you have no permission."
        ) from error
    except (OSError, ValueError) as error:
        raise InvalidValue(
            "folder.missing", f"There is no folder {shown}; it may have been moved or deleted."
        ) from error
    return sorted(entries, key=lambda e: (not e.is_folder, e.name.casefold(), e.name))


def _entry(item: os.DirEntry[str]) -> Entry:
    try:
        facts = item.stat()
    except OSError:  # a link that leads nowhere, or a file that went in this moment
        return Entry(Path(item.path), item.name, False, 0, None, usable=False)
    is_folder = stat.S_ISDIR(facts.st_mode)
    usable = is_folder or stat.S_ISREG(facts.st_mode)
    size = 0 if is_folder else facts.st_size
    return Entry(
        Path(item.path), item.name, is_folder, size, datetime.fromtimestamp(facts.st_mtime, UTC), usable
    )
