"""Work that ends where the client hangs up, and answers that end before they are whole."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.types import Scope

from .line import disconnected

#: The extension of a request's scope by which its connection is ended (``front_door``).
BREAK_OFF = "sentlinks.break_off"

T = TypeVar("T")


async def while_there(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """What ``work`` gives; it is for what only looks. Raises :class:`ClientDisconnect` where nobody waits for it any
    more: it has ended then."""
    task, gone = asyncio.create_task(work), asyncio.create_task(disconnected(request.receive))
    try:
        await asyncio.wait((task, gone), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise ClientDisconnect
    finally:
        for each in (task, gone):
            each.cancel()
        await asyncio.wait((task, gone))


def break_off(scope: Scope) -> None:
    """Ends the connection of an answer that has begun, on purpose and before it is whole: the client sees that."""
    end = scope.get("extensions", {}).get(BREAK_OFF)
    if end is not None:
        end()
