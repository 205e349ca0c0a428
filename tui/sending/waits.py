"""What of a job waits for a server that is away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import ceil

from ..clients.patience import Patience

#: Seconds after which it is told anew how long is still waited.
_TOLD_EVERY = 1.0


class Waits:
    """The waits of a job. ``on_change`` is called when the time left has changed."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._until: list[float] = []
        self._reached = 0
        self._patience = Patience()

    def patience(self, given: Patience) -> Patience:
        """``given``, whose waits are told here."""
        self._patience = given
        return replace(given, sleep=self._sleep)

    @property
    def left(self) -> int | None:
        """Whole seconds until the server is asked again; ``None`` where it is not waited for."""
        if not self._until:
            return None
        return max(0, ceil(min(self._until) - self._patience.clock()))

    def reached(self) -> None:
        """The server is there: nobody has to wait any more."""
        self._reached += 1

    async def _sleep(self, seconds: float) -> None:
        patience, reached = self._patience, self._reached
        until = patience.clock() + seconds
        self._until.append(until)
        try:
            while (left := until - patience.clock()) > 0 and reached == self._reached:
                self._on_change()
                await patience.sleep(min(left, _TOLD_EVERY))
        finally:
            self._until.remove(until)
            self._on_change()


def waiting_text(seconds: int) -> str:
    """What is said while a server is waited for."""
    return f"Waiting for the server; trying again {f'in {seconds} s' if seconds else 'now'}"
