"""Sends that were interrupted: how they stand by what the server says, going on with them, and giving them up."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..clients.share import ShareClient
from ..rules.errors import NotFound, Problem
from ..rules.link_settings import LEFT_OUT, LinkSettings
from ..rules.text import printable
from ..wire.share import Document, Resend, Send, SendState
from .journal import Contents, Entry
from .plan import Plan, PlanRow, Source
from .several import several
from .sources import LostSource, found_again

if TYPE_CHECKING:
    from ..clients.patience import Patience
    from ..clients.work import WorkClient
    from .job import SendJob
    from .journal import Journal


@dataclass(frozen=True, slots=True)
class Standing:
    """How a send stands. ``documents`` are those that are published under its keys, as they are now; ``None`` where
    one was removed for good since."""

    contents: Contents
    documents: dict[str, Document | None] = field(default_factory=dict)
    #: The one to go on with; ``None`` where it was never opened, or the server has lost it.
    send: Send | None = None
    #: How many bytes the server has of unfinished uploads, by their ids.
    offsets: dict[str, int] = field(default_factory=dict)

    @property
    def published(self) -> list[Document]:
        """What was published, in the order of the rows."""
        found = [self.documents.get(entry.key) for entry in self.contents.entries]
        return [document for document in found if document is not None]

    @property
    def unseen(self) -> list[Document]:
        """Of what was published, the links that work and that nobody has seen."""
        entries = [entry for entry in self.contents.entries if not entry.shown]
        found = [self.documents.get(entry.key) for entry in entries]
        return [d for d in found if d is not None and d.published and d.url]

    @property
    def missing(self) -> list[Entry]:
        """The rows that are not published yet."""
        return [entry for entry in self.contents.entries if entry.key not in self.documents]

    def note(self, journal: Journal) -> None:
        """Has the journal know of what was published without its answer."""
        entries = enumerate(journal.contents.entries)
        found = [(i, self.documents.get(entry.key)) for i, entry in entries if entry.document is None]
        journal.published([(i, document) for i, document in found if document is not None])

    @property
    def needs_password(self) -> bool:
        """It is to have a password, and has to be opened still: the password was not kept."""
        return self.send is None and bool(self.contents.settings.get("has_password")) and bool(self.missing)

    @property
    def password_unknown(self) -> bool:
        """The program made the password, and ended before it showed it, or any of the links, to anybody."""
        made = bool(self.contents.settings.get("made")) and self.send is not None
        return made and not any(entry.shown for entry in self.contents.entries)


async def with_password(share: ShareClient, found: Standing, password: str) -> Standing:
    """Gives what is published another password, in place of one that nobody knows, and leaves the rest to a send with
    that one. Raises :class:`Problem`; it can be done again."""
    await end_uploads(share, found.contents)
    documents = dict(found.documents)
    for key, document in found.documents.items():
        if document is not None and document.published:
            documents[key] = await share.resend(document.id, Resend(password=password))
    return Standing(found.contents, documents)


async def standing(share: ShareClient, contents: Contents) -> Standing:
    """Asks the server. Raises :class:`Problem` where that cannot be known now."""
    documents: dict[str, Document | None] = {
        entry.key: entry.document for entry in contents.entries if entry.document is not None
    }
    send: Send | None = None
    offsets: dict[str, int] = {}
    for opened in contents.opened:
        state = await _state(share, opened.id)
        if state is None:
            continue
        send = state.send
        documents |= {each.key: each.document for each in state.documents if each.key is not None}
        offsets |= {upload.id: upload.offset for upload in state.uploads if not upload.published}
    return Standing(contents, documents, send, offsets)


def as_told(contents: Contents) -> Standing:
    """How a send stands by its journal alone, where the server cannot be asked."""
    documents = {e.key: e.document for e in contents.entries if e.document is not None}
    return Standing(contents, dict(documents), contents.opened[-1] if contents.opened else None)


async def _state(share: ShareClient, send_id: str) -> SendState | None:
    try:
        return await share.send_state(send_id)
    except NotFound:
        return None


async def planned(work: WorkClient | None, journal: Journal, found: Standing) -> Plan:
    """What was to be sent, as it is now. Raises :class:`Problem` where that cannot be known now."""
    entries = journal.contents.entries
    sources = await several([_source(work, found, entry) for entry in entries])
    return Plan.of(PlanRow(source, entry.name) for source, entry in zip(sources, entries, strict=True))


async def resumed(
    share: ShareClient,
    work: WorkClient | None,
    journal: Journal,
    found: Standing,
    on_change: Callable[[int | None], None] = lambda index: None,
    *,
    plan: Plan | None = None,
    password: str | None = None,
    patience: Patience | None = None,
) -> SendJob:
    """The job that goes on with a send, whose journal this process holds; ``plan`` where it is known, ``password``
    where the send ``needs_password``. Raises :class:`Problem`."""
    from .job import SendJob

    for entry in journal.contents.entries:
        if found.documents.get(entry.key) is None:
            # Removed for good since: there is no link any more.
            entry.document = None
    plan = plan or await planned(work, journal, found)
    settings = _settings(journal.contents.settings, password)
    job = SendJob(share, work, plan, settings, on_change, patience=patience, journal=journal)
    known = {key: document for key, document in found.documents.items() if document is not None}
    job.take_up(found.send, known, found.offsets)
    await end_unknown(share, found)
    return job


async def end_unknown(share: ShareClient, found: Standing) -> None:
    """Ends what was begun and will not be gone on with: the uploads of before the last one of each row."""
    from ..clients.uploads import terminate

    wanted = {entry.upload.id for entry in found.missing if entry.upload is not None}
    for ident in found.offsets.keys() - wanted:
        await terminate(share.http, ident)


async def _source(work: WorkClient | None, found: Standing, entry: Entry) -> Source:
    said = entry.source
    if entry.key not in found.documents:
        return await found_again(work, said)
    document = found.documents[entry.key]
    told = f"{printable(entry.name)} was sent, and removed for good since."
    # Nothing is read of it any more.
    size = said["size"] if document is None else document.size
    return LostSource(said["name"], said["label"], size, NotFound("document.purged", told))


def _settings(said: dict[str, Any], password: str | None) -> LinkSettings:
    expires = said.get("expires_at", LEFT_OUT)
    return LinkSettings(
        password=password,
        expires_at=datetime.fromisoformat(expires) if isinstance(expires, str) else expires,
        downloads_permitted=said.get("downloads_permitted", LEFT_OUT),
        zone_offset=said.get("zone_offset"),
    )


async def end_uploads(share: ShareClient, contents: Contents) -> None:
    """Ends all that is half sent. Where the server cannot be reached it goes by itself, when it expires."""
    for opened in contents.opened:
        with suppress(Problem):
            await share.end_uploads(opened.id)
