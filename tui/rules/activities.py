"""Activities in words: each kind of event has its name and its sentence here, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple

from .dates import expiry_texts
from .display import counted, moment_text, size_text
from .sent_text import downloads_text, reason_text, source_text
from .text import printable, shortened
from .user_agents import program_name

#: The event in place of a row of the audit that someone changed so that it can't be shown.
UNREADABLE = "unreadable"
#: Details that are shown only in the full view of an event.
BY_THE_WAY = ("sha256", "send", "name", "folder")
#: What the comments of Work's history begin with: who reads the sentence has just been told.
SEND_COMMENT = "Secure Sent Link "
_UTC_EXPIRY = re.compile(r"\bexpires (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC\b")
#: How many recipients a sentence names.
_NAMED = 2
#: The longest text from outside in a sentence, and the largest count: what someone wrote into the audit may be any.
_MOST, _LARGEST = 300, 10**12


class _ActivityKind(NamedTuple):
    """``word`` is the kind's name, to find and filter by. ``sentence`` is filled with :data:`_PIECES`; a piece that
    isn't known is empty. If an event has a detail that ``variants`` names, that sentence is taken instead."""

    word: str
    sentence: str
    variants: Mapping[str, str] = {}


# Work's names are in capitals, so that they can't be confused with Share's.
_KINDS: dict[str, _ActivityKind] = {
    "sent": _ActivityKind("sent", "Sent{by}{source}{recipients}{unlisted}{carried}"),
    "published": _ActivityKind(
        "published",
        "Published{by}{settings}",
        {"undone": "Published as before{by}", "why": "Published again: the server's clock was wrong"},
    ),
    "viewed": _ActivityKind("page opened", "Page opened{with}{from}"),
    "scanned": _ActivityKind("scanned", "Link checked by a mail scanner or a preview{from}"),
    "downloaded": _ActivityKind("downloaded", "Downloaded{with}{from}{count}"),
    "delivered": _ActivityKind(
        "delivered", "Delivered{to}{count}", {"to": "Delivered to a proxy{for}{count}"}
    ),
    "broken off": _ActivityKind("broken off", "Download{with}{from} broke off{percent}"),
    "taken elsewhere": _ActivityKind("another network", "Downloaded from another network{place}"),
    "fetched": _ActivityKind(
        "own download", "{who} downloaded it", {"length": "{who} downloaded a part of it"}
    ),
    "previewed": _ActivityKind("previewed", "{who} previewed or looked into it"),
    "unavailable": _ActivityKind("unavailable", "A download failed{from}{fault}"),
    "wrong password": _ActivityKind("wrong password", "Wrong password{with}{from}{attempt}"),
    "locked": _ActivityKind("locked", "Locked after wrong passwords{tries}"),
    "unlocked": _ActivityKind("unlocked", "Unlocked{by}"),
    "expired": _ActivityKind("expired", "Expired"),
    "limit reached": _ActivityKind(
        "limit reached", "Limit reached{count}", {"undone": "Off by its limit, as before{by}"}
    ),
    "unpublished": _ActivityKind(
        "unpublished", "Unpublished{by}", {"why": "Stopped by an administrator{name}"}
    ),
    "resent": _ActivityKind("sent again", "Sent again{by}{recipients}{settings}"),
    "deleted": _ActivityKind("deleted", "Moved to the trash{by}"),
    "restored": _ActivityKind(
        "restored", "Restored from the trash{by}", {"undone": "Restored as before{by}"}
    ),
    "purged": _ActivityKind("purged", "Deleted for good{by}"),
    "recipients set": _ActivityKind("recipients changed", "Recipients changed{by}{recipients}"),
    "member added": _ActivityKind("member added", "Added {member}{by}"),
    "member removed": _ActivityKind("member removed", "Removed {member}{by}"),
    "recorded": _ActivityKind(
        "recorded", "Its state is in the audit from here on", {"guarded": "The audit covers more"}
    ),
    "installed": _ActivityKind("installed", "The audit begins"),
    "signed in": _ActivityKind("signed in", "Signed in{with}{from}"),
    "sign-in refused": _ActivityKind("sign-in refused", "Sign-in refused{with}{from}{times}"),
    "password set": _ActivityKind(
        "password set", "Password changed{by}", {"person": "Password of {person} changed{by}"}
    ),
    "person added": _ActivityKind("person added", "{subject} was added{admin}{by}"),
    "person named": _ActivityKind("person named", "Changed the name or e-mail address of {person}{by}"),
    "person removed": _ActivityKind("person removed", "{subject} was removed{by}{links}"),
    "policy changed": _ActivityKind("policy changed", "Policy changed{by}: {rule} {change}"),
    "link stopped": _ActivityKind("link stopped", "Stopped a link of {person}{by}"),
    "data folder added": _ActivityKind("data folder added", "Another data folder anchors the audit"),
    "audit accepted": _ActivityKind("audit accepted", "{operator} accepted the audit as it was{why}"),
    "key changed": _ActivityKind("key changed", "{operator} changed the installation's key"),
    "store changed": _ActivityKind(
        "store changed", "{operator} moved all documents from {from_store} to {to_store}"
    ),
    UNREADABLE: _ActivityKind("unreadable", "Can't be shown: this row of the audit was changed"),
    # Work's
    "PREVIEW": _ActivityKind("previewed", "Previewed or looked into{by}{comments}"),
    "LAUNCH": _ActivityKind("opened", "Opened in Work{by}{comments}"),
    "VIEW": _ActivityKind("viewed", "Viewed in Work{by}{comments}"),
    "CHECKOUT": _ActivityKind("checked out", "Checked out{by}{comments}"),
    "CHECKIN": _ActivityKind("checked in", "Checked in{by}{comments}"),
    "PROFILEEDIT": _ActivityKind("profile edited", "Profile edited{by}{comments}"),
    "CLOSE": _ActivityKind("closed", "Closed in Work{by}{comments}"),
    "NEWDOCUMENT": _ActivityKind("new document", "Added to Work{by}{comments}"),
    "NEWDOCVER": _ActivityKind("new version", "New version{by}{comments}"),
    "SECURITYCHANGE": _ActivityKind("security changed", "Security changed{by}{comments}"),
    "COPYDOC": _ActivityKind("copied", "Copied{by}{comments}"),
    "PRINT": _ActivityKind("printed", "Printed{by}{comments}"),
    "MAIL": _ActivityKind("e-mailed", "E-mailed from Work{by}{comments}"),
    "DELETE": _ActivityKind("deleted", "Deleted in Work{by}{comments}"),
    "RESTORE": _ActivityKind("restored", "Restored in Work{by}{comments}"),
    "PURGE": _ActivityKind("purged", "Deleted for good in Work{by}{comments}"),
    "RELEASE": _ActivityKind("released", "Check-out released{by}{comments}"),
    "EXPORT": _ActivityKind("exported", "Exported from Work{by}{comments}"),
    "MODIFY": _ActivityKind("changed", "Changed in Work{by}{comments}"),
    "SHARED": _ActivityKind("shared", "Sent as a secure link{by}{link}"),
    "SHARE_EXPIRATION_MODIFIED": _ActivityKind("expiry changed", "Expiry of its link changed{by}{link}"),
    "SHARE_REVOKED": _ActivityKind("link stopped", "Its link was stopped{by}{link}"),
}
#: The kinds of events, as both sides call them.
KNOWN = frozenset(_KINDS)
#: What the kinds are called, to find and filter by.
KIND_WORDS = tuple(dict.fromkeys(kind.word for kind in _KINDS.values()))
#: Rules of the policy, as an administrator knows them.
_RULES = {
    "password_required": "a password is required",
    "password_min_length": "shortest password",
    "password_classes": "kinds of characters in passwords",
    "expires_required": "an expiration date is required",
    "expires_default": "usual expiry",
    "expires_max": "longest expiry",
    "downloads_required": "a download limit is required",
    "downloads_default": "usual download limit",
    "downloads_max": "highest download limit",
    "notify_default": "senders are notified",
    "folder_name": "name of folders",
    "grant_seconds": "seconds for a download",
    "password_refused": "passwords refused besides the common ones",
    "recipients_domains": "domains of recipients",
    "recipients_others": "recipients at other domains",
    "carries_warn": "what documents carry that is warned of",
    "carries_refuse": "what documents carry that is refused",
    "carries_unreadable": "documents that can't be looked into",
    "presets": "presets",
}
_FAULTS = {
    "missing": "its file is missing",
    "wrong size": "its file has another size",
    "unreadable": "its file can't be read",
    "damaged": "its file is damaged",
    "changed": "what the database says of it was changed",
}
#: The names of details as they are called elsewhere in the app.
_LABELS = {
    "unlisted": "not in the firm's list",
    "looked": "looked into",
    "overruled": "sent although it carries",
    "has_password": "password",
    "expires_at": "expires",
    "new_address": "new link",
    "source": "sent from",
    "source_name": "document in Work",
    "matter": "workspace",
    "sha256": "SHA-256",
    "first": "from byte",
    "length": "bytes",
    "percent": "received",
    "key": "rule",
    "why": "because",
    "send": "ID of the send",
    "admin": "administrator",
    "guarded": "objects covered",
    "seal": "from seal",
    "before": "newest seal before",
    "row": "row of the audit",
}


def _kind(name: str) -> _ActivityKind:
    """The kind of an event; one that isn't known (of another Work server) is called as it calls itself."""
    found = _KINDS.get(name) or _KINDS.get(name.upper())
    if found is not None:
        return found
    word = shortened(printable(name), _MOST).lower().replace("_", " ")
    return _ActivityKind(
        word, f"{word[:1].upper()}{word[1:]}".replace("{", "{{").replace("}", "}}") + "{by}{comments}"
    )


def activity_text(name: str) -> str:
    """The name of an activity in lower-case words; Work's own names are in capitals."""
    return _kind(name).word


def sentence(
    event: str,
    details: Mapping[str, Any],
    *,
    actor: str | None = None,
    address: str | None = None,
    agent: str | None = None,
    me: str = "",
) -> str:
    """What happened, as a sentence: ``Downloaded with Firefox from 203.0.113.7, 1 of 2``. It can be printed.

    ``actor`` is who did it, if that was a user, ``me`` the reader, whose own acts needn't say by whom.
    """
    kind = _kind(event)
    text = next((text for detail, text in kind.variants.items() if details.get(detail)), kind.sentence)
    return printable(text.format_map(_Filled(_Told(details, actor, address, agent, me))))


def send_sentence(
    sent: Mapping[str, Any],
    published: Mapping[str, Any],
    documents: int,
    *,
    actor: str | None = None,
    me: str = "",
) -> str:
    """What happened when that many documents were sent and published, as one sentence: ``Sent 3 documents to
    anna@example.com: 2 downloads``. ``sent`` and ``published`` are the details of the first of them."""
    what = "{by}{source}" if documents == 1 else f" {documents:,} documents{{by}}"
    filled = f"Sent{what}{{recipients}}{{unlisted}}{{carried}}".format_map(
        _Filled(_Told(sent, actor, None, None, me))
    )
    return printable(filled + _settings(_Told(published, actor, None, None, me)))


class _Told(NamedTuple):
    """What is known of an event; any of it may be hostile, or of any type."""

    details: Mapping[str, Any]
    actor: str | None
    address: str | None
    agent: str | None
    me: str

    @property
    def is_mine(self) -> bool:
        """Whether the reader did it."""
        return bool(self.actor) and str(self.actor).upper() == self.me.upper()

    def text(self, key: str, otherwise: str = "") -> str:
        """A detail as text, however long it is stored."""
        value = self.details.get(key)
        return shortened(value, _MOST) if isinstance(value, str) and value else otherwise

    def number(self, key: str) -> int | None:
        """A detail that counts something."""
        value = self.details.get(key)
        is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LARGEST
        return value if is_count else None


class _Filled(dict[str, str]):
    """The pieces of a sentence, each made when the sentence asks for it."""

    def __init__(self, told: _Told) -> None:
        super().__init__()
        self._told = told

    def __missing__(self, piece: str) -> str:
        return _PIECES[piece](self._told)


def _after(before: str, text: str | None) -> str:
    return f"{before}{text}" if text else ""


def _count(told: _Told) -> str:
    downloads, permitted = told.number("downloads"), told.number("downloads_permitted")
    if downloads is None:
        return ""
    if permitted is None:
        return f", {downloads:,} so far" if downloads > 1 else ""
    return f", {downloads_text(downloads, permitted)}"


def _settings(told: _Told) -> str:
    downloads = told.number("downloads_permitted")
    parts = [
        counted(downloads, "download")
        if downloads is not None
        else _without(told, "downloads_permitted", "downloads not limited"),
        _expiry(told) or _without(told, "expires_at", "no expiration date"),
    ]
    password = {
        "set": "with a new password",
        "kept": "with the same password",
        "removed": "without its password",
    }
    parts.append(
        password.get(told.text("password"), "with password" if told.details.get("has_password") else "")
    )
    parts.append("new link" if told.details.get("new_address") else "")
    return _after(": ", ", ".join(filter(None, parts)))


def _without(told: _Told, key: str, words: str) -> str:
    """``words`` if there is no such limit and it was sent again: it may have been removed. One that never was isn't
    mentioned."""
    return words if "new_address" in told.details and told.details.get(key, key) is None else ""


def _expiry(told: _Told) -> str:
    with suppress(OverflowError, ValueError):
        return expiry_texts(datetime.fromisoformat(told.text("expires_at")))[1]
    return ""


def _recipients(told: _Told) -> str:
    is_list = isinstance(told.details.get("recipients"), list)
    return f" to{_named(told, 'recipients') or ' none'}" if is_list else ""


def _named(told: _Told, key: str) -> str:
    """The first texts of a list, and how many more there are; empty if there are none."""
    found = told.details.get(key)
    if not isinstance(found, list) or not found:
        return ""
    named = [shortened(str(each), _MOST) for each in found[:_NAMED]]
    more = f" and {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
    return f" {', '.join(named)}{more}"


def _overruled(told: _Told) -> str:
    """What the sender was asked about, and sent nevertheless."""
    kinds, found = told.details.get("overruled"), told.details.get("carries")
    if not isinstance(kinds, list):
        return ""
    from .carried_policy import counted_kind

    counts = found if isinstance(found, dict) else {}
    named = [
        counted_kind(shortened(kind, _MOST), counts.get(kind))
        for kind in kinds[:_NAMED]
        if isinstance(kind, str)
    ]
    more = f" and {len(kinds) - _NAMED:,} more" if len(kinds) > _NAMED else ""
    return f"; sent although it carries {', '.join(named)}{more}" if named else ""


def _source(told: _Told) -> str:
    source = told.text("source")
    return _after(" from ", source_text(source, told.text("source_name"))) if source else ""


def _change(told: _Told) -> str:
    def text(key: str) -> str:
        value = told.details.get(key)
        return "none" if value is None else _value_text(key, value)

    return f"{text('to')} (was {text('from')})"


def _times(told: _Told) -> str:
    tries = told.number("tries") or 1
    return f", {tries:,} times within an hour" if tries > 1 else ""


def _link_comment(text: str) -> str:
    """What Work's history has of a link, with its expiration as it is written elsewhere."""

    def until(found: re.Match[str]) -> str:
        with suppress(OverflowError, ValueError):
            return expiry_texts(datetime.fromisoformat(found[1]).replace(tzinfo=UTC))[1]
        return found[0]

    return _UTC_EXPIRY.sub(until, text.removeprefix(SEND_COMMENT))


def _number_of(key: str, before: str, after: str = "") -> Callable[[_Told], str]:
    def text(told: _Told) -> str:
        number = told.number(key)
        return "" if number is None else f"{before}{number:,}{after}"

    return text


_PIECES: dict[str, Callable[[_Told], str]] = {
    "by": lambda told: "" if told.is_mine else _after(" by ", told.actor),
    "name": lambda told: _after(", ", told.actor),
    "who": lambda told: "You" if told.is_mine else told.actor or "Someone",
    "with": lambda told: _after(" with ", program_name(told.agent)),
    "from": lambda told: _after(" from ", told.address),
    "for": lambda told: _after(" for ", told.address),
    "to": lambda told: _after(" to ", told.address),
    "place": lambda told: _after(", ", told.address),
    "count": _count,
    "settings": _settings,
    "recipients": _recipients,
    "unlisted": lambda told: _after("; sent although the firm's list lacks", _named(told, "unlisted")),
    "carried": _overruled,
    "source": _source,
    "percent": _number_of("percent", " at ", " %"),
    "attempt": _number_of("tries", ", try "),
    "tries": _number_of("tries", " (", ")"),
    "times": _times,
    "fault": lambda told: _after(": ", _FAULTS.get(told.text("why"))),
    "why": lambda told: _after(": ", told.text("why")),
    "member": lambda told: told.text("member", "someone"),
    "person": lambda told: told.text("person", "someone"),
    "subject": lambda told: told.text("person", "Someone"),
    "operator": lambda told: told.text("operator", "Someone"),
    "from_store": lambda told: told.text("from_store", "one store"),
    "to_store": lambda told: told.text("to_store", "another"),
    "admin": lambda told: " as an administrator" if told.details.get("admin") is True else "",
    "links": lambda told: _after("; links stopped: ", str(told.number("unpublished") or "")),
    "rule": lambda told: _RULES.get(told.text("key"), "a rule"),
    "change": _change,
    "comments": lambda told: _after(": ", told.text("comments")),
    "link": lambda told: _after(": ", _link_comment(told.text("comments"))),
}


def details_in_words(details: Mapping[str, Any], without: Container[str] = ()) -> list[tuple[str, str]]:
    """The details of an event, each with its label."""
    return [
        (_LABELS.get(key) or key.replace("_", " "), _value_text(key, value))
        for key, value in details.items()
        if value is not None and value != "" and key not in without
    ]


def details_text(details: Mapping[str, Any], without: Container[str] = ()) -> str:
    """The details of an event in one line of words."""
    return ", ".join(f"{label}: {text}" for label, text in details_in_words(details, without))


def _value_text(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if key in ("carries", "overruled") and isinstance(value, dict | list):
        # Few events have any.
        from .carried_policy import counted_kind, in_order

        counts = value if isinstance(value, dict) else {}
        return ", ".join(counted_kind(kind, counts.get(kind)) for kind in in_order(value)) or "none"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    # What someone wrote into the audit may be beyond the calendar, or any size.
    with suppress(OverflowError, ValueError):
        if isinstance(value, int):
            return size_text(value) if key == "size" else f"{value:,}{'%' if key == 'percent' else ''}"
        if isinstance(value, str) and (key.endswith("_at") or key == "since"):
            return moment_text(datetime.fromisoformat(value))
    if key == "key":
        return _RULES.get(str(value), str(value))
    return reason_text(value) if key == "reason" else str(value)
