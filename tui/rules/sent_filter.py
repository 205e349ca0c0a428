"""The language of the filter of sent documents: ``offer to:anna is:waiting from:halyard``.

Words are separated by spaces, and a document has to fit all of them. A word alone is part of the name; ``to:`` is part
of a recipient, ``from:`` of what a document was sent from (its number, name or workspace), ``is:`` the beginning of a
state. Text in quotation marks is one word (``to:"Anna Arp"``), and an asterisk stands for anything. None of it
depends on capitals.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import combinations
from typing import Protocol

from .errors import InvalidValue
from .names import key
from .similar import did_you_mean
from .state import Reason
from .text import DECEIVING, printable

#: The longest filter, and the most words of one.
MOST, MOST_WORDS = 1000, 30
#: The most bytes of recipients, and of a source and of a matter each, in an index: PostgreSQL takes 2,704 in all.
_MOST_INDEXED, _MOST_OF_SOURCE = 1000, 350
#: How much of a word a message repeats.
_SHOWN = 40
#: No name has them; and marks that say in which direction a text is read, which come along with copied words.
_REMOVED, _MARKS = dict.fromkeys(map(ord, DECEIVING)), "\u061c\u200e\u200f"
#: The beginning of a label in a domain that isn't ASCII.
_ENCODED = "xn--"


class LinkFacts(Protocol):
    """What a state is about."""

    @property
    def published(self) -> bool:
        """Whether the link works."""

    @property
    def reason(self) -> str | None:
        """Why not."""

    @property
    def downloads(self) -> int:
        """How many were counted."""

    @property
    def locked(self) -> bool:
        """Whether wrong passwords have locked it."""

    @property
    def throttled(self) -> bool:
        """Whether some have to wait after wrong passwords."""


class SentFacts(LinkFacts, Protocol):
    """What a filter asks of a sent document."""

    @property
    def name(self) -> str:
        """What the link is called."""

    @property
    def source(self) -> str:
        """The label of what it was sent from."""

    @property
    def source_name(self) -> str | None:
        """The name that the document had there."""

    @property
    def matter(self) -> str | None:
        """The name of the workspace that this is in."""

    @property
    def recipients(self) -> Sequence[str]:
        """Whom it is for."""


class LinkState(StrEnum):
    """What ``is:`` may ask for."""

    ON = "on"
    OFF = "off"
    #: On, and nobody has downloaded it yet.
    WAITING = "waiting"
    TAKEN = "taken"
    UNTAKEN = "untaken"
    EXPIRED = "expired"
    LIMIT = "limit"
    UNPUBLISHED = "unpublished"
    #: Wrong passwords are being tried.
    ATTACKED = "attacked"


_HAS: dict[LinkState, Callable[[LinkFacts], bool]] = {
    LinkState.ON: lambda document: document.published,
    LinkState.OFF: lambda document: not document.published,
    LinkState.WAITING: lambda document: document.published and not document.downloads,
    LinkState.TAKEN: lambda document: document.downloads > 0,
    LinkState.UNTAKEN: lambda document: not document.downloads,
    LinkState.EXPIRED: lambda document: not document.published and document.reason == Reason.EXPIRED,
    LinkState.LIMIT: lambda document: not document.published and document.reason == Reason.LIMIT,
    LinkState.UNPUBLISHED: lambda document: not document.published and document.reason == Reason.BY_HAND,
    LinkState.ATTACKED: lambda document: document.locked or document.throttled,
}


@dataclass(frozen=True, slots=True)
class _Facts:
    """A document of which only its state matters."""

    published: bool
    reason: str | None
    downloads: int
    locked: bool
    throttled: bool = False


_FACTS = [
    _Facts(reason is None, reason, downloads, locked)
    for reason in (None, *Reason)
    for downloads in (0, 1)
    for locked in (False, True)
]


def contrary(states: Sequence[LinkState]) -> tuple[LinkState, LinkState] | None:
    """Two of the states that no document is in at once; ``None`` if there are no such two."""
    for one, other in combinations(states, 2):
        if not any(_HAS[one](facts) and _HAS[other](facts) for facts in _FACTS):
            return one, other
    return None


@dataclass(frozen=True, slots=True)
class SentFilter:
    """What a document has to fit: all texts of each kind, as keys that are compared, and one state of each set."""

    names: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    states: tuple[frozenset[LinkState], ...] = ()

    def __bool__(self) -> bool:
        """Whether it asks for anything."""
        return bool(self.names or self.recipients or self.sources or self.states)

    @property
    def only_names(self) -> bool:
        """Whether it asks for nothing but the name."""
        return not (self.recipients or self.sources or self.states)

    def fits(self, document: SentFacts) -> bool:
        """Return whether a document fits all of it."""
        return (
            _contains(key(document.name), self.names)
            and (not self.recipients or _contains(recipients_key(document.recipients), self.recipients))
            and (not self.sources or self._is_from(document))
            and all(any(_HAS[state](document) for state in states) for states in self.states)
        )

    def _is_from(self, document: SentFacts) -> bool:
        text = source_key(document.source, document.matter, document.source_name)
        return _contains(text, self.sources)


def _contains(text: str, parts: Sequence[str]) -> bool:
    return all(part in text for part in parts)


@lru_cache(maxsize=256)
def parse(text: str) -> SentFilter:
    """Read a filter as it was typed. What isn't complete yet (``to:``, a quotation mark that isn't closed) is none.

    Raises :class:`InvalidValue` for a word that isn't known, a control character, or too much text.
    """
    if len(text) > MOST:
        raise InvalidValue(
            "filter.too_long", f"The filter is too long; use {MOST:,} characters at most.", "filter"
        )
    names: dict[str, None] = {}
    recipients: dict[str, None] = {}
    sources: dict[str, None] = {}
    states: dict[frozenset[LinkState], None] = {}
    parts = {"": names, "to": recipients, "from": sources}
    for number, (kind, value) in enumerate(_words(text)):
        if number >= MOST_WORDS:
            raise InvalidValue(
                "filter.too_long", f"The filter has too many words; use {MOST_WORDS} at most.", "filter"
            )
        if kind == "is":
            if value:
                states[_states(value)] = None
        elif kind in parts:
            parts[kind].update(dict.fromkeys(part for part in key(value.strip(_MARKS)).split("*") if part))
        else:
            raise _unknown_kind(kind)
    return SentFilter(tuple(names), tuple(recipients), tuple(sources), tuple(states))


def _words(text: str) -> Iterator[tuple[str, str]]:
    """The words of a filter: the part before a colon, if there is one (else empty), and the rest without quotation
    marks."""
    for char in text:
        if unicodedata.category(char) in ("Cc", "Cs") and not char.isspace():
            raise InvalidValue(
                "filter.control_character",
                f"The filter contains a control character (U+{ord(char):04X}); remove it.",
                "filter",
            )
    kind, word, quoted, begun = "", "", False, False
    for char in text.translate(_REMOVED):
        if char == '"':
            quoted, begun = not quoted, True
        elif char.isspace() and not quoted:
            if begun:
                yield kind, word
            kind, word, begun = "", "", False
        elif char == ":" and not quoted and not kind and word:
            kind, word = word.casefold(), ""
        else:
            word, begun = word + (" " if char < " " else char), True
    if begun or kind:
        yield kind, word


def _states(value: str) -> frozenset[LinkState]:
    """The states that begin with ``value``: as long as it is typed, it may become any of them."""
    wanted = value.casefold()
    if wanted in set(LinkState):
        return frozenset({LinkState(wanted)})
    if found := frozenset(state for state in LinkState if state.startswith(wanted)):
        return found
    message = f"There is no state {_shown(value)}; is: takes {', '.join(LinkState)}."
    raise InvalidValue("filter.state", f"{message} {did_you_mean(value, LinkState)}".rstrip(), "filter")


def _unknown_kind(kind: str) -> InvalidValue:
    message = f"There is no filter {_shown(kind)}:, only to:, from: and is:."
    meant = did_you_mean(f"{kind}:", [f"{each}:" for each in KINDS])
    return InvalidValue("filter.unknown", f"{message} {meant}".rstrip(), "filter")


def _shown(text: str) -> str:
    return printable(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


#: The words before a colon that are known.
KINDS = ("to", "from", "is")


def quoted(kind: str, text: str) -> str:
    """The word of a filter that asks ``kind`` for a text, whatever is in it except quotation marks."""
    return f'{kind}:"{text.replace(chr(34), "")}"'


def recipients_key(recipients: Sequence[str]) -> str:
    """What ``to:`` looks in: the recipients, one a line without quotation marks, also with their domains as people
    write them."""
    # Filters are written without the quotation marks around names.
    lines = [_plain(recipient) for recipient in recipients]
    return "\n".join(line if _ENCODED not in line else f"{line} {key(_decoded(line))}" for line in lines)


def _decoded(address: str) -> str:
    """The address with its domain as people write it."""
    before, _, domain = address.rpartition("@")
    # Hardly any domain needs it.
    import idna

    try:
        return f"{before}@{idna.decode(domain.removesuffix('>'))}{'>' if domain.endswith('>') else ''}"
    except UnicodeError:
        return ""


def recipient_keys(recipients: Sequence[str]) -> tuple[str | None, str | None]:
    """The lines of :func:`recipients_key`: those that an index takes, and the others; ``None`` for none."""
    lines = recipients_key(recipients).split("\n") if recipients else []
    size, count = 0, 0
    while count < len(lines) and (size := size + len(lines[count].encode()) + 1) <= _MOST_INDEXED:
        count += 1
    return "\n".join(lines[:count]) or None, "\n".join(lines[count:]) or None


def source_key(source: str, matter: str | None, name: str | None = None) -> str:
    """What ``from:`` looks in: the label of the source, the name of the document there, and that of the matter, one a
    line, as far as an index takes them."""
    lines = [_beginning(_plain(source), _MOST_OF_SOURCE)]
    if name and (room := _MOST_OF_SOURCE - len(lines[0].encode()) - 1) > 0:
        # Both together are as long as a label may be alone.
        lines.append(_beginning(_plain(name), room))
    return "\n".join([*lines, *([_beginning(_plain(matter), _MOST_OF_SOURCE)] if matter else [])])


def _plain(text: str) -> str:
    return key(text).replace('"', "")


def _beginning(text: str, size: int) -> str:
    """The beginning of a text that is at most so many bytes long."""
    return text if len(text) <= size // 4 else text.encode()[:size].decode(errors="ignore")
