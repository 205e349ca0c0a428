"""A job's waiting for an unreachable server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import ceil

from ...clients.retries import RetryPolicy

#: The interval in seconds at which the remaining wait is reported.
_REPORT_INTERVAL = 1.0


class ServerWaits:
    """The pending waits of a job, at most as long as ``patience`` allows. ``on_change`` is called when the remaining
    time has changed."""

    def __init__(self, patience: RetryPolicy, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._until: list[float] = []
        self._reached = 0
        self._patience = patience
        #: ``patience``, with its waits reported here.
        self.policy = replace(patience, sleep=self._sleep)

    @property
    def left(self) -> int | None:
        """Whole seconds until the server is tried again; ``None`` if nothing is waiting."""
        if not self._until:
            return None
        return max(0, ceil(min(self._until) - self._patience.clock()))

    def reached(self) -> None:
        """End all waits: the server is reachable."""
        self._reached += 1

    async def _sleep(self, seconds: float) -> None:
        patience, reached = self._patience, self._reached
        until = patience.clock() + seconds
        self._until.append(until)
        try:
            while (left := until - patience.clock()) > 0 and reached == self._reached:
                self._on_change()
                await patience.sleep(min(left, _REPORT_INTERVAL))
        finally:
            self._until.remove(until)
            self._on_change()


def waiting_text(seconds: int) -> str:
    """The status text while waiting for a server."""
    return f"Waiting for the server; trying again {f'in {seconds} s' if seconds else 'now'}"
