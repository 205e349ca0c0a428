"""Concurrent requests: how many at once, in which order their results are, and what happens if one fails."""

from __future__ import annotations

import asyncio

import pytest

from tui.rules.errors import NotFound
from tui.sending.gather_limited import gather_limited


async def test_eight_are_made_at_once_and_the_results_are_in_order() -> None:
    running: set[int] = set()
    most = 0

    async def request(number: int) -> int:
        nonlocal most
        running.add(number)
        most = max(most, len(running))
        # The first ones take longest.
        for _ in range(30 - number):
            await asyncio.sleep(0)
        running.discard(number)
        return number

    assert await gather_limited(map(request, range(30))) == list(range(30))
    assert most == 8
    assert await gather_limited([]) == []


async def test_the_first_failure_cancels_the_others() -> None:
    begun: list[int] = []
    cancelled: list[int] = []

    async def request(number: int) -> int:
        begun.append(number)
        if number == 2:
            raise NotFound("document.gone", "It was deleted.")
        if number > 2:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.append(number)
                raise
        return number

    # Those that were never begun don't warn that nobody has awaited them.
    with pytest.raises(NotFound):
        await gather_limited(map(request, range(20)))
    assert cancelled == [number for number in begun if number > 2]
    assert len(begun) < 20
