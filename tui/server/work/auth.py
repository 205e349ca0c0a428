"""Discovery and the token endpoints: whom a token belongs to, and how tokens are issued, refreshed and revoked."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.formparsers import MultiPartException, MultiPartParser

from ...rules.errors import NotSignedIn
from ..accounts.signin import hold_sign_in, sign_in
from ..accounts.users import SignInInfo, add_token, address_of, end_sign_ins, secret_of
from ..base.keys import new_id
from ..context import Context, context_of
from ..database.tables import tokens, users
from ..http.proxies import was_forwarded
from ..http.visitor import visitor_of
from ..library.ids import CUSTOMER, LIBRARY
from ..library.routing import LanedRoute, in_lane
from ..limits.query_limits import Lane
from . import authorize
from .call import CallDep, answer, form_fields
from .errors import DMS_VERSION, GrantRefused, SignInRefused

router = APIRouter(route_class=LanedRoute)

GRANT_LIFE = timedelta(seconds=1800)
REFRESH_LIFE = timedelta(days=90)
_API_VERSION = "2.1.0"


@router.get("/api")
@router.get("/work/api")
async def discover(call: CallDep) -> Response:
    """Return the token's user, the libraries and the base URL of the API."""
    async with call.reading() as connection:
        query = select(users.c.full_name, users.c.email).where(users.c.id == call.person.id)
        row = (await connection.execute(query)).one()
    user = {"customer_id": CUSTOMER, "id": call.person.name, "name": row.full_name or call.person.name}
    library = {"alias": LIBRARY, "type": "worksite"}
    return answer(
        {
            "auth_status": "authenticated",
            "user": user | ({"email": row.email} if row.email else {}),
            "dms_version": DMS_VERSION,
            "work": {"preferred_library": LIBRARY, "libraries": [library]},
            "capabilities": [],
            "versions": [
                {
                    "name": "v2",
                    "url": f"{_base_of(call.request, call.context)}/work/api/v2",
                    "version": _API_VERSION,
                }
            ],
        }
    )


def _base_of(request: Request, context: Context) -> str:
    """The base URL of this server: the public one if it is set, else where the client's connection has arrived.

    Never from the Host header, which the client chooses.
    """
    host, port = request.scope.get("server") or ("", None)
    if context.settings.public_url or was_forwarded(request) or port is None:
        return context.public_url
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


# ---------------------------------------------------------------- tokens


@router.post("/auth/oauth2/token")
@in_lane(Lane.PASSWORDS)
async def token(request: Request) -> Response:
    """Issue a half-hour grant and its refresh token in exchange for a name and password, a refresh token or an
    authorization code.

    Any client id and secret are accepted.
    """
    form = await _form(request)
    kind = form.get("grant_type", "")
    if kind == "password":
        return await _by_password(request, form)
    if kind in ("refresh_token", "authorization_code"):
        async with context_of(request).lanes.place(Lane.GUESTS, visitor_of(request).network):
            return await (_by_refresh if kind == "refresh_token" else _by_code)(request, form)
    raise GrantRefused(
        "unsupported_grant_type",
        "grant_type must be password, refresh_token or authorization_code.",
        "grant_type",
    )


async def _by_password(request: Request, form: dict[str, str]) -> Response:
    context = context_of(request)
    begun = SignInInfo(_client_id(form), address_of(request))
    async with _signed_in(request, form.get("username", ""), form.get("password", "")) as (
        connection,
        user_id,
    ):
        return await _issue_tokens(context, connection, user_id, new_id(), form, begun)


def _client_id(form: dict[str, str]) -> str | None:
    return form.get("client_id", "").replace("\x00", "")[:255] or None


@asynccontextmanager
async def _signed_in(
    request: Request, name: str, password: str
) -> AsyncIterator[tuple[AsyncConnection, str]]:
    """Open a transaction for issuing tokens; yield it with the id of the user who has this name and password.

    Raises :class:`SignInRefused`, :class:`Throttled`.
    """
    context = context_of(request)
    try:
        person = await sign_in(context, name, password, visitor_of(request), "work")
        async with context.database.write() as connection:
            await hold_sign_in(connection, person)
            yield connection, person.id
    except NotSignedIn:
        raise SignInRefused("invalid_grant", "User ID or Password is incorrect") from None


async def _by_refresh(request: Request, form: dict[str, str]) -> Response:
    context = context_of(request)
    now = context.clock()
    async with context.database.write() as connection:
        # Checked and revoked in one statement: a refresh token is good for one use.
        result = await connection.execute(
            update(tokens)
            .where(
                tokens.c.hash == context.keys.lookup(form.get("refresh_token", "")),
                tokens.c.kind == "refresh",
                tokens.c.revoked_at.is_(None),
                or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > now),
                tokens.c.user_id.in_(select(users.c.id).where(users.c.removed_at.is_(None))),
            )
            .values(revoked_at=now)
            .returning(tokens.c.user_id, tokens.c.family, tokens.c.program, tokens.c.begun_at)
        )
        row = result.first()
        if row is not None:
            begun = SignInInfo(row.program, address_of(request), row.begun_at)
            return await _issue_tokens(context, connection, row.user_id, row.family, form, begun)
        await _end_if_spent(context, connection, form)
    # Raised outside the transaction, so that the revocations are committed.
    raise GrantRefused(
        "invalid_grant", "The refresh token is invalid or used. Sign in again.", "refresh_token"
    )


async def _end_if_spent(context: Context, connection: AsyncConnection, form: dict[str, str]) -> None:
    """If the refresh token was used before, revoke all tokens of its sign-in: two parties have it, and there is no
    telling which of them is the user."""
    this_token = tokens.c.hash == context.keys.lookup(form.get("refresh_token", ""))
    spent = (tokens.c.kind == "refresh", tokens.c.revoked_at.is_not(None))
    await end_sign_ins(context, connection, this_token, *spent)


async def _by_code(request: Request, form: dict[str, str]) -> Response:
    context, begun = context_of(request), SignInInfo(_client_id(form), address_of(request))
    async with context.database.write() as connection:
        redeemed = await authorize.redeem(context, connection, form)
        if redeemed is not None:
            user_id, family, scope = redeemed
            return await _issue_tokens(context, connection, user_id, family, {"scope": scope}, begun)
    # Raised outside the transaction, so that the code stays marked as used.
    raise authorize.refused()


async def _issue_tokens(
    context: Context,
    connection: AsyncConnection,
    user_id: str,
    family: str,
    form: dict[str, str],
    begun: SignInInfo,
) -> Response:
    begun = replace(begun, at=begun.at or context.clock())

    async def add(kind: str, lifetime: timedelta) -> str:
        return await add_token(
            context, connection, user_id, kind, lifetime=lifetime, family=family, begun=begun
        )

    access, refresh = await add("grant", GRANT_LIFE), await add("refresh", REFRESH_LIFE)
    body: dict[str, Any] = {
        "access_token": access,
        "refresh_token": refresh,
        "token_type": "Bearer",
        "expires_in": int(GRANT_LIFE.total_seconds()),
        "scope": form.get("scope") or "user",
    }
    return JSONResponse(body, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


async def _form(request: Request) -> dict[str, str]:
    """The fields of a URL-encoded or multipart form, or of a JSON object."""
    raw = await request.body()
    text = raw.decode("utf-8", "replace")
    kind = request.headers.get("content-type", "").lower()
    if kind.startswith("multipart/form-data"):
        return await _parts(request, raw)
    if "json" in kind:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        fields = found.items() if isinstance(found, dict) else ()
        return {key: value for key, value in fields if isinstance(value, str)}
    return form_fields(text)


async def _parts(request: Request, raw: bytes) -> dict[str, str]:
    """The fields of a multipart form; none if it can't be read or has files."""

    async def body() -> AsyncGenerator[bytes, None]:
        yield raw

    try:
        found = await MultiPartParser(request.headers, body(), max_files=0).parse()
    except (MultiPartException, KeyError):
        return {}
    return {key: value for key, value in found.items() if isinstance(value, str)}


@router.put("/api/v1/session/login")
@in_lane(Lane.PASSWORDS)
async def log_in(request: Request) -> Response:
    """Sign in as in the protocol's first version, of which only this call for a token is supported."""
    form = await _form(request)
    context = context_of(request)
    async with _signed_in(request, form.get("user_id", ""), form.get("password", "")) as (
        connection,
        user_id,
    ):
        secret = await add_token(
            context,
            connection,
            user_id,
            "grant",
            lifetime=GRANT_LIFE,
            family=new_id(),
            begun=SignInInfo(address=address_of(request)),
        )
    return JSONResponse(
        {"X-Auth-Token": secret, "customer_id": CUSTOMER}, headers={"Cache-Control": "no-store"}
    )


# ---------------------------------------------------------------- revoking


@router.post("/auth/oauth2/revoke-token")
@in_lane(Lane.GUESTS)
async def revoke(request: Request) -> Response:
    """Revoke a token and, for a grant, all tokens of the same sign-in. An unknown token counts as revoked."""
    context = context_of(request)
    form = await _form(request)
    secrets = [form[name] for name in ("access_token", "token", "refresh_token") if form.get(name)]
    hashes = [context.keys.lookup(secret) for secret in secrets]
    async with context.database.write() as connection:
        await end_sign_ins(context, connection, tokens.c.hash.in_(hashes))
    return answer({})


@router.get("/auth/logout")
@router.post("/auth/logout")
@in_lane(Lane.GUESTS)
async def logout(request: Request) -> Response:
    """End the sign-in that the token belongs to, even if the token has expired; without a token, do nothing. An access
    token for programs isn't a sign-in and stays valid."""
    context = context_of(request)
    this_token = tokens.c.hash == context.keys.lookup(secret_of(request))
    async with context.database.write() as connection:
        await end_sign_ins(context, connection, this_token, tokens.c.family.is_not(None))
    return answer({})
