"""What Work's history says of a link: which one it is, so that those of one document can be told apart; and what of it
belongs to activity."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

#: What such a comment begins with.
SEND_COMMENT = "Secure Sent Link "
#: What belongs to one send happens within this.
TOGETHER = timedelta(seconds=5)
_SETTINGS = r"(?:; (?:expires [^;]*|no expiration date); downloads [^;]*; with(?:out)? password)?"
_IDENT = re.compile(
    re.escape(SEND_COMMENT) + r"(?P<name>.*) \(ID (?P<ident>[^\s()]+)\)" + _SETTINGS, re.DOTALL
)
_NAME = re.compile(re.escape(SEND_COMMENT) + r"(?P<name>.*?)" + _SETTINGS, re.DOTALL)


class LinkComment(NamedTuple):
    """``ident`` is the link's ID; earlier versions, and other programs, have noted only its name."""

    name: str
    ident: str | None


class SentLink(NamedTuple):
    """Under which name, and when, a link was sent."""

    name: str
    at: datetime | None


def link_named(name: str, ident: str) -> str:
    """How a comment begins that is about this link."""
    return f"{SEND_COMMENT}{name} (ID {ident})"


def link_comment(comment: object) -> LinkComment | None:
    """Which link a comment is about; ``None`` if it is about none."""
    if not isinstance(comment, str):
        return None
    if found := _IDENT.fullmatch(comment):
        return LinkComment(found["name"], found["ident"])
    found = _NAME.fullmatch(comment)
    return LinkComment(found["name"], None) if found else None


def is_of_link(comment: object, at: datetime | None, ident: str, sends: Iterable[SentLink]) -> bool:
    """Whether an entry of the history, of that moment, is about the link ``ident``, which was sent in ``sends``."""
    link = link_comment(comment)
    if link is None:
        return False
    if link.ident is not None:
        return link.ident == ident
    return at is not None and any(
        send.name == link.name and send.at is not None and abs(send.at - at) <= TOGETHER for send in sends
    )


def wanted_of_work(link: str | None, sends: Iterable[SentLink], me: str | None) -> Callable[[Any], bool]:
    """What of Work's histories (``wire.work.Activity``) belongs to activity: what is about a link, which has these
    ``sends``; else what ``me`` has done, or all of it without a name."""

    def wanted(activity: Any) -> bool:
        if link is not None:
            return is_of_link(activity.comments, activity.at, link, sends)
        return me is None or activity.user == me

    return wanted
