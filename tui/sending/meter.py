"""How fast a send is, and how long it will take still."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import exp
from time import monotonic

from ..rules.display import size_text

#: Seconds that a rate is of.
_WINDOW = 5.0
#: Nothing is said of the time left before so many seconds have passed: the first ones are like no others.
_AT_LEAST = 1.0
#: In so many seconds, the time left takes on most of what has changed.
_SETTLES = 5.0
#: Where documents have fewer bytes on the average, their number says more than their bytes.
_SMALL = 256 * 1024


@dataclass(frozen=True, slots=True)
class Progress:
    """The whole, without the rows that failed or were cancelled: bytes done and in total, bytes and documents a second
    over the last seconds, seconds left (``None``: unknown). ``small``: the documents say more than the bytes."""

    done: int
    total: int
    rate: float
    left: float | None
    documents: float = 0.0
    small: bool = False


class Meter:
    """What was acknowledged over the last five seconds. ``clock`` is a test's own."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._samples: deque[tuple[float, int, int]] = deque()
        self._began = 0.0
        self._left: float | None = None
        self._left_at = 0.0

    def start(self) -> None:
        """Forgets what was before: a pause is not a slow line."""
        self._samples.clear()
        self._began = self._clock()
        self._left = None

    def moved(self, count: int, documents: int = 0) -> None:
        """``count`` more bytes were acknowledged now, and so many documents published."""
        self._samples.append((self._clock(), count, documents))
        self._forget()

    def progress(self, done: int, total: int, unsent: int, documents: int) -> Progress:
        """The figures of a whole of ``documents``, of which ``unsent`` are not published yet; the bytes are of all."""
        self._forget()
        now = self._clock()
        span = max(min(now - self._began, _WINDOW), _AT_LEAST / 2)
        rate = sum(count for _, count, _ in self._samples) / span
        published = sum(number for _, _, number in self._samples) / span
        small = documents > 1 and total < _SMALL * documents
        by = (unsent / published if published else None) if small else (total - done) / rate if rate else None
        left = None if by is None or now - self._began < _AT_LEAST else self._smooth(by, now)
        return Progress(done, total, rate, left, published, small)

    def _smooth(self, left: float, now: float) -> float:
        """``left``, brought near step by step: a figure that jumps is of no use to anybody."""
        if self._left is not None:
            passed = now - self._left_at
            expected = max(0.0, self._left - passed)
            left = expected + (left - expected) * (1 - exp(-passed / _SETTLES))
        self._left, self._left_at = left, now
        return left

    def _forget(self) -> None:
        oldest = self._clock() - _WINDOW
        while self._samples and self._samples[0][0] < oldest:
            self._samples.popleft()


def pace_text(progress: Progress) -> str:
    """``12.4 MB/s``, or ``340 documents/s`` where they are small; empty where nothing moves."""
    if progress.small:
        rate = progress.documents
        return f"{rate:,.{0 if rate >= 10 else 1}f} documents/s" if rate else ""
    return f"{size_text(int(progress.rate))}/s" if progress.rate else ""
