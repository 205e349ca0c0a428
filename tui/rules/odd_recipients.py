"""What is odd about the recipients of a send, told before it leaves: most mistakes of this kind are seen by whoever is
told of them. Nothing is said where nothing is odd."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from .addresses import mailbox_of
from .allowed_recipients import check_recipients, outsiders
from .display import counted, joined
from .errors import PolicyBreach
from .mail_domains import COMMON, FREE_MAIL, domain_of, firms, is_within, readable
from .policy import Policy
from .similar_names import mixed_scripts, only_looks_latin, skeleton

#: Shorter domains differ by a letter without one being mistyped.
_LEAST_DOMAIN = 6
#: Shorter names are initials: at the same domain, each is one letter off many others.
_LEAST_NAME = 4
#: How many addresses, or firms, a sentence names.
_NAMED = 2
#: What can be taken for something else in the letters of every keyboard.
_ASCII_TWINS = (("rn", "m"), ("vv", "w"), ("0", "o"), ("1", "l"))


class Oddity(StrEnum):
    """What can be odd, gravest first."""

    DOMAIN = "domain_not_allowed"
    LOOKS_LIKE = "looks_like"
    ONE_LETTER = "one_letter_off"
    FREE_MAIL = "free_mail"
    FIRMS = "several_firms"
    NEW = "never_written_to"


@dataclass(frozen=True, slots=True)
class RecipientsNote:
    """Something that is odd about ``recipients``; ``like`` is the address or domain that was probably meant.

    ``short`` says the same in fewer words. ``is_asked``: the policy wants it confirmed; ``is_refused``: it can't be.
    """

    oddity: Oddity
    recipients: tuple[str, ...]
    sentence: str
    short: str
    like: str = ""
    is_asked: bool = False
    is_refused: bool = False

    def fields(self) -> dict[str, Any]:
        """As it is printed as JSON."""
        return {
            "kind": str(self.oddity),
            "recipients": list(self.recipients),
            "like": self.like or None,
            "message": self.sentence,
        }


@dataclass(frozen=True)
class KnownRecipients:
    """What recipients are held against: the addresses that the sender has written to (``None``: they aren't known),
    and the domains of the sender's own firm."""

    earlier: Sequence[str] | None = None
    own_domains: Collection[str] = ()

    @cached_property
    def mailboxes(self) -> frozenset[str]:
        """Those that were written to."""
        return frozenset(map(mailbox_of, self.earlier or ()))

    @cached_property
    def domains(self) -> frozenset[str]:
        """Those of all these."""
        return frozenset((*map(domain_of, self.mailboxes), *self.own_domains))


def notes(
    recipients: Iterable[str], known: KnownRecipients, policy: Policy, hidden: Iterable[str] = ()
) -> list[RecipientsNote]:
    """What is odd about valid addresses, gravest first. ``hidden`` are recipients that aren't kept with the links:
    whether they were written to before isn't known."""
    named = list(dict.fromkeys(map(mailbox_of, recipients)))
    mailboxes = list(dict.fromkeys((*named, *map(mailbox_of, hidden))))
    domains = {*known.domains, *(policy.recipients_domains or ())}
    found = [
        *_outside(mailboxes, policy),
        *(note for mailbox in mailboxes for note in _mistaken(mailbox, known, domains)),
        *_together(mailboxes, known.own_domains),
        *_new(named, known),
    ]
    return sorted(found, key=lambda note: list(Oddity).index(note.oddity))


def told(found: Sequence[RecipientsNote]) -> list[RecipientsNote]:
    """What people are told of it: that an address is new says nothing besides that it is probably a mistake."""
    mistaken = {
        each
        for note in found
        if note.oddity in (Oddity.LOOKS_LIKE, Oddity.ONE_LETTER)
        for each in note.recipients
    }
    return [
        note for note in found if note.oddity is not Oddity.NEW or not mistaken.issuperset(note.recipients)
    ]


def line(notes_found: Sequence[RecipientsNote]) -> list[str]:
    """Texts for one line, the longest first; none if nothing is odd."""
    found = told(notes_found)
    if not found:
        return []
    first, rest = found[0], len(found) - 1
    if not rest:
        return [first.sentence, first.short]
    # Not only a number: after the sentence, that would read as one of what it names.
    more = f" ({counted(rest, 'more note', 'more notes')})"
    texts = [
        " ".join(note.sentence for note in found),
        "; ".join(note.short for note in found),
        f"{first.sentence.removesuffix('.')}{more}",
        f"{first.short}{more}",
        f"{first.short} +{rest}",
    ]
    # One that says less is of use only if it is shorter.
    return [text for n, text in enumerate(texts) if all(len(text) < len(fuller) for fuller in texts[:n])]


# ---------------------------------------------------------------- the kinds


def _outside(mailboxes: Sequence[str], policy: Policy) -> Iterator[RecipientsNote]:
    others = outsiders(policy, mailboxes)
    if not others:
        return
    breach: PolicyBreach | None = check_recipients(policy, others)
    domains = list(dict.fromkeys(map(domain_of, others)))
    if breach is not None:
        sentence, short = breach.message, f"Not allowed: {_some(domains)}"
    else:
        sentence = f"{_some(others)}: your firm's policy doesn't list {_some(domains)}."
        short = f"Not in your firm's list: {_some(domains)}"
    yield RecipientsNote(
        Oddity.DOMAIN,
        tuple(others),
        sentence,
        short,
        is_asked=breach is None,
        is_refused=breach is not None,
    )


def _mistaken(mailbox: str, known: KnownRecipients, domains: Collection[str]) -> Iterator[RecipientsNote]:
    """That an address looks like another one, or is a letter off: the graver of the two."""
    if mailbox in known.mailboxes:
        return
    domain = domain_of(mailbox)
    typed = _Typed(mailbox)
    is_known = domain in FREE_MAIL or is_within(domain, domains)
    among = () if is_known else sorted((*domains, *COMMON))
    like = typed.twin(sorted(known.mailboxes)) or _Typed(domain).twin(among)
    scripts = [] if is_known else _scripts(typed.text)
    if like or scripts:
        letters = f" (letters of {joined(scripts)})" if scripts else ""
        sentence = (
            f"{mailbox} only looks like {like}{letters}."
            if like
            else f"{mailbox} can be taken for another address: its domain has letters of {joined(scripts)}."
        )
        short = f"Only looks like {like}" if like else f"Letters of {joined(scripts)}: {domain}"
        yield RecipientsNote(Oddity.LOOKS_LIKE, (mailbox,), sentence, short, like)
        return
    like = typed.one_off(sorted(known.mailboxes))
    if like:
        sentence = f"{mailbox} is one letter off {like}, which you have written to."
    elif len(domain) >= _LEAST_DOMAIN and (like := _Typed(domain).one_off(among)):
        sentence = f"{mailbox} is one letter off {like}."
    if like:
        yield RecipientsNote(Oddity.ONE_LETTER, (mailbox,), sentence, f"Did you mean {like}?", like)


def _together(mailboxes: Sequence[str], own: Collection[str]) -> Iterator[RecipientsNote]:
    """What recipients aren't usually written to together."""
    found = firms(map(domain_of, mailboxes), own)
    free = [each for each in mailboxes if domain_of(each) in FREE_MAIL]
    if free and found:
        sentence = f"{_some(free)}: free mail, beside an address of {_some(found)}."
        yield RecipientsNote(Oddity.FREE_MAIL, tuple(free), sentence, f"Free mail: {_some(free)}")
    if len(found) > 1:
        at = tuple(each for each in mailboxes if firms([domain_of(each)], own))
        sentence = f"The recipients are of {len(found):,} firms: {_some(found)}."
        yield RecipientsNote(Oddity.FIRMS, at, sentence, f"{len(found):,} firms: {_some(found)}")


def _new(mailboxes: Sequence[str], known: KnownRecipients) -> Iterator[RecipientsNote]:
    new = [each for each in mailboxes if each not in known.mailboxes]
    if known.earlier is not None and new:
        shown = _some([_with_readable(each) for each in new])
        yield RecipientsNote(
            Oddity.NEW, tuple(new), f"You have never sent anything to {shown}.", f"First send to {shown}"
        )


# ---------------------------------------------------------------- comparing


class _Typed:
    """An address or a domain, in ASCII, to be compared with others."""

    def __init__(self, ascii_text: str) -> None:
        self.ascii = ascii_text
        #: As people read it.
        self.text = _text(ascii_text)

    def twin(self, others: Iterable[str]) -> str:
        """The one that it can be taken for; empty if there is none."""
        plain = _plain_twin(self.ascii)
        for other in others:
            text = _text(other)
            if other == self.ascii:
                continue
            if self.text.isascii() and text.isascii():
                # Without the tables of all letters, which take a while to load.
                if _plain_twin(text) == plain:
                    return other
            elif _twin(text) == _twin(self.text):
                return other
        return ""

    def one_off(self, others: Iterable[str]) -> str:
        """The one that differs by one letter; empty if there is none."""
        return next((other for other in others if self._is_one_off(_text(other))), "")

    def _is_one_off(self, other: str) -> bool:
        (name, _, domain), (others_name, _, others_domain) = self.text.rpartition("@"), other.rpartition("@")
        is_short = domain == others_domain and max(len(name), len(others_name)) < _LEAST_NAME
        return not is_short and one_letter_off(self.text, other)


def one_letter_off(one: str, other: str) -> bool:
    """Whether a letter that is added, missing, replaced or swapped with its neighbour is the only difference."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    shorter, longer = sorted((one, other), key=len)
    start = next((i for i, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    left, right = shorter[start:], longer[start:]
    if len(left) < len(right):
        return left == right[1:]
    return left[1:] == right[1:] or (left[:2] == right[1::-1] and left[2:] == right[2:])


def _text(address: str) -> str:
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{readable(domain)}"


def _with_readable(mailbox: str) -> str:
    text = _text(mailbox)
    return mailbox if text == mailbox else f"{mailbox} ({text})"


def _twin(text: str) -> str:
    return _plain_twin(skeleton(text).lower())


def _plain_twin(text: str) -> str:
    """The same for all texts that look alike in the letters of every keyboard."""
    for several, one in _ASCII_TWINS:
        text = text.replace(several, one)
    return text


def _scripts(text: str) -> list[str]:
    """The scripts of letters that only look like those of another script; none for a domain that hides nothing."""
    domain = text.rpartition("@")[2]
    if domain.isascii():
        return []
    labels = domain.split(".")
    for label in labels:
        if found := mixed_scripts(label) or (labels[-1].isascii() and only_looks_latin(label)):
            return found
    return []


def _some(texts: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    more = len(texts) - _NAMED
    return joined(texts if more <= 0 else [*texts[:_NAMED], f"{more:,} more"])
