"""When the rows of a send are painted: as they change, and no more often than somebody can read."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

#: Seconds between two paintings: percentages need no more, and a slow line is spared.
PAINT_SECONDS = 0.2


class ProgressPainter:
    """Collects the rows that have changed. ``paint`` is given them; ``later`` calls something after so many seconds."""

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

    def changed(self, index: int | None) -> None:
        """A row is another one than was painted; ``None``: only the whole is."""
        if index is not None:
            self._dirty.add(index)

    def paint_soon(self) -> None:
        """Paints what has changed: now, or as soon as it may be painted again."""
        if self._is_waiting:
            return
        wait = self._painted_at + PAINT_SECONDS - self._clock()
        if wait <= 0:
            self.paint_now()
        else:
            self._is_waiting = True
            self._later(wait, self.paint_now)

    def paint_now(self) -> None:
        """Paints what has changed."""
        self._is_waiting = False
        self._painted_at = self._clock()
        dirty, self._dirty = self._dirty, set()
        self._paint(dirty)
