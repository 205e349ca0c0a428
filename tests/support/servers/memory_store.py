"""A store of pieces in memory."""

from __future__ import annotations

from collections.abc import Callable

from tui.override import override
from tui.server.blobs.base import Bytes, PieceStore, T


class MemoryStore(PieceStore):
    """What is stored under each name, and how many bytes were read so far."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.read = 0

    @override
    async def opened(self, name: str, start: int, length: int, use: Callable[[Bytes], T]) -> T:
        if name not in self.files:
            raise FileNotFoundError(name)
        found = self.files[name][start : start + length]
        if len(found) < length:
            raise EOFError(f"the file ends at {start + len(found)}")
        self.read += len(found)
        return use(found)
