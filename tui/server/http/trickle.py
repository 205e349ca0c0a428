"""An answer in parts, with a pause between them.

A client that gets the last two at the same time knows that something in between holds answers back: a proxy that
buffers. It would take a whole download at once, and whether the recipient gets it could not be known.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi.responses import Response, StreamingResponse

PATH = "/trickle"
#: The longest pause, in milliseconds.
_LONGEST = 3000
#: The first comes together with the head, which nginx passes on in any case.
_PARTS = (b"1\n", b"2\n", b"3\n")
_BEFORE_SECOND = 0.05
#: Asks nginx to pass on what it gets, however it is configured otherwise; also part of each download.
UNBUFFERED = {"X-Accel-Buffering": "no"}


async def trickle(pause: int = 300) -> Response:
    """The answer, with a pause of so many milliseconds before its last part."""
    # With its length, as a download: what nginx gets in chunks, it passes on in any case.
    headers = {"Cache-Control": "no-store", "Content-Length": str(sum(map(len, _PARTS))), **UNBUFFERED}
    return StreamingResponse(_body(min(max(pause, 0), _LONGEST)), media_type="text/plain", headers=headers)


async def _body(pause: int) -> AsyncIterator[bytes]:
    for part, before in zip(_PARTS, (0, _BEFORE_SECOND, pause / 1000), strict=True):
        await asyncio.sleep(before)
        yield part
