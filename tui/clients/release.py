"""The release that a server runs, asked for without a token, and in a short time."""

from __future__ import annotations

import asyncio
import re
import socket
from threading import Thread
from urllib.parse import urlsplit

from ..rules.errors import Problem
from .connection import call, json_of, open_http
from .target import Target, check_url

_SECONDS = 2.0
_RELEASE = re.compile(r"[0-9A-Za-z.+-]{1,40}")


def release_at(url: str) -> str | None:
    """The release that the server at ``url`` says it runs; ``None`` if it doesn't in two seconds."""
    try:
        url = check_url(url)
        return asyncio.run(_asked(url)) if _resolves(url) else None
    except (Problem, TimeoutError):
        return None


def _resolves(url: str) -> bool:
    """Whether the name of the server has an address. asyncio can't give up the question: a program that has asked it
    doesn't end before the answer."""
    parts = urlsplit(url)
    found: list[object] = []

    def resolve() -> None:
        try:
            found.extend(socket.getaddrinfo(parts.hostname, parts.port or parts.scheme))
        except (OSError, UnicodeError):
            pass  # There is none.

    asking = Thread(target=resolve, daemon=True)
    asking.start()
    asking.join(_SECONDS)
    return bool(found)


async def _asked(url: str) -> str | None:
    # It gets no token, so that plain http is good enough.
    async with open_http(Target(url, plain=True)) as http, asyncio.timeout(_SECONDS):
        body = json_of(await call(http, "GET", "/healthz"))
    release = body.get("version") if isinstance(body, dict) else None
    return release if isinstance(release, str) and _RELEASE.fullmatch(release) else None
