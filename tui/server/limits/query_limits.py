"""Limits on concurrent requests: each is in a lane by what it costs, with a few places for each person.

Most requests are in the *light* lane. A query there may go through only :data:`LIGHT_ROWS` rows; one that needs more
leaves the lane and starts again in the *expensive* one, where each person has one place and all people together have
two. So opening a folder never waits for searches of the whole library, whatever they look for and however many there
are. Requests that wait for a place hold no database connection.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from contextvars import ContextVar
from enum import StrEnum

from ..base.concurrency import SlotLimiter
from ..base.pools import Pool, PoolPlaces

#: Rows that a query in the light lane may go through.
LIGHT_ROWS = 3000
#: How many requests of one person (or network) may be in a lane, or wait for it.
_WAITING = 64
_TOO_MANY = "Too many of your requests are under way. Try again in a moment."
_TOO_MANY_SEARCHES = "Too many of your searches are running. Try again in a moment."


class Lane(StrEnum):
    """What a request costs."""

    #: Nothing but its answer.
    FREE = "free"
    #: A few rows, read or written.
    LIGHT = "light"
    #: As much as someone owns.
    EXPENSIVE = "expensive"
    #: A few rows, for someone who isn't signed in.
    GUESTS = "guests"
    #: A place in the queue for hashing, which is kept apart (``passwords``), and a few rows.
    PASSWORDS = "passwords"
    #: Bytes, for as long as the client takes to send them; for rows, it asks now and then. (A download is in the light
    #: lane, which it has left when its bytes are sent.)
    TRANSFERS = "transfers"


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
        def each(slots: int, waiting: int = _WAITING, refusal: str = _TOO_MANY) -> SlotLimiter:
            return SlotLimiter(Pool.LANE, slots, waiting, refusal)

        self._entrance = SlotLimiter(Pool.ENTRANCE, 2, 500, _TOO_MANY)
        self._each = {
            Lane.LIGHT: each(2),
            Lane.EXPENSIVE: each(1, _WAITING, _TOO_MANY_SEARCHES),
            Lane.GUESTS: each(4, 500),
            Lane.PASSWORDS: each(4, 500),
            Lane.TRANSFERS: each(_WAITING),
        }
        # All together leave connections to the database for what isn't in a lane.
        self._everyone = {
            Lane.LIGHT: PoolPlaces(Pool.EVERYONE, 8),
            Lane.EXPENSIVE: PoolPlaces(Pool.EVERYONE, 2),
            Lane.GUESTS: PoolPlaces(Pool.EVERYONE, 4),
        }

    def entrance(self, whose: str) -> AbstractAsyncContextManager[None]:
        """Hold a place while it is found out what a request asks for, and who asks: a thousand requests that arrive
        together take a second for that alone."""
        return self._entrance.slot(whose)

    @asynccontextmanager
    async def place(self, lane: Lane, whose: str, *, admitted: bool = False) -> AsyncIterator[None]:
        """Hold a place in ``lane`` that counts for the person or network ``whose``.

        Raises :class:`Throttled` if too many of theirs wait already (unless the request was ``admitted`` to another
        lane before), and :class:`Unavailable` after too long.
        """
        async with AsyncExitStack() as stack:
            if lane in self._each:
                await stack.enter_async_context(self._each[lane].slot(whose, always=admitted))
            if lane in self._everyone:
                await stack.enter_async_context(self._everyone[lane].one())
            yield

    @asynccontextmanager
    async def expensive(self, person: str) -> AsyncIterator[PoolPlaces]:
        """Hold the person's only place in the expensive lane, for a query and for sending its response.

        The query itself must also hold one of the places that are yielded, which limit those of all people together.
        """
        async with self._each[Lane.EXPENSIVE].slot(person):
            yield self._everyone[Lane.EXPENSIVE]
