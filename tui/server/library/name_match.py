"""Whether a name is what somebody looks for: by words, beginnings of words, and ``*``; and the same by an index."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ...rules import names
from ...rules.globs import Glob
from ..database.full_text import LONGEST

_WORD = re.compile(r"\w+")
_ASKED = re.compile(r"[\w*]+")
# Scripts that put no blanks between words: there, any part of a run is looked for.
_RUN = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
#: So many different words of one document are in the index.
_MOST_TERMS = 1000


class Words:
    """Text to look for: each of its words has to be there.

    ``beginnings`` takes a word's beginning for the word: ``warrant`` finds *warranty*.
    """

    def __init__(self, text: str, *, beginnings: bool) -> None:
        # Each once: of a word that is said a thousand times, every document would be asked as often.
        asked = list(dict.fromkeys(part for part in _ASKED.findall(names.key(text)) if part.strip("*")))
        self._globs = [Glob(_pattern(part, beginnings)) for part in asked]
        #: The longest pieces of each word without ``*``: what is found holds them all.
        self.literals = [max(part.split("*"), key=len) for part in asked]
        looked_up = [_term(part) for part in asked]
        #: What the index has of whatever is found, each the beginning of a term.
        self.terms = [term for term, _ in looked_up if term]
        #: Whether whatever the index has of them all is found.
        self.exact = beginnings and all(term and exact for term, exact in looked_up)

    def __bool__(self) -> bool:
        return bool(self._globs)

    def found_in(self, texts: Iterable[str | None]) -> bool:
        words = {word for text in texts if text for word in _WORD.findall(names.key(text))}
        return all(any(map(glob.matches, words)) for glob in self._globs)


def _pattern(part: str, beginnings: bool) -> str:
    if _RUN.search(part):
        return f"*{part}*"
    return f"{part}*" if beginnings else part


def _term(part: str) -> tuple[str, bool]:
    """The beginning of a term that all words have that ``part`` finds (``""``: none is known), and whether all
    that have it are found."""
    if _RUN.search(part):
        # Wherever a run begins, a term begins.
        piece = next(piece for piece in part.split("*") if _RUN.search(piece))
        start = next(place for place, char in enumerate(piece) if _RUN.match(char))
        whole = start == 0 and piece == part.strip("*")
        return piece[start : start + LONGEST], whole and len(piece) <= LONGEST
    first = part.split("*")[0]
    return first[:LONGEST], first == part.rstrip("*") and len(first) <= LONGEST


def terms_of(texts: Iterable[str | None]) -> list[str]:
    """The terms that the index has of a document: its words, and in scripts without blanks the run from each
    character on, none longer than :data:`~tui.server.database.full_text.LONGEST`."""
    found: dict[str, None] = {}
    for text in texts:
        for word in _WORD.findall(names.key(text)) if text else ():
            found[word[:LONGEST]] = None
            if _RUN.search(word):
                found |= {
                    word[n : n + LONGEST]: None for n, char in enumerate(word) if n and _RUN.match(char)
                }
            if len(found) >= _MOST_TERMS:
                return list(found)[:_MOST_TERMS]
    return list(found)


class Whole:
    """A whole field, in which ``*`` stands for anything."""

    def __init__(self, text: str) -> None:
        self._glob = Glob(names.key(text))

    def found_in(self, texts: Iterable[str | None]) -> bool:
        return any(self._glob.matches(names.key(text)) for text in texts if text)
