"""A document's bytes on their way into an upload: piece by piece, from wherever they are wanted, with their digest."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from ..rules.errors import Failed, Problem
from ..rules.text import printable

Read = Callable[[int], AsyncIterator[bytes]]

# Hashing less than this takes no longer than handing it to a thread.
_IN_THREAD = 256 * 1024
_SKIP = 1024 * 1024


class Feed:
    """``read(start)`` yields the ``size`` bytes of the document from ``start`` on.

    ``piece`` is what is to be sent now; it begins at ``start``, and ``digest`` is its SHA-256. ``problem`` is set once
    the source could not give what it should.
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
        self._ahead: asyncio.Task[tuple[bytes, bytes]] | None = None
        self.start = 0
        self.piece = b""
        self.digest = self._hasher.digest()

    @property
    def end(self) -> int:
        return self.start + len(self.piece)

    @property
    def sha256(self) -> str:
        """The digest of the whole document, in hexadecimal, once all of it was read."""
        return self._hasher.hexdigest()

    async def seek(self, offset: int, length: int) -> None:
        """Makes ``piece`` begin at ``offset``: the rest of what it was, or about ``length`` bytes read on.

        Where ``offset`` is before it, the source is read again from its beginning: the digest needs every byte once
        and in order. Raises what the source raises, and :class:`Failed` ``source.short``, ``source.long``.
        """
        try:
            if offset < self.start:
                await self.close()
                self._begin()
            while self.end < offset:
                await self._next(min(offset - self.end, _SKIP))
            if offset > self.start:
                self.piece, self.start = self.piece[offset - self.start :], offset
                self.digest = b""
            if not self.piece and offset < self.size:
                await self._next(min(self.size - offset, length))
            elif not self.size:
                await self._check_end()
            if self.piece and not self.digest:
                self.digest = (await asyncio.to_thread(hashlib.sha256, self.piece)).digest()
        except Problem as problem:
            self.problem = problem
            await self.close()
            self._begin()
            raise

    def read_ahead(self, length: int) -> None:
        """Begins to read what comes after ``piece``, while that is being sent."""
        if self._ahead is None and self.end < self.size:
            self._ahead = asyncio.create_task(self._take(min(self.size - self.end, length), self.end))

    async def close(self) -> None:
        """Gives the source up."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            ahead.cancel()
            with suppress(asyncio.CancelledError, Problem):
                await ahead
        source, self._source = self._source, None
        closing = getattr(source, "aclose", None)
        if closing is not None:
            await closing()

    async def _next(self, length: int) -> None:
        ahead, self._ahead = self._ahead, None
        taken = self._take(length, self.end) if ahead is None else ahead
        end = self.end
        self.piece, self.digest = await taken
        self.start = end

    async def _take(self, length: int, start: int) -> tuple[bytes, bytes]:
        """The next ``length`` bytes, which begin at ``start``, and their digest."""
        pieces, wanted = [], length
        while wanted > 0:
            found = self._rest or await self._pull()
            if not found:
                raise self._not_as_listed("source.short", "shorter")
            self._rest = found[wanted:]
            pieces.append(found[:wanted] if self._rest else found)
            wanted -= len(pieces[-1])
        if start + length == self.size:
            await self._check_end()
        piece = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        # Where it is all of the document, both digests are the same.
        whole = length == self.size
        if length < _IN_THREAD:
            return piece, _digest(self._hasher, piece, whole)
        return piece, await asyncio.to_thread(_digest, self._hasher, piece, whole)

    async def _check_end(self) -> None:
        if self._rest or await self._pull():
            raise self._not_as_listed("source.long", "longer")

    async def _pull(self) -> bytes:
        """What comes next from the source and is not empty; empty at its end."""
        if self._source is None:
            self._source = self._read(0)
        async for found in self._source:
            if found:
                return found
        return b""

    def _not_as_listed(self, code: str, how: str) -> Failed:
        return Failed(
            code,
            f"{printable(self.name)} is {how} than its {self.size:,} bytes in the list; "
            "reload the list and send it again.",
        )


def _digest(hasher: hashlib._Hash, piece: bytes, whole: bool) -> bytes:
    """Takes ``piece`` into the document's ``hasher``, and answers its own digest."""
    hasher.update(piece)
    return hasher.digest() if whole else hashlib.sha256(piece).digest()
