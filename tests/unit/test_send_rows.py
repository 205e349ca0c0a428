"""The rows of a send under way: their states, and how much of all of them is done."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.support.sends.journals import sent
from tui.rules.errors import Failed
from tui.sending.job.meter import Meter
from tui.sending.job.rows import JobRow, JobRows, RowState
from tui.sending.plan import PlanRow
from tui.wire.share import Document

FAILURE = Failed("server.error", "The server failed.")
ACTIVE = (RowState.PENDING, RowState.IN_PROGRESS)


def row(size: int, acknowledged: int = 0, state: RowState = RowState.IN_PROGRESS) -> JobRow:
    source: Any = SimpleNamespace(size=size)
    return JobRow(source, "a.txt", size, state, acknowledged)


def sent_of(size: int) -> Document:
    return sent("a").model_copy(update={"size": size})


def rows(*sizes: int, changed: list[int] | None = None) -> JobRows:
    sources: list[Any] = [SimpleNamespace(size=size) for size in sizes]
    seen: list[int] = [] if changed is None else changed
    return JobRows([PlanRow(source, f"{n}.txt") for n, source in enumerate(sources)], seen.append)


@pytest.mark.parametrize(
    ("found", "percent"),
    [
        (row(200), 0),
        (row(200, 1), 0),
        (row(200, 2), 1),
        (row(200, 199), 99),
        (row(200, 200), 99),
        (row(200, 200, RowState.SUCCEEDED), 100),
        (row(200, 3, RowState.FAILED), 1),
        (row(0), 0),
        (row(0, 0, RowState.SUCCEEDED), 100),
        (row(1), 0),
    ],
)
def test_only_what_is_published_is_done_to_the_last_percent(found: JobRow, percent: int) -> None:
    assert found.percent == percent


def test_each_change_of_a_row_is_reported() -> None:
    changed: list[int] = []
    job = rows(1, 2, 3, changed=changed)
    job.are_pending([0, 2])
    job.set(1, RowState.FAILED, FAILURE)
    job.moved(2, 1)
    job.succeeded(2, sent("c"))
    assert changed == [0, 2, 1, 2, 2]
    assert [each.state for each in job.all] == [RowState.PENDING, RowState.FAILED, RowState.SUCCEEDED]
    assert [each.error for each in job.all] == [None, FAILURE, None]
    job.are_pending(job.unfinished)
    assert [each.error for each in job.all] == [None, None, None]
    assert (job.unfinished, job.documents) == ([0, 1], [sent("c")])


def test_only_rows_in_a_given_state_are_cancelled() -> None:
    changed: list[int] = []
    job = rows(1, 1, 1, 1, changed=changed)
    job.all[1].state, job.all[2].state = RowState.IN_PROGRESS, RowState.SUCCEEDED
    job.cancel([0, 1, 2], ACTIVE)
    assert [each.state for each in job.all] == [
        RowState.CANCELLED,
        RowState.CANCELLED,
        RowState.SUCCEEDED,
        RowState.PENDING,
    ]
    assert changed == [0, 1]


def test_progress_is_of_the_rows_that_are_still_to_be_sent_or_were() -> None:
    job = rows(100, 200, 400, 800)
    job.was_published(0, sent_of(100))
    job.all[1].acknowledged = job.all[2].acknowledged = job.all[3].acknowledged = 50
    job.set(2, RowState.FAILED, FAILURE)
    job.set(3, RowState.CANCELLED)
    for running in (True, False):
        progress = job.progress(running)
        assert (progress.done, progress.total) == (150, 300)
    assert (job.all[0].document, job.all[0].percent) == (sent_of(100), 100)


def test_a_rate_is_given_only_while_it_runs() -> None:
    job = rows(100, 100, 100)
    job.are_pending([0, 1, 2])
    job.moved(0, 40)
    assert job.progress(running=True).rate > 0
    assert job.progress(running=True).documents == 0
    job.succeeded(0, sent_of(100), 60)
    progress = job.progress(running=True)
    # Both are over the same time, since the send has just begun.
    assert progress.rate == pytest.approx(100 * progress.documents)
    assert progress.small
    stopped = job.progress(running=False)
    assert (stopped.rate, stopped.left, stopped.documents, stopped.done) == (0, None, 0, 100)


def test_a_row_may_be_published_with_none_of_its_bytes_sent() -> None:
    job = rows(100)
    job.are_pending([0])
    job.succeeded(0, sent_of(100))
    progress = job.progress(running=True)
    assert (progress.rate, progress.done) == (0, 100)
    assert progress.documents > 0
    assert not job.all[0].on_server


def test_the_time_left_is_for_the_documents_not_published_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("tui.sending.job.rows.Meter", lambda: Meter(lambda: now))
    job = rows(100, 100, 100, 100, 100)
    job.are_pending(range(5))
    job.set(4, RowState.FAILED, FAILURE)
    now = 2.0
    job.succeeded(0, sent("a"), 100)
    assert job.progress(running=True).left == 3 / (1 / 2)


def test_a_row_has_the_size_of_what_was_published() -> None:
    """Its file may have become smaller, or have another content of the same size, since the send began."""
    job = rows(100, 100, 100)
    for published, (before, now) in enumerate(
        [((100, "a"), (70, "b")), ((100, "a"), (100, "b")), ((100, "a"),) * 2]
    ):
        one = job.all[published]
        one.began_as = before
        one.source = cast("Any", SimpleNamespace(size=now[0], version=now[1], has_changed=lambda: False))
    job.look_again([0, 1, 2])
    job.succeeded(0, sent_of(70))
    job.succeeded(1, sent_of(100))
    job.succeeded(2, sent_of(100))
    assert [one.size for one in job.all] == [70, 100, 100]
    assert job.changed == [sent_of(70), sent_of(100)]
    assert (job.progress(running=False).done, job.progress(running=False).total) == (270, 270)
