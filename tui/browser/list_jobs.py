"""The jobs of the list: what is asked of the servers for it. Nothing else starts, supersedes or cancels one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol

from ..rules.errors import NotSignedIn, Problem

if TYPE_CHECKING:
    from ..locations.steps import Asked, Steps


class Rule:
    """What holds of a kind of job."""

    # No dataclass: making one takes a millisecond of the start.
    __slots__ = ("again", "counts_while", "not_while", "refreshes", "supersedes")

    def __init__(
        self,
        *,
        supersedes: tuple[str, ...] = (),
        not_while: tuple[str, ...] = (),
        counts_while: tuple[str, ...] = (),
        again: bool = False,
        refreshes: bool = True,
    ) -> None:
        #: The jobs that are given up when it begins.
        self.supersedes = supersedes
        #: It is not begun while one of these is under way.
        self.not_while = not_while
        #: Its answers count only while these are what they were when it began; later ones come too late.
        self.counts_while = counts_while
        #: Whether it begins anew where an answer comes too late; else it ends.
        self.again = again
        #: Whether, when it has failed, the list is refreshed if something has changed meanwhile.
        self.refreshes = refreshes


#: What supersedes what. A person's answers never count for another one.
RULES = {
    "load": Rule(supersedes=("load", "sort", "refresh"), counts_while=("pending",), refreshes=False),
    "refresh": Rule(supersedes=("refresh",), counts_while=("location", "seen"), again=True, refreshes=False),
    "sort": Rule(supersedes=("sort",), counts_while=("location",)),
    "jump": Rule(supersedes=("jump", "more"), counts_while=("location", "shown")),
    "more": Rule(not_while=("jump",), counts_while=("location", "shown")),
    "find": Rule(supersedes=("find",), counts_while=("location", "needle")),
    "verify": Rule(not_while=("verify",), counts_while=("location",)),
    "look": Rule(counts_while=("location", "window")),
    "select": Rule(supersedes=("select",), counts_while=("location", "needle", "emptied")),
    "put in order": Rule(
        supersedes=("put in order",), not_while=("select",), counts_while=("location", "emptied")
    ),
}
#: The jobs that change which rows the list shows: it is not refreshed while one of them is under way.
CHANGE_THE_LIST = ("load", "sort", "jump", "more", "refresh")
#: Those that are given up where the user asks for all of it anew.
RELOADED = ("sort", "jump", "more")


class Handle(Protocol):
    """What makes a job's requests, somewhere else."""

    def cancel(self) -> object:
        """It is to make no more of them."""


class Job:
    """Steps under way, with the token of what they were begun for."""

    __slots__ = ("handle", "late", "make", "name", "over", "steps", "token")

    def __init__(self, name: str, make: Callable[[], Steps[None]], late: Callable[[], None]) -> None:
        self.name = name
        self.make = make
        self.late = late
        self.steps = make()
        self.token: tuple[Any, ...] = ()
        self.handle: Handle | None = None
        self.over = False


def _nothing() -> None:
    """Nobody minds that an answer comes too late."""


class ListJobs:
    """``token_of`` says what some words of the rules stand for now; ``perform`` has the requests of a job made, each
    answered by :meth:`answered` or :meth:`failed`; ``ended`` is told when a job has ended and the list may be
    refreshed."""

    def __init__(
        self,
        token_of: Callable[[Iterable[str]], tuple[Any, ...]],
        perform: Callable[[Job], Handle],
        ended: Callable[[], None],
    ) -> None:
        self._token_of = token_of
        self._perform = perform
        self._ended = ended
        self._running: list[Job] = []

    def under_way(self, *names: str) -> bool:
        """Whether a job of one of those names has not ended yet."""
        return any(job.name in names for job in self._running)

    def start(self, name: str, make: Callable[[], Steps[None]], late: Callable[[], None] = _nothing) -> None:
        """Begins a job, unless its rule is against it; ``late`` is called where it ends since an answer came too
        late."""
        rule = RULES[name]
        if self.under_way(*rule.not_while):
            return
        self.cancel(*rule.supersedes)
        job = Job(name, make, late)
        job.token = self._token(job)
        self._running.append(job)
        job.handle = self._perform(job)

    def cancel(self, *names: str) -> None:
        """Gives up the jobs of those names: whatever is answered is for nothing."""
        for job in [job for job in self._running if job.name in names]:
            self._end(job)
            if job.handle is not None:
                job.handle.cancel()

    def cancel_all(self) -> None:
        self.cancel(*RULES)

    # ------------------------------------------------------------ one job

    def begin(self, job: Job) -> Asked | None:
        """The first request of a job; ``None``: it has ended. Raises what it fails with."""
        if job.over:
            return None
        if job.token != self._token(job):
            return self._too_late(job)
        return self._go_on(job, lambda: next(job.steps))

    def answered(self, job: Job, answer: Any) -> Asked | None:
        """The next request of a job, after an answer; ``None``: it has ended. Raises what it fails with."""
        if job.over:
            return None
        if job.token != self._token(job):
            return self._too_late(job)
        return self._go_on(job, lambda: job.steps.send(answer))

    def failed(self, job: Job, problem: Problem) -> Asked | None:
        """The same, after a request that failed."""
        if job.over:
            return None
        if job.token != self._token(job):
            asked = self._too_late(job)
            # Somebody has to sign in, whatever it was asked for.
            if isinstance(problem, NotSignedIn) and asked is None:
                raise problem
            return asked
        return self._go_on(job, lambda: job.steps.throw(problem))

    def dropped(self, job: Job) -> None:
        """Its requests are not made any more, as where the screen is closed."""
        if not job.over:
            self._end(job)

    def _token(self, job: Job) -> tuple[Any, ...]:
        return self._token_of(RULES[job.name].counts_while)

    def _too_late(self, job: Job) -> Asked | None:
        """The one place for answers of something that is not any more."""
        if RULES[job.name].again:
            job.steps.close()
            job.steps, job.token = job.make(), self._token(job)
            return self._go_on(job, lambda: next(job.steps))
        self._end(job)
        job.late()
        self._ended()
        return None

    def _go_on(self, job: Job, step: Callable[[], Asked]) -> Asked | None:
        try:
            asked = step()
        except StopIteration:
            self._end(job)
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
            # It was given up by what its last answer has led to.
            job.steps.close()
            return None
        return asked

    def _end(self, job: Job) -> None:
        job.over = True
        if job in self._running:
            self._running.remove(job)
        if not getattr(job.steps, "gi_running", False):
            job.steps.close()
