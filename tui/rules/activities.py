"""Activities as sentences: what happened, from the details of an event."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple

from .activity_details import RULES, value_text
from .activity_kinds import MOST, kind_of
from .dates import expiry_texts
from .display import counted
from .link_comments import SEND_COMMENT
from .sent_text import downloads_text, source_text
from .text import printable, shortened
from .user_agents import program_name

_UTC_EXPIRY = re.compile(r"\bexpires (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC\b")
#: How many recipients a sentence names.
_NAMED = 2
#: The largest count: what someone wrote into the audit may be any.
_LARGEST = 10**12
_FAULTS = {
    "missing": "its file is missing",
    "wrong size": "its file has another size",
    "unreadable": "its file can't be read",
    "damaged": "its file is damaged",
    "changed": "what the database says of it was changed",
}


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
    kind = kind_of(event)
    text = next((text for detail, text in kind.variants.items() if details.get(detail)), kind.sentence)
    told = _Told(details, actor, address, agent, me)
    return printable(text.format_map(_Filled(told)) + _version(told))


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
        return shortened(value, MOST) if isinstance(value, str) and value else otherwise

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


def _version(told: _Told) -> str:
    """Of which version it is, if that isn't the newest."""
    number = told.number("version")
    return "" if number is None else f" · version {number}"


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
    if _has_none_left(told):
        return " without recipients"
    return _after(" to", _named(told, "recipients"))


def _new_recipients(told: _Told) -> str:
    changed = "removed" if _has_none_left(told) else "changed"
    by = "" if told.is_mine else _after(" by ", told.actor)
    return f"{changed}{by}{_after(' to', _named(told, 'recipients'))}"


def _has_none_left(told: _Told) -> bool:
    """Whether there are no recipients. Members of the folder aren't told which there are."""
    return told.details.get("recipients") == []


def _named(told: _Told, key: str) -> str:
    """The first texts of a list, and how many more there are; empty if there are none."""
    found = told.details.get(key)
    if not isinstance(found, list) or not found:
        return ""
    named = [shortened(str(each), MOST) for each in found[:_NAMED]]
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
        counted_kind(shortened(kind, MOST), counts.get(kind))
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
        return "none" if value is None else value_text(key, value)

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

    # Who reads the sentence has just been told that it is a link.
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
    "new_recipients": _new_recipients,
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
    "rule": lambda told: RULES.get(told.text("key"), "a rule"),
    "change": _change,
    "comments": lambda told: _after(": ", told.text("comments")),
    "link": lambda told: _after(": ", _link_comment(told.text("comments"))),
}
