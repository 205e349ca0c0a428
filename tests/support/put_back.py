"""A server's state as it was before: a test that spoils an installation leaves it whole for the next one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from tests.support.server import ServerProcess


@contextmanager
def put_back(server: ServerProcess) -> Iterator[None]:
    """Puts back the rows of a running server with SQLite, the files that belong to its audit, and its clock.

    The database stays the same file, which the server has open; bytes that were stored meanwhile remain.
    """
    assert server.database_url is None
    path = server.data / "sentlinks.db"
    files = {file: file.read_bytes() for file in server.data.glob("audit.*")}
    with closing(sqlite3.connect(":memory:")) as kept:
        with closing(sqlite3.connect(path, timeout=30)) as database:
            database.backup(kept)
        yield
        with closing(sqlite3.connect(path, timeout=30)) as database:
            kept.backup(database)
    for file in server.data.glob("audit.*"):
        file.unlink()
    for file, content in files.items():
        file.write_bytes(content)
        file.chmod(0o600)
    server.turn_clock(0)
