"""The events of both sides as one timeline: each an object like those of the protocol, in words, and as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from ..rules.activities import sentence
from ..rules.activity_filter import ActivityFilter
from ..rules.activity_kinds import activity_text
from ..rules.errors import NotFound
from ..rules.ids import is_version
from ..rules.link_comments import SentLink, wanted_of_work
from ..rules.text import printable
from .base.output import rfc3339, tell

if TYPE_CHECKING:
    from ..clients.share import ShareClient
    from ..clients.work import WorkClient
    from ..clients.work_history import Noted
    from ..wire.audit import AuditEvent
    from ..wire.work import Activity

#: A new one comes last: scripts may read them by position.
_COLUMNS = ("at", "side", "event", "actor", "address", "agent", "document", "details", "name", "sentence")
#: First characters of what a spreadsheet takes for a formula, also in the wide forms that some take for the same.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


async def account_events(
    share: ShareClient, whose: Literal["account", "installation"]
) -> list[dict[str, Any]]:
    """The events of the reader's own account, or of the installation, the latest first."""
    return [_of_share(event) async for event in share.audit.events_of(whose)]


async def timeline(share: ShareClient, work: WorkClient, id_: str | None) -> list[dict[str, Any]]:
    """The events of the document ``id_``, or of all of the reader's, the latest first. What Work can't tell of a
    document is left out, and said on standard error. Of one document, that is what is about its link."""
    from ..clients.timeline import name_source, note_send

    events, names, sends = [], dict[str, str](), list[SentLink]()
    async for event in share.audit.events(id_):
        events.append(_of_share(event))
        name_source(names, event)
        note_send(sends, event)
    sources = await _sources(share, events, id_)
    me = None if id_ else await work.me((await share.me()).user)
    wanted = wanted_of_work(id_ or None, sends, me)
    events += await _histories(work, sources, names, wanted, id_)
    return _newest_first(events)


def _newest_first(events: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sort events; one whose moment can't be read stays after the one that it came after."""
    placed: list[tuple[datetime, dict[str, Any]]] = []
    place = datetime.max.replace(tzinfo=UTC)
    for event in events:
        place = datetime.fromisoformat(event["at"]) if event["at"] else place
        placed.append((place, event))
    placed.sort(key=lambda entry: entry[0], reverse=True)
    return [event for _, event in placed]


async def _sources(share: ShareClient, events: Sequence[dict[str, Any]], id_: str | None) -> list[str]:
    """The versions in Work that were sent; those of purged documents are known only from the audit."""
    found = {str(event["details"].get("source", "")) for event in events}
    if id_:
        try:
            found.add((await share.document(id_)).source)
        except NotFound:
            pass  # Purged, but it still has its audit.
    return sorted(filter(is_version, found))


async def _histories(
    work: WorkClient,
    sources: Sequence[str],
    names: Mapping[str, str],
    wanted: Callable[[Activity], bool],
    id_: str | None,
) -> list[dict[str, Any]]:
    """What is wanted of the histories of these versions; unless it is about one link, of all versions of their
    documents."""
    from ..clients.work_history import read_history

    found: list[dict[str, Any]] = []
    read = set[str]()
    for source in sources:
        document = source.rpartition(".")[0]
        if document in read:
            continue
        history = await read_history(work, source, all_versions=not id_)
        if history.problem is not None:
            tell(f"Can't read Work's history of {source}: {history.problem.message}")
        # Of a version that was deleted, the others may be there.
        if not (id_ or isinstance(history.problem, NotFound)):
            read.add(document)
        found += [
            _of_work(noted, names.get(noted.source) or names.get(source))
            for noted in history.noted
            if wanted(noted.activity)
        ]
    return found


def _of_share(event: AuditEvent) -> dict[str, Any]:
    return event.model_dump(mode="json")


def _of_work(noted: Noted, name: str | None) -> dict[str, Any]:
    activity = noted.activity
    at = (activity.at or datetime.fromtimestamp(0, UTC)).astimezone(UTC)
    return {
        "id": f"{noted.source}#{noted.number}",
        "at": rfc3339(at),
        "side": "work",
        "event": activity.name,
        "actor": activity.user,
        "address": activity.location,
        "agent": None,
        "details": noted.details,
        "document": noted.source,
        "folder": None,
        "person": None,
        "name": name,
    }


def sentence_of(event: Mapping[str, Any]) -> str:
    """What happened, as a sentence."""
    return sentence(
        event["event"],
        event["details"],
        actor=event["actor"],
        address=event["address"],
        agent=event["agent"],
    )


def is_wanted(event: Mapping[str, Any], wanted: ActivityFilter) -> bool:
    """Whether a filter lets the event through."""
    return wanted.lets_through(
        kind=activity_text(event["event"]),
        by=event["actor"] or event["address"] or "",
        document=event["name"] or event["document"] or "",
        text=" ".join((sentence_of(event), event["side"], event["name"] or "", event["actor"] or "")),
    )


def as_csv(events: Iterable[dict[str, Any]]) -> str:
    """A line for each event below the names of the columns."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for event in events:
        row = event | {"details": json.dumps(event["details"]), "sentence": sentence_of(event)}
        writer.writerow(_cell(row[column]) for column in _COLUMNS)
    return text.getvalue()


def _cell(value: Any) -> str:
    """The text of a cell. What a spreadsheet would take for a formula, also after blanks, gets an apostrophe."""
    text = "" if value is None else printable(str(value))
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
