"""Kept bytes on their way out: looked at once, and never more of them in memory than their reader takes."""

from __future__ import annotations

import hashlib
from collections import deque

from .base import PIECE, Blobs, Damaged, Digest

#: What is handed over at once: the least, and to a reader who keeps up.
PART, LARGE_PART = 16 * 1024, 256 * 1024
#: Of so many times as much as is read at once, a reader has confirmed to have taken it.
_SHOWN = 8


class Check:
    """Of bytes that are read from the first to the last, whether they are those with the digest ``sha256``.

    A part of a document cannot be checked: ``digest`` is ``None`` then.
    """

    def __init__(self, start: int, length: int, size: int, sha256: str) -> None:
        self.digest: Digest | None = hashlib.sha256() if start == 0 and length == size else None
        self._left = length
        self._sha256 = sha256

    def take(self, piece: bytes) -> None:
        """To be asked before ``piece`` is given out; raises :class:`Damaged` where it is the last, and they are not."""
        self._left -= len(piece)
        if self.digest is not None and self._left == 0 and self.digest.hexdigest() != self._sha256:
            raise Damaged("the digest is not that of what was kept")


class Outgoing:
    """``length`` bytes from ``start`` on, of ``size`` with the digest ``sha256``, that are kept under ``key``."""

    def __init__(self, kept: Blobs, key: str, start: int, length: int, *, size: int, sha256: str) -> None:
        self._kept = kept
        self._key = key
        self._check = Check(start, length, size, sha256)
        #: How far it was read, and to where it is to be.
        self._place, self._end = start, start + length
        #: What was read last, where that begins, and how much of it was given.
        self._piece, self._begins, self._given = b"", start, 0
        #: What was read and looked at, and given back: where each part begins, its length and its digest.
        self._again: deque[tuple[int, int, bytes]] = deque()
        #: How many bytes the reader is known to have taken, and how many more are on their way to them.
        self.taken = self.on_the_way = 0

    async def begin(self) -> None:
        """Reads what comes first, before anything is said of it. Raises as :meth:`next` does."""
        if not self._piece:
            await self._read()

    async def next(self) -> bytes:
        """What is to be handed over next; empty at the end. Raises :class:`Damaged` before the last of it,
        ``FileNotFoundError``, ``EOFError``."""
        if not self._piece:
            await self._read()
        # What a reader has who keeps up, the system takes: it waits nowhere in our memory.
        quick = self.on_the_way < LARGE_PART and self.taken > PIECE * _SHOWN
        part = self._piece[self._given : self._given + (LARGE_PART if quick else PART)]
        self._given += len(part)
        if self._given == len(self._piece):
            # Held by whoever sends it, and by nobody else.
            self._piece, self._given = b"", 0
        return part

    def give_back(self) -> None:
        """Lets go of what was read and not handed over, since the reader stands still. It is read again when it is
        wanted, and must be the same."""
        view, parts = memoryview(self._piece), []
        for at in range(self._given, len(view), PART):
            part = view[at : at + PART]
            parts.append((self._begins + at, len(part), hashlib.sha256(part).digest()))
        self._again.extendleft(reversed(parts))
        self._piece, self._given = b"", 0

    async def _read(self) -> None:
        if self._again:
            begins, length, digest = self._again.popleft()
            piece = await self._kept.piece(self._key, begins, length)
            if hashlib.sha256(piece).digest() != digest:
                raise Damaged("the bytes are no longer those that were read before")
        else:
            begins = self._place
            length = min(max(PART, self.taken // _SHOWN // PART * PART), PIECE, self._end - begins)
            if not length:
                return
            piece = await self._kept.piece(self._key, begins, length, self._check.digest)
            self._check.take(piece)
            self._place += len(piece)
        self._piece, self._begins = piece, begins
