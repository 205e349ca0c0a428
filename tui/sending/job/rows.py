"""The rows of a send in progress, and their overall progress."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from ...rules.errors import Problem
from ...wire.carried import CarriesReport
from ...wire.share import Document
from ..plan import PlanRow
from ..sources import SendSource
from .meter import Meter, Progress


class RowState(StrEnum):
    """How far the send of a row is; the values are shown."""

    PENDING = "pending"
    IN_PROGRESS = "in progress"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(slots=True)
class JobRow:
    """One document. ``acknowledged`` and ``size`` are bytes; ``error`` is set only while failed, ``document`` after
    success."""

    source: SendSource
    link_name: str
    size: int
    state: RowState = RowState.PENDING
    acknowledged: int = 0
    error: Problem | None = None
    document: Document | None = None
    #: It is stored on the publishing server, so its bytes aren't uploaded.
    on_server: bool = False
    #: Its place among the documents of the send, from 0.
    order: int = 0
    #: The source's size and version when the send began; a version of ``None`` isn't known.
    began_as: tuple[int, object] | None = None
    #: Whether the source had other content by the time it was published. What went out is that of the document.
    changed: bool = False
    #: What was found in it before the send, if it was looked into, and in which version of the source.
    _report: CarriesReport | None = None
    _reported: object = None

    def begin(self) -> None:
        """Note what the source is like, unless that is known from an earlier process."""
        self.size = self.source.size
        if self.began_as is None:
            self.began_as = self.source.size, self.source.version

    def note_report(self, report: CarriesReport | None) -> None:
        """Note what was found in the source as it is now."""
        self._report, self._reported = report, self.source.version

    @property
    def carries(self) -> CarriesReport | None:
        """What was found in it, if it was looked into and hasn't changed since."""
        return self._report if self._reported == self.source.version else None

    def look_again(self) -> None:
        """Note whether the source has changed."""
        size, version = self.began_as or (self.source.size, None)
        differs = self.source.size != size or (version is not None and self.source.version != version)
        self.changed = self.changed or differs or self.source.has_changed()

    @property
    def percent(self) -> int:
        """The percentage of bytes that the server acknowledged; 100 only after success."""
        if self.state is RowState.SUCCEEDED:
            return 100
        return min(99, self.acknowledged * 100 // self.size) if self.size else 0


class JobRows:
    """The rows of a job: their state changes only here. ``on_change`` is called with the index of each that changed."""

    def __init__(self, planned: Iterable[PlanRow], on_change: Callable[[int], None]) -> None:
        self.all = [
            JobRow(row.source, row.link_name, row.source.size, order=order)
            for order, row in enumerate(planned)
        ]
        self._on_change = on_change
        self._meter = Meter()

    @property
    def documents(self) -> list[Document]:
        """The published documents, in order."""
        return [row.document for row in self.all if row.document is not None]

    @property
    def changed(self) -> list[Document]:
        """Those of the published documents whose sources changed while they were sent."""
        return [row.document for row in self.all if row.document is not None and row.changed]

    @property
    def unfinished(self) -> list[int]:
        """The indexes of the rows that haven't succeeded."""
        return [i for i, row in enumerate(self.all) if row.state is not RowState.SUCCEEDED]

    def look_again(self, indexes: Iterable[int]) -> None:
        """Note which of these rows' sources have changed. It may have to wait for a disk."""
        for index in indexes:
            self.all[index].look_again()

    def was_published(self, index: int, document: Document, *, changed: bool = False) -> None:
        """Note that a row was published by an earlier process; whether its source had ``changed`` by then."""
        row = self.all[index]
        row.changed = changed or (row.began_as is not None and row.began_as[0] != document.size)
        row.size = row.acknowledged = document.size
        row.document, row.state = document, RowState.SUCCEEDED

    def are_pending(self, indexes: Iterable[int]) -> None:
        """Note that these rows are about to be sent."""
        for index in indexes:
            self.set(index, RowState.PENDING)
        self._meter.start()

    def set(self, index: int, state: RowState, error: Problem | None = None) -> None:
        """Change the state of the row at ``index``, and tell :attr:`on_change`; without ``error``, an earlier one
        goes."""
        row = self.all[index]
        row.state, row.error = state, error
        self._on_change(index)

    def cancel(self, indexes: Iterable[int], states: tuple[RowState, ...]) -> None:
        """Cancel those of the rows that are in one of ``states``."""
        for index in indexes:
            if self.all[index].state in states:
                self.set(index, RowState.CANCELLED)

    def moved(self, index: int, count: int) -> None:
        """Note that the server acknowledged ``count`` more bytes of a row."""
        self._meter.moved(count)
        self._on_change(index)

    def succeeded(self, index: int, document: Document, count: int = 0) -> None:
        """Note that a row was published; ``count`` of its bytes weren't noted as moved before."""
        row = self.all[index]
        row.document, row.size = document, document.size
        self._meter.moved(count, 1)
        self.set(index, RowState.SUCCEEDED)

    def progress(self, running: bool) -> Progress:
        """The overall progress; without a rate unless ``running``."""
        counted = [r for r in self.all if r.state not in (RowState.FAILED, RowState.CANCELLED)]
        sent = [row for row in counted if row.state is RowState.SUCCEEDED]
        total = sum(row.size for row in counted)
        done = sum(row.size if row.state is RowState.SUCCEEDED else row.acknowledged for row in counted)
        if not running:
            return Progress(done, total, 0.0, None)
        return self._meter.progress(done, total, len(counted) - len(sent), len(counted))
