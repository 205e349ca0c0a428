"""One timeline of both sides: Share's audit and Work's history of one document, or of all that a user owns."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from ..rules.activity_kinds import UNREADABLE
from ..rules.errors import NotFound, NotSignedIn, Problem, Unreachable
from ..rules.link_comments import SentLink, wanted_of_work
from ..rules.state import Event
from ..rules.text import printable
from ..wire.audit import AuditEvent
from ..wire.work import Activity
from .share import ShareClient
from .work import WorkClient
from .work_history import Noted, read_history

if TYPE_CHECKING:
    from ..wire.share import Document

_VERSION = re.compile(r"[^!/]+![0-9]{1,18}\.[0-9]{1,9}")
#: Of so many links of a document of Work, the latest ones, it is told what happened.
MOST_SENT = 20
#: The number of Share's events in one piece.
_PIECE = 100
_BEGINNING, _END = datetime.fromtimestamp(0, UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Something that happened. ``about`` is the name of the document or folder, or its Work id. ``place`` is the moment
    by which it is sorted: that of the next later event if its own can't be read."""

    id: str
    at: datetime | None
    place: datetime
    side: Literal["work", "share"]
    event: str
    actor: str | None
    address: str | None
    agent: str | None
    details: dict[str, Any]
    about: str


@dataclass(slots=True)
class Piece:
    """Part of a timeline, the latest entry first. Later pieces may have entries that belong between these.

    ``notes`` say what couldn't be read.
    """

    entries: list[TimelineEntry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


async def timeline(
    share: ShareClient,
    work: WorkClient,
    *,
    document: str | None = None,
    source: str | None = None,
    me: str | None = None,
) -> AsyncGenerator[Piece, None]:
    """Yield the timeline piece by piece.

    ``document`` (an id of Share) restricts it to that link: of Work's history of what it was sent from, to what is
    about this link. ``source`` (a version in Work) restricts it to that document with all its versions, and with the
    links that the user has sent of it. Without them it covers everything that the user owns, and with ``me`` only that
    user's entries of Work's histories. Raises :class:`Problem` if Share can't be read.
    """
    known: set[str] = set()
    names: dict[str, str] = {}
    if me is not None:
        me = await work.me(me)
    sources = [source] if source is not None and document is None else []
    sends: list[SentLink] = []

    wanted = wanted_of_work(document, sends, me)
    with_work = partial(_with_work, work, known, wanted, names, document is None)
    if document is not None or source is None:
        piece = Piece()
        place = _END
        async for event in share.audit.events(document):
            place = event.at or place
            piece.entries.append(_of_share(event, place))
            if event.event == UNREADABLE:
                piece.notes.append(unreadable_text(event))
            sources.append(str(event.details.get("source", "")))
            name_source(names, event)
            note_send(sends, event)
            if len(piece.entries) >= _PIECE:
                yield await with_work(piece, sources)
                piece, sources = Piece(), []
        # That of the send may be a row that can't be read.
        last = [source] if source is not None else []
        yield await with_work(piece, [*sources, *last])
    else:
        yield await with_work(await _sent_from(share, source), sources)


async def sent_from(share: ShareClient, source: str) -> list[Document]:
    """What the user has sent of a document of Work, the latest first, with any of its versions; ``source`` is one of
    them. Raises :class:`Problem`."""
    number = source.rpartition(".")[0]
    page = await share.all_documents(limit=MOST_SENT, wanted=f'from:"{number}."')
    return [document for document in page.documents if document.source.rpartition(".")[0] == number]


async def _sent_from(share: ShareClient, source: str) -> Piece:
    """What happened to the links that the user has sent of a document of Work."""
    piece = Piece()
    try:
        for document in await sent_from(share, source):
            place = _END
            async for event in share.audit.events(document.id):
                place = event.at or place
                piece.entries.append(_of_share(event, place))
    except Problem as problem:
        if isinstance(problem, NotSignedIn):
            raise
        piece.notes.append(f"Can't read what happened to its links: {problem.message}")
    return piece


def name_source(names: dict[str, str], event: AuditEvent) -> None:
    """Note in ``names`` what the version in Work is called that an event says a link was sent from."""
    source, name = event.details.get("source"), event.details.get("source_name") or event.name
    if isinstance(source, str) and isinstance(name, str) and name:
        names.setdefault(source, name)


def note_send(sends: list[SentLink], event: AuditEvent) -> None:
    """Note in ``sends`` under which name and when a link was sent, if that is what the event says."""
    if event.event == Event.SENT:
        sends.append(SentLink(printable(event.name or ""), event.at))


async def _with_work(
    work: WorkClient,
    known: set[str],
    wanted: Callable[[Activity], bool],
    names: Mapping[str, str],
    all_versions: bool,
    piece: Piece,
    sources: Iterable[str],
) -> Piece:
    """Add what is ``wanted`` of Work's history of those ``sources`` that are not ``known`` yet to ``piece``, with their
    ``names``."""
    for source in dict.fromkeys(sources):
        document = source.rpartition(".")[0]
        if {source, document} & known or not _VERSION.fullmatch(source):
            continue
        history = await read_history(work, source, all_versions=all_versions)
        if (problem := history.problem) is not None:
            if isinstance(problem, NotSignedIn | Unreachable) and not work.apart:
                raise problem
            piece.notes.append(f"Can't read Work's history of {printable(source)}: {problem.message}")
        # Of a version that was deleted, the others may be there.
        known.add(document if all_versions and not isinstance(problem, NotFound) else source)
        for noted in history.noted:
            if wanted(noted.activity):
                about = names.get(noted.source) or names.get(source) or noted.source
                piece.entries.append(_of_work(noted, about))
    piece.entries.sort(key=lambda entry: entry.place, reverse=True)
    return piece


def unreadable_text(event: AuditEvent) -> str:
    """What to say about a row of the audit that can't be shown."""
    about = printable(event.name or event.document or event.folder or "the installation")
    row = event.details.get("row", "?")
    return (
        f"Row {row} of {about} can't be shown: it was changed. Check the audit with: sentlinks audit --verify"
    )


def _of_share(event: AuditEvent, place: datetime) -> TimelineEntry:
    return TimelineEntry(
        event.id,
        event.at,
        place,
        "share",
        event.event,
        event.actor,
        event.address,
        event.agent,
        event.details,
        event.name or event.document or event.folder or "",
    )


def _of_work(noted: Noted, about: str) -> TimelineEntry:
    activity = noted.activity
    return TimelineEntry(
        f"{noted.source}#{noted.number + 1}",
        activity.at,
        activity.at or _BEGINNING,
        "work",
        activity.name,
        activity.user,
        activity.location,
        None,
        noted.details,
        about,
    )
