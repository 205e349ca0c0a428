"""The send dialog's state, and when its rows are painted, without a screen."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from tui.rules.errors import NotSignedIn, Unreachable
from tui.ui.send.send_painter import MESSAGE_SECONDS, PAINT_SECONDS, ProgressPainter
from tui.ui.send.send_state import RunEnd, SendDialogState, Sent


def a_plan(rows: int) -> Any:
    return SimpleNamespace(rows=list(range(rows)))


def a_job(*documents: str, unfinished: int = 0, error: Exception | None = None) -> Any:
    rows = [SimpleNamespace(error=error)] * (len(documents) + unfinished)
    shown: list[str] = []
    return SimpleNamespace(
        documents=list(documents),
        unfinished=list(range(unfinished)),
        rows=rows,
        shown=shown,
        links_shown=lambda: shown.append("seen"),
        changed=[],
        journal=None,
    )


def sending(job: Any, *, draft: bool = True, password: Any = None) -> SendDialogState:
    state = SendDialogState(a_plan(2))
    state.begin(job, password, draft=draft)
    state.busy = True
    return state


def test_a_plan_can_be_changed_until_it_is_sent() -> None:
    state = SendDialogState(a_plan(2))
    assert (state.editable, state.change_disabled_reason, state.result) == (True, None, None)
    state.begin(a_job(unfinished=2), None, draft=True)
    state.busy = True
    assert (state.editable, state.change_disabled_reason) == (False, "It is being sent.")
    state.busy = False
    assert state.change_disabled_reason == "What was not sent can only be sent again as it is."


def test_what_was_sent_can_no_longer_be_changed() -> None:
    state = sending(a_job("a", "b"))
    state.busy = False
    assert state.change_disabled_reason == "It has been sent."


def test_an_empty_plan_is_nothing_to_send() -> None:
    state = SendDialogState(a_plan(0))
    assert not state.editable
    assert state.change_disabled_reason == "Nothing is left to send."


def test_what_failed_as_a_whole_can_be_changed_again() -> None:
    state = sending(a_job(unfinished=2))
    assert state.run_ended(RunEnd(Unreachable("x", "away")), covered=False)
    assert state.job is None
    assert state.editable
    assert not state.busy


def test_what_failed_after_something_was_sent_stays_a_send() -> None:
    state = sending(a_job("a", unfinished=1))
    assert state.run_ended(RunEnd(Unreachable("x", "away")), covered=False)
    assert state.job is not None
    assert state.unfinished
    assert not state.is_over


def test_all_was_sent() -> None:
    state = sending(a_job("a", "b"))
    assert state.run_ended(RunEnd(None), covered=False)
    assert not state.unfinished
    assert state.is_over
    assert state.result == Sent(["a", "b"], True)  # type: ignore[list-item]


def test_the_result_counts_what_was_not_sent() -> None:
    state = sending(a_job("a", unfinished=3))
    state.keep_cancelled()
    assert state.job is not None
    state.job.rows[1] = SimpleNamespace(error=Unreachable("x", "away"))  # type: ignore[call-overload]
    assert state.result == Sent(["a"], True, failed=1, cancelled=2)  # type: ignore[list-item]


def test_an_end_under_something_else_waits() -> None:
    state = sending(a_job("a"))
    end = RunEnd(None)
    assert not state.run_ended(end, covered=True)
    assert state.busy, "nobody has been told"
    assert state.end_waits
    assert state.take_end() is end
    assert state.take_end() is None
    assert not state.end_waits


@pytest.mark.parametrize("covered", [True, False])
def test_an_end_while_its_cancelling_is_asked_waits_for_the_answer(covered: bool) -> None:
    state = sending(a_job("a", unfinished=1))
    state.cancelling = True
    assert not state.run_ended(RunEnd(None), covered=covered)
    assert not state.busy
    assert not state.end_waits, "until that is answered"
    state.cancelling = False
    assert state.end_waits


def test_nothing_waits_before_a_run_has_ended() -> None:
    state = sending(a_job("a"))
    assert not state.end_waits
    assert state.take_end() is None


def test_a_password_is_unseen_only_where_something_was_sent_with_it() -> None:
    password = SimpleNamespace(unseen=True)
    assert not sending(a_job(unfinished=1), password=password).unseen_password
    state = sending(a_job("a"), password=password)
    assert state.unseen_password
    password.unseen = False
    assert not state.unseen_password


def test_what_was_cancelled_can_be_sent_still() -> None:
    """If the published documents are kept, the dialog is not over, and the unfinished rows can be sent again."""
    state = sending(a_job("a", unfinished=1))
    state.busy = state.cancelling = True
    assert not state.run_ended(RunEnd(None), covered=False)
    state.keep_cancelled()
    assert not state.is_over
    assert state.unfinished
    assert not state.end_waits
    assert state.take_end() is None


def test_what_is_planned_or_cancelled_is_nothing_sent_until_something_is_published() -> None:
    assert SendDialogState(a_plan(2)).nothing_sent
    assert not SendDialogState(a_plan(0)).nothing_sent
    assert not sending(a_job(unfinished=2)).nothing_sent
    cancelled, partly = sending(a_job(unfinished=2)), sending(a_job("a", unfinished=1))
    for state in (cancelled, partly):
        state.keep_cancelled()
    assert cancelled.nothing_sent
    assert not partly.nothing_sent


def test_links_that_were_seen_are_noted() -> None:
    job = a_job("a")
    sending(job).links_seen()
    assert job.shown == ["seen"]
    SendDialogState(a_plan(1)).links_seen()


def test_a_failure_of_a_row_is_found_by_its_kind() -> None:
    signed_out = NotSignedIn("not_signed_in", "no")
    state = sending(a_job("a", error=signed_out))
    assert state.failure_of(NotSignedIn) is signed_out
    assert state.failure_of(Unreachable) is None


class Clock:
    """Time that a test advances, with the calls scheduled for later."""

    def __init__(self) -> None:
        self.now = 100.0
        self.later: list[tuple[float, Callable[[], None]]] = []
        self.painted: list[set[int]] = []
        self.painter = ProgressPainter(
            self.painted.append, lambda wait, call: self.later.append((wait, call)), lambda: self.now
        )


def test_the_first_change_is_painted_at_once() -> None:
    clock = Clock()
    clock.painter.changed(1)
    clock.painter.paint_soon()
    assert clock.painted == [{1}]
    assert not clock.later


def test_changes_in_a_row_are_painted_together() -> None:
    clock = Clock()
    clock.painter.paint_soon()
    clock.now += PAINT_SECONDS / 4
    for index in (2, 3, None, 3):
        clock.painter.changed(index)
        clock.painter.paint_soon()
    assert clock.painted == [set()]
    assert [wait for wait, _ in clock.later] == [pytest.approx(PAINT_SECONDS * 3 / 4)]
    clock.later[0][1]()
    assert clock.painted == [set(), {2, 3}]
    clock.now += PAINT_SECONDS
    clock.painter.changed(0)
    clock.painter.paint_soon()
    assert clock.painted == [set(), {2, 3}, {0}]


def test_a_message_has_the_line_for_a_while() -> None:
    clock = Clock()
    free = [clock.painter.line_is_free]
    clock.painter.hold_line()
    for _ in range(2):
        clock.now += MESSAGE_SECONDS / 2
        free.append(clock.painter.line_is_free)
    clock.painter.hold_line()
    clock.painter.paint_end(2)
    assert clock.painted == [{0, 1}]
    assert [*free, clock.painter.line_is_free] == [True, False, True, True]
