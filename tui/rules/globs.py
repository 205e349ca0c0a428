"""Matching text against a pattern in which ``*`` matches anything.

User input never becomes a regular expression, because some of those take forever.
"""

from __future__ import annotations


class Glob:
    """A pattern. Each piece between two ``*`` is matched at its first occurrence after the previous piece, so that no
    part of a text is searched for two pieces."""

    __slots__ = ("_first", "_last", "_middle")

    def __init__(self, pattern: str) -> None:
        first, *rest = pattern.split("*")
        self._first = first
        #: ``None`` if there is no ``*``: then the whole pattern is in ``_first``.
        self._last = rest.pop() if rest else None
        self._middle = [piece for piece in rest if piece]

    def matches(self, text: str) -> bool:
        """Whether the whole ``text`` matches the pattern."""
        if self._last is None:
            return text == self._first
        place, end = len(self._first), len(text) - len(self._last)
        if place > end or not text.startswith(self._first) or not text.endswith(self._last):
            return False
        for piece in self._middle:
            found = text.find(piece, place, end)
            if found < 0:
                return False
            place = found + len(piece)
        return True
