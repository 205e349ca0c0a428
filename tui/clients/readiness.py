"""What a server says is wrong with it."""

from __future__ import annotations

import asyncio

import httpx

from ..rules.errors import Unreachable
from ..wire.readiness import Readiness
from .connection import ask, reaching, where
from .responses import model_of

_SECONDS = 10.0


async def readiness_of(http: httpx.AsyncClient) -> Readiness:
    """What the server says. Raises :class:`~tui.rules.errors.Problem`, also if it takes more than ten seconds."""
    try:
        with reaching(http):
            async with asyncio.timeout(_SECONDS):
                response = await ask(http, "GET", "/readyz")
    except TimeoutError:
        raise Unreachable("server.silent", f"The server {where(http)} does not respond.") from None
    return model_of(response, Readiness)
