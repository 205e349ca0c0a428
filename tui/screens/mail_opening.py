"""Opening a draft in the user's own mail program."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from ..commands import spelled
from ..textual_patches.lending import lent_terminal
from .workers import worker_action

if TYPE_CHECKING:
    from ..mail.message import DraftText
    from ..mail.opening import Outcome
    from ..mail.programs import Found, Program
    from .draft import DraftScreen


class MailOpening:
    """Chooses the program, gives it the draft, and reports the outcome."""

    def __init__(self, screen: DraftScreen) -> None:
        from ..mail.message import DraftText

        self.screen = screen
        #: The draft as it was composed, saved or handed over; ``None`` after a program has failed to take it.
        self.kept: DraftText | None = DraftText("", screen.draft.subject, screen.draft.body)
        #: The programs that have failed, which are tried last from then on.
        self._failed: list[str] = []

    @worker_action(exclusive=True, group="mail")
    async def open(self) -> None:
        """Open the draft in the user's own mail program; after one has failed, in the next."""
        from ..mail.opening import hand_to_running, programs_here

        found = await asyncio.to_thread(programs_here)
        program = self._next(found)
        if program is None:
            why = " ".join(found.faults)
            self.screen.say(self._offer(f"No mail program was found. {why}".rstrip(), None), "warn")
            return
        handed = await asyncio.to_thread(hand_to_running, program, self.screen.text, self.screen.draft)
        if handed is not None:
            self.show_outcome(program, handed, found)
        elif not program.in_terminal:
            self._hand_to_desktop(program, found)
        elif not program.hint or await self.screen.confirm(
            f"Open the draft in {program.name}?", program.hint, yes="Open", no="Cancel", yes_first=True
        ):
            self._lend_to(program, found)

    def _next(self, found: Found) -> Program | None:
        """The program to open the draft with: one that hasn't failed, else the one that failed longest ago."""
        untried = [program for program in found.programs if program.name not in self._failed]
        tried = sorted(
            (program for program in found.programs if program.name in self._failed),
            key=lambda program: self._failed.index(program.name),
        )
        return next(iter([*untried, *tried]), None)

    def _lend_to(self, program: Program, found: Found) -> None:
        from ..mail.opening import open_in_terminal

        try:
            with lent_terminal(self.screen.app):
                outcome = open_in_terminal(program, self.screen.text, self.screen.draft)
        except SuspendNotSupported:
            text = "No mail program can run in this terminal."
            self.screen.say(self._offer(text, None), "warn")
            return
        if outcome.text is not None:
            self.screen.show(outcome.text)
        self.show_outcome(program, outcome, found)

    def _hand_to_desktop(self, program: Program, found: Found) -> None:
        from ..mail.opening import hand_to_desktop

        text = self.screen.text

        def on_outcome(outcome: Outcome) -> None:
            # Called in another thread; the draft may be closed by then.
            self.screen.post_message(self.screen.HandedOver(program, outcome, text, found))

        hand_to_desktop(program, text, self.screen.draft, on_outcome)
        self.screen.say("The desktop is opening the draft…")

    def show_outcome(
        self, program: Program, outcome: Outcome, found: Found, given: DraftText | None = None
    ) -> None:
        """Show the outcome. ``given`` is the draft that the program has, if the fields may have changed since."""
        if outcome.done:
            self.kept = given or self.screen.text
            self._failed = []
            text = outcome.sentence
            if not self.screen.shows_all:
                text += (
                    " The text is long: only its beginning is shown here, but all of it is saved and opened."
                )
            self.screen.say(text, "good" if outcome.text is not None else "")
        elif outcome.failed:
            self.kept = None
            self._failed = [*(name for name in self._failed if name != program.name), program.name]
            self.screen.say(self._offer(outcome.sentence, self._next(found)), "warn", outcome.complaint)
        else:
            self.kept = None
            self.screen.say(outcome.sentence, "warn" if program.edits_file else "", outcome.complaint)

    def _offer(self, text: str, program: Program | None) -> str:
        """``text``, followed by what the user can do now."""
        opens = f"{{draft.open_mail}} opens the draft in {program.name}, " if program is not None else ""
        offer = f"{opens}{{draft.save_draft}} saves it as a file, {{draft.copy_links}} copies the links."
        return f"{text} {spelled(offer, self.screen.app)}"
