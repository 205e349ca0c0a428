"""An event of the server as a line, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...rules.activities import sentence
from ...rules.told_settings import told_settings
from ..base.output import emit, flush, rfc3339, say
from ..links import moment

if TYPE_CHECKING:
    from ...clients.events import DocumentEvent
    from ...wire.audit import AuditEvent

#: What an event counts; of the rest of the audit's details, only the link's settings are for a stream.
_COUNTS = ("downloads", "downloads_permitted", "percent", "tries")


def fields(event: DocumentEvent, *, repeated: bool = False) -> dict[str, Any]:
    """An event as it is printed: like those of ``sentlinks audit``. ``repeated``: it may have been told before.

    There is neither a link nor a password in it.
    """
    told = {
        "id": event.ident,
        "at": None if event.at is None else rfc3339(event.at),
        "side": "share",
        "event": event.event,
        "actor": event.actor,
        "address": event.address,
        "agent": event.agent,
        "details": _details(event),
        "document": event.document,
        "folder": event.folder,
        "name": event.name,
    }
    return told | {"repeated": True} if repeated else told


def _details(event: DocumentEvent) -> dict[str, Any]:
    return {**event.counts, **event.settings}


def of_audit(event: AuditEvent) -> DocumentEvent:
    """A row of the audit as an event of the stream."""
    from ...clients.events import DocumentEvent

    counts = {name: value for name, value in event.details.items() if name in _COUNTS and type(value) is int}
    return DocumentEvent(
        event.event, event.document, event.folder, event.at, event.id, event.name, event.actor, event.address, counts,
        event.agent, told_settings(event.details),
    )  # fmt: skip


def show(event: DocumentEvent, *, json: bool, repeated: bool) -> None:
    """Print an event at once. Raises :class:`~tui.cli.base.output.OutputClosed` if nobody reads it any more."""
    if json:
        emit(fields(event, repeated=repeated))
    else:
        what = sentence(
            event.event, _details(event), actor=event.actor, address=event.address, agent=event.agent
        )
        about = event.name or event.document or event.folder or ""
        again = " (may have been shown before)" if repeated else ""
        say(f"{moment(event.at)}  {about}: {what}{again}")
    flush()
