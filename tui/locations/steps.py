"""Work that needs answers, without waiting for them itself: whoever performs it decides when each answer comes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from typing import Any, TypeVar

Result = TypeVar("Result")
#: A request that is still to be made; it raises :class:`Problem`.
Asked = Callable[[], Awaitable[Any]]
#: Gives request after request, and is sent the answer of each, or thrown what it failed with.
Steps = Generator[Asked, Any, Result]


async def performed(steps: Steps[Result]) -> Result:
    """Makes the requests one after the other, and answers what comes of them."""
    try:
        asked = next(steps)
        while True:
            try:
                answer = await asked()
            except Exception as error:
                asked = steps.throw(error)
            else:
                asked = steps.send(answer)
    except StopIteration as end:
        result: Result = end.value
        return result
