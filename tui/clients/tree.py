"""A folder tree on this machine, read without ever leaving it.

Every folder and file is opened relative to its parent, and no link is followed on the way: changing the tree while it
is read can't lead out of it. A link to a file in the tree is read as that file; all other links are refused.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ..rules.errors import Failed, InvalidValue, Problem
from ..rules.names import natural_key
from ..rules.text import printable
from .files import modified_at

#: The bytes read at a time; a file up to this size is read in one go.
CHUNK = 1024 * 1024

Parts = tuple[str, ...]

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A file in the tree. ``path`` is its path as listed, ``place`` where the bytes are; ``size`` is in bytes."""

    path: Parts
    place: Parts
    size: int
    modified: datetime | None
    identity: tuple[int, int, int]

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path[-1]


@dataclass(slots=True)
class Listing:
    """The content of a folder: names of folders, files, and the paths that can't be read, each with the reason."""

    folders: list[str] = field(default_factory=list)
    files: list[TreeFile] = field(default_factory=list)
    refused: list[tuple[Parts, Problem]] = field(default_factory=list)


def shown(path: Parts) -> str:
    """``a/b.txt``, with bytes that aren't valid text made visible."""
    return os.fsencode("/".join(path)).decode("utf-8", "replace") or "."


class Tree:
    """The folder ``root``, which may be a link. Raises :class:`InvalidValue` if it can't be opened."""

    def __init__(self, root: Path) -> None:
        try:
            self._real_root = Path(os.path.realpath(root, strict=True))
            self._root = os.open(self._real_root, _FOLDER)
        except (OSError, ValueError) as error:
            raise _no_folder(root, error) from error

    def close(self) -> None:
        """Let go of the folder; files that are being read stay readable."""
        os.close(self._root)

    def __enter__(self) -> Tree:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def listing(self, folder: Parts) -> Listing:
        """The content of ``folder``, sorted by name. Raises :class:`Failed` if it can't be read (any more)."""
        result = Listing()
        try:
            handle = self._open_folder(folder)
            try:
                # The path of an entry is only its name here, so everything is looked up relative to the handle.
                with os.scandir(handle) as entries:
                    names = sorted((entry.name for entry in entries), key=natural_key)
                for name in names:
                    self._add_entry(result, handle, (*folder, name))
            finally:
                os.close(handle)
        except OSError as error:
            raise _unreadable(folder, error, "folder") from error
        return result

    def count(self) -> int:
        """The number of files, not counting folders that can't be read."""
        total, folders = 0, [()]  # type: tuple[int, list[Parts]]
        while folders:
            folder = folders.pop()
            try:
                listing = self.listing(folder)
            except Problem:
                continue
            total += len(listing.files)
            folders += [(*folder, name) for name in listing.folders]
        return total

    def _add_entry(self, result: Listing, handle: int, path: Parts) -> None:
        name = path[-1]
        try:
            info = os.stat(name, dir_fd=handle, follow_symlinks=False)
            if not _is_text(name):
                raise Failed("name.unreadable", "Its name is not valid UTF-8; rename it.")
            if stat.S_ISDIR(info.st_mode):
                result.folders.append(name)
            elif stat.S_ISREG(info.st_mode):
                result.files.append(_file(path, path, info))
            elif stat.S_ISLNK(info.st_mode):
                result.files.append(self._resolve_link(path))
            else:
                raise Failed("file.special", "It is not a regular file.")
        except Problem as problem:
            result.refused.append((path, problem))
        except OSError as error:
            result.refused.append((path, _unreadable(path, error, "file")))

    def _resolve_link(self, path: Parts) -> TreeFile:
        """The file in the tree that a link leads to. Raises :class:`Failed` if it leads to anything else."""
        target = Path(os.path.realpath(self._real_root.joinpath(*path), strict=True))
        if not target.is_relative_to(self._real_root):
            raise Failed("link.outside", "It is a symbolic link out of the folder, which is not followed.")
        place = target.relative_to(self._real_root).parts
        info = target.lstat()
        if stat.S_ISDIR(info.st_mode):
            raise Failed("link.folder", "It is a symbolic link to a folder that is imported anyway.")
        if not stat.S_ISREG(info.st_mode):
            raise Failed("file.special", "It is a symbolic link to something that is not a regular file.")
        return _file(path, place, info)

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
        """Yield the file's bytes in pieces of up to :data:`CHUNK`.

        Raises :class:`Failed` if they can't be read, or the file is no longer the one that was listed.
        """
        try:
            parent = self._open_folder(file.place[:-1])
            try:
                handle = os.open(file.place[-1], _FILE, dir_fd=parent)
            finally:
                os.close(parent)
            try:
                _check(handle, file)
                remaining = file.size
                while remaining:
                    piece = os.read(handle, min(CHUNK, remaining))
                    if not piece:
                        raise _changed()
                    remaining -= len(piece)
                    if not remaining:
                        # Before the last piece is yielded, so that no caller takes a changed file for complete.
                        _check(handle, file)
                    yield piece
            finally:
                os.close(handle)
        except OSError as error:
            raise _unreadable(file.path, error, "file") from error

    def digest(self, file: TreeFile) -> tuple[str, bytes | None]:
        """The SHA-256 in hexadecimal, and the content if it is small. Raises as :meth:`read` does."""
        if file.size <= CHUNK:
            content = b"".join(self.read(file))
            return hashlib.sha256(content).hexdigest(), content
        hasher = hashlib.sha256()
        for piece in self.read(file):
            hasher.update(piece)
        return hasher.hexdigest(), None


def _file(path: Parts, place: Parts, info: os.stat_result) -> TreeFile:
    return TreeFile(path, place, info.st_size, modified_at(info), _identity(info))


def _identity(info: os.stat_result) -> tuple[int, int, int]:
    return info.st_dev, info.st_ino, info.st_mtime_ns


def _check(handle: int, file: TreeFile) -> None:
    info = os.fstat(handle)
    if not stat.S_ISREG(info.st_mode) or info.st_size != file.size or _identity(info) != file.identity:
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
        return Failed(f"{what}.missing", f"The {what} doesn't exist.")
    if error.errno == errno.ELOOP:
        return Failed("link.outside", "It was replaced by a symbolic link, which is not followed.")
    if error.errno in (errno.EACCES, errno.EPERM):
        return Failed(f"{what}.unreadable", "You have no permission to read it.")
    return Failed(f"{what}.unreadable", f"It cannot be read ({os.strerror(error.errno or errno.EIO)}).")


def _no_folder(root: Path, error: OSError | ValueError) -> InvalidValue:
    name, code = printable(str(root)), error.errno if isinstance(error, OSError) else errno.ENOENT
    if code in (errno.EACCES, errno.EPERM):
        return InvalidValue("folder.unreadable", f"You have no permission to read the folder {name}.", "dir")
    if code == errno.ENOTDIR and root.exists():
        return InvalidValue("folder.file", f"{name} is a file; name a folder.", "dir")
    return InvalidValue("folder.missing", f"There is no folder {name}; check the spelling.", "dir")
