"""Opening the database."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import await_only

from ...rules.errors import Failed
from ...rules.text import printable
from ...trusted_paths import Untrusted, check_above, check_own
from ..disk import Disk
from .driver import Connector
from .in_place import OpenedFile
from .lost import driver_errors, wait_until_started
from .migrate import upgrade
from .transactions import BUSY_SECONDS, Database

#: How long after its last use an open connection is trusted without a check.
_TRUSTED_SECONDS = 0.03
#: How many connections there may be, and how many of them are kept open.
_CONNECTIONS, _KEPT = 16, 8
_MIGRATION_LOCK = 7_326_683_110


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


def _prepare_sqlite(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        # The driver must not begin transactions itself: it would do so without the write lock.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout = {int(BUSY_SECONDS * 1000)}",
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
        if connection.info.get("patience", BUSY_SECONDS) != patience:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(patience * 1000)}")
            connection.info["patience"] = patience
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _prepare_postgres(engine: AsyncEngine) -> None:
    """Replace lost connections before they're used, and restore the settings of the others.

    SQLAlchemy's own check runs in a transaction and takes three round trips; this takes one, and none within a request.
    JIT compilation is off: a search whose plan looks expensive would compile for 60 ms, but runs in 10.
    """
    lost = driver_errors()

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
    """Open the database at ``url``, which may still be starting, and migrate it to the current schema.

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
        "pool_size": _KEPT,
        "max_overflow": _CONNECTIONS - _KEPT,
        "hide_parameters": True,
        # The connection used last has the most useful pages in its cache.
        "pool_use_lifo": True,
    }
    file = Path(make_url(full_url).database or "")
    if sqlite:
        _check_files(file)
    connector = Connector(file) if sqlite else None
    if connector is not None:
        options["async_creator"] = connector
    engine = create_async_engine(full_url, **options)
    prepare = _prepare_sqlite if sqlite else _prepare_postgres
    prepare(engine)
    try:
        if not sqlite:
            await wait_until_started(engine)
        with _file_lock(data / "migrate.lock") if sqlite else _no_lock():
            async with engine.connect() as connection:
                await connection.execution_options(sentlinks_write=BUSY_SECONDS)
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
    if connector is None:
        return Database(engine, connections=_CONNECTIONS)
    from .glance import Glance

    return Database(engine, Disk(data), Glance(str(file)), OpenedFile(file), connector, _CONNECTIONS)


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
