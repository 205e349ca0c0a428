"""Rows of the audit that PostgreSQL has numbered, but that appear only later."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from tests.support.servers.server import ServerProcess

#: Adds a row to the audit, quicker than a recipient could; with the placeholders of a database's driver.
INSERT = (
    "INSERT INTO audit (subject, sequence, at, event, address, details, mac) "
    "VALUES ({}, {}, 1764590000000000, '{event}', '203.0.113.7', '{{}}', {})"
)
_SEQUENCE = 2_000_000


@asynccontextmanager
async def under_way(
    server: ServerProcess, document: str, event: str = "viewed"
) -> AsyncIterator[asyncpg.Connection]:
    """A transaction that has added a row to the document's audit, and commits at the end."""
    connection = await asyncpg.connect(server.database_url)
    try:
        async with connection.transaction():
            sql = INSERT.format("$1", "$2", "$3", event=event)
            await connection.execute(sql, f"document:{document}", _SEQUENCE, b"")
            yield connection
    finally:
        await connection.close()
