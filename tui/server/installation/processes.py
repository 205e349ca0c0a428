"""Which processes serve an installation: each has a row while it runs, which says with which key it wraps, and which
step of a move to another store it has taken up.

One that was killed leaves its row; whoever counts on the rows finds out which are left over.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from typing import NamedTuple

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from ... import __version__
from ...files.process_ids import realm, this_process
from ...rules.errors import Problem
from ..base.keys import WrongContentKey
from ..base.sharing import sharers
from ..blobs.sealing import wrapping
from ..context import Context
from ..database.tables import processes

#: Earlier versions don't tell PostgreSQL who they are.
_SILENT = text(
    "SELECT 'process ' || pid || ' of PostgreSQL' FROM pg_stat_activity WHERE datname = current_database() "
    "AND usename = current_user AND application_name = '' AND backend_type = 'client backend' "
    "AND pid <> pg_backend_pid() ORDER BY pid LIMIT 1"
)
log = logging.getLogger("sentlinks")


class Serving(NamedTuple):
    """A row."""

    id: str
    realm: str
    number: int
    version: str
    wraps_with: str
    store_seen: str | None
    store_trouble: str | None

    @property
    def is_elsewhere(self) -> bool:
        """Whether it can't be told of it from here if it has ended: it is another machine's, or another container's."""
        return not self.realm or self.realm != realm()

    @property
    def is_over(self) -> bool:
        """Whether it has certainly ended."""
        if self.is_elsewhere:
            return False
        try:
            os.kill(self.number, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass
        return False


async def join(context: Context, *, alone: bool) -> None:
    """Note that this process serves; ``alone``: and no other. Raises ``WrongContentKey``."""
    try:
        async with context.database.write() as connection:
            await wrapping.before_writing(connection, context.keys)
            for each in await all_of_them(connection):
                if alone or each.is_over:
                    await forget(connection, each.id)
            await _insert(context, connection)
    except WrongContentKey:
        raise
    except Problem as error:
        # A full disk: links are served all the same, and it is noted when it matters (note).
        log.warning("this server isn't noted in the database: %s", error.message)


async def leave(context: Context) -> None:
    """Note that it doesn't any more. If that can't be written, it is as with one that was killed."""
    with suppress(Problem, SQLAlchemyError, OSError):
        async with context.database.write() as connection:
            await forget(connection, this_process())


async def note(context: Context) -> None:
    """Note that this process wraps with the key that it has learned last, and which step of a move to another store it
    has taken up."""
    async with context.database.read() as connection:
        rows = await all_of_them(connection)
    now = (context.keys.wrapping_id, context.stores.seen, context.stores.trouble_of_move)
    if not any(
        each.id == this_process() and (each.wraps_with, each.store_seen, each.store_trouble) == now
        for each in rows
    ):
        async with context.database.write() as connection:
            await forget(connection, this_process())
            await _insert(context, connection)


async def _insert(context: Context, connection: AsyncConnection) -> None:
    await connection.execute(
        insert(processes).values(
            id=this_process(),
            realm=realm(),
            number=os.getpid(),
            version=__version__,
            wraps_with=context.keys.wrapping_id,
            store_seen=context.stores.seen,
            store_trouble=context.stores.trouble_of_move,
        )
    )


async def all_of_them(connection: AsyncConnection) -> list[Serving]:
    """All rows, also of those that were killed."""
    return [Serving(*row) for row in (await connection.execute(select(processes))).all()]


async def find_earlier(context: Context, connection: AsyncConnection) -> str | None:
    """A server on this data that may be of an earlier version, as it hasn't said that it serves; ``None`` if there is
    none on this machine, nor connected with PostgreSQL."""
    known = {each.number for each in await all_of_them(connection) if each.realm == realm()}
    unknown = [number for number in sharers(context.settings.data) if number not in known]
    if unknown:
        return f"process {unknown[0]}" if unknown[0] else "a process of another container"
    if context.database.sqlite:
        return None
    return (await connection.execute(_SILENT)).scalar()


async def forget_troubles(connection: AsyncConnection) -> None:
    """Note of all that they can use what they are to use next, until they tell otherwise."""
    await connection.execute(update(processes).values(store_trouble=""))


async def forget(connection: AsyncConnection, ident: str) -> None:
    """Delete a row."""
    await connection.execute(delete(processes).where(processes.c.id == ident))
