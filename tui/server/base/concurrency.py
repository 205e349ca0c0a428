"""Concurrency limits per key: requests with the same key share a fixed number of slots, and wait for a free one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ...rules.errors import Throttled
from . import pools
from .pools import Pool, busy, holding


class SlotLimiter:
    """``slots`` for each key. A key that isn't in use takes no memory.

    At most ``most`` requests with one key may hold slots or wait for them; ``refusal`` is the message for any more.
    """

    def __init__(self, pool: Pool, slots: int, most: int, refusal: str) -> None:
        self._pool = pool
        self._slots = slots
        self._most = most
        self._refusal = refusal
        self._free: dict[str, asyncio.Semaphore] = {}
        self._active: dict[str, int] = {}

    @asynccontextmanager
    async def slot(self, key: str, *, always: bool = False) -> AsyncIterator[None]:
        """Hold one of the slots of ``key`` during the block. Raises :class:`Throttled` if too many wait for them
        (unless one ``always`` may wait), and :class:`Unavailable` if none was free in time."""
        if not always and self._active.get(key, 0) >= self._most:
            raise Throttled("busy", self._refusal, 2)
        free = self._free.setdefault(key, asyncio.Semaphore(self._slots))
        self._active[key] = self._active.get(key, 0) + 1
        try:
            with holding(self._pool):
                await _acquire(free)
                try:
                    yield
                finally:
                    free.release()
        finally:
            self._active[key] -= 1
            if not self._active[key]:
                del self._active[key], self._free[key]


async def _acquire(free: asyncio.Semaphore) -> None:
    try:
        async with asyncio.timeout(pools.WAIT_SECONDS):
            await free.acquire()
    except TimeoutError:
        raise busy() from None
