"""Which server is spoken to. It imports nothing heavy, since it is needed before the first screen is painted."""

from __future__ import annotations

import ipaddress
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlsplit

from ..rules.errors import InvalidValue, NotFound
from ..rules.text import printable


@dataclass(frozen=True, slots=True)
class Target:
    """A server: the beginning of its addresses, the access token, and a Unix socket that leads to it.

    ``plain``: plain ``http://`` is allowed also where it leads to another machine.
    """

    url: str
    token: str | None = field(default=None, repr=False)
    socket: Path | None = None
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Registration:
    """What this program is known as at a Work server; as it stands, what servers take that ask for nothing."""

    client_id: str = "web"
    client_secret: str | None = field(default="ignore", repr=False)
    scope: str = "user"

    def fields(self) -> dict[str, str]:
        """The fields of a form."""
        secret = {} if self.client_secret is None else {"client_secret": self.client_secret}
        return {"client_id": self.client_id, **secret}


@dataclass(frozen=True, slots=True)
class Grant:
    """Tokens of a sign-in; ``expires_at`` is a moment in seconds since 1970, where it is known."""

    access: str = field(repr=False)
    refresh: str | None = field(default=None, repr=False)
    expires_at: float | None = None


class GrantStore(Protocol):
    """Where the tokens of a sign-in are kept, for all processes that use it."""

    def exclusively(self) -> AbstractContextManager[object]:
        """Held while tokens are renewed. Raises :class:`BlockingIOError` where another process does that."""
        ...

    def load(self) -> Grant | None:
        """The tokens that are kept now. Raises :class:`Problem` where they cannot be had."""
        ...

    def save(self, grant: Grant) -> None:
        """Keeps tokens in the place of older ones. Raises :class:`Problem` where they cannot be kept."""
        ...


@dataclass(frozen=True, slots=True)
class WorkTarget:
    """A Work server of its own. ``grant`` is the sign-in with it, and ``store`` where later ones are looked for; both
    are ``None`` where the token of ``target`` is one of the settings, which nothing renews."""

    target: Target
    registration: Registration = Registration()
    grant: Grant | None = None
    store: GrantStore | None = field(default=None, repr=False)


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
        f"{printable(text)} is not a server's address; write one like https://links.example.com.",
        "server",
    )


def path_part(text: str, safe: str = "") -> str:
    """``text`` of a user as one part of an address's path, in percent signs as far as it has to be.

    Raises :class:`NotFound` for what leads to another address (``..``), or cannot be sent.
    """
    if text in ("", ".", "..") or any("\ud800" <= char <= "\udfff" for char in text):
        raise NotFound(
            "name.unknown", f"There is nothing called {printable(text)}." if text else "No name is given."
        )
    return quote(text, safe=safe)
