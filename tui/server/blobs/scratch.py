"""Memory that stored bytes are put into on their way to be decrypted, and that is used again.

For each larger block, the allocator would map new memory (``base/memory.py``), which takes longer than to decrypt it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

#: Smaller blocks aren't worth being kept.
_LEAST = 128 * 1024


class Scratch:
    """Lends memory to threads, and keeps one block of it."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._lock = Lock()

    @contextmanager
    def lent(self, length: int) -> Iterator[memoryview]:
        """So many bytes, with anything in them; nothing may refer to them afterwards."""
        block = bytearray()
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
