"""Pages of lists, found by index: a page costs the same wherever in the list it is.

A list is made of parts that follow one another, such as folders and documents. A part is read in the order of its
sort keys, from where the page before ended, or after an offset where a client counts.
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

from ..database.tables import Moment
from ..lanes import LIGHT_ROWS, look_at
from ..library.problems import invalid
from ..moments import EPOCH, MICROSECOND, micros
from .parameters import Paging, cursor_of, foreign_cursor

Values = tuple[Any, ...]
Test = Callable[[Row[Any]], bool]
Counted = Callable[[], Awaitable[int]]

#: Rows that are looked at in one go where a test picks some of them, and that are read in one go at all.
_BATCH, _LONG_BATCH, _PIECE = 500, 2000, 1000
#: Seconds that rows are tested for before it is seen whether anybody still waits for them.
_SLICE = 0.02
_ALL = 2**31


@dataclass(frozen=True, slots=True)
class Found:
    """A page's rows; ``cursor`` is ``None`` on the last one, ``total`` where it was not asked for."""

    rows: list[Row[Any]]
    cursor: str | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What a part is sorted by: ``columns`` of its rows, all of them up or all of them down.

    ``name`` tells orders apart; in a cursor, moments are microseconds since 1970.
    """

    name: str
    columns: tuple[str, ...]
    descending: bool = False

    @classmethod
    def asked(cls, text: str | None) -> Order:
        """``name``, ``edited``, or one of them after ``-``. Raises :class:`BadRequest` for anything else."""
        word = text or "name"
        column = {"name": "name_key", "edited": "latest_edited_at"}.get(word.removeprefix("-"))
        if column is None:
            raise invalid("sort", "A list is sorted by name, -name, edited or -edited.")
        return cls(word, (column, "number"), word.startswith("-"))

    def values(self, row: Row[Any]) -> Values:
        return tuple(row._mapping[column] for column in self.columns)

    def apply(self, query: Select[Any], keys: Sequence[Any], after: Values | None) -> Select[Any]:
        """``query`` in this order of ``keys`` (expressions for ``columns``), from behind ``after`` on."""
        if after is not None:
            # The types are named, or a moment would be bound as text.
            here = [literal(value, key.type) for value, key in zip(after, keys, strict=True)]
            query = query.where(self.behind(keys, here))
        return query.order_by(*(key.desc() if self.descending else key for key in keys))

    def behind(self, keys: Sequence[Any], here: Sequence[Any]) -> ColumnElement[bool]:
        """A condition: that ``keys`` come after ``here`` in this order."""
        return tuple_(*keys) < tuple_(*here) if self.descending else tuple_(*keys) > tuple_(*here)


class Part(ABC):
    """A piece of a list that the database gives in order; ``test`` picks rows where it cannot."""

    #: Tells the parts of a list apart in its cursors.
    tag: ClassVar[str]

    def __init__(
        self, connection: AsyncConnection, order: Order, keys: Sequence[Any], test: Test | None = None
    ) -> None:
        self.connection = connection
        self.order = order
        self.keys = keys
        self.test = test

    @abstractmethod
    async def fetch(self, after: Values | None, limit: int, offset: int) -> Sequence[Row[Any]]:
        """Rows in order, whatever ``test`` says of them."""

    @abstractmethod
    async def count(self) -> int:
        """How many rows there are, whatever ``test`` says of them."""

    @property
    def place(self) -> str:
        return f"{self.tag}.{self.order.name}"

    def after(self, paging: Paging) -> Values:
        """Where the page begins. Raises :class:`BadRequest` for another list's cursor."""
        moments = [isinstance(key.type, Moment) for key in self.keys]
        kinds = [int if at else key.type.python_type for at, key in zip(moments, self.keys, strict=True)]
        found = paging.after(self.place, kinds)
        return tuple(_moment_of(v) if at else v for at, v in zip(moments, found, strict=True))

    def cursor(self, row: Row[Any]) -> str:
        """What the page behind ``row`` is asked for by."""
        values = (micros(v) if isinstance(v, datetime) else v for v in self.order.values(row))
        return cursor_of((self.place, *values))

    async def rows(self, after: Values | None, limit: int, offset: int) -> tuple[list[Row[Any]], int]:
        """Rows from behind ``after`` and ``offset`` more; and what of the offset is left for the next part."""
        if self.test is None:
            return await self._plain(after, limit, offset)
        taken: list[Row[Any]] = []
        async with aclosing(self._picked(after, offset + limit)) as found:
            async for some in found:
                skipped = min(offset, len(some))
                taken += some[skipped:]
                offset -= skipped
                if len(taken) >= limit:
                    break
        return taken[:limit], offset

    async def total(self) -> int:
        if self.test is None:
            return await self.count()
        async with aclosing(self._picked(None, _ALL)) as found:
            return sum([len(some) async for some in found])

    async def _plain(self, after: Values | None, limit: int, offset: int) -> tuple[list[Row[Any]], int]:
        look_at(limit)
        taken: list[Row[Any]] = []
        while len(taken) < limit:
            size = min(limit - len(taken), _PIECE)
            rows = await self.fetch(after, size, 0 if taken else offset)
            taken += rows
            if len(rows) < size:
                break
            after = self.order.values(rows[-1])
        if offset and not taken:
            return [], offset - min(offset, await self.count())
        return taken, 0

    async def _picked(self, after: Values | None, wanted: int) -> AsyncGenerator[list[Row[Any]]]:
        """The rows that the test picks, some at a time, until there are no more or ``wanted`` are probably met."""
        # Where most are picked, not many more are read than are wanted.
        batch, looked = min(wanted, _BATCH), 0
        while True:
            look_at(batch)
            rows = await self.fetch(after, batch, 0)
            place = 0
            while place < len(rows):
                # In a thread, and for a moment: whatever a test takes, the server goes on with others.
                some, place = await asyncio.to_thread(_passing, rows, place, self.test or bool)
                yield some
            if len(rows) < batch:
                return
            after = self.order.values(rows[-1])
            # Who goes through many takes more at a time: some orders are made anew for each of them.
            looked += len(rows)
            batch = min(2 * batch, _BATCH if looked < LIGHT_ROWS else _LONG_BATCH)


def _passing(rows: Sequence[Row[Any]], place: int, test: Test) -> tuple[list[Row[Any]], int]:
    """Those of ``rows`` from ``place`` on that pass, as far as one gets in a moment, and how far that is."""
    passed, end = [], time.monotonic() + _SLICE
    while place < len(rows) and time.monotonic() < end:
        if test(rows[place]):
            passed.append(rows[place])
        place += 1
    return passed, place


class QueryPart(Part):
    """What a query gives; counting its rows is reading them, unless ``counted`` knows their number."""

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

    async def fetch(self, after: Values | None, limit: int, offset: int) -> Sequence[Row[Any]]:
        query = self.order.apply(self.query, self.keys, after).limit(limit).offset(offset)
        rows: Sequence[Row[Any]] = (await self.connection.execute(query)).all()
        return rows

    async def count(self) -> int:
        if self._counted is not None:
            return await self._counted()
        query = select(func.count()).select_from(self.query.subquery())
        return int((await self.connection.execute(query)).scalar_one())


async def page_of(parts: Sequence[Part], paging: Paging) -> Found:
    """A page of the list that the parts make. Raises :class:`BadRequest` for another list's cursor."""
    wanted, offset = paging.limit + 1, paging.offset
    after: Values | None = None
    begin = 0
    if paging.position is not None:
        begin = next((n for n, part in enumerate(parts) if part.place == paging.position[0]), -1)
        if begin < 0:
            raise foreign_cursor()
        after, offset = parts[begin].after(paging), 0
    rows: list[tuple[Part, Row[Any]]] = []
    for part in parts[begin:]:
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
    return Found([row for _, row in rows[: paging.limit]], cursor, total)


def _moment_of(value: int) -> datetime:
    """What :func:`micros` was given. Raises :class:`BadRequest` for what it cannot have been."""
    try:
        return EPOCH + value * MICROSECOND
    except OverflowError:
        raise foreign_cursor() from None
