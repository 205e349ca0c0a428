"""What a server is started with."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from ..rules.errors import InvalidValue
from ..rules.text import printable

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Settings:
    """``port`` 0 takes a free one. ``socket`` is a Unix socket that is served as well."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 8480
    database_url: str | None = None
    store: str | None = None
    public_url: str | None = None
    user: str | None = None
    socket: Path | None = None
    #: The longest upload that is taken, in bytes.
    max_upload: int = 100 * 1024**3
    #: The proxies in front of the server, whose ``X-Forwarded-For`` and ``X-Forwarded-Proto`` are believed.
    proxies: tuple[Network, ...] = ()


def parse_proxies(text: str) -> tuple[Network, ...]:
    """The proxies that ``10.0.0.1,10.1.0.0/16`` names. Raises :class:`InvalidValue`."""
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            found.append(ipaddress.ip_network(part))
        except ValueError:
            raise InvalidValue(
                "proxies.unknown",
                f"{printable(part)} is no address of a proxy; write addresses or networks like "
                "10.0.0.1,10.1.0.0/16.",
                "proxies",
            ) from None
    return tuple(found)
