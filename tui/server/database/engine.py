"""Opening the database."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event, make_url, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import await_only

from ... import __version__
from ...files.trusted_paths import Untrusted, check_above, check_own
from ...rules.errors import Failed
from ...rules.text import printable
from ..base.disk import Disk
from . import watched
from .address import driver_url
from .damage import Damage, is_damage
from .driver import Connector
from .file_identity import OpenedFile
from .migrate import require_current, upgrade
from .outages import driver_errors, wait_until_started, why_no_changes
from .transactions import BUSY_SECONDS, DISK_FULL, SECOND_CONNECTIONS, Database

#: How long after its last use an open connection is trusted without a check.
_TRUSTED_SECONDS = 0.03
#: How many connections there may be, and how many of them are kept open.
_CONNECTIONS, _KEPT = 16, 8
#: The connections of the engine that reads what is committed beside a transaction.
_SECOND = (1, SECOND_CONNECTIONS - 1)
_MIGRATION_LOCK = 7_326_683_110


def database_file(data: Path) -> Path:
    """The path of SQLite's database in the data folder."""
    return data / "sentlinks.db"


def sqlite_url(data: Path) -> str:
    """The URL of the database in the data folder."""
    return f"sqlite+aiosqlite:///{database_file(data)}"


class _Watch:
    """Whether new connections to SQLite watch what they change, which they can only once their tables exist."""

    is_on = False


def _prepare_sqlite(engine: AsyncEngine, watch: _Watch) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, record: Any) -> None:
        # The driver must not begin transactions itself: it would do so without the write lock.
        connection.isolation_level = None
        watched.watch_sqlite(connection, record.info)
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout = {int(BUSY_SECONDS * 1000)}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            # More than the index of a filter takes for 100,000 documents: each letter reads all of it.
            "cache_size = -32000",
            "temp_store = MEMORY",
            # What was deleted is overwritten: the key of a content goes with its last reference.
            "secure_delete = ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
        if watch.is_on:
            await_only(connection.driver_connection.executescript(watched.sqlite_triggers()))

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        patience = connection.get_execution_options().get("sentlinks_write")
        if patience is None:
            connection.exec_driver_sql("BEGIN")
            return
        try:
            _begin_to_write(connection, patience)
        except OperationalError as error:
            if not _is_for_reading(error):
                raise
            try:
                connection.invalidate()
                _begin_to_write(connection, patience)
            except sqlite3.Error:
                raise error from None


def _begin_to_write(connection: Any, patience: float) -> None:
    if connection.info.get("patience", BUSY_SECONDS) != patience:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(patience * 1000)}")
        connection.info["patience"] = patience
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _is_for_reading(error: OperationalError) -> bool:
    """Whether the connection can only read. SQLite opens a file for reading that it may not write just then, and the
    connection remains so when the file can be written again."""
    code = getattr(error.orig, "sqlite_errorcode", 0)
    return code & 0xFF == sqlite3.SQLITE_READONLY and code != sqlite3.SQLITE_READONLY_DBMOVED


def _prepare_postgres(engine: AsyncEngine) -> None:
    """Replace lost connections before they're used, and restore the settings of the others.

    SQLAlchemy's own check runs in a transaction and takes three round trips; this takes one, and none within a request.
    JIT compilation is off: a search whose plan looks expensive would compile for 60 ms, but runs in 10.
    """
    lost = driver_errors()

    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        await_only(watched.watch_postgres(connection.driver_connection))

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def _before(connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        watched.note_statement(connection.info, statement)

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


def _engine(
    url: str, connector: Connector | None, watch: _Watch, damage: Damage, size: int, more: int
) -> AsyncEngine:
    """An engine with ``size`` connections, and as many ``more`` for a short time."""
    options: dict[str, Any] = {
        "pool_size": size,
        "max_overflow": more,
        "hide_parameters": True,
        # The connection used last has the most useful pages in its cache.
        "pool_use_lifo": True,
    }
    if connector is None:
        # Shown to its administrators; who begins to encrypt looks for servers that say nothing.
        told = {"server_settings": {"application_name": f"sentlinks {__version__}"}}
        engine = create_async_engine(url, connect_args=told, **options)
        _prepare_postgres(engine)
    else:
        engine = create_async_engine(url, async_creator=connector, **options)
        _prepare_sqlite(engine, watch)

    @event.listens_for(engine.sync_engine, "handle_error")
    def _error(failure: ExceptionContext) -> None:
        cause = failure.original_exception
        damage.note(cause)
        # asyncpg's own error is what SQLAlchemy's adapter has made of it.
        damage.note(cause.__cause__)

    return engine


async def open_database(url: str, data: Path, *, migrates: bool = True) -> Database:
    """Open the database at ``url``, which may still be starting, and migrate it to the current schema.

    Raises :class:`Failed` if it can't be reached or written, or was made by a newer version; also by an older one if it
    isn't to be migrated.
    """
    full_url = driver_url(url)
    sqlite = full_url.startswith("sqlite")
    file = Path(make_url(full_url).database or "")
    if sqlite:
        _check_files(file)
    connector = Connector(file) if sqlite else None
    watch, damage = _Watch(), Damage()

    def make(size: int, more: int) -> AsyncEngine:
        return _engine(full_url, connector, watch, damage, size, more)

    engine = make(_KEPT, _CONNECTIONS - _KEPT)
    try:
        if not sqlite:
            await wait_until_started(engine)
        if migrates:
            await _migrate(engine, data, watch, sqlite=sqlite)
        else:
            async with engine.connect() as connection:
                await connection.run_sync(require_current)
    except Exception as error:
        await engine.dispose()
        failure = _failure(error, data, sqlite=sqlite)
        if failure is None:
            raise
        raise failure from error
    if connector is None:
        return Database(engine, connections=_CONNECTIONS, damage=damage, second=lambda: make(*_SECOND))
    from .fast_reads import Glance

    opened = OpenedFile(file)
    return Database(
        engine,
        Disk(data),
        Glance(str(file)),
        opened,
        connector,
        _CONNECTIONS,
        damage=damage,
        second=lambda: make(*_SECOND),
    )


async def _migrate(engine: AsyncEngine, data: Path, watch: _Watch, *, sqlite: bool) -> None:
    with _file_lock(data / "migrate.lock") if sqlite else _no_lock():
        async with engine.connect() as connection:
            await connection.execution_options(sentlinks_write=BUSY_SECONDS)
            async with connection.begin():
                if not sqlite:
                    await connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _MIGRATION_LOCK})
                await connection.run_sync(upgrade)
            if sqlite:
                raw: Any = (await connection.get_raw_connection()).driver_connection
                await raw.executescript(watched.sqlite_triggers())
                watch.is_on = True


def _failure(error: Exception, data: Path, *, sqlite: bool) -> Failed | None:
    """What is told of an error of opening the database; ``None`` if it isn't one of the database."""
    if why := None if sqlite else why_no_changes(error):
        return Failed(
            "database.unusable", f"The database cannot be used: it takes no changes, as {why}. {why.remedy}."
        )
    if isinstance(error, DBAPIError) and sqlite:
        if error.orig is not None and is_damage(error.orig):
            return damaged(data, error)
        return Failed(
            "data.unusable",
            f"The database in {data} cannot be used: {error.orig}. Check that it is writable.",
        )
    if isinstance(error, DBAPIError):
        return _unusable(error.orig)
    if isinstance(error, OSError):
        return Failed("database.unreachable", f"The database cannot be reached: {error}.")
    # Where the driver was asked without SQLAlchemy in between.
    return None if sqlite or not isinstance(error, driver_errors()) else _unusable(error)


def _unusable(why: BaseException | None) -> Failed:
    """The error for a PostgreSQL database that is there, and can't be used."""
    # Further lines are hints for whoever administers PostgreSQL.
    said = printable(str(why).partition("\n")[0]).rstrip(".")
    is_full = getattr(why, "sqlstate", "") == DISK_FULL
    remedy = "Its disk is full: free some space there" if is_full else "Check its name and permissions"
    return Failed("database.unusable", f"The database cannot be used: {said}. {remedy}.")


def damaged(data: Path, error: DBAPIError) -> Failed:
    """The error for a database in ``data`` that is too damaged to be opened."""
    return Failed(
        "data.damaged",
        f"The database in {data} is damaged ({error.orig}). Keep a copy of the folder, and restore a backup.",
    )


def _check_files(file: Path) -> None:
    """Raise :class:`Failed` if SQLite would follow a link, or others can write to its files."""
    try:
        check_above(file)
        for end in ("", "-wal", "-shm", "-journal"):
            check_own(file.with_name(f"{file.name}{end}"))
    except Untrusted as error:
        raise Failed("database.untrusted", f"The database {file} can't be used: {error.advice}") from error


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    """A lock that one process on this machine holds at a time."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def _no_lock() -> Iterator[None]:
    yield
