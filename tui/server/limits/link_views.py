"""Openings of links: which ones the audit has recorded lately, and which are being recorded.

They are recorded after their response, so that recipients don't wait for the disk or for other writers.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any

from ..base.clock import is_recent

log = logging.getLogger("sentlinks")

#: An opening of a link from the same network is recorded once in this time.
ONCE_IN = timedelta(minutes=1)
_MAX_REMEMBERED = 4096
#: If more are being recorded, recipients wait for it, so that they don't open links faster than that can be recorded.
_MAX_UNDER_WAY = 200

#: The document's id, the visitor's network, and the event.
Key = tuple[str, str, str]


class Openings:
    """The openings that this server process has handled. Others may have recorded more: the database has them all."""

    def __init__(self) -> None:
        self._at: dict[Key, datetime] = {}
        self._under_way: set[asyncio.Task[None]] = set()

    def is_known(self, key: Key, now: datetime) -> bool:
        """Whether an opening less than :data:`ONCE_IN` ago was recorded, or is being recorded."""
        return is_recent(self._at.get(key), now, ONCE_IN)

    @property
    def are_many(self) -> bool:
        """Whether so many openings are being recorded that further ones have to wait."""
        return len(self._under_way) > _MAX_UNDER_WAY

    def remember(self, key: Key, at: datetime) -> None:
        """An opening at ``at`` is recorded, or will be."""
        self._at.pop(key, None)
        self._at[key] = at
        if len(self._at) > _MAX_REMEMBERED:
            # The one remembered first, which has most likely outlived its use.
            del self._at[next(iter(self._at))]

    def forget(self, key: Key) -> None:
        """An opening could not be recorded."""
        self._at.pop(key, None)

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Begin to record an opening as soon as the caller waits for something or has responded."""
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("the opening of a link was not recorded", exc_info=error)

    async def recorded(self) -> None:
        """Wait until the openings so far are recorded. In a write transaction, that would be forever."""
        await asyncio.gather(*self._under_way, return_exceptions=True)
