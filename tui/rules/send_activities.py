"""The activities of one send, which read as one: each document is sent, published, and noted in Work's history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from .activities import send_sentence, sentence
from .link_comments import SEND_COMMENT, TOGETHER, link_comment

#: What happens when a document is sent; Work's own names are in capitals.
_OF_A_SEND = ("sent", "published", "SHARED", "EXPORT")

Event = TypeVar("Event")


class Happened(NamedTuple):
    """What is known of an activity; ``about`` is the name of its document."""

    event: str
    at: datetime | None
    actor: str | None
    details: Mapping[str, Any]
    about: str

    @property
    def is_of_a_send(self) -> bool:
        """Whether it may be part of a send: a document is also published, or exported, by itself."""
        if self.event not in _OF_A_SEND or self.at is None:
            return False
        if self.event == "published":
            return not (self.details.get("undone") or self.details.get("why"))
        comment = self.details.get("comments")
        return self.event != "EXPORT" or (isinstance(comment, str) and comment.startswith(SEND_COMMENT))

    def follows(self, other: Happened) -> bool:
        """Whether it is part of the same send as one next to it; documents that take longer are read by themselves."""
        if self.at is None or other.at is None or abs(other.at - self.at) > TOGETHER:
            return False
        return (self.actor or "").upper() == (other.actor or "").upper()


def in_sends(events: Sequence[Event], known: Callable[[Event], Happened]) -> list[list[Event]]:
    """Return the events, the latest first, in their order: those of one send together, each of the others by itself."""
    groups: list[list[Event]] = []
    run: list[Event] = []
    before: Happened | None = None
    for event in events:
        happened = known(event)
        if before is None or not (happened.is_of_a_send and happened.follows(before)):
            groups += _sends_of(run, known)
            run = []
        run.append(event)
        before = happened if happened.is_of_a_send else None
    return groups + _sends_of(run, known)


def _sends_of(run: list[Event], known: Callable[[Event], Happened]) -> list[list[Event]]:
    """Divide what may be several sends: before a document is published, it is sent."""
    groups: list[list[Event]] = []
    part: list[Event] = []
    last: object = None
    for event in run:
        part.append(event)
        happened = known(event)
        if happened.event == "sent":
            send = happened.details.get("send")
            if groups and send == last:
                groups[-1] += part
            else:
                groups.append(part)
            part, last = [], send
    return [*groups, *_by_link(part, known)]


def _by_link(events: list[Event], known: Callable[[Event], Happened]) -> list[list[Event]]:
    """Of another's send, or of one long ago, only what Work notes of it is known: together what is of one link."""
    groups: dict[object, list[Event]] = {}
    for index, event in enumerate(events):
        link = link_comment(known(event).details.get("comments"))
        groups.setdefault(index if link is None or link.ident is None else link.ident, []).append(event)
    return list(groups.values())


def _place(sent: Happened) -> int:
    """Where a document is in its send: several are published at once, in any order. 0 if that isn't known."""
    place = sent.details.get("place")
    return place if isinstance(place, int) else 0


class ReadSend(NamedTuple):
    """A send as it reads: the sentence, and the names of its documents in their order."""

    sentence: str
    names: tuple[str, ...]


def read_send(group: Sequence[Happened], me: str = "") -> ReadSend:
    """Read the activities of one send, the latest first, as one. ``me`` is the reader."""
    sent = sorted((each for each in reversed(group) if each.event == "sent"), key=_place)
    if not sent:
        noted = next((each for each in group if each.event == "SHARED"), group[0])
        return ReadSend(sentence(noted.event, noted.details, actor=noted.actor, me=me), (noted.about,))
    published = next((each.details for each in group if each.event == "published"), {})
    text = send_sentence(sent[0].details, published, len(sent), actor=sent[0].actor, me=me)
    return ReadSend(text, tuple(each.about for each in sent))
