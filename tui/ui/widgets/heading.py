"""The first line of the screen: the program's name, who is signed in, and on which server."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content

from ...override import override
from ...rules.text import printable
from .fit import fit, shorten
from .status_line import StatusLine

_NAME = " Secure Sent Links"


class Heading(StatusLine):
    """If there isn't enough room for two servers, both names are cut, so that at any width you can see that there are
    two.

    The text is padded with blanks to the end of the line, so that its text style reaches there too."""

    def __init__(self, *, id: str) -> None:
        super().__init__(_NAME, id=id)
        self._parts: tuple[str, ...] = (_NAME,)

    def show(self, user: str, *servers: str) -> None:
        """Show the user and the servers in use, by their display names."""
        self._parts = (f"{_NAME} · {printable(user)} · ", *map(printable, servers))
        self.say(self._parts[0] + " · ".join(self._parts[1:]))

    @override
    def render(self) -> Content:
        prefix, servers = self._parts[0], list(self._parts[1:])
        room = self.content_size.width - cell_len(prefix) - 3 * (len(servers) - 1)
        if len(servers) == 2:
            first, second = map(cell_len, servers)
            first_width = min(first, max(room // 2, room - second))
            servers = [shorten(servers[0], first_width), shorten(servers[1], room - first_width)]
        return Content(fit(prefix + " · ".join(servers), self.content_size.width))
