"""The rows of a send in progress, and their overall progress."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ..rules.errors import Problem
from ..wire.share import Document
from .meter import Meter, Progress
from .plan import Source


class RowState(StrEnum):
    PENDING = "pending"
    IN_PROGRESS = "in progress"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(slots=True)
class JobRow:
    """One document. ``acknowledged`` and ``size`` are bytes; ``error`` is set only while failed, ``document`` after
    success."""

    source: Source
    link_name: str
    size: int
    state: RowState = RowState.PENDING
    acknowledged: int = 0
    error: Problem | None = None
    document: Document | None = None
    #: It is stored on the publishing server, so its bytes aren't uploaded.
    on_server: bool = False

    @property
    def percent(self) -> int:
        """The percentage of bytes that the server acknowledged; 100 only after success."""
        if self.state is RowState.SUCCEEDED:
            return 100
        return min(99, self.acknowledged * 100 // self.size) if self.size else 0


def progress(rows: list[JobRow], meter: Meter, running: bool) -> Progress:
    """The overall progress of the rows; without a rate unless ``running``."""
    counted = [r for r in rows if r.state not in (RowState.FAILED, RowState.CANCELLED)]
    sent = [row for row in counted if row.state is RowState.SUCCEEDED]
    total = sum(row.size for row in counted)
    done = sum(row.size if row.state is RowState.SUCCEEDED else row.acknowledged for row in counted)
    if not running:
        return Progress(done, total, 0.0, None)
    return meter.progress(done, total, len(counted) - len(sent), len(counted))
