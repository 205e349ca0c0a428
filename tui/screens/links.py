"""The links of what was sent, and its password: what the draft and the plain list of links have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from ..commands import HIDDEN
from ..rules.text import printable
from ..widgets.button import Button
from ..widgets.say import Say
from .copying import copy_links, copy_password
from .dialog import Dialog
from .errands import errand
from .screen_commands import ScreenCommand, everywhere_commands
from .sent_password import PasswordLine, SentPassword

if TYPE_CHECKING:
    from ..session import Session
    from ..wire.share import Document

#: On a narrower terminal the buttons stand closer.
_WIDE = 76
_LOOPBACK = ("http://127.", "http://localhost", "http://[::1]")
PASSWORD_LOST = (
    "The password was made for this send, and has been neither shown nor copied. It can't be recovered."  # noqa: S105
)


def reach_note(documents: Sequence[Document]) -> str:
    """Says so where the links lead to this machine only."""
    if any((d.url or "").startswith(_LOOPBACK) for d in documents):
        return "These links lead to this machine only; a server with --public-url makes links for others."
    return ""


class SentLinks(Dialog[None]):
    """The links go to the clipboard when it opens; a password is shown, and copied, on request only."""

    PLACES = ("draft",)
    whole = True
    DEFAULT_CSS = """
    SentLinks .buttons { height: 1; margin-top: 1; }
    SentLinks .buttons Button { margin-right: 1; }
    SentLinks.-narrow .buttons Button { margin-right: 0; }
    SentLinks #clipboard { width: 100%; height: auto; color: $text-accent; }
    SentLinks .reach { width: 100%; height: auto; color: $text-warning; }
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
        """``seen`` is called where the user quits the program from here; the caller knows when it is closed.
        ``copies``: the links go to the clipboard when it opens."""
        super().__init__()
        self._seen = seen
        self._copies = copies
        self.session = session
        self.documents = list(documents)
        self.password = password

    def on_mount(self) -> None:
        if self._copies:
            self.copy()

    def on_resize(self) -> None:
        self.set_class(self.app.size.width < _WIDE, "-narrow")

    def say(self, text: str, tone: str = "") -> None:
        self.query_one("#done", Say).say(text, tone)

    def password_line(self) -> list[Widget]:
        return [] if self.password is None else [PasswordLine(self.password)]

    def disabled_reason(self, action: str) -> str | None:
        if action in ("reveal", "copy_password") and self.password is None:
            return HIDDEN
        return super().disabled_reason(action)

    # ------------------------------------------------------------ the clipboard

    @errand(exclusive=True, group="copy")
    async def copy(self) -> None:
        result = await copy_links(self.app, self.session, [d.url for d in self.documents if d.url])
        self.query_one("#clipboard", Static).update(result.sentence)
        self.set_class(result.sure, "-copied")

    def action_copy_links(self) -> None:
        self.copy()

    @errand(exclusive=True, group="copy")
    async def action_copy_password(self) -> None:
        password = self.password
        if password is not None:
            result = await copy_password(self.app, password.text, password.clearing)
            password.clearing = result.clearing
            password.seen = password.seen or bool(result.way)
            self.query_one("#clipboard", Static).update(f"The password: {result.sentence}")
            self.set_class(result.sure, "-copied")

    def action_reveal(self) -> None:
        self.query_one(PasswordLine).turn()

    def own_commands(self) -> Mapping[str, ScreenCommand]:
        return {"copy_or_quit": ScreenCommand(self._copy_or_quit)}

    def _copy_or_quit(self) -> object:
        """What is selected may be the password: it does not stay on the clipboard either."""
        selected = self.get_selected_text()
        if selected and self.password is not None and selected.strip() == self.password.text.strip():
            return self.action_copy_password()
        return everywhere_commands(self)["copy_or_quit"].run()

    # ------------------------------------------------------------ the end

    def quitting(self) -> None:
        self._seen()

    @property
    def unseen_password(self) -> bool:
        """Whether a password would be lost that nobody has seen."""
        return self.password is not None and self.password.unseen

    @property
    def unsaved(self) -> str:
        return "Close without the password?" if self.unseen_password else ""

    @property
    def lost(self) -> str:
        return PASSWORD_LOST if self.unseen_password else super().lost


class LinksScreen(SentLinks):
    """The links, to be pasted or selected by hand."""

    ABOUT = (
        "The links are on the clipboard, as far as can be known. They can be selected here by hand as well. A password "
        "is shown by {draft.reveal} and copied by {draft.copy_password}, until this is closed."
    )
    heading = "Links"
    DEFAULT_CSS = """
    LinksScreen VerticalScroll { height: 1fr; }
    LinksScreen VerticalScroll Static { width: 100%; height: auto; }
    LinksScreen #clipboard { margin-top: 1; }
    """

    def body(self) -> list[Widget]:
        text = "\n".join(f"{printable(d.name)}\n{d.url}\n" for d in self.documents)
        return [
            VerticalScroll(Static(text, markup=False, id="links")),
            *self.password_line(),
            Static(reach_note(self.documents), classes="reach", markup=False),
            Static("", id="clipboard", markup=False),
            Say(id="done", marked=True, lines=3),
            Horizontal(
                Button("Copy links", id="copy_links", compact=True, variant="primary"),
                Button("Close", id="close", compact=True),
                classes="buttons",
            ),
        ]

    def disabled_reason(self, action: str) -> str | None:
        return HIDDEN if action in ("open_mail", "save_draft") else super().disabled_reason(action)
