"""Signing in with a browser: the page that a program sends a person to, and the code that it gets back.

The way of OAuth 2, always with PKCE. The code goes to a program on the person's own machine, or to this server's
public address, and to nobody else; it is good once, for two minutes, and only for whom it was made.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.errors import NotSignedIn, Throttled
from ..context import Context, context_of
from ..database.tables import sign_in_codes, tokens, users
from ..http.visitor import from_own_page, visitor_of
from ..keys import new_id, new_secret
from ..people import end_tokens
from ..signin import hold_sign_in, sign_in
from .call import bounded_body, form_fields
from .errors import GrantRefused

router = APIRouter()

CODE_LIFE = timedelta(minutes=2)
# Codes that were used are kept so long, so that whoever comes with one again is noticed.
_REMEMBERED = timedelta(hours=1)
_MAX_FORM = 64 * 1024
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
_PAGE = Environment(
    loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True
).get_template("sign_in.html")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a program asks for; the address that it wants the code at is one that may have it."""

    client_id: str
    redirect_uri: str
    scope: str
    state: str
    challenge: str
    #: What is wrong with it, in OAuth's word; the program is told.
    error: str | None
    fields: tuple[tuple[str, str], ...]

    @property
    def place(self) -> str:
        return urlsplit(self.redirect_uri).netloc

    def answer(self, **values: str) -> Response:
        """Sends the browser back to the program."""
        more = urlencode(values | ({"state": self.state} if self.state else {}))
        mark = "&" if "?" in self.redirect_uri else "?"
        return RedirectResponse(f"{self.redirect_uri}{mark}{more}", 303, _headers(self))


class _Unusable(Exception):
    """The request cannot be answered by sending the browser back; a sentence says why."""


@router.get("/auth/oauth2/authorize")
async def show(request: Request) -> Response:
    """The page where a person signs in for a program."""
    try:
        asked = _asked(request, dict(request.query_params))
    except _Unusable as problem:
        return _page(None, 400, str(problem))
    return asked.answer(error=asked.error) if asked.error else _page(asked, 200)


@router.post("/auth/oauth2/authorize")
async def submit(request: Request) -> Response:
    """Signs the person in, and sends the browser back to the program with a code."""
    form = form_fields((await bounded_body(request, _MAX_FORM)).decode("utf-8", "replace"))
    try:
        asked = _asked(request, form)
    except _Unusable as problem:
        return _page(None, 400, str(problem))
    if asked.error:
        return asked.answer(error=asked.error)
    if not from_own_page(request):
        return _page(asked, 200)
    context, name = context_of(request), form.get("username", "")
    try:
        person = await sign_in(context, name, form.get("password", ""), visitor_of(request), "browser")
        async with context.database.write() as connection:
            await hold_sign_in(connection, person)
            code = await _code(context, connection, asked, person.id)
    except NotSignedIn:
        return _page(asked, 403, "User ID or Password is incorrect.", name)
    except Throttled as problem:
        page = _page(asked, 429, problem.message, name)
        page.headers["Retry-After"] = str(problem.retry_after)
        return page
    return asked.answer(code=code)


def _asked(request: Request, given: dict[str, str]) -> Asked:
    """Raises :class:`_Unusable` where the browser cannot be sent back."""
    fields = {name: given.get(name, "") for name in _FIELDS}
    if any(len(value) > _MAX_STATE or "\x00" in value for value in fields.values()):
        raise _Unusable("The address that brought you here is too long; start again from the program.")
    if not _may_have_codes(context_of(request), fields["redirect_uri"]):
        raise _Unusable(
            "The program asks for your sign-in to be sent to another machine, and that is refused. "
            "A program on this machine uses an address like http://127.0.0.1:8000/."
        )
    challenge = fields["code_challenge"]
    error = None
    if fields["response_type"] != "code":
        error = "unsupported_response_type"
    elif not (fields["code_challenge_method"] == "S256" and _CHALLENGE.fullmatch(challenge)):
        error = "invalid_request"
    return Asked(
        client_id=fields["client_id"][:255],
        redirect_uri=fields["redirect_uri"],
        scope=fields["scope"][:64] or "user",
        state=fields["state"],
        challenge=challenge,
        error=error,
        fields=tuple((name, value) for name, value in fields.items() if value),
    )


def _may_have_codes(context: Context, address: str) -> bool:
    """Whether it is an address of the person's own machine, or this server's public one."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    odd = parts.fragment or parts.username or parts.password or not address.isprintable() or " " in address
    if odd or not address.isascii() or "\\" in address or parts.scheme not in ("http", "https"):
        return False
    host = parts.hostname or ""
    if parts.scheme == "http" and (host in ("localhost", "::1") or re.fullmatch(r"127(\.\d{1,3}){3}", host)):
        return True
    # The Host header is what whoever asks says that this server is.
    own = urlsplit(context.public_url)
    return (parts.scheme, host, _port(parts, port)) == (own.scheme, own.hostname, _port(own, own.port))


def _port(parts: SplitResult, port: int | None) -> int | None:
    return port or {"http": 80, "https": 443}.get(parts.scheme)


def _headers(asked: Asked | None) -> dict[str, str]:
    # A browser also asks whether the form may lead to where the answer to it sends it on to.
    targets = "'none'"
    if asked is not None:
        parts = urlsplit(asked.redirect_uri)
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


def _page(asked: Asked | None, status: int, error: str | None = None, username: str = "") -> Response:
    body = _PAGE.render(css=Markup(_CSS), asked=asked, error=error, username=username)  # noqa: S704 - our own file
    return HTMLResponse(body, status, _headers(asked))


# ---------------------------------------------------------------- codes


async def _code(context: Context, connection: AsyncConnection, asked: Asked, user_id: str) -> str:
    now, code = context.clock(), new_secret()
    old = sign_in_codes.c.expires_at < now - _REMEMBERED
    await connection.execute(delete(sign_in_codes).where(old))
    await connection.execute(
        insert(sign_in_codes).values(
            hash=context.keys.lookup(code),
            user_id=user_id,
            client_id=asked.client_id,
            redirect_uri=asked.redirect_uri,
            scope=asked.scope,
            challenge=asked.challenge,
            expires_at=now + CODE_LIFE,
        )
    )
    return code


async def redeem(
    context: Context, connection: AsyncConnection, form: dict[str, str]
) -> tuple[str, str, str] | None:
    """Who a code was made for, the family of the tokens that are given for it, and their scope.

    ``None`` where it is not good: it is good once, whatever comes of it; tokens that were given for it end when
    somebody comes with it again.
    """
    now, family = context.clock(), new_id()
    here = sign_in_codes.c.hash == context.keys.lookup(form.get("code", ""))
    taken = await connection.execute(
        update(sign_in_codes)
        .where(
            here,
            sign_in_codes.c.family.is_(None),
            sign_in_codes.c.expires_at > now,
            sign_in_codes.c.user_id.in_(select(users.c.id).where(users.c.removed_at.is_(None))),
        )
        .values(family=family)
        .returning(*sign_in_codes.c)
    )
    row = taken.first()
    if row is None:
        given = select(sign_in_codes.c.family).where(here)
        await end_tokens(context, connection, tokens.c.family.in_(given))
        return None
    return (row.user_id, family, row.scope) if _fits(row, form) else None


def _fits(row: Row[Any], form: dict[str, str]) -> bool:
    digest = hashlib.sha256(form.get("code_verifier", "").encode("utf-8", "surrogatepass")).digest()
    made = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    proved = hmac.compare_digest(made, row.challenge or "")
    same = (
        form.get("redirect_uri", "") == row.redirect_uri and form.get("client_id", "")[:255] == row.client_id
    )
    return proved and same


def refused() -> GrantRefused:
    """For a code that is not good."""
    return GrantRefused("invalid_grant", "The code is invalid, used or expired; sign in again.", "code")
