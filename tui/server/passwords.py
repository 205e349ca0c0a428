"""Hashing passwords with argon2id, in a dedicated thread with a short queue. There is one thread for signing in and
another for the passwords of links, so that neither waits for the other.

19 MiB, t = 2, p = 1. Each thread keeps its 19 MiB, so memory doesn't grow with the number of requests. A network (or a
person who sets a password) has two places in the queue; its other requests wait outside of it. So it takes many
networks to fill a queue. If a queue is full, requests are refused immediately. The throttle is only checked when the
thread is free, so that of concurrent requests not all pass it before the first one is counted.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ..rules.errors import Throttled
from .slots import SlotLimiter

_QUEUE = 32
#: Cost of a hash: KiB and rounds. Stored hashes contain their own cost, so changing it only affects new ones.
MEMORY, ROUNDS = 19 * 1024, 2
#: Places of one network in the queue, and how many of its requests may be in the queue or wait for it.
_SLOTS, _MAX_PER_NETWORK = 2, 100
_BUSY = "Too many passwords are being checked. Try again in a moment."


class Passwords:
    """Hashes and verifies passwords, one at a time. Requests with the same ``network`` share its places."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=ROUNDS, memory_cost=MEMORY, parallelism=1)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="argon2")
        self._slots = SlotLimiter(_SLOTS, _MAX_PER_NETWORK, _BUSY)
        self._lock = asyncio.Lock()
        self._waiting = 0

    async def hash(self, password: str, network: str) -> str:
        """Return the hash to store. Raises :class:`Throttled` if too many are waiting."""
        async with self._slot(network):
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._hasher.hash, password)

    async def verify(
        self,
        stored_hash: str,
        password: str,
        network: str,
        first: Callable[[], Awaitable[None]] | None = None,
    ) -> bool:
        """Whether ``password`` matches ``stored_hash``.

        ``first`` is awaited when the thread is free; if it raises, nothing is hashed and the exception propagates.
        Raises :class:`Throttled` if too many are waiting.
        """
        async with self._slot(network):
            if first is not None:
                await first()
            return await asyncio.get_running_loop().run_in_executor(
                self._thread, self._verify, stored_hash, password
            )

    @asynccontextmanager
    async def _slot(self, network: str) -> AsyncIterator[None]:
        async with self._slots.slot(network):
            if self._waiting >= _QUEUE:
                raise Throttled("busy", _BUSY, 2)
            self._waiting += 1
            try:
                async with self._lock:
                    yield
            finally:
                self._waiting -= 1

    def _verify(self, stored_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)
