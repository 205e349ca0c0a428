"""SQLite's driver, with fewer ways to its thread and back.

A statement takes four of them with the driver as it comes (making a cursor, executing, fetching, closing), and on
each it waits for its turn among all that the server does. Here all is done in one, and what is fetched so is kept
until it is asked for. A transaction that only looks begins with its first statement, and its end is not waited for.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Self

import aiosqlite
from sqlalchemy.ext.asyncio import AsyncConnection

#: SQL, and the rows of values that it is run for.
Statement = tuple[str, Sequence[tuple[Any, ...]]]

#: Rows that are fetched with the statement; of what is longer the rest is fetched by as many.
_AT_ONCE = 2000
#: Of its own instructions, SQLite does so many (a tenth of a second or so) before it looks whether anybody waits.
_LOOKS_EVERY = 4_000_000


def connecting(path: Path) -> Callable[[], Awaitable[aiosqlite.Connection]]:
    """What opens a connection to the database at ``path``."""

    async def connect() -> aiosqlite.Connection:
        connection = _Connection(lambda: sqlite3.connect(path, check_same_thread=False), 64)
        # A process that ends does not wait for its thread.
        connection._thread.daemon = True
        return await connection

    return connect


async def run_all(connection: AsyncConnection, statements: Sequence[Statement]) -> None:
    """Runs statements on SQLite one after the other, each for all of its rows of values, in one go."""
    raw: Any = (await connection.get_raw_connection()).driver_connection
    await raw.run_all(statements)


class _Job:
    """Something that the thread is to do; ``given_up`` once nobody waits for it any more."""

    given_up = False


class _Connection(aiosqlite.Connection):
    #: Whether a transaction that only looks has yet to begin, and whether one is under way.
    _begins = _looks = False
    #: What the thread does now.
    _job: _Job | None = None
    _watched = False

    def cursor(self) -> Any:
        return _Cursor(self)

    def begin(self) -> None:
        """Begins a transaction that only looks: with its first statement."""
        self._begins = True

    async def run(self, function: Callable[..., Any], *args: Any) -> None:
        """Runs ``function`` in the thread, in the transaction."""
        worker: Any = self
        job, begins = _Job(), self._begins
        if begins:
            # Known here at once: who gives up before the thread gets there ends what has begun.
            self._begins, self._looks = False, True
        try:
            await worker._execute(self._do, job, begins, function, *args)
        except asyncio.CancelledError:
            # Of what nobody waits for any more, the thread goes no further. An interrupt would be lost on a statement
            # that is only about to begin, and might hit the next one.
            job.given_up = self._looks
            raise

    def _do(self, job: _Job, begins: bool, function: Callable[..., Any], *args: Any) -> None:
        if not self._watched:
            self._watched = True
            self._conn.set_progress_handler(self._goes_no_further, _LOOKS_EVERY)
        self._job = job
        try:
            if begins:
                self._conn.execute("BEGIN")
            if not job.given_up:
                function(*args)
        finally:
            self._job = None

    def _goes_no_further(self) -> bool:
        return self._job is not None and self._job.given_up

    async def rollback(self) -> None:
        if self._looks and self._running:
            # Whatever comes next is done after it, and of what only looked nothing can go wrong.
            worker: Any = self
            worker._tx.put_nowait((None, self._conn.rollback))
        elif not self._begins:
            await super().rollback()
        self._begins = self._looks = False

    async def commit(self) -> None:
        if not self._begins:
            await super().commit()
        self._begins = self._looks = False

    async def run_all(self, statements: Sequence[Statement]) -> None:
        await self.run(self._run_all, statements)

    def _run_all(self, statements: Sequence[Statement]) -> None:
        for sql, rows in statements:
            self._conn.executemany(sql, rows)


class _Cursor:
    """As much of a cursor as SQLAlchemy uses."""

    arraysize = 1

    def __init__(self, connection: _Connection) -> None:
        self._connection: Any = connection
        #: Where there is more than was fetched.
        self._open: sqlite3.Cursor | None = None
        self._rows: deque[Any] = deque()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def execute(self, operation: str, parameters: Any = ()) -> Self:
        if operation == "BEGIN":
            self._connection.begin()
        else:
            await self._connection.run(self._run, "execute", operation, parameters)
        return self

    async def executemany(self, operation: str, parameters: Any) -> Self:
        await self._connection.run(self._run, "executemany", operation, parameters)
        return self

    def _run(self, how: str, operation: str, parameters: Any) -> None:
        self._close()
        self._rows.clear()
        cursor = self._connection._conn.cursor()
        try:
            getattr(cursor, how)(operation, parameters)
            self.description = cursor.description
            if cursor.description is not None:
                self._rows.extend(cursor.fetchmany(_AT_ONCE))
            # Of a statement that gives rows, the number is known when they have been given.
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        except BaseException:
            cursor.close()
            raise
        if len(self._rows) < _AT_ONCE:
            cursor.close()
        else:
            self._open = cursor

    def _more(self, most: int | None) -> None:
        if self._open is None:
            return
        found = self._open.fetchall() if most is None else self._open.fetchmany(most)
        self._rows.extend(found)
        if most is None or len(found) < most:
            self._close()

    def _close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    async def fetchone(self) -> Any:
        found = await self.fetchmany(1)
        return found[0] if found else None

    async def fetchmany(self, size: int | None = None) -> Sequence[Any]:
        size = size or self.arraysize
        if len(self._rows) < size and self._open is not None:
            await self._connection._execute(self._more, max(size, _AT_ONCE))
        return [self._rows.popleft() for _ in range(min(size, len(self._rows)))]

    async def fetchall(self) -> Sequence[Any]:
        if self._open is not None:
            await self._connection._execute(self._more, None)
        found = list(self._rows)
        self._rows.clear()
        return found

    async def __aiter__(self) -> AsyncIterator[Any]:
        while (row := await self.fetchone()) is not None:
            yield row

    async def close(self) -> None:
        if self._open is not None:
            await self._connection._execute(self._close)
