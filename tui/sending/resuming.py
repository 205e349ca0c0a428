"""Interrupted sends: their state according to the server, resuming them, and discarding them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..clients.share import ShareClient
from ..rules.errors import NotFound, Problem
from ..rules.link_settings import LinkSettings
from ..rules.text import printable
from ..rules.typed_settings import password_not_stored
from ..wire.share import Document, Resend, Send, SendState
from .gather_limited import gather_limited
from .job.open_send import as_opened
from .journal.journal_contents import Contents, JournalEntry
from .plan import Plan, PlanRow
from .recorded_sources import LostSource, find_source
from .sources import SendSource

if TYPE_CHECKING:
    from ..clients.retries import RetryPolicy
    from ..clients.work import WorkClient
    from .job.job import SendJob
    from .journal.journal import Journal


@dataclass(frozen=True, slots=True)
class SendStatus:
    """The state of an interrupted send.

    ``documents`` are the documents published under its keys, as they are now; ``None`` for a permanently removed one.
    """

    contents: Contents
    documents: dict[str, Document | None] = field(default_factory=dict)
    #: The send to resume; ``None`` if it was never opened, or the server has lost it.
    send: Send | None = None
    #: The bytes that the server has of each unfinished upload, by upload id.
    offsets: dict[str, int] = field(default_factory=dict)
    #: Another process is working on it.
    running: bool = False

    @property
    def published(self) -> list[Document]:
        """The published documents, in the order of the rows."""
        found = [self.documents.get(entry.key) for entry in self.contents.entries]
        return [document for document in found if document is not None]

    @property
    def unseen(self) -> list[Document]:
        """The published documents whose links work and haven't been shown."""
        entries = [entry for entry in self.contents.entries if not entry.shown]
        found = [self.documents.get(entry.key) for entry in entries]
        return [d for d in found if d is not None and d.published and d.url]

    @property
    def changed(self) -> list[Document]:
        """The published documents whose sources changed while they were sent."""
        changed = (self.documents.get(entry.key) for entry in self.contents.entries if entry.changed)
        return [document for document in changed if document is not None]

    @property
    def missing(self) -> list[JournalEntry]:
        """The rows that aren't published yet."""
        return [entry for entry in self.contents.entries if entry.key not in self.documents]

    @property
    def stage(self) -> str:
        """``sending``, ``sent`` (all are published; their links may not have been seen) or ``interrupted``."""
        if self.running:
            return "sending"
        return "interrupted" if self.missing or self.password_unknown else "sent"

    @property
    def recipients(self) -> list[str]:
        """Whom the send is for, by the sender's note."""
        if self.send is not None:
            return self.send.recipients
        return list(self.contents.settings.get("recipients", ()))

    @property
    def settings(self) -> LinkSettings:
        """What the links have or, if the send must be opened again, what they are to have; without the password."""
        settings = LinkSettings.of(self.contents.settings, None)
        return as_opened(settings, self.send) if self.send is not None else settings

    @property
    def percent(self) -> int:
        """How much of all bytes the server has, rounded down."""
        total = sum(entry.source["size"] for entry in self.contents.entries)
        sent = sum(map(self._received, self.contents.entries))
        return min(100 * sent // total, 100) if total else 0

    def _received(self, entry: JournalEntry) -> int:
        if entry.key in self.documents:
            return int(entry.source["size"])
        return self.offsets.get(entry.upload.id, 0) if entry.upload is not None else 0

    def note(self, journal: Journal) -> None:
        """Record in the journal what was published although the server's response never arrived."""
        entries = enumerate(journal.contents.entries)
        found = [(i, self.documents.get(entry.key)) for i, entry in entries if entry.document is None]
        journal.published([(i, document) for i, document in found if document is not None])

    @property
    def has_password(self) -> bool:
        """Whether the send began with a password."""
        return bool(self.contents.settings.get("has_password"))

    @property
    def needs_password(self) -> bool:
        """Whether the user must type the password again: the send must be reopened, and the password wasn't stored."""
        return self.send is None and self.has_password and bool(self.missing)

    @property
    def password_unknown(self) -> bool:
        """Whether the program generated the password and ended before it showed it, or any of the links."""
        made = bool(self.contents.settings.get("made")) and self.send is not None
        return made and not any(entry.shown for entry in self.contents.entries)


async def with_password(share: ShareClient, status: SendStatus, password: str) -> SendStatus:
    """Replace a password that no one knows: set a new one on all published documents and end the uploads.

    The returned state has no send, so the remaining documents are sent with a new one that has the new password.
    Raises :class:`Problem`; the call can be repeated.
    """
    await end_uploads(share, status.contents)
    documents = dict(status.documents)
    for key, document in status.documents.items():
        if document is not None and document.published:
            documents[key] = await share.resend(document.id, Resend(password=password))
    return SendStatus(status.contents, documents)


async def query_status(share: ShareClient, contents: Contents, *, running: bool = False) -> SendStatus:
    """Ask the server for the state of a send. Raises :class:`Problem` if it can't be determined now."""
    documents: dict[str, Document | None] = {
        entry.key: entry.document for entry in contents.entries if entry.document is not None
    }
    send: Send | None = None
    offsets: dict[str, int] = {}
    found: list[Document] = []
    for sent in contents.opened:
        state = await _send_state(share, sent.id)
        if state is None:
            continue
        send = state.send
        documents |= {each.key: each.document for each in state.documents if each.key is not None}
        found += [each.document for each in state.documents if each.document is not None]
        offsets |= {upload.id: upload.offset for upload in state.uploads if not upload.published}
    if contents.damaged:
        # Their keys aren't known, and maybe not all of them.
        documents |= {document.id: document for document in found}
        contents.adopt(found)
    return SendStatus(contents, documents, send, offsets, running)


def status_from_journal(contents: Contents, *, running: bool = False) -> SendStatus:
    """The state of a send according to its journal alone, for when the server can't be asked."""
    documents = {e.key: e.document for e in contents.entries if e.document is not None}
    send = contents.opened[-1] if contents.opened else None
    return SendStatus(contents, dict(documents), send, running=running)


async def _send_state(share: ShareClient, send_id: str) -> SendState | None:
    try:
        return await share.sends.state(send_id)
    except NotFound:
        return None


async def planned(work: WorkClient | None, journal: Journal, status: SendStatus) -> Plan:
    """The plan of the send with the sources as they are now. Raises :class:`Problem` if they can't be read now."""
    entries = journal.contents.entries
    sources = await gather_limited([_find_source(work, status, entry) for entry in entries])
    return Plan.of(PlanRow(source, entry.name) for source, entry in zip(sources, entries, strict=True))


async def resumed(
    share: ShareClient,
    work: WorkClient | None,
    journal: Journal,
    status: SendStatus,
    on_change: Callable[[int | None], None] = lambda index: None,
    *,
    plan: Plan | None = None,
    password: str | None = None,
    patience: RetryPolicy | None = None,
) -> SendJob:
    """Create the job that resumes a send, whose journal this process must hold.

    ``plan`` is made if it isn't given; ``password`` is required if the send ``needs_password``. Raises
    :class:`Problem`.
    """
    from .job.job import SendJob

    if status.needs_password and password is None:
        # It must never be opened without one.
        raise password_not_stored()
    for entry in journal.contents.entries:
        if status.documents.get(entry.key) is None:
            # It was permanently removed, so the link no longer exists.
            entry.document = None
    plan = plan or await planned(work, journal, status)
    settings = LinkSettings.of(journal.contents.settings, password)
    job = SendJob(share, work, plan, settings, on_change, patience=patience, journal=journal)
    known = {key: document for key, document in status.documents.items() if document is not None}
    job.resume(status.send, known, status.offsets)
    await end_unknown(share, status)
    return job


async def end_unknown(share: ShareClient, status: SendStatus) -> None:
    """End the uploads that won't be resumed: all but the last one of each row."""
    from ..clients.tus import terminate

    resumable = {entry.upload.id for entry in status.missing if entry.upload is not None}
    for ident in status.offsets.keys() - resumable:
        await terminate(share.http, ident)


async def _find_source(work: WorkClient | None, status: SendStatus, entry: JournalEntry) -> SendSource:
    record = entry.source
    if entry.key not in status.documents:
        return await find_source(work, record)
    document = status.documents[entry.key]
    message = f"{printable(entry.name)} was sent, then permanently removed."
    # It won't be read any more.
    size = record["size"] if document is None else document.size
    return LostSource(record["name"], record["label"], size, NotFound("document.purged", message))


async def end_uploads(share: ShareClient, contents: Contents) -> None:
    """End all unfinished uploads. If the server is unreachable, it removes them itself when they expire."""
    for opened in contents.opened:
        with suppress(Problem):
            await share.sends.end_uploads(opened.id)
