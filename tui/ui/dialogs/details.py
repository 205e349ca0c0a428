"""The details of a document, and its history."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from textual.widget import Widget
from textual.widgets import Static

from ...override import override
from ...rules.activities import sentence
from ...rules.display import day_and_time, moment_text, size_text
from ...rules.errors import Problem
from ...rules.link_settings import FLAGS
from ...rules.send_activities import Happened, in_sends, read_send
from ...rules.sent_text import (
    external_text,
    recipients_text,
    sent_times,
    source_text,
    taken_text,
    wrong_passwords_text,
)
from ..base.dialog import Dialog
from ..widgets.labelled_lines import LabelledLines
from ..widgets.scroll_box import ScrollBox
from .timeline_rows import happened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...clients.files import FolderEntry
    from ...clients.timeline import TimelineEntry
    from ...locations.kind import LocationKind
    from ...session import Session
    from ...wire.share import Document as SentDocument
    from ...wire.work import Document
    from ..widgets.table import Row

Detail = tuple[str, str]
#: How many events are shown below the details.
_MOST = 50
#: How many of the links of a document of Work are named among its details.
_MOST_SENT = 5
#: When, and what happened.
HistoryEntry = tuple[datetime | None, str]


class Details(Dialog[None]):
    """Details above, the latest events below."""

    ABOUT = "Details of the document, and what happened to it, newest first."
    DEFAULT_CSS = """
    Details > .box { height: auto; max-height: 90%; }
    Details ScrollBox { height: auto; max-height: 100%; }
    Details Static { width: 100%; height: auto; }
    Details .title { color: $quiet; text-style: $quiet-style; margin-top: 1; }
    Details .note { color: $warn; margin-top: 1; }
    """

    def __init__(
        self,
        details: list[Detail],
        history: list[HistoryEntry],
        note: str = "",
        heading: str = "Details",
        *,
        opened_by: tuple[str, ...] = ("main.facts",),
    ) -> None:
        super().__init__()
        self.opened_by = opened_by
        self.heading = heading
        self._details = details
        self._history = history
        self._note = note

    @override
    def body(self) -> list[Widget]:
        details = [(name, value) for name, value in self._details if value]
        parts: list[Widget] = [Static(LabelledLines(details, style="bold"))]
        if self._history:
            history = [(day_and_time(at), what) for at, what in self._history]
            parts += [Static("History", classes="title"), Static(LabelledLines(history))]
        if self._note:
            parts.append(Static(self._note, markup=False, classes="note"))
        return [ScrollBox(*parts)]

    @override
    def on_mount(self) -> None:
        self.query_one(ScrollBox).focus()


def _document_details(document: Document) -> list[Detail]:
    out = document.checked_out_by
    return [
        ("Name", document.file_name),
        ("Number", document.id),
        ("Version", str(document.version or "")),
        ("Extension", document.extension),
        ("Class", document.document_class or ""),
        ("Size", size_text(document.size) if document.size is not None else ""),
        ("Author", document.author or ""),
        ("Operator", document.operator or ""),
        ("Last edit", f"{moment_text(document.edit_date)} {document.last_user or ''}".strip()),
        (
            "Checked out",
            "" if out is None else f"by {out or 'someone'} since {moment_text(document.checkout_date)}",
        ),
        ("Comment", document.comment or ""),
        ("Workspace", document.workspace_name or ""),
    ]


def sent_details(document: SentDocument, now: datetime, source_name: str = "") -> list[Detail]:
    """What is shown of a sent document at that moment; an entry without a text isn't. ``source_name`` is what the
    document in Work is called that it was sent from."""
    return [
        ("Name", document.name),
        ("Link", document.url or ""),
        ("External", external_text(document.published, document.why_off)),
        ("Downloads", _taken(document)),
        ("To", recipients_text(document.recipients)),
        *((flag.label, flag.shown if getattr(document, name) else "") for name, flag in FLAGS.items()),
        ("Last download", moment_text(document.last_download_at) or "never"),
        ("Expires", moment_text(document.expires_at) or "never"),
        ("Password", "✓" if document.has_password else "none"),
        ("Tried", _wrong_passwords(document, now)),
        ("Size", size_text(document.size)),
        ("SHA-256", document.sha256),
        ("Sent", moment_text(document.sent_at)),
        ("Sent again", moment_text(document.resent_at)),
        ("Sent from", source_text(document.source, source_name or document.source_name or "")),
        ("Workspace", document.matter or ""),
        ("Folder", document.folder.name),
        ("Copy kept as", document.work_id.partition(".")[0]),
    ]


def _wrong_passwords(document: SentDocument, now: datetime) -> str:
    if not (document.locked or document.throttled):
        return ""
    wait = document.next_try_at - now if document.next_try_at is not None else timedelta(0)
    return wrong_passwords_text(
        document.wrong_passwords, locked=document.locked, seconds=wait.total_seconds()
    )


def _file_details(entry: FolderEntry) -> list[Detail]:
    return [
        ("Name", entry.name),
        ("Path", str(entry.path)),
        ("Size", size_text(entry.size)),
        ("Modified", moment_text(entry.modified)),
    ]


async def details_dialog(session: Session, kind: LocationKind, row: Row) -> Details:
    """Return the dialog for a row of a location of that kind. Raises :class:`Problem` if the server doesn't respond."""
    if not kind.server:
        return Details(_file_details(row.data), [])
    if kind.server == "share":
        return await _sent(session, row.data)
    document = await session.work.document(row.data.id)
    (history, notes), sent = await asyncio.gather(
        _history(session, source=row.data.id), _sent_of(session, row.data.id)
    )
    return Details([*_document_details(document), *sent], history, "\n".join(notes))


async def _sent_of(session: Session, source: str) -> list[Detail]:
    """To whom the user has sent a document of Work, and what has become of it: the latest ones."""
    from ...clients.timeline import sent_from

    # What the history notes, too.
    with suppress(Problem):
        return [
            ("Sent", _sent_text(document))
            for document in (await sent_from(session.share, source))[:_MOST_SENT]
        ]
    return []


def _sent_text(document: SentDocument) -> str:
    to = f" to {recipients_text(document.recipients)}" if document.recipients else ""
    times = sent_times(moment_text(document.sent_at), moment_text(document.resent_at))
    taken = _taken(document)
    downloads = f"not downloaded{taken.removeprefix('none')}" if taken.startswith("none") else taken
    return f"{times}{to} · {external_text(document.published, document.why_off)} · {downloads}"


def _taken(document: SentDocument) -> str:
    anew = document.resent_at is not None
    return taken_text(document.downloads, document.downloads_permitted, document.delivered, anew=anew)


async def _sent(session: Session, document: SentDocument) -> Details:
    """Return the dialog for a sent document, with its latest events in Work and Share."""
    (history, notes), name = await asyncio.gather(
        _history(session, document=document.id, source=document.source),
        _source_name(session, document.source),
    )
    return Details(sent_details(document, session.now(), name), history, "\n".join(notes))


async def _source_name(session: Session, source: str) -> str:
    """What the document in Work is called that something was sent from; empty if that can't be found out."""
    if source.startswith("file:"):
        return ""
    with suppress(Problem):
        return (await session.work.document(source)).file_name
    return ""


async def history_of(session: Session, kind: LocationKind, row: Row) -> tuple[list[HistoryEntry], list[str]]:
    """Return the latest events of a document of Work or Share, and notes on them. Raises :class:`Problem`."""
    if kind.server == "share":
        return await _history(session, document=row.data.id, source=row.data.source)
    from ...clients.work_history import details_of, older_versions

    page = await session.work.history(row.data.id, all_versions=True)
    noted = [
        Happened(each.name, each.at, each.user, details_of(each, older), row.name)
        for each, older in zip(page.items, older_versions(page.items, row.data.version), strict=True)
    ]
    groups = in_sends(noted, lambda each: each)
    return [(group[0].at, _noted_text(group, session.user)) for group in groups], []


async def _history(
    session: Session, *, source: str, document: str | None = None
) -> tuple[list[HistoryEntry], list[str]]:
    from ...clients.timeline import timeline

    pieces = timeline(session.share, session.work, document=document, source=source)
    piece = await anext(pieces)
    await pieces.aclose()
    groups = in_sends(piece.entries, happened)
    history: list[HistoryEntry] = [(group[0].at, _text_of(group, session.user)) for group in groups[:_MOST]]
    more = len(groups) > _MOST
    return history, [*piece.notes, *(["Older events are in its activity."] if more else [])]


def _noted_text(group: Sequence[Happened], me: str) -> str:
    """What Work notes: one activity, or a send."""
    if len(group) > 1:
        return read_send(group, me).sentence
    (each,) = group
    return sentence(each.event, each.details, actor=each.actor, me=me)


def _text_of(group: Sequence[TimelineEntry], me: str) -> str:
    """What happened: one event, or a send."""
    if len(group) > 1:
        return read_send([happened(each) for each in group], me).sentence
    (e,) = group
    return sentence(e.event, e.details, actor=e.actor, address=e.address, agent=e.agent, me=me)
