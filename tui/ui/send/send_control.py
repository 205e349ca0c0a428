"""The actions of the send dialog: creating and running the job, handling its end, and cancelling it."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from textual.message import Message

from ...commands.command import HIDDEN
from ...commands.lookup import spelled
from ...rules.display import documents_text, first_names, is_and_it
from ...rules.errors import InvalidValue, NotSignedIn, PolicyBreach, Problem
from ...rules.link_settings import LEFT_OUT, LeftOut
from ..base.question import Question
from ..base.screen_commands import ScreenCommand
from ..base.workers import failed, worker_action
from ..widgets.checkbox import Checkbox
from ..widgets.field import Field
from .send_state import RunEnd, Sent
from .sent_password import SentPassword

if TYPE_CHECKING:
    from textual.worker import Worker

    from ...rules.link_settings import LinkSettings
    from ...session.sends import SendBasis, Sends
    from .link_settings_fields import LinkSettingsFields
    from .send_rows import SendRows
    from .send_view import SendView

_LOOKING = "Looking into the documents…"
#: What becomes of the documents that aren't sent yet, when sending is stopped.
_SENT_AFTERWARDS = "Until you close the dialog, {send.retry} sends the rest."


class Finished(Message):
    """A run of the job has ended. :meth:`SendControl.finished` handles it when its last rows are painted."""

    def __init__(self, end: RunEnd) -> None:
        super().__init__()
        self.end = end


class SendControl:
    """Changes the dialog's ``state`` and starts the workers; the dialog only shows the state."""

    def __init__(
        self,
        view: SendView,
        rows: SendRows,
        options: LinkSettingsFields,
        sends: Sends,
        basis: SendBasis,
    ) -> None:
        """``sends`` creates the job that does the work, from ``basis``, which was read before."""
        self.screen = view
        self._state = rows.state
        self._rows = rows
        self._options = options
        options.presets.work_with(lambda: rows.state.plan.changes, view.show_state)
        self._sends = sends
        self._basis = basis
        self._carried = rows.carried
        self._worker: Worker[None] | None = None
        #: The recipients that the user has confirmed.
        self._confirmed: tuple[str, ...] | LeftOut = LEFT_OUT
        #: The question whether to stop sending. It is closed if the send ends first.
        self._stop_question: Question | None = None

    def commands(self) -> dict[str, ScreenCommand]:
        """The commands for the send as a whole, by their ids in ``commands/declared.py``."""
        state = self._state

        def change_disabled_reason() -> str | None:
            return state.change_disabled_reason

        return {
            "send_now": ScreenCommand(partial(self._begin, draft=True), change_disabled_reason),
            "copy_now": ScreenCommand(partial(self._begin, draft=False), change_disabled_reason),
            "retry": ScreenCommand(partial(self._start, again=True), self._retry_disabled_reason),
            # The footer shows which of the two escape does.
            "close": ScreenCommand(self.screen.ask_to_close, lambda: HIDDEN if state.busy else None),
            "cancel_sending": ScreenCommand(self.cancel, lambda: None if state.busy else HIDDEN),
        }

    def _retry_disabled_reason(self) -> str | None:
        if self._state.unfinished and not self._state.cancelling:
            return None
        return "It is already being sent." if self._state.busy else "Nothing has failed."

    # ------------------------------------------------------------ a run

    def _begin(self, *, draft: bool) -> None:
        view, options, rows = self.screen, self._options, self._rows
        if not rows.table.keep_edit() or self._state.change_disabled_reason is not None:
            # A name that is invalid, or the second of two clicks.
            return
        try:
            settings = options.settings()
        except InvalidValue as error:
            view.say(options.sentence_of(error), "bad")
            options.focus_field(error.field)
            return
        asked = options.recipients_to_confirm()
        if asked and settings.recipients != self._confirmed:
            self._confirm_recipients(asked, settings.recipients, draft=draft)
            return
        if self._carried.is_due:
            self._begin_later(settings, draft=draft)
        else:
            self._begin_with(settings, draft=draft)

    @worker_action(exclusive=True, group="begin")
    async def _begin_later(self, settings: LinkSettings, *, draft: bool) -> None:
        """Begin once it is known what the documents carry, and the user sends them all the same."""
        view, carried, given = self.screen, self._carried, self._given
        view.say(_LOOKING, "dim")
        await carried.wait()
        unknown = carried.unknown_question
        if unknown is not None and not await view.confirm(*unknown, yes="Send anyway", no="Wait"):
            view.say(_LOOKING, "dim")
            await carried.wait(patiently=True)
        view.show_state()
        # More may be known after each question.
        while not carried.refusal and (warned := carried.warned):
            if not await view.confirm(*carried.question(warned), yes="Send anyway", no="Back"):
                view.show_state()
                return
            carried.overrule(warned)
        if refusal := carried.refusal:
            view.say(refusal, "bad")
            return
        if self._given != given:
            # What is half typed isn't meant to be sent.
            view.say(spelled("Something was changed meanwhile: {send.send_now} sends it.", view.app), "warn")
        elif self._state.change_disabled_reason is None:
            self._begin_with(settings, draft=draft)

    @property
    def _given(self) -> object:
        """What is to be sent, and the settings as they are typed."""
        texts = [field.value for field in self._options.query(Field)]
        return self._state.plan.rows, texts, [box.checked for box in self._options.query(Checkbox)]

    def _begin_with(self, settings: LinkSettings, *, draft: bool) -> None:
        options, rows, view = self._options, self._rows, self.screen
        self._sends.last.keep(options.texts(), self._sends.now())
        typed = settings.password
        password = (
            SentPassword(typed, options.password.is_made, options.password.was_shown)
            if isinstance(typed, str)
            else None
        )
        job = self._sends.job(self._state.plan, settings, view.row_changed, self._basis)
        if job.journal is not None:
            job.journal.password_made = options.password.is_made
            if password is not None:
                password.noted = job.journal.password_noted
        self._carried.note(job.rows)
        self._state.begin(job, password, draft=draft)
        rows.show_all()
        rows.table.focus()
        self._start()

    @worker_action(exclusive=True, group="recipients confirmed")
    async def _confirm_recipients(
        self, asked: str, recipients: tuple[str, ...] | LeftOut, *, draft: bool
    ) -> None:
        """Ask about what the policy warns of, once for these recipients."""
        if await self.screen.confirm("Send nevertheless?", asked, yes="Send", no="Back"):
            self._confirmed = recipients
            self._begin(draft=draft)

    def resume(self) -> None:
        """Resume the send that was interrupted."""
        job, self._state.interrupted = self._state.interrupted, None
        if job is None:
            return
        job.on_change = self.screen.row_changed
        self._state.begin(job, self._state.password, draft=True)
        self._rows.show_all()
        self._start()

    def _start(self, *, again: bool = False) -> None:
        self._state.busy = True
        self.screen.show_state()
        self._worker = self._run(again)

    @worker_action(exclusive=True, group="send")
    async def _run(self, again: bool) -> None:
        job, error, policy = self._state.job, None, None
        token = self._sends.token
        assert job is not None
        try:
            if again:
                # The local server may be what has failed.
                await self._sends.start_server()
            await job.run()
        except Problem as problem:
            error = problem
            if isinstance(problem, PolicyBreach):
                # The fields have been checked against the policy of when the dialog was opened.
                with suppress(Problem):
                    policy = await self._sends.policy()
        self.screen.post_message(Finished(RunEnd(error, token, policy)))

    def finished(self, end: RunEnd) -> None:
        """Handle the end of a run: show its links, or the failure; later, if something else comes first."""
        view, state = self.screen, self._state
        if not state.run_ended(end, covered=view.is_covered):
            if state.cancelling and self._stop_question is not None:
                # Nothing is left to stop. Keys meant for that question aren't for the draft that comes then.
                self._stop_question.settle("The send has ended meanwhile.")
            return
        if state.job is None:
            self._rows.show_all()
        view.show_state()
        signed_in_since = end.token != self._sends.token
        if end.error is not None:
            if signed_in_since and isinstance(end.error, NotSignedIn):
                view.say("You are signed in again. Nothing has been sent yet.", "warn")
                return
            if end.policy is not None:
                self._options.take_policy(end.policy)
            failed(view, end.error)
            if state.job is None and isinstance(end.error, InvalidValue):
                self._options.focus_field(end.error.field)
            return
        signed_out = None if signed_in_since else state.failure_of(NotSignedIn)
        if state.documents:
            self._options.forget()
            self._show_links(signed_out)
        elif signed_out is not None:
            failed(view, signed_out)

    def _show_links(self, signed_out: Problem | None = None) -> None:
        """Have the links shown; once they are, a sign-in is asked for if some documents failed for want of one."""
        self._state.links_are_due(signed_out)
        self.screen.results.look_again()

    def take_links(self) -> Sent | None:
        """Take the result of a run whose links are to be shown now, if there is one."""
        links, signed_out = self._state.take_links()
        if signed_out is not None:
            # Over the links, which are on the screen by then.
            self.screen.call_later(partial(failed, self.screen, signed_out))
        return links

    def links_shown(self) -> None:
        """The draft, or the list of links, was closed: if everything was sent, close this dialog too."""
        state = self._state
        state.links_seen()
        if state.password is not None:
            # The other dialog asked about it.
            state.password.seen = True
        if state.is_over:
            self.screen.dismiss(state.result)

    def take_up_end(self) -> None:
        """Handle the end of a run that had to wait, now that nothing else comes first."""
        end = self._state.take_end()
        if end is not None and not self.screen.app.stopping:
            self.screen.post_message(Finished(end))

    # ------------------------------------------------------------ cancelling

    def stop_starting(self) -> None:
        """Cancel a run that hasn't begun, since the server is being started for it."""
        if self._worker is not None:
            self._worker.cancel()

    @worker_action()
    async def cancel(self) -> None:
        """Ask whether to stop sending, and what to do with the documents that are published by then."""
        view, state = self.screen, self._state
        job = state.job
        if job is None or view.is_covered or state.cancelling:
            return
        state.cancelling = True
        self._stop_question = Question(
            "Stop sending?",
            spelled(_SENT_AFTERWARDS, view.app),
            yes="Stop",
            no="Keep sending",
        )
        confirmed = await view.show_dialog(self._stop_question)
        self._stop_question = None
        if not confirmed:
            state.cancelling = False
            self.take_up_end()
            return
        if not job.running:
            # Not started yet: the local server is being started first.
            self.stop_starting()
        job.cancel()
        # What is being published at this moment will be published, and must be listed.
        await job.ended()
        if state.documents:
            await self._ask_about_published(len(job.rows))
        else:
            # After the message about the end of the run, which has been posted by now.
            view.call_later(self._stay)

    def _stay(self) -> None:
        """Keep the dialog open after a cancelled send, so that the rest can still be sent."""
        self._state.keep_cancelled()
        self.screen.show_state()

    async def _ask_about_published(self, wanted: int) -> None:
        """Ask about the documents, out of ``wanted``, that were published before the send was cancelled."""
        done = self._state.documents
        are, them = is_and_it(len(done))
        if await self.screen.confirm(
            f"{len(done):,} of {documents_text(wanted)} {are} already published. Unpublish {them}?",
            first_names([document.name for document in done]),
            yes="Unpublish",
            no="Keep them",
        ):
            self._state.links_seen()
            self.screen.dismiss(Sent(done, withdraw=True))
        else:
            self._stay()
            self._show_links()
