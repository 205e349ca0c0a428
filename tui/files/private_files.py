"""Writing files that only the current user can access (mode 0600): completely or not at all.

Each is written under another name in the same folder, and gets its own when its content is complete.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .trusted_paths import Untrusted, check_above, check_path, close_folder

#: What the names of unfinished files begin with.
PREFIX = "."
#: How file systems say that they have no links. The last two are the same on Linux, but not on macOS.
_NO_LINKS = (errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP)


def why_unusable(path: Path, error: OSError) -> str:
    """Why a folder can't be used. ``error`` is what using it raised, about ``path`` or a folder above it."""
    if isinstance(error, Untrusted):
        return error.advice
    blamed = Path(os.fsdecode(error.filename or path))
    which = "it" if blamed == path else "a part of its path"
    if error.errno == errno.EEXIST and blamed.is_symlink():
        return f"{which} is a link that leads nowhere"
    texts = {errno.EEXIST: f"{which} is a file", errno.ENOTDIR: "a part of its path is a file"}
    return texts.get(error.errno or 0) or os.strerror(error.errno or errno.EIO)


def make_private_folder(folder: Path) -> Path:
    """Create a folder that only the current user can access (0700), and the missing ones above it as well.

    An existing one that is the user's gets that mode, too. Raises :class:`OSError`, also if others can change what
    leads to it, or if it is a link.
    """
    check_above(folder)
    make_missing(folder)
    close_folder(folder)
    return folder


def make_missing(folder: Path) -> None:
    """Create a folder (0700) and the missing ones above it; an existing one stays as it is. Raises :class:`OSError`."""
    # Each by itself: parents that mkdir makes along the way get the mode that the umask allows.
    for each in reversed([folder, *folder.parents]):
        if not os.path.lexists(each):
            each.mkdir(mode=0o700, exist_ok=True)
        elif not each.is_dir():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(each))


def new_temporary_folder(prefix: str) -> Path:
    """A new folder (0700) where the system keeps temporary files. Raises :class:`OSError`, also if others could put
    another one in its place."""
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        check_path(folder)
    except BaseException:
        folder.rmdir()
        raise
    return folder


def write_private(path: Path, content: bytes, *, prefix: str = PREFIX, sync: bool = True) -> None:
    """Write a file, replacing an older one; a link of that name is replaced, not followed. The folder must exist.

    ``prefix`` begins the name of the unfinished file. Without ``sync``, a machine that stops may lose the content.
    Raises :class:`OSError`; then the older file is as it was.
    """
    with _written(path, content, prefix, sync=sync) as temporary:
        temporary.replace(path)


def create_private(path: Path, content: bytes) -> None:
    """The same for a file that is new. Raises :class:`FileExistsError` if there is one of that name by now."""
    with _written(path, content) as temporary:
        take_name(temporary, path)


def take_name(temporary: Path, path: Path) -> None:
    """Move a file to a name in the same folder. Raises :class:`FileExistsError` if another file has it."""
    try:
        # Unlike renaming, it never replaces a file that another process has made at the same time.
        os.link(temporary, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        temporary.rename(path)
    else:
        temporary.unlink(missing_ok=True)


@contextmanager
def _written(path: Path, content: bytes, prefix: str = PREFIX, *, sync: bool = True) -> Iterator[Path]:
    """A file with the content of ``path`` next to it. It is removed if what the block does with it fails."""
    # Not made of the file's own name, which may be as long as names can be.
    temporary = path.with_name(f"{prefix}{secrets.token_hex(16)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        yield temporary
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
