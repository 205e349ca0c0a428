"""A store of pieces in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tui.override import override
from tui.server.blobs.base import Bytes, Parts, PieceStore, T
from tui.server.blobs.sealing.chunks import STORED_CHUNK

#: Of three chunks there are two parts.
_AT_ONCE = 2 * STORED_CHUNK


class MemoryStore(PieceStore):
    """What is stored under each name, and how many bytes were read so far."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.read = 0

    @override
    async def opened(self, name: str, start: int, length: int, use: Callable[[Parts], T]) -> T:
        if name not in self.files:
            raise FileNotFoundError(name)
        found = self.files[name][start : start + length]
        if len(found) < length:
            raise EOFError(f"the file ends at {start + len(found)}")
        self.read += len(found)
        memory = bytearray(_AT_ONCE)

        def parts() -> Iterator[Bytes]:
            for at in range(0, length, _AT_ONCE):
                part = found[at : at + _AT_ONCE]
                memory[: len(part)] = part
                yield memoryview(memory)[: len(part)]

        return use(parts())
