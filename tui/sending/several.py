"""Several requests at once, as many as a connection takes well."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from typing import TypeVar

T = TypeVar("T")
_AT_ONCE = 8


async def several(requests: Iterable[Awaitable[T]]) -> list[T]:
    """The answers in the order of the requests; the first failure ends the others and is raised."""
    slots = asyncio.Semaphore(_AT_ONCE)

    async def one(request: Awaitable[T]) -> T:
        async with slots:
            return await request

    tasks = [asyncio.ensure_future(one(request)) for request in requests]
    try:
        return [await task for task in tasks]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
