"""The numbers of rows that are built before any of them is written: in order, and never the same one twice."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from ..context import Context
from ..database.tables import containers


class RowNumbers:
    """Numbers for the rows of a batch, within its transaction. ``expected`` is how many are fetched at once if the
    database keeps them in a sequence."""

    def __init__(self, context: Context, connection: AsyncConnection, expected: int = 1) -> None:
        self._context = context
        self._connection = connection
        self._expected = expected
        self._fetched: dict[str, Iterator[int]] = {}

    async def next(self, table: Table, column: str) -> int:
        """Return the next number of a table, which keeps it in ``column``."""
        found = next(self._fetched.get(table.name, iter(())), None)
        if found is None:
            self._fetched[table.name] = await self._fetch(table, column)
            found = next(self._fetched[table.name])
        return found

    async def _fetch(self, table: Table, column: str) -> Iterator[int]:
        if self._context.database.sqlite:
            # The transaction is the only writer, and SQLite remembers the greatest number that a table ever had.
            query = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
            last = (await self._connection.execute(query, {"name": table.name})).scalar()
            return itertools.count((last or 0) + 1)
        query = text("SELECT nextval(pg_get_serial_sequence(:table, :column)) FROM generate_series(1, :n)")
        values = {"table": table.name, "column": column, "n": self._expected}
        return iter([row[0] for row in await self._connection.execute(query, values)])

    async def reserve_container(self, number: int) -> None:
        """Keep containers from getting the number of a shortcut. Only SQLite needs it: a sequence never returns a
        number again."""
        values = {"name": containers.name, "number": number}
        query = "UPDATE sqlite_sequence SET seq = max(seq, :number) WHERE name = :name"
        if (await self._connection.execute(text(query), values)).rowcount == 0:
            query = "INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :number)"
            await self._connection.execute(text(query), values)
