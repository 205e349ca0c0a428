"""Writing rows of several tables in one go, a statement a table, since a writer to SQLite blocks all others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect, String, Table
from sqlalchemy.ext.asyncio import AsyncConnection

from ..database.driver import Statement, run_all
from .index import KEPT

Rows = Sequence[Mapping[str, Any]]

_AT_ONCE = 1000
#: Columns that PostgreSQL computes from the row ``new``.
_COMPUTED = {"words": KEPT.format(words="new.words")}


async def insert_all(
    connection: AsyncConnection, tables: Sequence[tuple[Table, Rows]], more: Sequence[Statement] = ()
) -> None:
    """Insert the rows, table by table; all rows of a table have the same columns. ``more``, which is for SQLite only,
    runs after them."""
    dialect = connection.dialect
    if dialect.name == "sqlite":
        statements = []
        for table, rows in tables:
            names = tuple(rows[0])
            columns = _columns(dialect, table, names, rows)
            statements.append((_insert_row(table, names), list(zip(*columns, strict=True))))
        await run_all(connection, [*statements, *more])
        return
    for table, rows in tables:
        names = tuple(rows[0])
        for start in range(0, len(rows), _AT_ONCE):
            columns = _columns(dialect, table, names, rows[start : start + _AT_ONCE])
            await connection.exec_driver_sql(_insert_columns(dialect, table, names), tuple(columns))


def _columns(dialect: Dialect, table: Table, names: Sequence[str], rows: Rows) -> list[list[Any]]:
    """The values of each column, as the database stores them."""
    columns = []
    for name, keep in zip(names, _converters(dialect, table, tuple(names)), strict=True):
        column = [row[name] for row in rows]
        columns.append(column if keep is None else list(map(keep, column)))
    return columns


@lru_cache(200)
def _converters(dialect: Dialect, table: Table, names: tuple[str, ...]) -> list[Any]:
    """For each column the function that converts its values for the database, if any."""
    types = [table.c[name].type if name in table.c else String() for name in names]
    return [kind.dialect_impl(dialect).bind_processor(dialect) for kind in types]


@lru_cache(200)
def _insert_row(table: Table, names: tuple[str, ...]) -> str:
    marks = ", ".join("?" * len(names))
    return f"INSERT INTO {table.name} ({_quoted(names)}) VALUES ({marks})"  # noqa: S608 - names of our own


@lru_cache(200)
def _insert_columns(dialect: Dialect, table: Table, names: tuple[str, ...]) -> str:
    """The statement that takes an array for each column."""
    arrays = ", ".join(f"${n}::{_kind(dialect, table, name)}[]" for n, name in enumerate(names, 1))
    values = ", ".join(_COMPUTED.get(name, f'new."{name}"') for name in names)
    new = f"unnest({arrays}) AS new ({_quoted(names)})"
    return f"INSERT INTO {table.name} ({_quoted(names)}) SELECT {values} FROM {new}"  # noqa: S608 - names of our own


def _kind(dialect: Dialect, table: Table, name: str) -> str:
    kind = table.c[name].type if name in table.c else String()
    # Without its length, to which the cast would cut texts; storing them in the table raises an error instead.
    return "text" if isinstance(kind, String) else kind.compile(dialect)


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
