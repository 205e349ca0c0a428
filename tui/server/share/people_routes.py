"""The addresses of people: signing in and out, and what an administrator does with users."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from ... import __version__
from ...wire.people import (
    Exchange,
    NewPassword,
    NewUser,
    Sessions,
    SignedIn,
    SignIn,
    User,
    UserChange,
    UserRemoved,
    Users,
)
from ...wire.share import Me
from ..context import context_of
from ..http.visitor import visitor_of
from ..people import over_socket
from . import people, sessions
from .answers import SIGNED_IN, BoundedRoute, problems
from .caller import By

router = APIRouter(route_class=BoundedRoute)


@router.post("/login", responses=problems(401, 413, 422, 429))
async def login(request: Request, body: SignIn) -> SignedIn:
    """An access token for a name and a password, good until revoked or not used for 90 days."""
    return await people.login(context_of(request), body, visitor_of(request))


@router.post("/exchange", responses=problems(401, 403, 413, 422), dependencies=SIGNED_IN)
async def exchange(request: Request, by: By, body: Exchange) -> SignedIn:
    """An access token, as a login gives it, for the token of the data folder, which ends with that over the network."""
    return await people.exchange(by, body, local=over_socket(request))


@router.post(
    "/logout",
    status_code=204,
    response_class=Response,
    responses=problems(401),
    dependencies=SIGNED_IN,
)
async def logout(by: By) -> Response:
    """Revokes the access token that the request carries."""
    await people.logout(by)
    return Response(status_code=204)


@router.get("/me", responses=problems(401), dependencies=SIGNED_IN)
async def me(by: By) -> Me:
    """Who the access token belongs to."""
    return Me(
        user=by.person.name,
        admin=by.person.admin,
        version=__version__,
        public_url=by.context.public_url,
        versions=True,
        now=by.context.clock(),
    )


@router.get("/sessions", responses=problems(401, 403), dependencies=SIGNED_IN)
async def all_sessions(by: By) -> Sessions:
    """Where one is signed in, the last used first; at most 2,000 tokens are looked at."""
    return await sessions.listing(by)


@router.delete("/sessions", responses=problems(401, 403), dependencies=SIGNED_IN)
async def end_other_sessions(by: By) -> Sessions:
    """Signs out everywhere but here, and answers what has ended."""
    return await sessions.end_others(by)


@router.delete("/sessions/{ident}", responses=problems(401, 403, 404), dependencies=SIGNED_IN)
async def end_session(by: By, ident: str) -> Sessions:
    """Ends one of one's sessions, and answers it; the one that asks may be it."""
    return await sessions.end(by, ident)


@router.get("/users", responses=problems(401, 403), dependencies=SIGNED_IN)
async def all_users(by: By) -> Users:
    """Everybody. For administrators."""
    return await people.listing(by)


@router.post(
    "/users", status_code=201, responses=problems(401, 403, 409, 413, 422, 429), dependencies=SIGNED_IN
)
async def add_user(by: By, body: NewUser) -> User:
    """Adds a person. For administrators."""
    return await people.add(by, body)


@router.patch("/users/{name}", responses=problems(401, 403, 404, 413, 422), dependencies=SIGNED_IN)
async def change_user(by: By, name: str, body: UserChange) -> User:
    """Changes what recipients see of a person. For administrators."""
    return await people.change(by, name, body)


@router.delete("/users/{name}", responses=problems(401, 403, 404, 409), dependencies=SIGNED_IN)
async def remove_user(by: By, name: str) -> UserRemoved:
    """Removes a person: their links stop, their folders and audit stay. For administrators."""
    return await people.remove(by, name)


@router.put(
    "/users/{name}/password", responses=problems(401, 403, 404, 413, 422, 429), dependencies=SIGNED_IN
)
async def change_password(by: By, name: str, body: NewPassword) -> User:
    """Sets a password and revokes that person's other tokens. For administrators, and with the present one for
    oneself."""
    return await people.change_password(by, name, body)
