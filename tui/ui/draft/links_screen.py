"""The list of the links of sent documents, to paste or to select by hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.text import Text
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from ...commands.command import HIDDEN
from ...override import override
from ...rules.text import printable
from ..base.dialog import Dialog
from ..base.screen_commands import ScreenCommand
from ..base.workers import worker_action
from ..send.sent_password import SentPassword
from ..widgets.button import Button
from ..widgets.hyperlink import with_hyperlinks
from ..widgets.scroll_box import ScrollBox
from .links import PASSWORD_LOST, SentLinks

if TYPE_CHECKING:
    from ...session import Session
    from ...wire.share import Document


class LinksScreen(Dialog[None]):
    """The links, to paste or to select by hand."""

    PLACES = ("draft", "links")
    BUTTON_PLACES = (*Dialog.BUTTON_PLACES, "links")
    ABOUT = (
        "The links are on the clipboard, as far as the program can tell. You can also select them here by hand. "
        "{draft.reveal} shows a password and {draft.copy_password} copies it, until you close this."
    )
    heading = "Links"
    stay = "Back"
    whole = True
    DEFAULT_CSS = """
    LinksScreen ScrollBox { height: 1fr; }
    LinksScreen ScrollBox Static { width: 100%; height: auto; }
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
        make_draft: Callable[[], Awaitable[Screen[None]]] | None = None,
        note: str = "",
    ) -> None:
        """``seen`` is called if the user quits the program from here; the caller knows anyway when it is closed.
        ``make_draft``: makes the draft that a send opens, if that was missed and can still be written. ``note``: what
        to say of the send."""
        super().__init__()
        self._note = note
        self._seen = seen
        self._make_draft = make_draft
        buttons = [Button("Copy links", id="copy_links", compact=True, variant="primary")]
        if make_draft is not None:
            buttons.append(Button("Write an e-mail", id="write_mail", compact=True))
        self.sent = SentLinks(session, documents, password, *buttons, lines=3, copies=copies)

    @override
    def own_commands(self) -> Mapping[str, ScreenCommand]:
        # The draft's commands, which aren't available here.
        hidden = ScreenCommand(lambda: None, lambda: HIDDEN)
        others = ("open_mail", "choose_mail", "put_in_drafts", "save_draft")
        mail = ScreenCommand(self._write_mail, lambda: HIDDEN if self._make_draft is None else None)
        return {
            **self.sent.commands(),
            **dict.fromkeys(others, hidden),
            "write_mail": mail,
            "draft_page_down": ScreenCommand(lambda: self._page.scroll_page_down(animate=False)),
            "draft_page_up": ScreenCommand(lambda: self._page.scroll_page_up(animate=False)),
        }

    @property
    def _page(self) -> ScrollBox:
        return self.query_one(ScrollBox)

    @worker_action(exclusive=True, group="write mail", opens=True, command="write_mail")
    async def _write_mail(self) -> None:
        if self._make_draft is not None:
            await self.show_dialog(await self._make_draft())

    @override
    def on_mount(self) -> None:
        if self._note:
            self.say(self._note, "warn")

    @override
    def body(self) -> list[Widget]:
        text = Text("\n".join(f"{printable(d.name)}\n{d.url}\n" for d in self.documents))
        links = ScrollBox(Static(with_hyperlinks(text, [d.url or "" for d in self.documents]), id="links"))
        return [links, *self.sent.password_line(), self.sent]

    @property
    def documents(self) -> list[Document]:
        """The documents whose links are listed."""
        return self.sent.documents

    @override
    def say(self, text: str, tone: str = "") -> None:
        self.sent.say(text, tone)

    @override
    def quitting(self) -> None:
        self._seen()

    @property
    def unseen_password(self) -> bool:
        """Whether closing would lose a password that no one has seen."""
        return self.sent.unseen_password

    @property
    @override
    def unsaved(self) -> str:
        return self.sent.unsaved

    @property
    @override
    def lost(self) -> str:
        return PASSWORD_LOST
