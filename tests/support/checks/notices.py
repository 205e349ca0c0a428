"""Events that notices are told of, and what is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from tui.clients.events import DocumentEvent
from tui.session.notices import (
    Notices,
)

ME = "DJONES"


HOSTILE = "\x1b]0;x\x07\u202egnp.\n{count}%s.pdf"


def happening(
    event: str = "delivered",
    *,
    ident: str = "",
    name: str | None = "Offer.pdf",
    document: str | None = "d1",
    actor: str | None = None,
    address: str | None = "203.0.113.7",
    counts: Mapping[str, int] | None = None,
    begun_at: datetime | None = None,
) -> DocumentEvent:
    return DocumentEvent(
        event, document, "f1", None, ident, name, actor, address, counts or {}, begun_at=begun_at
    )


def told(*events: DocumentEvent, now: float = 0.0) -> Notices:
    notices = Notices()
    for event in events:
        notices.happened(event, ME, now)
    return notices


def text_of(notices: Notices, now: float = 0.0) -> str:
    line = notices.line(now)
    return line.text() if line is not None else ""
