"""Sends that the program did not come to the end of: offered at the next start, gone on with or given up."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from ..commands import spelled
from ..rules.display import first_names
from ..rules.errors import Problem
from .workers import worker_action

if TYPE_CHECKING:
    from ..sending.journal import Journal
    from ..sending.resuming import Standing
    from ..wire.share import Document
    from .main import MainScreen


def offer(found: Sequence[Standing]) -> str:
    """What is said of sends that are not done; it names the command that shows them."""
    unfinished = [stands for stands in found if stands.missing]
    if len(unfinished) > 1:
        return f"{len(unfinished)} sends were interrupted. {{main.unseen_links}} goes on with them."
    if unfinished:
        (stands,) = unfinished
        sent, total = len(stands.documents), len(stands.contents.entries)
        verb = "is" if sent == 1 else "are"
        told = f"{sent} of {total} documents {verb} published"
        return f"Your last send was interrupted: {told}. {{main.unseen_links}} goes on with it."
    count = sum(len(stands.unseen) for stands in found)
    what, them = ("the link", "it") if count == 1 else (f"the {count} links", "them")
    return f"You haven't seen {what} of your last send. {{main.unseen_links}} shows {them}."


class InterruptedSends:
    """Those that were found; they are offered until nothing is left of them."""

    def __init__(self, main: MainScreen) -> None:
        self.main = self.screen = main
        self.found: list[Standing] = []

    @worker_action(exclusive=True, group="unseen")
    async def offer(self) -> None:
        """Offers what earlier sends have left; nothing opens by itself."""
        if not self.found:
            await self._look()

    async def _look(self) -> None:
        self.found = await self.main.session.interrupted()
        if self.found:
            self.main.say(spelled(offer(self.found), self.main.app), "warn")
        self.main.refresh_bindings()

    def forget(self) -> None:
        """Somebody else is signed in."""
        if self.found:
            self.found = []
            self.main.refresh_bindings()

    @worker_action(exclusive=True, group="interrupted", opens=True)
    async def show(self) -> None:
        """Goes on with the first that is not done; shows the links where all is sent."""
        stands = next((each for each in self.found if each.missing), None)
        if stands is None:
            self._show_links(self.found)
            return
        from .interrupted import InterruptedScreen

        answer = await self.main.show_dialog(InterruptedScreen(stands))
        if answer is None:
            return
        journal = self.main.session.take(stands)
        self.main.say("")
        if answer == "go on":
            await self._go_on(stands, journal)
        else:
            await self._end(stands, journal, keep=answer == "keep")
        self.found = []
        await self._look()

    # ------------------------------------------------------------ going on

    async def _go_on(self, stands: Standing, journal: Journal) -> None:
        from ..sending.resuming import planned, resumed
        from .send import SendDialog

        main, session = self.main, self.main.session
        try:
            policy = await session.policy()
            plan = await planned(session.work, journal, stands)
            dialog = SendDialog(
                plan, policy, session.now, main.picker_commands.new_job, main.picker_commands.show_links
            )
            if stands.needs_password:
                # Nothing of it was opened: it is sent as a new one, once the password is typed.
                journal.remove()
            else:
                dialog.state.interrupted = await resumed(
                    session.share, session.work, journal, stands, plan=plan, patience=session.patience()
                )
        except BaseException:
            journal.release()
            raise
        await main.picker_commands.show_send(dialog)
        journal.remove()

    # ------------------------------------------------------------ giving up

    async def _end(self, stands: Standing, journal: Journal, *, keep: bool) -> None:
        from ..sending.resuming import end_uploads

        try:
            documents = [document for document in stands.published if document.published]
            if documents and not keep and not await self._agreed(documents):
                journal.release()
                return
            await end_uploads(self.main.session.share, journal.contents)
        except BaseException:
            journal.release()
            raise
        if keep and documents:
            stands.note(journal)
            await self._keep(journal, documents)
            return
        if documents:
            told = "unpublished; the send is discarded"
            unpublish = self.main.session.share.unpublish
            await self.main.folder_commands.change_each(documents, unpublish, told, "warn")
        else:
            self.main.say("The send is discarded. Nothing of it was published.", "good")
        journal.remove()

    async def _agreed(self, documents: Sequence[Document]) -> bool:
        from .interrupted import links_text

        names = first_names([document.name for document in documents])
        return await self.main.confirm(
            f"Unpublish {links_text(len(documents))} and discard the send?", names, yes="Unpublish", no="Back"
        )

    async def _keep(self, journal: Journal, documents: Sequence[Document]) -> None:
        from .links import LinksScreen

        await self.main.show_dialog(LinksScreen(self.main.session, documents, seen=journal.remove))
        journal.remove()

    # ------------------------------------------------------------ links only

    def _show_links(self, found: Sequence[Standing]) -> None:
        """Shows them; they are offered until they have been seen."""
        if not found:
            return
        from .links import LinksScreen

        def seen() -> None:
            for stands in found:
                # Another process may tell them at this moment.
                with suppress(Problem):
                    self.main.session.take(stands).remove()

        def closed(_: None) -> None:
            seen()
            self.forget()
            self.main.say("")

        documents = [document for stands in found for document in stands.unseen]
        self.main.open(LinksScreen(self.main.session, documents, seen=seen), closed)
