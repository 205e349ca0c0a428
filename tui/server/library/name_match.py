"""Whether a name matches a search: by words, prefixes of words, and ``*``; and the terms to do the same by an index."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ...rules import names
from ...rules.globs import Glob
from ..database.full_text import LONGEST

_WORD = re.compile(r"\w+")
_SEARCH_WORD = re.compile(r"[\w*]+")
# Scripts that put no spaces between words: there, any part of a run of characters matches.
_RUN = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
#: The most different words of one document that are in the index.
_MAX_TERMS = 1000


class Words:
    """Text to search for: each of its words must be found.

    With ``beginnings``, a word's prefix is enough: ``warrant`` finds *warranty*.
    """

    def __init__(self, text: str, *, beginnings: bool) -> None:
        # Without duplicates: a word that is repeated a thousand times would be tested as often in every document.
        parts = list(dict.fromkeys(part for part in _SEARCH_WORD.findall(names.key(text)) if part.strip("*")))
        self._globs = [Glob(_pattern(part, beginnings)) for part in parts]
        #: The longest piece of each word without ``*``: every match contains all of them.
        self.literals = [max(part.split("*"), key=len) for part in parts]
        #: The pieces of each word between its ``*``, which every match contains in this order.
        self.pieces = [[piece for piece in part.split("*") if piece] for part in parts]
        looked_up = [_term(part) for part in parts]
        #: Prefixes of terms that the index has for every match.
        self.terms = [term for term, _ in looked_up if term]
        #: Whether everything that the index has for all of them is a match.
        self.exact = beginnings and all(term and exact for term, exact in looked_up)

    def __bool__(self) -> bool:
        return bool(self._globs)

    def found_in(self, texts: Iterable[str | None]) -> bool:
        """Whether each word is in at least one of the texts; ``None`` among them counts as empty."""
        words = {word for text in texts if text for word in _WORD.findall(names.key(text))}
        return all(any(map(glob.matches, words)) for glob in self._globs)


def _pattern(part: str, beginnings: bool) -> str:
    if _RUN.search(part):
        return f"*{part}*"
    return f"{part}*" if beginnings else part


def _term(part: str) -> tuple[str, bool]:
    """The prefix of a term that all words found by ``part`` have (``""``: none is known), and whether all words that
    have it are found."""
    if _RUN.search(part):
        # The index has a term from every character of a run on.
        piece = next(piece for piece in part.split("*") if _RUN.search(piece))
        start = next(index for index, char in enumerate(piece) if _RUN.match(char))
        whole = start == 0 and piece == part.strip("*")
        return piece[start : start + LONGEST], whole and len(piece) <= LONGEST
    first = part.split("*")[0]
    return first[:LONGEST], first == part.rstrip("*") and len(first) <= LONGEST


def terms_of(texts: Iterable[str | None]) -> list[str]:
    """The terms that the index has for a document: its words and, in scripts without spaces, the run from each
    character on; none longer than :data:`~tui.server.database.full_text.LONGEST`."""
    found: dict[str, None] = {}
    for text in texts:
        for word in _WORD.findall(names.key(text)) if text else ():
            found[word[:LONGEST]] = None
            if _RUN.search(word):
                found |= {
                    word[n : n + LONGEST]: None for n, char in enumerate(word) if n and _RUN.match(char)
                }
            if len(found) >= _MAX_TERMS:
                return list(found)[:_MAX_TERMS]
    return list(found)


class WholeMatch:
    """Text that must match a whole field; ``*`` stands for anything."""

    def __init__(self, text: str) -> None:
        self._glob = Glob(names.key(text))

    def found_in(self, texts: Iterable[str | None]) -> bool:
        """Whether it matches all of at least one of the texts; ``None`` among them is passed over."""
        return any(self._glob.matches(names.key(text)) for text in texts if text)
