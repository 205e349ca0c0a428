"""Decides when the rows of a send are painted: as they change, but no more often than anyone can read."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

#: Seconds between two paintings: percentages need no more, and a slow line is spared.
PAINT_SECONDS = 0.2
#: Seconds for which a message stays in the line of the progress.
MESSAGE_SECONDS = 3.0


class ProgressPainter:
    """Collects the rows that have changed and passes them to ``paint``. ``later`` calls a function after a delay."""

    def __init__(
        self,
        paint: Callable[[set[int]], None],
        later: Callable[[float, Callable[[], None]], object],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._paint = paint
        self._later = later
        self._clock = clock
        self._dirty: set[int] = set()
        self._painted_at = float("-inf")
        self._is_waiting = False
        self._line_held_until = float("-inf")

    def hold_line(self) -> None:
        """Leave the line of the progress to a message for a while."""
        self._line_held_until = self._clock() + MESSAGE_SECONDS

    @property
    def line_is_free(self) -> bool:
        """Whether the line of progress may be replaced: a message in it stays for a while."""
        return self._clock() >= self._line_held_until

    def changed(self, index: int | None) -> None:
        """A row has changed; ``None``: only the job as a whole has."""
        if index is not None:
            self._dirty.add(index)

    def paint_soon(self) -> None:
        """Paint what has changed: now, or when :data:`PAINT_SECONDS` have passed since the last time."""
        if self._is_waiting:
            return
        wait = self._painted_at + PAINT_SECONDS - self._clock()
        if wait <= 0:
            self.paint_now()
        else:
            self._is_waiting = True
            self._later(wait, self.paint_now)

    def paint_end(self, count: int) -> None:
        """Paint all of ``count`` rows now, as the send has ended; no message is left in the line."""
        self._line_held_until = float("-inf")
        self._dirty.update(range(count))
        self.paint_now()

    def paint_now(self) -> None:
        """Paint what has changed."""
        self._is_waiting = False
        self._painted_at = self._clock()
        dirty, self._dirty = self._dirty, set()
        self._paint(dirty)
