"""An SQLite driver with fewer round trips to its worker thread.

The stock driver makes four per statement (create a cursor, execute, fetch, close), and each of them waits for its turn
on the server's event loop. Here a statement takes one, and the rows it fetches are buffered until they're read. A
read-only transaction begins with its first statement, and its end isn't awaited.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import Any, Self
from weakref import WeakSet

import aiosqlite
from sqlalchemy.ext.asyncio import AsyncConnection

#: SQL, and the rows of values to run it for.
Statement = tuple[str, Sequence[tuple[Any, ...]]]

#: Rows fetched together with the statement; the rest of a longer result is fetched in batches of this size.
_BATCH_ROWS = 2000
#: Number of SQLite's virtual machine instructions (roughly a tenth of a second) between checks for cancellation.
_CANCEL_CHECK_EVERY = 4_000_000
#: How long the threads may take to end, all together.
_END_SECONDS = 2.0


class Connector:
    """Opens connections to the database at ``path``, each of which has a thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads: WeakSet[Thread] = WeakSet()

    async def __call__(self) -> aiosqlite.Connection:
        """A new connection, as SQLAlchemy's pool asks for one."""
        connection = _Connection(lambda: sqlite3.connect(self._path, check_same_thread=False), 64)
        self._threads.add(connection._thread)
        # The process must not wait for this thread when it exits.
        connection._thread.daemon = True
        opening = asyncio.ensure_future(connection)
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            # What the thread opens for a caller that is gone would be dropped without being closed.
            opening.add_done_callback(_stop_opened)
            raise

    async def wait_until_ended(self) -> None:
        """Wait for the threads of connections that have been closed or dropped, which may still be in a statement.
        They report to the event loop, which must not be closed before them."""
        await asyncio.to_thread(self._join)

    def _join(self) -> None:
        patience = monotonic() + _END_SECONDS
        for thread in list(self._threads):
            if thread.is_alive():
                thread.join(max(0, patience - monotonic()))


def _stop_opened(opening: asyncio.Future[aiosqlite.Connection]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().stop()


async def run_all(connection: AsyncConnection, statements: Sequence[Statement]) -> None:
    """Run statements on SQLite one after the other, each for all of its rows of values, in one round trip."""
    raw: Any = (await connection.get_raw_connection()).driver_connection
    await raw.run_all(statements)


class _Job:
    """Work for the thread; ``cancelled`` is set when its caller has been cancelled."""

    cancelled = False


class _Connection(aiosqlite.Connection):
    #: Whether a read-only transaction has yet to begin, and whether one is under way.
    _begin_pending = _reading = False
    #: The job that the thread is running.
    _job: _Job | None = None
    _has_progress_handler = False

    def cursor(self) -> Any:
        return _Cursor(self)

    def begin(self) -> None:
        """Mark a read-only transaction to begin with its first statement."""
        self._begin_pending = True

    async def run(self, function: Callable[..., Any], *args: Any) -> None:
        """Run ``function`` in the thread, within the transaction."""
        worker: Any = self
        job, begin_first = _Job(), self._begin_pending
        if begin_first:
            # Recorded before the thread has begun it: a caller cancelled in the meantime still rolls it back.
            self._begin_pending, self._reading = False, True
        try:
            await worker._execute(self._do, job, begin_first, function, *args)
        except asyncio.CancelledError:
            # Tells the thread to stop. An interrupt wouldn't do: it is lost on a statement that is only about to
            # begin, and might hit the next one.
            job.cancelled = self._reading
            raise

    def _do(self, job: _Job, begin_first: bool, function: Callable[..., Any], *args: Any) -> None:
        if not self._has_progress_handler:
            self._has_progress_handler = True
            self._conn.set_progress_handler(self._should_stop, _CANCEL_CHECK_EVERY)
        self._job = job
        try:
            if begin_first:
                self._conn.execute("BEGIN")
            if not job.cancelled:
                function(*args)
        finally:
            self._job = None

    def _should_stop(self) -> bool:
        return self._job is not None and self._job.cancelled

    async def rollback(self) -> None:
        if self._reading and self._running:
            # Not awaited: later statements run after it anyway, and the rollback of a read can't fail.
            worker: Any = self
            worker._tx.put_nowait((None, self._conn.rollback))
        elif not self._begin_pending:
            await super().rollback()
        self._begin_pending = self._reading = False

    async def commit(self) -> None:
        if not self._begin_pending:
            await super().commit()
        self._begin_pending = self._reading = False

    async def run_all(self, statements: Sequence[Statement]) -> None:
        await self.run(self._run_all, statements)

    def _run_all(self, statements: Sequence[Statement]) -> None:
        for sql, rows in statements:
            self._conn.executemany(sql, rows)


class _Cursor:
    """The part of the cursor interface that SQLAlchemy uses."""

    arraysize = 1

    def __init__(self, connection: _Connection) -> None:
        self._connection: Any = connection
        #: Set while there are more rows than have been fetched.
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

    def _run(self, method: str, operation: str, parameters: Any) -> None:
        self._close()
        self._rows.clear()
        cursor = self._connection._conn.cursor()
        try:
            getattr(cursor, method)(operation, parameters)
            self.description = cursor.description
            if cursor.description is not None:
                self._rows.extend(cursor.fetchmany(_BATCH_ROWS))
            # After the fetch: for a statement that returns rows, SQLite only knows their number then.
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        except BaseException:
            cursor.close()
            raise
        if len(self._rows) < _BATCH_ROWS:
            cursor.close()
        else:
            self._open = cursor

    def _fetch_more(self, size: int | None) -> None:
        if self._open is None:
            return
        rows = self._open.fetchall() if size is None else self._open.fetchmany(size)
        self._rows.extend(rows)
        if size is None or len(rows) < size:
            self._close()

    def _close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    async def fetchone(self) -> Any:
        rows = await self.fetchmany(1)
        return rows[0] if rows else None

    async def fetchmany(self, size: int | None = None) -> Sequence[Any]:
        size = size or self.arraysize
        if len(self._rows) < size and self._open is not None:
            await self._connection._execute(self._fetch_more, max(size, _BATCH_ROWS))
        return [self._rows.popleft() for _ in range(min(size, len(self._rows)))]

    async def fetchall(self) -> Sequence[Any]:
        if self._open is not None:
            await self._connection._execute(self._fetch_more, None)
        rows = list(self._rows)
        self._rows.clear()
        return rows

    async def __aiter__(self) -> AsyncIterator[Any]:
        while (row := await self.fetchone()) is not None:
            yield row

    async def close(self) -> None:
        if self._open is not None:
            await self._connection._execute(self._close)
