"""The draft e-mail after a send: edited here, saved, or opened in the person's own mail program."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.app import SuspendNotSupported
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Label, Static, TextArea

from ..commands import spelled
from ..corners.lending import lent_terminal
from ..rules.errors import Problem
from ..rules.text import printable
from ..widgets.body_area import BodyArea
from ..widgets.button import Button
from ..widgets.field import Field
from ..widgets.say import Say
from .errands import errand
from .links import SentLinks, reach_note
from .sent_password import SentPassword

if TYPE_CHECKING:
    from ..mail.draft import Link
    from ..mail.message import DraftText
    from ..mail.opening import Outcome
    from ..mail.programs import Found, Program
    from ..session import Session
    from ..wire.share import Document


def mail_links(documents: Sequence[Document]) -> list[Link]:
    """The links of sent documents as a draft tells them, in order."""
    from ..mail.draft import Link

    return [Link(d.name, d.url or "", d.expires_at, d.downloads_permitted, d.has_password) for d in documents]


class DraftScreen(SentLinks):
    """Recipients, subject and body, to be edited, saved, or opened in the mail program."""

    ABOUT = (
        "The draft with the links, which are on the clipboard too. Nothing is sent from here: open the draft in your "
        "mail program, or save it as a file that one opens. The password is never in it: {draft.reveal} shows it and "
        "{draft.copy_password} copies it, until the draft is closed."
    )
    heading = "Draft e-mail"
    DEFAULT_CSS = """
    DraftScreen .line { height: 1; }
    DraftScreen Label { width: 9; }
    DraftScreen Field { width: 1fr; }
    DraftScreen TextArea { height: 1fr; min-height: 3; border: none; padding: 0; margin: 1 0 0 0; }
    DraftScreen #complaint { width: 100%; height: auto; color: $text-warning; display: none; }
    """

    class HandedOver(Message):
        """What is known of a draft that the desktop was given."""

        def __init__(self, program: Program, outcome: Outcome, text: DraftText, found: Found) -> None:
            """``text`` is what it was given, of all the programs that were ``found``."""
            super().__init__()
            self.program = program
            self.outcome = outcome
            self.text = text
            self.found = found

    def __init__(
        self,
        session: Session,
        documents: Sequence[Document],
        password: SentPassword | None = None,
        *,
        seen: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(session, documents, password, seen=seen)
        from ..mail.draft import compose
        from ..mail.message import DraftText

        self._draft = compose(mail_links(documents), session.me.user)
        #: The draft as it was composed, saved or handed over; ``None`` once a program has failed with it.
        self._kept: DraftText | None = DraftText("", self._draft.subject, self._draft.body)
        #: The programs that have failed; they come last from then on.
        self._failed: list[str] = []

    @property
    def _text(self) -> DraftText:
        """The draft as it stands in the fields."""
        from ..mail.message import DraftText

        return DraftText(
            self.query_one("#to", Field).value,
            self.query_one("#subject", Field).value,
            self.query_one(BodyArea).whole,
        )

    @property
    def unsaved(self) -> str:
        if self._text == self._kept:
            return super().unsaved
        if self.unseen_password:
            return "Close the draft without saving it, and without the password?"
        return "Close the draft without saving it?"

    def body(self) -> list[Widget]:
        subject = Field(self._draft.subject, id="subject", compact=True)
        return [
            Horizontal(
                Label("To"), Field(id="to", compact=True, placeholder="name@example.com, …"), classes="line"
            ),
            Horizontal(Label("Subject"), subject, classes="line"),
            *self.password_line(),
            BodyArea(self._draft.body, id="text"),
            Static(reach_note(self.documents), classes="reach", markup=False),
            Static("", id="clipboard", markup=False),
            Say(id="done", marked=True, lines=5),
            Static("", id="complaint", markup=False),
            Horizontal(
                Button("Open in mail program", id="open_mail", compact=True, variant="primary"),
                Button("Save as file", id="save_draft", compact=True),
                Button("Copy links", id="copy_links", compact=True),
                Button("Close", id="close", compact=True),
                classes="buttons",
            ),
        ]

    def on_mount(self) -> None:
        self.query_one("#to", Field).focus()

    def on_resize(self) -> None:
        super().on_resize()
        opens = "Open draft" if self.has_class("-narrow") else "Open in mail program"
        self.query_one("#open_mail", Button).label = opens

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()

    def say(self, text: str, tone: str = "", complaint: str = "") -> None:
        """``complaint``: the last lines of what a program wrote to its standard error."""
        super().say(text, tone)
        lines = self.query_one("#complaint", Static)
        lines.update(complaint)
        lines.display = bool(complaint)

    # ------------------------------------------------------------ saving

    def action_save_draft(self) -> None:
        """Saves the draft beside the files that one works with, never over another file."""
        from ..mail.message import save

        text = self._text
        try:
            path = save(text.checked(self._draft), free_name(Path.cwd(), "secure-links", ".eml"))
        except Problem as problem:
            self.say(problem.message, "bad")
        else:
            self._kept = text
            self.say(f"Saved as {printable(str(path))}.", "good")

    # ------------------------------------------------------------ the mail program

    @errand(exclusive=True, group="mail")
    async def action_open_mail(self) -> None:
        """Opens the draft in the user's own mail program; after one has failed, in the next."""
        from ..mail.opening import hand_to_running, programs_here

        found = await asyncio.to_thread(programs_here)
        program = self._next(found)
        if program is None:
            why = " ".join(found.faults)
            self.say(self._offer(f"No mail program was found. {why}".rstrip(), None), "warn")
            return
        handed = await asyncio.to_thread(hand_to_running, program, self._text, self._draft)
        if handed is not None:
            self._tell(program, handed, found)
        elif not program.in_terminal:
            self._hand_to_desktop(program, found)
        elif not program.hint or await self.agreed(
            f"Open the draft in {program.name}?", program.hint, yes="Open", no="Cancel", yes_first=True
        ):
            self._lend_to(program, found)

    def _next(self, found: Found) -> Program | None:
        """The program to open the draft with: of those that have failed, the one that did so first."""
        untried = [program for program in found.programs if program.name not in self._failed]
        tried = sorted(
            (program for program in found.programs if program.name in self._failed),
            key=lambda program: self._failed.index(program.name),
        )
        return next(iter([*untried, *tried]), None)

    def _lend_to(self, program: Program, found: Found) -> None:
        from ..mail.opening import open_in_terminal

        try:
            with lent_terminal(self.app):
                outcome = open_in_terminal(program, self._text, self._draft)
        except SuspendNotSupported:
            told = "This terminal cannot be lent to a mail program."
            self.say(self._offer(told, None), "warn")
            return
        if outcome.text is not None:
            self._show(outcome.text)
        self._tell(program, outcome, found)

    def _hand_to_desktop(self, program: Program, found: Found) -> None:
        from ..mail.opening import hand_to_desktop

        text = self._text

        def known(outcome: Outcome) -> None:
            # In another thread; the draft may be closed by then.
            self.post_message(self.HandedOver(program, outcome, text, found))

        hand_to_desktop(program, text, self._draft, known)
        self.say("The desktop is opening the draft …")

    @on(HandedOver)
    def _handed_over(self, event: HandedOver) -> None:
        self._tell(event.program, event.outcome, event.found, event.text)

    def _show(self, text: DraftText) -> None:
        """The draft as it came back from an editor."""
        self.query_one("#to", Field).value = text.to
        self.query_one("#subject", Field).value = text.subject
        self.query_one(BodyArea).take(text.body)

    def _tell(self, program: Program, outcome: Outcome, found: Found, given: DraftText | None = None) -> None:
        """Says what became of the draft; ``given`` is what the program has, where that may have changed since."""
        if outcome.done:
            self._kept = given or self._text
            self._failed = []
            told = outcome.sentence
            if not self.query_one(BodyArea).shows_all:
                told += (
                    " The text is long: only its beginning is shown here, and all of it is saved and opened."
                )
            self.say(told, "good" if outcome.text is not None else "")
        elif outcome.failed:
            self._kept = None
            self._failed = [*(name for name in self._failed if name != program.name), program.name]
            self.say(self._offer(outcome.sentence, self._next(found)), "warn", outcome.complaint)
        else:
            self._kept = None
            self.say(outcome.sentence, "warn" if program.edits_file else "", outcome.complaint)

    def _offer(self, told: str, program: Program | None) -> str:
        """``told``, and what can be done now."""
        opens = f"{{draft.open_mail}} opens the draft in {program.name}, " if program is not None else ""
        offer = f"{opens}{{draft.save_draft}} saves it as a file, {{draft.copy_links}} copies the links."
        return f"{told} {spelled(offer, self.app)}"


def free_name(folder: Path, stem: str, suffix: str) -> Path:
    """A path in ``folder`` that is not taken: ``stem.eml``, ``stem-2.eml``, …"""
    path = folder / f"{stem}{suffix}"
    number = 2
    while path.exists():
        path = folder / f"{stem}-{number}{suffix}"
        number += 1
    return path
