"""The pools of a server process: what many requests share, and each holds a place in for a while.

A request that holds a place in a pool asks only for places in later ones (:class:`Pool` has the order). Otherwise
requests that each hold a place and wait for another could wait for each other, and everyone else for them. Nobody waits
longer than :data:`WAIT_SECONDS`.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from enum import IntEnum

from ...rules.errors import Unavailable

log = logging.getLogger("sentlinks")

#: How long a request waits for a place (tests, on a busy machine, have more patience), and what it is told then.
WAIT_SECONDS = 5.0
RETRY_SECONDS = 5
_BUSY = "The server is busy. Try again in a few seconds."


class Pool(IntEnum):
    """The pools, in the order in which a request may ask for their places."""

    #: One person's, or one network's, places at the entrance.
    ENTRANCE = 0
    #: Theirs in a lane, and those of everyone together.
    LANE = 1
    EVERYONE = 2
    #: A network's places in the queue for hashing, and those of everyone together.
    HASHING_LINE = 3
    HASHING = 4
    #: The turn to write to SQLite's file.
    WRITING = 5
    CONNECTIONS = 6
    #: The connections that read what is committed, beside a transaction.
    COMMITTED = 7


class OutOfOrder(RuntimeError):
    """A place was asked for by one who holds a place in the same pool, or in a later one."""


class _Held:
    """A place that is held, unless it is ``over``; ``outer`` is what was held before."""

    __slots__ = ("outer", "over", "pool")

    def __init__(self, pool: Pool, outer: _Held | None) -> None:
        self.pool = pool
        self.outer = outer
        self.over = False


_whose: ContextVar[str] = ContextVar("whose request this is", default="")
_innermost: ContextVar[_Held | None] = ContextVar("place held last", default=None)
_is_strict = False


def be_strict() -> None:
    """From now on, raise :class:`OutOfOrder` where the order isn't kept: in tests. Otherwise it is logged, since it
    does no harm as long as the pool has room."""
    global _is_strict
    _is_strict = True


def ask_for(whose: str) -> None:
    """From now on, places that this request asks for are those of the person or network ``whose``."""
    _whose.set(whose)


def busy() -> Unavailable:
    """The error of one who has waited long enough."""
    return Unavailable("server.busy", _BUSY, RETRY_SECONDS)


@contextmanager
def holding(pool: Pool) -> Iterator[None]:
    """In the block, a place in ``pool`` is asked for and held."""
    outer = _innermost.get()
    _check(pool, outer)
    held = _Held(pool, outer)
    _innermost.set(held)
    try:
        yield
    finally:
        # A task that was started in the block has a copy of the context, and learns it this way.
        held.over = True
        _innermost.set(outer)


def _check(pool: Pool, held: _Held | None) -> None:
    while held is not None:
        if not held.over and held.pool >= pool:
            error = OutOfOrder(f"{pool.name} asked for while {held.pool.name} is held")
            if _is_strict:
                raise error
            log.error("%s", error, stack_info=True)
        held = held.outer


class PoolPlaces:
    """``count`` places in a pool. Of those who wait, each person or network gets one in turn: no one waits for all of
    another's requests."""

    def __init__(self, pool: Pool, count: int) -> None:
        self._pool = pool
        self._free = count
        #: Those who wait, by whose requests they are; whose turn is next comes first.
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Hold a place in the block. Raises :class:`Unavailable` if none was free within :data:`WAIT_SECONDS`."""
        with holding(self._pool):
            await self.take()
            try:
                yield
            finally:
                self.give_back()

    async def take(self, most: float = math.inf) -> None:
        """Take a place within :data:`WAIT_SECONDS`, and ``most`` seconds. Raises :class:`Unavailable`."""
        if self._free:
            self._free -= 1
            return
        whose = _whose.get()
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(whose, deque()).append(place)
        try:
            async with asyncio.timeout(min(most, WAIT_SECONDS)):
                await place
        except BaseException as error:
            if place.done() and not place.cancelled():
                # It was given the place at the same moment.
                self.give_back()
            else:
                self._forget(whose, place)
            if isinstance(error, TimeoutError):
                raise busy() from None
            raise

    def _forget(self, whose: str, place: asyncio.Future[None]) -> None:
        waiting = self._waiting.get(whose, deque())
        with suppress(ValueError):
            waiting.remove(place)
        if not waiting:
            self._waiting.pop(whose, None)

    def give_back(self) -> None:
        """Give a place to who is next."""
        while self._waiting:
            whose = next(iter(self._waiting))
            waiting = self._waiting.pop(whose)
            place = waiting.popleft()
            if waiting:
                self._waiting[whose] = waiting
            # Whoever has just given up hasn't run since, so as to take itself off.
            if not place.cancelled():
                place.set_result(None)
                return
        self._free += 1
