"""Signing in to a Work server with the user's browser: OAuth 2 with PKCE, the flow for native apps.

The browser opens the server's sign-in page with a secret ``state`` and is redirected to an address on this machine
with a code, which is useless without the ``verifier``. If the browser runs on another machine (over SSH), the redirect
can't reach us; the user then copies the address that it ended at, or the code that the page shows::

    async with BrowserSignIn(server, registration) as asking:
        print(asking.address)
        code = await asking.code(300)
        grant = await work.session.redeem(code, asking.redirect, asking.verifier)
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
from .target import is_loopback
from .work_target import Registration

_PATH = "/signed-in"
_REQUEST_SECONDS = 10.0
#: Connections at a time, and the longest head of a request. Anybody on this machine can connect; one browser returns.
_MOST_CONNECTIONS, _LONGEST_HEAD = 32, 16 * 1024
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
    """One sign-in attempt.

    ``redirect`` is the redirect address that the program is registered with, for servers that require one. If it is on
    this machine, its port is listened on; with any other address the browser page shows the code itself.
    """

    def __init__(self, server: str, registration: Registration, redirect: str | None = None) -> None:
        self._server = server.rstrip("/")
        self._registration = registration
        self._registered_redirect = urlsplit(_check_redirect(redirect or f"http://127.0.0.1{_PATH}"))
        self._state = secrets.token_urlsafe(32)
        self._listener: asyncio.Server | None = None
        self._connections = 0
        self.verifier = secrets.token_urlsafe(48)
        #: The address that the browser is redirected to; set within ``async with``.
        self.redirect = ""

    @property
    def listens(self) -> bool:
        """Whether a browser on this machine can be redirected back here."""
        return self._listener is not None

    @property
    def address(self) -> str:
        """The address of the sign-in page."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self._registration.client_id,
            "scope": self._registration.scope,
            "state": self._state,
            "redirect_uri": self.redirect,
            "code_challenge": urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        return f"{self._server}/auth/oauth2/authorize?{urlencode(query)}"

    async def __aenter__(self) -> Self:
        self._code_or_problem: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        parts = self._registered_redirect
        self.redirect = urlunsplit(parts)
        host = parts.hostname or ""
        if parts.scheme == "http" and is_loopback(host):
            try:
                self._listener = await asyncio.start_server(
                    self._handle_request,
                    "::1" if ":" in host else "127.0.0.1",
                    parts.port or 0,
                    limit=_LONGEST_HEAD,
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
        if self._code_or_problem.done() and not self._code_or_problem.cancelled():
            self._code_or_problem.exception()

    async def code(self, seconds: float) -> str:
        """Wait for the code. Raises :class:`NotSignedIn` if the server declines, or after ``seconds``."""
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.shield(self._code_or_problem)
        except TimeoutError:
            raise NotSignedIn(
                "sign_in.too_late", "The sign-in in the browser took too long; start again."
            ) from None

    def end(self, problem: Problem) -> None:
        """End the sign-in with ``problem``."""
        self._settle(problem)

    def give(self, text: str) -> None:
        """Accept what the user pasted: the address that the browser ended at, or the code itself.

        Raises :class:`InvalidValue` if it is neither.
        """
        text = text.strip()
        if "://" in text or text.startswith("?"):
            self._settle(self._parse_redirect(urlsplit(text).query))
        elif _CODE.fullmatch(text):
            self._settle(text)
        else:
            raise InvalidValue(
                "sign_in.no_code", "That is neither a code nor an address with one; copy it again.", "code"
            )

    def _parse_redirect(self, query: str) -> str | Problem:
        """The code in the query of the redirect address, or the problem that the server reports.

        Raises :class:`InvalidValue` if the redirect doesn't belong to this sign-in.
        """
        params = {name: values[0] for name, values in parse_qs(query).items()}
        if not hmac.compare_digest(params.get("state", "").encode(), self._state.encode()):
            raise InvalidValue(
                "sign_in.other", "That address belongs to another sign-in; start again.", "code"
            )
        if "error" in params:
            reason = printable(params.get("error_description") or params["error"])[:200]
            return NotSignedIn("sign_in.declined", f"The server did not sign you in: {reason}.")
        if not _CODE.fullmatch(params.get("code", "")):
            raise InvalidValue("sign_in.no_code", "There is no code in that address; copy it again.", "code")
        return params["code"]

    def _settle(self, what: str | Problem) -> None:
        if self._code_or_problem.done():
            return
        if isinstance(what, str):
            self._code_or_problem.set_result(what)
        else:
            self._code_or_problem.set_exception(what)

    # ---------------------------------------------------------------- the browser

    async def _handle_request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        result: str | Problem | None = None
        self._connections += 1
        try:
            if self._connections > _MOST_CONNECTIONS:
                return
            async with asyncio.timeout(_REQUEST_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                page, result = self._page(head.split(b"\r\n", 1)[0].decode("latin-1"))
                writer.write(page)
                await writer.drain()
        except (OSError, EOFError, asyncio.LimitOverrunError, TimeoutError):
            pass  # The browser disconnected, but its request may have been read.
        finally:
            self._connections -= 1
            writer.close()
            if result is not None:
                self._settle(result)

    def _page(self, request_line: str) -> tuple[bytes, str | Problem | None]:
        """The response to a request, and the code or problem that the request carried."""
        method, _, rest = request_line.partition(" ")
        target = urlsplit(rest.rpartition(" ")[0])
        if method != "GET" or target.path != (self._registered_redirect.path or "/"):
            return _http_response("404 Not Found", "Not Found", "There is nothing here."), None
        try:
            result = self._parse_redirect(target.query)
        except InvalidValue as problem:
            return _http_response("400 Bad Request", "Not signed in", problem.message), None
        if isinstance(result, Problem):
            return _http_response("200 OK", "Not signed in", html.escape(result.message)), result
        text = "You can close this page; the program continues by itself."
        return _http_response("200 OK", "Back to the terminal", text), result


def _http_response(status: str, title: str, text: str) -> bytes:
    body = _PAGE.format(title=title, text=text).encode()
    return (
        "\r\n".join([f"HTTP/1.1 {status}", *_HEADERS, f"Content-Length: {len(body)}", "", ""]).encode() + body
    )


def _check_redirect(address: str) -> str:
    """Return ``address`` if a browser can be sent to it. Raises :class:`InvalidValue` otherwise."""
    try:
        parts = urlsplit(address)
        valid = bool(parts.scheme) and parts.port != 0 and not parts.fragment
    except ValueError:
        valid = False
    if not valid or not address.isprintable() or " " in address:
        raise InvalidValue(
            "work_redirect.address",
            f"A browser can't return to {printable(address)}; use the address that the program is registered with.",
            "work_redirect",
        )
    return address
