"""Opening the database, and its read and write transactions."""

from __future__ import annotations

import asyncio
import fcntl
import math
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, Table, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, InvalidatePoolError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.util import await_only

from ...rules.errors import Failed, Unavailable
from ...rules.text import printable
from ..disk import Disk, disk_full
from .driver import connecting
from .lost import reachable
from .migrate import upgrade

if TYPE_CHECKING:
    from .glance import Glance

#: How long a write waits for another program's.
_BUSY_SECONDS = 30.0
#: How long at least.
_LEAST_SECONDS = 0.2
#: How long an optional write, which must not delay its caller, waits for another program's.
NOTE_SECONDS = 1.0
#: How long after its last use an open connection is trusted without a check.
_TRUSTED_SECONDS = 0.03
_MIGRATION_LOCK = 7_326_683_110
# PostgreSQL's SQLSTATE.
_DISK_FULL = "53100"


def database_file(data: Path) -> Path:
    """The path of SQLite's database in the data folder."""
    return data / "sentlinks.db"


def sqlite_url(data: Path) -> str:
    """The URL of the database in the data folder."""
    return f"sqlite+aiosqlite:///{database_file(data)}"


def _async_url(url: str) -> str:
    """Add the driver to use to ``postgresql://…`` or ``sqlite://…``."""
    parsed = make_url(url)
    drivers = {
        "sqlite": "sqlite+aiosqlite",
        "postgresql": "postgresql+asyncpg",
        "postgres": "postgresql+asyncpg",
    }
    backend = parsed.drivername.split("+")[0]
    if backend not in drivers:
        raise Failed("database.unknown", f"{backend} databases aren't supported; use sqlite or postgresql.")
    return parsed.set(drivername=drivers[backend]).render_as_string(hide_password=False)


class Database:
    """The engine, with reads and writes as transactions.

    Each raises ``DatabaseAway`` if PostgreSQL can't be reached, or the connection to it is lost midway.
    """

    def __init__(self, engine: AsyncEngine, disk: Disk | None = None, glance: Glance | None = None) -> None:
        """``disk`` is the one that SQLite's file is on (``None``: PostgreSQL); ``glance`` is for :meth:`first`."""
        self.engine = engine
        self._glance = glance
        self.sqlite = disk is not None
        self._disk = disk
        # SQLite allows one writer: those of this process queue here, where waiting is fair and cheap.
        self._writing: asyncio.Lock | None = asyncio.Lock() if disk else None

    def _connection(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return self.engine.connect() if self.sqlite else reachable(self.engine)

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
        time.
        """
        if self._glance is not None:
            # Only if the file is locked as a whole, which a program that repairs it does.
            with suppress(sqlite3.OperationalError):
                return self._glance.first(statement, values)
        async with self.read() as connection:
            return (await connection.execute(statement, values)).first()

    @asynccontextmanager
    async def read_any_text(self) -> AsyncIterator[AsyncConnection]:
        """Like :meth:`read`, but slower, and with replacement characters in text that isn't UTF-8: someone may have
        written that into SQLite's file, and any other statement that reads it fails."""
        async with self.read() as connection, self._any_text(connection):
            yield connection

    @asynccontextmanager
    async def scan(self) -> AsyncIterator[AsyncConnection]:
        """Like :meth:`read_any_text`, but in one transaction, for reading in pieces (``connection.stream``)."""
        async with self._connection() as connection, self._any_text(connection):
            yield connection

    @asynccontextmanager
    async def _any_text(self, connection: AsyncConnection) -> AsyncIterator[None]:
        if not self.sqlite:
            yield
            return
        driver: Any = (await connection.get_raw_connection()).driver_connection
        driver.text_factory = lambda stored: stored.decode("utf-8", "replace")
        try:
            yield
        finally:
            driver.text_factory = str

    @asynccontextmanager
    async def write(self, patience: float = _BUSY_SECONDS) -> AsyncIterator[AsyncConnection]:
        """A transaction that commits at the end of the block and is rolled back by an exception.

        While another program writes to SQLite's file, waits for at most ``patience`` seconds, then raises
        :class:`Unavailable`. Raises ``Failed("disk_full")``.
        """
        if self._disk is not None:
            self._disk.make_room()
        began = time.monotonic()
        async with self._write_turn(patience), self._connection() as connection:
            # Those that queue wait for the other program together, not one after another.
            patience = _left(patience, time.monotonic() - began)
            await connection.execution_options(sentlinks_write=patience)
            try:
                async with connection.begin():
                    yield connection
            except DBAPIError as error:
                raise _translated(error) from error

    @asynccontextmanager
    async def _write_turn(self, patience: float) -> AsyncIterator[None]:
        if self._writing is None:
            yield
            return
        try:
            await asyncio.wait_for(self._writing.acquire(), None if patience >= _BUSY_SECONDS else patience)
        except TimeoutError:
            raise _busy() from None
        try:
            yield
        finally:
            self._writing.release()

    def insert(self, table: Table) -> Any:
        """An ``INSERT`` into the table that has this database's ``ON CONFLICT`` and ``RETURNING``."""
        # Only the dialect in use is imported: each takes memory for as long as the process runs.
        if self.sqlite:
            from sqlalchemy.dialects import sqlite

            return sqlite.insert(table)
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)

    async def close(self) -> None:
        if self._glance is not None:
            self._glance.close()
        await self.engine.dispose()


def _left(patience: float, waited: float) -> float:
    """The seconds to wait for another program, by one that has ``waited`` in the queue; few different values, since
    each change of it takes a statement."""
    left = patience - waited
    return _LEAST_SECONDS if left < _LEAST_SECONDS else min(patience, math.ceil(left))


def _translated(error: DBAPIError) -> Exception:
    if not isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", None) != _DISK_FULL:
        return error
    message = str(error.orig).lower()
    if "full" in message or "no space left" in message:
        return disk_full()
    if "database is locked" in message:
        return _busy()
    if "readonly" in message or "read-only" in message:
        return Failed("data.read_only", "The server's data folder isn't writable.")
    return error


def _busy() -> Unavailable:
    return Unavailable(
        "database.busy", "Another program is writing to the server's database; try again shortly."
    )


def _prepare_sqlite(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        # The driver must not begin transactions itself: it would do so without the write lock.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout = {int(_BUSY_SECONDS * 1000)}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "cache_size = -16000",
            "temp_store = MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        patience = connection.get_execution_options().get("sentlinks_write")
        if patience is None:
            connection.exec_driver_sql("BEGIN")
            return
        if connection.info.get("patience", _BUSY_SECONDS) != patience:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(patience * 1000)}")
            connection.info["patience"] = patience
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _prepare_postgres(engine: AsyncEngine) -> None:
    """Replace lost connections before they're used, and restore the settings of the others.

    SQLAlchemy's own check runs in a transaction and takes three round trips; this takes one, and none within a request.
    JIT compilation is off: a search whose plan looks expensive would compile for 60 ms, but runs in 10.
    """
    import asyncpg

    lost = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

    @event.listens_for(engine.sync_engine, "checkin")
    def _checkin(_connection: Any, record: Any) -> None:
        record.info["used"] = time.monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def _checkout(connection: Any, record: Any, _proxy: Any) -> None:
        raw = connection.driver_connection
        if not raw.is_closed() and time.monotonic() - record.info.get("used", 0) < _TRUSTED_SECONDS:
            return
        try:
            await_only(raw.execute("RESET plan_cache_mode; SET jit = off"))
        except lost as error:
            raise InvalidatePoolError from error


async def open_database(url: str, data: Path) -> Database:
    """Open the database at ``url`` and migrate it to the current schema.

    Raises :class:`Failed` if it can't be reached or written, or was made by a newer version.
    """
    try:
        full_url = _async_url(url)
    except ArgumentError:
        raise Failed(
            "database.unknown",
            "Not the address of a database. Use sqlite:///PATH or postgresql://USER@HOST/NAME.",
        ) from None
    sqlite = full_url.startswith("sqlite")
    options: dict[str, Any] = {
        "pool_size": 8,
        "max_overflow": 8,
        "hide_parameters": True,
        # The connection used last has the most useful pages in its cache.
        "pool_use_lifo": True,
    }
    if sqlite:
        options["async_creator"] = connecting(Path(make_url(full_url).database or ""))
    engine = create_async_engine(full_url, **options)
    prepare = _prepare_sqlite if sqlite else _prepare_postgres
    prepare(engine)
    try:
        with _file_lock(data / "migrate.lock") if sqlite else _no_lock():
            async with engine.connect() as connection:
                await connection.execution_options(sentlinks_write=_BUSY_SECONDS)
                async with connection.begin():
                    if not sqlite:
                        await connection.execute(
                            text("SELECT pg_advisory_xact_lock(:n)"), {"n": _MIGRATION_LOCK}
                        )
                    await connection.run_sync(upgrade)
    except DBAPIError as error:
        await engine.dispose()
        if sqlite:
            raise Failed(
                "data.unusable",
                f"The database in {data} cannot be used: {error.orig}. Check that it is writable.",
            ) from error
        raise Failed(
            "database.unusable",
            f"The database cannot be used: {printable(str(error.orig))}. Check its name and permissions.",
        ) from error
    except OSError as error:
        await engine.dispose()
        raise Failed("database.unreachable", f"The database cannot be reached: {error}.") from error
    except Failed:
        await engine.dispose()
        raise
    if not sqlite:
        return Database(engine)
    from .glance import Glance

    return Database(engine, Disk(data), Glance(make_url(full_url).database or ""))


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    """A lock that one process on this machine holds at a time."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def _no_lock() -> Iterator[None]:
    yield
