"""Reads and writes of the database, as transactions."""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy import Executable, Row, Select, Table, update
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ...rules.errors import Problem, Unavailable
from ..base.disk import Disk, DiskFull, ReadOnly, disk_full
from ..base.pools import RETRY_SECONDS, Pool, PoolPlaces, holding
from . import watched
from .damage import Damage, FileCheck
from .outages import Outage, reachable
from .tables import installation
from .undecodable import as_stored

if TYPE_CHECKING:
    from .driver import Connector
    from .fast_reads import Glance
    from .file_identity import OpenedFile

#: How long a write waits for another program's.
BUSY_SECONDS = 30.0
#: How long at least.
_LEAST_SECONDS = 0.2
#: How long PostgreSQL's disk is said to be full after it refused a change.
_TOLD_SECONDS = 60.0
#: How many connections read what is committed beside a transaction.
SECOND_CONNECTIONS = 2
#: How long the log waits for those who read from it, while nobody can write.
_WIPE_MILLISECONDS = 50
#: How long an optional write, which must not delay its caller, waits for another program's.
NOTE_SECONDS = 1.0
#: PostgreSQL's SQLSTATE; the second is that of a database that was made read-only, as a replica is.
DISK_FULL, READ_ONLY = "53100", "25006"


#: Records the states of objects, in the transaction that has changed them.
Record = Callable[[AsyncConnection, watched.Changed], Awaitable[None]]


def _replaced(stored: bytes) -> str:
    return stored.decode("utf-8", "replace")


class Database:
    """The engine, with reads and writes as transactions.

    Each raises ``DatabaseAway`` if PostgreSQL can't be reached, or the connection to it is lost midway, and
    :class:`Unavailable` if all connections were in use for too long. No one opens a second one within the block.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        disk: Disk | None = None,
        glance: Glance | None = None,
        file: OpenedFile | None = None,
        connector: Connector | None = None,
        connections: int = 16,
        *,
        damage: Damage | None = None,
        second: Callable[[], AsyncEngine] | None = None,
    ) -> None:
        """At most ``connections`` are in use at a time. ``file`` and ``connector`` are SQLite's, ``disk`` the one that
        it is on (``None``: PostgreSQL); ``glance`` is for :meth:`first`, ``second`` makes the engine of
        :meth:`read_committed`."""
        self.engine = engine
        self.damage = damage or Damage()
        self._make_second = second
        self._second: AsyncEngine | None = None
        self._second_connections = PoolPlaces(Pool.COMMITTED, SECOND_CONNECTIONS)
        self._glance = glance
        self.sqlite = disk is not None
        self._disk = disk
        self._file = file
        self._connector = connector
        self._outage = Outage()
        #: Why the disk refused a write, unless one has been tried again since.
        self._refusal: Problem | None = None
        self._refused_at = 0.0
        self._connections = PoolPlaces(Pool.CONNECTIONS, connections)
        #: Records the new states of guarded objects that a transaction has changed, before it commits.
        self.record: Record | None = None
        #: Whether nothing that was deleted needs to be forgotten by the log (:meth:`wipe`); a process that was stopped
        #: may have left something.
        self.is_wiped = False
        #: Called after each transaction that has committed.
        self.committed: Callable[[], None] | None = None
        # SQLite allows one writer: those of this process queue here, where waiting is fair and cheap.
        self._writing = PoolPlaces(Pool.WRITING, 1) if disk else None
        #: Whether the one whose turn it is waits for another program.
        self._waits_outside = False

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection]:
        async with self._connections.one(), self._connected() as connection:
            yield connection

    def _connected(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return self._connected_by(self.engine)

    def _connected_by(self, engine: AsyncEngine) -> AbstractAsyncContextManager[AsyncConnection]:
        return engine.connect() if self.sqlite else reachable(engine, self._outage)

    def check(self) -> FileCheck | None:
        """Begin to check SQLite's file for damage; ``None`` for another database, which checks itself."""
        return None if self._file is None else FileCheck(self._file.path, self.damage)

    def check_in_place(self) -> None:
        """Raise :class:`DatabaseReplaced` if SQLite's file was removed or replaced since it was opened."""
        if self._file is not None:
            self._file.check()

    async def refusal(self, *, tries: bool = False) -> Problem | None:
        """Why its disk takes no writes now; ``None`` if it does. If it ``tries``, and after a write that was refused,
        this tries one that changes nothing: so it is over as soon as the reason is."""
        if self._disk is not None and not self._disk.takes_writes():
            return ReadOnly()
        if not self.sqlite and isinstance(self._refusal, DiskFull):
            # The one row would fit into its page: only time tells.
            is_new = time.monotonic() - self._refused_at < _TOLD_SECONDS
            return self._refusal if is_new else None
        if tries or self._refusal is not None:
            self._refusal = None
            try:
                async with self.write(NOTE_SECONDS) as connection:
                    await connection.execute(update(installation).values(id=installation.c.id))
            except (DiskFull, ReadOnly) as error:
                self._refusal = error
            except Unavailable:
                # Someone else writes.
                pass
        return self._refusal

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection for reading; with PostgreSQL, each statement sees what has been committed by then."""
        async with self._connection() as connection:
            if not self.sqlite:
                # A transaction would see the same, and its begin and end would take two more round trips.
                await connection.execution_options(isolation_level="AUTOCOMMIT")
            yield connection

    async def first(self, statement: Select[Any], values: Mapping[str, Any]) -> Any:
        """The first row of a statement that finds it by an index, as it is committed now; ``None`` if there is none.

        With SQLite, the event loop itself reads it: that takes 10 µs, a twentieth of the way to a thread and back, and
        a reader waits for no writer. So ``statement`` must not have to search. It is kept: it must be the same each
        time. Text is as in :meth:`rows_as_stored`.
        """
        if self._glance is not None:
            # Only if the file is locked as a whole, which a program that repairs it does.
            try:
                return self._glance.first(statement, values)
            except sqlite3.OperationalError:
                pass
            except sqlite3.DatabaseError as error:
                self.damage.note(error)
                raise
        async with self.read() as connection:
            return await self.first_as_stored(connection, statement, values)

    async def first_by_now(
        self, connection: AsyncConnection, statement: Select[Any], values: Mapping[str, Any]
    ) -> Any:
        """:meth:`first` for one who holds ``connection``, whose snapshot may be older, and must not ask for another."""
        if self._glance is not None:
            with suppress(sqlite3.OperationalError):
                return self._glance.first(statement, values)
        if self.sqlite:
            return await self.first_as_stored(connection, statement, values)
        # In a scan, all statements see what had been committed at its beginning.
        async with self.read_committed() as second:
            return await self.first_as_stored(second, statement, values)

    @asynccontextmanager
    async def read_committed(self) -> AsyncIterator[AsyncConnection]:
        """A connection for reading what others have committed, within a transaction of :meth:`write`: one of a few of
        their own, for single statements."""
        if self._second is None:
            self._second = self._make_second() if self._make_second else self.engine
        async with self._second_connections.one(), self._connected_by(self._second) as connection:
            if not self.sqlite:
                await connection.execution_options(isolation_level="AUTOCOMMIT")
            yield connection

    @asynccontextmanager
    async def read_any_text(self) -> AsyncIterator[AsyncConnection]:
        """Like :meth:`read`, but slower, and with replacement characters in text that isn't UTF-8: someone may have
        written that into SQLite's file, and any other statement that reads it fails."""
        async with self.read() as connection, self._any_text(connection):
            yield connection

    @asynccontextmanager
    async def scan(self) -> AsyncIterator[AsyncConnection]:
        """Like :meth:`read_any_text`, but in one transaction, for reading in pieces (``connection.stream``); all
        statements see what had been committed at its beginning."""
        async with self._connection() as connection, self._any_text(connection):
            if not self.sqlite:
                await connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    async def rows_as_stored(
        self, connection: AsyncConnection, statement: Executable, values: Mapping[str, Any] | None = None
    ) -> Sequence[Row[Any]]:
        """The rows of a statement; text that isn't UTF-8, which any other statement fails to read, is bytes."""
        async with self._any_text(connection, as_stored):
            return (await connection.execute(statement, values)).all()

    async def first_as_stored(
        self, connection: AsyncConnection, statement: Executable, values: Mapping[str, Any]
    ) -> Row[Any] | None:
        """The first of :meth:`rows_as_stored`, or ``None``."""
        return next(iter(await self.rows_as_stored(connection, statement, values)), None)

    @asynccontextmanager
    async def _any_text(
        self, connection: AsyncConnection, read: Callable[[bytes], str | bytes] = _replaced
    ) -> AsyncIterator[None]:
        if not self.sqlite:
            yield
            return
        driver: Any = (await connection.get_raw_connection()).driver_connection
        before, driver.text_factory = driver.text_factory, read
        try:
            yield
        finally:
            # A connection is closed while it is used if what uses it is cancelled.
            with suppress(ValueError):
                driver.text_factory = before

    @asynccontextmanager
    async def write(self, patience: float = BUSY_SECONDS) -> AsyncIterator[AsyncConnection]:
        """A transaction that commits at the end of the block and is rolled back by an exception.

        While another program writes to SQLite's file, waits for at most ``patience`` seconds, then raises
        :class:`Unavailable`. Raises ``Failed("disk_full")``, and :class:`DatabaseReplaced`.
        """
        self.check_in_place()
        if self._disk is not None:
            self._disk.make_room()
        began = time.monotonic()
        async with self._write_turn(patience), self._connection() as connection:
            # Those that queue wait for the other program together, not one after another.
            patience = _left(patience, time.monotonic() - began)
            await connection.execution_options(sentlinks_write=patience)
            try:
                self._waits_outside = True
                async with connection.begin():
                    self._waits_outside = False
                    watched.begin(connection.info, sqlite=self.sqlite)
                    yield connection
                    changed = await watched.changed(connection, sqlite=self.sqlite)
                    if changed and self.record is not None:
                        await self.record(connection, changed)
            except DBAPIError as error:
                raise self._translated(error) from error
        if self.committed is not None:
            self.committed()

    @asynccontextmanager
    async def _write_turn(self, patience: float) -> AsyncIterator[None]:
        if self._writing is None:
            yield
            return
        with holding(Pool.WRITING):
            await self._take_turn(self._writing, patience)
            try:
                yield
            finally:
                self._waits_outside = False
                self._writing.give_back()

    async def _take_turn(self, turn: PoolPlaces, patience: float) -> None:
        """Wait for the turn to write, longer only if the one who has it waits for another program."""
        while True:
            try:
                await turn.take(patience)
            except Unavailable:
                if not self._waits_outside:
                    raise
                if patience < BUSY_SECONDS:
                    raise _busy() from None
            else:
                return

    def _translated(self, error: DBAPIError) -> Exception:
        if not self.sqlite:
            found = _postgres_translated(error)
        else:
            found = _sqlite_translated(error) if isinstance(error, OperationalError) else error
        if isinstance(found, DiskFull | ReadOnly):
            self._refusal, self._refused_at = found, time.monotonic()
        return found

    async def wipe(self) -> bool:
        """Have SQLite's log forget what was deleted. Returns ``False`` if others read from it just now: to be tried
        again. PostgreSQL does the like in its own time."""
        if self._disk is None:
            return True
        if self._disk.room <= 0:
            # The log must not grow again where nothing can.
            return False
        self.check_in_place()
        async with self._connection() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            await driver.execute(f"PRAGMA busy_timeout = {_WIPE_MILLISECONDS}")
            try:
                cursor = await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                is_busy = (await cursor.fetchone())[0]
                await cursor.close()
            except sqlite3.OperationalError:
                # A disk that is full or read-only: who writes is told. Or this connection was opened while it was.
                is_busy = True
                await connection.invalidate()
            finally:
                if not connection.invalidated:
                    await driver.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
                    connection.info.pop("patience", None)
        return not is_busy

    def insert(self, table: Table) -> Any:
        """An ``INSERT`` into the table that has this database's ``ON CONFLICT`` and ``RETURNING``."""
        # Only the dialect in use is imported: each takes memory for as long as the process runs.
        if self.sqlite:
            from sqlalchemy.dialects import sqlite

            return sqlite.insert(table)
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)

    async def close(self) -> None:
        """Close all connections, and wait for those that are still being opened."""
        if self._glance is not None:
            self._glance.close()
        await self.engine.dispose()
        if self._second is not None:
            await self._second.dispose()
        if self._connector is not None:
            await self._connector.wait_until_ended()


def _left(patience: float, waited: float) -> float:
    """The seconds to wait for another program, by one that has ``waited`` in the queue; few different values, since
    each change of it takes a statement."""
    left = patience - waited
    return _LEAST_SECONDS if left < _LEAST_SECONDS else min(patience, math.ceil(left))


def _sqlite_translated(error: DBAPIError) -> Exception:
    message = str(error.orig).lower()
    if "full" in message or "no space left" in message:
        return disk_full()
    if "database is locked" in message:
        return _busy()
    # What a file system says that the system has made read-only after an error is an I/O error.
    if "readonly" in message or "read-only" in message or "disk i/o error" in message:
        return ReadOnly()
    return error


def _postgres_translated(error: DBAPIError) -> Exception:
    state = getattr(error.orig, "sqlstate", None)
    if state == DISK_FULL:
        return disk_full()
    if state == READ_ONLY:
        return ReadOnly("database")
    return error


def _busy() -> Unavailable:
    return Unavailable(
        "database.busy",
        "Another program is writing to the server's database; try again shortly.",
        RETRY_SECONDS,
    )
