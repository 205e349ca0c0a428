"""What a job begins and does not wait for, and what it waits for although it was cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from ..rules.errors import Interrupted

T = TypeVar("T")

# So long a cancelled job waits for the answer to what it had asked to be published, and tidies up.
_LAST_SECONDS = 5.0


async def to_its_end(publishing: Coroutine[Any, Any, T]) -> T:
    """What ``publishing`` gives; where it is cancelled meanwhile, it is still waited for a moment.

    Raises :class:`Interrupted` where the server does not answer in it.
    """
    asking = asyncio.create_task(publishing)
    try:
        return await asyncio.shield(asking)
    except asyncio.CancelledError:
        await asyncio.wait({asking}, timeout=_LAST_SECONDS)
        if asking.done() and not asking.cancelled():
            return asking.result()
        asking.cancel()
        await asyncio.wait({asking})
        raise Interrupted(
            "publish.unknown",
            "The server has not confirmed that it published the document; send it again to find out "
            "(it won't be published twice).",
        ) from None


class Aside:
    """What is done beside the job, and ends with it."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Future[object]] = set()

    def begin(self, what: Awaitable[object]) -> None:
        """Does something that nobody waits for before the end."""
        task: asyncio.Future[object] = asyncio.ensure_future(what)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def tidy(self) -> None:
        """Lets what was begun come to its end, for a moment."""
        waiting = set(self._tasks)
        if waiting:
            with suppress(asyncio.CancelledError):
                await asyncio.wait(waiting, timeout=_LAST_SECONDS)
            for task in waiting:
                task.cancel()
