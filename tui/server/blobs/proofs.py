"""Proofs that the bytes of files are still those that were stored."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from ..base.concurrency import take_note
from .base import PIECE
from .verified import Signature, Verified
from .whole import WholeFile

#: Documents that are read at once because their last part was asked for: a short request makes for much work.
_PROOFS_AT_ONCE = 2


class Proofs:
    """Reads a file once for all who ask for its proof at the same time."""

    def __init__(self, path_of: Callable[[str], Path], verified: Verified) -> None:
        self._path_of = path_of
        self._verified = verified
        self._proving: dict[str, asyncio.Future[None]] = {}
        self._places = asyncio.Semaphore(_PROOFS_AT_ONCE)

    async def prove(self, key: str, size: int, sha256: str) -> None:
        """Return when the file's bytes have that digest for sure. Raises as :meth:`WholeFile.next` does."""
        # Those who ask at the same time wait for the same reading, and it goes on without them.
        proving = self._proving.get(key)
        if proving is None:
            proving = self._proving[key] = asyncio.ensure_future(self._prove(key, size, sha256))
            proving.add_done_callback(lambda done: self._proved(key, done))
        await asyncio.shield(proving)

    async def _prove(self, key: str, size: int, sha256: str) -> None:
        path = self._path_of(key)
        signature = Signature.of(await asyncio.to_thread(os.stat, path))
        if self._verified.has(key, signature, sha256):
            return
        file = WholeFile(path, size, sha256, self._verified)
        async with self._places:
            for start in range(0, size, PIECE):
                await file.next(min(PIECE, size - start))

    def _proved(self, key: str, done: asyncio.Future[None]) -> None:
        self._proving.pop(key, None)
        take_note(done)
