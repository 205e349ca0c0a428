"""What is to become of documents by what they carry."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from .carried import KINDS, CarriedLevel
from .display import counted
from .policy import Policy

#: Stands among the kinds for a document that couldn't be looked into.
UNREADABLE: Final = "unreadable"


class Handling(StrEnum):
    """What is to become of a document with something in it."""

    OFF = "off"
    WARN = "warn"
    REFUSE = "refuse"


def handling_of(policy: Policy, kind: str) -> Handling:
    """What is to become of a document with something of a kind (``carried.py``)."""
    if kind in (policy.carries_refuse or ()):
        return Handling.REFUSE
    known = KINDS.get(kind)
    by_default = known is not None and known.level is CarriedLevel.WARN
    is_warned = by_default if policy.carries_warn is None else kind in policy.carries_warn
    return Handling.WARN if is_warned else Handling.OFF


def handling_of_unreadable(policy: Policy) -> Handling:
    """What is to become of a document that can't be looked into."""
    return Handling(policy.carries_unreadable or Handling.WARN)


def needs_look(policy: Policy) -> bool:
    """Whether the policy refuses something that only a look into the document can tell."""
    return bool(policy.carries_refuse) or handling_of_unreadable(policy) is Handling.REFUSE


def in_order(kinds: Iterable[object]) -> list[str]:
    """Kinds as they are stored somewhere, those that matter most first."""
    places = {kind: place for place, kind in enumerate(KINDS)}
    return sorted(map(str, kinds), key=lambda kind: places.get(kind, len(places)))


def counted_kind(name: str, count: object) -> str:
    """``3 comments``, of a kind as it is stored somewhere; both may be anything."""
    if name == UNREADABLE:
        return "what can't be looked into"
    kind = KINDS.get(name)
    word = name.replace("_", " ")
    one, many = (kind.one, kind.many) if kind is not None else (word, word)
    is_count = isinstance(count, int) and not isinstance(count, bool) and 0 < count < 10**12
    return counted(count, one, many) if is_count and isinstance(count, int) else many
