"""The body of a request: what it is, and receiving one that isn't an upload, within its limits."""

from __future__ import annotations

import asyncio

from starlette.requests import Request

from ...rules.errors import Failed, TooLarge
from ..base.settings import Budgets
from ..limits.buffers import Share

#: The largest body of a request that isn't an upload, in bytes; of one that signs someone in; and of a form.
MAX_BODY, MAX_SIGN_IN = 1024 * 1024, 16 * 1024


#: The key in a request's scope of its share of what is in memory.
SHARE = "sentlinks.share"


class BodyTooSlow(Failed):
    """The body did not arrive in time."""

    http_status = 408

    def __init__(self) -> None:
        super().__init__("body.too_slow", "The request body did not arrive in time. Try again.")


def share_of(request: Request) -> Share:
    """The request's share of what is in memory."""
    share: Share = request.scope[SHARE]
    return share


def media_type(request: Request) -> str:
    """The media type of the body, in lower case and without parameters; empty if none is given."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def declared_length(request: Request) -> int:
    """The length of the body as the request declares it; 0 if it doesn't."""
    declared = request.headers.get("content-length", "")
    return int(declared[:18]) if declared.isascii() and declared.isdigit() else 0


def has_body(request: Request) -> bool:
    """Whether the request has a body, which may be empty."""
    return declared_length(request) > 0 or "transfer-encoding" in request.headers


async def receive_body(request: Request, share: Share, budgets: Budgets, limit: int = MAX_BODY) -> bytes:
    """The whole body, whose bytes count as ``share``.

    Raises :class:`TooLarge` before more than ``limit`` bytes are accepted, :class:`BodyTooSlow`, :class:`Unavailable`
    if there is no room for it, and ``ClientDisconnect``.
    """
    if declared_length(request) > limit:
        raise _too_large(limit)
    pieces: list[bytes] = []
    size = 0
    began = asyncio.get_running_loop().time()
    stream = request.stream()
    while True:
        # Whoever has sent more has more time for the rest.
        allowed = min(budgets.whole_body_seconds, budgets.slow_body_seconds + size / budgets.least_rate)
        try:
            async with asyncio.timeout_at(began + allowed):
                piece = await anext(stream, None)
        except TimeoutError:
            raise BodyTooSlow from None
        if piece is None:
            return b"".join(pieces)
        size += len(piece)
        if size > limit:
            raise _too_large(limit)
        share.take(len(piece))
        pieces.append(piece)


def _too_large(limit: int) -> TooLarge:
    return TooLarge("body.too_large", f"The request body is over {limit:,} bytes.")
