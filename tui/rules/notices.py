"""Notices of what recipients and others do with what was sent: of which events, and in which words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .display import counted
from .sent_text import downloads_text
from .state import Event
from .text import printable

#: The tones, the least urgent first.
TONES = ("", "good", "warn", "bad")


class NoticeKind(NamedTuple):
    """``text`` says that it happened once, ``again`` how often, if such notices of a document become one; ``one`` and
    ``many`` count notices of this kind. ``uncollected`` says it, in ``uncollected_tone``, if no download has arrived;
    without a ``text``, nothing is said of it otherwise. It takes the place of the document's notices of the kinds that
    it ``settles``, and of one of those in ``settles_one``: that of the same download. The terminal rings if it
    ``alerts``."""

    tone: str
    text: str
    one: str
    many: str
    again: str = ""
    uncollected: str = ""
    uncollected_tone: str = ""
    settles: tuple[str, ...] = ()
    settles_one: tuple[str, ...] = ()
    alerts: bool = True


#: What is told, by the events of :class:`tui.rules.state.Event`.
KINDS = {
    # Mostly, it arrives in a moment, and a delivery takes its place.
    "downloaded": NoticeKind(
        "",
        "Download of {name}{from} has begun{count}, not arrived yet",
        "begun download",
        "begun downloads",
        alerts=False,
    ),
    "delivered": NoticeKind(
        "good",
        "{name} delivered{to}{count}",
        "delivery",
        "deliveries",
        settles=("limit reached",),
        settles_one=("downloaded",),
    ),
    "broken off": NoticeKind(
        "warn",
        "Download of {name}{from} broke off{percent}",
        "broken download",
        "broken downloads",
        settles_one=("downloaded",),
    ),
    "taken elsewhere": NoticeKind(
        "warn",
        "{name} downloaded from another network{place}",
        "download from another network",
        "downloads from another network",
    ),
    "wrong password": NoticeKind(
        "warn",
        "Wrong password for {name}{from}",
        "wrong password",
        "wrong passwords",
        "{times} wrong passwords for {name}{last}",
    ),
    "locked": NoticeKind("warn", "{name} is locked after wrong passwords", "locked link", "locked links"),
    "unavailable": NoticeKind(
        "bad",
        "{name} could not be downloaded: the server can't read its file",
        "failed download",
        "failed downloads",
        settles_one=("downloaded",),
    ),
    "expired": NoticeKind(
        "",
        "{name} has expired",
        "expired link",
        "expired links",
        uncollected="{name} has expired without being collected",
        uncollected_tone="warn",
    ),
    # Here, too, a delivery follows mostly.
    "limit reached": NoticeKind(
        "",
        "",
        "used-up link",
        "used-up links",
        uncollected="{name} is used up{count}, and no download has arrived yet",
    ),
    "unpublished": NoticeKind("warn", "{name} was stopped{by}", "stopped link", "stopped links"),
    # By the user themselves this is no news. Otherwise, the server does it if its clock was wrong.
    "published": NoticeKind(
        "warn", "{name} is published again{by}", "link published again", "links published again"
    ),
    "fetched": NoticeKind("good", "{name} downloaded by {who}", "member's download", "members' downloads"),
}

_OWN = "only the owner does it"
_ACCOUNT = "of the account or the installation, which has an activity of its own"
#: What isn't told, and why: all other events.
NOT_TOLD: Mapping[str, str] = {
    Event.VIEWED: "the list counts it, and nothing was taken",
    Event.SCANNED: "no person did it",
    Event.PREVIEWED: "a member has looked at the list",
    Event.SENT: _OWN,
    Event.RESENT: _OWN,
    Event.UNLOCKED: _OWN,
    Event.DELETED: _OWN,
    Event.RESTORED: _OWN,
    Event.PURGED: _OWN,
    Event.RECIPIENTS_SET: _OWN,
    Event.MEMBER_ADDED: _OWN,
    Event.MEMBER_REMOVED: _OWN,
    Event.RECORDED: "nothing has changed",
    Event.INSTALLED: _ACCOUNT,
    Event.SIGNED_IN: _ACCOUNT,
    Event.SIGN_IN_REFUSED: _ACCOUNT,
    Event.PASSWORD_SET: _ACCOUNT,
    Event.PERSON_ADDED: _ACCOUNT,
    Event.PERSON_NAMED: _ACCOUNT,
    Event.PERSON_REMOVED: _ACCOUNT,
    Event.POLICY_CHANGED: _ACCOUNT,
    Event.LINK_STOPPED: "“unpublished” tells it",
    Event.DATA_FOLDER_ADDED: _ACCOUNT,
    Event.AUDIT_ACCEPTED: _ACCOUNT,
    Event.KEY_CHANGED: _ACCOUNT,
    Event.STORE_CHANGED: _ACCOUNT,
}


def is_uncollected(event: str, counts: Mapping[str, int]) -> bool:
    """Whether a link has ended by an event of :data:`KINDS` before any download of it has arrived."""
    return bool(KINDS[event].uncollected) and counts.get("delivered") == 0


def tone_of(event: str, counts: Mapping[str, int]) -> str:
    """How urgent an event of :data:`KINDS` is: one of :data:`TONES`."""
    return KINDS[event].uncollected_tone if is_uncollected(event, counts) else KINDS[event].tone


def is_told(event: str, counts: Mapping[str, int]) -> bool:
    """Whether there is something to say about an event."""
    return event in KINDS and bool(KINDS[event].text or is_uncollected(event, counts))


def notice_text(
    event: str,
    name: str,
    *,
    actor: str | None = None,
    address: str | None = None,
    counts: Mapping[str, int] | None = None,
    times: int = 1,
) -> str:
    """The sentence about an event of :data:`KINDS`, which can be printed; ``name`` is what the document is called,
    ``times`` how often it has happened.

    Neither a link nor a password is ever in it.
    """
    kind, counts = KINDS[event], counts or {}
    downloads, permitted = counts.get("downloads"), counts.get("downloads_permitted")
    has_count = downloads is not None and permitted is not None
    pieces = {
        "name": name,
        "to": f" to {address}" if address else "",
        "from": f" from {address}" if address else "",
        "last": f", last from {address}" if address else "",
        "place": f", {address}" if address else "",
        "by": f" by {actor}" if actor else "",
        "who": actor or "someone",
        "percent": f" at {counts['percent']} %" if "percent" in counts else "",
        "count": f", {downloads_text(downloads, permitted)}" if has_count and downloads is not None else "",
        "times": f"{times:,}",
    }
    text = kind.uncollected if is_uncollected(event, counts) else kind.text
    return printable((kind.again if times > 1 and kind.again else text).format_map(pieces))


def others_text(event: str, others: Mapping[str, int]) -> str:
    """How often each of the events ``others`` has happened besides the ``event`` that is shown: ``5 more deliveries``,
    or ``1 delivery`` besides another kind, since it is not one more; ``5 more events`` of several kinds. Empty for
    none."""
    if not others:
        return ""
    if len(others) > 1:
        return counted(sum(others.values()), "more event", "more events")
    ((other, times),) = others.items()
    kind, more = KINDS[other], "more " if other == event else ""
    return counted(times, f"{more}{kind.one}", f"{more}{kind.many}")


def counted_texts(event: str, times: int, others: Mapping[str, int]) -> tuple[str, ...]:
    """The texts that only count an ``event`` and ``others``, the longest first: ``2 wrong passwords · 1 delivery``, and
    ``3 events``."""
    rest = {other: count for other, count in others.items() if other != event}
    own, of_kind = times + others.get(event, 0), KINDS[event]
    most = counted(own, of_kind.one, of_kind.many)
    if not rest:
        return (most,)
    return f"{most} · {others_text(event, rest)}", counted(own + sum(rest.values()), "event", "events")
