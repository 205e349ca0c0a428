"""Signing in at a Work server with the person's own browser: OAuth 2 with PKCE, as native programs do it.

The browser is sent to the server's page with a secret ``state``, and comes back to an address of this machine with a
code, which only whoever knows the ``verifier`` can use. Where the browser runs elsewhere (over SSH), it cannot come
back: the person then copies the address that it ended at, or the code that the page shows::

    async with BrowserSignIn(server, registration) as asking:
        print(asking.address)
        code = await asking.code(300)
        grant = await work.redeem(code, asking.redirect, asking.verifier)
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import html
import re
import secrets
from base64 import urlsafe_b64encode
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from ..rules.errors import Failed, InvalidValue, NotSignedIn, Problem
from ..rules.text import printable
from .target import Registration, is_loopback

_PATH = "/signed-in"
_SECONDS = 10.0
_CODE = re.compile(r"[\x21-\x7e]{1,4096}")
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Secure Sent Links</title>
<meta name="viewport" content="width=device-width"><h1>{title}</h1><p>{text}</p></html>"""
_HEADERS = (
    "Content-Type: text/html; charset=utf-8",
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy: no-referrer",
    "Cache-Control: no-store",
    "X-Content-Type-Options: nosniff",
    "Connection: close",
)


class BrowserSignIn:
    """One sign-in. ``redirect`` is the address that the program is registered with, where the server asks for one: with
    a port of this machine, that is listened on; at another address the browser shows the code itself."""

    def __init__(self, server: str, registration: Registration, redirect: str | None = None) -> None:
        self._server = server.rstrip("/")
        self._registration = registration
        self._wanted = urlsplit(_checked(redirect or f"http://127.0.0.1{_PATH}"))
        self._state = secrets.token_urlsafe(32)
        self._listener: asyncio.Server | None = None
        self.verifier = secrets.token_urlsafe(48)
        #: Where the browser comes back to; known within ``async with``.
        self.redirect = ""

    @property
    def listens(self) -> bool:
        """Whether the browser can come back by itself, if it runs on this machine."""
        return self._listener is not None

    @property
    def address(self) -> str:
        """Where the person signs in."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._registration.client_id,
            "scope": self._registration.scope,
            "state": self._state,
            "redirect_uri": self.redirect,
            "code_challenge": urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        return f"{self._server}/auth/oauth2/authorize?{urlencode(asked)}"

    async def __aenter__(self) -> Self:
        self._come: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        parts = self._wanted
        self.redirect = urlunsplit(parts)
        host = parts.hostname or ""
        if parts.scheme == "http" and is_loopback(host):
            try:
                self._listener = await asyncio.start_server(
                    self._answer, "::1" if ":" in host else "127.0.0.1", parts.port or 0
                )
            except OSError as error:
                raise Failed(
                    "sign_in.port",
                    f"The browser can't return to {printable(self.redirect)}: {error.strerror}; "
                    "stop the program that uses that port.",
                ) from error
            port = self._listener.sockets[0].getsockname()[1]
            shown = f"[{host}]" if ":" in host else host
            self.redirect = urlunsplit(parts._replace(netloc=f"{shown}:{port}"))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._listener is not None:
            self._listener.close()
        if self._come.done() and not self._come.cancelled():
            self._come.exception()

    async def code(self, seconds: float) -> str:
        """The code, once it has come. Raises :class:`NotSignedIn` where the server declines, or after ``seconds``."""
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.shield(self._come)
        except TimeoutError:
            raise NotSignedIn(
                "sign_in.too_late", "The sign-in in the browser took too long; start again."
            ) from None

    def end(self, problem: Problem) -> None:
        """Gives up, for the reason given."""
        self._settle(problem)

    def give(self, text: str) -> None:
        """Takes what the person copied: the address that the browser ended at, or the code itself.

        Raises :class:`InvalidValue` where it is neither.
        """
        text = text.strip()
        if "://" in text or text.startswith("?"):
            self._settle(self._found(urlsplit(text).query))
        elif _CODE.fullmatch(text):
            self._settle(text)
        else:
            raise InvalidValue(
                "sign_in.no_code", "That is neither a code nor an address with one; copy it again.", "code"
            )

    def _found(self, query: str) -> str | Problem:
        """What the query of the address says that the browser came back to: the code, or why there is none.

        Raises :class:`InvalidValue` where it is not the answer to this sign-in.
        """
        given = {name: values[0] for name, values in parse_qs(query).items()}
        if not hmac.compare_digest(given.get("state", "").encode(), self._state.encode()):
            raise InvalidValue(
                "sign_in.other", "That address belongs to another sign-in; start again.", "code"
            )
        if "error" in given:
            why = printable(given.get("error_description") or given["error"])[:200]
            return NotSignedIn("sign_in.declined", f"The server did not sign you in: {why}.")
        if not _CODE.fullmatch(given.get("code", "")):
            raise InvalidValue("sign_in.no_code", "There is no code in that address; copy it again.", "code")
        return given["code"]

    def _settle(self, what: str | Problem) -> None:
        if self._come.done():
            return
        if isinstance(what, str):
            self._come.set_result(what)
        else:
            self._come.set_exception(what)

    # ---------------------------------------------------------------- the browser

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found: str | Problem | None = None
        try:
            async with asyncio.timeout(_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                page, found = self._page(head.split(b"\r\n", 1)[0].decode("latin-1"))
                writer.write(page)
                await writer.drain()
        except (OSError, EOFError, asyncio.LimitOverrunError, TimeoutError):
            pass  # The browser went away; what it brought is here all the same.
        finally:
            writer.close()
            if found is not None:
                self._settle(found)

    def _page(self, line: str) -> tuple[bytes, str | Problem | None]:
        """What a request is answered with, and what it brought."""
        method, _, rest = line.partition(" ")
        target = urlsplit(rest.rpartition(" ")[0])
        if method != "GET" or target.path != (self._wanted.path or "/"):
            return _answer("404 Not Found", "Not Found", "There is nothing here."), None
        try:
            found = self._found(target.query)
        except InvalidValue as problem:
            return _answer("400 Bad Request", "Not signed in", problem.message), None
        if isinstance(found, Problem):
            return _answer("200 OK", "Not signed in", html.escape(found.message)), found
        done = "You can close this page; the program continues by itself."
        return _answer("200 OK", "Back to the terminal", done), found


def _answer(status: str, title: str, text: str) -> bytes:
    body = _PAGE.format(title=title, text=text).encode()
    return (
        "\r\n".join([f"HTTP/1.1 {status}", *_HEADERS, f"Content-Length: {len(body)}", "", ""]).encode() + body
    )


def _checked(address: str) -> str:
    """``address``, which a browser can be sent to. Raises :class:`InvalidValue`."""
    try:
        parts = urlsplit(address)
        right = bool(parts.scheme) and parts.port != 0 and not parts.fragment
    except ValueError:
        right = False
    if not right or not address.isprintable() or " " in address:
        raise InvalidValue(
            "work_redirect.address",
            f"A browser can't return to {printable(address)}; use the address that the program is registered with.",
            "work_redirect",
        )
    return address
