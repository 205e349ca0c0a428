"""Who a request comes from where a proxy passed it on.

``X-Forwarded-For`` and ``X-Forwarded-Proto`` are believed from the configured proxies only: whoever could name
their own address would have as many tries at a password as they like, and any name in the audit.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from .settings import Network

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class BehindProxies:
    """Lets ``app`` see the address and the scheme that a trusted proxy tells of."""

    def __init__(self, app: ASGIApp, proxies: Sequence[Network]) -> None:
        self._app = app
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._proxies and scope.get("client"):
            peer = _address(scope["client"][0])
            if peer is not None and self._trusted(peer):
                headers = Headers(scope=scope)
                client = self._client(peer, headers.getlist("x-forwarded-for"))
                scope = {**scope, "client": (str(client), 0)}
                proto = headers.get("x-forwarded-proto", "").strip().lower()
                if proto in ("http", "https"):
                    scope["scheme"] = proto
        await self._app(scope, receive, send)

    def _trusted(self, address: _Address) -> bool:
        return any(address in network for network in self._proxies)

    def _client(self, peer: _Address, forwarded: Iterable[str]) -> _Address:
        """The last address that a trusted proxy has seen itself: what stands before it is anybody's claim."""
        seen = peer
        for claim in reversed(",".join(forwarded).split(",")):
            address = _address(claim)
            if address is None:
                return seen
            seen = address
            if not self._trusted(address):
                return seen
        return seen


def _address(text: str) -> _Address | None:
    """An address, with a port or without; one of IPv4 in the clothes of IPv6 is one of IPv4."""
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
