"""Background tasks of a job, and the request that a cancelled job still waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from ...rules.errors import Interrupted

T = TypeVar("T")

# Seconds that a cancelled job waits for the response to a publish request, and that background tasks get to finish.
_GRACE_SECONDS = 5.0


async def shielded_briefly(publishing: Coroutine[Any, Any, T]) -> T:
    """Return the result of ``publishing``, waiting a little longer for it even if the caller is cancelled.

    Raises :class:`Interrupted` if the caller is cancelled and the server doesn't respond in that time.
    """
    task = asyncio.create_task(publishing)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=_GRACE_SECONDS)
        if task.done() and not task.cancelled():
            return task.result()
        task.cancel()
        await asyncio.wait({task})
        raise Interrupted(
            "publish.unknown",
            "The server has not confirmed that it published the document; send it again to find out "
            "(it won't be published twice).",
        ) from None


class BackgroundTasks:
    """Background tasks that end with the job."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Future[object]] = set()

    def start(self, work: Awaitable[object]) -> None:
        """Run ``work`` beside the job, which doesn't wait for it before :meth:`finish`; what it raises is lost."""
        task: asyncio.Future[object] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Give the background tasks a moment to finish, then cancel them."""
        waiting = set(self._tasks)
        if waiting:
            with suppress(asyncio.CancelledError):
                await asyncio.wait(waiting, timeout=_GRACE_SECONDS)
            for task in waiting:
                task.cancel()
