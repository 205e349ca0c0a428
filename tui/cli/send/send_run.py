"""A run of ``sentlinks send``, of whatever kind, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING, Protocol

from ...rules.errors import Failed, NotSignedIn, Problem, Throttled, Unreachable
from ...rules.text import printable
from ..base.common import CommandSession
from ..base.outcomes import Result
from ..base.output import tell
from ..base.signals import Handlers
from .interrupted import tell_changed, tell_damaged

if TYPE_CHECKING:
    from ...clients.share import ShareClient
    from ...clients.work import WorkClient
    from ...rules.carried import Report
    from ...rules.odd_recipients import RecipientsNote
    from ...sending.job.job import JobRow, SendJob
    from ...wire.share import Document

#: Errors that may pass: a send that failed with one of them can be resumed.
_TRANSIENT = (Unreachable, Throttled, NotSignedIn)


@dataclass
class SendOutcome:
    """The outcome of a send.

    ``extra_fields`` are printed along with the documents, ``recipients_notes`` what was odd about whom they are for,
    ``interrupted`` is the exit status of the signal that stopped
    the send (else 0), ``tell`` prints how to resume it, and ``shown`` is called after the links have been written.
    ``incomplete``: documents of a damaged journal may be missing that no one knows of any more.
    """

    results: list[Result]
    documents: list[Document]
    extra_fields: dict[str, str] = field(default_factory=dict)
    interrupted: int = 0
    tell: Callable[[], None] = lambda: None
    shown: Callable[[], None] = lambda: None
    incomplete: bool = False
    recipients_notes: Sequence[RecipientsNote] = ()


class Sending(Protocol):
    """A send of one of the three kinds; ``sender`` is set by :meth:`run`."""

    sender: str

    async def run(self, share: ShareClient, work: WorkClient) -> SendOutcome:
        """Do the work. Raises the :class:`Problem` that prevents all of it."""
        ...


class Run:
    """Runs a job; signals cancel it."""

    def __init__(self, session: CommandSession, carried: Sequence[Report] = ()) -> None:
        """``carried``: the reports on the documents, in the order of the rows."""
        self._session = session
        self._carried = carried
        self._interrupted = 0

    async def to_its_end(self, job: SendJob, *, keep: bool = False) -> None:
        """Returns when the job has ended. ``keep``: a signal leaves its uploads on the server."""

        def cancel(number: int) -> None:
            self._interrupted = 128 + number
            job.cancel(keep=keep)

        with Handlers(cancel):
            await job.run()

    def outcome(self, job: SendJob, extra_fields: dict[str, str]) -> SendOutcome:
        """What ``job`` has come to; ``extra_fields`` are added to the output as JSON."""
        folder = None
        if job.send is not None:
            folder = {"id": job.send.folder.id, "name": job.send.folder.name}
        status = self._interrupted if self._interrupted and job.unfinished else 0
        resumable = status != 0 or any(isinstance(job.rows[i].error, _TRANSIENT) for i in job.unfinished)
        journal = job.journal

        def tell_about() -> None:
            tell_changed(job.changed)
            if status:
                names = ", ".join(printable(document.name) for document in job.documents)
                published = f"published before that: {names}" if names else "nothing was published"
                tell(f"The send was stopped; {published}.")
            if resumable and journal is not None and journal.held:
                tell(f"To resume it: sentlinks send --resume {journal.id}")
            elif journal is not None:
                tell_damaged(journal)

        def shown() -> None:
            if journal is not None:
                # It was shown with the links, or given.
                journal.password_noted()
            job.links_shown()
            if journal is not None:
                journal.release() if resumable else journal.remove()

        rows = [_result(row, folder, report) for row, report in zip_longest(job.rows, self._carried)]
        return SendOutcome(rows, job.documents, extra_fields, status, tell_about, shown)


def _result(row: JobRow, folder: dict[str, str] | None, report: Report | None) -> Result:
    carries = None if report is None else report.fields()
    if row.document is not None:
        return Result(row.document.id, row.document, changed=row.changed, carries=carries)
    error: Problem = row.error or Failed("cancelled", "Not sent: the send was stopped first.")
    known = {"name": row.link_name, "folder": folder, "size": row.size, "source": row.source.label}
    return Result(None, error=error, known=known, changed=False, carries=carries)
