"""Tasks that run at the same time: limits per key, within which requests wait for a free slot, and failures that nobody
waits for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

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


def take_note(done: asyncio.Future[Any]) -> None:
    """Take a failure that nobody may be left to ask for: it would be logged when it is forgotten."""
    if not done.cancelled():
        done.exception()


async def _acquire(free: asyncio.Semaphore) -> None:
    try:
        async with asyncio.timeout(pools.WAIT_SECONDS):
            await free.acquire()
    except TimeoutError:
        raise busy() from None
