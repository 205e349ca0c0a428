"""Questions that are asked at the same moment are answered together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from tui.server.limits import gathering
from tui.server.limits.gathering import Gathering


class Asked:
    """Answers with the double, a moment later; ``calls`` are the questions of each time."""

    def __init__(self) -> None:
        self.gathering = Gathering[int, int]()
        self.calls: list[list[int]] = []
        self.failures: list[Exception] = []

    async def answer(self, questions: Sequence[int]) -> list[int]:
        self.calls.append(list(questions))
        await asyncio.sleep(0)
        if self.failures:
            raise self.failures.pop()
        return [2 * each for each in questions]

    async def ask(self, question: int) -> int:
        return await self.gathering.ask(question, self.answer)


async def test_each_gets_its_own_answer_of_one_call() -> None:
    asked = Asked()
    assert await asyncio.gather(*map(asked.ask, range(5))) == [0, 2, 4, 6, 8]
    assert await asked.ask(7) == 14
    assert asked.calls == [[0, 1, 2, 3, 4], [7]]


async def test_who_asks_meanwhile_is_answered_next_and_not_too_many_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gathering, "MOST", 2)
    asked = Asked()
    first = [asyncio.create_task(asked.ask(each)) for each in range(3)]
    while not asked.calls:
        await asyncio.sleep(0)
    assert await asked.ask(9) == 18
    assert await asyncio.gather(*first) == [0, 2, 4]
    assert asked.calls == [[0, 1], [2, 9]]


async def test_a_failure_is_everyones_and_the_next_question_is_answered() -> None:
    asked = Asked()
    failure = OSError("away")
    asked.failures = [failure]
    found = await asyncio.gather(asked.ask(1), asked.ask(2), return_exceptions=True)
    assert list(found) == [failure, failure]
    assert await asked.ask(3) == 6


async def test_who_no_longer_asks_costs_the_others_nothing() -> None:
    asked = Asked()
    gone, stays = asyncio.create_task(asked.ask(1)), asyncio.create_task(asked.ask(2))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays == 4
    assert gone.cancelled()
    assert asked.calls == [[2]]
