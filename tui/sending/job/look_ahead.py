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

    def __init__(self, share: ShareClient, work: WorkClient | None, *, for_later: bool = False) -> None:
        """``for_later``: the send begins only when the user says so. My Favorites that can't be read now are not taken
        for those of a server that has none: they are read again then."""
        self.me: Me | None = None
        self._for_later = for_later
        self._policy = asyncio.create_task(_outcome(share.policy()))
        self._found = asyncio.create_task(_outcome(folders.look(share, work)))

    async def policy(self) -> Policy | None:
        """Wait for the policy; ``None`` if it couldn't be read."""
        return _or_none(await self._policy)

    async def required_policy(self) -> Policy:
        """The policy. Raises the :class:`Problem` if it could not be read."""
        found = await self._policy
        if isinstance(found, Problem):
            raise found
        return found

    async def found(self) -> folders.FoundFolder | None:
        """Wait for the folder and its shortcut; ``None`` if they couldn't be read."""
        found = _or_none(await self._found)
        return None if found is not None and found.favorites is None and self._for_later else found

    def close(self) -> None:
        """End the requests that no one waits for any more."""
        self._policy.cancel()
        self._found.cancel()


async def _outcome(reading: Coroutine[Any, Any, T]) -> T | Problem:
    try:
        return await reading
    except Problem as problem:
        return problem


def _or_none(found: T | Problem) -> T | None:
    return None if isinstance(found, Problem) else found
