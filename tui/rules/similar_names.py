"""Names that look like others: letters of several scripts in one name, and names with the same skeleton (UTS 39).

The tables of the library take 10 ms to load, so they are loaded with the first name that is looked at.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Scripts that are written together, as UTS 39 has them; Latin letters may stand with any of these.
_TOGETHER = (
    frozenset({"LATIN", "HAN", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "HAN", "HANGUL"}),
    frozenset({"LATIN", "HAN", "BOPOMOFO"}),
)
#: Signs that belong to no script, and marks that belong to that of their letter.
_ANY = frozenset({"COMMON", "INHERITED"})


def mixed_scripts(name: str) -> list[str]:
    """The scripts of a name's letters if they aren't written together, such as ``["Cyrillic", "Latin"]``; else none."""
    from confusable_homoglyphs.categories import unique_aliases

    scripts = frozenset(unique_aliases(name)) - _ANY
    if len(scripts) < 2 or any(scripts <= together for together in _TOGETHER):
        return []
    return sorted(script.capitalize() for script in scripts)


def only_looks_latin(name: str) -> list[str]:
    """The scripts of a name's letters, such as ``["Cyrillic"]``, if none is Latin and the whole name can be taken for
    letters of every keyboard; else none."""
    from confusable_homoglyphs.categories import unique_aliases

    scripts = frozenset(unique_aliases(name)) - _ANY
    if not scripts or "LATIN" in scripts or not skeleton(name).isascii():
        return []
    return sorted(script.capitalize() for script in scripts)


def looks_like(name: str, others: Iterable[str]) -> str | None:
    """The first of ``others``, except the name itself, that can be taken for it; ``None`` if there is none."""
    looked_for = skeleton(name)
    return next((other for other in others if other != name and skeleton(other) == looked_for), None)


def skeleton(name: str) -> str:
    """The same text for all names that look alike."""
    return "".join(map(_prototype, unicodedata.normalize("NFD", name)))


@cache
def _prototype(char: str) -> str:
    """What stands for all that can be taken for each other: several characters if one can be taken for them."""
    alike = _alike(char)
    texts = {"".join(filter(str.isprintable, each)) for each in alike}
    several = min((text for text in texts if len(text) > 1), default=None)
    if several is None:
        return min(alike)
    return "".join(min(one for one in _alike(each) if len(one) == 1) for each in several)


@cache
def _alike(char: str) -> frozenset[str]:
    """All that can be taken for a character, itself included."""
    from confusable_homoglyphs.confusables import confusables_data

    table: Mapping[str, list[dict[str, str]]] = confusables_data
    alike, left = {char}, [char]
    while left:
        found = {each["c"] for each in table.get(left.pop(), ())}
        left += found - alike
        alike |= found
    return frozenset(alike)
