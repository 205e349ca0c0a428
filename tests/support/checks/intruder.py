"""An intruder with access to the database, who changes it behind the program's back."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from tests.support.servers.rows import Statement, tells
from tests.support.servers.server import ServerProcess


def tamper(server: ServerProcess, *statements: Statement) -> None:
    """Runs ``statements`` with the triggers out of the way."""
    if server.database_url is None:
        _sqlite(server, [(s, ()) if isinstance(s, str) else (s[0], tuple(s[1:])) for s in statements])
    else:
        _postgres(server.database_url, statements)


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


def _postgres(url: str, statements: Sequence[Statement]) -> None:
    tables = ("audit", "audit_heads", "seals", "sealed_heads")
    disabled, enabled = (
        [f"ALTER TABLE {table} {how} TRIGGER USER" for table in tables] for how in ("DISABLE", "ENABLE")
    )
    tells(url, *disabled, *statements, *enabled)
