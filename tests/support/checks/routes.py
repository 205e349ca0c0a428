"""Every address that a server has, with a made-up id wherever one belongs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from starlette.routing import Route

from tui.server.app import application

#: Sessions end there, those of the test too.
_ENDING = ("logout", "sessions", "exchange")


def every_route() -> Iterator[tuple[str, str]]:
    """The methods and paths, those of the recipients' pages too; without those that end the caller's session."""
    app = application()
    for route in (*app.routes, *app.pages.routes):
        if isinstance(route, Route) and not any(word in route.path for word in _ENDING):
            path = re.sub(r"\{[^}]*\}", "0" * 32, route.path)
            for method in sorted(route.methods or {"GET"}):
                yield method, path
