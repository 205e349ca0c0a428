"""How long a sending command waits for an unreachable server, and what it prints while it waits."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from ...rules import dates
from ...rules.errors import InvalidValue, Problem
from ...rules.typed_values import telling_none
from ..base.output import tell
from ..base.progress import is_shown

if TYPE_CHECKING:
    from ...clients.retries import RetryPolicy
    from ...sending.job.job import SendJob
    from ..base.common import CommandSession

T = TypeVar("T")

_SECONDS = re.compile(r"(\d{1,9}) *s", re.IGNORECASE | re.ASCII)
#: How to say that there shall be no such span.
_INSTEAD = {"patience": "To wait for nothing, write 0s.", "timeout": "To wait without end, leave it out."}
#: Seconds to wait for a server that was never reached: its address may be wrong.
NEVER_REACHED = 8.0
#: Shorter waits, in seconds, aren't worth a message, and neither is one so soon after another: a server that answers,
#: but can't reach its store, is waited for anew after each try.
_WORTH_REPORTING, _NOT_AGAIN_FOR = 1.0, 60.0


def span_seconds(text: str, field: str = "patience") -> float:
    """A span in seconds. Raises :class:`InvalidValue` about ``field``."""
    match = _SECONDS.fullmatch(text.strip())
    if match is not None:
        return float(match[1])
    try:
        with telling_none(text, _INSTEAD[field]):
            return dates.parse_span(text).total_seconds()
    except InvalidValue as problem:
        raise InvalidValue(
            problem.code, problem.message.replace("90m, 36h", "90s, 10m, 36h"), field
        ) from None


class Awaited:
    """Waits for the session's server. ``span`` is ``--patience`` as typed; ``None`` means the default for scripts."""

    def __init__(
        self, session: CommandSession, span: str | None, clock: Callable[[], float] = monotonic
    ) -> None:
        self._clock = clock
        self._session = session
        self._seconds = None if span is None else span_seconds(span)
        self._reported_at = -_NOT_AGAIN_FOR

    def patience(self) -> RetryPolicy:
        """How requests within the send are repeated: for as long as ``--patience`` says."""
        from ...clients.retries import IN_A_SCRIPT, RetryPolicy

        return RetryPolicy(IN_A_SCRIPT if self._seconds is None else self._seconds, sleep=self._pause)

    async def first(self, request: Callable[[], Awaitable[T]]) -> T:
        """Make the first request. An unreachable server is waited for as long as ``span`` says; without it only
        briefly, since there may be none."""
        from ...clients.retries import RetryPolicy, with_retries

        seconds = NEVER_REACHED if self._seconds is None else self._seconds
        return await with_retries(request, RetryPolicy(seconds, sleep=self._sleep))

    async def ask(self, request: Callable[[], Awaitable[T]]) -> T:
        """Make a request to a server that was reached before."""
        from dataclasses import replace

        from ...clients.retries import with_retries

        return await with_retries(request, replace(self.patience(), sleep=self._sleep))

    async def _sleep(self, seconds: float) -> None:
        self._report(seconds)
        await self._pause(seconds)

    async def _pause(self, seconds: float) -> None:
        """Wait for the server; if it is the local one and has ended, start it again."""
        import asyncio

        if self._session.target.socket is not None:
            from ...local_server.local_server import ensure

            with suppress(Problem):
                await asyncio.to_thread(ensure, self._session.config)
        await asyncio.sleep(seconds)

    def tell_of(self, job: SendJob) -> None:
        """Report, at most once a minute, that the server is being waited for, unless a progress bar shows it."""
        if not is_shown() and job.waiting is not None:
            self._report(job.waiting)

    def _report(self, seconds: float) -> None:
        from ...sending.job.server_wait import waiting_text

        now = self._clock()
        if seconds > _WORTH_REPORTING and now >= self._reported_at + _NOT_AGAIN_FOR:
            self._reported_at = now
            tell(f"{waiting_text(round(seconds))}.")
