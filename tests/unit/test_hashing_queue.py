"""Whose the places in the queue for hashing are (S40)."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, suppress
from random import Random

import pytest

from tui.rules.errors import Throttled, Unavailable
from tui.server.base import pools
from tui.server.limits import hashing_queue, passwords
from tui.server.limits.hashing_queue import Kind, Queue, RecentlyWrong, Turns, networks_of
from tui.server.limits.passwords import Passwords


@pytest.mark.parametrize(
    ("network", "found"),
    [
        ("203.0.113.9/32", ["203.0.113.9/32", "203.0.113.0/24"]),
        ("2001:db8:1:203::/64", ["2001:db8:1:203::/64", "2001:db8:1:200::/56", "2001:db8:1::/48"]),
        ("local", ["local"]),
        ("0123456789abcdef", ["0123456789abcdef"]),
    ],
)
def test_a_place_counts_for_larger_networks(network: str, found: list[str]) -> None:
    assert [name for name, _ in networks_of(network)] == found


async def given(queue: Queue, networks: list[str]) -> int:
    """How many of the networks get a place at once, while all who have one hold it."""
    count, over = 0, asyncio.Event()

    async def hash_one(network: str) -> None:
        nonlocal count
        async with queue.place(network):
            count += 1
            await over.wait()

    tasks = [asyncio.create_task(hash_one(network)) for network in networks]
    await asyncio.sleep(0)
    found = count
    over.set()
    await asyncio.gather(*tasks)
    assert count == len(networks)
    return found


@pytest.mark.parametrize(
    ("network", "places"),
    [
        ("203.0.113.7/32", 2),
        ("203.0.113.{}/32", 6),
        ("203.0.{}.7/32", 30),
        ("2001:db8:1:7::/64", 2),
        ("2001:db8:1:2{:02x}::/64", 4),
        ("2001:db8:1:{:x}00::/64", 6),
        ("2001:db8:{:x}::/64", 30),
    ],
)
async def test_networks_have_a_few_places(network: str, places: int) -> None:
    assert await given(Queue(100), [network.format(n) for n in range(30)]) == places


async def test_no_more_than_there_are() -> None:
    assert await given(Queue(5), [f"203.0.{n}.7/32" for n in range(30)]) == 5


async def test_who_has_none_left_is_passed_over() -> None:
    queue, order = Queue(3), list[str]()

    async def hash_one(network: str, over: asyncio.Event) -> None:
        async with queue.place(network):
            order.append(network)
            await over.wait()

    first, then = asyncio.Event(), asyncio.Event()
    tasks = [asyncio.create_task(hash_one("10.0.0.1/32", first)) for _ in range(2)]
    tasks += [asyncio.create_task(hash_one("10.0.0.1/32", then)) for _ in range(2)]
    tasks += [asyncio.create_task(hash_one("10.9.0.1/32", then)) for _ in range(2)]
    await asyncio.sleep(0)
    assert order == ["10.0.0.1/32", "10.0.0.1/32", "10.9.0.1/32"]
    first.set()
    await asyncio.gather(*tasks[:2])
    await asyncio.sleep(0)
    assert order[3:] == ["10.0.0.1/32", "10.0.0.1/32"]
    then.set()
    await asyncio.gather(*tasks)
    assert order[5:] == ["10.9.0.1/32"]


async def test_whoever_gives_up_takes_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing_queue, "_MOST_OF_ONE", 3)
    monkeypatch.setattr(pools, "WAIT_SECONDS", 0.01)
    queue, over = Queue(1), asyncio.Event()

    async def hash_one() -> None:
        async with queue.place("10.0.0.1/32"):
            await over.wait()

    holds = asyncio.create_task(hash_one())
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await hash_one()
    monkeypatch.setattr(pools, "WAIT_SECONDS", 60)
    waits = [asyncio.create_task(hash_one()) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(Throttled):
        await hash_one()
    waits[0].cancel()
    over.set()
    await asyncio.gather(holds, *waits[1:])
    assert waits[0].cancelled()
    await hash_one()


def test_a_wrong_try_is_forgotten() -> None:
    now = 0.0
    wrong = RecentlyWrong(lambda: now)
    wrong.add("A")
    now = 3599.0
    assert "A" in wrong
    assert "B" not in wrong
    now = 3601.0
    assert "A" not in wrong


async def test_turns() -> None:
    """Those for whom places are kept come first, and everyone comes."""
    turns, order = Turns(), list[str]()

    async def take(kind: Kind) -> None:
        async with turns.one(kind):
            order.append(kind.name)
            await asyncio.sleep(0)

    kinds = [Kind.ANYONE] * 3 + [Kind.CLEAN_NAME] * 3 + [Kind.CLEAN_NETWORK] * 8
    await asyncio.gather(*map(take, kinds))
    assert sorted(order) == sorted(kind.name for kind in kinds)
    # The first found no one else.
    assert order[1:9].count("CLEAN_NETWORK") == 6
    assert {"ANYONE", "CLEAN_NAME"} <= set(order[1:9])


async def test_a_turn_that_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "WAIT_SECONDS", 0.01)
    turns, over = Turns(), asyncio.Event()

    async def take() -> None:
        async with turns.one(Kind.ANYONE):
            await over.wait()

    first = asyncio.create_task(take())
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await take()
    monkeypatch.setattr(pools, "WAIT_SECONDS", 60)
    gone, then = (asyncio.create_task(take()) for _ in range(2))
    await asyncio.sleep(0)
    gone.cancel()
    over.set()
    await asyncio.gather(first, then)
    await take()


async def given_up(place: Callable[[], AbstractAsyncContextManager[None]]) -> None:
    """Of two who wait for a place, the first is cancelled, but doesn't know that yet when the place becomes free."""

    async def hold() -> None:
        async with place():
            await asyncio.sleep(0)
            gone.cancel()

    async def take() -> None:
        async with place():
            pass

    holds, gone, then = (asyncio.create_task(work) for work in (hold(), take(), take()))
    await asyncio.gather(holds, then)
    assert gone.cancelled()
    await take()


async def test_whoever_gives_up_while_another_goes_takes_no_place() -> None:
    queue, networks = Queue(1), itertools.count()
    await given_up(lambda: queue.place(f"10.{next(networks)}.0.1/32"))


async def test_a_turn_that_is_given_up_while_it_is_passed_on() -> None:
    turns = Turns()
    await given_up(lambda: turns.one(Kind.ANYONE))


async def test_nothing_is_lost_when_many_give_up() -> None:
    """Some give up in the very moment in which it would be their turn."""
    queue, turns = Queue(2), Turns()
    random = Random(7)

    async def hash_one(number: int) -> None:
        async with queue.place(f"10.{number % 3}.0.1/32"), turns.one(random.choice(list(Kind))):
            for _ in range(random.randrange(3)):
                await asyncio.sleep(0)
            random.choice(tasks).cancel()

    tasks = [asyncio.create_task(hash_one(number)) for number in range(90)]
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(end) for end in ends} == {type(None), asyncio.CancelledError}
    assert await given(queue, ["10.0.0.1/32", "10.1.0.1/32"]) == 2
    async with turns.one(Kind.ANYONE):
        pass


# ---------------------------------------------------------------- an attack


#: Networks of those who guess, far from one another or close together, and of those who know.
ATTACKS = {
    "far from one another": ("10.{0}.7.1/32", "198.51.100.{0}/32"),
    "in one network": ("203.0.113.{0}/32", "198.51.100.{0}/32"),
    "beside the others": ("203.0.113.{0}/32", "203.0.113.2{0:02}/32"),
    "in one network of IPv6": ("2001:db8:7:{0:x}::/64", "2001:db8:8:{0:x}::/64"),
}
GUESSING, KNOWING = 60, 8


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Passwords]:
    """A password takes no time to hash."""
    monkeypatch.setattr(passwords, "MEMORY", 8)
    monkeypatch.setattr(passwords, "ROUNDS", 1)
    monkeypatch.setattr(pools, "WAIT_SECONDS", 60)
    made = Passwords()
    yield made
    made.close()


@pytest.mark.parametrize("name", ["P{0}", "X{0}.{1}"], ids=["their names", "other names"])
@pytest.mark.parametrize("attack", ATTACKS)
async def test_whoever_knows_gets_in(hashes: Passwords, attack: str, name: str) -> None:
    """Sixty addresses guess all the time, from four connections each; none of those who know is refused."""
    guessing, knowing = ATTACKS[attack]
    stored, tries = await hashes.hash("right", "somebody"), itertools.count()
    begun = [asyncio.Event() for _ in range(GUESSING)]

    async def guess(number: int) -> None:
        while True:
            with suppress(Throttled):
                who = name.format(number % KNOWING, next(tries))
                await hashes.verify(stored, "wrong", network=guessing.format(number), name=who)
                begun[number].set()
            await asyncio.sleep(0)

    guesses = [asyncio.create_task(guess(number % GUESSING)) for number in range(4 * GUESSING)]
    for each in begun:
        await each.wait()
    known = (hashes.verify(stored, "right", network=knowing.format(n), name=f"P{n}") for n in range(KNOWING))
    assert await asyncio.gather(*known) == [True] * KNOWING
    for task in guesses:
        task.cancel()
    await asyncio.gather(*guesses, return_exceptions=True)


async def test_colleagues_of_who_guesses_get_in(hashes: Passwords) -> None:
    """From the same address, though not as fast: with names for which no one has guessed."""
    stored, network = await hashes.hash("right", "somebody"), "203.0.113.7/32"

    async def guess(name: str, network: str) -> None:
        while True:
            await hashes.verify(stored, "wrong", network=network, name=name)

    guesses = [asyncio.create_task(guess(f"X{n}", f"10.{n}.0.1/32")) for n in range(30)]
    guesses += [asyncio.create_task(guess("X0", network)) for _ in range(10)]
    await asyncio.sleep(0)
    known = (hashes.verify(stored, "right", network=network, name=f"P{n}") for n in range(KNOWING))
    assert await asyncio.gather(*known) == [True] * KNOWING
    for task in guesses:
        task.cancel()
    await asyncio.gather(*guesses, return_exceptions=True)
