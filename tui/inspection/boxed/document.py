"""The document of a job: bytes that are read where they are wanted, from a descriptor or by asking for blocks."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from ...override import override
from .refusals import Unreadable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

#: Blocks begin at a multiple of the first. They are asked for in the second size, doubled while they follow one
#: another.
_GRID, _BLOCK, _MOST_BLOCK = 16 * 1024, 64 * 1024, 1024 * 1024
_KEPT_BLOCKS = 64


class DocumentBytes(io.RawIOBase):
    """A document that is open already; only read, never mapped, so that it can be cut while it is read."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._place = 0
        self.size = os.fstat(descriptor).st_size

    def read_at(self, place: int, length: int) -> bytes:
        """The bytes from ``place``; fewer than ``length`` at the end."""
        return os.pread(self._descriptor, length, place)

    @override
    def readable(self) -> bool:
        return True

    @override
    def seekable(self) -> bool:
        return True

    @override
    def tell(self) -> int:
        return self._place

    @override
    def seek(self, offset: int, whence: int = 0) -> int:
        base = (0, self._place, self.size)[whence]
        if base + offset < 0:
            raise ValueError("before the beginning")
        self._place = base + offset
        return self._place

    @override
    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        found = self.read_at(self._place, len(view))
        view[: len(found)] = found
        self._place += len(found)
        return len(found)


class FetchedBytes(DocumentBytes):
    """A document that lies elsewhere: its blocks are asked for, and kept."""

    def __init__(self, size: int, ask: Callable[[int, int], bytes]) -> None:
        io.RawIOBase.__init__(self)
        self._place = 0
        self.size = size
        self._ask = ask
        self._blocks: dict[int, bytes] = {}
        self._next = -1
        self._length = _BLOCK

    @override
    def read_at(self, place: int, length: int) -> bytes:
        end = min(place + length, self.size)
        parts = []
        while place < end:
            start, block = self._block(place)
            part = block[place - start : end - start]
            if not part:
                raise Unreadable("unreadable")
            parts.append(part)
            place += len(part)
        return b"".join(parts)

    def _block(self, place: int) -> tuple[int, bytes]:
        for start, block in self._blocks.items():
            if start <= place < start + len(block):
                return start, block
        # What is here already isn't asked for again.
        start = max(
            place - place % _GRID,
            *(known + len(block) for known, block in self._blocks.items() if known + len(block) <= place),
            0,
        )
        self._length = min(self._length * 2, _MOST_BLOCK) if start == self._next else _BLOCK
        end = min(start + self._length, self.size, *(known for known in self._blocks if known > place))
        block = self._ask(start, end - start)
        self._next = start + len(block)
        if len(self._blocks) >= _KEPT_BLOCKS:
            self._blocks.pop(next(iter(self._blocks)))
        self._blocks[start] = block
        return start, block


def whole(document: DocumentBytes, most: int) -> bytes:
    """All bytes of a document, up to ``most``. Raises :class:`Unreadable` if it has more."""
    if document.size > most:
        raise Unreadable("limits")
    return document.read_at(0, document.size)
