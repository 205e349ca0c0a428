"""Interrupted sends: offered at the next start, then resumed or discarded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from ...commands.lookup import spelled
from ...rules.display import counted, first_names
from ...rules.errors import NotFound, Problem
from ...sending.resuming import query_status
from ..base.workers import worker_action

if TYPE_CHECKING:
    from textual.timer import Timer

    from ...sending.journal.journal import Journal
    from ...sending.resuming import SendStatus
    from ...wire.share import Document
    from ..actions.document_changes import DocumentChanges
    from ..actions.send import SendCommands
    from ..base.host import Host
    from ..draft.draft import DraftScreen
    from ..draft.links_screen import LinksScreen
    from ..send.sent_password import SentPassword
    from .background_send import BackgroundSendScreen

#: Seconds until a send in another process is looked at again.
_LOOK_SECONDS = 2.0


def offer(found: Sequence[SendStatus]) -> str:
    """Return the message about unfinished sends; it contains the name of the command that shows them."""
    if all(status.running for status in found):
        from .background_send import progress_text

        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        return f"Sending in the background: {progress_text(found[0])}{more}. {{main.unseen_links}} shows it."
    found = [status for status in found if not status.running]
    unfinished = [status for status in found if status.missing]
    if len(unfinished) > 1:
        return f"{len(unfinished)} sends were interrupted. {{main.unseen_links}} shows them."
    if unfinished:
        from ...rules.sent_text import published_text

        (status,) = unfinished
        sent, total = len(status.documents), len(status.contents.entries)
        return (
            f"Your last send was interrupted: {published_text(sent, total)}. {{main.unseen_links}} shows it."
        )
    if any(status.password_unknown for status in found):
        which = "Your last send" if len(found) == 1 else "One of your sends"
        return f"{which} ended before it showed its password. {{main.unseen_links}} shows it."
    for status in found:
        if status.contents.damaged:
            return (
                f"The journal {status.contents.id}.jsonl is damaged. {{main.unseen_links}} shows its links."
            )
    in_background = all(status.contents.in_background for status in found)
    if len(found) > 1:
        done = "finished in the background" if in_background else "were done when the program ended"
        return f"{len(found)} sends {done}. {{main.unseen_links}} shows the links of the last."
    count = len(found[0].unseen)
    what = counted(count, "link") if count > 1 else "link"
    done = "finished in the background" if in_background else "was done when the program ended"
    return f"Your last send {done}. {{main.unseen_links}} shows its {what}."


class InterruptedSends:
    """The unfinished sends that were found, offered until none are left. Those that another process is working on are
    looked at again and again."""

    def __init__(self, main: Host, changes: DocumentChanges, sending: SendCommands) -> None:
        self.main, self.screen = main, main.screen
        self._changes = changes
        self._sending = sending
        self.found: list[SendStatus] = []
        #: Whether all sends of this user have been looked at.
        self.looked = False
        self._offered = ""
        self._shown: BackgroundSendScreen | None = None
        self._timer: Timer | None = None

    @worker_action(exclusive=True, group="unseen")
    async def offer(self) -> None:
        """Offer what is left of earlier sends; nothing opens by itself."""
        if not self.found:
            await self._find()

    async def _find(self) -> None:
        self.found = await self.main.session.journals.unfinished()
        self.looked = True
        if self.found:
            self._say()
        self._watch()
        self.screen.refresh_bindings()

    def _say(self) -> None:
        self._offered = spelled(offer(self.found), self.screen.app)
        self.main.say(self._offered, "warn")

    def forget(self) -> None:
        """Forget the sends of the previous user."""
        self.screen.workers.cancel_group(self.screen, "unseen")
        self._stop_watching()
        self.looked = False
        if self.found:
            self.found = []
            self.screen.refresh_bindings()

    # ------------------------------------------------------------ in another process

    def _watch(self) -> None:
        self._stop_watching()
        if any(status.running for status in self.found):
            self._timer = self.screen.set_timer(_LOOK_SECONDS, self._look)

    def _stop_watching(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    @worker_action(exclusive=True, group="unseen")
    async def _look(self) -> None:
        running = {status.contents.id for status in self.found if status.running}
        if not running:
            return
        looked = await self.main.session.journals.unfinished(running)
        self.found = [status for status in self.found if status.contents.id not in running] + looked
        self._update_shown(looked)
        ended = running - {status.contents.id for status in looked if status.running}
        # Another message is left alone until there is something to do.
        if self.found and (ended or self.main.status.lasting_text == self._offered):
            self._say()
        elif not self.found and self.main.status.lasting_text == self._offered:
            self.main.status.say_below("")
        self._watch()
        self.screen.refresh_bindings()

    def _update_shown(self, looked: Sequence[SendStatus]) -> None:
        """Update the dialog about a send in another process, also when that has ended."""
        shown = self._shown
        if shown is None:
            return
        ident = shown.status.contents.id
        status = next((each for each in looked if each.contents.id == ident), None)
        shown.update(status or replace(shown.status, running=False))

    async def _show_running(self, status: SendStatus) -> None:
        from .background_send import BackgroundSendScreen

        self._shown = BackgroundSendScreen(status)
        try:
            if await self.main.show_dialog(self._shown):
                await self.main.session.journals.stop(status)
        finally:
            self._shown = None

    # ------------------------------------------------------------ showing them

    @property
    def _interrupted(self) -> list[SendStatus]:
        """Those that can be resumed."""
        return [
            status
            for status in self.found
            if not status.running and (status.missing or status.password_unknown)
        ]

    @property
    def _finished(self) -> list[SendStatus]:
        """Those of which only the links are left to be seen."""
        interrupted = self._interrupted
        return [status for status in self.found if not status.running and status not in interrupted]

    @property
    def label(self) -> str:
        """What :meth:`show` is called by what it shows; empty if it resumes a send."""
        if self._interrupted:
            return ""
        return "Show links" if self._finished else "Show send"

    @worker_action(exclusive=True, group="interrupted", opens=True)
    async def show(self) -> None:
        """Show the interrupted sends, until one is resumed or discarded; then links that no one has seen, and sends in
        another process."""
        from .interrupted import InterruptedScreen

        for status in self._interrupted:
            answer = await self.main.show_dialog(InterruptedScreen(status))
            if answer is not None:
                self.main.say("")
                await self._settle(status, answer)
                return
        if finished := self._finished:
            # The one that was offered.
            self._show_links(next((each for each in finished if each.contents.damaged), finished[-1]))
            return
        for status in [status for status in self.found if status.running]:
            await self._show_running(status)

    async def _settle(self, status: SendStatus, answer: str) -> None:
        """Do what was answered, and offer what is left then."""
        try:
            journal = self.main.session.journals.take(status)
        except Problem as problem:
            # Another process has it, or had it.
            await self._find()
            if not isinstance(problem, NotFound):
                raise
            self.main.say("This send was resumed or discarded elsewhere.", "warn")
            return
        await self._take_up(status, answer, journal)
        done = self.main.status.text
        await self._find()
        if done and self.found:
            # What became of this one isn't hidden by the offer of the next.
            self._offered = f"{done} {self._offered}"
            self.main.say(self._offered, "warn")

    async def _take_up(self, status: SendStatus, answer: str, journal: Journal) -> None:
        try:
            # Another process may have worked on it since.
            status = await query_status(self.main.session.share, journal.contents)
        except BaseException:
            journal.release()
            raise
        if answer != "go on":
            await self._end(status, journal, keep=answer == "keep")
        elif status.missing or status.password_unknown:
            await self._resume(status, journal)
        else:
            journal.release()
            self._show_links(status)

    # ------------------------------------------------------------ resuming

    async def _resume(self, status: SendStatus, journal: Journal) -> None:
        from ..send.send import SendDialog
        from .interrupted import password_texts

        session = self.main.session
        try:
            taken = await session.sends.resume(status, journal)
        except BaseException:
            journal.release()
            raise
        dialog = SendDialog(session, taken.plan, taken.basis)
        dialog.options.begin_with(status.settings, password_texts(status), has_password=status.has_password)
        dialog.state.interrupted, dialog.state.password = taken.job, _made(taken.password, journal)
        if taken.job is None:
            # The server has no send to resume: it is sent as a new one, when the password has been typed.
            journal.remove()
        await self._sending.show_send(dialog)
        journal.remove()

    # ------------------------------------------------------------ keeping or discarding

    async def _end(self, status: SendStatus, journal: Journal, *, keep: bool) -> None:
        from ...sending.resuming import end_uploads

        sends = self.main.session.sends
        try:
            documents = [document for document in status.published if document.published]
            if documents and not keep and not await self._confirm_unpublish(documents):
                journal.release()
                return
            await end_uploads(self.main.session.share, journal.contents)
            status, password = await sends.with_known_password(status) if keep else (status, None)
        except BaseException:
            journal.release()
            raise
        if keep and documents:
            status.note(journal)
            await self._keep(journal, documents, _made(password, journal), status.changed)
            return
        if documents:
            done = "Unpublished {}; the send is discarded"
            unpublish = self.main.session.share.unpublish
            await self._changes.each(documents, unpublish, done, "warn")
        else:
            self.main.say("Discarded the send. Nothing was published.", "good")
        journal.remove()

    async def _confirm_unpublish(self, documents: Sequence[Document]) -> bool:
        names = first_names([document.name for document in documents])
        return await self.main.confirm(
            f"Unpublish {counted(len(documents), 'link')} and discard the send?",
            names,
            yes="Unpublish",
            no="Back",
        )

    async def _keep(
        self,
        journal: Journal,
        documents: Sequence[Document],
        password: SentPassword | None,
        changed: Sequence[Document],
    ) -> None:
        await self.main.show_dialog(self._links(documents, password, journal.remove, changed))
        journal.remove()

    # ------------------------------------------------------------ links only

    def _show_links(self, shown: SendStatus) -> None:
        """Show the links of one send, which may be for others than those of the next; they are offered until they have
        been seen."""

        def seen() -> None:
            # Another process may be showing them right now.
            with suppress(Problem):
                self.main.session.journals.take(shown).remove()

        def closed(_: None) -> None:
            seen()
            self.found = [status for status in self.found if status.contents.id != shown.contents.id]
            self.screen.refresh_bindings()
            self.main.say("")
            if self.found:
                self._say()

        self.screen.open(self._links(shown.unseen, None, seen, shown.changed), closed)

    def _links(
        self,
        documents: Sequence[Document],
        password: SentPassword | None,
        seen: Callable[[], None],
        changed: Sequence[Document],
    ) -> LinksScreen:
        """The screen with the links, and with the way to the draft that opens after other sends."""
        from ..draft.links import note_on
        from ..draft.links_screen import LinksScreen

        session = self.main.session

        async def make_draft() -> DraftScreen:
            from ..draft.draft import DraftScreen

            await session.load_mail_templates()
            return DraftScreen(session, documents, password, copies=False, note=note_on(changed))

        return LinksScreen(
            session, documents, password, seen=seen, make_draft=make_draft, note=note_on(changed)
        )


def _made(password: str | None, journal: Journal) -> SentPassword | None:
    """A generated password, which no one has seen yet, for the screen that shows it; ``journal`` has that it was."""
    from ..send.sent_password import SentPassword

    return None if password is None else SentPassword(password, made=True, noted=journal.password_noted)
