"""Sending several small documents in one request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import monotonic

from ...clients.retries import with_retries
from ...rules.errors import Conflict, NotFound, Problem
from ...wire.share import Document, Send
from ..gather_limited import gather_limited
from ..local_files import read_small
from . import small_documents
from .context import SendContext
from .rows import RowState
from .small_documents import SMALL, NotTogether, Ready
from .transfer import is_published, is_send_lost, lost_again, retry_if_changed


class BatchSender:
    """Sends rows together: each succeeds or fails by itself."""

    def __init__(self, context: SendContext) -> None:
        self._context = context

    async def send(self, indexes: Sequence[int]) -> list[int]:
        """Send the small documents of these rows. Returns the indexes of those that are no longer small.

        Raises :class:`NotTogether` if the server has no batch requests.
        """
        rows = self._context.rows
        ready = await self._read_local(indexes)
        grown: list[int] = []

        async def read(index: int) -> None:
            try:
                content = await self._read(index)
            except Problem as problem:
                rows.set(index, RowState.FAILED, problem)
                return
            if content is None:
                grown.append(index)
            else:
                ready[index] = content

        await gather_limited([read(index) for index in indexes if index not in ready])
        ready = {i: ready[i] for i in indexes if i in ready and rows.all[i].state is RowState.IN_PROGRESS}
        try:
            if ready:
                await self._publish(ready)
        except Problem as problem:
            for index in ready:
                rows.set(index, RowState.FAILED, problem)
        finally:
            # The rows' errors refer to it by their tracebacks.
            ready.clear()
        return sorted(grown)

    async def _read_local(self, indexes: Sequence[int]) -> dict[int, Ready]:
        """Read those of the documents that are files here, as far as that can be done at once."""
        transfers = [self._context.transfers[index] for index in indexes]
        found = await read_small([transfer.row.source for transfer in transfers], SMALL)
        ready: dict[int, Ready] = {}
        for index, transfer, read in zip(indexes, transfers, found, strict=True):
            if read is not None:
                transfer.row.size = transfer.row.source.size
                ready[index] = Ready(*read, transfer.key)
        return ready

    async def _read(self, index: int) -> Ready | None:
        """Read a small document; ``None`` if it is no longer small."""
        transfer = self._context.transfers[index]
        found: Ready | None = None

        async def read() -> None:
            nonlocal found
            found = await small_documents.make_ready(transfer.row, transfer.key)

        await retry_if_changed(lambda: with_retries(read, self._context.retry_policy))
        return found

    async def _publish(self, ready: Mapping[int, Ready]) -> None:
        context, indexes = self._context, list(ready)
        for is_last_attempt in (False, True):
            send = context.send
            try:
                results = await context.publish_shielded(self._request(send, ready), indexes)
                break
            except (NotFound, Conflict) as problem:
                if not is_send_lost(problem):
                    raise
                if is_last_attempt:
                    raise lost_again() from problem
                await context.reopen(send)
        for index, result in zip(indexes, results, strict=True):
            if isinstance(result, Problem):
                context.rows.set(index, RowState.FAILED, result)
                continue
            row = context.rows.all[index]
            row.acknowledged = row.size
            context.rows.succeeded(index, result, row.size)
        context.note_in_work(indexes)

    async def _request(self, send: Send, ready: Mapping[int, Ready]) -> list[Document | Problem]:
        context = self._context
        rows = [context.rows.all[index] for index in ready]
        contents = list(ready.values())
        began = monotonic()
        results = await with_retries(
            lambda: small_documents.publish(context.share, send, rows, contents), context.retry_policy
        )
        context.waits.reached()
        context.chunk_sizer.took(sum(len(one.content) for one in contents), monotonic() - began)
        known: Mapping[str, Document] = {}
        if any(is_published(result) for result in results):
            known = await context.published_by_key(send)
        found = [known.get(one.key, result) for one, result in zip(contents, results, strict=True)]
        await context.record_published(
            [(i, d) for i, d in zip(ready, found, strict=True) if isinstance(d, Document)]
        )
        return found


__all__ = ["BatchSender", "NotTogether"]
