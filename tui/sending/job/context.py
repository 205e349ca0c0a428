"""What all transfers of a send have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from ...clients.chunk_sizer import ChunkSizer
from ...clients.retries import RetryPolicy, with_retries
from ...clients.share import ShareClient
from ...wire.share import Document, Send
from ..gather_limited import gather_limited
from . import work_history
from .background_tasks import BackgroundTasks, shielded_briefly
from .job_journal import JobJournal
from .open_send import Opening
from .rows import JobRows
from .server_wait import ServerWaits
from .transfer import Transfer

if TYPE_CHECKING:
    from ...clients.work import WorkClient

T = TypeVar("T")


@dataclass(slots=True)
class SendContext:
    """The parts of a job that its senders use. ``transfers`` has one for each of ``rows``."""

    share: ShareClient
    work: WorkClient | None
    rows: JobRows
    transfers: Sequence[Transfer]
    opening: Opening
    journal: JobJournal
    waits: ServerWaits
    chunk_sizer: ChunkSizer = field(default_factory=ChunkSizer)
    background: BackgroundTasks = field(default_factory=BackgroundTasks)

    @property
    def retry_policy(self) -> RetryPolicy:
        """How long requests are repeated while the server can't be reached."""
        return self.waits.policy

    @property
    def send(self) -> Send:
        """The open send."""
        assert self.opening.send is not None
        return self.opening.send

    async def reopen(self, lost: Send) -> None:
        """Open a send in place of ``lost``, which the server has lost. Raises :class:`Problem`."""
        await self.opening.open(lost, self.retry_policy)

    async def publish_shielded(self, publishing: Coroutine[Any, Any, T], indexes: Sequence[int]) -> T:
        """Publish rows, protecting them from being cancelled while the request is pending."""
        for index in indexes:
            self.transfers[index].publishing = True
        try:
            return await shielded_briefly(publishing)
        finally:
            for index in indexes:
                self.transfers[index].publishing = False

    async def published_by_key(self, send: Send) -> dict[str, Document]:
        """The documents of the send that the server has published, by their keys."""
        state = await with_retries(lambda: self.share.sends.state(send.id), self.retry_policy)
        return {each.key: each.document for each in state.documents if each.key and each.document}

    async def record_published(self, documents: Sequence[tuple[int, Document]]) -> None:
        """Record these rows in the journal, and whether their sources have changed."""
        indexes = [index for index, _ in documents]
        await asyncio.to_thread(self.rows.look_again, indexes)
        self.journal.published(documents, [index for index in indexes if self.rows.all[index].changed])

    def note_in_work(self, indexes: Sequence[int]) -> None:
        """Add entries to Work's history for those of the published rows that come from there, in the background."""
        if self.work is None:
            return
        notes = [
            work_history.note(self.work, row, row.document)
            for row in (self.rows.all[index] for index in indexes)
            if row.document is not None and work_history.wanted(row)
        ]
        if notes:
            self.background.start(gather_limited(notes))
