"""A database that can't be reached: PostgreSQL that is being restarted, is on another machine, or is full of other
programs' connections. SQLite's file is always there."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Any, TypeVar

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


class TakesNoChanges(StrEnum):
    """Why a database that can be reached takes no changes."""

    REPLICA = "it is a replica"
    READ_ONLY = "it was made read-only"
    NONE_OF_SEVERAL = "none of the servers in its address does"

    @property
    def remedy(self) -> str:
        """What its administrator does about it."""
        return {
            TakesNoChanges.REPLICA: "Promote it, or name the server that takes changes",
            TakesNoChanges.READ_ONLY: "Set its default_transaction_read_only to off",
            TakesNoChanges.NONE_OF_SEVERAL: "Promote one of them",
        }[self]


class DatabaseAway(Unavailable):
    """The database can't be reached; or it can, and takes no changes: then there is no connection for reading either,
    as each has a table of its own."""

    def __init__(self, *, untouched: bool, why: TakesNoChanges | None = None) -> None:
        is_away = "database.away", "The server's database can't be reached; try again shortly."
        takes_none = "database.read_only", "The server's database takes no changes now; try again shortly."
        super().__init__(*(is_away if why is None else takes_none))
        #: Whether no connection was made, so that nothing can have been written.
        self.untouched = untouched
        #: Why it takes no changes, if that is what is wrong.
        self.why = why


class Outage:
    """Whether the database can't be used now. The log says when that begins, why, and when it is over."""

    def __init__(self) -> None:
        #: What the log has said; empty if it is reached.
        self._said = ""

    @property
    def is_on(self) -> bool:
        """Whether it can't be used."""
        return bool(self._said)

    def begin(self, error: Exception) -> None:
        """Note a failure because of ``error``."""
        if isinstance(error, DatabaseAway):
            what, why = "the database takes no changes", str(error.why)
        else:
            what, why = "the database can't be reached", str(getattr(error, "orig", error))
        if what != self._said:
            log.error("%s: %s", what, why)
        self._said = what

    def end(self) -> None:
        """Note that the database was reached."""
        if self._said:
            log.info("the database can be reached again")
        self._said = ""


def driver_errors() -> tuple[type[Exception], ...]:
    """What PostgreSQL's driver itself raises, where SQLAlchemy doesn't translate it."""
    import asyncpg

    return OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError


@asynccontextmanager
async def reachable(engine: AsyncEngine, outage: Outage) -> AsyncIterator[AsyncConnection]:
    """A connection to PostgreSQL. Raises :class:`DatabaseAway` if there is none, or if it is lost by the end of the
    block: also where that is noticed only by ending its transaction."""
    failures: tuple[type[Exception], ...] = (DatabaseAway, SQLAlchemyError, *driver_errors())
    is_connected = was_away = False
    try:
        async with engine.connect() as connection:
            is_connected, was_away = True, outage.is_on
            yield connection
    except failures as error:
        if (why := why_no_changes(error)) is not None:
            refused = DatabaseAway(untouched=True, why=why)
            outage.begin(refused)
            raise refused from error
        if not is_connected or _is_lost(error):
            outage.begin(error)
            raise DatabaseAway(untouched=not is_connected) from error
        raise
    # What was connected before the outage may not have needed the database since.
    if was_away:
        outage.end()


def why_no_changes(error: Exception) -> TakesNoChanges | None:
    """Why the database takes no changes, if that is what a connection has failed by."""
    import asyncpg

    if isinstance(error, DatabaseAway):
        return error.why
    # Each of the servers in the address is there, and none is as ``target_session_attrs`` asks for.
    cause = error.orig if isinstance(error, DBAPIError) else error
    # SQLAlchemy's adapter has made another one of asyncpg's own.
    causes = (cause, getattr(cause, "__cause__", None))
    is_for_none = any(isinstance(each, asyncpg.TargetServerAttributeNotMatched) for each in causes)
    return TakesNoChanges.NONE_OF_SEVERAL if is_for_none else None


async def open_session(connection: Any, statement: str) -> None:
    """Execute the first statement of a new connection (of asyncpg), which changes something. Raises
    :class:`DatabaseAway` if nothing can be changed."""
    import asyncpg

    try:
        await connection.execute(statement)
    except asyncpg.ReadOnlySQLTransactionError as error:
        is_replica = await connection.fetchval("SELECT pg_is_in_recovery()")
        # Nobody else would: the pool doesn't have it yet.
        connection.terminate()
        why = TakesNoChanges.REPLICA if is_replica else TakesNoChanges.READ_ONLY
        raise DatabaseAway(untouched=True, why=why) from error


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
