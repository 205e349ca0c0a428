"""Pages whose row numbers are looked up first, and whose rows are then read by number."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, Table
from sqlalchemy.ext.asyncio import AsyncConnection

from ...override import override
from ..accounts.users import Person
from ..database.tables import containers
from ..library import lookup, rights
from .pages import ListPart, Order, Test, Values

# How often a page is tried while rows of it are being deleted.
_TRIES = 5


class NumberedPart(ListPart):
    """Containers, or latest versions of documents. Their rows are read by a separate statement, which is the same for
    all pages and is planned once."""

    def __init__(
        self,
        connection: AsyncConnection,
        person: Person,
        table: Table,
        order: Order,
        test: Test | None = None,
    ) -> None:
        super().__init__(connection, order, keys_of(table, order), test)
        self.person = person
        self.table = table

    @abstractmethod
    async def numbers(self, after: Values | None, limit: int, offset: int) -> list[int]:
        """The numbers of a page's rows."""

    @override
    async def fetch(self, after: Values | None, limit: int, offset: int) -> Sequence[Row[Any]]:
        query = _rows(self.table, self.order, self.connection.dialect.name == "sqlite")
        rows: Sequence[Row[Any]] = []
        for _ in range(_TRIES):
            numbers = await self.numbers(after, limit, offset)
            if not numbers:
                return []
            rows = (
                await self.connection.execute(query, {"numbers": numbers, "person": self.person.id})
            ).all()
            # Rows deleted in between are missing, and a page that isn't full would be taken for the last one.
            if len(rows) == len(numbers):
                break
        return rows


def keys_of(table: Table, order: Order) -> tuple[Any, Any]:
    """The columns of ``table`` that ``order`` sorts by."""
    by_name = order.columns[0] == "name_key"
    return (table.c.name_key if by_name else table.c.edited_at), table.c.number


@cache
def _rows(table: Table, order: Order, sqlite: bool) -> Select[Any]:
    query = rights.documents_query(rights.ANYONE, latest=True)
    if table is containers:
        query = rights.containers_query(rights.ANYONE)
    keys = keys_of(table, order)
    return order.apply(query.where(lookup.one_of(keys[-1], sqlite, "numbers")), keys, None)
