"""Text by a pattern in which ``*`` stands for anything: what people write is compared as it is, and never becomes a
regular expression, of which some take for ever."""

from __future__ import annotations


class Glob:
    """A pattern. Between two ``*`` stands a piece; each is looked for from the end of the one before on, where it first
    is, so that no part of a text is gone through for two of them."""

    __slots__ = ("_first", "_last", "_middle")

    def __init__(self, pattern: str) -> None:
        first, *rest = pattern.split("*")
        self._first = first
        #: ``None`` where there is no ``*``: then all is in ``_first``.
        self._last = rest.pop() if rest else None
        self._middle = [piece for piece in rest if piece]

    def matches(self, text: str) -> bool:
        """Whether the whole of ``text`` is what the pattern says."""
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
