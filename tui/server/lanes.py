"""Limits on concurrent queries of the library.

Each query first runs in the *light* lane, where a person has several slots but a query may go through only
:data:`LIGHT_ROWS` rows. A query that needs more starts again in the *expensive* lane, where each person has one slot
and all people together have two. So opening a folder never waits for searches of the whole library, whatever they look
for and however many there are. Queries that wait for a slot hold no database connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar

from .slots import SlotLimiter

#: Rows that a query in the light lane may go through.
LIGHT_ROWS = 3000
_LIGHT, _EXPENSIVE = 4, 2
#: How many queries of one person may run in, or wait for, a lane.
_WAITING = 64
_TOO_MANY = "Too many of your searches are running. Try again in a moment."


class TooExpensive(Exception):
    """A query in the light lane has to go through more rows than allowed there."""


_rows_left: ContextVar[int | None] = ContextVar("rows left in the light lane", default=None)


@contextmanager
def limit_rows() -> Iterator[None]:
    """Within the block, :func:`count_rows` raises :class:`TooExpensive` after more than :data:`LIGHT_ROWS` in total."""
    token = _rows_left.set(LIGHT_ROWS)
    try:
        yield
    finally:
        _rows_left.reset(token)


def count_rows(rows: int) -> None:
    """Count rows that a query is about to go through. Raises :class:`TooExpensive`."""
    rows_left = _rows_left.get()
    if rows_left is not None:
        if rows > rows_left:
            raise TooExpensive
        _rows_left.set(rows_left - rows)


class Lanes:
    """The lanes of a server process."""

    def __init__(self) -> None:
        self._light = SlotLimiter(_LIGHT, _WAITING, _TOO_MANY)
        self._expensive = SlotLimiter(1, _WAITING, _TOO_MANY)
        self._everyone = asyncio.Semaphore(_EXPENSIVE)

    @asynccontextmanager
    async def light(self, person: str) -> AsyncIterator[None]:
        """Hold one of the person's slots in the light lane."""
        async with self._light.slot(person):
            with limit_rows():
                yield

    @asynccontextmanager
    async def expensive(self, person: str) -> AsyncIterator[asyncio.Semaphore]:
        """Hold the person's only slot in the expensive lane, for the query and for sending its response.

        The query itself must also hold the semaphore that is yielded, which limits those of all people together.
        """
        async with self._expensive.slot(person):
            yield self._everyone
