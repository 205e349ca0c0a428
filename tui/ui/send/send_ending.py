"""What becomes of a send under way when the program ends: it is stopped, or left to a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ...commands.lookup import spelled
from ...rules.display import documents_text
from ...rules.errors import Problem

if TYPE_CHECKING:
    from ...sending.job.job import SendJob
    from ...session.sends import Sends
    from .send_state import SendDialogState
    from .send_view import SendView

#: What becomes of the documents that aren't sent yet: of a send with a journal, and of one without.
_RESUMED_LATER = "You can resume the rest next time ({main.unseen_links})."
_LOST = "Documents not yet sent won't be sent."


class SendEnding:
    """Ends the send of a dialog, whose ``state`` says how far it is."""

    def __init__(
        self, view: SendView, state: SendDialogState, sends: Sends, stop_starting: Callable[[], None]
    ) -> None:
        """``stop_starting`` cancels a run that hasn't begun, since the server is being started for it."""
        self._view = view
        self._state = state
        self._sends = sends
        self._stop_starting = stop_starting

    async def stop(self) -> str:
        """Cancel sending, since the program ends. Returns what to tell the user.

        What the server is publishing at this moment may still succeed, within seconds. What has arrived of the others
        stays there, for the send to be resumed.
        """
        job = self._state.job
        if job is None:
            return ""
        # Don't ask what to do with the links any more.
        self._state.cancelling = True
        self._view.say("Stopping…")
        if not self._resumable:
            job.cancel()
            await job.ended()
            return _stopped(job, resumable=False)
        await self._leave(job)
        return _stopped(job, resumable=self._resumable)

    @property
    def _resumable(self) -> bool:
        """Whether the next start can resume the send: not in the demo, and not if its journal can't be written."""
        job = self._state.job
        journal = job.journal if job is not None else None
        return journal is not None and (journal.held or not journal.problem)

    @property
    def lost_by_quitting(self) -> str:
        """What quitting now means for the documents that aren't sent yet."""
        return spelled(_RESUMED_LATER, self._view.app) if self._resumable else _LOST

    @property
    def can_leave(self) -> bool:
        """Whether what is being sent can be left to a process of its own: not in the demo, whose server ends with the
        program."""
        job = self._state.job
        return job is not None and self._sends.can_leave(job) and not self._state.cancelling

    @property
    def unnoted_password(self) -> str:
        """The generated password that the user must note before the send is left; empty if there is none."""
        password = self._state.password
        return password.text if password is not None and password.unseen else ""

    def password_noted(self) -> None:
        """The user has seen the password, so that closing needs no question about it."""
        if self._state.password is not None:
            self._state.password.seen = True

    async def leave(self) -> str:
        """Leave what is being sent to a process of its own, since the program ends. Returns what to tell the user."""
        job, password = self._state.job, self._state.password
        if job is None or job.journal is None:
            return ""
        self._state.cancelling = True
        await self._leave(job)
        if not job.unfinished or not job.journal.held:
            return _stopped(job, resumable=job.journal.held)
        try:
            text = password.text if password is not None and job.send is None else None
            await self._sends.hand_over(job.journal, text)
        except Problem as problem:
            return f"{problem.message} The next start offers to resume the send."
        return "The send continues in the background; sentlinks sends shows its progress."

    async def _leave(self, job: SendJob) -> None:
        """Cancel sending in such a way that it can be resumed from the journal."""
        if not job.running:
            # The server is being started for it.
            self._stop_starting()
        await job.leave()
        password = self._state.password
        if job.journal is not None and password is not None and password.made and password.seen:
            job.journal.password_noted()


def _stopped(job: SendJob, *, resumable: bool) -> str:
    """What to tell the user of a send that the end of the program has stopped."""
    count = len(job.documents)
    if not job.unfinished:
        return f"Everything was sent. {'The next start' if resumable else 'sentlinks links'} shows the links."
    if not resumable:
        return f"Stopped after {documents_text(count)}: the rest can't be resumed, since its journal can't be written."
    if not count:
        return "Not sent: you stopped it. The next start offers to resume it."
    return f"Stopped after {documents_text(count)}. The next start shows the links and can resume the rest."
