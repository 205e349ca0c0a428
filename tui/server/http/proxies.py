"""Where a request comes from if a proxy forwarded it.

``X-Forwarded-For`` and ``X-Forwarded-Proto`` are trusted from the configured proxies only: a client that could choose
its own address would have unlimited tries at a password, and could put any address in the audit.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ..base.settings import Network
from ..context import Context

#: The key in a request's scope.
_FORWARDED = "sentlinks.forwarded"
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class BehindProxies:
    """Give ``app`` the client address and scheme that a trusted proxy reports (``settings.proxies``)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; what a proxy that isn't trusted reports is ignored."""
        peer, proxies = None, _trusted(scope)
        if proxies and scope.get("client"):
            peer = _address(scope["client"][0])
        if peer is not None and _is_in(peer, proxies):
            headers = Headers(scope=scope)
            client = _client(peer, proxies, headers.getlist("x-forwarded-for"))
            scope = {**scope, "client": (str(client), 0)}
            proto = headers.get("x-forwarded-proto", "").strip().lower()
            if proto in ("http", "https"):
                scope["scheme"] = proto
            scope[_FORWARDED] = "x-forwarded-for" in headers
        await self._app(scope, receive, send)


def was_forwarded(request: Request) -> bool:
    """Whether the request came through a trusted proxy."""
    return bool(request.scope.get(_FORWARDED))


def _trusted(scope: Scope) -> Sequence[Network]:
    if scope["type"] != "http":
        return ()
    context: Context = scope["app"].state.context
    return context.settings.proxies


def _client(peer: _Address, proxies: Sequence[Network], forwarded: Iterable[str]) -> _Address:
    """The last address that a trusted proxy saw for itself; any client could have forged those before it."""
    seen = peer
    for claim in reversed(",".join(forwarded).split(",")):
        address = _address(claim)
        if address is None:
            return seen
        seen = address
        if not _is_in(address, proxies):
            return seen
    return seen


def is_trusted(host: str, proxies: Sequence[Network]) -> bool:
    """Whether ``host`` is the address of one of the ``proxies``."""
    address = _address(host)
    return address is not None and _is_in(address, proxies)


def _is_in(address: _Address, proxies: Sequence[Network]) -> bool:
    return any(address in network for network in proxies)


def _address(text: str) -> _Address | None:
    """Parse an address, with or without a port; an IPv4-mapped IPv6 address becomes IPv4."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
