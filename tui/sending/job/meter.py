"""The speed of a send, and the remaining time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import exp
from time import monotonic

from ...rules.display import size_text

#: The seconds over which a rate is measured.
_WINDOW = 5.0
#: The remaining time is unknown for this many seconds, because the first ones aren't representative.
_MIN_SECONDS = 1.0
#: The time constant in seconds for smoothing the remaining time.
_SMOOTHING_SECONDS = 5.0
#: If documents are smaller than this on average, progress is better measured in documents than in bytes.
_SMALL = 256 * 1024


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of all rows, except failed and cancelled ones.

    ``done`` and ``total`` are bytes, ``rate`` and ``documents`` bytes and documents per second over the last seconds,
    ``left`` seconds (``None``: unknown). ``small``: the documents are so small that their number says more than their
    bytes.
    """

    done: int
    total: int
    rate: float
    left: float | None
    documents: float = 0.0
    small: bool = False


class Meter:
    """Measures what was acknowledged over the last five seconds. Tests replace ``clock``."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._samples: deque[tuple[float, int, int]] = deque()
        self._began = 0.0
        self._left: float | None = None
        self._left_at = 0.0

    def start(self) -> None:
        """Discard earlier samples, because a pause isn't a slow connection."""
        self._samples.clear()
        self._began = self._clock()
        self._left = None

    def moved(self, count: int, documents: int = 0) -> None:
        """Record that ``count`` more bytes were acknowledged and ``documents`` published just now."""
        self._samples.append((self._clock(), count, documents))
        self._forget()

    def progress(self, done: int, total: int, unsent: int, documents: int) -> Progress:
        """The progress of ``documents`` documents, ``unsent`` of them not published yet; bytes are of all of them."""
        self._forget()
        now = self._clock()
        span = max(min(now - self._began, _WINDOW), _MIN_SECONDS / 2)
        rate = sum(count for _, count, _ in self._samples) / span
        published = sum(count for _, _, count in self._samples) / span
        small = documents > 1 and total < _SMALL * documents
        estimate = (
            (unsent / published if published else None) if small else (total - done) / rate if rate else None
        )
        left = None if estimate is None or now - self._began < _MIN_SECONDS else self._smooth(estimate, now)
        return Progress(done, total, rate, left, published, small)

    def _smooth(self, left: float, now: float) -> float:
        """Smooth the remaining time, because a figure that jumps is useless."""
        if self._left is not None:
            passed = now - self._left_at
            expected = max(0.0, self._left - passed)
            left = expected + (left - expected) * (1 - exp(-passed / _SMOOTHING_SECONDS))
        self._left, self._left_at = left, now
        return left

    def _forget(self) -> None:
        oldest = self._clock() - _WINDOW
        while self._samples and self._samples[0][0] < oldest:
            self._samples.popleft()


def pace_text(progress: Progress) -> str:
    """``12.4 MB/s``, or ``340 documents/s`` for small ones; empty while nothing moves."""
    if progress.small:
        rate = progress.documents
        return f"{rate:,.{0 if rate >= 10 else 1}f} documents/s" if rate else ""
    return f"{size_text(int(progress.rate))}/s" if progress.rate else ""
