"""Keys that are marked for deletion before anything is stored under them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tui.server.base.settings import Settings
from tui.server.context import Context
from tui.server.database.tables import dead_blobs
from tui.server.installation.installation import open_context
from tui.server.library import gc


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def context(tmp_path: Path, clock: Clock) -> AsyncIterator[Context]:
    opened = await open_context(Settings(data=tmp_path), clock)
    try:
        yield opened
    finally:
        await opened.close()


async def marked(context: Context) -> set[str]:
    async with context.database.read() as connection:
        return set((await connection.execute(select(dead_blobs.c.key))).scalars())


async def test_many_requests_share_one_reservation(context: Context) -> None:
    taken = await context.reserved_keys.take(64)
    reserved = await marked(context)
    for _ in range(3):
        taken += await context.reserved_keys.take(64)
    assert await marked(context) == reserved == set(taken)
    assert len(set(taken)) == 256
    assert set(await context.reserved_keys.take(1)).isdisjoint(taken)


async def test_those_of_one_request_lie_in_one_folder(context: Context) -> None:
    for count in (60, 60, 60, 60, 60, 300):
        assert len({key[:2] for key in await context.reserved_keys.take(count)}) == 1


async def test_a_key_is_kept_for_an_hour_after_it_was_taken(context: Context, clock: Clock) -> None:
    """So none is taken that was reserved longer than an hour ago."""
    first = await context.reserved_keys.take(1)
    clock.now += timedelta(minutes=59)
    second = await context.reserved_keys.take(1)
    clock.now += timedelta(minutes=59)
    await gc.collect(context)
    assert await marked(context) > {*first, *second}
    third = await context.reserved_keys.take(1)
    clock.now += timedelta(minutes=3)
    await gc.collect(context)
    left = await marked(context)
    assert left.isdisjoint({*first, *second})
    assert left > set(third)
