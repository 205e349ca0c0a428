"""Every route is in a lane by what it costs, and no request asks for places out of order (S36)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from starlette.routing import Route

from tui.server.app import application
from tui.server.base.pools import OutOfOrder, Pool, holding
from tui.server.library.routing import LanedRoute, lane_of
from tui.server.limits.query_limits import Lane
from tui.server.pages.routes import ROUTES as PAGES


def routes() -> Iterator[Route]:
    """All routes of the application, and those of the recipients' pages."""
    for route in (*application().routes, *PAGES):
        assert isinstance(route, Route)
        yield route


def test_every_route_has_a_lane() -> None:
    found = {(route.path, *sorted(route.methods or ())): lane_of(route) for route in routes()}
    assert len(found) > 130
    assert [path for path, lane in found.items() if lane is None] == []


def test_guests_are_in_a_lane_of_their_own() -> None:
    """Those who aren't signed in take no place of those who are."""
    for route in routes():
        if not (isinstance(route, LanedRoute) and route.is_signed_in):
            assert lane_of(route) in (Lane.FREE, Lane.GUESTS, Lane.PASSWORDS), route.path
        else:
            assert lane_of(route) != Lane.GUESTS, route.path


@pytest.mark.parametrize("pool", Pool)
def test_places_have_an_order(pool: Pool) -> None:
    for other in Pool:
        with ExitStack() as stack:
            stack.enter_context(holding(pool))
            if other <= pool:
                with pytest.raises(OutOfOrder), holding(other):
                    pass
            else:
                stack.enter_context(holding(other))
    with holding(pool):
        pass


async def test_a_place_is_not_held_by_what_outlives_it() -> None:
    """A task that was started while a place was held asks for one after that."""
    over = asyncio.Event()

    async def later() -> None:
        await over.wait()
        with holding(Pool.CONNECTIONS):
            pass

    with holding(Pool.CONNECTIONS):
        task = asyncio.create_task(later())
        await asyncio.sleep(0)
    over.set()
    await task
