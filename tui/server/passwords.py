"""Hashing passwords: argon2id, in a thread of their own with a short queue; the passwords of people who sign in, and of
links, have one each, so that neither waits for the other.

19 MiB, t = 2, p = 1. Each thread keeps its 19 MiB, so that the process does not grow with requests. A network (or a
person who sets a password) has two places in the queue, and whoever else comes from it waits before it: it takes many
networks to fill a queue, which is refused at once then rather than waited for. A throttle is looked at once the thread
is free, so that requests that came together do not all pass it before the first of them is counted.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ..rules.errors import Throttled
from .places import Places

_QUEUE = 32
#: What one takes: KiB, and rounds. What is kept says what it took, so that another cost is for new ones.
MEMORY, ROUNDS = 19 * 1024, 2
#: Places of a network in the queue, and how many may be in it or wait for it.
_PLACES, _OF_ONE = 2, 100
_BUSY = "Too many passwords are being checked just now; try again in a moment."


class Passwords:
    """Hashes and verifies, one after the other. ``network`` is what shares places."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=ROUNDS, memory_cost=MEMORY, parallelism=1)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="argon2")
        self._places = Places(_PLACES, _OF_ONE, _BUSY)
        self._free = asyncio.Lock()
        self._waiting = 0

    async def hash(self, password: str, network: str) -> str:
        """The hash to keep. Raises :class:`Throttled` where too many are waiting."""
        async with self._slot(network):
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._hasher.hash, password)

    async def verify(
        self, kept: str, password: str, network: str, first: Callable[[], Awaitable[None]] | None = None
    ) -> bool:
        """Whether ``password`` is the one that ``kept`` was made from.

        ``first`` is awaited when the thread is free; what it raises goes on to the caller, and nothing is hashed.
        Raises :class:`Throttled` where too many are waiting.
        """
        async with self._slot(network):
            if first is not None:
                await first()
            return await asyncio.get_running_loop().run_in_executor(
                self._thread, self._verify, kept, password
            )

    @asynccontextmanager
    async def _slot(self, network: str) -> AsyncIterator[None]:
        async with self._places.place(network):
            if self._waiting >= _QUEUE:
                raise Throttled("busy", _BUSY, 2)
            self._waiting += 1
            try:
                async with self._free:
                    yield
            finally:
                self._waiting -= 1

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)
