"""The jobs of the list: its requests to the servers. Nothing else starts, supersedes or cancels one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import GeneratorType
from typing import TYPE_CHECKING, Any, Protocol

from ...rules.errors import NotSignedIn, Problem

if TYPE_CHECKING:
    from ...locations.steps import Request, Steps


class Rule:
    """The rule for one kind of job."""

    # Not a dataclass: defining one takes a millisecond of the start-up time.
    __slots__ = ("counts_while", "not_while", "refreshes", "restart_if_late", "supersedes")

    def __init__(
        self,
        *,
        supersedes: tuple[str, ...] = (),
        not_while: tuple[str, ...] = (),
        counts_while: tuple[str, ...] = (),
        restart_if_late: bool = False,
        refreshes: bool = True,
    ) -> None:
        #: The jobs that are cancelled when it starts.
        self.supersedes = supersedes
        #: It isn't started while one of these is under way.
        self.not_while = not_while
        #: Responses count only while these are what they were when it started; after that, they are too late.
        self.counts_while = counts_while
        #: Whether it is restarted if a response comes too late; otherwise it ends.
        self.restart_if_late = restart_if_late
        #: Whether the list is refreshed after it failed, if something has changed in the meantime.
        self.refreshes = refreshes


#: What supersedes what. One user's responses never count for another user.
RULES = {
    "load": Rule(supersedes=("load", "sort", "refresh"), counts_while=("pending",), refreshes=False),
    "refresh": Rule(
        supersedes=("refresh",), counts_while=("location", "seen"), restart_if_late=True, refreshes=False
    ),
    "sort": Rule(supersedes=("sort",), counts_while=("location",)),
    "jump": Rule(supersedes=("jump", "more"), counts_while=("location", "shown")),
    "more": Rule(not_while=("jump", "match"), counts_while=("location", "shown")),
    "match": Rule(supersedes=("match", "jump", "more"), counts_while=("location", "shown", "sought")),
    "find": Rule(supersedes=("find",), counts_while=("location", "needle")),
    "verify": Rule(not_while=("verify",), counts_while=("location",)),
    "look": Rule(counts_while=("location", "window")),
    "select": Rule(supersedes=("select",), counts_while=("location", "needle", "emptied")),
    "put in order": Rule(
        supersedes=("put in order",), not_while=("select",), counts_while=("location", "emptied")
    ),
}
#: The jobs that change which rows the list shows: it isn't refreshed while one of them is under way.
CHANGE_THE_LIST = ("load", "sort", "jump", "more", "match", "refresh")
#: The jobs that are cancelled if the user reloads the list.
CANCELLED_BY_RELOAD = ("sort", "jump", "more", "match")
#: The jobs after which the cursor is on another row: what the keys of the list do waits for them.
MOVE_THE_CURSOR = ("load", "sort", "jump", "match")
#: The jobs of a location after which a command acts on other rows, or on the same in another order.
CHANGE_THE_CHOICE = ("sort", "jump", "match", "select", "put in order")


class Handle(Protocol):
    """What makes a job's requests, outside this package."""

    def cancel(self) -> object:
        """Make no more requests."""


class Job:
    """Steps under way, with the token of what they were started for."""

    __slots__ = ("handle", "make", "name", "on_late", "over", "steps", "token")

    def __init__(self, name: str, make: Callable[[], Steps[None]], on_late: Callable[[], None]) -> None:
        self.name = name
        self.make = make
        self.on_late = on_late
        self.steps = make()
        self.token: tuple[Any, ...] = ()
        self.handle: Handle | None = None
        self.over = False


def _ignore() -> None:
    """Ignore that a response came too late."""


class ListJobs:
    """Runs the jobs.

    ``token_of`` returns the present values of some words of the rules; ``perform`` makes the requests of a job, and
    passes each result to :meth:`answered` or :meth:`failed`; ``over`` is called when a job is over, with its name and
    whether it has done all that it was for, and ``ended`` if then the list may be refreshed.
    """

    def __init__(
        self,
        token_of: Callable[[Iterable[str]], tuple[Any, ...]],
        perform: Callable[[Job], Handle],
        over: Callable[[str, bool], None],
        ended: Callable[[], None],
    ) -> None:
        self._token_of = token_of
        self._perform = perform
        self._over = over
        self._ended = ended
        self._running: list[Job] = []

    def under_way(self, *names: str) -> bool:
        """Return whether a job with one of those names is under way."""
        return self.running(*names) is not None

    def running(self, *names: str) -> Job | None:
        """Return the first job under way with one of those names, if there is one."""
        return next((job for job in self._running if job.name in names), None)

    def start(
        self, name: str, make: Callable[[], Steps[None]], on_late: Callable[[], None] = _ignore
    ) -> None:
        """Start a job, unless its rule forbids it; ``on_late`` is called if it ends due to a late response."""
        rule = RULES[name]
        if self.under_way(*rule.not_while):
            return
        self.cancel(*rule.supersedes)
        job = Job(name, make, on_late)
        job.token = self._token(job)
        self._running.append(job)
        job.handle = self._perform(job)

    def cancel(self, *names: str) -> None:
        """Cancel the jobs with those names: their responses are ignored."""
        for job in [job for job in self._running if job.name in names]:
            self._end(job)
            if job.handle is not None:
                job.handle.cancel()

    def cancel_all(self) -> None:
        """Cancel every job, of whatever rule: the location is left."""
        self.cancel(*RULES)

    # ------------------------------------------------------------ one job

    def begin(self, job: Job) -> Request | None:
        """Return the first request of a job, or ``None`` if it has ended. Raises what the job fails with."""
        if job.over:
            return None
        if job.token != self._token(job):
            return self._too_late(job)
        return self._advance(job, lambda: next(job.steps))

    def answered(self, job: Job, answer: Any) -> Request | None:
        """Return a job's next request after a response, or ``None`` if it has ended. Raises what the job fails with."""
        if job.over:
            return None
        if job.token != self._token(job):
            return self._too_late(job)
        return self._advance(job, lambda: job.steps.send(answer))

    def failed(self, job: Job, problem: Problem) -> Request | None:
        """Do the same after a request that failed."""
        if job.over:
            return None
        if job.token != self._token(job):
            request = self._too_late(job)
            # The user has to sign in, whatever the request was for.
            if isinstance(problem, NotSignedIn) and request is None:
                raise problem
            return request
        return self._advance(job, lambda: job.steps.throw(problem))

    def dropped(self, job: Job) -> None:
        """End a job whose requests are no longer made, as when the screen is closed."""
        if not job.over:
            self._end(job)

    def _token(self, job: Job) -> tuple[Any, ...]:
        return self._token_of(RULES[job.name].counts_while)

    def _too_late(self, job: Job) -> Request | None:
        """Handle a response for something that no longer applies."""
        if RULES[job.name].restart_if_late:
            job.steps.close()
            job.steps, job.token = job.make(), self._token(job)
            return self._advance(job, lambda: next(job.steps))
        self._end(job)
        job.on_late()
        self._ended()
        return None

    def _advance(self, job: Job, step: Callable[[], Request]) -> Request | None:
        try:
            request = step()
        except StopIteration:
            self._end(job, done=True)
            self._ended()
            return None
        except Problem:
            self._end(job)
            if RULES[job.name].refreshes:
                self._ended()
            raise
        except BaseException:
            self._end(job)
            raise
        if job.over:
            # It was cancelled as a consequence of its last response.
            job.steps.close()
            return None
        return request

    def _end(self, job: Job, *, done: bool = False) -> None:
        job.over = True
        if job in self._running:
            self._running.remove(job)
        if not (isinstance(job.steps, GeneratorType) and job.steps.gi_running):
            job.steps.close()
        self._over(job.name, done)
