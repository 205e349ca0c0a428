"""Hashing passwords: argon2id, in two threads of their own with a short queue.

19 MiB, t = 2, p = 1. Each thread keeps its 19 MiB, so that the process does not grow with requests; a long
queue is refused at once rather than waited for. A throttle is looked at once a thread is free, so that requests
that came together do not all pass it before the first of them is counted.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ..rules.errors import Throttled

_THREADS = 2
_QUEUE = 32


class Passwords:
    """Hashes and verifies; at most ``_THREADS`` at once."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="argon2")
        self._free = asyncio.Semaphore(_THREADS)
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """The hash to keep. Raises :class:`Throttled` where too many are waiting."""
        async with self._slot():
            return await asyncio.get_running_loop().run_in_executor(
                self._threads, self._hasher.hash, password
            )

    async def verify(
        self, kept: str, password: str, first: Callable[[], Awaitable[None]] | None = None
    ) -> bool:
        """Whether ``password`` is the one that ``kept`` was made from.

        ``first`` is awaited when a thread is free; what it raises goes on to the caller, and nothing is hashed.
        Raises :class:`Throttled` where too many are waiting.
        """
        async with self._slot():
            if first is not None:
                await first()
            return await asyncio.get_running_loop().run_in_executor(
                self._threads, self._verify, kept, password
            )

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        if self._waiting >= _QUEUE:
            raise Throttled(
                "busy", "Too many passwords are being checked just now; try again in a moment.", 2
            )
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
        self._threads.shutdown(wait=False, cancel_futures=True)
