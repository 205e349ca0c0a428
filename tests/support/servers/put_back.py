"""A server's state as it was before: a test that spoils an installation leaves it whole for the next one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.support.checks.cut_audits import wait_until_noted
from tests.support.servers.server import ServerProcess


@contextmanager
def rows_put_back(data: Path) -> Iterator[None]:
    """Puts back the rows of a data folder's database, which may be open."""
    with closing(sqlite3.connect(":memory:")) as kept:
        with closing(sqlite3.connect(data / "sentlinks.db", timeout=30)) as database:
            database.backup(kept)
        yield
        with closing(sqlite3.connect(data / "sentlinks.db", timeout=30)) as database:
            kept.backup(database)


@contextmanager
def put_back(server: ServerProcess) -> Iterator[None]:
    """Puts back the rows of a running server with SQLite, the files that belong to its audit, and its clock.

    What the server seals later would be ahead of the rows that are put back, so it must have done so by then.
    The database stays the same file, which the server has open; bytes that were stored meanwhile remain.
    """
    assert server.database_url is None
    wait_until_noted(server)
    files = {file: file.read_bytes() for file in server.data.glob("audit.*")}
    with rows_put_back(server.data):
        yield
        wait_until_noted(server)
    for file in server.data.glob("audit.*"):
        file.unlink()
    for file, content in files.items():
        file.write_bytes(content)
        file.chmod(0o600)
    server.turn_clock(0)
