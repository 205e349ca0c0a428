"""Whether SQLite's file is still where it was opened.

Someone may remove the data folder, or put a backup in its place, while a server is running. The server has the old file
open all the same: what it wrote there would be lost as soon as it ends, though everyone was told that it is done.
"""

from __future__ import annotations

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
        self._identity = self._look()

    def check(self) -> None:
        """Raise :class:`DatabaseReplaced` if it isn't there any more."""
        try:
            is_same = self._look() == self._identity
        except (FileNotFoundError, NotADirectoryError):
            is_same = False
        except OSError:
            # The disk doesn't say. Whether it can be written to is seen by writing.
            return
        if not is_same:
            raise DatabaseReplaced

    def _look(self) -> tuple[int, int]:
        status = self.path.stat()
        return status.st_dev, status.st_ino
