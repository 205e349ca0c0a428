"""The states of a sent document, and what each act does to it.

::

                 resend                      limit reached · expired · unpublish
         ┌───────────────────┐       ┌────────────────────────────────────────────┐
         │                   ▼       │                                            ▼
         └────────────── PUBLISHED ──┘                                       UNPUBLISHED
                             │            ◄──────────── resend ────────────────   │
                             │                                                    │
                             └─────── delete ──► TRASHED ◄────── delete ──────────┘
                                                  │   │
                                    empty trash   │   └── restore ──► UNPUBLISHED
                                                  ▼
                                               PURGED

What an act does to link, counter, flag and audit:

========= ============== ============== ============ ======= ===================
act       from           to             reason       counter audit event
========= ============== ============== ============ ======= ===================
publish   (nothing)      published      none         0       published
download  published      published      none         + 1     downloaded
limit     published      unpublished    limit        kept    limit reached
expire    published      unpublished    expired      kept    expired
unpublish published      unpublished    by hand      kept    unpublished
resend    (un)published  published      none         0       resent
delete    published      trashed        by hand      kept    deleted
delete    unpublished    trashed        kept         kept    deleted
restore   trashed        unpublished    kept         kept    restored
purge     trashed        purged         kept         kept    purged
========= ============== ============== ============ ======= ===================

The External flag is On exactly in PUBLISHED: whenever the link gives out something new. A grant that
was given stays good where the limit was reached, and ends at once with every other act.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    PUBLISHED = "published"
    UNPUBLISHED = "unpublished"
    TRASHED = "trashed"
    PURGED = "purged"


class Reason(StrEnum):
    """Why a document is not published."""

    BY_HAND = "by hand"
    EXPIRED = "expired"
    LIMIT = "limit"


class Event(StrEnum):
    """The events that Share writes to the audit."""

    SENT = "sent"
    PUBLISHED = "published"
    VIEWED = "viewed"
    SCANNED = "scanned"
    DOWNLOADED = "downloaded"
    FETCHED = "fetched"
    WRONG_PASSWORD = "wrong password"  # noqa: S105
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    EXPIRED = "expired"
    LIMIT_REACHED = "limit reached"
    UNPUBLISHED = "unpublished"
    RESENT = "resent"
    DELETED = "deleted"
    RESTORED = "restored"
    PURGED = "purged"
    MEMBER_ADDED = "member added"
    MEMBER_REMOVED = "member removed"


class Act(StrEnum):
    DOWNLOAD = "download"
    LIMIT = "limit"
    EXPIRE = "expire"
    UNPUBLISH = "unpublish"
    RESEND = "resend"
    DELETE = "delete"
    RESTORE = "restore"
    PURGE = "purge"


@dataclass(frozen=True, slots=True)
class Effect:
    """What an act does: the state it leads to, the reason it sets (``None`` keeps the old one), whether
    the counter starts at zero, whether grants end, and the audit event."""

    state: State
    event: Event
    reason: Reason | None = None
    clears_reason: bool = False
    resets_counter: bool = False
    ends_grants: bool = False


_EFFECTS: dict[tuple[State, Act], Effect] = {
    (State.PUBLISHED, Act.DOWNLOAD): Effect(State.PUBLISHED, Event.DOWNLOADED),
    (State.PUBLISHED, Act.LIMIT): Effect(State.UNPUBLISHED, Event.LIMIT_REACHED, Reason.LIMIT),
    (State.PUBLISHED, Act.EXPIRE): Effect(State.UNPUBLISHED, Event.EXPIRED, Reason.EXPIRED, ends_grants=True),
    (State.PUBLISHED, Act.UNPUBLISH): Effect(
        State.UNPUBLISHED, Event.UNPUBLISHED, Reason.BY_HAND, ends_grants=True
    ),
    (State.PUBLISHED, Act.RESEND): Effect(
        State.PUBLISHED, Event.RESENT, clears_reason=True, resets_counter=True, ends_grants=True
    ),
    (State.UNPUBLISHED, Act.RESEND): Effect(
        State.PUBLISHED, Event.RESENT, clears_reason=True, resets_counter=True, ends_grants=True
    ),
    (State.PUBLISHED, Act.DELETE): Effect(State.TRASHED, Event.DELETED, Reason.BY_HAND, ends_grants=True),
    (State.UNPUBLISHED, Act.DELETE): Effect(State.TRASHED, Event.DELETED, ends_grants=True),
    (State.TRASHED, Act.RESTORE): Effect(State.UNPUBLISHED, Event.RESTORED),
    (State.TRASHED, Act.PURGE): Effect(State.PURGED, Event.PURGED),
}


def effect(state: State, act: Act) -> Effect | None:
    """What ``act`` does in ``state``; ``None`` where it does nothing or is not to be had there."""
    return _EFFECTS.get((state, act))


def external(state: State) -> bool:
    """Whether the External flag is On."""
    return state is State.PUBLISHED
