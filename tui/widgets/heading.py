"""The first line of the screen: the program's name, who is signed in, and where."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content

from ..rules.text import printable
from .fit import fit, shorten
from .status_line import StatusLine

_NAME = " Secure Sent Links"


class Heading(StatusLine):
    """Where there is no room for two servers, both are cut: that there are two is seen in any width.

    Blanks reach to the end of the line, for a style of text that is to reach there."""

    def __init__(self, *, id: str) -> None:
        super().__init__(_NAME, id=id)
        self._parts: tuple[str, ...] = (_NAME,)

    def show(self, user: str, *places: str) -> None:
        """``places`` are the servers that are spoken with, in words."""
        self._parts = (f"{_NAME} · {printable(user)} · ", *map(printable, places))
        self.say(self._parts[0] + " · ".join(self._parts[1:]))

    def render(self) -> Content:
        beginning, places = self._parts[0], list(self._parts[1:])
        room = self.content_size.width - cell_len(beginning) - 3 * (len(places) - 1)
        if len(places) == 2:
            first, second = map(cell_len, places)
            given = min(first, max(room // 2, room - second))
            places = [shorten(places[0], given), shorten(places[1], room - given)]
        return Content(fit(beginning + " · ".join(places), self.content_size.width))
