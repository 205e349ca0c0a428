"""Memory that stored bytes are put into on their way to be decrypted, and that is used again.

For each larger block, the allocator would map new memory (``base/memory.py``), which takes longer than to decrypt it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from .sealing.chunks import STORED_CHUNK

#: Smaller blocks aren't worth being kept; none is larger, so that what is decrypted is still in the processor's cache.
_LEAST, _MOST = 128 * 1024, 4 * STORED_CHUNK


class Scratch:
    """Lends memory to threads, and keeps one block of it."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._lock = Lock()

    @contextmanager
    def lent(self, length: int) -> Iterator[memoryview]:
        """Room for so many bytes, or for some whole chunks of them, with anything in it; nothing may refer to it
        afterwards."""
        block, length = bytearray(), min(length, _MOST)
        if length >= _LEAST:
            with self._lock:
                block, self._kept = self._kept, block
        if len(block) < length:
            block = bytearray(length)
        with memoryview(block) as whole, whole[:length] as view:
            yield view
        if len(block) >= _LEAST:
            with self._lock:
                self._kept = max(self._kept, block, key=len)
