"""Questions to the database that many ask at the same moment, each for itself: they are answered together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")
Future = asyncio.Future

#: How many are answered at once.
MOST = 500


class Gathering(Generic[Q, A]):
    """Gathers questions until those before have been answered."""

    def __init__(self) -> None:
        self._asked: list[tuple[Q, Future[A]]] = []
        self._task: asyncio.Task[None] | None = None

    async def ask(self, question: Q, answer: Callable[[Sequence[Q]], Awaitable[Sequence[A]]]) -> A:
        """What ``answer``, the same for all, returns for it, in the order of the questions; or raises, for each."""
        future: Future[A] = asyncio.get_running_loop().create_future()
        self._asked.append((question, future))
        if self._task is None:
            # For no one request: it counts as none of its person's.
            self._task = asyncio.get_running_loop().create_task(self._answer_all(answer), context=Context())
        return await future

    async def _answer_all(self, answer: Callable[[Sequence[Q]], Awaitable[Sequence[A]]]) -> None:
        try:
            while self._asked:
                # Whoever wakes up at this moment asks now.
                await asyncio.sleep(0)
                now, self._asked = self._asked[:MOST], self._asked[MOST:]
                await _answer_some([each for each in now if not each[1].done()], answer)
        finally:
            self._task = None
            for _, future in self._asked:
                future.cancel()


async def _answer_some(
    asked: list[tuple[Q, Future[A]]], answer: Callable[[Sequence[Q]], Awaitable[Sequence[A]]]
) -> None:
    try:
        answers = await answer([question for question, _ in asked]) if asked else ()
    except Exception as error:
        for _, future in asked:
            if not future.done():
                future.set_exception(error)
    except BaseException:
        for _, future in asked:
            future.cancel()
        raise
    else:
        for (_, future), found in zip(asked, answers, strict=True):
            if not future.done():
                future.set_result(found)
