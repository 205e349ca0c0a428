"""The draft e-mail after a send: edited here, saved, or opened in the user's own mail program."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Label

from ..rules.errors import Problem
from ..rules.text import printable
from ..widgets.body_area import BodyArea
from ..widgets.button import Button
from ..widgets.field import Field
from .dialog import Dialog
from .links import PASSWORD_LOST, WIDE, SentLinks
from .mail_opening import MailOpening
from .screen_commands import ScreenCommand
from .sent_password import SentPassword

if TYPE_CHECKING:
    from ..mail.draft import Link
    from ..mail.message import DraftText
    from ..mail.opening import Outcome
    from ..mail.programs import Found, Program
    from ..session import Session
    from ..wire.share import Document


def mail_links(documents: Sequence[Document]) -> list[Link]:
    """Return the links of sent documents as a draft lists them, in order."""
    from ..mail.draft import Link

    return [Link(d.name, d.url or "", d.expires_at, d.downloads_permitted, d.has_password) for d in documents]


class DraftScreen(Dialog[None]):
    """Recipients, subject and body, to be edited, saved, or opened in the mail program."""

    PLACES = ("draft",)
    ABOUT = (
        "The draft with the links, which are also on the clipboard. Nothing is sent from here: open the draft in your "
        "mail program, or save it as a file that mail programs open. The password is never in it: {draft.reveal} shows "
        "it and {draft.copy_password} copies it, until you close the draft."
    )
    heading = "Draft e-mail"
    whole = True
    DEFAULT_CSS = """
    DraftScreen .line { height: 1; }
    DraftScreen Label { width: 9; }
    DraftScreen Field { width: 1fr; }
    DraftScreen TextArea { height: 1fr; min-height: 3; border: none; padding: 0; margin: 1 0 0 0; }
    """

    class HandedOver(Message):
        """The outcome of handing a draft to the desktop."""

        def __init__(self, program: Program, outcome: Outcome, text: DraftText, found: Found) -> None:
            """``text`` is the draft that ``program`` was given; ``found`` are all programs that were found."""
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
        """``seen`` is called if the user quits the program from here; the caller knows anyway when it is closed."""
        super().__init__()
        from ..mail.draft import compose

        self.draft = compose(mail_links(documents), session.me.user)
        self.mail = MailOpening(self)
        self._seen = seen
        buttons = (
            Button("Open in mail program", id="open_mail", compact=True, variant="primary"),
            Button("Save as file", id="save_draft", compact=True),
            Button("Copy links", id="copy_links", compact=True),
        )
        self.sent = SentLinks(session, documents, password, *buttons, lines=5)

    def own_commands(self) -> Mapping[str, ScreenCommand]:
        return {
            **self.sent.commands(),
            "open_mail": ScreenCommand(self.mail.open),
            "save_draft": ScreenCommand(self._save),
        }

    def body(self) -> list[Widget]:
        to = Field(id="to", compact=True, placeholder="name@example.com, …")
        subject = Field(self.draft.subject, id="subject", compact=True)
        return [
            Horizontal(Label("To"), to, classes="line"),
            Horizontal(Label("Subject"), subject, classes="line"),
            *self.sent.password_line(),
            BodyArea(self.draft.body, id="text"),
            self.sent,
        ]

    @property
    def documents(self) -> list[Document]:
        return self.sent.documents

    def on_mount(self) -> None:
        self.query_one("#to", Field).focus()

    def on_resize(self) -> None:
        opens = "Open draft" if self.app.size.width < WIDE else "Open in mail program"
        self.query_one("#open_mail", Button).label = opens

    def say(self, text: str, tone: str = "", complaint: str = "") -> None:
        """``complaint``: the last lines of what a program wrote to its standard error."""
        self.sent.say(text, tone, complaint)

    # ------------------------------------------------------------ the draft

    @property
    def text(self) -> DraftText:
        """The draft as it is in the fields."""
        from ..mail.message import DraftText

        return DraftText(
            self.query_one("#to", Field).value,
            self.query_one("#subject", Field).value,
            self.query_one(BodyArea).whole,
        )

    def show(self, text: DraftText) -> None:
        """Show the draft that came back from an editor."""
        self.query_one("#to", Field).value = text.to
        self.query_one("#subject", Field).value = text.subject
        self.query_one(BodyArea).take(text.body)

    @property
    def shows_all(self) -> bool:
        """Whether the whole text is shown here."""
        return self.query_one(BodyArea).shows_all

    def _save(self) -> None:
        """Save the draft in the current folder, never over another file."""
        from ..mail.message import save

        text = self.text
        try:
            path = save(text.checked(self.draft), free_name(Path.cwd(), "secure-links", ".eml"))
        except Problem as problem:
            self.say(problem.message, "bad")
        else:
            self.mail.kept = text
            self.say(f"Saved as {printable(str(path))}.", "good")

    @on(HandedOver)
    def _handed_over(self, event: HandedOver) -> None:
        self.mail.show_outcome(event.program, event.outcome, event.found, event.text)

    # ------------------------------------------------------------ closing

    def quitting(self) -> None:
        self._seen()

    @property
    def unseen_password(self) -> bool:
        """Whether closing would lose a password that no one has seen."""
        return self.sent.unseen_password

    @property
    def unsaved(self) -> str:
        if self.text == self.mail.kept:
            return self.sent.unsaved
        if self.unseen_password:
            return "Close the draft without saving it, and without the password?"
        return "Close the draft without saving it?"

    @property
    def lost(self) -> str:
        return PASSWORD_LOST if self.unseen_password else super().lost


def free_name(folder: Path, stem: str, suffix: str) -> Path:
    """A path in ``folder`` that is not taken: ``stem.eml``, ``stem-2.eml``, …"""
    path = folder / f"{stem}{suffix}"
    number = 2
    while path.exists():
        path = folder / f"{stem}-{number}{suffix}"
        number += 1
    return path
