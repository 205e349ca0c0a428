"""Files on this machine: inspecting, listing, and reading them, with changes during the read detected.

A path that can't be used (missing, a folder, unreadable) raises :class:`InvalidValue`; whatever happens to a file
while it is being sent raises :class:`Failed`.
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
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from pathlib import Path

from ..rules.errors import Failed, InvalidValue, Problem
from ..rules.names import natural_key
from ..rules.text import printable

#: The bytes read at a time.
CHUNK = 1024 * 1024
# The most bytes read of a file that doesn't report its length.
_MAX_UNSIZED = 16 * 1024 * 1024

_FLAGS = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file as it was when it was inspected; ``size`` is in bytes."""

    path: Path
    name: str
    size: int
    #: Device, inode and modification time: they differ for another file or other content.
    identity: tuple[int, int, int]
    #: The content of a file that reports a size of 0 but isn't empty, such as those in ``/proc``.
    content: bytes = field(default=b"", repr=False)

    @classmethod
    def open(cls, given: Path | str) -> LocalFile:
        """Inspect the file at the path ``given``, which may be a link to one. A text is the path as the user spelled
        it: a :class:`Path` drops a slash at the end, and so sends a file that no other program would find.

        Raises :class:`InvalidValue`: ``file.missing``, ``file.folder``, ``file.special``, ``file.unreadable``.
        """
        path = Path(given)
        try:
            info = path.stat()
            _check_kind(path, info.st_mode)
            handle = os.open(given, _FLAGS)
            try:
                content = b"" if info.st_size else _content(path, handle)
            finally:
                os.close(handle)
        except (OSError, ValueError) as error:
            raise _unusable(str(given), error) from error
        if not content:
            return cls(path, path.name, info.st_size, _identity(info))
        # The modification time of such a file changes on every look, so its content identifies it.
        digest = int.from_bytes(hashlib.sha256(content).digest())
        return cls(path, path.name, len(content), (info.st_dev, info.st_ino, digest), content)

    async def look_again(self) -> LocalFile:
        """Inspect the file again. Raises as :meth:`open` does."""
        return await asyncio.to_thread(self.as_now)

    def as_now(self) -> LocalFile:
        """:meth:`look_again`, for a thread that looks at several files."""
        try:
            return LocalFile.open(self.path)
        except InvalidValue as error:
            if isinstance(error.__cause__, FileNotFoundError | NotADirectoryError):
                raise _gone(self.path) from error
            raise

    def has_changed(self) -> bool:
        """Whether there is other content at the path by now. What was moved or deleted hasn't changed."""
        if self.content:
            return False
        try:
            info = self.path.stat()
        except (OSError, ValueError):
            return False
        return info.st_size != self.size or _identity(info) != self.identity

    async def read(self, start: int = 0) -> AsyncIterator[bytes]:
        """Yield the bytes from ``start`` on, in pieces of up to :data:`CHUNK`.

        Raises :class:`Failed` ``file.changed`` if the file isn't the one that was inspected, or changes while it is
        read, ``file.read_error`` if the disk fails, and :class:`InvalidValue` ``file.missing`` if it no longer exists.
        """
        if self.content:
            for begin in range(start, self.size, CHUNK):
                yield self.content[begin : begin + CHUNK]
            return
        reader = _FolderReader(self, start)
        try:
            while not reader.done:
                piece = await asyncio.to_thread(reader.next)
                if piece:
                    yield piece
        finally:
            reader.abandon()

    def whole(self) -> bytes:
        """All bytes of a small file, for a thread that reads several. Raises as :meth:`read` does."""
        if self.content:
            return self.content
        reader, pieces = _FolderReader(self, 0), list[bytes]()
        try:
            while not reader.done:
                pieces.append(reader.next())
        finally:
            reader.abandon()
        return b"".join(pieces)


class _FolderReader:
    """A file being read piece by piece, each in a thread; it may be abandoned while a thread is reading."""

    def __init__(self, file: LocalFile, position: int) -> None:
        self.done = False
        self._file = file
        self._position = position
        self._handle: int | None = None
        self._abandoned = False
        self._busy = threading.Lock()

    def next(self) -> bytes:
        """Read the next piece. The last one, after which ``done`` is set, may be empty."""
        try:
            with self._busy:
                return self._next()
        finally:
            if self._abandoned:
                self._close()

    def abandon(self) -> None:
        """Close the file now, or as soon as the thread that is reading it has finished."""
        self._abandoned = True
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
                # Before the last piece is returned, so that no caller takes a changed file for complete.
                self._check_unchanged(self._handle)
                self.done = True
            return piece
        except FileNotFoundError as error:
            raise _gone(file.path) from error
        except OSError as error:
            raise Failed(
                "file.read_error",
                f"{printable(file.name)} cannot be read ({os.strerror(error.errno or errno.EIO)}); "
                "check its disk and send it again.",
            ) from error

    def _check_unchanged(self, handle: int) -> None:
        info = os.fstat(handle)
        if info.st_size != self._file.size or _identity(info) != self._file.identity:
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
    """Read a file that reports a size of 0. Raises :class:`InvalidValue` if its content is too much for memory."""
    pieces, total = [], 0
    try:
        while total <= _MAX_UNSIZED and (piece := os.read(handle, CHUNK)):
            pieces.append(piece)
            total += len(piece)
    except BlockingIOError:
        # Nothing to read now, though there may be later: treat it as the end.
        pass
    if total > _MAX_UNSIZED:
        raise InvalidValue(
            "file.special",
            f"{printable(str(path))} doesn't report its size; copy its content into a file and send that.",
            "item",
        )
    return b"".join(pieces)


def _identity(info: os.stat_result) -> tuple[int, int, int]:
    return info.st_dev, info.st_ino, info.st_mtime_ns


def _check_kind(path: Path, mode: int) -> None:
    path_text = printable(str(path))
    if stat.S_ISDIR(mode):
        raise InvalidValue("file.folder", f"{path_text} is a folder; name the files in it.", "item")
    if not stat.S_ISREG(mode):
        raise InvalidValue(
            "file.special",
            f"{path_text} is not a regular file; copy its content into one and send that.",
            "item",
        )


def _gone(path: Path) -> InvalidValue:
    """The problem of a file that was there before."""
    return InvalidValue(
        "file.missing",
        f"{printable(str(path))} is no longer there; put it back, or send the rest without it.",
        "item",
    )


def _unusable(path: str, error: OSError | ValueError) -> InvalidValue:
    path_text = printable(path)
    code = error.errno if isinstance(error, OSError) else errno.ENOENT
    if code in (errno.EACCES, errno.EPERM):
        return InvalidValue("file.unreadable", f"{path_text} cannot be read: you have no permission.", "item")
    if path_text == "-":
        return InvalidValue(
            "file.missing", "Standard input can't be sent; save it in a file and send that.", "item"
        )
    if code == errno.ENOTDIR and path.endswith("/"):
        shown = printable(path.rstrip("/"))
        return InvalidValue(
            "file.missing", f"{shown} is not a folder; name it without the slash at its end.", "item"
        )
    if code == errno.ENOENT and Path(path).is_symlink():
        return InvalidValue(
            "file.missing",
            f"{path_text} is a symbolic link to {printable(os.path.realpath(path))}, which is not there; put it "
            "back, or name the document itself.",
            "item",
        )
    if code in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EINVAL):
        return InvalidValue(
            "file.missing",
            f"There is no file {path_text}; check the spelling, or whether it was moved.",
            "item",
        )
    if code == errno.ELOOP:
        return InvalidValue(
            "file.missing", f"{path_text} is a symbolic link that leads back to itself.", "item"
        )
    if code == errno.ENXIO:
        return InvalidValue(
            "file.special", f"{path_text} is not a regular file, so it can't be sent.", "item"
        )
    return InvalidValue(
        "file.unreadable", f"{path_text} cannot be read ({os.strerror(code or errno.EIO)}).", "item"
    )


@dataclass(frozen=True, slots=True)
class FolderEntry:
    """One line of a folder listing. An entry that isn't ``usable`` can be neither opened nor sent."""

    path: Path
    name: str
    is_folder: bool
    #: Bytes; 0 for a folder.
    size: int
    #: ``None`` if that isn't known.
    modified: datetime | None
    usable: bool = True


async def list_folder(path: Path, hidden: bool = False) -> list[FolderEntry]:
    """List the folders and files in ``path``: folders first, then by name as :func:`natural_key` compares them.

    Names that begin with a dot are included only if ``hidden``. Raises :class:`InvalidValue` ``folder.missing`` or
    ``folder.unreadable``.
    """
    return await asyncio.to_thread(_list_folder, path, hidden)


def _list_folder(path: Path, hidden: bool) -> list[FolderEntry]:
    path_text = printable(str(path))
    try:
        with os.scandir(path) as items:
            entries = [_entry(item) for item in items if hidden or not item.name.startswith(".")]
    except PermissionError as error:
        raise InvalidValue(
            "folder.unreadable", f"The folder {path_text} cannot be read: you have no permission."
        ) from error
    except (OSError, ValueError) as error:
        raise InvalidValue(
            "folder.missing", f"There is no folder {path_text}; it may have been moved or deleted."
        ) from error
    return sorted(entries, key=lambda e: (not e.is_folder, natural_key(e.name)))


def _entry(item: os.DirEntry[str]) -> FolderEntry:
    try:
        info = item.stat()
    except OSError:  # a dangling link, or a file that was deleted just now
        return FolderEntry(Path(item.path), item.name, False, 0, None, usable=False)
    is_folder = stat.S_ISDIR(info.st_mode)
    usable = is_folder or stat.S_ISREG(info.st_mode)
    size = 0 if is_folder else info.st_size
    return FolderEntry(Path(item.path), item.name, is_folder, size, modified_at(info), usable)


def modified_at(info: os.stat_result) -> datetime | None:
    """When a file was last modified; ``None`` if the calendar doesn't reach that moment in every time zone."""
    try:
        at = datetime.fromtimestamp(info.st_mtime, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return at if MINYEAR < at.year < MAXYEAR else None
