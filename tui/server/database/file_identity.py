"""Whether SQLite's file is still where it was opened.

Someone may remove the data folder, or put a backup in its place, while a server is running. The server has the old file
open all the same: what it wrote there would be lost as soon as it ends, though everyone was told that it is done.

The same is true of the newest rows, which are in its ``-wal``. Whoever opens the database after that was removed makes
another one, and both would be written to.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from ...rules.errors import Unavailable


class DatabaseReplaced(Unavailable):
    """The database's file was removed, or another one is in its place."""

    def __init__(self) -> None:
        super().__init__(
            "database.replaced",
            "The server's database was removed or replaced while the server was running; the server has to be "
            "started again.",
        )


class OpenedFile:
    """The file at ``path``, as it is now."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._wal = path.with_name(f"{path.name}-wal")
        self._identity = _look(self.path)
        #: ``None`` until it was there.
        self._wal_identity: tuple[int, int] | None = None

    def check(self) -> None:
        """Raise :class:`DatabaseReplaced` if it isn't there any more."""
        try:
            is_same = _look(self.path) == self._identity and self._has_same_wal()
        except (FileNotFoundError, NotADirectoryError):
            is_same = False
        except OSError:
            # The disk doesn't say. Whether it can be written to is seen by writing.
            return
        if not is_same:
            raise DatabaseReplaced

    def _has_same_wal(self) -> bool:
        """Whether ``-wal`` is still the one that was seen first: it stays as long as a connection is open."""
        if self._wal_identity is None:
            with suppress(FileNotFoundError):
                self._wal_identity = _look(self._wal)
            return True
        return _look(self._wal) == self._wal_identity


def _look(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino
