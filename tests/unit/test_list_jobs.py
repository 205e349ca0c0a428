"""The jobs of the list: one by one, with requests that a test makes."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.app.fake_lists import AWAY
from tui.rules.errors import NotSignedIn, Problem, Unreachable
from tui.ui.browser.list_jobs import RULES, ListJobs


class Jobs:
    """Jobs of one step each, with a token that a test changes."""

    def __init__(self) -> None:
        self.token = 0
        self.ended = 0
        self.made: list[Any] = []
        self.cancelled: list[str] = []
        #: The jobs that are over, and whether they have done all that they were for.
        self.over: list[tuple[str, bool]] = []
        self.jobs = ListJobs(
            lambda words: (self.token,), self._perform, lambda *over: self.over.append(over), self._count
        )

    def _count(self) -> None:
        self.ended += 1

    def _perform(self, job: Any) -> Any:
        self.made.append(job)
        return SimpleNamespace(cancel=lambda: self.cancelled.append(job.name))

    def begin(self, job: Any) -> object:
        """What the job requests first."""
        return self.jobs.begin(job)

    def answered(self, job: Any, answer: object) -> object:
        """What the job requests next."""
        return self.jobs.answered(job, answer)

    def failed(self, job: Any, problem: Problem) -> object:
        return self.jobs.failed(job, problem)

    def steps(self) -> Any:
        answer = yield "request"
        if answer == "more":
            yield "another"


@pytest.fixture
def jobs() -> Jobs:
    return Jobs()


def test_a_job_from_its_first_request_to_its_end(jobs: Jobs) -> None:
    jobs.jobs.start("more", jobs.steps)
    (job,) = jobs.made
    assert jobs.jobs.under_way("more", "find")
    assert not jobs.jobs.under_way("find")
    assert jobs.begin(job) == "request"
    assert jobs.answered(job, "more") == "another"
    assert (jobs.ended, job.over) == (0, False)
    assert jobs.answered(job, None) is None
    assert (jobs.ended, job.over, jobs.jobs.under_way("more")) == (1, True, False)
    # A job that is over takes no more answers.
    assert jobs.begin(job) is None
    assert jobs.answered(job, "more") is None
    assert jobs.failed(job, AWAY) is None
    jobs.jobs.dropped(job)
    assert (jobs.ended, jobs.cancelled) == (1, [])


def test_what_starts_supersedes_and_waits(jobs: Jobs) -> None:
    jobs.jobs.start("more", jobs.steps)
    jobs.jobs.start("jump", jobs.steps)
    assert jobs.cancelled == ["more"]
    jobs.jobs.start("more", jobs.steps)
    assert len(jobs.made) == 2, "not while the list jumps"
    jobs.jobs.cancel_all()
    assert jobs.cancelled == ["more", "jump"]
    assert not jobs.jobs.under_way(*RULES)


@pytest.mark.parametrize("when", ["begin", "answered", "failed"])
def test_an_answer_that_comes_too_late_ends_the_job(jobs: Jobs, when: str) -> None:
    late: list[str] = []
    jobs.jobs.start("more", jobs.steps, lambda: late.append("late"))
    (job,) = jobs.made
    if when != "begin":
        jobs.begin(job)
    jobs.token += 1
    ways: dict[str, Callable[[], object]] = {
        "begin": lambda: jobs.begin(job),
        "answered": lambda: jobs.answered(job, "more"),
        "failed": lambda: jobs.failed(job, AWAY),
    }
    assert ways[when]() is None
    assert (job.over, late, jobs.ended) == (True, ["late"], 1)


def test_a_refresh_that_comes_too_late_begins_anew(jobs: Jobs) -> None:
    jobs.jobs.start("refresh", jobs.steps)
    (job,) = jobs.made
    jobs.begin(job)
    jobs.token += 1
    assert jobs.answered(job, "more") == "request"
    assert jobs.answered(job, "more") == "another"
    jobs.token += 1
    # Also if the late answer is a failure; even that the user must sign in is found out again.
    assert jobs.failed(job, NotSignedIn("token.invalid", "Sign in.")) == "request"
    assert not job.over


def test_that_one_must_sign_in_is_never_too_late(jobs: Jobs) -> None:
    jobs.jobs.start("more", jobs.steps)
    (job,) = jobs.made
    jobs.begin(job)
    jobs.token += 1
    with pytest.raises(NotSignedIn):
        jobs.failed(job, NotSignedIn("token.invalid", "Sign in."))
    assert job.over


@pytest.mark.parametrize(("name", "ended"), [("more", 1), ("refresh", 0), ("load", 0)])
def test_after_a_failure_the_list_is_refreshed_unless_that_has_failed(
    jobs: Jobs, name: str, ended: int
) -> None:
    jobs.jobs.start(name, jobs.steps)
    (job,) = jobs.made
    jobs.begin(job)
    with pytest.raises(Unreachable):
        jobs.failed(job, AWAY)
    assert (jobs.ended, job.over) == (ended, True)


def test_an_error_of_our_own_ends_a_job_as_well(jobs: Jobs) -> None:
    def steps() -> Any:
        yield "request"
        raise ZeroDivisionError

    jobs.jobs.start("more", steps)
    (job,) = jobs.made
    jobs.begin(job)
    with pytest.raises(ZeroDivisionError):
        jobs.answered(job, None)
    assert (job.over, jobs.jobs.under_way("more")) == (True, False)


def test_a_job_that_cancels_itself_makes_no_more_requests(jobs: Jobs) -> None:
    closed: list[str] = []

    def steps() -> Any:
        try:
            yield "request"
            jobs.jobs.cancel("more")
            yield "another"
        finally:
            closed.append("closed")

    jobs.jobs.start("more", steps)
    (job,) = jobs.made
    jobs.begin(job)
    assert jobs.answered(job, None) is None
    assert closed == ["closed"]


def test_a_job_whose_screen_is_closed_is_dropped(jobs: Jobs) -> None:
    jobs.jobs.start("more", jobs.steps)
    (job,) = jobs.made
    jobs.jobs.dropped(job)
    assert (job.over, jobs.jobs.under_way("more")) == (True, False)
