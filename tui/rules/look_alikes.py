"""Addresses and domains that can be taken for others, and which of those that look alike is the genuine one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from .display import joined
from .mail_domains import COMMON, FREE_MAIL, domain_of, is_within, readable
from .similar_names import mixed_scripts, only_looks_latin, skeleton

#: What can be taken for something else in the letters of every keyboard.
_ASCII_TWINS = (("rn", "m"), ("vv", "w"), ("0", "o"), ("1", "l"))
#: Digits that stand for letters. At the end of a word they count something: ``team1`` is no disguised ``teaml``.
_DIGITS_IN_WORD = re.compile("[a-z][01]+[a-z]")
#: Initials are shorter: at the same domain, each is one letter off many others.
_LEAST_NAME = 4
#: So it is with domains: the label that differs, unless it is the last one (``halyard.co``), has that many letters.
_LEAST_LABEL = 4
#: A name of so many letters is somebody's own: at two domains that differ by a letter, it is hardly two people's.
_OWN_NAME = 8


def text_of(address: str) -> str:
    """An address, or a domain, in ASCII as people read it."""
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{readable(domain)}"


@lru_cache(maxsize=2048)
def likeness(address: str) -> str:
    """The same for all addresses, or all domains, that can be taken for each other. They are given in ASCII."""
    text = text_of(address)
    # Without the tables of all letters, which take a while to load, and have nothing else for those of ASCII.
    return _plain(text if text.isascii() else skeleton(text).lower())


def _plain(text: str) -> str:
    for several, one in _ASCII_TWINS:
        text = text.replace(several, one)
    return text


def twins(address: str, others: Iterable[str]) -> list[str]:
    """Those of ``others`` that it can be taken for."""
    alike = likeness(address)
    return [other for other in others if other != address and likeness(other) == alike]


def genuine(alike: Sequence[str], trusted: Collection[str] = ()) -> list[str]:
    """Those of addresses, or domains, that look alike which don't pretend to be another of them; several if nothing
    tells which they are: of ``bernard`` and ``bemard``, each may be somebody's name.

    At domains that are ``trusted``, and at those of free mail, is who says so.
    """
    grades = [_grade(each, trusted) for each in alike]
    return [each for each, grade in zip(alike, grades, strict=True) if grade == min(grades)]


def _grade(address: str, trusted: Collection[str]) -> tuple[bool, int]:
    domain, text = address.rpartition("@")[2], text_of(address)
    disguise = 2 if not text.isascii() else 1 if _DIGITS_IN_WORD.search(text) else 0
    return not (domain in FREE_MAIL or is_within(domain, trusted)), disguise


def look_alikes(mailboxes: Iterable[str], trusted: Collection[str] = ()) -> frozenset[str]:
    """Those of ``mailboxes`` that only look like another of them, or whose domain looks like that of another; of the
    ``trusted`` domains, none is one."""
    addresses = set(mailboxes)
    domains = disguised({*map(domain_of, addresses), *trusted, *COMMON}, trusted)
    at_disguised = {each for each in addresses if domain_of(each) in domains} if domains else set()
    return frozenset(at_disguised | disguised(addresses, trusted))


def disguised(addresses: Iterable[str], trusted: Collection[str]) -> set[str]:
    """Those of addresses, or of domains, that only look like another of them."""
    groups: dict[str, list[str]] = {}
    for address in addresses:
        groups.setdefault(likeness(address), []).append(address)
    several = [group for group in groups.values() if len(group) > 1]
    return {each for group in several for each in set(group).difference(genuine(group, trusted))}


def hidden_scripts(domain: str) -> list[str]:
    """The scripts of letters that only look like those of another script; none for a domain that hides nothing."""
    text = readable(domain)
    if text.isascii():
        return []
    labels = text.split(".")
    for label in labels:
        if found := mixed_scripts(label) or (labels[-1].isascii() and only_looks_latin(label)):
            return found
    return []


def in_letters(domain: str) -> str:
    """The scripts that a domain hides, to be added to it; empty if it hides none."""
    scripts = hidden_scripts(domain)
    return f" (letters of {joined(scripts)})" if scripts else ""


def is_one_off(address: str, other: str) -> bool:
    """Whether two addresses, or two domains, differ by one letter, and what differs is neither a short name at the same
    domain nor a short domain."""
    text, others_text = text_of(address), text_of(other)
    if not one_letter_off(text, others_text):
        return False
    (name, _, domain), (others_name, _, others_domain) = text.rpartition("@"), others_text.rpartition("@")
    if domain == others_domain:
        return max(len(name), len(others_name)) >= _LEAST_NAME
    return len(name) >= _OWN_NAME or _differ_enough(domain.split("."), others_domain.split("."))


def _differ_enough(labels: list[str], others: list[str]) -> bool:
    """Whether of two domains that are one letter apart, one is rather mistyped than another firm's."""
    if len(labels) != len(others):
        return max(map(len, [*labels[:-1], *others[:-1]]), default=0) >= _LEAST_LABEL
    if labels[:-1] == others[:-1]:
        return True
    longest = max(max(len(a), len(b)) for a, b in zip(labels, others, strict=True) if a != b)
    return longest >= _LEAST_LABEL


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
