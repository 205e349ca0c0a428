"""Sending the rows of a job: three requests at a time, small documents together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from .batch_sender import BatchSender, NotTogether
from .context import SendContext
from .rows import RowState
from .single_sender import SingleSender
from .small_documents import AT_ONCE, Waiting


class RowSender:
    """Sends rows until each has succeeded, failed or been cancelled."""

    def __init__(self, context: SendContext) -> None:
        self._context = context
        self._singles = SingleSender(context)
        self._batches = BatchSender(context)
        #: Whether uploads in progress stay on the server if the sending is cancelled.
        self.keeps_uploads = False

    async def send(self, indexes: Sequence[int], most_bytes: int) -> None:
        """Send these rows. The server takes at most ``most_bytes`` in one request."""
        context = self._context
        queue = Waiting(context.rows.all, indexes, context.chunk_sizer, most_bytes)
        async with asyncio.TaskGroup() as group:
            for _ in range(min(AT_ONCE, len(indexes))):
                group.create_task(self._send_from(queue))

    async def _send_from(self, queue: Waiting) -> None:
        rows = self._context.rows
        while indexes := queue.take():
            for index in indexes:
                rows.set(index, RowState.IN_PROGRESS)
            try:
                together = queue.is_small(indexes[0])
                single_indexes = await self._send_together(queue, indexes) if together else indexes
                for index in single_indexes:
                    await self._send_single(index)
            except asyncio.CancelledError:
                rows.cancel(indexes, (RowState.IN_PROGRESS,))
                raise
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                # Publishing was shielded and has finished, so the cancellation is passed on here.
                raise asyncio.CancelledError

    async def _send_together(self, queue: Waiting, indexes: list[int]) -> list[int]:
        """Send small documents in one request. Returns the indexes of those that must be sent in pieces."""
        try:
            return await self._batches.send(indexes)
        except NotTogether:
            queue.together = False
            rows = self._context.rows.all
            return [index for index in indexes if rows[index].state is RowState.IN_PROGRESS]

    async def _send_single(self, index: int) -> None:
        try:
            await self._singles.send(index)
        except asyncio.CancelledError:
            if not self.keeps_uploads:
                self._singles.discard(index)
            raise
