"""A document's bytes on their way into an upload: piece by piece, from wherever they are wanted, with their digest."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable

from ..rules.errors import Failed, Problem
from ..rules.text import printable

Read = Callable[[int], AsyncIterator[bytes]]

# Hashing less than this takes no longer than handing it to a thread.
_IN_THREAD = 256 * 1024
_SKIP = 1024 * 1024


class Feed:
    """``read(start)`` yields the ``size`` bytes of the document from ``start`` on.

    ``piece`` is what was read last; it begins at ``start``. Every byte up to the end of ``piece`` is in the digest.
    ``problem`` is set once the source could not give what it should.
    """

    def __init__(self, name: str, size: int, read: Read) -> None:
        self.name = name
        self.size = size
        self.problem: Problem | None = None
        self._read = read
        self._source: AsyncIterator[bytes] | None = None
        self._begin()

    def _begin(self) -> None:
        self._rest = b""
        self._hasher = hashlib.sha256()
        self.start = 0
        self.piece = b""

    @property
    def end(self) -> int:
        return self.start + len(self.piece)

    @property
    def sha256(self) -> bytes:
        """The digest of everything up to the end of ``piece``."""
        return self._hasher.digest()

    async def seek(self, offset: int, length: int) -> None:
        """Makes ``piece`` begin at ``offset``: the rest of what it was, or up to ``length`` bytes read on.

        Where ``offset`` is before it, the source is read again from its beginning: the digest needs every byte once
        and in order. Raises what the source raises, and :class:`Failed` ``source.short``, ``source.long``.
        """
        try:
            if offset < self.start:
                await self.close()
                self._begin()
            while self.end < offset:
                await self._next(min(offset - self.end, _SKIP))
            self.piece, self.start = self.piece[offset - self.start :], offset
            if not self.piece and offset < self.size:
                await self._next(min(self.size - offset, length))
            if self.end == self.size and await self._pull():
                raise self._not_as_listed("source.long", "longer")
        except Problem as problem:
            self.problem = problem
            await self.close()
            self._begin()
            raise

    async def close(self) -> None:
        source, self._source = self._source, None
        closing = getattr(source, "aclose", None)
        if closing is not None:
            await closing()

    async def _next(self, length: int) -> None:
        pieces, wanted = [], length
        while wanted > 0:
            found = self._rest or await self._pull()
            if not found:
                raise self._not_as_listed("source.short", "shorter")
            self._rest = found[wanted:]
            pieces.append(found[:wanted] if self._rest else found)
            wanted -= len(pieces[-1])
        self.start = self.end
        self.piece = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        if length < _IN_THREAD:
            self._hasher.update(self.piece)
        else:
            await asyncio.to_thread(self._hasher.update, self.piece)

    async def _pull(self) -> bytes:
        """What comes next from the source and is not empty; empty at its end."""
        if self._rest:
            return self._rest
        if self._source is None:
            self._source = self._read(0)
        async for found in self._source:
            if found:
                return found
        return b""

    def _not_as_listed(self, code: str, how: str) -> Failed:
        return Failed(
            code,
            f"{printable(self.name)} is {how} than the {self.size:,} bytes that it is listed with; "
            "reload the list and send it again.",
        )
