"""Signing in with a browser: the page that a program sends the user to, and the code that it gets back.

This is OAuth 2's authorization code flow, always with PKCE. The code is sent only to a program on the user's own
machine or to this server's public address. It can be used once, within two minutes, by the client it was issued to.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlencode, urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup
from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.errors import NotSignedIn, Throttled
from ..accounts.signin import hold_sign_in, sign_in
from ..accounts.users import end_tokens
from ..base.keys import new_id, new_secret
from ..context import Context, context_of
from ..database.tables import sign_in_codes, tokens, users
from ..http.visitor import from_own_page, visitor_of
from ..library.routing import LanedRoute, in_lane
from ..limits.query_limits import Lane
from .call import form_fields
from .errors import GrantRefused

if TYPE_CHECKING:
    from jinja2 import Template

router = APIRouter(route_class=LanedRoute)

CODE_LIFE = timedelta(minutes=2)
# How long codes are kept after they expire, so that a second use is noticed.
_CODES_KEPT = timedelta(hours=1)
_MAX_STATE = 2048
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_FIELDS = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
)

_HERE = Path(__file__).parent
_CSS = (_HERE.parent / "pages" / "templates" / "style.css").read_text("utf-8")
_CSS_HASH = base64.b64encode(hashlib.sha256(_CSS.encode()).digest()).decode()


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A program's authorization request; its redirect URI is one that codes may be sent to."""

    client_id: str
    redirect_uri: str
    scope: str
    state: str
    challenge: str
    #: What is wrong with it, as OAuth's error code, which is sent to the program.
    error: str | None
    fields: tuple[tuple[str, str], ...]

    @property
    def host(self) -> str:
        """Host and port that the code will be sent to, as the page shows them."""
        return urlsplit(self.redirect_uri).netloc

    def answer(self, **values: str) -> Response:
        """Redirect the browser back to the program."""
        more = urlencode(values | ({"state": self.state} if self.state else {}))
        mark = "&" if "?" in self.redirect_uri else "?"
        return RedirectResponse(f"{self.redirect_uri}{mark}{more}", 303, _headers(self))


class _Unusable(Exception):
    """The browser can't be sent back to the program; the message says why."""


@router.get("/auth/oauth2/authorize")
@in_lane(Lane.FREE)
async def show(request: Request) -> Response:
    """Show the page where the user signs in for a program."""
    try:
        authorization = _read_request(request, dict(request.query_params))
    except _Unusable as problem:
        return _page(None, 400, str(problem))
    return (
        authorization.answer(error=authorization.error) if authorization.error else _page(authorization, 200)
    )


@router.post("/auth/oauth2/authorize")
@in_lane(Lane.PASSWORDS)
async def submit(request: Request) -> Response:
    """Sign the user in, and redirect the browser back to the program with a code."""
    form = form_fields((await request.body()).decode("utf-8", "replace"))
    try:
        authorization = _read_request(request, form)
    except _Unusable as problem:
        return _page(None, 400, str(problem))
    if authorization.error:
        return authorization.answer(error=authorization.error)
    if not from_own_page(request):
        return _page(authorization, 200)
    context, name = context_of(request), form.get("username", "")
    try:
        person = await sign_in(context, name, form.get("password", ""), visitor_of(request), "browser")
        async with context.database.write() as connection:
            await hold_sign_in(connection, person)
            code = await _issue_code(context, connection, authorization, person.id)
    except NotSignedIn:
        return _page(authorization, 403, "User ID or Password is incorrect.", name)
    except Throttled as problem:
        page = _page(authorization, 429, problem.message, name)
        page.headers["Retry-After"] = str(problem.retry_after)
        return page
    return authorization.answer(code=code)


def _read_request(request: Request, parameters: dict[str, str]) -> AuthorizationRequest:
    """Read the program's request. Raises :class:`_Unusable` if the browser can't be sent back."""
    fields = {name: parameters.get(name, "") for name in _FIELDS}
    if any(len(value) > _MAX_STATE or "\x00" in value for value in fields.values()):
        raise _Unusable("This sign-in address is too long. Start again from the program.")
    if not _may_receive_codes(context_of(request), fields["redirect_uri"]):
        raise _Unusable(
            "The program wants your sign-in to be sent to another machine, which isn't allowed. "
            "A program on this machine must use an address like http://127.0.0.1:8000/."
        )
    challenge = fields["code_challenge"]
    error = None
    if fields["response_type"] != "code":
        error = "unsupported_response_type"
    elif not (fields["code_challenge_method"] == "S256" and _CHALLENGE.fullmatch(challenge)):
        error = "invalid_request"
    return AuthorizationRequest(
        client_id=fields["client_id"][:255],
        redirect_uri=fields["redirect_uri"],
        scope=fields["scope"][:64] or "user",
        state=fields["state"],
        challenge=challenge,
        error=error,
        fields=tuple((name, value) for name, value in fields.items() if value),
    )


def _may_receive_codes(context: Context, address: str) -> bool:
    """Whether ``address`` is on the user's own machine or is this server's public address."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    suspicious = (
        parts.fragment or parts.username or parts.password or not address.isprintable() or " " in address
    )
    if suspicious or not address.isascii() or "\\" in address or parts.scheme not in ("http", "https"):
        return False
    host = parts.hostname or ""
    if parts.scheme == "http" and (host in ("localhost", "::1") or re.fullmatch(r"127(\.\d{1,3}){3}", host)):
        return True
    # Not compared with the Host header, which the client controls.
    own = urlsplit(context.public_url)
    return (parts.scheme, host, _port(parts, port)) == (own.scheme, own.hostname, _port(own, own.port))


def _port(parts: SplitResult, port: int | None) -> int | None:
    return port or {"http": 80, "https": 443}.get(parts.scheme)


def _headers(authorization: AuthorizationRequest | None) -> dict[str, str]:
    # Browsers apply form-action to the redirect after the form as well.
    targets = "'none'"
    if authorization is not None:
        parts = urlsplit(authorization.redirect_uri)
        targets = f"'self' {parts.scheme}://{parts.netloc}" if "[" not in parts.netloc else "*"
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{_CSS_HASH}'; form-action {targets}; base-uri 'none'; "
            "frame-ancestors 'none'"
        ),
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "private, no-store",
        "X-Robots-Tag": "noindex",
    }


@cache
def _template() -> Template:
    # Not before the first page: it takes memory.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("sign_in.html")


def _page(
    authorization: AuthorizationRequest | None, status: int, error: str | None = None, username: str = ""
) -> Response:
    body = _template().render(css=Markup(_CSS), authorization=authorization, error=error, username=username)  # noqa: S704 - our own file
    return HTMLResponse(body, status, _headers(authorization))


# ---------------------------------------------------------------- codes


async def _issue_code(
    context: Context, connection: AsyncConnection, authorization: AuthorizationRequest, user_id: str
) -> str:
    now, code = context.clock(), new_secret()
    old = sign_in_codes.c.expires_at < now - _CODES_KEPT
    await connection.execute(delete(sign_in_codes).where(old))
    await connection.execute(
        insert(sign_in_codes).values(
            hash=context.keys.lookup(code),
            user_id=user_id,
            client_id=authorization.client_id,
            redirect_uri=authorization.redirect_uri,
            scope=authorization.scope,
            challenge=authorization.challenge,
            expires_at=now + CODE_LIFE,
        )
    )
    return code


async def redeem(
    context: Context, connection: AsyncConnection, form: dict[str, str]
) -> tuple[str, str, str] | None:
    """Use up a code, and return its user's id, the family for the tokens to be issued, and their scope.

    Returns ``None`` if the code isn't valid. It can be used only once, even if that fails; if it is presented again,
    the tokens issued for it are revoked.
    """
    now, family = context.clock(), new_id()
    this_code = sign_in_codes.c.hash == context.keys.lookup(form.get("code", ""))
    result = await connection.execute(
        update(sign_in_codes)
        .where(
            this_code,
            sign_in_codes.c.family.is_(None),
            sign_in_codes.c.expires_at > now,
            sign_in_codes.c.user_id.in_(select(users.c.id).where(users.c.removed_at.is_(None))),
        )
        .values(family=family)
        .returning(*sign_in_codes.c)
    )
    row = result.first()
    if row is None:
        families = select(sign_in_codes.c.family).where(this_code)
        await end_tokens(context, connection, tokens.c.family.in_(families))
        return None
    return (row.user_id, family, row.scope) if _matches(row, form) else None


def _matches(row: Row[Any], form: dict[str, str]) -> bool:
    digest = hashlib.sha256(form.get("code_verifier", "").encode("utf-8", "surrogatepass")).digest()
    computed = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    verified = hmac.compare_digest(computed, row.challenge or "")
    same_client = (
        form.get("redirect_uri", "") == row.redirect_uri and form.get("client_id", "")[:255] == row.client_id
    )
    return verified and same_client


def refused() -> GrantRefused:
    """The error for a code that isn't valid."""
    return GrantRefused("invalid_grant", "The code is invalid, used or expired. Sign in again.", "code")
