"""A clock that a test controls, to make a server go away and come back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tui.clients.retries import RetryPolicy


class Clock:
    """Time passes only while a caller sleeps on this clock; ``slept`` are the pauses."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []
        self._due: list[tuple[float, Callable[[], object]]] = []

    def at(self, moment: float, act: Callable[[], object]) -> None:
        """``act`` is called as soon as the clock has reached ``moment``."""
        self._due.append((moment, act))

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        due, self._due = self._due, []
        for moment, act in due:
            if moment <= self.now:
                act()
            else:
                self._due.append((moment, act))
        await asyncio.sleep(0)

    def patience(self, seconds: float, answer: float = 5.0) -> RetryPolicy:
        return RetryPolicy(seconds, answer=answer, clock=lambda: self.now, sleep=self.sleep)
