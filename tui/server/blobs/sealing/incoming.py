"""Sealing bytes while they arrive."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator

from ..base import PIECE, Bytes, Discard
from ..writing import in_thread
from .chunks import PieceSealer


class SealedStream:
    """The chunks of what ``data`` yields, sealed in a thread while more arrives, and digested there for ``digest``."""

    def __init__(self, data: AsyncIterator[Bytes], sealer: PieceSealer, digest: hashlib._Hash | None) -> None:
        self._data = data
        self.sealer = sealer
        #: Of everything up to the last byte that was sealed; ``None`` if that isn't wanted.
        self.digest = digest
        #: What ``data`` has raised; all that arrived before has been yielded.
        self.failure: BaseException | None = None

    async def chunks(self) -> AsyncGenerator[Bytes, None]:
        """The chunks. If ``data`` raises an exception, that follows what it had yielded before, unless it is
        :class:`Discard`."""
        pending: list[Bytes] = []
        task: asyncio.Future[list[bytes]] | None = None
        try:
            while True:
                try:
                    text = await anext(self._data)
                except StopAsyncIteration:
                    break
                except (Discard, GeneratorExit):
                    raise
                except BaseException as error:
                    self.failure = error
                    break
                pending.append(text)
                if sum(map(len, pending)) < PIECE:
                    continue
                if task is not None:
                    done, task = task, None
                    for chunk in await done:
                        yield chunk
                # What is being sealed must not change, which it may when the next but one is asked for.
                task = asyncio.ensure_future(in_thread(self._seal, pending))
                pending = []
            if task is not None:
                done, task = task, None
                for chunk in await done:
                    yield chunk
            for chunk in await in_thread(self._seal_last, pending):
                yield chunk
        finally:
            if task is not None:
                # No thread goes on using what arrived.
                await asyncio.wait([task])
        if self.failure is not None:
            raise self.failure

    def _seal(self, texts: list[Bytes]) -> list[bytes]:
        chunks = self.sealer.take(texts)
        if self.digest is not None:
            for text in texts:
                self.digest.update(text)
        return chunks

    def _seal_last(self, texts: list[Bytes]) -> list[bytes]:
        return self._seal(texts) + self.sealer.finish()
