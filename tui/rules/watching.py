"""Watching what happens to documents: the events by their names, and which of them can't happen any more."""

from __future__ import annotations

from .activity_kinds import activity_text
from .errors import InvalidValue
from .similar import with_question
from .state import Event
from .text import printable

#: The events of documents and folders that a stream tells.
EVENTS = (
    Event.SENT, Event.PUBLISHED, Event.VIEWED, Event.SCANNED, Event.DOWNLOADED, Event.DELIVERED, Event.BROKEN_OFF,
    Event.TAKEN_ELSEWHERE, Event.FETCHED, Event.PREVIEWED, Event.UNAVAILABLE, Event.WRONG_PASSWORD, Event.LOCKED,
    Event.UNLOCKED, Event.EXPIRED, Event.LIMIT_REACHED, Event.UNPUBLISHED, Event.RESENT, Event.DELETED, Event.RESTORED,
    Event.PURGED, Event.RECIPIENTS_SET, Event.MEMBER_ADDED, Event.MEMBER_REMOVED,
)  # fmt: skip
#: After these, a link works (again).
WORKS = frozenset({Event.SENT, Event.PUBLISHED, Event.RESENT})
#: With these, it begins anew: what happened before was with other settings. When an undo publishes it, it goes on.
BEGINS = frozenset({Event.SENT, Event.RESENT})
#: What happens to a link once for all its settings: it counts also if it was sent again since.
ONCE = frozenset({Event.SENT, Event.PUBLISHED})
#: What recipients do with a link that works, and what becomes of it only then.
_ON_A_LINK = frozenset(
    {
        Event.VIEWED,
        Event.SCANNED,
        Event.DOWNLOADED,
        Event.WRONG_PASSWORD,
        Event.LOCKED,
        Event.LIMIT_REACHED,
        Event.EXPIRED,
    }
)
#: What can still happen to a download that was begun before the limit was reached.
_OF_A_GRANT = frozenset({Event.DELIVERED, Event.BROKEN_OFF, Event.TAKEN_ELSEWHERE, Event.UNAVAILABLE})
#: How a link ends, in words.
ENDINGS = {
    Event.EXPIRED: "has expired",
    Event.UNPUBLISHED: "was unpublished",
    Event.LIMIT_REACHED: "has reached its download limit",
    Event.DELETED: "was deleted",
    Event.PURGED: "was deleted for good",
}


def event_named(text: str, field: str) -> Event:
    """The event of that name, of several words with blanks, hyphens or underscores between them; or of what activities
    call it (``sent again``). Raises :class:`InvalidValue` about ``field`` if there is none."""
    name = " ".join(text.replace("_", " ").replace("-", " ").split()).casefold()
    if name in EVENTS:
        return Event(name)
    for event in EVENTS:
        if activity_text(event) == name:
            return event
    known = [str(event) for event in EVENTS]
    message = f"There is no event “{printable(text)}”; the events are {', '.join(known)}."
    raise InvalidValue("event.unknown", with_question(message, name, known), field)


def ends(event: str, wanted: Event) -> bool:
    """Whether ``wanted`` can't happen to the link any more after ``event``."""
    if event == Event.PURGED:
        return True
    if event == Event.LIMIT_REACHED:
        return wanted in _ON_A_LINK
    return event in ENDINGS and wanted in _ON_A_LINK | _OF_A_GRANT


def ends_with_grants(event: str, wanted: Event) -> bool:
    """Whether ``wanted`` can happen after ``event`` only to downloads that have begun by then."""
    return event == Event.LIMIT_REACHED and wanted in _OF_A_GRANT
