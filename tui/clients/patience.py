"""How long a server that is away is waited for, and how what it was asked for is asked again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar

from ..rules.errors import Problem, Throttled, Unreachable

T = TypeVar("T")

#: In a script, and where somebody has the app open.
IN_A_SCRIPT = 600.0
IN_THE_APP = 86400.0
_LONGEST_POWER = 30


@dataclass(frozen=True, slots=True)
class Patience:
    """A server that is away is waited for ``seconds``, from when it was missed on and until something gets through.

    ``first`` to ``most`` seconds lie between two tries, ``answer`` seconds are waited for one answer. What the server
    answers with a failure that may pass is tried ``tries`` times in a row. ``clock`` and ``sleep`` are a test's own.
    """

    seconds: float = IN_A_SCRIPT
    first: float = 0.25
    most: float = 30.0
    answer: float = 30.0
    tries: int = 6
    clock: Callable[[], float] = monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    def pause(self, attempt: int) -> float:
        """Seconds before the next try; random, so that many clients do not come back in one moment."""
        longest = min(self.first * 2.0 ** min(attempt, _LONGEST_POWER), self.most)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311


class Attempts:
    """Tries of one thing, in a row."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._failed = 0
        self._since = 0.0

    def got_through(self) -> None:
        """Something was reached: whatever fails from now on fails for the first time."""
        self._failed = 0

    async def wait(self, problem: Problem, asked: float | None = None) -> None:
        """Waits until the next try, as long as the server has ``asked`` for where it has; raises ``problem`` where
        patience is at its end."""
        patience = self._patience
        now = patience.clock()
        if not self._failed:
            self._since = now
        self._failed += 1
        left = patience.seconds - (now - self._since)
        away = isinstance(problem, (Unreachable, Throttled))
        if left <= 0 or (asked or 0) > left or (not away and self._failed >= patience.tries):
            raise problem
        await patience.sleep(min(patience.pause(self._failed - 1) if asked is None else asked, left))


async def patiently(ask: Callable[[], Awaitable[T]], patience: Patience) -> T:
    """Asks again where the server was busy or could not be reached. For what can be asked twice."""
    attempts = Attempts(patience)
    while True:
        try:
            return await ask()
        except (Unreachable, Throttled) as problem:
            await attempts.wait(problem, problem.retry_after if isinstance(problem, Throttled) else None)
