"""The source of an upload's bytes: readable from any offset, with the digest of everything before it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from ..rules.errors import Failed, Problem
from ..rules.text import printable

Read = Callable[[int], AsyncIterator[bytes]]

# Hashing fewer bytes than this takes no longer than handing them to a thread.
_IN_THREAD = 256 * 1024
#: Bytes between two marks, until there are too many: about what is read again if the server has only part of a piece.
_MARK_EVERY = 1024 * 1024
_MARKS = 1024


class UploadSource:
    """``read(start)`` yields the ``size`` bytes of the document from ``start`` on.

    ``position`` is how far it was read and hashed. ``problem`` is set if the source failed or had another length.
    """

    def __init__(self, name: str, size: int, read: Read) -> None:
        self.name = name
        self.size = size
        self.problem: Problem | None = None
        self._read = read
        self._source: AsyncIterator[bytes] | None = None
        self._rest = b""
        self._ahead: asyncio.Task[bytes] | None = None
        self.position = 0
        self._hasher = hashlib.sha256()
        #: Positions that reading can go back to, ascending, each with the digest up to there.
        self._marks = [(0, self._hasher.copy())]

    @property
    def digest(self) -> bytes:
        """The SHA-256 of all bytes up to :attr:`position`."""
        return self._hasher.copy().digest()

    @property
    def sha256(self) -> str:
        """The digest in hexadecimal: that of the whole document when all of it has been read."""
        return self._hasher.hexdigest()

    def mark_verified(self) -> None:
        """Note that everything up to :attr:`position` arrived intact: reading won't go back before it, unless to 0."""
        self._marks = [self._marks[0], (self.position, self._hasher.copy())]

    async def go_to(self, offset: int) -> None:
        """Move :attr:`position` to ``offset``. Raises as :meth:`pieces` does."""
        if self._ahead is not None or offset < self.position:
            await self.close()
            while self._marks[-1][0] > offset:
                self._marks.pop()
            # A copy: a thread may still be updating the current one.
            self.position, hasher = self._marks[-1]
            self._hasher = hasher.copy()
        async for _ in self.pieces(offset - self.position):
            pass

    async def pieces(self, length: int) -> AsyncIterator[bytes]:
        """Yield the next ``length`` bytes; while one piece is used, the next is read and hashed.

        Raises what the source raises, and :class:`Failed` ``source.short``, ``source.long`` before the last piece.
        """
        end = self.position + length
        try:
            if not self.size:
                await self._check_end()
            while self.position < end or self._ahead is not None:
                ahead, self._ahead = self._ahead, None
                piece = await (ahead if ahead is not None else self._next(end))
                if self.position < end:
                    self._ahead = asyncio.create_task(self._next(end))
                yield piece
        except Problem as problem:
            self.problem = problem
            await self.close()
            raise

    async def close(self) -> None:
        """Close the source, discarding what was read ahead."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            ahead.cancel()
            with suppress(asyncio.CancelledError, Problem):
                await ahead
        self._rest = b""
        source, self._source = self._source, None
        closing = getattr(source, "aclose", None)
        if closing is not None:
            await closing()

    async def _next(self, end: int) -> bytes:
        """The next piece, up to ``end``, hashed."""
        found = self._rest or await self._pull()
        if not found:
            raise self._not_as_listed("source.short", "shorter")
        wanted = end - self.position
        piece, self._rest = found[:wanted], found[wanted:]
        if self.position + len(piece) == self.size:
            await self._check_end()
        if len(piece) < _IN_THREAD:
            self._hasher.update(piece)
        else:
            await asyncio.to_thread(self._hasher.update, piece)
        self.position += len(piece)
        if self.position - self._marks[-1][0] >= _MARK_EVERY:
            self._marks.append((self.position, self._hasher.copy()))
            if len(self._marks) > _MARKS:
                del self._marks[1::2]
        return piece

    async def _check_end(self) -> None:
        if self._rest or await self._pull():
            raise self._not_as_listed("source.long", "longer")

    async def _pull(self) -> bytes:
        """The next non-empty piece of the source; empty at its end."""
        if self._source is None:
            self._source = self._read(self.position)
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


async def read_whole(name: str, size: int, read: Read) -> tuple[bytes, str]:
    """Return a document and its SHA-256 in hexadecimal. Raises as :meth:`UploadSource.pieces` does."""
    source = UploadSource(name, size, read)
    try:
        content = b"".join([piece async for piece in source.pieces(size)])
    finally:
        await source.close()
    return content, source.sha256
