"""An intruder with access to the database, who changes it behind the program's back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from tests.support.rows import tell
from tests.support.server import ServerProcess

Statement = str | tuple[Any, ...]


def tamper(server: ServerProcess, *statements: Statement) -> None:
    """Runs ``statements`` (plain, or with a value for each ``?``) with the triggers out of the way."""
    each = [(s, ()) if isinstance(s, str) else (s[0], tuple(s[1:])) for s in statements]
    if server.database_url is None:
        _sqlite(server, each)
    else:
        _postgres(server.database_url, each)


def _sqlite(server: ServerProcess, statements: list[tuple[str, tuple[Any, ...]]]) -> None:
    with closing(sqlite3.connect(server.data / "sentlinks.db", timeout=30)) as database:
        triggers = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            database.execute(f"DROP TRIGGER {name}")
        for sql, values in statements:
            assert database.execute(sql, values).rowcount > 0, sql
        for _, sql in triggers:
            database.execute(sql)
        database.commit()


def _postgres(url: str, statements: list[tuple[str, tuple[Any, ...]]]) -> None:
    tables = ("audit", "audit_heads", "seals", "sealed_heads")
    for table in tables:
        tell(url, f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for sql, values in statements:
        tell(url, sql, *values)
    for table in tables:
        tell(url, f"ALTER TABLE {table} ENABLE TRIGGER USER")
