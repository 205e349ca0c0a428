"""A database that can't be reached: PostgreSQL that is being restarted, is on another machine, or is full of other
programs' connections. SQLite's file is always there."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ...rules.errors import Unavailable

log = logging.getLogger("sentlinks")

T = TypeVar("T")

#: How long what has begun goes on without the database, and is repeated until it is back.
PATIENCE = 30.0
_RETRY_SECONDS = 0.5
#: The classes of PostgreSQL's SQLSTATE for a lost connection and a server that shuts down or starts.
_LOST = ("08", "57P")
#: What no waiting helps against, of the errors of the operating system: the address or the settings are wrong.
_WRONG = (socket.gaierror, ssl.SSLError, PermissionError)


class DatabaseAway(Unavailable):
    """The database can't be reached."""

    def __init__(self, *, untouched: bool) -> None:
        super().__init__("database.away", "The server's database can't be reached; try again shortly.")
        #: Whether no connection was made, so that nothing can have been written.
        self.untouched = untouched


class Outage:
    """Whether the database can't be reached now. The log says when that begins, and when it is over."""

    def __init__(self) -> None:
        self.is_on = False

    def begin(self, error: Exception) -> None:
        """Note a failure because of ``error``."""
        if not self.is_on:
            log.error("the database can't be reached: %s", getattr(error, "orig", error))
        self.is_on = True

    def end(self) -> None:
        """Note that the database was reached."""
        if self.is_on:
            log.info("the database can be reached again")
        self.is_on = False


def driver_errors() -> tuple[type[Exception], ...]:
    """What PostgreSQL's driver itself raises, where SQLAlchemy doesn't translate it."""
    import asyncpg

    return OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError


@asynccontextmanager
async def reachable(engine: AsyncEngine, outage: Outage) -> AsyncIterator[AsyncConnection]:
    """A connection to PostgreSQL. Raises :class:`DatabaseAway` if there is none, or if it is lost by the end of the
    block: also where that is noticed only by ending its transaction."""
    failures: tuple[type[Exception], ...] = (SQLAlchemyError, *driver_errors())
    is_connected = was_away = False
    try:
        async with engine.connect() as connection:
            is_connected, was_away = True, outage.is_on
            yield connection
    except failures as error:
        if not is_connected or _is_lost(error):
            outage.begin(error)
            raise DatabaseAway(untouched=not is_connected) from error
        raise
    # What was connected before the outage may not have needed the database since.
    if was_away:
        outage.end()


def _is_lost(error: Exception) -> bool:
    state = getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None
    return getattr(error, "connection_invalidated", False) or (state or "").startswith(_LOST)


async def wait_until_started(engine: AsyncEngine) -> None:
    """Wait up to :data:`PATIENCE` seconds for PostgreSQL to start: it may have been started together with this server.
    Raises what keeps the connection from being made then, or at once if waiting doesn't help."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + PATIENCE
    has_said_so = False
    while True:
        try:
            async with engine.connect():
                return
        except (DBAPIError, OSError) as error:
            if not _may_be_starting(error) or loop.time() >= ends:
                raise
            if not has_said_so:
                why = error.orig if isinstance(error, DBAPIError) else error
                log.warning("waiting up to %d s for the database to start: %s", PATIENCE, why)
                has_said_so = True
        await asyncio.sleep(_RETRY_SECONDS)


def _may_be_starting(error: DBAPIError | OSError) -> bool:
    if isinstance(error, DBAPIError):
        return _is_lost(error)
    return not isinstance(error, _WRONG)


async def patiently(work: Callable[[], Awaitable[T]]) -> T:
    """Do ``work``, a transaction; again, for up to :data:`PATIENCE` seconds, while no connection to the database can be
    made. What was lost in the middle is not repeated: it may have been committed."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + PATIENCE
    while True:
        try:
            return await work()
        except DatabaseAway as error:
            if not error.untouched or loop.time() >= ends:
                raise
        await asyncio.sleep(_RETRY_SECONDS)
