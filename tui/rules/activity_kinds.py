"""The kinds of activities: each event's name in words and its sentence are here, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .text import printable, shortened

#: The event in place of a row of the audit that someone changed so that it can't be shown.
UNREADABLE = "unreadable"
#: The longest text from outside in a sentence: what someone wrote into the audit may be any.
MOST = 300


class ActivityKind(NamedTuple):
    """``word`` is the kind's name, to find and filter by. ``sentence`` is filled with the pieces of ``activities.py``;
    a piece that isn't known is empty. If an event has a detail that ``variants`` names, that sentence is taken instead.
    """

    word: str
    sentence: str
    variants: Mapping[str, str] = {}


# Work's names are in capitals, so that they can't be confused with Share's.
_KINDS: dict[str, ActivityKind] = {
    "sent": ActivityKind("sent", "Sent{by}{source}{recipients}{unlisted}{carried}"),
    "published": ActivityKind(
        "published",
        "Published{by}{settings}",
        {"undone": "Published as before{by}", "why": "Published again: the server's clock was wrong"},
    ),
    "viewed": ActivityKind("page opened", "Page opened{with}{from}"),
    "scanned": ActivityKind("scanned", "Link checked by a mail scanner or a preview{from}"),
    "downloaded": ActivityKind("downloaded", "Downloaded{with}{from}{count}"),
    "delivered": ActivityKind(
        "delivered", "Delivered{to}{count}", {"to": "Delivered to a proxy{for}{count}"}
    ),
    "broken off": ActivityKind("broken off", "Download{with}{from} broke off{percent}"),
    "taken elsewhere": ActivityKind("another network", "Downloaded from another network{place}"),
    "fetched": ActivityKind(
        "own download", "{who} downloaded it", {"length": "{who} downloaded a part of it"}
    ),
    "previewed": ActivityKind("previewed", "{who} previewed or looked into it"),
    "unavailable": ActivityKind("unavailable", "A download failed{from}{fault}"),
    "wrong password": ActivityKind("wrong password", "Wrong password{with}{from}{attempt}"),
    "locked": ActivityKind("locked", "Locked after wrong passwords{tries}"),
    "unlocked": ActivityKind("unlocked", "Unlocked{by}"),
    "expired": ActivityKind("expired", "Expired"),
    "limit reached": ActivityKind(
        "limit reached", "Limit reached{count}", {"undone": "Off by its limit, as before{by}"}
    ),
    "unpublished": ActivityKind(
        "unpublished", "Unpublished{by}", {"why": "Stopped by an administrator{name}"}
    ),
    "resent": ActivityKind("sent again", "Sent again{by}{recipients}{settings}"),
    "deleted": ActivityKind("deleted", "Moved to the trash{by}"),
    "restored": ActivityKind("restored", "Restored from the trash{by}", {"undone": "Restored as before{by}"}),
    "purged": ActivityKind("purged", "Deleted for good{by}"),
    "recipients set": ActivityKind("recipients changed", "Recipients {new_recipients}"),
    "member added": ActivityKind("member added", "Added {member}{by}"),
    "member removed": ActivityKind("member removed", "Removed {member}{by}"),
    "recorded": ActivityKind(
        "recorded", "Its state is in the audit from here on", {"guarded": "The audit covers more"}
    ),
    "installed": ActivityKind("installed", "The audit begins"),
    "signed in": ActivityKind("signed in", "Signed in{with}{from}"),
    "sign-in refused": ActivityKind("sign-in refused", "Sign-in refused{with}{from}{times}"),
    "password set": ActivityKind(
        "password set", "Password changed{by}", {"person": "Password of {person} changed{by}"}
    ),
    "person added": ActivityKind("person added", "{subject} was added{admin}{by}"),
    "person named": ActivityKind("person named", "Changed the name or e-mail address of {person}{by}"),
    "person removed": ActivityKind("person removed", "{subject} was removed{by}{links}"),
    "policy changed": ActivityKind("policy changed", "Policy changed{by}: {rule} {change}"),
    "link stopped": ActivityKind("link stopped", "Stopped a link of {person}{by}"),
    "data folder added": ActivityKind("data folder added", "Another data folder anchors the audit"),
    "audit accepted": ActivityKind("audit accepted", "{operator} accepted the audit as it was{why}"),
    "key changed": ActivityKind("key changed", "{operator} changed the installation's key"),
    "store changed": ActivityKind(
        "store changed", "{operator} moved all documents from {from_store} to {to_store}"
    ),
    UNREADABLE: ActivityKind("unreadable", "Can't be shown: this row of the audit was changed"),
    # Work's
    "PREVIEW": ActivityKind("previewed", "Previewed or looked into{by}{comments}"),
    "LAUNCH": ActivityKind("opened", "Opened in Work{by}{comments}"),
    "VIEW": ActivityKind("viewed", "Viewed in Work{by}{comments}"),
    "CHECKOUT": ActivityKind("checked out", "Checked out{by}{comments}"),
    "CHECKIN": ActivityKind("checked in", "Checked in{by}{comments}"),
    "PROFILEEDIT": ActivityKind("profile edited", "Profile edited{by}{comments}"),
    "CLOSE": ActivityKind("closed", "Closed in Work{by}{comments}"),
    "NEWDOCUMENT": ActivityKind("new document", "Added to Work{by}{comments}"),
    "NEWDOCVER": ActivityKind("new version", "New version{by}{comments}"),
    "SECURITYCHANGE": ActivityKind("security changed", "Security changed{by}{comments}"),
    "COPYDOC": ActivityKind("copied", "Copied{by}{comments}"),
    "PRINT": ActivityKind("printed", "Printed{by}{comments}"),
    "MAIL": ActivityKind("e-mailed", "E-mailed from Work{by}{comments}"),
    "DELETE": ActivityKind("deleted", "Deleted in Work{by}{comments}"),
    "RESTORE": ActivityKind("restored", "Restored in Work{by}{comments}"),
    "PURGE": ActivityKind("purged", "Deleted for good in Work{by}{comments}"),
    "RELEASE": ActivityKind("released", "Check-out released{by}{comments}"),
    "EXPORT": ActivityKind("exported", "Exported from Work{by}{comments}"),
    "MODIFY": ActivityKind("changed", "Changed in Work{by}{comments}"),
    "SHARED": ActivityKind("shared", "Sent as a secure link{by}{link}"),
    "SHARE_EXPIRATION_MODIFIED": ActivityKind("expiry changed", "Expiry of its link changed{by}{link}"),
    "SHARE_REVOKED": ActivityKind("link stopped", "Its link was stopped{by}{link}"),
}
#: The kinds of events, as both sides call them.
KNOWN = frozenset(_KINDS)
#: What the kinds are called, to find and filter by.
KIND_WORDS = tuple(dict.fromkeys(kind.word for kind in _KINDS.values()))


def kind_of(name: str) -> ActivityKind:
    """The kind of an event; one that isn't known (of another Work server) is called as it calls itself."""
    found = _KINDS.get(name) or _KINDS.get(name.upper())
    if found is not None:
        return found
    word = shortened(printable(name), MOST).lower().replace("_", " ")
    return ActivityKind(
        word, f"{word[:1].upper()}{word[1:]}".replace("{", "{{").replace("}", "}}") + "{by}{comments}"
    )


def activity_text(name: str) -> str:
    """The name of an activity in lower-case words; Work's own names are in capitals."""
    return kind_of(name).word
