"""The settings of a server."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

from ...rules.errors import InvalidValue
from ...rules.text import printable
from .firm import Firm
from .mailer import Mailer

#: Default quotas of one person, in bytes.
KEPT_BYTES, UNFINISHED_BYTES = 1024**4, 200 * 1024**3

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Budgets:
    """Limits for connections, in seconds and bytes, and for those who use them."""

    #: Size of a request's head.
    head_bytes: int = 64 * 1024
    #: Time until the head is complete.
    head_seconds: float = 20.0
    #: Time between two pieces of a body: slightly longer than uploads wait, whose own error says what was stored.
    body_seconds: float = 31.0
    #: Time until a body that isn't an upload is complete.
    whole_body_seconds: float = 60.0
    #: How many bytes of it must arrive in each second, on the average, once this many seconds have passed.
    least_rate: int = 1024
    slow_body_seconds: float = 10.0
    #: Time until a client that has stopped reading its response must read on.
    reading_seconds: float = 300.0
    #: The same for a client whose system doesn't answer either: it is switched off, or on another network.
    vanished_seconds: float = 60.0
    #: Connections from one address (from one /64 for IPv6); those from a trusted proxy don't count.
    connections_per_address: int = 500
    #: Downloads of a link without a limit that may be counted for one network within an hour; 0 for any number.
    presses_per_hour: int = 600


@dataclass(frozen=True, slots=True)
class Settings:
    """``port`` 0 chooses a free port. ``socket`` is a Unix socket to listen on as well."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 8480
    database_url: str | None = None
    store: str | None = None
    public_url: str | None = None
    user: str | None = None
    #: The name of that administrator that recipients see.
    full_name: str | None = None
    socket: Path | None = None
    #: The maximum size of an upload, in bytes.
    max_upload: int = 100 * 1024**3
    #: Quotas of one person, in bytes: for what they have stored, and for the total of their unfinished uploads.
    kept_bytes: int = KEPT_BYTES
    unfinished_bytes: int = UNFINISHED_BYTES
    #: Proxies in front of the server whose ``X-Forwarded-For`` and ``X-Forwarded-Proto`` headers are trusted.
    proxies: tuple[Network, ...] = ()
    budgets: Budgets = field(default_factory=Budgets)
    firm: Firm = field(default_factory=Firm)
    #: For notifying senders (``None``: the server sends no e-mail).
    mailer: Mailer | None = None


def parse_proxies(text: str) -> tuple[Network, ...]:
    """Parse a list of proxies like ``10.0.0.1,10.1.0.0/16``. Raises :class:`InvalidValue`."""
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            found.append(ipaddress.ip_network(part))
        except ValueError:
            raise InvalidValue(
                "proxies.unknown",
                f"{printable(part)} isn't the address of a proxy. Use addresses or networks like "
                "10.0.0.1,10.1.0.0/16.",
                "proxies",
            ) from None
    return tuple(found)
