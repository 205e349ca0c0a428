"""Pages of lists, found by index: a page costs the same anywhere in the list.

A list consists of consecutive parts, such as folders and documents. A part is read in the order of its sort keys, from
where the previous page ended or, for clients that count, after an offset.
"""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Row, Select, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from ...override import override
from ..base.timestamps import EPOCH, MICROSECOND, micros
from ..database.tables import Moment
from ..library.problems import invalid
from ..limits.query_limits import LIGHT_ROWS, count_rows
from .parameters import Paging, cursor_of, foreign_cursor

Values = tuple[Any, ...]
Test = Callable[[Row[Any]], bool]
Counted = Callable[[], Awaitable[int]]

#: Rows that are read at a time to be tested (at first, and after many), and those read at a time without a test.
_BATCH, _LONG_BATCH, _PIECE = 500, 2000, 1000
#: Seconds for which rows are tested at a time.
_SLICE = 0.02
_ALL = 2**31


@dataclass(frozen=True, slots=True)
class FoundRows:
    """A page's rows; ``cursor`` is ``None`` on the last page, ``total`` is ``None`` unless requested."""

    rows: list[Row[Any]]
    cursor: str | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """A sort order: ``columns`` of a part's rows, all ascending or all descending.

    ``name`` identifies the order; in a cursor, timestamps are microseconds since 1970.
    """

    name: str
    columns: tuple[str, ...]
    descending: bool = False

    @classmethod
    def parse(cls, text: str | None) -> Order:
        """Parse ``name`` (the default), ``edited``, or either after ``-``. Raises :class:`BadRequest` otherwise."""
        word = text or "name"
        column = {"name": "name_key", "edited": "latest_edited_at"}.get(word.removeprefix("-"))
        if column is None:
            raise invalid("sort", "sort must be name, -name, edited or -edited.")
        return cls(word, (column, "number"), word.startswith("-"))

    def values(self, row: Row[Any]) -> Values:
        """What the row is sorted by, as it stands in a cursor."""
        return tuple(row._mapping[column] for column in self.columns)

    def apply(self, query: Select[Any], keys: Sequence[Any], after: Values | None) -> Select[Any]:
        """``query`` in this order of ``keys`` (expressions for ``columns``), starting after ``after``."""
        if after is not None:
            # With explicit types, or a timestamp would be bound as text.
            position = [literal(value, key.type) for value, key in zip(after, keys, strict=True)]
            query = query.where(self.behind(keys, position))
        return query.order_by(*(key.desc() if self.descending else key for key in keys))

    def behind(self, keys: Sequence[Any], position: Sequence[Any]) -> ColumnElement[bool]:
        """A condition: that ``keys`` come after ``position`` in this order."""
        return tuple_(*keys) < tuple_(*position) if self.descending else tuple_(*keys) > tuple_(*position)


class ListPart(ABC):
    """A part of a list that the database returns in order; ``test`` picks rows if the database can't."""

    #: Identifies the part in the list's cursors.
    tag: ClassVar[str]

    def __init__(
        self, connection: AsyncConnection, order: Order, keys: Sequence[Any], test: Test | None = None
    ) -> None:
        self.connection = connection
        self.order = order
        self.keys = keys
        self.test = test
        #: Whether :meth:`total` will be asked for, and what it is if that has come out on the way.
        self.is_counted = False
        self._total: int | None = None

    @abstractmethod
    async def fetch(self, after: Values | None, limit: int, offset: int) -> Sequence[Row[Any]]:
        """Rows in order, regardless of ``test``."""

    @abstractmethod
    async def count(self) -> int:
        """The number of rows, regardless of ``test``."""

    @property
    def cursor_tag(self) -> str:
        """What a cursor of this part and order begins with: another list's is refused."""
        return f"{self.tag}.{self.order.name}"

    def after(self, paging: Paging) -> Values:
        """The values that the page starts after. Raises :class:`BadRequest` for another list's cursor."""
        moments = [isinstance(key.type, Moment) for key in self.keys]
        kinds = [int if at else key.type.python_type for at, key in zip(moments, self.keys, strict=True)]
        found = paging.after(self.cursor_tag, kinds)
        return tuple(_moment_of(v) if at else v for at, v in zip(moments, found, strict=True))

    def cursor(self, row: Row[Any]) -> str:
        """The cursor of the page after ``row``."""
        values = (micros(v) if isinstance(v, datetime) else v for v in self.order.values(row))
        return cursor_of((self.cursor_tag, *values))

    async def rows(self, after: Values | None, limit: int, offset: int) -> tuple[list[Row[Any]], int]:
        """Rows after ``after`` and a further ``offset`` rows, and what is left of the offset for the next part."""
        if self.test is None:
            return await self._plain(after, limit, offset)
        collected: list[Row[Any]] = []
        # If all are counted anyway, they are gone through only once.
        to_the_end, picked = self.is_counted and after is None, 0
        async with aclosing(self._picked(after, _ALL if to_the_end else offset + limit)) as found:
            async for chunk in found:
                picked += len(chunk)
                skipped = min(offset, len(chunk))
                collected += chunk[skipped : skipped + max(0, limit - len(collected))]
                offset -= skipped
                if len(collected) >= limit and not to_the_end:
                    break
        if to_the_end:
            self._total = picked
        return collected, offset

    async def total(self) -> int:
        """How many rows there are in all. If tests pick rows, all of them have to be read for it."""
        if self.test is None:
            return await self.count()
        if self._total is not None:
            return self._total
        async with aclosing(self._picked(None, _ALL)) as found:
            return sum([len(chunk) async for chunk in found])

    async def _plain(self, after: Values | None, limit: int, offset: int) -> tuple[list[Row[Any]], int]:
        count_rows(limit)
        collected: list[Row[Any]] = []
        while len(collected) < limit:
            size = min(limit - len(collected), _PIECE)
            rows = await self.fetch(after, size, 0 if collected else offset)
            collected += rows
            if len(rows) < size:
                break
            after = self.order.values(rows[-1])
        if offset and not collected:
            return [], offset - min(offset, await self.count())
        return collected, 0

    async def _picked(self, after: Values | None, wanted: int) -> AsyncGenerator[list[Row[Any]]]:
        """All rows that pass the test, some at a time. ``wanted``, how many are needed, limits the first batch."""
        # If most rows pass, not many more are read than wanted.
        batch, rows_read = min(wanted, _BATCH), 0
        while True:
            count_rows(batch)
            rows = await self.fetch(after, batch, 0)
            position = 0
            while position < len(rows):
                # In a thread and in short slices: however slow the test, the server continues with other requests.
                passed, position = await asyncio.to_thread(_passing, rows, position, self.test or bool)
                yield passed
            if len(rows) < batch:
                return
            after = self.order.values(rows[-1])
            # Long searches read more at a time: some orders are sorted again for each batch.
            rows_read += len(rows)
            batch = min(2 * batch, _BATCH if rows_read < LIGHT_ROWS else _LONG_BATCH)


def _passing(rows: Sequence[Row[Any]], position: int, test: Test) -> tuple[list[Row[Any]], int]:
    """Those of ``rows`` from ``position`` on that pass, as far as one time slice gets, and where it ended."""
    passed, end = [], time.monotonic() + _SLICE
    while position < len(rows) and time.monotonic() < end:
        if test(rows[position]):
            passed.append(rows[position])
        position += 1
    return passed, position


class QueryPart(ListPart):
    """The rows of a query. They are counted by reading them, unless ``counted`` knows their number."""

    tag = "found"

    def __init__(
        self,
        connection: AsyncConnection,
        query: Select[Any],
        order: Order,
        keys: Sequence[Any],
        test: Test | None = None,
        counted: Counted | None = None,
    ) -> None:
        super().__init__(connection, order, keys, test)
        self.query = query
        self._counted = counted

    @override
    async def fetch(self, after: Values | None, limit: int, offset: int) -> Sequence[Row[Any]]:
        query = self.order.apply(self.query, self.keys, after).limit(limit).offset(offset)
        rows: Sequence[Row[Any]] = (await self.connection.execute(query)).all()
        return rows

    @override
    async def count(self) -> int:
        if self._counted is not None:
            return await self._counted()
        query = select(func.count()).select_from(self.query.subquery())
        return int((await self.connection.execute(query)).scalar_one())


async def page_of(parts: Sequence[ListPart], paging: Paging) -> FoundRows:
    """A page of the list that consists of ``parts``. Raises :class:`BadRequest` for another list's cursor."""
    wanted, offset = paging.limit + 1, paging.offset
    after: Values | None = None
    first = 0
    if paging.position is not None:
        first = next((n for n, part in enumerate(parts) if part.cursor_tag == paging.position[0]), -1)
        if first < 0:
            raise foreign_cursor()
        after, offset = parts[first].after(paging), 0
    rows: list[tuple[ListPart, Row[Any]]] = []
    for part in parts:
        part.is_counted = paging.total
    for part in parts[first:]:
        if len(rows) == wanted:
            break
        found, offset = await part.rows(after, wanted - len(rows), offset)
        rows += ((part, row) for row in found)
        after = None
    cursor = None
    if len(rows) == wanted and paging.by_cursor:
        last, row = rows[-2]
        cursor = last.cursor(row)
    total = sum([await part.total() for part in parts]) if paging.total else None
    return FoundRows([row for _, row in rows[: paging.limit]], cursor, total)


def _moment_of(value: int) -> datetime:
    """The inverse of :func:`micros`. Raises :class:`BadRequest` if ``value`` is out of range."""
    try:
        return EPOCH + value * MICROSECOND
    except OverflowError:
        raise foreign_cursor() from None
