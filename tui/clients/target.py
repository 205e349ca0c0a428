"""Which server to talk to. Imports nothing heavy, because it is needed before the first screen is painted."""

from __future__ import annotations

import ipaddress
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlsplit

from ..rules.errors import InvalidValue, NotFound
from ..rules.text import printable, without_password


@dataclass(frozen=True, slots=True)
class Target:
    """A server: its base URL, the access token, and optionally a Unix socket that it listens on.

    ``plain``: plain ``http://`` is allowed even to another machine.
    """

    url: str
    token: str | None = field(default=None, repr=False)
    socket: Path | None = None
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Registration:
    """How this program is registered with a Work server. The defaults work on servers without registration."""

    client_id: str = "web"
    client_secret: str | None = field(default="ignore", repr=False)
    scope: str = "user"

    def fields(self) -> dict[str, str]:
        """The fields of an OAuth form."""
        secret = {} if self.client_secret is None else {"client_secret": self.client_secret}
        return {"client_id": self.client_id, **secret}


@dataclass(frozen=True, slots=True)
class TokenGrant:
    """The tokens of a sign-in; ``expires_at`` is in seconds since 1970, if known."""

    access: str = field(repr=False)
    refresh: str | None = field(default=None, repr=False)
    expires_at: float | None = None


class GrantStore(Protocol):
    """Storage for the tokens of a sign-in, shared by all processes that use it."""

    def exclusively(self) -> AbstractContextManager[object]:
        """A lock to hold while renewing tokens. Raises :class:`BlockingIOError` if another process holds it."""
        ...

    def load(self) -> TokenGrant | None:
        """The tokens stored now. Raises :class:`Problem` if they can't be read."""
        ...

    def save(self, grant: TokenGrant) -> None:
        """Store tokens, replacing older ones. Raises :class:`Problem` if they can't be stored."""
        ...


@dataclass(frozen=True, slots=True)
class WorkTarget:
    """A separate Work server.

    ``grant`` is the sign-in, ``store`` the storage for later ones. Both are ``None`` if the token of ``target`` comes
    from the settings: that one can't be renewed.
    """

    target: Target
    registration: Registration = Registration()
    grant: TokenGrant | None = None
    store: GrantStore | None = field(default=None, repr=False)


def is_loopback(host: str) -> bool:
    """Whether ``host`` always means this machine: ``localhost``, ``127.x.y.z``, ``::1``."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_url(text: str) -> str:
    """A server's address as typed, without a trailing slash. Raises :class:`InvalidValue` if it isn't one."""
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
    """The problem for a typed server address that isn't one."""
    return InvalidValue(
        "server.address",
        f"{without_password(text) or 'An empty text'} is not a server's address; write one like https://links.example.com.",
        "server",
    )


def path_part(text: str, safe: str = "") -> str:
    """User input as one segment of a URL path, percent-encoded as needed.

    Raises :class:`NotFound` for text that would lead to another address (``..``) or can't be encoded.
    """
    if text in ("", ".", "..") or any("\ud800" <= char <= "\udfff" for char in text):
        raise NotFound(
            "name.unknown", f"There is nothing called {printable(text)}." if text else "No name is given."
        )
    return quote(text, safe=safe)
