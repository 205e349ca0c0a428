"""What the send dialog is about: a plan, the job that sends it, and how that has ended. No Textual, no ``await``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..rules.errors import Problem
    from ..rules.link_settings import LinkSettings
    from ..sending.job import SendJob
    from ..sending.plan import Plan
    from ..wire.share import Document
    from .sent_password import SentPassword

JobMaker = Callable[["Plan", "LinkSettings", Callable[[int | None], None]], "SendJob"]


@dataclass(frozen=True, slots=True)
class Sent:
    """What a send dialog ends with: the documents in order, whether a draft was asked for, the cancelled ones'
    published documents that are to be unpublished."""

    documents: list[Document] = field(default_factory=list)
    draft: bool = False
    withdraw: bool = False


@dataclass(frozen=True, slots=True)
class RunEnd:
    """A run of the job has ended; ``error`` is what ended the whole of it."""

    error: Problem | None


class SendState:
    """``plan`` can be changed as long as there is no job."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.job: SendJob | None = None
        #: A send that was interrupted, and goes on once the dialog is there.
        self.interrupted: SendJob | None = None
        #: What the documents are sent with; the screen of their links shows it.
        self.password: SentPassword | None = None
        #: Whether a draft is wanted of what is being sent.
        self.draft = False
        #: Whether a run of the job is under way, or has ended without anybody having been told.
        self.busy = False
        #: Whether it is asked what becomes of the send.
        self.cancelling = False
        self._waiting_end: RunEnd | None = None

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.job.rows if self.job is not None else self.plan.rows)

    @property
    def editable(self) -> bool:
        """Whether there is something to send that can still be changed."""
        return self.job is None and bool(self.plan.rows)

    @property
    def unfinished(self) -> bool:
        """Whether rows are left that can be sent again."""
        return self.job is not None and not self.busy and bool(self.job.unfinished)

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do here once the links were seen."""
        return self.job is not None and not self.job.unfinished

    @property
    def documents(self) -> list[Document]:
        """What was published, in the order of the rows."""
        return list(self.job.documents) if self.job is not None else []

    @property
    def unseen_password(self) -> bool:
        """Whether documents are published with a password that nobody has seen."""
        return bool(self.documents) and self.password is not None and self.password.unseen

    def failure_of(self, kind: type[Problem]) -> Problem | None:
        """The first failure of that kind among those of the rows."""
        rows = self.job.rows if self.job is not None else []
        return next((row.error for row in rows if isinstance(row.error, kind)), None)

    @property
    def change_disabled_reason(self) -> str | None:
        """Why nothing can be changed, or sent; ``None``: it can."""
        if self.job is not None:
            return "It is being sent." if self.busy else "It has been sent."
        return None if self.plan.rows else "Nothing is left to send."

    @property
    def result(self) -> Sent | None:
        """What the dialog answers where it is closed now."""
        return Sent(self.documents, self.draft) if self.job is not None else None

    # ------------------------------------------------------------ the run

    def begin(self, job: SendJob, password: SentPassword | None, *, draft: bool) -> None:
        """From now on ``job`` sends what was planned."""
        self.job, self.password, self.draft = job, password, draft

    def run_ended(self, end: RunEnd, *, covered: bool) -> bool:
        """Whether the end of a run is taken up now.

        While something lies over the dialog (``covered``) nothing comes between the user and that: a key that is
        meant for a question there would be taken by the draft. While it is asked what becomes of the send, that is
        answered first.
        """
        if self.cancelling or covered:
            self._waiting_end = end
            self.busy = self.busy and not self.cancelling
            return False
        self.busy = False
        if end.error is not None and not self.documents:
            # Nothing was sent: everything can be changed and sent anew.
            self.job = None
        return True

    @property
    def end_waits(self) -> bool:
        """Whether a run has ended that can be taken up once nothing lies over the dialog."""
        return self._waiting_end is not None and not self.cancelling

    def go_on_without(self) -> None:
        """It was cancelled, and what is published stays so: whatever was not sent can be sent still."""
        self.cancelling = self.busy = False
        self._waiting_end = None

    def take_end(self) -> RunEnd | None:
        """The end of a run that was not taken up; it waits no longer."""
        end, self._waiting_end = self._waiting_end, None
        return end

    def links_seen(self) -> None:
        """The links need not be listed at the next start."""
        if self.job is not None:
            self.job.links_shown()
