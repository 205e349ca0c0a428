"""Places that each of many has: whoever wants more than theirs waits for one of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ..rules.errors import Throttled


class Places:
    """So many places of each; who has none, and for whom nobody waits, takes no memory.

    ``most`` of one may be there or wait; ``refusal`` is the sentence for one more.
    """

    def __init__(self, places: int, most: int, refusal: str) -> None:
        self._places = places
        self._most = most
        self._refusal = refusal
        self._free: dict[str, asyncio.Semaphore] = {}
        self._there: dict[str, int] = {}

    @asynccontextmanager
    async def place(self, whose: str) -> AsyncIterator[None]:
        """One of the places of ``whose``, for the block. Raises :class:`Throttled` where too many wait for them."""
        if self._there.get(whose, 0) >= self._most:
            raise Throttled("busy", self._refusal, 2)
        free = self._free.setdefault(whose, asyncio.Semaphore(self._places))
        self._there[whose] = self._there.get(whose, 0) + 1
        try:
            async with free:
                yield
        finally:
            self._there[whose] -= 1
            if not self._there[whose]:
                del self._there[whose], self._free[whose]
