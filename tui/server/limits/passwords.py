"""Hashing passwords with argon2id, in a dedicated thread with a short queue. There is one thread for signing in and
another for the passwords of links, so that neither waits for the other.

19 MiB, t = 2, p = 1. Each thread keeps its 19 MiB, so memory doesn't grow with the number of requests. The throttle is
only checked when the thread is free, so that of concurrent requests not all pass it before the first one is counted.

A network has two places in the queue, and the larger networks that it is part of have a few; its other requests wait
outside of it. Some places are kept for networks, and others for names and links, for which no wrong password was tried
lately: those who guess take all of the rest at most.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from .hashing_queue import Kind, Queue, RecentlyWrong, Turns

#: Cost of a hash: KiB and rounds. Stored hashes contain their own cost, so changing it only affects new ones.
MEMORY, ROUNDS = 19 * 1024, 2


class Passwords:
    """Hashes and verifies passwords, one at a time. Requests with the same ``network`` share its places."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=ROUNDS, memory_cost=MEMORY, parallelism=1)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="argon2")
        self._queues = {kind: Queue(kind.value) for kind in Kind}
        self._turns = Turns()
        self._wrong_networks, self._wrong_names = RecentlyWrong(), RecentlyWrong()

    async def hash(self, password: str, person: str) -> str:
        """Return the hash to store, for ``person``, who sets a password.

        Raises :class:`Throttled` or :class:`Unavailable` if too many are waiting.
        """
        async with self._place(person, person):
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._hasher.hash, password)

    async def verify(
        self,
        stored_hash: str,
        password: str,
        *,
        network: str,
        name: str,
        first: Callable[[], Awaitable[None]] | None = None,
    ) -> bool:
        """Whether ``password`` matches ``stored_hash``; it was tried from ``network`` for ``name``, a person or link.

        ``first`` is awaited when the thread is free; if it raises, nothing is hashed and the exception propagates.
        Raises :class:`Throttled` or :class:`Unavailable` if too many are waiting.
        """
        async with self._place(network, name):
            if first is not None:
                await first()
            loop = asyncio.get_running_loop()
            matches = await loop.run_in_executor(self._thread, self._verify, stored_hash, password)
        if not matches:
            self._wrong_networks.add(network)
            self._wrong_names.add(name)
        return matches

    @asynccontextmanager
    async def _place(self, network: str, name: str) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            while True:
                kind = self._kind(network, name)
                await stack.enter_async_context(self._queues[kind].place(network))
                if self._kind(network, name) is kind:
                    break
                # In the meantime another of its tries was wrong.
                await stack.aclose()
            await stack.enter_async_context(self._turns.one(kind))
            yield

    def _kind(self, network: str, name: str) -> Kind:
        if network not in self._wrong_networks:
            return Kind.CLEAN_NETWORK
        return Kind.ANYONE if name in self._wrong_names else Kind.CLEAN_NAME

    def _verify(self, stored_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    def close(self) -> None:
        """End the thread after the password that it is hashing; those in the queue are dropped."""
        self._thread.shutdown(wait=False, cancel_futures=True)
