"""The states of a sent document, and what each act does to it.

::

                 resend                      limit reached · expired · unpublish
         ┌───────────────────┐       ┌────────────────────────────────────────────┐
         │                   ▼       │                                            ▼
         └────────────── PUBLISHED ──┘                                       UNPUBLISHED
                             │            ◄──────── resend · undo ─────────────   │
                             │                                                    │
                             └─────── delete ──► TRASHED ◄────── delete ──────────┘
                                                  │   │
                                    empty trash   │   ├── restore ──► UNPUBLISHED
                                                  │   └── undelete ─► as before the deletion
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
cut off   unpublished    unpublished    by hand      kept    unpublished
undo      unpublished    published      none         kept    published
let go on unpublished    unpublished    limit        kept    limit reached
resend    (un)published  published      none         0       resent
delete    published      trashed        by hand      kept    deleted
delete    unpublished    trashed        kept         kept    deleted
restore   trashed        unpublished    kept         kept    restored
undelete  trashed        published      none         kept    published
put back  trashed        unpublished    kept         kept    restored
purge     trashed        purged         kept         kept    purged
========= ============== ============== ============ ======= ===================

If the bytes of a download turn out to be damaged before all were delivered, it is removed from the counter again; if
it was the last one permitted, the document is published again.

The External flag is On exactly in PUBLISHED: while the link accepts new downloads. A grant remains valid if the limit
is reached, and ends immediately with every other act that stops the link; undoing an unpublishing or a deletion
restores the grants that it ended. That is possible for half a minute, as long as nothing else has happened to the
document, or nothing that hasn't been undone (:func:`check_undo`). Unpublishing a document that has reached its limit
cuts off the downloads under way, which the undo lets go on. A deletion is undone by *undelete* if the document was
published until then, and its link hasn't expired meanwhile, otherwise by *put back*.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from .errors import Conflict

#: How long an unpublishing by hand or a deletion can be undone, and the extra time that the server allows for a slow
#: connection.
UNDO_WINDOW = timedelta(seconds=30)
UNDO_GRACE = timedelta(seconds=10)


class State(StrEnum):
    """Where a sent document is in its life; ``PURGED`` is the end, and nothing leads out of it."""

    PUBLISHED = "published"
    UNPUBLISHED = "unpublished"
    TRASHED = "trashed"
    PURGED = "purged"


class Reason(StrEnum):
    """Why a document isn't published."""

    BY_HAND = "by hand"
    EXPIRED = "expired"
    LIMIT = "limit"


class EndedBy(StrEnum):
    """Who or what has ended a link with the reason :attr:`Reason.BY_HAND`."""

    OWNER = "owner"
    #: It was published when its owner deleted it.
    DELETION = "deletion"
    ADMINISTRATOR = "administrator"


class Event(StrEnum):
    """The events that Share writes to the audit."""

    SENT = "sent"
    PUBLISHED = "published"
    VIEWED = "viewed"
    SCANNED = "scanned"
    DOWNLOADED = "downloaded"
    # All bytes were delivered; a request for them ended early. Recorded once per grant and network, like the next one.
    DELIVERED = "delivered"
    BROKEN_OFF = "broken off"
    TAKEN_ELSEWHERE = "taken elsewhere"
    FETCHED = "fetched"
    # Its text was looked at in the program; once a person and day.
    PREVIEWED = "previewed"
    # The document was requested, but its bytes couldn't be read or had been altered.
    UNAVAILABLE = "unavailable"
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
    # Whom its links are for, as the sender's note, was changed after the send.
    RECIPIENTS_SET = "recipients set"
    MEMBER_ADDED = "member added"
    MEMBER_REMOVED = "member removed"
    # Once, for a document sent before the audit recorded document states: its state is recorded from then on.
    RECORDED = "recorded"
    # About users and the installation.
    INSTALLED = "installed"
    SIGNED_IN = "signed in"
    SIGN_IN_REFUSED = "sign-in refused"
    PASSWORD_SET = "password set"  # noqa: S105
    PERSON_ADDED = "person added"
    PERSON_NAMED = "person named"
    PERSON_REMOVED = "person removed"
    POLICY_CHANGED = "policy changed"
    # An administrator has unpublished another person's document, whose own audit has that, too.
    LINK_STOPPED = "link stopped"
    # Another machine anchors the audit from now on; an operator accepted a broken audit.
    DATA_FOLDER_ADDED = "data folder added"
    AUDIT_ACCEPTED = "audit accepted"
    # All keys of documents are encrypted with another key of the installation.
    KEY_CHANGED = "key changed"
    # All documents were moved to another store.
    STORE_CHANGED = "store changed"


class Act(StrEnum):
    """What can happen to a sent document, by people or by the server."""

    DOWNLOAD = "download"
    LIMIT = "limit"
    EXPIRE = "expire"
    UNPUBLISH = "unpublish"
    CUT_OFF = "cut off"
    UNDO = "undo"
    LET_GO_ON = "let go on"
    RESEND = "resend"
    DELETE = "delete"
    RESTORE = "restore"
    UNDELETE = "undelete"
    PUT_BACK = "put back"
    PURGE = "purge"


@dataclass(frozen=True, slots=True)
class Effect:
    """What an act does: the resulting state, the audit event, the reason it sets (``None`` keeps the old one) or
    clears, whether the counter is reset to zero, and whether grants end or earlier ones are restored."""

    state: State
    event: Event
    reason: Reason | None = None
    clears_reason: bool = False
    resets_counter: bool = False
    ends_grants: bool = False
    restores_grants: bool = False


_EFFECTS: dict[tuple[State, Act], Effect] = {
    (State.PUBLISHED, Act.DOWNLOAD): Effect(State.PUBLISHED, Event.DOWNLOADED),
    (State.PUBLISHED, Act.LIMIT): Effect(State.UNPUBLISHED, Event.LIMIT_REACHED, Reason.LIMIT),
    (State.PUBLISHED, Act.EXPIRE): Effect(State.UNPUBLISHED, Event.EXPIRED, Reason.EXPIRED, ends_grants=True),
    (State.PUBLISHED, Act.UNPUBLISH): Effect(
        State.UNPUBLISHED, Event.UNPUBLISHED, Reason.BY_HAND, ends_grants=True
    ),
    (State.UNPUBLISHED, Act.CUT_OFF): Effect(
        State.UNPUBLISHED, Event.UNPUBLISHED, Reason.BY_HAND, ends_grants=True
    ),
    (State.UNPUBLISHED, Act.LET_GO_ON): Effect(
        State.UNPUBLISHED, Event.LIMIT_REACHED, Reason.LIMIT, restores_grants=True
    ),
    (State.UNPUBLISHED, Act.UNDO): Effect(
        State.PUBLISHED, Event.PUBLISHED, clears_reason=True, restores_grants=True
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
    (State.TRASHED, Act.UNDELETE): Effect(
        State.PUBLISHED, Event.PUBLISHED, clears_reason=True, restores_grants=True
    ),
    (State.TRASHED, Act.PUT_BACK): Effect(State.UNPUBLISHED, Event.RESTORED, restores_grants=True),
    (State.TRASHED, Act.PURGE): Effect(State.PURGED, Event.PURGED),
}


def effect(state: State, act: Act) -> Effect | None:
    """What ``act`` does in ``state``; ``None`` if it does nothing or isn't possible there."""
    return _EFFECTS.get((state, act))


#: What is undone by :attr:`Act.UNPUBLISH` and :attr:`Act.DELETE`, and what to do if it is too late for that.
_UNDONE = {
    Act.UNPUBLISH: ("Unpublishing", "Send the document again instead."),
    Act.DELETE: ("Deleting", "Restore the document from the trash instead."),
}


def check_undo(
    done_at: datetime | None,
    meant: datetime,
    expires_at: datetime | None,
    now: datetime,
    act: Act = Act.UNPUBLISH,
) -> None:
    """Raise :class:`Conflict` if the unpublishing or deletion (``act``) at the time ``meant`` can't be undone ``now``.

    ``done_at`` is the document's own value, which is ``None`` if something else has happened since.
    """
    if done_at != meant:
        raise Conflict("undo.changed", "The document has changed since, so this can't be undone.")
    if act is Act.UNPUBLISH and has_expired(expires_at, now):
        raise Conflict("undo.expired", "The link has expired by now. Send it again with a new expiry.")
    if now > done_at + UNDO_WINDOW + UNDO_GRACE:
        what, instead = _UNDONE[act]
        raise Conflict("undo.late", f"{what} can be undone for {UNDO_WINDOW.seconds} seconds. {instead}")


def has_expired(expires_at: datetime | None, now: datetime) -> bool:
    """Whether a link with this expiry has stopped by ``now``."""
    return expires_at is not None and expires_at <= now


def external(state: State) -> bool:
    """Whether the External flag is On."""
    return state is State.PUBLISHED
