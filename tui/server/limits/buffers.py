"""How many bytes of requests' bodies are in memory, and whose.

What is streamed to the disk piece by piece counts with its pieces, anything else with all of its bytes until the
request is answered. A budget for each person and each network address, and one for all together, keep many half-sent
requests from filling the memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ...rules.errors import Unavailable
from ..base.pools import RETRY_SECONDS

_MIB = 1024 * 1024
#: Bytes of one person or network, and of all together: of uploads, and of all other requests.
OF_UPLOADS, OF_OTHERS = (32 * _MIB, 128 * _MIB), (12 * _MIB, 48 * _MIB)


class Share:
    """The bytes of one request, which count for each of ``whose``."""

    def __init__(self, buffers: Buffers, whose: tuple[str, ...]) -> None:
        self._buffers = buffers
        self._whose = whose
        self.size = 0

    def take(self, size: int) -> None:
        """Count ``size`` more bytes. Raises :class:`Unavailable`, and counts nothing, if there is no room for them."""
        if not self.try_to_take(size):
            raise Unavailable(
                "server.busy",
                "The server is receiving too much at once. Try again in a few seconds.",
                RETRY_SECONDS,
            )

    def try_to_take(self, size: int) -> bool:
        """Whether there is room for ``size`` more bytes, which then count."""
        if not self._buffers.has_room(self._whose, size):
            return False
        self._buffers.add(self._whose, size)
        self.size += size
        return True

    def give_back(self) -> None:
        """Count nothing more."""
        self._buffers.add(self._whose, -self.size)
        self.size = 0


class Buffers:
    """The bytes that a server process has in memory."""

    def __init__(self, each: int, everyone: int) -> None:
        self._each = each
        self._everyone = everyone
        self._used = 0
        self._used_by: dict[str, int] = {}

    @contextmanager
    def share(self, *whose: str) -> Iterator[Share]:
        """A request's share during the block, which counts for each of ``whose``: its network, and a person."""
        share = Share(self, whose)
        try:
            yield share
        finally:
            share.give_back()

    def has_room(self, whose: tuple[str, ...], size: int) -> bool:
        """Whether ``size`` more bytes fit for everyone, and for each of ``whose``."""
        if self._used + size > self._everyone:
            return False
        return all(self._used_by.get(each, 0) + size <= self._each for each in whose)

    def add(self, whose: tuple[str, ...], size: int) -> None:
        """Count ``size`` bytes as in memory; a negative number gives them back."""
        self._used += size
        for each in whose:
            used = self._used_by.get(each, 0) + size
            if used:
                self._used_by[each] = used
            else:
                self._used_by.pop(each, None)
