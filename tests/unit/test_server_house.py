"""How the server is put together: no two of its modules import each other, directly or indirectly (imports for types
count too), and all routes are in one list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from inspect import iscoroutinefunction
from typing import Any

import grimp
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
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


def _called_for(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    """What FastAPI calls for a route, or for what that depends on."""
    if dependant.call is not None:
        yield dependant.call
    for each in dependant.dependencies:
        yield from _called_for(each)


def _is_awaited(call: Callable[..., Any]) -> bool:
    # An object that can be called, as the descriptions of tokens are.
    return iscoroutinefunction(call) or iscoroutinefunction(type(call).__call__)


def test_nothing_of_a_request_waits_for_a_thread() -> None:
    """FastAPI calls in a thread what isn't ``async``: for the little that is done here, the way there takes longer, and
    the threads take a megabyte."""
    app = application()
    routes = [route for route in (*app.routes, *app.pages.routes) if isinstance(route, APIRoute)]
    assert len(routes) > 100
    called = {call for route in routes for call in _called_for(route.dependant)}
    assert [call for call in called if not _is_awaited(call)] == []
