"""Sending small documents: each read into memory, and published with others in one request, or by itself."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...clients.chunk_sizer import ChunkSizer
from ...clients.share import ShareClient
from ...clients.upload_source import read_whole
from ...rules.errors import NotFound, Problem
from ...wire.batch import MOST_DOCUMENTS, BatchDocument
from ...wire.share import Document, Send
from ..sources import check_content
from .rows import JobRow
from .transfer import source_label

#: Larger documents are sent singly, in pieces that can be resumed.
SMALL = 1024 * 1024
#: Requests that are under way at the same time.
AT_ONCE = 3
#: How many documents that don't fit are passed over in search of smaller ones.
_MOST_SKIPPED = 32
#: How much the first requests take of what fits: if they were alike, they would end together, and the line would be
#: idle until the next ones are read and under way.
_FIRST_PARTS = [number / AT_ONCE for number in range(1, AT_ONCE)]


class Waiting:
    """The rows waiting to be sent, in order. The server takes at most ``most_bytes`` in one request."""

    def __init__(
        self, rows: Sequence[JobRow], indexes: Iterable[int], chunk_sizer: ChunkSizer, most_bytes: int
    ) -> None:
        self._rows = rows
        self._most_bytes = most_bytes
        self._indexes = deque(indexes)
        self._chunk_sizer = chunk_sizer
        self._parts = deque(_FIRST_PARTS)
        #: Whether the server accepts documents with their bytes in one request.
        self.together = True

    def take(self) -> list[int]:
        """The next row; with a small one, as many other small ones as fit into one request. Empty at the end."""
        if not self._indexes:
            return []
        taken = [self._indexes.popleft()]
        if not self.is_small(taken[0]):
            return taken
        total = self._rows[taken[0]].size
        skipped: deque[int] = deque()
        most_bytes = self._request_bytes * (self._parts.popleft() if self._parts else 1)
        # Each time, all the others would be looked at in vain.
        while self._indexes and len(taken) < MOST_DOCUMENTS and len(skipped) < _MOST_SKIPPED:
            index = self._indexes.popleft()
            size = self._rows[index].size
            if self.is_small(index) and total + size <= most_bytes:
                taken.append(index)
                total += size
            else:
                skipped.append(index)
        self._indexes.extendleft(reversed(skipped))
        return taken

    def is_small(self, index: int) -> bool:
        """Whether the row's document fits into one request; a larger one is sent in pieces, which show its progress."""
        row = self._rows[index]
        return self.together and not row.on_server and row.size <= min(self._request_bytes, SMALL)

    @property
    def _request_bytes(self) -> int:
        return min(self._chunk_sizer.size, self._most_bytes)


@dataclass(frozen=True, slots=True)
class Ready:
    """A document ready to be sent: its bytes, their SHA-256 in hexadecimal, its idempotency key."""

    content: bytes
    sha256: str
    key: str

    def as_batch_document(self, row: JobRow) -> BatchDocument:
        """Its line in the head of a batch."""
        return BatchDocument(
            name=row.link_name,
            size=len(self.content),
            sha256=self.sha256,
            source=source_label(row.source),
            order=row.order,
            key=self.key,
            carries=row.carries,
        )


async def make_ready(row: JobRow, key: str) -> Ready | None:
    """Read the row's document; ``None`` if it is no longer small. Raises :class:`Problem`."""
    source = row.source
    await source.check()
    row.size = source.size
    if row.size > SMALL:
        return None
    content, sha256 = await read_whole(row.link_name, row.size, source.read)
    check_content(source, sha256)
    return Ready(content, sha256, key)


class NotTogether(Exception):
    """The server is of an earlier version, without batch requests."""


async def publish(
    share: ShareClient, send: Send, rows: Sequence[JobRow], ready: Sequence[Ready]
) -> list[Document | Problem]:
    """Publish the documents. Returns the result of each. Raises :class:`Problem`, :class:`NotTogether`."""
    try:
        batch = [one.as_batch_document(row) for row, one in zip(rows, ready, strict=True)]
        return await share.sends.publish_all(send.id, batch, [one.content for one in ready])
    except NotFound as problem:
        if problem.code == "not_found":
            raise NotTogether from problem
        raise
