"""How long a command that sends waits for a server that is away, and what it says meanwhile."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from ..rules import options
from ..rules.errors import InvalidValue
from .output import tell
from .progress import is_shown

if TYPE_CHECKING:
    from ..clients.patience import Patience
    from ..sending.job import SendJob

T = TypeVar("T")

_SECONDS = re.compile(r"(\d{1,9}) *s", re.IGNORECASE | re.ASCII)
#: A server that was never reached may not be there at all: the address may be wrong.
_NEVER_REACHED = 8.0
#: A shorter wait is not worth a line.
_WORTH_TELLING = 1.0


def _span(text: str) -> float:
    """A span in seconds. Raises :class:`InvalidValue`."""
    match = _SECONDS.fullmatch(text.strip())
    if match is not None:
        return float(match[1])
    try:
        return options.parse_span(text).total_seconds()
    except InvalidValue as problem:
        raise InvalidValue(
            problem.code, problem.message.replace("90m, 36h", "90s, 10m, 36h"), "patience"
        ) from None


class Awaited:
    """``span`` is as typed; ``None``: what is usual in a script."""

    def __init__(self, span: str | None) -> None:
        self._seconds = None if span is None else _span(span)
        self._told = False

    def patience(self) -> Patience:
        from ..clients.patience import IN_A_SCRIPT, Patience

        return Patience(IN_A_SCRIPT if self._seconds is None else self._seconds)

    async def first(self, ask: Callable[[], Awaitable[T]]) -> T:
        """What is asked for first. A server that nobody has reached yet is waited for as long as was said; else for a
        moment, since there may be none."""
        from ..clients.patience import Patience, patiently

        seconds = _NEVER_REACHED if self._seconds is None else self._seconds
        return await patiently(ask, Patience(seconds, sleep=self._sleep))

    async def ask(self, ask: Callable[[], Awaitable[T]]) -> T:
        """What is asked for once the server was reached."""
        from dataclasses import replace

        from ..clients.patience import patiently

        return await patiently(ask, replace(self.patience(), sleep=self._sleep))

    async def _sleep(self, seconds: float) -> None:
        import asyncio

        self._tell(seconds)
        await asyncio.sleep(seconds)

    def tell_of(self, job: SendJob) -> None:
        """Tells, once each time that the server goes away, that it is waited for; where no progress bar does."""
        if is_shown():
            return
        waiting = job.waiting
        if waiting is None:
            self._told = False
        else:
            self._tell(waiting)

    def _tell(self, seconds: float) -> None:
        from ..sending.waits import waiting_text

        if seconds > _WORTH_TELLING and not self._told:
            self._told = True
            tell(f"{waiting_text(round(seconds))}.")
