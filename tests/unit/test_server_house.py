"""How the server is put together: no two of its modules import each other, directly or indirectly (imports for types
count too), and all routes are in one list."""

from __future__ import annotations

import grimp
from starlette.routing import Route

from tui.server.app import application


def test_no_circles_between_files() -> None:
    graph = grimp.build_graph("tui")
    ours = {name for name in graph.modules if name.startswith("tui.server")}
    left = {name: {to for to in graph.find_modules_directly_imported_by(name) if to in ours} for name in ours}
    # A package may import its modules; being in a package doesn't count as importing it.
    while free := [name for name, knows in left.items() if not knows]:
        for name in free:
            del left[name]
        for knows in left.values():
            knows.difference_update(free)
    assert not left, sorted(left)


def test_all_routes_are_in_one_list() -> None:
    """FastAPI makes a copy of each route of an included router, with its models, and searches both."""
    routes = application().routes
    assert len(routes) > 100
    assert [route for route in routes if not isinstance(route, Route)] == []
