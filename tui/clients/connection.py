"""One HTTP connection to one server, with every failure turned into a problem.

All clients go through :func:`call` (or :func:`reaching` when they stream), so that any failure is a
:class:`~tui.rules.errors.Problem` with a message for the user::

    async with open_http(Target("http://127.0.0.1:8080", token)) as http:
        response = await call(http, "GET", "/share/v1/me")
        me = model_of(response, Me)
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Generator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

import httpx

from .. import __version__
from ..override import override
from ..rules.errors import Busy, Failed, Interrupted, InvalidValue, NotSignedIn, Throttled, Unreachable
from ..rules.text import printable
from .bounded import ANSWER, UNENDING, BoundedClient, Bounds, bounded_by
from .responses import json_of, model_of, problem_of, retry_after
from .target import Target, check_url, is_loopback, no_address
from .tls import proxy_for, trusting_context, usable_proxies, why_no_tls

#: More connections make httpx's pool slower, not faster.
MAX_CONNECTIONS = 8
TIMEOUT = httpx.Timeout(connect=10, read=60, write=60, pool=120)
#: The total seconds to wait, and the number of waits, for a server that asks to be called again later.
LONGEST_WAIT = 15
_MOST_WAITS = 2
_KEEPALIVE_SECONDS = 30  # below the server's own, so that the server isn't the one to close first

T = TypeVar("T")

__all__ = [
    "Target",
    "TokenAuth",
    "ask",
    "call",
    "checked_token",
    "honour_retry_after",
    "is_loopback",
    "json_of",
    "model_of",
    "open_http",
    "parse_url",
    "problem_of",
    "reaching",
    "retry_after",
    "stream",
    "where",
]


class TokenAuth(httpx.Auth):
    """Adds the access token, but only to requests for this one server."""

    def __init__(self, token: str, origin: httpx.URL) -> None:
        self._token = token
        self._origin = _origin(origin)

    @override
    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if _origin(request.url) == self._origin:
            request.headers["X-Auth-Token"] = self._token
        yield request


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or {"http": 80, "https": 443}.get(url.scheme, 0)


def parse_url(text: str) -> httpx.URL:
    """Parse a server address as typed. Raises :class:`InvalidValue` if it isn't one."""
    try:
        url = httpx.URL(check_url(text))
        # An international name is decoded only when it is asked for.
        is_named = bool(url.host)
    except (httpx.InvalidURL, UnicodeError):
        is_named = False
    if not is_named:
        raise no_address(text)
    return url


def open_http(target: Target) -> httpx.AsyncClient:
    """Open a client with the base URL ``target.url``, which sends the target's token.

    Plain ``http://`` is refused (:class:`InvalidValue`) unless it goes to this machine, uses the Unix socket, or the
    target allows it. Redirects are never followed; proxy variables are ignored for loopback.
    """
    url = parse_url(target.url)
    local = target.socket is not None or is_loopback(url.host)
    if url.scheme == "http" and not local and not target.plain:
        raise InvalidValue(
            "server.plain_http",
            f"{printable(target.url)} is not encrypted, so tokens and documents are not sent there; "
            "use its https:// address, or allow plain http in the settings.",
            "server",
        )
    limits = httpx.Limits(
        max_connections=MAX_CONNECTIONS,
        max_keepalive_connections=MAX_CONNECTIONS,
        keepalive_expiry=_KEEPALIVE_SECONDS,
    )
    # Loading certificates takes 20 ms, and plain http doesn't need them.
    verify = trusting_context() if url.scheme == "https" else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    transport = None
    if target.socket is not None:
        transport = httpx.AsyncHTTPTransport(
            uds=str(target.socket), limits=limits, verify=verify, trust_env=False
        )
    with usable_proxies():
        return BoundedClient(
            base_url=url,
            auth=TokenAuth(checked_token(target.token), url) if target.token else None,
            headers={
                "User-Agent": f"sentlinks/{__version__}",
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
            },
            timeout=TIMEOUT,
            limits=limits,
            verify=verify,
            trust_env=not local,
            transport=transport,
            follow_redirects=False,
        )


def checked_token(token: str) -> str:
    """Return ``token`` if it can be sent in a header. Raises :class:`NotSignedIn` otherwise."""
    if not token.isascii() or not token.isprintable() or " " in token:
        raise NotSignedIn(
            "token.malformed",
            "The access token contains invalid characters; sign in again or set another one.",
        )
    return token


def where(http: httpx.AsyncClient) -> str:
    """The server's address as shown in messages."""
    url = http.base_url
    return printable(f"{url.scheme}://{url.netloc.decode('ascii', 'replace')}")


@contextmanager
def reaching(http: httpx.AsyncClient) -> Iterator[None]:
    """Turn httpx exceptions raised in the block into :class:`Unreachable` (never connected), :class:`Interrupted`
    (broke midway) or another :class:`Problem`."""
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
        raise Unreachable("server.unreachable", _why_unreachable(http, error)) from error
    except httpx.TimeoutException as error:
        raise Interrupted(
            "server.silent",
            f"The server {where(http)} did not answer in time; try again, or check whether it is overloaded.",
        ) from error
    except (httpx.NetworkError, httpx.ProtocolError) as error:
        raise Interrupted(
            "connection.broken", f"The connection to the server {where(http)} broke; try again."
        ) from error
    except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
        raise Failed(
            "answer.garbled", f"The server {where(http)} sent an answer that can't be read; try again."
        ) from error


def _why_unreachable(http: httpx.AsyncClient, error: httpx.HTTPError) -> str:
    server, text = where(http), str(error).lower()
    if isinstance(error, httpx.ProxyError):
        return f"The proxy refuses to connect to {server}; check HTTPS_PROXY and NO_PROXY."
    if why := why_no_tls(server, error):
        return why
    proxy = proxy_for(http.base_url) if http.trust_env else None
    if proxy is not None and isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        # What the proxy can't reach, it says itself.
        return f"The proxy {proxy} cannot be reached; check that it is running, and HTTPS_PROXY and NO_PROXY."
    if any(phrase in text for phrase in ("name or service", "name resolution", "nodename", "getaddrinfo")):
        return f"The server {server} was not found; check the spelling."
    if isinstance(error, httpx.ConnectTimeout):
        return f"The server {server} does not answer; check that it is running and this machine is online."
    return f"The server {server} cannot be reached; check that it is running and the address is right."


async def ask(http: httpx.AsyncClient, method: str, path: str, **more: Any) -> httpx.Response:
    """Send one request and read the whole response, within its bounds (:mod:`.bounded`).

    httpx exceptions are not converted; see :func:`reaching`.
    """
    return await http.send(http.build_request(method, path, **more))


async def call(  # noqa: PLR0913
    http: httpx.AsyncClient,
    method: str,
    path: str,
    *,
    params: Mapping[str, Any] | None = None,
    body: Any = None,
    content: bytes | AsyncIterable[bytes] | None = None,
    headers: Mapping[str, str] | None = None,
    patience: float | None = None,
    again: bool | None = None,
    waits: bool | None = None,
    bounds: Bounds = ANSWER,
) -> httpx.Response:
    """Send one request and return the successful (2xx) response; anything else raises a :class:`Problem`.

    ``body`` is sent as JSON; ``content`` as it is, possibly more than once. ``patience`` is the read timeout in
    seconds, ``bounds`` are those of the response.

    After a broken connection the request is sent a second time if ``again`` says that it is idempotent (the
    default for GET and HEAD): the server may have closed an idle connection at that very moment. If the server is busy
    and asks to be called again later, the request is repeated if ``waits`` is set (the default for GET and HEAD); see
    :func:`honour_retry_after`.
    """
    is_read = method in ("GET", "HEAD")
    if is_read if waits is None else waits:
        return await honour_retry_after(
            lambda: call(
                http,
                method,
                path,
                params=params,
                body=body,
                content=content,
                headers=headers,
                patience=patience,
                again=again,
                waits=False,
                bounds=bounds,
            )
        )
    if again is None:
        again = is_read
    request_headers = dict(headers or {})
    if body is not None:
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        request_headers["Content-Type"] = "application/json"
    timeouts = TIMEOUT if patience is None else httpx.Timeout(connect=10, read=patience, write=60, pool=120)
    query = {k: v for k, v in (params or {}).items() if v is not None}
    for attempt in (1, 2):
        try:
            with reaching(http):
                response = await ask(
                    http,
                    method,
                    path,
                    params=query or None,
                    content=content,
                    headers=request_headers,
                    timeout=timeouts,
                    extensions=bounded_by(bounds),
                )
            break
        except Interrupted as problem:
            if attempt == 2 or not again or problem.code == "server.silent":
                raise
    if not response.is_success:
        raise problem_of(response)
    return response


async def honour_retry_after(act: Callable[[], Awaitable[T]]) -> T:
    """Return the result of ``act``, repeating it after the delay that a throttling or busy server asks for.

    Raises :class:`Throttled` or :class:`Busy` if the delays add up to more than :data:`LONGEST_WAIT`.
    """
    seconds_left = LONGEST_WAIT
    for _ in range(_MOST_WAITS):
        try:
            return await act()
        except (Throttled, Busy) as problem:
            seconds_left -= problem.retry_after
            if seconds_left < 0:
                raise
            await asyncio.sleep(problem.retry_after)
    return await act()


@asynccontextmanager
async def stream(
    http: httpx.AsyncClient, path: str, *, headers: Mapping[str, str] | None = None, params: Any = None
) -> AsyncIterator[httpx.Response]:
    """Send a GET whose body is read in the block, piece by piece (``response.aiter_bytes``).

    Errors are raised as in :func:`call`.
    """

    async def open_stream() -> httpx.Response:
        request = http.build_request(
            "GET", path, headers=dict(headers or {}), params=params, extensions=bounded_by(UNENDING)
        )
        response = await http.send(request, stream=True)
        if response.is_success:
            return response
        try:
            await response.aread()
        finally:
            await response.aclose()
        raise problem_of(response)

    with reaching(http):
        response = await honour_retry_after(open_stream)
        try:
            yield response
        finally:
            await response.aclose()
