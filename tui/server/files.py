"""Files of the data folder that only the server may read."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Write a line to a file of mode 0600, atomically, replacing an existing one. The content is on the disk when this
    returns."""
    with _written(path, text) as temporary:
        temporary.rename(path)


def create_private(path: Path, text: str) -> bool:
    """The same for a file that no one may replace. Return ``False`` if there is one already; its name is on the disk,
    too."""
    with _written(path, text) as temporary:
        try:
            _take_name(temporary, path)
        except FileExistsError:
            return False
        finally:
            temporary.unlink(missing_ok=True)
    sync_folder(path.parent)
    return True


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _written(path: Path, text: str) -> Iterator[Path]:
    """A file with the content of ``path`` next to it. It is removed if what the block does with it fails."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(f"{text}\n")
            file.flush()
            os.fsync(file.fileno())
        yield temporary
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _take_name(temporary: Path, path: Path) -> None:
    """Give a file its name. Raises :class:`FileExistsError` if another has it."""
    try:
        # Unlike renaming, it never replaces a file that another process has made at the same time.
        os.link(temporary, path)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP):
            raise
        # The file system has no links.
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        temporary.rename(path)
