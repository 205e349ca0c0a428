"""How long and how often requests to an unavailable server are retried, on a simulated clock."""

from __future__ import annotations

import pytest

from tests.support.network.away import Clock
from tui import guides
from tui.clients.retries import IN_A_SCRIPT, IN_THE_APP, Attempts, RetryPolicy, with_retries
from tui.rules.errors import Failed, Problem, Throttled, Unreachable
from tui.sending.job.server_wait import ServerWaits, waiting_text

AWAY = Unreachable("server.unreachable", "The server cannot be reached.")
ODD = Failed("server.error", "The server failed.")


async def fails_until(clock: Clock, problem: Problem, seconds: float, patience: RetryPolicy) -> int:
    """Retries a request that fails until ``seconds`` have passed, and returns the number of attempts."""
    asked = 0

    async def ask() -> None:
        nonlocal asked
        asked += 1
        if clock.now < seconds:
            raise problem

    await with_retries(ask, patience)
    return asked


@pytest.mark.parametrize("away", [0.3, 5, 30, 120, 599])
async def test_a_server_that_is_away_is_waited_for(away: float) -> None:
    clock = Clock()
    assert await fails_until(clock, AWAY, away, clock.patience(IN_A_SCRIPT)) >= 2
    assert away <= clock.now <= IN_A_SCRIPT


def test_the_app_has_more_patience_than_a_command() -> None:
    assert "the app waits for a day, a command for ten minutes" in guides.read("sending")
    assert (IN_THE_APP, IN_A_SCRIPT) == (24 * 60 * 60, 10 * 60)
    assert RetryPolicy().seconds == IN_A_SCRIPT


async def test_patience_has_an_end() -> None:
    """The last attempt is made when the time is up, not long before."""
    clock = Clock()
    with pytest.raises(Unreachable):
        await fails_until(clock, AWAY, 1e9, clock.patience(20))
    assert clock.now == pytest.approx(20)
    with pytest.raises(Unreachable):
        await fails_until(clock, AWAY, 1e9, clock.patience(0))
    assert clock.now == pytest.approx(20)


async def test_the_pauses_grow_to_half_a_minute_and_are_never_the_same() -> None:
    clock = Clock()
    with pytest.raises(Unreachable):
        await fails_until(clock, AWAY, 1e9, clock.patience(86400))
    assert all(2**n / 8 <= pause <= 2**n / 4 for n, pause in enumerate(clock.slept[:7]))
    assert all(15 <= pause <= 30 for pause in clock.slept[9:-1])
    assert len(set(clock.slept)) == len(clock.slept)


async def test_what_the_server_asks_for_is_met_where_there_is_patience_for_it() -> None:
    clock = Clock()
    busy = Throttled("throttled", "Too many requests.", 40)
    assert await fails_until(clock, busy, 1, clock.patience(60)) == 2
    assert clock.slept == [40]
    with pytest.raises(Throttled):
        await fails_until(clock, busy, 1e9, clock.patience(39))
    assert clock.slept == [40]
    assert await fails_until(clock, busy, 41, clock.patience(40)) == 2
    assert clock.slept == [40, 40]


async def test_each_time_that_something_gets_through_patience_begins_anew() -> None:
    clock = Clock()
    attempts = Attempts(clock.patience(10))
    for _ in range(20):
        attempts.got_through()
        for _ in range(3):
            await attempts.wait(AWAY)
    assert clock.now > 10


async def test_patience_is_counted_from_the_first_failure_after_that() -> None:
    clock = Clock()
    attempts = Attempts(clock.patience(10))
    for _ in range(4):
        clock.now += 6
        attempts.got_through()
        await attempts.wait(AWAY)


@pytest.mark.parametrize("seconds", [0.01, 0.3, 0.9])
async def test_the_last_attempt_is_made_when_the_time_is_up_however_short_it_is(seconds: float) -> None:
    clock = Clock()
    with pytest.raises(Unreachable):
        await fails_until(clock, AWAY, 1e9, clock.patience(seconds))
    assert clock.now == pytest.approx(seconds)


async def test_there_is_no_attempt_after_a_request_that_took_all_the_time() -> None:
    clock = Clock()
    attempts = Attempts(clock.patience(10))
    await attempts.wait(AWAY)
    clock.now += 20
    with pytest.raises(Unreachable):
        await attempts.wait(AWAY)
    assert len(clock.slept) == 1


async def test_a_failure_after_many_attempts_at_an_unreachable_server_is_the_last() -> None:
    clock = Clock()
    attempts = Attempts(clock.patience(86400))
    for _ in range(RetryPolicy().tries + 1):
        await attempts.wait(AWAY)
    with pytest.raises(Failed):
        await attempts.wait(ODD)


@pytest.mark.parametrize("attempt", range(12))
def test_each_pause_is_up_to_twice_as_long_as_the_one_before(attempt: int) -> None:
    longest = min(2**attempt / 4, 30)
    assert all(longest / 2 <= RetryPolicy().pause(attempt) <= longest for _ in range(20))


def test_a_pause_has_a_length_however_many_there_were() -> None:
    assert 15 <= RetryPolicy().pause(10**9) <= 30


async def test_what_a_server_answers_with_a_failure_is_tried_a_few_times() -> None:
    clock = Clock()
    attempts = Attempts(clock.patience(86400))
    for _ in range(5):
        await attempts.wait(ODD)
    with pytest.raises(Failed):
        await attempts.wait(ODD)
    assert len(clock.slept) == 5


async def test_how_long_is_waited_is_told_each_second() -> None:
    clock = Clock()
    seconds_left: list[int | None] = []
    waits = ServerWaits(clock.patience(60), lambda: seconds_left.append(waits.left))
    assert waits.left is None
    await waits.policy.sleep(3.5)
    assert seconds_left == [4, 3, 2, 1, None]
    assert [waiting_text(n) for n in (8, 0)] == [
        "Waiting for the server; trying again in 8 s", "Waiting for the server; trying again now",
    ]  # fmt: skip


async def test_nothing_is_left_of_a_wait_that_lasted_too_long() -> None:
    """The program was stopped in the middle of it, and its clock wasn't."""
    clock = Clock()
    waits = ServerWaits(clock.patience(60), lambda: None)
    seen: list[int | None] = []

    def wake_late() -> None:
        clock.now = 50.0
        seen.append(waits.left)

    clock.at(1, wake_late)
    await waits.policy.sleep(2)
    assert seen == [0]


async def test_nobody_waits_on_once_another_has_reached_the_server() -> None:
    clock = Clock()
    waits = ServerWaits(clock.patience(60), lambda: None)
    clock.at(2.5, waits.reached)
    await waits.policy.sleep(30)
    assert clock.now == 3
