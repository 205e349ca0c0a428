"""Storage quotas: how many bytes each person may store.

Bytes count for the person who added them (a version's operator) until they are permanently deleted, also while in the
trash. Counts are cached for a minute, and updated with what is added. As long as the whole installation stores less
than one person's quota, no individual counts are needed.
"""

from __future__ import annotations

import time

from sqlalchemy import func, select

from ...rules.errors import NoRoom
from ..base.settings import Settings
from ..database import Database
from ..database.tables import versions

_REMEMBERED_SECONDS = 60.0
_EVERYONE = ""


class Quotas:
    """The quotas of an installation, as one server process counts them.

    With several processes, a person can exceed their quota by what other processes accepted in the last minute.
    """

    def __init__(self, settings: Settings, database: Database) -> None:
        self._limit = settings.kept_bytes
        self._database = database
        #: For each person's name, their bytes and when they were counted.
        self._stored_by_name: dict[str, tuple[int, float]] = {}

    async def left(self, name: str, wanted: int) -> int:
        """How many more bytes the person may store. If that is at least ``wanted``, it may be a lower bound."""
        left = self._limit - await self._count(_EVERYONE)
        if left < wanted:
            left = self._limit - await self._count(name)
        if left < wanted:
            # Documents may have been removed since.
            self._stored_by_name.pop(name, None)
            left = self._limit - await self._count(name)
        return max(left, 0)

    async def take(self, name: str, size: int) -> None:
        """Count ``size`` bytes that the person adds. Raises :class:`NoRoom` if they exceed the quota."""
        await self.check(name, size)
        for whose in (_EVERYONE, name):
            if whose in self._stored_by_name:
                stored, at = self._stored_by_name[whose]
                self._stored_by_name[whose] = stored + size, at

    async def check(self, name: str, size: int) -> None:
        """Raise :class:`NoRoom` if ``size`` more bytes exceed the person's quota."""
        if size > await self.left(name, size):
            raise self.full()

    def full(self) -> NoRoom:
        """The problem if a person's documents would exceed it."""
        return NoRoom(
            "quota.kept",
            f"This exceeds your quota of {self._limit:,} bytes. Delete documents, also from the trash, or ask the "
            "administrator.",
        )

    async def _count(self, whose: str) -> int:
        stored, at = self._stored_by_name.get(whose, (0, None))
        if at is None or time.monotonic() - at > _REMEMBERED_SECONDS:
            query = select(func.coalesce(func.sum(versions.c.size), 0))
            if whose != _EVERYONE:
                query = query.where(versions.c.operator == whose)
            async with self._database.read() as connection:
                stored = int((await connection.execute(query)).scalar_one())
            self._stored_by_name[whose] = stored, time.monotonic()
        return stored
