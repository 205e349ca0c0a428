"""A folder of this machine with all that is in it, read without ever leaving it.

Every folder and file is opened from the one that it is in, and no link is followed on the way: whoever changes the
tree meanwhile leads nobody out of it. A link to a file of the tree is that file; all other links are refused.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ..rules.errors import Failed, InvalidValue, Problem
from ..rules.text import printable

#: How much is read at once, in bytes; a file that is no larger is read in one go.
CHUNK = 1024 * 1024

Parts = tuple[str, ...]

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A file of the tree. ``path`` is what it is called there, ``place`` where its bytes are; ``size`` in bytes."""

    path: Parts
    place: Parts
    size: int
    modified: datetime
    identity: tuple[int, int, int]

    @property
    def name(self) -> str:
        return self.path[-1]


@dataclass(slots=True)
class Listing:
    """What is in a folder: names of folders, files, and what cannot be had, each with the reason."""

    folders: list[str] = field(default_factory=list)
    files: list[TreeFile] = field(default_factory=list)
    refused: list[tuple[Parts, Problem]] = field(default_factory=list)


def shown(path: Parts) -> str:
    """``a/b.txt``, with what is no text in names made visible."""
    return os.fsencode("/".join(path)).decode("utf-8", "replace") or "."


class Tree:
    """The folder ``root``, which may be named by a link. Raises :class:`InvalidValue` where there is none."""

    def __init__(self, root: Path) -> None:
        try:
            self._real = Path(os.path.realpath(root, strict=True))
            self._root = os.open(self._real, _FOLDER)
        except (OSError, ValueError) as error:
            raise _no_folder(root, error) from error

    def close(self) -> None:
        os.close(self._root)

    def __enter__(self) -> Tree:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def listing(self, folder: Parts) -> Listing:
        """What is in ``folder``, by name. Raises :class:`Failed` where it cannot be read (any more)."""
        found = Listing()
        try:
            handle = self._open_folder(folder)
            try:
                # An entry's own path is its name only: all is asked of the handle.
                with os.scandir(handle) as entries:
                    names = sorted(entry.name for entry in entries)
                for name in names:
                    self._look(found, handle, (*folder, name))
            finally:
                os.close(handle)
        except OSError as error:
            raise _unreadable(folder, error, "folder") from error
        return found

    def count(self) -> int:
        """How many files there are, as far as can be seen."""
        number, folders = 0, [()]  # type: tuple[int, list[Parts]]
        while folders:
            here = folders.pop()
            try:
                found = self.listing(here)
            except Problem:
                continue
            number += len(found.files)
            folders += [(*here, name) for name in found.folders]
        return number

    def _look(self, found: Listing, handle: int, path: Parts) -> None:
        name = path[-1]
        try:
            facts = os.stat(name, dir_fd=handle, follow_symlinks=False)
            if not _is_text(name):
                raise Failed("name.unreadable", "Its name is not valid UTF-8; rename it.")
            if stat.S_ISDIR(facts.st_mode):
                found.folders.append(name)
            elif stat.S_ISREG(facts.st_mode):
                found.files.append(_file(path, path, facts))
            elif stat.S_ISLNK(facts.st_mode):
                found.files.append(self._linked(path))
            else:
                raise Failed("file.special", "It is not a regular file.")
        except Problem as problem:
            found.refused.append((path, problem))
        except OSError as error:
            found.refused.append((path, _unreadable(path, error, "file")))

    def _linked(self, path: Parts) -> TreeFile:
        """The file of the tree that a link leads to. Raises :class:`Failed` where it leads to anything else."""
        target = Path(os.path.realpath(self._real.joinpath(*path), strict=True))
        if not target.is_relative_to(self._real):
            raise Failed("link.outside", "It is a symbolic link out of the folder, which is not followed.")
        place = target.relative_to(self._real).parts
        facts = target.lstat()
        if stat.S_ISDIR(facts.st_mode):
            raise Failed("link.folder", "It is a symbolic link to a folder that is imported anyway.")
        if not stat.S_ISREG(facts.st_mode):
            raise Failed("file.special", "It is a symbolic link to something that is not a regular file.")
        return _file(path, place, facts)

    def _open_folder(self, folder: Parts) -> int:
        handle = os.dup(self._root)
        for name in folder:
            try:
                inner = os.open(name, _FOLDER, dir_fd=handle)
            finally:
                os.close(handle)
            handle = inner
        return handle

    # ------------------------------------------------------------ content

    def read(self, file: TreeFile) -> Iterator[bytes]:
        """The file's bytes in pieces of up to :data:`CHUNK`. Raises :class:`Failed` where they cannot be read, or
        are no longer those of the file that was listed."""
        try:
            folder = self._open_folder(file.place[:-1])
            try:
                handle = os.open(file.place[-1], _FILE, dir_fd=folder)
            finally:
                os.close(folder)
            try:
                _check(handle, file)
                left = file.size
                while left:
                    piece = os.read(handle, min(CHUNK, left))
                    if not piece:
                        raise _changed()
                    left -= len(piece)
                    if not left:
                        # Before the last piece is given out, so that nobody takes the file for complete.
                        _check(handle, file)
                    yield piece
            finally:
                os.close(handle)
        except OSError as error:
            raise _unreadable(file.path, error, "file") from error

    def digest(self, file: TreeFile) -> tuple[str, bytes | None]:
        """The SHA-256 of its bytes in hexadecimal, and the bytes where they are few. Raises as :meth:`read` does."""
        if file.size <= CHUNK:
            content = b"".join(self.read(file))
            return hashlib.sha256(content).hexdigest(), content
        made = hashlib.sha256()
        for piece in self.read(file):
            made.update(piece)
        return made.hexdigest(), None


def _file(path: Parts, place: Parts, facts: os.stat_result) -> TreeFile:
    modified = datetime.fromtimestamp(facts.st_mtime, UTC)
    return TreeFile(path, place, facts.st_size, modified, _identity(facts))


def _identity(facts: os.stat_result) -> tuple[int, int, int]:
    return facts.st_dev, facts.st_ino, facts.st_mtime_ns


def _check(handle: int, file: TreeFile) -> None:
    facts = os.fstat(handle)
    if not stat.S_ISREG(facts.st_mode) or facts.st_size != file.size or _identity(facts) != file.identity:
        raise _changed()


def _changed() -> Failed:
    return Failed(
        "file.changed", "It changed while it was being read; import again when nothing writes to it."
    )


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unreadable(path: Parts, error: OSError, what: str) -> Failed:
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return Failed(f"{what}.missing", f"The {what} is not there.")
    if error.errno == errno.ELOOP:
        return Failed("link.outside", "It was replaced by a symbolic link, which is not followed.")
    if error.errno in (errno.EACCES, errno.EPERM):
        return Failed(f"{what}.unreadable", "You have no permission to read it.")
    return Failed(f"{what}.unreadable", f"It cannot be read ({os.strerror(error.errno or errno.EIO)}).")


def _no_folder(root: Path, error: OSError | ValueError) -> InvalidValue:
    name, number = printable(str(root)), error.errno if isinstance(error, OSError) else errno.ENOENT
    if number in (errno.EACCES, errno.EPERM):
        return InvalidValue("folder.unreadable", f"You have no permission to read the folder {name}.", "dir")
    if number == errno.ENOTDIR and root.exists():
        return InvalidValue("folder.file", f"{name} is a file; name a folder.", "dir")
    return InvalidValue("folder.missing", f"There is no folder {name}; check the spelling.", "dir")
