"""What a server is started with."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

from ..rules.errors import InvalidValue
from ..rules.text import printable
from .firm import Firm

#: Bytes of one person, unless the configuration says otherwise.
KEPT_BYTES, UNFINISHED_BYTES = 1024**4, 200 * 1024**3

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Budgets:
    """What a connection may take; seconds and bytes."""

    #: Bytes of a request's head.
    head_bytes: int = 64 * 1024
    #: Until the head is there as a whole.
    head_seconds: float = 20.0
    #: Between two pieces of a body: a moment more than uploads wait themselves, which tell what they have kept.
    body_seconds: float = 31.0
    #: Until a reader takes something again of what they are sent.
    reading_seconds: float = 300.0
    #: Connections of one address, or of one /64 with IPv6; those of a trusted proxy are not counted.
    connections_per_address: int = 500


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
    #: What recipients see of that administrator.
    full_name: str | None = None
    socket: Path | None = None
    #: The longest upload that is taken, in bytes.
    max_upload: int = 100 * 1024**3
    #: The bytes of all that one person has brought, and of all uploads that they have begun.
    kept_bytes: int = KEPT_BYTES
    unfinished_bytes: int = UNFINISHED_BYTES
    #: The proxies in front of the server, whose ``X-Forwarded-For`` and ``X-Forwarded-Proto`` are believed.
    proxies: tuple[Network, ...] = ()
    budgets: Budgets = field(default_factory=Budgets)
    firm: Firm = field(default_factory=Firm)


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
