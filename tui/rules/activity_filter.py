"""What is typed to filter activities: words, and the terms ``kind:``, ``by:`` and ``doc:``, with quotes around what has
blanks (``kind:"wrong password"``)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from .activity_kinds import KIND_WORDS, activity_text
from .similar import did_you_mean
from .text import printable, shortened

#: The terms: the kind of an event; who did it, or the address that it came from; and the document.
KIND, BY, DOCUMENT = "kind", "by", "doc"
#: So much of an unknown kind is quoted: those that there are must all be in the message.
_MOST_QUOTED = 40
_TERM = re.compile(r'(?<!\S)(kind|by|doc):(?:"([^"]*)"?|(\S*))', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ActivityFilter:
    """Of several terms of a name, one has to fit. All texts are case-folded."""

    words: str = ""
    kinds: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> ActivityFilter:
        """Read what was typed. Any text means something, and a term that is being typed nothing yet."""
        terms: dict[str, list[str]] = {KIND: [], BY: [], DOCUMENT: []}
        for name, quoted, bare in _TERM.findall(text):
            if value := (quoted or bare).strip().casefold():
                terms[name.lower()].append(_kind(value) if name.lower() == KIND else value)
        words = " ".join(_TERM.sub(" ", text).split()).casefold()
        return cls(words, tuple(terms[KIND]), tuple(terms[BY]), tuple(terms[DOCUMENT]))

    def __bool__(self) -> bool:
        return bool(self.words or self.kinds or self.by or self.documents)

    def lets_through(self, *, kind: str, by: str, document: str, text: str) -> bool:
        """Whether an event is shown. A kind has to begin with what was typed, the others have to contain it; ``text``
        is all that is shown of the event."""
        return (
            _fits(self.kinds, lambda value: kind.casefold().startswith(value))
            and _fits(self.by, lambda value: value in by.casefold())
            and _fits(self.documents, lambda value: value in document.casefold())
            and self.words in text.casefold()
        )


def _kind(typed: str) -> str:
    """The beginning of a kind; also for the whole name of an event, as a watch and programs have it."""
    if any(word.startswith(typed) for word in KIND_WORDS):
        return typed
    word = activity_text(typed)
    return word if word in KIND_WORDS else typed


def unknown_kind(wanted: ActivityFilter) -> str:
    """Return a sentence about the first of the kinds that begins none of those that there are, and which these are;
    empty if each of them begins one."""
    for kind in wanted.kinds:
        if not any(word.startswith(kind) for word in KIND_WORDS):
            typed = printable(shortened(kind, _MOST_QUOTED))
            return f"No kind of activity begins with “{typed}”. There are: {', '.join(KIND_WORDS)}."
    return ""


def none_fits(wanted: ActivityFilter, nothing: str) -> str:
    """What to say where nothing fits a filter: ``nothing``, unless a term of it can't be meant so."""
    if unknown := unknown_kind(wanted):
        return unknown
    for word in wanted.words.split():
        name, colon, _ = word.partition(":")
        if colon and (meant := did_you_mean(f"{name}:", [f"{each}:" for each in (KIND, BY, DOCUMENT)])):
            return f"{nothing} There is no filter {printable(name)}:, only kind:, by: and doc:. {meant}"
    return nothing


def _fits(values: tuple[str, ...], fits: Callable[[str], bool]) -> bool:
    return not values or any(map(fits, values))


def toggled(text: str, name: str, value: str) -> str:
    """What was typed, with a term in place of any other of its name; without the term if it was there already."""
    value = value.partition('"')[0].strip()
    term = f'{name}:"{value}"' if re.search(r"\s", value) else f"{name}:{value}"
    found = [match for match in _TERM.finditer(text) if match[1].lower() == name]
    was_there = any((match[2] or match[3]).casefold() == value.casefold() for match in found)
    for match in reversed(found):
        text = text[: match.start()] + text[match.end() :]
    parts = (" ".join(text.split()), "" if was_there or not value else term)
    return " ".join(filter(None, parts))
