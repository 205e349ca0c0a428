"""Routes of people: signing in and out, sessions, and the administration of users."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from ... import __version__
from ...wire.batch import MOST_BYTES
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
from .. import notifications
from ..accounts.users import over_socket
from ..context import context_of
from ..http.visitor import visitor_of
from ..library.routing import LanedRoute, in_lane, short_body
from ..limits.query_limits import Lane
from . import accounts, sessions
from .answers import PREFIX, SIGNED_IN, problems
from .caller import CallerDep

router = APIRouter(prefix=PREFIX, route_class=LanedRoute)


@router.post("/login", responses=problems(401, 413, 422, 429))
@in_lane(Lane.PASSWORDS)
async def login(request: Request, body: SignIn) -> SignedIn:
    """An access token for a name and a password, valid until it is revoked or unused for 90 days."""
    return await accounts.login(context_of(request), body, visitor_of(request))


@router.post("/exchange", responses=problems(401, 403, 413, 422), dependencies=SIGNED_IN)
@short_body
async def exchange(request: Request, by: CallerDep, body: Exchange) -> SignedIn:
    """An access token, as from a login, for the data folder's token, which is then no longer valid over the network."""
    return await accounts.exchange(by, body, local=over_socket(request))


@router.post(
    "/logout",
    status_code=204,
    response_class=Response,
    responses=problems(401),
    dependencies=SIGNED_IN,
)
async def logout(by: CallerDep) -> Response:
    """Revoke the access token that the request carries."""
    await accounts.logout(by)
    return Response(status_code=204)


@router.get("/me", responses=problems(401), dependencies=SIGNED_IN)
async def me(by: CallerDep) -> Me:
    """The person that the access token belongs to."""
    async with by.context.database.read() as connection:
        can_be_notified = await notifications.is_available(by.context, connection, by.id)
        full_name = await accounts.full_name_of(connection, by.id)
    return Me(
        user=by.person.name,
        full_name=full_name,
        admin=by.person.admin,
        version=__version__,
        public_url=by.context.public_url,
        versions=True,
        batch_bytes=MOST_BYTES,
        notifications=can_be_notified,
        now=by.context.clock(),
    )


@router.get("/sessions", responses=problems(401, 403), dependencies=SIGNED_IN)
async def all_sessions(by: CallerDep) -> Sessions:
    """The caller's sessions, most recently used first; at most 2,000 tokens are considered."""
    return await sessions.listing(by)


@router.delete("/sessions", responses=problems(401, 403), dependencies=SIGNED_IN)
async def end_other_sessions(by: CallerDep) -> Sessions:
    """End all the caller's sessions but the current one. Returns the ended sessions."""
    return await sessions.end_others(by)


@router.delete("/sessions/{ident}", responses=problems(401, 403, 404), dependencies=SIGNED_IN)
async def end_session(by: CallerDep, ident: str) -> Sessions:
    """End one of the caller's sessions, which may be the current one. Returns it."""
    return await sessions.end(by, ident)


@router.get("/users", responses=problems(401, 403), dependencies=SIGNED_IN)
async def all_users(by: CallerDep) -> Users:
    """All people. For administrators."""
    return await accounts.listing(by)


@router.post(
    "/users", status_code=201, responses=problems(401, 403, 409, 413, 422, 429), dependencies=SIGNED_IN
)
@in_lane(Lane.PASSWORDS)
async def add_user(by: CallerDep, body: NewUser) -> User:
    """Add a person. For administrators."""
    return await accounts.add(by, body)


@router.patch("/users/{name}", responses=problems(401, 403, 404, 413, 422), dependencies=SIGNED_IN)
async def change_user(by: CallerDep, name: str, body: UserChange) -> User:
    """Change what recipients see of a person. For administrators."""
    return await accounts.change(by, name, body)


@router.delete("/users/{name}", responses=problems(401, 403, 404, 409), dependencies=SIGNED_IN)
@in_lane(Lane.EXPENSIVE)
async def remove_user(by: CallerDep, name: str) -> UserRemoved:
    """Remove a person: their links stop working, their folders and audit stay. For administrators."""
    return await accounts.remove(by, name)


@router.put(
    "/users/{name}/password", responses=problems(401, 403, 404, 413, 422, 429), dependencies=SIGNED_IN
)
@in_lane(Lane.PASSWORDS)
async def change_password(by: CallerDep, name: str, body: NewPassword) -> User:
    """Set a person's password and revoke their other tokens. For administrators, and for oneself with the current
    password."""
    return await accounts.change_password(by, name, body)
