"""Whether downloads of people who are signed in may go on: asked each second, all at the same moment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Sequence
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ..context import Context

Check = Callable[[AsyncConnection], Awaitable[bool]]
_Question = tuple[Hashable, Check]


async def is_still_allowed(context: Context, what: Hashable, check: Check) -> bool:
    """The answer of ``check``, which is the same for all who ask about the same ``what`` at the same moment. All of
    these are answered in one transaction."""
    answer = await context.still_allowed.ask((what, check), partial(_answers, context))
    if isinstance(answer, Exception):
        raise answer
    return answer


async def _answers(context: Context, asked: Sequence[_Question]) -> list[bool | Exception]:
    left, found = dict(asked), dict[Hashable, bool | Exception]()
    while left:
        async with context.database.read() as connection:
            for what in list(left):
                try:
                    found[what] = await left.pop(what)(connection)
                except Exception as error:
                    found[what] = error
                    # Only its own reader's trouble, but the transaction may be spoilt for the others.
                    break
    return [found[what] for what, _ in asked]
