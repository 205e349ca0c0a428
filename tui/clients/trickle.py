"""Whether something between this machine and a server holds back what the server sends."""

from __future__ import annotations

import asyncio
import time

import httpx

from ..rules.errors import Failed
from ..rules.text import printable
from .connection import open_http, reaching, where
from .target import Target

#: Milliseconds between the last two parts that the server sends. The second is for when these seemed to come together,
#: since this machine may just be slow.
_PAUSES = (300, 2000)
_SECONDS = 10.0
#: What is not the answer may be endless.
_MOST_BYTES = 100


async def is_held_back(url: str) -> bool:
    """Whether parts of an answer from the address ``url`` arrive only together.

    Raises :class:`~tui.rules.errors.Problem` if the server can't be reached there, or is of another release.
    """
    async with open_http(Target(url, plain=True)) as http:
        for pause in _PAUSES:
            try:
                between = await asyncio.wait_for(_seconds_between(http, pause), _SECONDS)
            except TimeoutError:
                raise Failed("trickle.silent", f"{printable(url)} does not respond.") from None
            if between > pause / 2000:
                return False
    return True


async def _seconds_between(http: httpx.AsyncClient, pause: int) -> float:
    """Between the arrival of the last two of three lines."""
    received, arrived_at = b"", [0.0]
    headers = {"Accept-Encoding": "identity"}
    with reaching(http):
        async with http.stream("GET", "/trickle", params={"pause": pause}, headers=headers) as response:
            if response.status_code != 200:
                raise Failed("trickle.unknown", f"The server at {where(http)} is of another release.")
            async for piece in response.aiter_raw():
                received += piece
                if len(received) > _MOST_BYTES:
                    break
                arrived_at += [time.monotonic()] * (received.count(b"\n") + 1 - len(arrived_at))
    if received != b"1\n2\n3\n":
        raise Failed("trickle.unknown", f"The server at {where(http)} is of another release.")
    return arrived_at[3] - arrived_at[2]
