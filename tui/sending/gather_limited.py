"""Concurrent requests, limited to what one connection handles well."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")
_AT_ONCE = 8


async def gather_limited(requests: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Run the requests and return their results in order; the first failure cancels the others and is raised."""
    slots = asyncio.Semaphore(_AT_ONCE)
    asked = list(requests)

    async def one(request: Coroutine[Any, Any, T]) -> T:
        async with slots:
            return await request

    tasks = [asyncio.create_task(one(request)) for request in asked]
    try:
        return [await task for task in tasks]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for request in asked:
            request.close()  # For those that never started.
