"""Work that ends when the client disconnects, and responses that end before they're complete."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.types import Scope

from ..base.concurrency import take_note
from .flow_control import disconnected

#: The extension of a request's scope that closes its connection (``http_protocol``).
BREAK_OFF = "sentlinks.break_off"

T = TypeVar("T")


async def while_there(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """The result of ``work``, which must be read-only.

    If the client disconnects first, cancels the work and, when that has ended, raises :class:`ClientDisconnect`.
    """
    task, disconnect = asyncio.create_task(work), asyncio.create_task(disconnected(request.receive))
    try:
        await asyncio.wait((task, disconnect), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise ClientDisconnect
    finally:
        for future in (task, disconnect):
            future.cancel()
        await asyncio.wait((task, disconnect))
        # If the work fails while it is cancelled, that is of interest to no one.
        for future in (task, disconnect):
            take_note(future)


def break_off(scope: Scope) -> None:
    """Close the connection in the middle of a response, so that the client sees that it is incomplete."""
    end = scope.get("extensions", {}).get(BREAK_OFF)
    if end is not None:
        end()
