"""Whether the database is whole, as far as that can be found out by reading all of it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

from sqlalchemy import Text, cast, func, select, text
from sqlalchemy.exc import DBAPIError

from ...rules.check_results import Check, bad, ok, warn
from ...rules.display import counted, moment_text
from ...rules.text import printable
from ..base.disk import DiskFull
from ..context import Context
from ..database.damage import ADVICE, first_damage, is_damage
from ..database.outages import TakesNoChanges
from ..database.tables import metadata

_FAILURES = text(
    "SELECT checksum_failures, checksum_last_failure FROM pg_stat_database WHERE datname = current_database()"
)
#: A table that is gone as soon as it is made.
_ONE_MEGABYTE = text(
    "CREATE TEMPORARY TABLE sentlinks_room ON COMMIT DROP AS "
    "SELECT repeat('x', 900) AS filling FROM generate_series(1, 1200)"
)
#: PostgreSQL's SQLSTATE for who may not make such a table.
_FORBIDDEN = "42501"


async def check_sqlite(file: Path) -> Check:
    """Read SQLite's whole file, and compare its indexes with its tables."""
    try:
        found = await asyncio.to_thread(first_damage, file, thorough=True)
    except sqlite3.Error as error:
        return bad(
            "database", f"The database can't be checked: {error}.", "Check that its folder is writable."
        )
    if found is None:
        return ok("database", "SQLite's file is whole (integrity_check).")
    return bad("database", f"The database is damaged: {printable(' '.join(found.split()))}.", f"{ADVICE}.")


async def check_postgres(context: Context) -> Check:
    """Read all rows of all tables, so that PostgreSQL compares the checksums of their pages, if it has them."""
    async with context.database.read() as connection:
        has_checksums = (await connection.execute(text("SHOW data_checksums"))).scalar() == "on"
        noted = (await connection.execute(_FAILURES)).first()
    if noted is not None and noted.checksum_failures:
        times = counted(noted.checksum_failures, "page")
        return bad(
            "database",
            f"PostgreSQL has met {times} with a wrong checksum, last at {moment_text(noted.checksum_last_failure)}.",
            _POSTGRES_ADVICE,
        )
    for table in metadata.sorted_tables:
        try:
            async with context.database.read() as connection:
                await connection.execute(select(func.sum(func.length(cast(table.table_valued(), Text)))))
        except DBAPIError as error:
            if error.orig is None or not is_damage(error.orig):
                raise
            why = printable(str(error.orig.__cause__ or error.orig))
            return bad("database", f"PostgreSQL's table {table.name} is damaged: {why}.", _POSTGRES_ADVICE)
    if has_checksums:
        return ok("database", "PostgreSQL has read all tables, with checksums of their pages.")
    return warn(
        "database",
        "PostgreSQL's data checksums are off, so that a damaged page can go unnoticed.",
        "Stop PostgreSQL and run pg_checksums --enable; for a new one, initdb --data-checksums.",
    )


async def check_changes(context: Context) -> AsyncIterator[Check]:
    """Try a change that changes nothing: files that can be read may take no writes."""
    refusal = await context.database.refusal(tries=True)
    if refusal is None and not context.database.sqlite:
        refusal = await _lack_of_room(context)
    if refusal is not None:
        if isinstance(refusal, DiskFull):
            why = "its disk is full"
        elif context.database.sqlite:
            why = "it is read-only, or its disk has errors"
        else:
            why = TakesNoChanges.READ_ONLY
        yield bad(
            "database",
            f"The database takes no changes: {why}.",
            "When the reason is gone, the server goes on by itself.",
        )


async def _lack_of_room(context: Context) -> DiskFull | None:
    """Whether PostgreSQL can't make its files longer: a change of one row fits into a page that is there already."""
    try:
        async with context.database.write() as connection:
            # On the disk of the database, wherever such tables are otherwise.
            await connection.execute(text("SET LOCAL temp_tablespaces = ''"))
            await connection.execute(_ONE_MEGABYTE)
    except DiskFull as error:
        return error
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _FORBIDDEN:
            raise
    return None


_POSTGRES_ADVICE = (
    "Fail over to a replica that is whole, or restore a backup. PostgreSQL's log names the file."
)
