"""Places that many wait for: each gets one in turn, and whoever gives up takes none with them (S36, S40)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from contextvars import Context

import pytest

from tui.rules.errors import Unavailable
from tui.server.base import pools
from tui.server.base.pools import Pool, PoolPlaces, ask_for
from tui.server.limits.hashing_queue import Kind, Queue, Turns

Take = Callable[[], AbstractAsyncContextManager[None]]


def of(places: object) -> Take:
    """What takes the only place, of each kind."""
    if isinstance(places, PoolPlaces):
        return places.one
    if isinstance(places, Queue):
        return lambda: places.place("somebody")
    assert isinstance(places, Turns)
    return lambda: places.one(Kind.ANYONE)


ONE = {"places": lambda: PoolPlaces(Pool.EVERYONE, 1), "queue": lambda: Queue(1), "turns": Turns}


@pytest.fixture(params=ONE)
def take(request: pytest.FixtureRequest) -> Take:
    return of(ONE[request.param]())


async def hold(take: Take, over: asyncio.Event, done: list[str], name: str) -> None:
    async with take():
        done.append(name)
        await over.wait()


async def hold_and(take: Take, over: asyncio.Event, after: Callable[[], object]) -> None:
    """Hold the place until it is over, and do something before whoever gets it then has run."""
    await hold(take, over, [], "")
    after()


async def test_who_gives_up_as_it_gets_the_place(take: Take) -> None:
    """At the same moment, before or after: the next one has it."""
    for gives_up_first in (True, False):
        over, later, done = asyncio.Event(), asyncio.Event(), list[str]()
        holds = asyncio.create_task(hold_and(take, over, lambda: gone.cancel()))  # noqa: B023 - awaited in the loop
        await asyncio.sleep(0)
        gone = asyncio.create_task(hold(take, later, done, "gone"))
        then = asyncio.create_task(hold(take, later, done, "then"))
        await asyncio.sleep(0)
        if gives_up_first:
            gone.cancel()
        over.set()
        await holds
        later.set()
        await then
        with pytest.raises(asyncio.CancelledError):
            await gone
        assert done == ["then"]
        # And nothing is left of it.
        await hold(take, later, done, "again")


async def test_many_who_give_up(take: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    """After as long as they wait at most, while places are given all the time."""
    done, over = list[str](), asyncio.Event()

    async def short(name: str) -> None:
        async with take():
            done.append(name)
            await asyncio.sleep(0.001)

    monkeypatch.setattr(pools, "WAIT_SECONDS", 0.02)
    tasks = [asyncio.create_task(short(f"{number}")) for number in range(90)]
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(end) for end in ends} <= {type(None), Unavailable}
    assert len(done) == ends.count(None)
    over.set()
    await hold(take, over, done, "again")


async def test_each_gets_one_in_turn() -> None:
    """However many requests one of them has."""
    places, over, done = PoolPlaces(Pool.EVERYONE, 1), asyncio.Event(), list[str]()

    async def ask(whose: str) -> None:
        ask_for(whose)
        async with places.one():
            done.append(whose)
            await over.wait()

    names = ["A"] * 5 + ["B"] * 2 + ["C"]
    tasks = [asyncio.create_task(ask(name), context=Context()) for name in names]
    await asyncio.sleep(0)
    over.set()
    await asyncio.gather(*tasks)
    assert done == ["A", "A", "B", "C", "A", "B", "A", "A"]
