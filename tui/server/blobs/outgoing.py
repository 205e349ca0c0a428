"""Delivering stored bytes: verifying them while they are read, without buffering more than the client takes."""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque

from ..base.concurrency import take_note
from .base import Blobs, Bytes, Damaged, ProvenBytes, WholeBlob
from .sealing.chunks import CHUNK

#: Bytes read, and handed to the socket, at once: the minimum, and the maximum, for a client that keeps up. For each
#: larger block the allocator would map new memory (``base/memory.py``), which takes longer than to read and send it.
#: What is decrypted is written to memory that was used before, and each part of it goes from thread to thread several
#: times: so larger ones pay, most of all from a store far away. With still larger ones, the server needs more memory
#: than it may.
PART, LARGE_PART, LARGE_SEALED_PART, LARGE_FAR_PART = 16 * 1024, 448 * 1024, 1536 * 1024, 2048 * 1024
#: What is handed over at once to a client that has more on the way than it would be given.
_BEHIND = 32 * 1024
#: What is handed over to a client whose system has no room for a part: it stays in this process until there is some.
_TRIED = 4 * 1024
#: Larger reads end at a multiple of this; those of what is encrypted even of their own length, so that none is of two
#: pieces. These are read in chunks: of one that two reads had a part of, both would make a copy.
ALIGNED = CHUNK
#: A client must have confirmed this many times as many bytes as are read for it at once.
_CONFIRMED_FACTOR = 8


class Outgoing:
    """A delivery of ``length`` bytes from ``start`` on, of the ``size`` with digest ``sha256`` stored under ``key``."""

    def __init__(self, blobs: Blobs, key: str, start: int, length: int, *, size: int, sha256: str) -> None:
        self._blobs = blobs
        self._key = key
        self._size = size
        self._sha256 = sha256
        #: Set at the first piece; ``None`` for what lies plain.
        self._proven: ProvenBytes | None = None
        #: For a client that keeps up: the piece at the present position, which is opened while the one before goes out.
        self._ahead: asyncio.Task[Bytes] | None = None
        self._is_begun = False
        #: The rest is for what lies plain. Set at the first piece; ``None`` for a part of the document, which can't be
        #: verified by itself.
        self._whole: WholeBlob | None = None
        self._is_whole = start == 0 and length == size
        #: For the last part of the document: whether all of it is as it was stored, found out while that goes out.
        self._proof: asyncio.Task[None] | None = None
        self._is_last_part = not self._is_whole and 0 < length == size - start
        #: Position up to which the bytes were read, and the end of the delivery.
        self._position, self._end = start, start + length
        #: The piece read last, its position, and how many of its bytes were handed over.
        self._piece: Bytes = b""
        self._piece_start, self._handed_over = start, 0
        #: The piece whose last bytes were returned last.
        self._lent: Bytes | None = None
        #: Parts that were read and checked, then dropped from memory: position, length and digest of each.
        self._dropped: deque[tuple[int, int, bytes]] = deque()
        #: How many bytes the client is known to have received, how many more the operating system holds, and how many
        #: more it takes at once.
        self.taken, self.on_the_way, self.room = 0, 0, LARGE_SEALED_PART

    async def begin(self) -> None:
        """Read the first piece, before the response is begun. Raises the same errors as :meth:`next`."""
        if not self._piece:
            await self._read()

    async def next(self) -> Bytes:
        """Return the next bytes to send; empty at the end. Raises :class:`Damaged` before the last bytes are returned,
        ``FileNotFoundError`` and ``EOFError``."""
        if not self._piece:
            await self._read()
        part = self._piece[self._handed_over : self._handed_over + self._at_once]
        if len(part) < len(self._piece):
            # While it is on its way, it must not keep the others.
            part = bytes(part)
        self._handed_over += len(part)
        self._lent = None
        if self._handed_over == len(self._piece):
            # Now only the caller refers to these bytes, until they have left.
            self._lent, self._piece, self._handed_over = self._piece, b"", 0
            if self._share > PART:
                self._read_ahead()
        return part

    def left(self) -> None:
        """The part returned last has left this process: its memory may be written to again. Without this, that never
        happens."""
        lent, self._lent = self._lent, None
        if lent is not None and self._proven is not None:
            self._proven.reuse(lent)

    @property
    def is_ahead(self) -> bool:
        """Whether the next piece is being read, or was, while the one before is handed over."""
        return self._ahead is not None

    def give_back(self) -> None:
        """Drop what was read but not handed over, since the client has stalled. It is read again when needed, and must
        be unchanged."""
        view, parts = memoryview(self._piece), []
        for at in range(self._handed_over, len(view), PART):
            part = view[at : at + PART]
            parts.append((self._piece_start + at, len(part), hashlib.sha256(part).digest()))
        self._dropped.extendleft(reversed(parts))
        self._piece, self._handed_over, self._lent = b"", 0, None
        self._drop_ahead()
        if self._proven is not None:
            self._proven.give_back()

    def close(self) -> None:
        """Drop what was read but not handed over, for good."""
        self._piece, self._lent = b"", None
        self._drop_ahead()
        if self._proven is not None:
            self._proven.give_back()
        if self._proof is not None:
            self._proof.cancel()

    async def _read(self) -> None:
        if not self._is_begun:
            self._proven = await self._blobs.proven(self._key, self._size, self._sha256)
            self._is_begun = True
        if self._dropped:
            start, length, digest = self._dropped.popleft()
            piece = await self._read_again(start, length)
            if hashlib.sha256(piece).digest() != digest:
                raise Damaged("the bytes changed since they were first read")
        else:
            start, piece = self._position, await self._next_piece()
            self._position += len(piece)
        self._piece, self._piece_start = piece, start

    async def _next_piece(self) -> Bytes:
        """The piece at the present position; empty at the end."""
        if self._ahead is not None:
            ahead, self._ahead = self._ahead, None
            return await ahead
        length = self._length_from(self._position)
        return await self._read_on(self._position, length) if length else b""

    def _read_ahead(self) -> None:
        """Begin to read the next piece. Opening it takes a thread as long as sending takes this one."""
        length = self._length_from(self._position)
        if self._proven is not None and length and not self._dropped:
            self._ahead = asyncio.create_task(self._proven.read(self._position, length))
            self._ahead.add_done_callback(take_note)

    def _drop_ahead(self) -> None:
        if self._ahead is not None:
            self._ahead.cancel()
            self._ahead = None

    @property
    def _at_once(self) -> int:
        """How much to hand over at once. Where the system is short of memory it may take less than it said, and the
        rest stays in this process: of one who is behind, that mustn't be much."""
        share = self._share
        if self.room < PART:
            return _TRIED
        return share if self.on_the_way < share else min(share, _BEHIND)

    @property
    def _share(self) -> int:
        """How much to read at once: the more, the more the client has confirmed, but no more than the system accepts
        without it being buffered in this process."""
        most = LARGE_PART
        if self._proven is not None:
            most = LARGE_FAR_PART if self._proven.is_far else LARGE_SEALED_PART
        wanted = min(self.taken // _CONFIRMED_FACTOR, self.room)
        # Of few lengths, so that the allocator has what others have had.
        return most if wanted >= most else PART << max((wanted // PART).bit_length() - 1, 0)

    def _length_from(self, start: int) -> int:
        """How many bytes to read at ``start``."""
        length = self._share
        if length >= ALIGNED:
            length -= (start + length) % (ALIGNED if self._proven is None else length)
        return min(length, self._end - start)

    async def _read_again(self, start: int, length: int) -> Bytes:
        if self._proven is not None:
            return await self._proven.read(start, length)
        return await self._blobs.piece(self._key, start, length)

    async def _read_on(self, start: int, length: int) -> Bytes:
        if self._proven is not None:
            return await self._proven.read(start, length)
        if not self._is_whole:
            return await self._read_part(start, length)
        if self._whole is None:
            self._whole = self._blobs.whole(self._key, self._size, self._sha256)
        return await self._whole.next(length)

    async def _read_part(self, start: int, length: int) -> bytes:
        """A piece of a part. Who has got the last one may have put the whole document together, out of parts."""
        if self._is_last_part and self._proof is None:
            self._proof = asyncio.create_task(self._blobs.prove(self._key, self._size, self._sha256))
            # Nobody asks for it if the client is gone by then.
            self._proof.add_done_callback(take_note)
        if self._proof is not None and start + length == self._size:
            await self._proof
        return await self._blobs.piece(self._key, start, length)
