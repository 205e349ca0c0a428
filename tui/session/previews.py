"""What documents say: the first lines of any document that is listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ..clients.files import FolderEntry
from ..rules.document_kinds import WITH_LINES, expected_kind
from ..sending.readable import Readable, of_sent, of_work
from ..sending.sources import WorkSource
from ..wire.share import Document as SentDocument
from ..wire.work import Document

if TYPE_CHECKING:
    from ..clients.share import ShareClient
    from ..clients.work import WorkClient
    from ..inspection.inspector import DocumentReading, FirstLines
    from ..sending.carried import CarriedReports


class Reading(Protocol):
    """The clients of those who are signed in, and the workers."""

    work: WorkClient
    share: ShareClient

    @property
    def carried(self) -> CarriedReports:
        """What has the workers."""


class Previews:
    """Reads documents for whoever looks at them: of the servers' only what is needed, as a preview."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def of(self, item: object) -> Readable | None:
        """What a worker can read of an item of a list; ``None`` for what isn't a document, or is in the trash."""
        match item:
            case FolderEntry() if item.usable and not item.is_folder:
                version = item.path, item.size, item.modified
                return Readable(item.name, item.size, path=item.path, version=version)
            case Document():
                return of_work(WorkSource(self._session.work, item))
            case SentDocument() if item.deleted_at is None:
                return of_sent(self._session.share, item)
            case _:
                return None

    async def first_lines(self, document: Readable, reading: DocumentReading) -> FirstLines:
        """The first lines of a document; the worker for the next one is started by then. Cancelling this ends the
        worker; leaving the ``reading`` does so at once."""
        return await self._session.carried.first_lines(document, reading)

    def warm(self, document: Readable) -> None:
        """Have a worker ready, if the document is for one: it is going to be looked at."""
        if expected_kind(document.name) in WITH_LINES:
            self._session.carried.warm()

    def rest(self) -> None:
        """End the worker that waits: no document is looked at for a while."""
        self._session.carried.rest()
