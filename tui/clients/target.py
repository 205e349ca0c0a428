"""Which server is spoken to. It imports nothing heavy, since it is needed before the first screen is painted."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ..rules.errors import InvalidValue
from ..rules.text import printable


@dataclass(frozen=True, slots=True)
class Target:
    """A server: the beginning of its addresses, the access token, and a Unix socket that leads to it."""

    url: str
    token: str | None = field(default=None, repr=False)
    socket: Path | None = None


def is_loopback(host: str) -> bool:
    """Whether ``host`` can be nothing but this machine: ``localhost``, ``127.x.y.z``, ``::1``."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_url(text: str) -> str:
    """The server's address as typed, without a slash at its end. Raises :class:`InvalidValue` where it is none."""
    url = text.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        port = parts.port
        right = parts.scheme in ("http", "https") and bool(parts.hostname) and (port is None or port > 0)
    except ValueError:
        right = False
    if not right or parts.username is not None or parts.query or parts.fragment:
        raise no_address(text)
    return url


def no_address(text: str) -> InvalidValue:
    """The failure for what was typed as a server's address and is none."""
    return InvalidValue(
        "server.address",
        f"{printable(text)} is no server's address; write one like https://links.example.com.",
        "server",
    )
