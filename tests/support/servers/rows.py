"""Queries the database of a running server, of either kind."""

from __future__ import annotations

import asyncio
import itertools
import re
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from tests.support.servers.server import ServerProcess

#: Plain, or with a value for each ``?``.
Statement = str | tuple[Any, ...]


class Found(list[tuple[Any, ...]]):
    """Rows, as SQLite's driver returns them."""

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self

    def fetchone(self) -> tuple[Any, ...] | None:
        return self[0] if self else None


class Telling:
    """A PostgreSQL database with the one method of SQLite's driver that the tests use."""

    def __init__(self, url: str) -> None:
        self._url = url

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Found:
        return Found(tell(self._url, sql, *values))


def look(server: ServerProcess, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of a query; each ``?`` in it stands for one of ``values``."""
    return looks(server, (sql, *values))[0]


def looks(server: ServerProcess, *queries: Statement) -> list[list[tuple[Any, ...]]]:
    """The rows of each of the queries, over one connection."""
    if server.database_url is not None:
        return tells(server.database_url, *queries)
    with closing(sqlite3.connect(f"file:{server.data / 'sentlinks.db'}?mode=ro", uri=True)) as database:
        return [database.execute(sql, values).fetchall() for sql, *values in map(_with_values, queries)]


def tell(url: str, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """The same for a PostgreSQL database, which the query may also change."""
    return tells(url, (sql, *values))[0]


def tells(url: str, *statements: Statement) -> list[list[tuple[Any, ...]]]:
    """The rows of each of the statements, over one connection: to make one takes longer than most of them."""
    answers: list[Any] = []

    async def ask() -> list[list[tuple[Any, ...]]]:
        import asyncpg

        connection = await asyncpg.connect(url)
        try:
            return [
                [tuple(row) for row in await connection.fetch(_numbered(sql), *values)]
                for sql, *values in map(_with_values, statements)
            ]
        finally:
            await connection.close()

    def run() -> None:
        try:
            answers.append(asyncio.run(ask()))
        except Exception as error:
            answers.append(error)

    # In a thread of its own: the test may already be running an event loop.
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if isinstance(answers[0], Exception):
        raise answers[0]
    found: list[list[tuple[Any, ...]]] = answers[0]
    return found


def _with_values(statement: Statement) -> tuple[Any, ...]:
    return (statement,) if isinstance(statement, str) else statement


def _numbered(sql: str) -> str:
    numbers = itertools.count(1)
    return re.sub(r"\?", lambda _: f"${next(numbers)}", sql)
