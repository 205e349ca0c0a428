"""Writing rows of several tables in one go, since a writer to SQLite blocks all others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Table, insert
from sqlalchemy.dialects.sqlite.aiosqlite import dialect
from sqlalchemy.ext.asyncio import AsyncConnection

from ..database.driver import Statement, run_all

Rows = Sequence[Mapping[str, Any]]

_DIALECT = dialect()
_AT_ONCE = 1000


async def insert_all(
    connection: AsyncConnection, tables: Sequence[tuple[Table, Rows]], more: Sequence[Statement] = ()
) -> None:
    """Insert the rows, table by table; all rows of a table have the same columns. ``more``, which is for SQLite only,
    runs after them."""
    if connection.dialect.name == "sqlite":
        await run_all(connection, [*(_statement(table, rows) for table, rows in tables), *more])
        return
    for table, rows in tables:
        for start in range(0, len(rows), _AT_ONCE):
            await connection.execute(insert(table), [dict(row) for row in rows[start : start + _AT_ONCE]])


def _statement(table: Table, rows: Rows) -> Statement:
    columns = tuple(rows[0])
    sql, kept_as = _prepared(table, columns)
    pairs = list(zip(columns, kept_as, strict=True))
    values = [tuple(row[name] if keep is None else keep(row[name]) for name, keep in pairs) for row in rows]
    return sql, values


@lru_cache(200)
def _prepared(table: Table, columns: tuple[str, ...]) -> tuple[str, list[Any]]:
    """The statement, and for each column the function that converts its values for the database, if any."""
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join("?" * len(columns))
    kept_as = [table.c[name].type.dialect_impl(_DIALECT).bind_processor(_DIALECT) for name in columns]
    return f"INSERT INTO {table.name} ({names}) VALUES ({marks})", kept_as  # noqa: S608 - names of our own
