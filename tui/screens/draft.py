"""The draft e-mail after a send, and the plain list of links after a copy."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget
from textual.widgets import Button, Label, Static, TextArea

from ..commands import ELSEWHERE, spelled
from ..rules.errors import Problem
from ..rules.text import printable
from ..widgets.field import Field
from .base import Dialog, Say
from .copying import copy_links
from .errands import errand

if TYPE_CHECKING:
    from ..mail.draft import Draft, Link
    from ..session import Session
    from ..wire.share import Document

_LOOPBACK = ("http://127.", "http://localhost", "http://[::1]")


def mail_links(documents: Sequence[Document]) -> list[Link]:
    """The links of sent documents as a draft tells them, in order."""
    from ..mail.draft import Link

    return [Link(d.name, d.url or "", d.expires_at, d.downloads_permitted, d.has_password) for d in documents]


def reach_note(documents: Sequence[Document]) -> str:
    """Says so where the links lead to this machine only."""
    if any((d.url or "").startswith(_LOOPBACK) for d in documents):
        return "These links lead to this machine only; a server with --public-url makes links for others."
    return ""


class _Links(Dialog[None]):
    """What both screens share: the links go to the clipboard when it opens."""

    whole = True

    def __init__(self, session: Session, documents: Sequence[Document]) -> None:
        super().__init__()
        self.session = session
        self.documents = list(documents)

    def say(self, text: str, tone: str = "") -> None:
        self.query_one("#done", Say).say(text, tone)

    @errand(exclusive=True, group="copy")
    async def copy(self) -> None:
        result = await copy_links(self.app, self.session, [d.url for d in self.documents if d.url])
        self.query_one("#clipboard", Static).update(result.sentence)
        self.set_class(result.sure, "-copied")

    def action_copy_links(self) -> None:
        self.copy()

    def on_mount(self) -> None:
        self.copy()


class LinksScreen(_Links):
    """The links, to be pasted or selected by hand."""

    ABOUT = (
        "The links are on the clipboard, as far as can be known. They can be selected here by hand as well."
    )

    PLACES = ("draft",)
    heading = "Links"
    DEFAULT_CSS = """
    LinksScreen VerticalScroll { height: 1fr; }
    LinksScreen Static { width: 100%; height: auto; }
    LinksScreen #clipboard { color: $text-accent; margin-top: 1; }
    LinksScreen .reach { color: $text-warning; }
    """

    def body(self) -> list[Widget]:
        text = "\n".join(f"{printable(d.name)}\n{d.url}\n" for d in self.documents)
        return [
            VerticalScroll(Static(text, markup=False, id="links")),
            Static(reach_note(self.documents), classes="reach", markup=False),
            Static("", id="clipboard", markup=False),
            Say(id="done", marked=True),
        ]

    def why_not(self, action: str) -> str | None:
        return ELSEWHERE if action in ("open_mail", "save_draft") else super().why_not(action)


class DraftScreen(_Links):
    """Recipients, subject and body, to be edited, saved, or opened in the mail program."""

    ABOUT = (
        "The draft with the links, which are on the clipboard too. Nothing is sent from here: open the draft in your "
        "mail program, or save it as a file that one opens. The password is never in it."
    )

    PLACES = ("draft",)
    heading = "Draft e-mail"
    DEFAULT_CSS = """
    DraftScreen .line { height: 1; }
    DraftScreen Label { width: 9; }
    DraftScreen Field { width: 1fr; }
    DraftScreen TextArea { height: 1fr; border: none; padding: 0; margin: 1 0 0 0; }
    DraftScreen .reach { width: 100%; height: auto; color: $text-warning; }
    DraftScreen #clipboard { width: 100%; height: auto; color: $text-accent; }
    DraftScreen .buttons { height: 1; margin-top: 1; }
    DraftScreen Button { margin-right: 1; }
    """

    def __init__(self, session: Session, documents: Sequence[Document]) -> None:
        super().__init__(session, documents)
        from ..mail.draft import compose

        self._draft = compose(mail_links(documents), session.me.user)
        self._kept = ("", self._draft.subject, self._draft.body)

    @property
    def _typed(self) -> tuple[str, str, str]:
        return (
            self.query_one("#to", Field).value,
            self.query_one("#subject", Field).value,
            self.query_one("#text", TextArea).text,
        )

    @property
    def unsaved(self) -> str:
        return "" if self._typed == self._kept else "Close the draft without saving it?"

    def body(self) -> list[Widget]:
        area = TextArea(self._draft.body, id="text", soft_wrap=True, show_line_numbers=False)
        area.cursor_blink = False
        return [
            Horizontal(
                Label("To"), Field(id="to", compact=True, placeholder="name@example.com, …"), classes="line"
            ),
            Horizontal(
                Label("Subject"), Field(self._draft.subject, id="subject", compact=True), classes="line"
            ),
            area,
            Static(reach_note(self.documents), classes="reach", markup=False),
            Static("", id="clipboard", markup=False),
            Say(id="done", marked=True),
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

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        await self.run_action(event.button.id or "close")

    def _say_saving(self, why_not: str) -> None:
        """What can be done where the mail program cannot be used."""
        self.say(spelled(f"{why_not}; {{draft.save_draft}} saves the draft as a file.", self.app), "warn")

    def _edited(self) -> Draft:
        """The draft as it stands. Raises :class:`Problem` for an address that cannot be one."""
        from dataclasses import replace

        from ..mail.address import parse_addresses

        return replace(
            self._draft,
            to=parse_addresses(self.query_one("#to", Field).value),
            subject=self.query_one("#subject", Field).value,
            body=self.query_one("#text", TextArea).text,
        )

    def _show(self, draft: Draft) -> None:
        """The draft as it came back from an editor."""
        self._draft = draft
        self.query_one("#to", Field).value = ", ".join(draft.to)
        self.query_one("#subject", Field).value = draft.subject
        self.query_one("#text", TextArea).text = draft.body

    def action_save_draft(self) -> None:
        """Saves the draft beside the files that one works with, never over another file."""
        from ..mail.message import save

        try:
            path = save(self._edited(), free_name(Path.cwd(), "secure-links", ".eml"))
        except Problem as problem:
            self.say(problem.message, "bad")
        else:
            self._kept = self._typed
            self.say(f"Saved as {printable(str(path))}.", "good")

    def action_open_mail(self) -> None:
        """Opens the draft in the user's own mail program, with this program out of the way meanwhile."""
        from ..mail.opening import open_draft, program_here

        program = program_here()
        try:
            draft = self._edited()
            if program is None:
                self._say_saving("No mail program was found")
            elif program.in_terminal:
                with self.app.suspend():
                    if program.hint:
                        sys.stderr.write(f"{program.hint}\r\n")
                    opened = open_draft(program, draft)
                self._show(opened.draft)
                self.say(opened.sentence, "good")
                self._kept = self._typed
            else:
                self.say(open_draft(program, draft).sentence, "good")
                self._kept = self._typed
        except Problem as problem:
            self.say(problem.message, "bad")
        except SuspendNotSupported:
            self._say_saving("This terminal cannot be lent to a mail program")


def free_name(folder: Path, stem: str, suffix: str) -> Path:
    """A path in ``folder`` that is not taken: ``stem.eml``, ``stem-2.eml``, …"""
    path = folder / f"{stem}{suffix}"
    number = 2
    while path.exists():
        path = folder / f"{stem}-{number}{suffix}"
        number += 1
    return path
