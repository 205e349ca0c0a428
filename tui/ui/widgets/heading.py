"""The first line of the screen: the program's name, who is signed in, and on which server."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content

from ...override import override
from ...rules.text import printable
from .fit import shorten
from .status_line import StatusLine

_NAME = " Secure Sent Links"


class Heading(StatusLine):
    """If there isn't enough room for two servers, both names are cut, so that at any width you can see that there are
    two."""

    DEFAULT_CSS = """
    Heading { color: $quiet; text-style: $quiet-style; }
    """

    def __init__(self, *, id: str) -> None:
        super().__init__(_NAME, id=id)
        self._user = ""
        self._servers: tuple[str, ...] = ()
        self._is_quiet = False

    def show(self, user: str, *servers: str) -> None:
        """Show the user and the servers in use, by their display names."""
        self._user, self._servers = printable(user), tuple(map(printable, servers))
        self.say(" · ".join((_NAME, self._user, *self._servers)))

    def hush(self, quiet: bool) -> None:
        """Be quiet, while the user is asked something."""
        if quiet != self._is_quiet:
            self._is_quiet = quiet
            self.refresh()

    @override
    def render(self) -> Content:
        servers, width = list(self._servers), self.content_size.width
        name = (_NAME, "" if self._is_quiet else "bold not dim $text")
        if not servers:
            return Content.assemble(name)
        prefix = f"  {self._user} · "
        room = width - len(_NAME) - cell_len(prefix) - 3 * (len(servers) - 1) - 1
        if len(servers) == 2:
            first, second = map(cell_len, servers)
            first_width = min(first, max(room // 2, room - second))
            servers = [shorten(servers[0], first_width), shorten(servers[1], room - first_width)]
        else:
            servers = [shorten(server, room) for server in servers]
        right = shorten(prefix + " · ".join(servers), max(width - len(_NAME) - 1, 0))
        blank = " " * (width - len(_NAME) - cell_len(right) - 1)
        return Content.assemble(name, f"{blank}{right} ")[:width]
