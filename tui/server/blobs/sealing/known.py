"""What a server process knows of sealed contents: from the database, and of those that have no rows yet."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from time import monotonic

from ...base.keys import Keys, new_id
from ...database import Database
from ..base import NOT_AS_STORED, Store
from ..running import Prefix, RunningDigests
from . import rows
from .chunks import used_length
from .contents import SealedContent
from .reader import SealedReader

#: The stored part of an upload is only read for its digest if it isn't longer than this.
_MAX_REHASHED = 4 * 1024**3
#: How long contents that were stored, and have become no document's, are kept in mind.
_NEW_SECONDS = timedelta(hours=2).total_seconds()


class KnownContents:
    """The contents of ``database``, whose pieces are in ``store``."""

    def __init__(self, store: Store, database: Database, keys: Keys) -> None:
        self._store = store
        self._database = database
        self._keys = keys
        self._running = RunningDigests()
        self._seals = False
        #: What was stored and has no rows yet, and when it was.
        self._new: dict[str, tuple[SealedContent, float]] = {}

    async def content(self, key: str) -> SealedContent | None:
        """A sealed content; ``None`` for what lies plain, and for what isn't there."""
        new = self._new.get(key)
        if new is not None:
            return new[0]
        async with self._database.read() as connection:
            return (await rows.load(connection, self._keys, [key])).get(key)

    async def is_sealing(self) -> bool:
        """Whether new contents are sealed; once begun, that never ends."""
        if not self._seals:
            async with self._database.read() as connection:
                self._seals = await rows.sealing(connection) is not None
        return self._seals

    def note_new(self, contents: Sequence[SealedContent]) -> None:
        """Keep in mind what was stored, until its rows are written with those of its document."""
        now = monotonic()
        while self._new and next(iter(self._new.values()))[1] < now - _NEW_SECONDS:
            self._new.pop(next(iter(self._new)))
        self._new.update((content.key, (content, now)) for content in contents)

    def take_new(self, key: str) -> SealedContent | None:
        """What was stored under that key, whose rows are written now, or never."""
        found = self._new.pop(key, None)
        return None if found is None else found[0]

    def reader(self, content: SealedContent) -> SealedReader:
        """Reads what is stored of the content."""
        return SealedReader(self._store, content)

    async def length(self, content: SealedContent) -> int:
        """How many bytes it has, with those of the piece that is being written."""
        piece = content.unfinished
        if piece is None:
            return content.size
        return content.size + used_length((await self._store.stored_lengths([piece.name]))[0])

    # ------------------------------------------------------------ digests

    async def before(self, content: SealedContent | None, offset: int, *, digest: bool) -> Prefix | None:
        """The digest of what there is before ``offset``, if it is at hand or must be."""
        if content is None or offset == 0:
            return Prefix(0, hashlib.sha256(), 0)
        known = await self.find(content, offset)
        if known is None and digest and offset <= _MAX_REHASHED:
            # What is damaged has none; it is found out when it is published.
            with suppress(*NOT_AS_STORED):
                return Prefix(offset, await self.digested(content.cut(offset)), 0)
        return known

    async def find(self, content: SealedContent, length: int) -> Prefix | None:
        """The digest of its first bytes, if it is known of exactly this list and these files."""
        return self._running.find(content.key, length, await self._whole_stamp(content))

    async def keep(self, content: SealedContent, prefixes: tuple[Prefix, ...]) -> None:
        """Keep digests of its first bytes in mind, as :meth:`RunningDigests.keep` does."""
        self._running.keep(content.key, await self._whole_stamp(content), prefixes)

    def forget(self, key: str) -> None:
        """No digest of that content is known any more."""
        self._running.forget(key)

    async def digested(self, content: SealedContent) -> hashlib._Hash:
        """The digest of all its bytes, read from where they lie. Raises :class:`Damaged`, ``FileNotFoundError``, and
        ``EOFError``."""
        digest = hashlib.sha256()
        async for text in self.reader(content).all():
            await asyncio.to_thread(digest.update, text)
        return digest

    async def stamp(self, content: SealedContent) -> str:
        """What changes when one of its files is changed, replaced or deleted."""
        stamps = [await self._stamp(piece.name) for piece in content.pieces]
        if len(stamps) == 1:
            return stamps[0]
        return hashlib.sha256("\n".join(stamps).encode()).hexdigest()

    async def _stamp(self, name: str) -> str:
        try:
            return await self._store.stamp(name)
        except FileNotFoundError:
            return "missing"

    async def _whole_stamp(self, content: SealedContent) -> str:
        try:
            signs = await self._store.signs([piece.name for piece in content.pieces])
        except FileNotFoundError:
            # Like no other.
            signs = new_id()
        return f"{content.stamp} {signs}"
