"""The links of what was sent, and its password: what the draft and the list of links have in common; that list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from ..commands import HIDDEN
from ..rules.text import printable
from ..widgets.button import Button
from ..widgets.status_line import StatusLine
from .copying import copy_links, copy_password
from .dialog import Dialog
from .screen_commands import ScreenCommand, everywhere_commands
from .sent_password import PasswordLine, SentPassword
from .workers import worker_action

if TYPE_CHECKING:
    from ..session import Session
    from ..wire.share import Document
    from .app_screen import AppScreen

#: On a narrower terminal the buttons stand closer.
WIDE = 76
_LOOPBACK = ("http://127.", "http://localhost", "http://[::1]")
PASSWORD_LOST = (
    "The password was made for this send, and has been neither shown nor copied. It can't be recovered."  # noqa: S105
)


def reach_note(documents: Sequence[Document]) -> str:
    """Says so where the links lead to this machine only."""
    if any((d.url or "").startswith(_LOOPBACK) for d in documents):
        return "These links lead to this machine only; a server with --public-url makes links for others."
    return ""


class SentLinks(Vertical):
    """The links go to the clipboard when the dialog opens; a password is copied on request only. Below what the dialog
    shows of them stand what became of that, what the dialog says, and its buttons."""

    DEFAULT_CSS = """
    SentLinks { height: auto; }
    SentLinks .buttons { height: 1; margin-top: 1; }
    SentLinks .buttons Button { margin-right: 1; }
    SentLinks.-narrow .buttons Button { margin-right: 0; }
    SentLinks #clipboard { width: 100%; height: auto; color: $text-accent; }
    SentLinks .reach { width: 100%; height: auto; color: $text-warning; }
    SentLinks #complaint { width: 100%; height: auto; color: $text-warning; display: none; }
    """

    def __init__(
        self,
        session: Session,
        documents: Sequence[Document],
        password: SentPassword | None,
        *buttons: Button,
        lines: int,
        copies: bool = True,
    ) -> None:
        """``lines``: so many are said at most. ``copies``: the links go to the clipboard when the dialog opens."""
        super().__init__()
        self.session = session
        self.documents = list(documents)
        self.password = password
        self._buttons = buttons
        self._lines = lines
        self._copies = copies

    def compose(self) -> ComposeResult:
        yield Static(reach_note(self.documents), classes="reach", markup=False)
        yield Static("", id="clipboard", markup=False)
        yield StatusLine(id="done", marked=True, lines=self._lines)
        yield Static("", id="complaint", markup=False)
        yield Horizontal(*self._buttons, Button("Close", id="close", compact=True), classes="buttons")

    def on_mount(self) -> None:
        if self._copies:
            self._copy_links()

    def on_resize(self) -> None:
        self.set_class(self.app.size.width < WIDE, "-narrow")

    def say(self, text: str, tone: str = "", complaint: str = "") -> None:
        """``complaint``: the last lines of what a program wrote to its standard error."""
        self.query_one("#done", StatusLine).say(text, tone)
        lines = self.query_one("#complaint", Static)
        lines.update(complaint)
        lines.display = bool(complaint)

    def password_line(self) -> list[Widget]:
        """The password with its buttons, where there is one."""
        return [] if self.password is None else [PasswordLine(self.password)]

    # ------------------------------------------------------------ commands

    def commands(self) -> dict[str, ScreenCommand]:
        """What can be done with links and password, by the ids of ``commands.py``."""
        return {
            "copy_links": ScreenCommand(self._copy_links),
            "copy_password": ScreenCommand(self._copy_password, self._hidden_without_password),
            "reveal": ScreenCommand(self._reveal, self._hidden_without_password),
            "copy_or_quit": ScreenCommand(self._copy_or_quit),
        }

    def _hidden_without_password(self) -> str | None:
        return HIDDEN if self.password is None else None

    @worker_action(exclusive=True, group="copy")
    async def _copy_links(self) -> None:
        result = await copy_links(self.app, self.session, [d.url for d in self.documents if d.url])
        self.query_one("#clipboard", Static).update(result.sentence)

    @worker_action(exclusive=True, group="copy")
    async def _copy_password(self) -> None:
        password = self.password
        if password is not None:
            result = await copy_password(self.app, password.text, password.clearing)
            password.clearing = result.clearing
            password.seen = password.seen or bool(result.way)
            self.query_one("#clipboard", Static).update(f"The password: {result.sentence}")

    def _reveal(self) -> None:
        self.screen.query_one(PasswordLine).turn()

    def _copy_or_quit(self) -> object:
        """What is selected may be the password: it does not stay on the clipboard either."""
        selected = self.screen.get_selected_text()
        if selected and self.password is not None and selected.strip() == self.password.text.strip():
            return self._copy_password()
        return everywhere_commands(cast("AppScreen", self.screen))["copy_or_quit"].run()

    # ------------------------------------------------------------ the end

    @property
    def unseen_password(self) -> bool:
        """Whether a password would be lost that nobody has seen."""
        return self.password is not None and self.password.unseen

    @property
    def unsaved(self) -> str:
        """The question that is asked before the dialog is closed; empty where nothing would be lost."""
        return "Close without the password?" if self.unseen_password else ""


class LinksScreen(Dialog[None]):
    """The links, to be pasted or selected by hand."""

    PLACES = ("draft",)
    ABOUT = (
        "The links are on the clipboard, as far as can be known. They can be selected here by hand as well. A password "
        "is shown by {draft.reveal} and copied by {draft.copy_password}, until this is closed."
    )
    heading = "Links"
    whole = True
    DEFAULT_CSS = """
    LinksScreen VerticalScroll { height: 1fr; }
    LinksScreen VerticalScroll Static { width: 100%; height: auto; }
    LinksScreen #clipboard { margin-top: 1; }
    """

    def __init__(
        self,
        session: Session,
        documents: Sequence[Document],
        password: SentPassword | None = None,
        *,
        seen: Callable[[], None] = lambda: None,
        copies: bool = True,
    ) -> None:
        """``seen`` is called where the user quits the program from here; the caller knows when it is closed."""
        super().__init__()
        self._seen = seen
        copy = Button("Copy links", id="copy_links", compact=True, variant="primary")
        self.sent = SentLinks(session, documents, password, copy, lines=3, copies=copies)

    def own_commands(self) -> Mapping[str, ScreenCommand]:
        # Their places are those of the draft.
        hidden = ScreenCommand(lambda: None, lambda: HIDDEN)
        return {**self.sent.commands(), "open_mail": hidden, "save_draft": hidden}

    def body(self) -> list[Widget]:
        text = "\n".join(f"{printable(d.name)}\n{d.url}\n" for d in self.documents)
        links = VerticalScroll(Static(text, markup=False, id="links"))
        return [links, *self.sent.password_line(), self.sent]

    @property
    def documents(self) -> list[Document]:
        return self.sent.documents

    def say(self, text: str, tone: str = "") -> None:
        self.sent.say(text, tone)

    def quitting(self) -> None:
        self._seen()

    @property
    def unseen_password(self) -> bool:
        """Whether a password would be lost that nobody has seen."""
        return self.sent.unseen_password

    @property
    def unsaved(self) -> str:
        return self.sent.unsaved

    @property
    def lost(self) -> str:
        return PASSWORD_LOST
