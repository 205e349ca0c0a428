"""The rows of a send under way, and the figures of the whole."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic

from ..rules.errors import Problem
from ..wire.share import Document
from .plan import Source

_WINDOW = 5.0
_LEAST_SPAN = 0.5


class RowState(StrEnum):
    PENDING = "pending"
    IN_PROGRESS = "in progress"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(slots=True)
class JobRow:
    """One document. ``acknowledged`` and ``size`` are bytes; ``error`` is set exactly while failed, ``document``
    once succeeded."""

    source: Source
    link_name: str
    size: int
    state: RowState = RowState.PENDING
    acknowledged: int = 0
    error: Problem | None = None
    document: Document | None = None
    #: It lies on the server that publishes: none of its bytes are sent.
    on_server: bool = False

    @property
    def percent(self) -> int:
        """0 to 100, of the bytes that the server acknowledged; 100 only when succeeded."""
        if self.state is RowState.SUCCEEDED:
            return 100
        return min(99, self.acknowledged * 100 // self.size) if self.size else 0


@dataclass(frozen=True, slots=True)
class Progress:
    """The whole, without the rows that failed or were cancelled: bytes done and in total, bytes a second over the
    last seconds, seconds left (``None``: unknown)."""

    done: int
    total: int
    rate: float
    left: float | None


class Meter:
    """Bytes a second over the last five seconds."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()
        self._moved = 0
        self._began = 0.0

    def start(self) -> None:
        """Forgets what was before: a pause is not a slow line."""
        self._samples.clear()
        self._moved = 0
        self._began = monotonic()

    def moved(self, count: int) -> None:
        """``count`` more bytes were acknowledged now."""
        self._moved += count
        self._samples.append((monotonic(), count))
        self._forget()

    def rate(self) -> float:
        self._forget()
        span = max(min(monotonic() - self._began, _WINDOW), _LEAST_SPAN)
        return sum(count for _, count in self._samples) / span

    def _forget(self) -> None:
        oldest = monotonic() - _WINDOW
        while self._samples and self._samples[0][0] < oldest:
            self._samples.popleft()


def progress(rows: list[JobRow], meter: Meter, running: bool) -> Progress:
    counted = [r for r in rows if r.state not in (RowState.FAILED, RowState.CANCELLED)]
    total = sum(row.size for row in counted)
    done = sum(row.size if row.state is RowState.SUCCEEDED else row.acknowledged for row in counted)
    rate = meter.rate() if running else 0.0
    return Progress(done, total, rate, (total - done) / rate if rate > 0 else None)
