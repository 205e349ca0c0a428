"""What the send dialog has done: the job is made and run, what becomes of it is taken up, and it can be cancelled."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from ..commands import HIDDEN
from ..rules.display import first_names
from ..rules.errors import InvalidValue, NotSignedIn, Problem
from .question import Question
from .screen_commands import ScreenCommand
from .send_state import JobMaker, RunEnd, Sent
from .sent_password import SentPassword
from .workers import failed, worker_action

if TYPE_CHECKING:
    from .send import SendDialog


class SendControl:
    """It changes the dialog's ``state``, and starts the workers; the dialog shows what there is."""

    def __init__(self, dialog: SendDialog, make_job: JobMaker, on_links: Callable[..., None]) -> None:
        """``make_job`` makes the job that does the work. ``on_links`` is called with the dialog, the documents and
        whether a draft is wanted whenever a run has sent something."""
        self.screen = dialog
        self._state = dialog.state
        self.make_job = make_job
        self._on_links = on_links
        #: The question whether to cancel what is being sent. It goes away with the send.
        self._asked: Question | None = None

    def commands(self) -> dict[str, ScreenCommand]:
        """What can be done with all of the rows, by the ids of ``commands.py``."""
        state, dialog = self._state, self.screen

        def change_disabled_reason() -> str | None:
            return state.change_disabled_reason

        return {
            "send_now": ScreenCommand(partial(self._begin, draft=True), change_disabled_reason),
            "copy_now": ScreenCommand(partial(self._begin, draft=False), change_disabled_reason),
            "retry": ScreenCommand(partial(self._start, again=True), self._retry_disabled_reason),
            # What escape does, the line of keys says.
            "close": ScreenCommand(dialog.ask_to_close, lambda: HIDDEN if state.busy else None),
            "cancel_sending": ScreenCommand(self.cancel, lambda: None if state.busy else HIDDEN),
        }

    def _retry_disabled_reason(self) -> str | None:
        if self._state.unfinished:
            return None
        return "It is being sent already." if self._state.busy else "Nothing has failed."

    # ------------------------------------------------------------ a run

    def _begin(self, *, draft: bool) -> None:
        dialog = self.screen
        if not dialog.table.keep_edit() or self._state.change_disabled_reason is not None:
            # A name that cannot be, or the second of two clicks.
            return
        try:
            settings = dialog.options.settings()
        except InvalidValue as error:
            dialog.say(error.message, "bad")
            dialog.options.focus_field(error.field)
            return
        typed = settings.password
        password = SentPassword(typed, dialog.options.password_made) if isinstance(typed, str) else None
        job = self.make_job(self._state.plan, settings, dialog.row_changed)
        if job.journal is not None:
            job.journal.password_made = dialog.options.password_made
        self._state.begin(job, password, draft=draft)
        dialog.rows.show_all()
        dialog.table.focus()
        self._start()

    def go_on(self) -> None:
        """Takes up the send that was interrupted."""
        job, self._state.interrupted = self._state.interrupted, None
        if job is None:
            return
        job.on_change = self.screen.row_changed
        self._state.begin(job, None, draft=True)
        self.screen.rows.show_all()
        self._start()

    def _start(self, *, again: bool = False) -> None:
        self._state.busy = True
        self.screen.show_state()
        self._run(again)

    @worker_action(exclusive=True, group="send")
    async def _run(self, again: bool) -> None:
        job, error = self._state.job, None
        assert job is not None
        try:
            if again:
                # It may be what has failed.
                await self.screen.app.session.start_server()
            await job.run()
        except Problem as problem:
            error = problem
        self.screen.post_message(self.screen.Finished(RunEnd(error)))

    def finished(self, end: RunEnd) -> None:
        """A run has ended: shows its links, or says what has failed; later, where something else comes first."""
        dialog, state = self.screen, self._state
        if not state.run_ended(end, covered=dialog.app.screen is not dialog):
            if state.cancelling and self._asked is not None:
                # What becomes of the links is asked first; whether to go on is asked no more.
                self._asked.dismiss(False)
            return
        if state.job is None:
            dialog.rows.show_all()
        dialog.show_state()
        if end.error is not None:
            failed(dialog, end.error)
            if state.job is None and isinstance(end.error, InvalidValue):
                dialog.options.focus_field(end.error.field)
            return
        if documents := state.documents:
            dialog.options.forget()
            self._on_links(dialog, documents, state.draft)
        if (signed_out := state.failure_of(NotSignedIn)) is not None:
            failed(dialog, signed_out)

    def links_shown(self) -> None:
        """The draft, or the list of links, was closed: nothing is left to do where all was sent."""
        state = self._state
        state.links_seen()
        if state.password is not None:
            # It was asked about there.
            state.password.seen = True
        if state.is_over:
            self.screen.dismiss(state.result)

    def take_up_end(self) -> None:
        """What came first is over."""
        end = self._state.take_end()
        if end is not None and not self.screen.app.stopping:
            self.screen.post_message(self.screen.Finished(end))

    # ------------------------------------------------------------ cancelling

    async def stop(self) -> int:
        """Cancels what is being sent, since the program ends; answers how many documents were published.

        What the server is publishing at this moment may still come to its end, within seconds.
        """
        job = self._state.job
        if job is None:
            return 0
        # What becomes of the links is not asked any more.
        self._state.cancelling = True
        self.screen.say("Stopping…")
        job.cancel()
        await job.ended()
        return len(job.documents)

    @worker_action()
    async def cancel(self) -> None:
        """Asks whether to cancel what is being sent, and what becomes of what is published by then."""
        dialog, state = self.screen, self._state
        job = state.job
        if job is None or dialog.app.screen is not dialog or state.cancelling:
            return
        state.cancelling = True
        self._asked = Question(
            "Stop sending?",
            "Documents that are not uploaded yet are not sent.",
            yes="Stop",
            no="Keep sending",
        )
        agreed = await dialog.show_dialog(self._asked)
        self._asked = None
        if not agreed:
            state.cancelling = False
            self.take_up_end()
            return
        if not job.running:
            # The server is being started for it.
            dialog.workers.cancel_group(dialog, "send")
        job.cancel()
        # What is being published at this moment is published, and has to be named.
        await job.ended()
        if not state.documents:
            dialog.dismiss(Sent())
        else:
            await self._ask_about_published(len(job.rows))

    async def _ask_about_published(self, wanted: int) -> None:
        """Of so many documents that were wanted, some were published before the send was cancelled."""
        done = self._state.documents
        if await self.screen.confirm(
            f"{len(done)} of {wanted} documents are already published. Unpublish them?",
            first_names([document.name for document in done]),
            yes="Unpublish",
            no="Keep them",
        ):
            self._state.links_seen()
            self.screen.dismiss(Sent(done, withdraw=True))
        else:
            self._state.go_on_without()
            self.screen.show_state()
            self._on_links(self.screen, done, self._state.draft)
