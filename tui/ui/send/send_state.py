"""The state of the send dialog: a plan, the job that sends it, and how that ended. No Textual, no ``await``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...rules.display import documents_text, size_text

if TYPE_CHECKING:
    from ...rules.errors import Problem
    from ...rules.policy import Policy
    from ...sending.job.job import SendJob
    from ...sending.journal.journal import Journal
    from ...sending.plan import Plan
    from ...wire.share import Document
    from .sent_password import SentPassword


@dataclass(frozen=True, slots=True)
class Sent:
    """The result of a run of a send, and of its dialog: the published documents in order, whether a draft was wanted,
    whether to unpublish the documents, since the send was cancelled, and how many others failed or were cancelled.

    ``changed`` are those of the documents whose sources changed while they were sent; ``password`` is that of all."""

    documents: list[Document] = field(default_factory=list)
    draft: bool = False
    withdraw: bool = False
    failed: int = 0
    cancelled: int = 0
    changed: list[Document] = field(default_factory=list)
    password: SentPassword | None = None
    #: The document that the user wants to see in its folder.
    to_show: Document | None = None

    @property
    def unsent(self) -> int:
        """How many documents have no link."""
        return self.failed + self.cancelled


@dataclass(frozen=True, slots=True)
class RunEnd:
    """A run of the job has ended; ``error`` is what ended it as a whole, ``token`` the access token it began with.
    ``policy`` is the present one, if it was changed since the dialog was opened."""

    error: Problem | None
    token: str | None = field(default=None, repr=False)
    policy: Policy | None = None


class SendDialogState:
    """``plan`` can be changed while there is no job."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.job: SendJob | None = None
        #: An interrupted send, which resumes as soon as the dialog is shown.
        self.interrupted: SendJob | None = None
        #: The password of the documents; the screen with their links shows it.
        self.password: SentPassword | None = None
        #: Whether a draft e-mail is wanted.
        self.draft = False
        #: Whether a run of the job is under way, or has ended and that isn't shown yet.
        self.busy = False
        #: Whether the user is being asked what to do with the send.
        self.cancelling = False
        #: The journal of the last job.
        self.journal: Journal | None = None
        #: The document that the user wants to see in its folder.
        self.to_show: Document | None = None
        self._waiting_end: RunEnd | None = None
        #: The result of a run whose links aren't shown yet.
        self._links: Sent | None = None
        self._signed_out: Problem | None = None

    @property
    def count(self) -> int:
        """The number of rows."""
        return len(self.job.rows if self.job is not None else self.plan.rows)

    @property
    def amount(self) -> str:
        """How much will be sent: ``3 documents, 9.7 kB``."""
        return f"{documents_text(self.count)}, {size_text(self.plan.total)}"

    @property
    def editable(self) -> bool:
        """Whether there is something to send that can still be changed, since sending it hasn't begun."""
        return self.job is None and bool(self.plan.rows)

    @property
    def nothing_sent(self) -> bool:
        """Whether there is something to send, and nothing of it is published or being sent: it is still ``editable``,
        or all of it failed or was cancelled."""
        return bool(self.count) and not self.busy and not self.documents

    @property
    def unfinished(self) -> bool:
        """Whether rows are left that can be sent again."""
        return self.job is not None and not self.busy and bool(self.job.unfinished)

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do here after the links have been seen."""
        return self.job is not None and not self.job.unfinished

    @property
    def documents(self) -> list[Document]:
        """What was published, in the order of the rows."""
        return list(self.job.documents) if self.job is not None else []

    @property
    def unseen_password(self) -> bool:
        """Whether documents are published with a password that no one has seen."""
        return bool(self.documents) and self.password is not None and self.password.unseen

    def failure_of(self, kind: type[Problem]) -> Problem | None:
        """The first failure of that kind among those of the rows."""
        rows = self.job.rows if self.job is not None else []
        return next((row.error for row in rows if isinstance(row.error, kind)), None)

    @property
    def change_disabled_reason(self) -> str | None:
        """Why nothing can be changed or sent; ``None`` if it can."""
        if self.busy:
            return "It is being sent."
        if self.unfinished:
            return "What was not sent can only be sent again as it is."
        if self.job is not None:
            return "It has been sent."
        return None if self.plan.rows else "Nothing is left to send."

    def show_in_folder(self, index: int | None) -> bool:
        """Note that the user wants to see a document in its folder; return whether that can be: the send has ended, and
        the document was sent."""
        if self.job is None or self.busy or index is None:
            return False
        self.to_show = self.job.rows[index].document
        return self.to_show is not None

    @property
    def result(self) -> Sent | None:
        """The result of the dialog if it is closed now."""
        if self.job is None:
            return None
        failed = sum(row.error is not None for row in self.job.rows)
        return Sent(
            self.documents,
            self.draft,
            failed=failed,
            cancelled=len(self.job.unfinished) - failed,
            changed=self.job.changed,
            password=self.password,
            to_show=self.to_show,
        )

    # ------------------------------------------------------------ the run

    def begin(self, job: SendJob, password: SentPassword | None, *, draft: bool) -> None:
        """Start sending what was planned, with ``job``."""
        self.job, self.password, self.draft, self.journal = job, password, draft, job.journal

    def run_ended(self, end: RunEnd, *, covered: bool) -> bool:
        """Note the end of a run. Returns whether to handle it now.

        While another screen covers the dialog (``covered``) the end has to wait: a draft would take the keys meant for
        a question there. It also waits while the user is being asked what to do with the send.
        """
        if self.cancelling or covered:
            self._waiting_end = end
            self.busy = self.busy and not self.cancelling
            return False
        self.busy = False
        if end.error is not None and not self.documents:
            # Nothing was sent: everything can be changed and sent again.
            self.job = None
        return True

    @property
    def end_waits(self) -> bool:
        """Whether the end of a run is waiting to be handled, as soon as nothing covers the dialog."""
        return self._waiting_end is not None and not self.cancelling

    def keep_cancelled(self) -> None:
        """Keep a cancelled send, with what was published of it; the rest can still be sent."""
        self.cancelling = self.busy = False
        self._waiting_end = None

    def take_end(self) -> RunEnd | None:
        """Take the end of a run that was waiting to be handled, if there is one."""
        end, self._waiting_end = self._waiting_end, None
        return end

    def links_are_due(self, signed_out: Problem | None = None) -> None:
        """Note that the links of what was published are to be shown; for ``signed_out`` see :meth:`take_links`."""
        self._links, self._signed_out = self.result, signed_out

    def take_links(self) -> tuple[Sent | None, Problem | None]:
        """Take the result of a run whose links are to be shown, if there is one, and the failure of other documents
        for want of a sign-in."""
        taken = self._links, self._signed_out
        self._links = self._signed_out = None
        return taken

    def links_seen(self) -> None:
        """Note that the links were seen, so that the next start doesn't offer them."""
        if self.job is not None:
            self.job.links_shown()
