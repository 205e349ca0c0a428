"""What a send reads of the server before it begins, requested as early as possible.

Over a distant line each request costs a round trip, and so does each new connection: these requests are under way at
the same time as the one that finds out who the user is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from ...clients.share import ShareClient
from ...rules.errors import Problem
from ...rules.policy import Policy
from ...wire.share import Me
from .. import folder as folders

if TYPE_CHECKING:
    from ...clients.work import WorkClient

T = TypeVar("T")


class LookAhead:
    """Reads the policy and the folder, beginning now; :meth:`close` ends what is still under way.

    ``me`` is set by the owner, once it is known. What could not be read is ``None``: the job reads it again, and waits
    for the server if it is unreachable.
    """

    def __init__(self, share: ShareClient, work: WorkClient | None) -> None:
        self.me: Me | None = None
        self._policy = asyncio.create_task(_or_none(share.policy()))
        self._found = asyncio.create_task(_or_none(folders.look(share, work)))

    async def policy(self) -> Policy | None:
        return await self._policy

    async def found(self) -> folders.Found | None:
        return await self._found

    def close(self) -> None:
        self._policy.cancel()
        self._found.cancel()


async def _or_none(reading: Coroutine[Any, Any, T]) -> T | None:
    try:
        return await reading
    except Problem:
        return None
