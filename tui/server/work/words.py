"""Whether a name is what somebody looks for: by words, beginnings of words, and ``*``."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ...rules import names

_WORD = re.compile(r"\w+")
_ASKED = re.compile(r"[\w*]+")
# Scripts that put no blanks between words: there, any part of a run is looked for.
_RUN = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


class Words:
    """Text to look for: each of its words has to be there.

    ``beginnings`` takes a word's beginning for the word: ``warrant`` finds *warranty*.
    """

    def __init__(self, text: str, *, beginnings: bool) -> None:
        asked = [part for part in _ASKED.findall(names.key(text)) if part.strip("*")]
        self._patterns = [re.compile(_pattern(part, beginnings)) for part in asked]
        #: The longest pieces of each word without ``*``: what is found holds them all.
        self.literals = [max(part.split("*"), key=len) for part in asked]

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def found_in(self, texts: Iterable[str | None]) -> bool:
        words = [word for text in texts if text for word in _WORD.findall(names.key(text))]
        return all(any(pattern.fullmatch(word) for word in words) for pattern in self._patterns)


def _pattern(part: str, beginnings: bool) -> str:
    pattern = ".*".join(map(re.escape, part.split("*")))
    if _RUN.search(part):
        return f".*{pattern}.*"
    return f"{pattern}.*" if beginnings else pattern


class Whole:
    """A whole field, in which ``*`` stands for anything."""

    def __init__(self, text: str) -> None:
        self._pattern = re.compile(".*".join(map(re.escape, names.key(text).split("*"))), re.DOTALL)

    def found_in(self, texts: Iterable[str | None]) -> bool:
        return any(self._pattern.fullmatch(names.key(text)) for text in texts if text)
