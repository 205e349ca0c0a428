"""Small documents on their way: read whole, and published many in one request."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..clients.feed import read_whole
from ..clients.share import ShareClient
from ..clients.uploads import Pace
from ..rules.errors import NotFound, Problem
from ..wire.batch import MOST_BYTES, MOST_DOCUMENTS, BatchDocument
from ..wire.share import Document, Send
from ..wire.share import Source as SourceLabel
from .plan import check_content
from .rows import JobRow

#: What is longer goes by itself, in pieces that can be resumed.
SMALL = 1024 * 1024


class Waiting:
    """The rows that wait for their turn, in order."""

    def __init__(self, rows: Sequence[JobRow], indexes: Iterable[int], pace: Pace) -> None:
        self._rows = rows
        self._indexes = deque(indexes)
        self._pace = pace
        #: Whether the server takes several at once.
        self.together = True

    def take(self) -> list[int]:
        """The next row; a small one with as many others as the line carries in a moment. Empty at the end."""
        if not self._indexes:
            return []
        taken = [self._indexes.popleft()]
        most = min(self._pace.size, MOST_BYTES)
        total = self._rows[taken[0]].size
        if not self.together or total > min(most, SMALL) or self._rows[taken[0]].on_server:
            return taken
        left: deque[int] = deque()
        while self._indexes and len(taken) < MOST_DOCUMENTS:
            index = self._indexes.popleft()
            size = self._rows[index].size
            if not self._rows[index].on_server and size <= SMALL and total + size <= most:
                taken.append(index)
                total += size
            else:
                left.append(index)
        self._indexes.extendleft(reversed(left))
        return taken


@dataclass(frozen=True, slots=True)
class Ready:
    """A document that can be sent: its bytes, their SHA-256 in hexadecimal, its idempotency key."""

    content: bytes
    sha256: str
    key: str

    def said(self, row: JobRow) -> BatchDocument:
        source = SourceLabel(label=row.source.label)
        return BatchDocument(
            name=row.link_name, size=len(self.content), sha256=self.sha256, source=source, key=self.key
        )


async def make_ready(row: JobRow, key: str) -> Ready | None:
    """Reads the row's document; ``None`` where it is not small any more. Raises :class:`Problem`."""
    source = row.source
    await source.check()
    row.size = source.size
    if row.size > SMALL:
        return None
    content, sha256 = await read_whole(row.link_name, row.size, source.read)
    check_content(source, sha256)
    return Ready(content, sha256, key)


class NotTogether(Exception):
    """The server takes no documents in one request: it is of an earlier version."""


async def publish(
    share: ShareClient, send: Send, rows: Sequence[JobRow], ready: Sequence[Ready]
) -> list[Document | Problem]:
    """Publishes the documents; answers what became of each. Raises :class:`Problem`, :class:`NotTogether`."""
    try:
        said = [one.said(row) for row, one in zip(rows, ready, strict=True)]
        return await share.publish_all(send.id, said, [one.content for one in ready])
    except NotFound as problem:
        if problem.code == "not_found":
            raise NotTogether from problem
        raise
