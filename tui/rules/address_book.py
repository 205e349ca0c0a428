"""The addresses that a person has sent to before: which to offer first, and which of them fit what is typed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from .addresses import mailbox_of

#: How many addresses are offered for what is typed.
MOST_OFFERED = 8
#: What follows an address that only looks like another one.
LOOK_ALIKE = " (look-alike)"
#: After this time, a use of an address counts half.
_HALF_LIFE = timedelta(days=30)


def most_used(uses: Iterable[tuple[datetime, Sequence[str]]], now: datetime) -> list[str]:
    """The addresses used most, and most recently, first; each mailbox once, as it was last written.

    ``uses`` are the times and the recipients of sends, in any order.
    """
    weights: dict[str, float] = {}
    last: dict[str, tuple[datetime, str]] = {}
    for at, addresses in uses:
        for address in addresses:
            mailbox = mailbox_of(address)
            age = max(now - at, timedelta(0))
            weights[mailbox] = weights.get(mailbox, 0.0) + 0.5 ** (age / _HALF_LIFE)
            if mailbox not in last or at > last[mailbox][0]:
                last[mailbox] = (at, address)
    # Among equals, the alphabet decides, so that the order doesn't change from one request to the next.
    ranked = sorted(weights, key=lambda mailbox: (-weights[mailbox], mailbox))
    return [last[mailbox][1] for mailbox in ranked]


def united(lists: Iterable[Sequence[str]]) -> list[str]:
    """The addresses of several lists, in their order, each mailbox once."""
    found: dict[str, str] = {}
    for address in (each for addresses in lists for each in addresses):
        found.setdefault(mailbox_of(address), address)
    return list(found.values())


def mixed_note(lists: Iterable[Sequence[str]]) -> str:
    """What to say before the links of documents that were sent to these people go into one e-mail to all of them; empty
    if they are the same, or none."""
    people = {frozenset(map(mailbox_of, addresses)) for addresses in lists if addresses}
    if len(people) < 2:
        return ""
    return "These documents were sent to different people: all of those in To get all the links."


def offered(typed: str, earlier: Sequence[str], found: Sequence[str], odd: Collection[str] = ()) -> list[str]:
    """The addresses to offer for what is ``typed``: those of ``earlier`` that contain it, then those ``found`` in an
    address book, each mailbox once, and after all others the ``odd`` mailboxes. All of them are valid, in their
    canonical form."""
    wanted = typed.strip().casefold()
    if not wanted:
        return []
    offers: dict[str, str] = {}
    odd_offers: dict[str, str] = {}
    for address in (*(each for each in earlier if wanted in each.casefold()), *found):
        mailbox = mailbox_of(address)
        (odd_offers if mailbox in odd else offers).setdefault(mailbox, address)
        if len(offers) == MOST_OFFERED:
            break
    return [*offers.values(), *odd_offers.values()][:MOST_OFFERED]


def odd_last(earlier: Iterable[str], odd: Collection[str]) -> list[str]:
    """The same addresses, after all others those of ``odd`` mailboxes."""
    return sorted(earlier, key=lambda address: mailbox_of(address) in odd)
