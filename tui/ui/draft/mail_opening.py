"""Opening a draft in the user's own mail program, or giving it to a mail server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported
from textual.message import Message

from ...commands.lookup import spelled
from ...locations.local_files import current_folder
from ...rules.display import counted
from ...rules.errors import InvalidValue, Problem
from ...rules.policy import Policy
from ...rules.sent_text import recipients_text
from ...rules.text import printable
from ..base.workers import worker_action
from ..textual_patches.lending import lent_terminal
from .mail_servers import MailServers, drop_typed

if TYPE_CHECKING:
    from ...mail.launch import LaunchOutcome
    from ...mail.message import DraftText
    from ...mail.programs import Program
    from ...mail.ways import MailTarget, MailTargets
    from .draft_view import DraftView


class HandedOver(Message):
    """The outcome of handing a draft to the desktop."""

    def __init__(self, way: MailTarget, outcome: LaunchOutcome, text: DraftText, ways: MailTargets) -> None:
        """``text`` is the draft that was given away on ``way``; ``ways`` are all that were found."""
        super().__init__()
        self.way = way
        self.outcome = outcome
        self.text = text
        self.ways = ways


class MailOpening:
    """Chooses the way, gives it the draft, and reports the outcome."""

    def __init__(self, screen: DraftView) -> None:
        from ...mail.message import DraftText

        self.screen = screen
        #: The draft as it was composed, and as it was last saved or handed over.
        self._composed = DraftText(recipients_text(screen.draft.to), screen.draft.subject, screen.draft.body)
        self.kept = self._composed
        self._servers = MailServers(screen)
        #: The ids of ways that have failed, which are tried last from then on.
        self._failed: list[str] = []
        #: The recipients that the user has confirmed, or was already asked about when these were sent.
        self._confirmed = recipients_text(screen.draft.to)

    def is_kept(self, text: DraftText) -> bool:
        """Whether nothing of it would be lost: it was saved, handed over, or can be composed again."""
        return text in (self.kept, self._composed)

    async def _ways(self) -> MailTargets:
        from ...mail.launch import programs_here
        from ...mail.ways import find_ways

        return find_ways(await asyncio.to_thread(programs_here), self.screen.app.preferences.mail)

    # What is typed meanwhile is for the program, and not for the draft.
    @worker_action(exclusive=True, group="mail", opens=True)
    async def open(self) -> None:
        """Open the draft in the user's own mail program; after one has failed, in the next."""
        from ...mail.ways import next_way

        ways = await self._ways()
        way = next_way(ways.ways, self._failed)
        if way is None:
            why = " ".join(ways.faults)
            self.screen.say(self._offer(f"No mail program was found. {why}".rstrip(), None), "warn")
        else:
            await self._take(way, ways)

    @worker_action(exclusive=True, group="mail", opens=True)
    async def choose(self) -> None:
        """Let the user choose among the ways that are here."""
        from .mail_choice import MailChoice

        ways = await self._ways()
        way = await self.screen.show_dialog(MailChoice(ways))
        if way is not None:
            await self._take(way, ways)

    @worker_action(exclusive=True, group="mail")
    async def put_in_drafts(self) -> None:
        """Put the draft into the Drafts folder of the mailbox."""
        ways = await self._ways()
        way = ways.find("drafts")
        if way is not None:
            await self._take(way, ways)
            return
        why = next((fault for fault in ways.faults if "mail_imap_url" in fault), "")
        missing = "No mailbox is set up. The settings ({main.settings} in the list) have it under Mailbox."
        text = why or spelled(missing, self.screen.app)
        self.screen.say(self._offer(text, None), "warn")

    def cancel(self) -> bool:
        """Stop waiting for a mail server. Returns whether one was waited for."""
        return self._servers.cancel()

    async def _take(self, way: MailTarget, ways: MailTargets) -> None:
        if way.program is None or not way.program.edits_file:
            text = self.screen.text
            if not await self.is_confirmed(text, await self.to_confirm(text)):
                return
        if way.program is None:
            await self._give_to_server(way, ways)
        else:
            await self._open_in(way, way.program, ways)

    async def to_confirm(self, text: DraftText) -> str:
        """What the policy warns of about a draft that is to leave the program; empty if it is nothing.

        Raises :class:`InvalidValue` for links that no longer work, and for recipients that the policy refuses.
        """
        from ...rules.addresses import parse_addresses
        from ...rules.allowed_recipients import check_recipients
        from ...rules.odd_recipients import KnownRecipients, notes

        await self.refuse_stopped_links()
        try:
            recipients = parse_addresses(text.to)
        except InvalidValue:
            # In an editor, it may be for someone without an address.
            return ""
        policy = await self.screen.app.session.share.policy() if recipients else Policy()
        breach = check_recipients(policy, recipients)
        if breach is not None:
            raise breach
        found = notes(recipients, KnownRecipients(), policy)
        return " ".join(note.sentence for note in found if note.is_asked)

    async def is_confirmed(self, text: DraftText, asked: str) -> bool:
        """Whether the user agrees to what was returned by :meth:`to_confirm`, once for the same recipients."""
        if asked and text.to != self._confirmed:
            drop_typed(self.screen)
            if not await self.screen.confirm("Go on nevertheless?", asked, yes="Go on", no="Back"):
                return False
            self._confirmed = text.to
        return True

    async def refuse_stopped_links(self) -> None:
        """Raise :class:`InvalidValue` if the text has links that no longer work: its recipients couldn't open them."""
        from ...sending.stopped_links import stopped_links

        body = self.screen.text.body
        listed = [document for document in self.screen.documents if document.url and document.url in body]
        stopped = await stopped_links(self.screen.app.session.share, listed)
        if not stopped:
            return
        document, why = stopped[0]
        # There may be others of that name.
        self.screen.point_at(document.url or "")
        if len(stopped) == 1:
            text = f"The link of “{printable(document.name)}” no longer works ({why}). Take it out of the text first."
        else:
            text = (
                f"{counted(len(stopped), 'link')} no longer work, such as that of “{printable(document.name)}” "
                f"({why}). Take them out of the text first."
            )
        raise InvalidValue("mail.link_stopped", text)

    # ------------------------------------------------------------ mail servers

    async def _give_to_server(self, way: MailTarget, ways: MailTargets) -> None:
        from ...mail.launch import LaunchOutcome

        text = self.screen.text
        try:
            outcome = await self._servers.give(way, text)
        except InvalidValue:
            # Something that the user typed; another way would refuse it, too.
            raise
        except Problem as problem:
            # What the user has cancelled can be tried again.
            outcome = LaunchOutcome(problem.message, failed=problem.code != "mail.cancelled")
        if outcome is not None:
            self.show_outcome(way, outcome, ways, text)
        if self.screen.changes.take_close():
            self.screen.ask_to_close()

    # ------------------------------------------------------------ programs

    async def _open_in(self, way: MailTarget, program: Program, ways: MailTargets) -> None:
        from ...mail.launch import hand_to_running

        if not program.edits_file:
            # Before anything is asked about it.
            self.screen.text.checked(self.screen.draft)
        handed = await asyncio.to_thread(hand_to_running, program, self.screen.text, self.screen.draft)
        if handed is not None:
            self.show_outcome(way, handed, ways)
        elif not program.in_terminal:
            self._hand_to_desktop(way, program, ways)
        elif not program.hint or await self._agrees(program):
            self._lend_to(way, program, ways)

    async def _agrees(self, program: Program) -> bool:
        """Whether the user goes on, having read what there is to know about a program."""
        drop_typed(self.screen)
        question = f"Open the draft in {program.name}?"
        return await self.screen.confirm(question, program.hint, yes="Open", no="Cancel", yes_first=True)

    def _lend_to(self, way: MailTarget, program: Program, ways: MailTargets) -> None:
        from ...mail.launch import open_in_terminal

        keep_in = self.screen.app.session.state or current_folder()
        try:
            with lent_terminal(self.screen.app):
                outcome = open_in_terminal(program, self.screen.text, self.screen.draft, keep_in)
        except SuspendNotSupported:
            text = "No mail program can run in this terminal."
            self.screen.say(self._offer(text, None), "warn")
            return
        if outcome.text is not None:
            self.screen.show(outcome.text)
        self.show_outcome(way, outcome, ways)

    def _hand_to_desktop(self, way: MailTarget, program: Program, ways: MailTargets) -> None:
        from ...mail.launch import hand_to_desktop

        text = self.screen.text

        def on_outcome(outcome: LaunchOutcome) -> None:
            # Called in another thread; the draft may be closed by then.
            self.screen.post_message(HandedOver(way, outcome, text, ways))

        hand_to_desktop(program, text, self.screen.draft, on_outcome)
        self.screen.say("The desktop is opening the draft…")

    # ------------------------------------------------------------ the outcome

    def show_outcome(
        self, way: MailTarget, outcome: LaunchOutcome, ways: MailTargets, given: DraftText | None = None
    ) -> None:
        """Show the outcome. ``given`` is the draft that was given away, if the fields may have changed since."""
        from ...mail.ways import next_way

        if outcome.done:
            self.kept = given or self.screen.text
            self.screen.keep_recipients(self.kept)
            self._failed = []
            text = outcome.sentence
            if not self.screen.shows_all:
                text += (
                    " The text is long: only its beginning is shown here, but all of it is saved and opened."
                )
            self.screen.say(text, "good" if outcome.text is not None or outcome.confirmed else "")
        elif outcome.failed:
            self._failed = [*(ident for ident in self._failed if ident != way.id), way.id]
            offered = next_way(ways.ways, self._failed)
            self.screen.say(self._offer(outcome.sentence, offered), "warn", outcome.complaint)
        else:
            edits = way.program is not None and way.program.edits_file
            self.screen.say(outcome.sentence, "warn" if edits else "", outcome.complaint)

    def _offer(self, text: str, way: MailTarget | None) -> str:
        """``text``, followed by what the user can do now."""
        first = f"{{draft.open_mail}} {way.offer}, " if way is not None else ""
        offer = f"{first}{{draft.save_draft}} saves it as a file, {{draft.copy_links}} copies the links."
        return f"{text} {spelled(offer, self.screen.app)}"
