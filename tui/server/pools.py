"""The pools of a server process: what many requests share, and each holds a place in for a while.

A request that holds a place in a pool asks only for places in later ones (:class:`Pool` has the order). Otherwise
requests that each hold a place and wait for another could wait for each other, and everyone else for them. Nobody waits
longer than :data:`WAIT_SECONDS`.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from enum import IntEnum

from ..rules.errors import Unavailable

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


_innermost: ContextVar[_Held | None] = ContextVar("place held last", default=None)
_is_strict = False


def be_strict() -> None:
    """From now on, raise :class:`OutOfOrder` where the order isn't kept: in tests. Otherwise it is logged, since it
    does no harm as long as the pool has room."""
    global _is_strict
    _is_strict = True


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


class Places:
    """``count`` places in a pool, given in the order in which they were asked for."""

    def __init__(self, pool: Pool, count: int) -> None:
        self._pool = pool
        self._free = asyncio.Semaphore(count)

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Hold a place in the block. Raises :class:`Unavailable` if none was free within :data:`WAIT_SECONDS`."""
        with holding(self._pool):
            await acquire(self._free)
            try:
                yield
            finally:
                self._free.release()


async def acquire(lock: asyncio.Semaphore | asyncio.Lock, most: float = math.inf) -> None:
    """Acquire ``lock`` within :data:`WAIT_SECONDS`, and ``most`` seconds. Raises :class:`Unavailable`."""
    if not lock.locked():
        # Without waiting; a timeout takes as long as the rest of a short read.
        await lock.acquire()
        return
    try:
        async with asyncio.timeout(min(most, WAIT_SECONDS)):
            await lock.acquire()
    except TimeoutError:
        raise busy() from None
