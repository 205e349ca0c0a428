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
from .look_alikes import (
    disguised,
    genuine,
    hidden_scripts,
    in_letters,
    is_one_off,
    likeness,
    look_alikes,
    text_of,
    twins,
)
from .mail_domains import COMMON, FREE_MAIL, domain_of, firms, is_within
from .policy import Policy

#: Shorter domains differ by a letter without one being mistyped.
_LEAST_DOMAIN = 6
#: How many addresses, or firms, a sentence names.
_NAMED = 2


class Oddity(StrEnum):
    """What can be odd, gravest first."""

    DOMAIN = "domain_not_allowed"
    LOOKS_LIKE = "looks_like"
    ONE_LETTER = "one_letter_off"
    EARLIER = "earlier_looks_like"
    FREE_MAIL = "free_mail"
    FIRMS = "several_firms"
    NEW = "never_written_to"


@dataclass(frozen=True, slots=True)
class RecipientsNote:
    """Something that is odd about ``recipients``; ``like`` is the address or domain that was probably meant;
    empty if it can't be told which of several.

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
    def mailboxes(self) -> dict[str, None]:
        """Those that were written to, in their order."""
        return dict.fromkeys(map(mailbox_of, self.earlier or ()))

    @cached_property
    def domains(self) -> dict[str, None]:
        """Those of all these, the sender's own first."""
        return dict.fromkeys((*self.own_domains, *map(domain_of, self.mailboxes)))

    @cached_property
    def look_alikes(self) -> frozenset[str]:
        """The mailboxes that only look like others that were written to."""
        return look_alikes(self.mailboxes, self.own_domains)

    def look_alikes_with(self, others: Iterable[str]) -> frozenset[str]:
        """Of these and of ``others``, which are valid addresses, the mailboxes that only look like others of them."""
        return look_alikes((*self.mailboxes, *map(mailbox_of, others)), self.own_domains)


def notes(
    recipients: Iterable[str], known: KnownRecipients, policy: Policy, hidden: Iterable[str] = ()
) -> list[RecipientsNote]:
    """What is odd about valid addresses, gravest first. ``hidden`` are recipients that aren't kept with the links:
    whether they were written to before isn't known."""
    named = list(dict.fromkeys(map(mailbox_of, recipients)))
    mailboxes = list(dict.fromkeys((*named, *map(mailbox_of, hidden))))
    among = _Among(known, (*known.own_domains, *(policy.recipients_domains or ())))
    found = [
        *_outside(mailboxes, policy),
        *(note for mailbox in mailboxes for note in among.mistaken(mailbox)),
        *_together(mailboxes, known.own_domains),
        *_new(named, known),
    ]
    return sorted(found, key=lambda note: list(Oddity).index(note.oddity))


def told(found: Sequence[RecipientsNote]) -> list[RecipientsNote]:
    """What people are told of it: that an address is new says nothing besides that it is probably a mistake."""
    mistaken = {
        each
        for note in found
        if note.oddity in (Oddity.LOOKS_LIKE, Oddity.ONE_LETTER, Oddity.EARLIER)
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


class _Among:
    """Finds addresses that are mistaken for one of those ``known``. At the ``trusted`` domains, who is at them is
    beyond doubt."""

    def __init__(self, known: KnownRecipients, trusted: Sequence[str]) -> None:
        self._mailboxes = known.mailboxes
        self._trusted = trusted
        self._known_domains = list(dict.fromkeys((*trusted, *known.domains)))
        self._domains = list(dict.fromkeys((*self._known_domains, *COMMON)))

    @cached_property
    def _odd(self) -> frozenset[str]:
        return look_alikes(self._mailboxes, self._trusted)

    @cached_property
    def _odd_domains(self) -> set[str]:
        return disguised(self._domains, self._trusted)

    def mistaken(self, mailbox: str) -> Iterator[RecipientsNote]:
        """That an address, or its domain, looks like another one, or is a letter off: the graver of the two."""
        domain, is_known = domain_of(mailbox), mailbox in self._mailboxes
        is_at_known = domain in FREE_MAIL or is_within(domain, self._known_domains)
        found = (
            self._looking_like(mailbox, mailbox, self._mailboxes, is_known=is_known)
            or self._looking_like(mailbox, domain, self._domains, is_known=is_at_known)
            or (None if is_at_known else _of_other_scripts(mailbox))
        )
        if found:
            yield found
        if is_known or (found and found.oddity is Oddity.LOOKS_LIKE):
            return
        domains = [] if is_at_known or len(domain) < _LEAST_DOMAIN else self._domains
        if like := _one_off(mailbox, self._mailboxes, self._odd):
            sentence = f"{mailbox} is one letter off {joined(like)}, which you have written to."
        elif like := _one_off(domain, domains, self._odd_domains):
            sentence = f"{mailbox} is one letter off {joined(like)}."
        if like:
            short = f"Did you mean {_either(like)}?"
            yield RecipientsNote(Oddity.ONE_LETTER, (mailbox,), sentence, short, _only(like))

    def _looking_like(
        self, mailbox: str, typed: str, others: Collection[str], *, is_known: bool
    ) -> RecipientsNote | None:
        """What to say if ``typed``, the mailbox or its domain, and some of the ``others`` can be taken for each other.

        Which of them is genuine isn't decided by which was there first: look-alikes may have been written to before.
        """
        alike = twins(typed, others)
        best = genuine([typed, *alike], self._trusted)
        if not alike or (is_known and typed in best):
            return None
        if best == [typed]:
            return _earlier(mailbox, typed, alike)
        like = [each for each in best if each != typed]
        sentence = f"{mailbox} only looks like {_either(like)}{in_letters(domain_of(mailbox))}."
        short = f"Only looks like {_either(like)}"
        return RecipientsNote(Oddity.LOOKS_LIKE, (mailbox,), sentence, short, _only(like))


def _of_other_scripts(mailbox: str) -> RecipientsNote | None:
    domain = domain_of(mailbox)
    scripts = joined(hidden_scripts(domain))
    if not scripts:
        return None
    sentence = f"{mailbox} can be taken for another address: its domain has letters of {scripts}."
    return RecipientsNote(Oddity.LOOKS_LIKE, (mailbox,), sentence, f"Letters of {scripts}: {domain}")


def _earlier(mailbox: str, typed: str, alike: Sequence[str]) -> RecipientsNote:
    """That what was written to before was no such address: nothing is wrong with this one."""
    shown = joined([f"{each}{in_letters(each.rpartition('@')[2])}" for each in alike])
    only = "which only looks" if len(alike) == 1 else "which only look"
    before = f"You have written to {shown} before, {only} like {typed}."
    return RecipientsNote(Oddity.EARLIER, (mailbox,), before, f"Earlier look-alike: {_some(alike)}")


def _one_off(address: str, others: Collection[str], odd: Collection[str]) -> list[str]:
    """The first of ``others`` that differs by one letter, and those that can be taken for it, without ``odd`` ones."""
    apart = (
        [each for each in others if each not in odd and likeness(each) != likeness(address)] if others else []
    )
    first = next((each for each in apart if is_one_off(address, each)), None)
    return [first, *twins(first, apart)] if first else []


def _either(texts: Sequence[str]) -> str:
    named = texts if len(texts) <= _NAMED else [*texts[:_NAMED], f"{len(texts) - _NAMED:,} more"]
    return " or ".join(named)


def _only(texts: Sequence[str]) -> str:
    """The one that was meant; empty if it can't be told which."""
    return texts[0] if len(texts) == 1 else ""


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


def _with_readable(mailbox: str) -> str:
    text = text_of(mailbox)
    return mailbox if text == mailbox else f"{mailbox} ({text})"


def _some(texts: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    more = len(texts) - _NAMED
    return joined(texts if more <= 0 else [*texts[:_NAMED], f"{more:,} more"])
