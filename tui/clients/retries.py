"""How long to wait for an unreachable server, and when to retry."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar

from ..rules.errors import Busy, Problem, Throttled, Unreachable

T = TypeVar("T")

#: Seconds to wait for a server: in a script, and in the app.
IN_A_SCRIPT = 600.0
IN_THE_APP = 86400.0
_LONGEST_POWER = 30


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How to retry. An unreachable server is waited for up to ``seconds``, counted from the first failure.

    Two attempts are ``first`` to ``most`` seconds apart; one response is waited for ``answer`` seconds. After other
    temporary failures there are up to ``tries`` attempts in a row. Tests replace ``clock`` and ``sleep``.
    """

    seconds: float = IN_A_SCRIPT
    first: float = 0.25
    most: float = 30.0
    answer: float = 30.0
    tries: int = 6
    clock: Callable[[], float] = monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    def pause(self, attempt: int) -> float:
        """Seconds before the next attempt, with jitter so that many clients don't return at the same time."""
        longest = min(self.first * 2.0 ** min(attempt, _LONGEST_POWER), self.most)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311


class Attempts:
    """A series of attempts at one operation."""

    def __init__(self, policy: RetryPolicy) -> None:
        self._policy = policy
        self._failed = 0
        self._since = 0.0

    def got_through(self) -> None:
        """Note progress: the next failure counts as the first."""
        self._failed = 0

    async def wait(self, problem: Problem, delay: float | None = None) -> None:
        """Wait until the next attempt, for ``delay`` seconds if the server gave one.

        Raises ``problem`` if there are to be no more attempts.
        """
        policy = self._policy
        now = policy.clock()
        if not self._failed:
            self._since = now
        self._failed += 1
        left = policy.seconds - (now - self._since)
        away = isinstance(problem, (Unreachable, Throttled))
        if left <= 0 or (delay or 0) > left or (not away and self._failed >= policy.tries):
            raise problem
        await policy.sleep(min(policy.pause(self._failed - 1) if delay is None else delay, left))


async def with_retries(ask: Callable[[], Awaitable[T]], policy: RetryPolicy) -> T:
    """Call ``ask``, again if the server was busy or unreachable. ``ask`` must be idempotent."""
    attempts = Attempts(policy)
    while True:
        try:
            return await ask()
        except (Unreachable, Throttled) as problem:
            await attempts.wait(
                problem, problem.retry_after if isinstance(problem, Throttled | Busy) else None
            )
