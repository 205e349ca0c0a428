"""Keys for bytes that are stored before the rows that refer to them.

Such bytes are marked for deletion beforehand, in case the server stops in between, and the transaction that writes the
rows removes the mark. Marking keys for many requests at once saves each of them a transaction.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from sqlalchemy import insert

from ..base.clock import Clock
from ..database import Database
from ..database.tables import dead_blobs
from .base import Store

#: Keys that are reserved in one transaction.
_AT_ONCE = 256
#: How long a reserved key may remain unused, and how long its bytes may exist before a document refers to them.
_UNUSED, _GRACE_PERIOD = timedelta(hours=1), timedelta(hours=1)


class ReservedKeys:
    """Unused keys of ``store`` that are marked for deletion."""

    def __init__(self, database: Database, store: Store, clock: Clock) -> None:
        self._database = database
        self._store = store
        self._clock = clock
        self._keys: list[str] = []
        #: Until when they may be taken.
        self._until = clock()
        self._reserving = asyncio.Lock()

    async def take(self, count: int) -> list[str]:
        """Return ``count`` keys for bytes that are stored together. After an hour, what is stored under them is deleted
        if it is still marked."""
        async with self._reserving:
            now = self._clock()
            # Those that remain are left to the garbage collection.
            if len(self._keys) < count or self._until < now:
                self._keys = await self._reserve(max(count, _AT_ONCE), now + _UNUSED + _GRACE_PERIOD)
                self._until = now + _UNUSED
            taken, self._keys = self._keys[:count], self._keys[count:]
            return taken

    async def _reserve(self, count: int, since: datetime) -> list[str]:
        keys = self._store.new_keys(count)
        async with self._database.write() as connection:
            await connection.execute(insert(dead_blobs), [{"key": key, "since": since} for key in keys])
        return keys
