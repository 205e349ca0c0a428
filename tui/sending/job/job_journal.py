"""What a job records in its journal."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ...rules.link_settings import LinkSettings
from ...wire.share import Document
from ..recorded_sources import source_record
from .transfer import Transfer

if TYPE_CHECKING:
    from ..journal.journal import Journal
    from ..journal.journal_contents import Upload


class JobJournal:
    """The journal of a job. Without one, nothing is recorded, and the send can't be resumed."""

    def __init__(self, journal: Journal | None) -> None:
        self.journal = journal
        #: Whether this job began the journal, rather than resuming it.
        self._begun = False

    async def begin(self, transfers: Sequence[Transfer], settings: LinkSettings) -> None:
        """Write the plan, unless the journal has it, or something was published without one."""
        if self.journal is None or self.journal.held or any(t.row.document is not None for t in transfers):
            return
        self._begun = True
        rows = [(source_record(t.row.source), t.row.link_name, t.key) for t in transfers]
        await asyncio.to_thread(self.journal.begin, rows, settings, datetime.now(UTC))

    def end_if_begun(self) -> None:
        """Remove a journal that this job began. One that it resumed stays as it was."""
        if self.journal is not None and self._begun:
            self._begun = False
            self.journal.remove()

    def upload(self, index: int, upload: Upload) -> None:
        """Record an upload, before the server is asked to create it."""
        if self.journal is not None:
            self.journal.upload(index, upload)

    def published(self, documents: Sequence[tuple[int, Document]], changed: Collection[int] = ()) -> None:
        """Record that the server has published these rows, and of which the source ``changed`` meanwhile."""
        if self.journal is not None:
            self.journal.published(documents, changed)

    def shown(self) -> None:
        """Record that the user has seen the links published so far."""
        if self.journal is not None:
            self.journal.shown()
