"""Reading a sealed content: no byte of it is returned that wasn't authenticated."""

from __future__ import annotations

from collections.abc import AsyncIterator

from ..base import PIECE, Bytes, Parts, PieceStore
from .chunks import CHUNK, STORED_CHUNK, PieceOpener, used_length
from .contents import SealedContent, Span

#: For one text that goes out, and one that is read meanwhile.
_MOST_FREE, _LARGE = 2, 128 * 1024


class SealedReader:
    """Reads any part of ``content``, whose pieces are in ``store``."""

    def __init__(self, store: PieceStore, content: SealedContent) -> None:
        self._reader = store.reader()
        self.content = content
        self._openers: dict[str, PieceOpener] = {}
        #: The text of the chunk opened last, if only a part of it was wanted: who reads on wants the rest.
        self._last: tuple[str, int, bytes] | None = None
        #: Memory of texts that nobody needs any more.
        self._free: list[bytearray] = []

    @property
    def is_far(self) -> bool:
        """As :attr:`PieceReader.is_far`."""
        return self._reader.is_far

    async def read(self, start: int, length: int) -> Bytes:
        """The ``length`` bytes from ``start`` on. Raises :class:`Damaged`, ``FileNotFoundError``, and ``EOFError`` if
        there are fewer."""
        found = [await self._text(span) for span in self.content.spans(start, length)]
        return found[0] if len(found) == 1 else b"".join(found)

    def reuse(self, text: Bytes) -> None:
        """As :meth:`ProvenBytes.reuse`. Of this content only, whatever is done wrong."""
        if isinstance(text, memoryview) and isinstance(text.obj, bytearray):
            self._free = [*self._free[-_MOST_FREE + 1 :], text.obj]

    def _memory(self, length: int) -> bytearray:
        # Not for smaller ones, which the allocator has at hand.
        if length >= _LARGE and self._free:
            memory = self._free.pop()
            if len(memory) >= length:
                return memory
        return bytearray(length)

    def give_back(self) -> None:
        """Drop what was read beyond what was asked for, and the memory for what comes next."""
        self._last, self._free = None, []
        self._reader.give_back()

    async def _text(self, span: Span) -> Bytes:
        name, last = span.piece.name, span.first + (span.end - 1) // CHUNK
        head = b""
        if self._last is not None and self._last[:2] == (name, span.first):
            head = self._last[2]
            if last == span.first:
                return head[span.skip : span.end]
        offset = span.first + bool(head)
        begin, behind = offset * STORED_CHUNK, span.start + span.length

        def opened(sealed: Parts) -> tuple[Bytes, bytes | None]:
            # In one place from the beginning: putting chunks together took a sixth of the time.
            length = len(head) + used_length(behind - begin)
            text = memoryview(self._memory(length))[:length]
            text[: len(head)] = head
            self._opener(span).open_into(offset, sealed, text[len(head) :])
            is_part = span.end < len(text)
            return text[span.skip : span.end], bytes(
                text[-((len(text) - 1) % CHUNK + 1) :]
            ) if is_part else None

        text, tail = await self._reader.opened(name, begin, behind - begin, opened, span.then)
        self._last = None if tail is None else (name, last, tail)
        return text

    def _opener(self, span: Span) -> PieceOpener:
        opener = self._openers.get(span.piece.name)
        if opener is None:
            # One who reads on needs the last one only.
            self._openers = {span.piece.name: PieceOpener(self.content.secret, span.piece.salt)}
            opener = self._openers[span.piece.name]
        return opener

    async def all(self) -> AsyncIterator[Bytes]:
        """Everything, in order."""
        size = self.content.size
        for start in range(0, size, PIECE):
            yield await self.read(start, min(PIECE, size - start))
