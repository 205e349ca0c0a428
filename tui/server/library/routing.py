"""Routes of both protocols: who asks is known first, then the body is received, and then the request waits for a place
in its lane."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, ClassVar, TypeVar

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.routing import Route
from starlette.types import Scope

from ...override import override
from ..accounts.users import Person, address_of, identify, person_of, secret_of
from ..base.pools import ask_for
from ..context import Context, context_of
from ..http.bodies import MAX_BODY, MAX_SIGN_IN, SHARE, has_body, receive_body
from ..http.visitor import network_of
from ..limits.query_limits import Lane

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

#: The places of a request at the entrance and in its lane, in its scope: stacks that are closed at its end, or before.
_ENTRANCE, _PLACE = "sentlinks.entrance", "sentlinks.place"
#: How long after it began a request is still taken to be that of who began it.
_TRUSTED_SECONDS = 1.0
#: Of endpoints that aren't in the lane of their router, and of those whose router has none.
_LANES: dict[Callable[..., Any], Lane] = {}
#: Endpoints whose bodies are as short as that of a sign-in, though the caller is known.
_SHORT: set[Callable[..., Any]] = set()


def short_body(endpoint: Endpoint) -> Endpoint:
    """Accept no more of a body than a sign-in needs."""
    _SHORT.add(endpoint)
    return endpoint


def in_lane(lane: Lane) -> Callable[[Endpoint], Endpoint]:
    """Put an endpoint into ``lane``, if that isn't the one of its router."""

    def mark(endpoint: Endpoint) -> Endpoint:
        _LANES[endpoint] = lane
        return endpoint

    return mark


def lane_of(route: Route) -> Lane | None:
    """The lane of a route; ``None`` if it isn't in one."""
    return _LANES.get(route.endpoint, route.lane if isinstance(route, LanedRoute) else None)


@asynccontextmanager
async def at_entrance(context: Context, scope: Scope) -> AsyncIterator[None]:
    """Hold a place at the entrance until the request leaves it. Raises :class:`Throttled` and :class:`Unavailable`."""
    request = Request(scope)
    whose = secret_of(request) or network_of(address_of(request))
    async with AsyncExitStack() as place:
        await place.enter_async_context(context.lanes.entrance(whose))
        scope[_ENTRANCE] = place
        yield


async def _leave_entrance(request: Request) -> None:
    place: AsyncExitStack | None = request.scope.get(_ENTRANCE)
    if place is not None:
        await place.aclose()


async def leave_lane(request: Request) -> None:
    """Give the request's place back before its end, to wait for one in another lane."""
    place: AsyncExitStack | None = request.scope.get(_PLACE)
    if place is not None:
        await place.aclose()


async def change_lane(request: Request, person: Person, lane: Lane) -> None:
    """Give the request's place back and wait for one in ``lane``, which it keeps until its response is made. Raises
    :class:`Unavailable`; it isn't refused because many others wait, for what it has brought would be lost."""
    place: AsyncExitStack | None = request.scope.get(_PLACE)
    if place is not None:
        await place.aclose()
        await place.enter_async_context(context_of(request).lanes.place(lane, person.id, admitted=True))


def _needs(dependant: Dependant, call: Callable[..., Any]) -> bool:
    return dependant.call is call or any(_needs(each, call) for each in dependant.dependencies)


class LanedRoute(APIRoute):
    """A route in :attr:`lane`, unless its endpoint is marked with :func:`in_lane`."""

    lane: ClassVar[Lane] = Lane.LIGHT

    @property
    def is_signed_in(self) -> bool:
        """Whether only people who are signed in may call it."""
        return _needs(self.dependant, person_of)

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()
        lane = lane_of(self)
        assert lane is not None
        signed_in = self.is_signed_in
        limit = MAX_BODY if signed_in and self.endpoint not in _SHORT else MAX_SIGN_IN

        async def laned(request: Request) -> Response:
            person = await identify(request) if signed_in else None
            await _leave_entrance(request)
            ask_for(_whose(request, person))
            context = context_of(request)
            network = network_of(address_of(request))
            buffers = context.upload_buffers if lane is Lane.TRANSFERS else context.buffers
            with buffers.share(network, *([person.id] if person else [])) as share:
                request.scope[SHARE] = share
                if lane is Lane.TRANSFERS:
                    return await _in_place(request, lane, person, handler)
                body = b""
                if has_body(request):
                    began = time.monotonic()
                    body = await receive_body(request, share, context.settings.budgets, limit)
                    if signed_in and time.monotonic() - began > _TRUSTED_SECONDS:
                        # In the meantime the person may have been signed out.
                        person = await identify(request)
                return await _in_place(_Received(request, body), lane, person, handler)

        return laned


def _whose(request: Request, person: Person | None) -> str:
    return person.id if person is not None else network_of(address_of(request))


class _Received(Request):
    """A request whose body has been received."""

    def __init__(self, request: Request, body: bytes) -> None:
        super().__init__(request.scope, request.receive)
        self._body = body


async def _in_place(
    request: Request,
    lane: Lane,
    person: Person | None,
    handler: Callable[[Request], Coroutine[Any, Any, Response]],
) -> Response:
    if person is None and lane is Lane.PASSWORDS:
        # Networks have their places in the queue itself.
        return await handler(request)
    async with AsyncExitStack() as place:
        await place.enter_async_context(context_of(request).lanes.place(lane, _whose(request, person)))
        request.scope[_PLACE] = place
        return await handler(request)
