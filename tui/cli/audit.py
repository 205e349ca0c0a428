"""``sentlinks audit``: what happened, on both sides, as one timeline."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from ..rules.errors import NotFound, Problem
from ..rules.ids import is_version
from ..rules.text import printable
from . import common
from .common import Session
from .links import moment
from .output import emit, say, table, tell

if TYPE_CHECKING:
    from ..clients.share import ShareClient
    from ..clients.work import WorkClient
    from ..wire.share import AuditEvent, AuditVerdict
    from ..wire.work import Activity

_COLUMNS = ("at", "side", "event", "actor", "address", "agent", "document", "details")
#: What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@click.command("audit")
@click.argument("id_", metavar="[ID]", required=False)
@click.option(
    "--format", "form", type=click.Choice(["jsonl", "csv"]), help="One event a line, for other programs."
)
@click.option(
    "--verify", is_flag=True, help="Prove that no row of Share's audit was changed, added or left out."
)
@common.remote
def audit_command(session: Session, id_: str | None, form: str | None, verify: bool) -> int:
    """Show what happened to a document, or to all that is yours; the latest first.

    Both sides are told: Share's, and Work's for what was sent from there.
    """
    events = session.both(lambda share, work: _timeline(share, work, id_))
    verdict = session.share(lambda share: share.verify_audit(id_)) if verify else None
    if session.json:
        emit({"events": events} | ({"verified": verdict.model_dump(mode="json")} if verdict else {}))
    elif form == "jsonl":
        for event in events:
            say(json.dumps(event))
    elif form == "csv":
        for line in _csv(events).splitlines():
            say(line)
    elif not events:
        tell("Nothing has happened yet.")
    else:
        table(("AT", "SIDE", "EVENT", "BY", "ADDRESS", "DETAILS"), [_row(event) for event in events])
    return _judge(session, verdict) if verdict else 0


def _judge(session: Session, verdict: AuditVerdict) -> int:
    """Tells what the proof came to, and answers the exit status."""
    broken = verdict.broken
    if broken:
        tell(f"The audit is broken at row {broken.sequence:,} of {printable(broken.subject)}: {broken.why}.")
        return 1
    session.inform(
        f"The audit is whole: {verdict.rows:,} rows of {verdict.chains:,} chains are as they were written."
    )
    return 0


async def _timeline(share: ShareClient, work: WorkClient, id_: str | None) -> list[dict[str, Any]]:
    events = [_of_share(event) async for event in share.audit(id_)]
    sources = await _sources(share, events, id_)
    me = None if id_ else await work.me((await share.me()).user)
    for source in sources:
        events += [event for event in await _history(work, source) if me is None or event["actor"] == me]
    return sorted(events, key=lambda event: datetime.fromisoformat(event["at"]), reverse=True)


async def _sources(share: ShareClient, events: Sequence[dict[str, Any]], id_: str | None) -> list[str]:
    """The versions of Work that were sent; those of purged documents are known from the audit only."""
    found = {str(event["details"].get("source", "")) for event in events}
    if id_:
        try:
            found.add((await share.document(id_)).source)
        except NotFound:
            pass  # Purged: its audit goes on.
    return sorted(filter(is_version, found))


async def _history(work: WorkClient, source: str) -> list[dict[str, Any]]:
    from ..clients.work import pages

    found: list[dict[str, Any]] = []
    try:
        async for page in pages(lambda cursor: work.history(source, cursor)):
            found += [_of_work(activity, source, n) for n, activity in enumerate(page.items, len(found))]
    except Problem as problem:
        tell(f"Work's history of {source} cannot be had: {problem.message}")
    return found


def _of_share(event: AuditEvent) -> dict[str, Any]:
    return event.model_dump(mode="json")


def _of_work(activity: Activity, source: str, number: int) -> dict[str, Any]:
    at = (activity.at or datetime.fromtimestamp(0, UTC)).astimezone(UTC)
    details = {"application": activity.application_name, "comments": activity.comments}
    return {
        "id": f"{source}#{number}",
        "at": at.isoformat().replace("+00:00", "Z"),
        "side": "work",
        "event": activity.name,
        "actor": activity.user,
        "address": activity.location,
        "agent": None,
        "details": {key: value for key, value in details.items() if value},
        "document": source,
        "folder": None,
    }


def _row(event: dict[str, Any]) -> tuple[str, ...]:
    details = ", ".join(f"{key}: {value}" for key, value in event["details"].items() if value is not None)
    return (
        moment(datetime.fromisoformat(event["at"])),
        event["side"],
        event["event"],
        event["actor"] or "-",
        event["address"] or "-",
        details or "-",
    )


def _csv(events: Iterable[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for event in events:
        row = event | {"details": json.dumps(event["details"])}
        writer.writerow(_cell(row[column]) for column in _COLUMNS)
    return text.getvalue()


def _cell(value: Any) -> str:
    text = "" if value is None else printable(str(value))
    return f"'{text}" if text.startswith(_FORMULA) else text
