"""Damage to the database's file: pages that a disk, a crash of the machine or another program has overwritten.

SQLite notices it only where it reads. So its file is checked (``PRAGMA quick_check``): when a server starts, for
:data:`START_SECONDS` at most, so that a large one doesn't delay it, and then all of it in the background, once a day.
PostgreSQL checks each page that it reads if it was set up with checksums.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

log = logging.getLogger("sentlinks")

#: How long a start waits for the check at most: enough for 100 MB or more.
START_SECONDS = 0.3
#: How long after a check the next one begins.
AGAIN_SECONDS = 86_400.0
#: Number of SQLite's virtual machine instructions between checks whether to stop.
_STEPS = 10_000
#: SQLite's primary result codes, and PostgreSQL's SQLSTATE, for a damaged file.
_CORRUPT, _NOT_A_DATABASE = 11, 26
_SQLSTATES = ("XX001", "XX002")
#: What to do about a damaged database.
ADVICE = "Stop the server, keep a copy of the data folder, and restore a backup (or try sqlite3's .recover command)"


class Damage:
    """What is known of the damage to a database. The log has the first that is found."""

    def __init__(self) -> None:
        #: What was found first; ``None`` if nothing was.
        self.found: str | None = None

    def note(self, error: BaseException | None) -> None:
        """Note an error that a statement has raised, if damage is its reason."""
        if self.found is None and error is not None and is_damage(error):
            self.report(str(error))

    def report(self, found: str) -> None:
        """Note what a check has found."""
        if self.found is None:
            log.error("the database is damaged: %s. %s.", found, ADVICE)
            self.found = found


def is_damage(error: BaseException) -> bool:
    """Whether a driver's error says that the database's file is damaged."""
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)
        return code is not None and code & 0xFF in (_CORRUPT, _NOT_A_DATABASE)
    return getattr(error, "sqlstate", None) in _SQLSTATES


class FileCheck:
    """A check of SQLite's file at ``path``, in a thread that the end of the process doesn't wait for."""

    def __init__(self, path: Path, damage: Damage) -> None:
        self._path = path
        self._damage = damage
        self._is_over = threading.Event()
        self._is_stopped = False
        threading.Thread(target=self._run, name="checking the database", daemon=True).start()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it is over, for this long at most. Returns whether it is."""
        return self._is_over.wait(seconds)

    def stop(self) -> None:
        """End it early."""
        self._is_stopped = True

    def _run(self) -> None:
        try:
            found = first_damage(self._path, lambda: self._is_stopped)
            if found is not None:
                self._damage.report(found)
        except sqlite3.Error as error:
            log.warning("the database couldn't be checked: %s", error)
        finally:
            self._is_over.set()


def first_damage(
    path: Path, is_stopped: Callable[[], bool] = lambda: False, *, thorough: bool = False
) -> str | None:
    """Read SQLite's whole file at ``path``. Returns what is damaged, if anything is; ``None`` if it ``is_stopped``.
    A ``thorough`` check also compares the indexes with their tables, which takes several times as long.

    Raises :class:`sqlite3.Error` for another reason.
    """
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            # The pages are read once, so none needs to be kept.
            connection.execute("PRAGMA cache_size = -2000")
            connection.set_progress_handler(is_stopped, _STEPS)
            check = "integrity_check" if thorough else "quick_check"
            (said,) = connection.execute(f"PRAGMA {check}(1)").fetchone()
    except sqlite3.Error as error:
        if is_damage(error):
            return str(error)
        if is_stopped():
            return None
        raise
    return None if said == "ok" else str(said)
