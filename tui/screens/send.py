"""The send dialog: names, order, settings, and the live progress of the send."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from textual import events, on, work
from textual.message import Message
from textual.timer import Timer

from ..commands import spelled
from ..rules.errors import InvalidValue, NotSignedIn, Problem
from ..widgets.button import Button
from .errands import failed
from .link_settings_fields import LinkSettingsFields
from .progress import follow, overall
from .question import Question
from .send_part import BUTTONS, Sent
from .send_rows import SendRows
from .sent_password import SentPassword

if TYPE_CHECKING:
    from ..sending.job import SendJob

__all__ = ["SendDialog", "Sent"]

#: Seconds between two paintings of the rows: percentages need no more, and a slow line is spared.
PAINT_SECONDS = 0.2


class SendDialog(SendRows):
    """The job does the work, and the dialog draws it."""

    # With those of all dialogs: escape has a command here, which would take the key from them.
    PLACES = ("send", "send_rows", "dialogs")
    ABOUT = (
        "Each row becomes a link, in this order. {send_rows.rename} renames a row's link, {send_rows.remove} takes "
        "the row off, {send_rows.move_up} and {send_rows.move_down} move it. "
        "Password, expiration date and limit hold for all of them, each counted on its own. Send opens a draft "
        "e-mail with the links; Copy puts them on the clipboard only."
    )
    heading = "Secure Sent Links"
    whole = True
    DEFAULT_CSS = """
    SendDialog > .box.-whole { height: auto; max-width: 116; }
    SendDialog Table { min-height: 4; }
    SendDialog .buttons { height: 1; margin: 0 0 1 0; }
    SendDialog.-short .buttons { margin: 0; }
    SendDialog .buttons.-last { margin: 0; }
    SendDialog Button { margin-right: 1; min-width: 4; }
    """

    going_on: SendJob | None = None  #: A send that was interrupted, and goes on once the dialog is there.
    #: Whether a draft is wanted of what is being sent.
    _draft = False
    #: What the documents are sent with; the screen of their links shows it.
    password: SentPassword | None = None
    #: Whether it is asked what becomes of the send.
    _cancelling = False
    #: The question whether to cancel it. It goes away with the send.
    _asked: Question | None = None
    #: How the send has ended while something lay over the dialog.
    _ended: SendDialog.Finished | None = None
    _followed = 0  #: The row whose sending the cursor of the table has followed.
    #: The rows that have changed since they were painted.
    _dirty: set[int]
    _painted = 0.0
    _paint_timer: Timer | None = None

    class Progressed(Message):
        """Rows of the job have changed."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, SendDialog.Progressed)

    class Finished(Message):
        """A run of the job has ended; ``error`` is what ended the whole of it."""

        def __init__(self, error: Problem | None) -> None:
            super().__init__()
            self.error = error

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        button = event.button.id or ""
        await self.run_action("cancel_sending" if button == "close" and self.busy else BUTTONS[button])

    # ------------------------------------------------------------ fields

    @on(LinkSettingsFields.Changed)
    def _typed(self, event: LinkSettingsFields.Changed) -> None:
        """Beside the field there may be no room for all of what is wrong."""
        if event.error is None:
            self._say_amount()
        else:
            self.say(event.error, "bad")

    def action_reveal(self) -> None:
        self.options.reveal()

    def action_generate(self) -> None:
        self.options.generate()

    # ------------------------------------------------------------ sending

    def action_send_now(self) -> None:
        self._begin(draft=True)

    def action_copy_now(self) -> None:
        self._begin(draft=False)

    def _begin(self, draft: bool) -> None:
        if not self.table.keep_edit() or self.disabled_reason("send_now") is not None:
            # A name that cannot be, or the second of two clicks.
            return
        try:
            settings = self.options.settings()
        except InvalidValue as error:
            self.say(error.message, "bad")
            self.options.focus_field(error.field)
            return
        self._draft = draft
        password = settings.password
        self.password = (
            SentPassword(password, self.options.password_made) if isinstance(password, str) else None
        )
        self._job = self._make_job(self._plan, settings, self._row_changed)
        self._dirty = set()
        self._show_rows()
        self.table.focus()
        self._start()

    def action_retry(self) -> None:
        self._start(again=True)

    def _start(self, again: bool = False) -> None:
        self._sending = True
        self._update()
        self._run(again)

    def _row_changed(self, index: int | None) -> None:
        if index is not None:
            self._dirty.add(index)
        self.post_message(self.Progressed())

    @work(exclusive=True, group="send")
    async def _run(self, again: bool = False) -> None:
        assert self._job is not None
        error: Problem | None = None
        try:
            if again:
                # It may be what has failed.
                await self.app.session.start_server()
            await self._job.run()
        except Problem as problem:
            error = problem
        self.post_message(self.Finished(error))

    @on(Progressed)
    def _progressed(self) -> None:
        if self._paint_timer is not None:
            return
        wait = self._painted + PAINT_SECONDS - monotonic()
        if wait <= 0:
            self._paint()
        else:
            self._paint_timer = self.set_timer(wait, self._paint)

    def _paint(self) -> None:
        self._paint_timer = None
        self._painted = monotonic()
        job = self._job
        if job is None:
            return
        dirty, self._dirty = self._dirty, set()
        for index in dirty:
            self.table.update_row(index, self._row(index))
        self._followed = follow(self.table, job, self._followed)
        text, tone = overall(job)
        self.say(spelled(text, self.app), tone)
        self._say_cause()

    @on(Finished)
    def _finished(self, event: Finished) -> None:
        job = self._job
        assert job is not None
        self._dirty = set(range(len(job.rows)))
        self._paint()
        if self.app.screen is not self and not self._cancelling:
            # Nothing comes between the user and what lies over the dialog: a key that is meant for a question there
            # would be taken by the draft.
            self._ended = event
            return
        self._sending = False
        if self._cancelling:
            # What becomes of the links is asked first; whether to go on is asked no more.
            self._ended = event
            if self._asked is not None:
                self._asked.dismiss(False)
            return
        if event.error is not None:
            # Nothing was sent: everything can be changed and sent anew.
            if not job.documents:
                self._job = None
                self._show_rows()
            self._update()
            failed(self, event.error)
            if self._job is None and isinstance(event.error, InvalidValue):
                self.options.focus_field(event.error.field)
            return
        self._update()
        if job.documents:
            self.options.forget()
            self._on_links(self, list(job.documents), self._draft)
        signed_out = next((row.error for row in job.rows if isinstance(row.error, NotSignedIn)), None)
        if signed_out is not None:
            failed(self, signed_out)

    def _go_on(self, job: SendJob) -> None:
        job.on_change, self._draft, self._job, self._dirty = self._row_changed, True, job, set()
        self._show_rows()
        self._start()

    @on(events.ScreenResume)
    def _uncovered(self) -> None:
        if self.going_on is not None:
            self.call_after_refresh(self._go_on, self.going_on)
            self.going_on = None
        if self._ended is not None and not self._cancelling:
            # Behind the answer to the question that was there: it may be to quit.
            self.app.call_next(self._take_up_end)

    def _take_up_end(self) -> None:
        ended, self._ended = self._ended, None
        if ended is not None and not self.app.stopping:
            self.post_message(self.Finished(ended.error))

    def links_shown(self) -> None:
        """The draft, or the list of links, was closed: nothing is left to do where all was sent."""
        self.links_seen()
        if self.password is not None:
            # It was asked about there.
            self.password.seen = True
        if self._job is not None and not self._job.unfinished:
            self.dismiss(Sent(list(self._job.documents), self._draft))

    def links_seen(self) -> None:
        """They need not be listed at the next start."""
        if self._job is not None:
            self._job.links_shown()

    # ------------------------------------------------------------ the end

    @property
    def unseen_password(self) -> bool:
        """Whether documents are published with a password that nobody has seen."""
        sent = self._job is not None and bool(self._job.documents)
        return sent and self.password is not None and self.password.unseen

    @property
    def _touched(self) -> bool:
        changed = self.options.touched or self._plan.can_undo or self.table.editing
        return self._job is None and changed and bool(self._plan.rows)

    @work
    async def action_close(self) -> None:
        if self.app.screen is not self or self._cancelling:
            # It is asked already, or done.
            return
        if self._job is not None:
            self.dismiss(Sent(list(self._job.documents), self._draft))
        elif not self._touched or await self.agreed(
            "Close without sending?",
            "What you typed and changed here would be lost.",
            yes="Close",
            no="Keep editing",
        ):
            self.dismiss(None)

    async def stop(self) -> int:
        """Cancels what is being sent, since the program ends; answers how many documents were published.

        What the server is publishing at this moment may still come to its end, within seconds.
        """
        job = self._job
        if job is None:
            return 0
        # What becomes of the links is not asked any more.
        self._cancelling = True
        self.say("Stopping…")
        job.cancel()
        await job.ended()
        return len(job.documents)

    @work
    async def action_cancel_sending(self) -> None:
        job = self._job
        if job is None or self.app.screen is not self or self._cancelling:
            return
        self._cancelling = True
        self._asked = Question(
            "Stop sending?",
            "Documents that are not uploaded yet are not sent.",
            yes="Stop",
            no="Keep sending",
        )
        agreed = await self.answer_to(self._asked)
        self._asked = None
        if not agreed:
            self._cancelling = False
            self._take_up_end()
            return
        if not job.running:
            # The server is being started for it.
            self.workers.cancel_group(self, "send")
        job.cancel()
        # What is being published at this moment is published, and has to be named.
        await job.ended()
        done = list(job.documents)
        if not done:
            self.dismiss(Sent())
            return
        names = "\n".join(document.name for document in done[:8]) + ("\n…" if len(done) > 8 else "")
        withdraw = await self.agreed(
            f"{len(done)} of {len(job.rows)} documents are already published. Unpublish them?",
            names,
            yes="Unpublish",
            no="Keep them",
        )
        if withdraw:
            job.links_shown()
            self.dismiss(Sent(done, withdraw=True))
        else:
            # Whatever was cancelled can be sent still.
            self._cancelling, self._ended, self._sending = False, None, False
            self._update()
            self._on_links(self, done, self._draft)
