"""Sending a document by itself: uploaded in pieces that can be resumed, then published."""

from __future__ import annotations

from ...rules.errors import Problem
from ...wire.share import Document, Send
from .context import SendContext
from .rows import RowState
from .transfer import SendGone, is_published, lost_again, retry_if_changed


class SingleSender:
    """Sends rows one by one."""

    def __init__(self, context: SendContext) -> None:
        self._context = context

    async def send(self, index: int) -> None:
        """Send a row. A problem is the row's ``error``."""
        try:
            await retry_if_changed(lambda: self._send(index))
        except Problem as problem:
            self._context.rows.set(index, RowState.FAILED, problem)

    def discard(self, index: int) -> None:
        """Remove what a cancelled row has uploaded from the server, in the background."""
        context = self._context
        context.background.start(context.transfers[index].discard(context.share))

    async def _send(self, index: int) -> None:
        context = self._context
        row, transfer = context.rows.all[index], context.transfers[index]
        if transfer.upload_id is None:
            row.acknowledged = 0

        def moved(count: int) -> None:
            context.waits.reached()
            context.rows.moved(index, count)

        for is_last_attempt in (False, True):
            send = context.send
            try:
                if not row.on_server:
                    await transfer.upload(
                        context.share, send, context.chunk_sizer, context.retry_policy, moved
                    )
                document = await context.publish_shielded(self._publish(index, send), [index])
                break
            except SendGone:
                if is_last_attempt:
                    raise lost_again() from None
                await context.reopen(send)
        context.rows.succeeded(index, document)
        context.note_in_work([index])

    async def _publish(self, index: int, send: Send) -> Document:
        context, transfer = self._context, self._context.transfers[index]
        publish = transfer.publish_version if transfer.row.on_server else transfer.publish
        try:
            document = await publish(context.share, send, context.retry_policy)
        except Problem as problem:
            known = await context.published_by_key(send) if is_published(problem) else {}
            if transfer.key not in known:
                raise
            document = known[transfer.key]
        await context.record_published([(index, document)])
        return document
