"""Which server to talk to. Imports nothing heavy, because it is needed before the first screen is painted."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from ..rules.errors import InvalidValue, NotFound
from ..rules.text import printable, without_password


class Target(NamedTuple):
    """A server: its base URL, the access token, and optionally a Unix socket that it listens on.

    ``plain``: plain ``http://`` is allowed even to another machine.
    """

    url: str
    token: str | None = None
    socket: Path | None = None
    plain: bool = False

    def __repr__(self) -> str:
        # The token never gets into a log.
        return f"Target(url={self.url!r}, socket={self.socket!r}, plain={self.plain!r})"


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
