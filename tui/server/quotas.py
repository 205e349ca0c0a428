"""How many bytes a person may bring: that are kept, and that are announced and not there yet.

Bytes are whose brought them (a version's operator), also in the trash, until they are removed for good. What was
counted is remembered for a minute, with what came since: as long as all bytes of the installation together are fewer
than one person may have, nobody's are counted.
"""

from __future__ import annotations

import time

from sqlalchemy import func, select

from ..rules.errors import NoRoom
from .database import Database
from .database.tables import versions
from .settings import Settings

_REMEMBERED_SECONDS = 60.0
_EVERYBODY = ""


class Quotas:
    """The quotas of an installation, as one server process counts them: beside another, a person may get over theirs
    by what that one has taken in the last minute."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._most = settings.kept_bytes
        self._database = database
        #: Bytes by name, and when they were counted.
        self._kept: dict[str, tuple[int, float]] = {}

    async def left(self, name: str, wanted: int) -> int:
        """How many bytes the person may still bring; where that is ``wanted`` or more, at least so many."""
        left = self._most - await self._count(_EVERYBODY)
        if left < wanted:
            left = self._most - await self._count(name)
        if left < wanted:
            # Something may have been removed meanwhile.
            self._kept.pop(name, None)
            left = self._most - await self._count(name)
        return max(left, 0)

    async def take(self, name: str, size: int) -> None:
        """Counts ``size`` bytes that the person has brought. Raises :class:`NoRoom` where these are too many."""
        await self.check(name, size)
        for whose in (_EVERYBODY, name):
            if whose in self._kept:
                kept, at = self._kept[whose]
                self._kept[whose] = kept + size, at

    async def check(self, name: str, size: int) -> None:
        """Raises :class:`NoRoom` where the person may not bring so many bytes more."""
        if size > await self.left(name, size):
            raise self.full()

    def full(self) -> NoRoom:
        return NoRoom(
            "quota.kept",
            f"Your documents may have {self._most:,} bytes on this server, and would have more; remove some for "
            "good, also from the trash, or ask its administrator.",
        )

    async def _count(self, whose: str) -> int:
        kept, at = self._kept.get(whose, (0, None))
        if at is None or time.monotonic() - at > _REMEMBERED_SECONDS:
            query = select(func.coalesce(func.sum(versions.c.size), 0))
            if whose != _EVERYBODY:
                query = query.where(versions.c.operator == whose)
            async with self._database.read() as connection:
                kept = int((await connection.execute(query)).scalar_one())
            self._kept[whose] = kept, time.monotonic()
        return kept
