"""Shows how far an interrupted send got, and asks what to do with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widget import Widget

from ...override import override
from ...rules.display import moment_text
from ...rules.sent_text import published_text
from ..base.dialog import Dialog
from ..widgets.button import Button
from ..widgets.button_line import ButtonLine
from .unfinished_send import UnfinishedSend

if TYPE_CHECKING:
    from ...sending.resuming import SendStatus


class InterruptedScreen(Dialog[str]):
    """Returns ``go on``, ``keep`` or ``unpublish``; ``None`` if it is left for later."""

    ABOUT = (
        "The program ended before this send was done. Resume sends what is missing: large documents from where they "
        "stopped, and nothing twice. Keep ends it with what is published; Unpublish ends it and stops those links."
    )
    heading = "Interrupted send"

    DEFAULT_CSS = """
    InterruptedScreen > .box { max-width: 84; }
    InterruptedScreen .buttons { margin: 1 0; }
    InterruptedScreen Button { margin-right: 1; min-width: 4; }
    """

    def __init__(self, status: SendStatus) -> None:
        super().__init__()
        self.status = status

    @override
    def body(self) -> list[Widget]:
        count = len(self.status.published)
        return [
            UnfinishedSend(self.status, self.sentence),
            ButtonLine(
                Button("Resume", id="go_on", compact=True, variant="primary"),
                Button("Keep links" if count else "Discard", id="keep", compact=True),
                *([Button("Unpublish", id="unpublish", compact=True)] if count else []),
                Button("Later", id="later", compact=True),
                classes="buttons",
            ),
        ]

    @property
    def sentence(self) -> str:
        """How far the send is, and what resuming needs."""
        status = self.status
        sent, total = len(status.documents), len(status.contents.entries)
        begun = f" of {moment_text(status.contents.at)}" if status.contents.at else ""
        text = f"The send{begun} was interrupted: {published_text(sent, total)}."
        if status.password_unknown and not status.missing:
            text = f"The send{begun} ended before it showed its generated password: the links get a new one."
        elif status.password_unknown:
            text += " Its generated password wasn't stored: it gets a new one, even if you saw the first."
        elif status.needs_password:
            # It may be one that was generated and that nobody has seen.
            other = "" if status.documents else ", or another one,"
            text += f" Its password was not stored; type it again{other} to resume."
        elif status.missing:
            text += " Resuming keeps its password, expiry and limit."
        return text

    @override
    def on_mount(self) -> None:
        self.query_one("#go_on", Button).focus()

    @override
    def on_resize(self) -> None:
        self.query_one(UnfinishedSend).fit(self.app.size.height)

    @override
    async def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        answer = {"go_on": "go on", "keep": "keep", "unpublish": "unpublish"}.get(event.button.id or "")
        self.dismiss(answer)


def password_texts(status: SendStatus) -> list[str]:
    """What is true of the password while the send is resumed, the longest wording first; its field stays empty."""
    if status.password_unknown:
        return ["a new one; the links show it", "new"]
    if status.has_password:
        return ["set when the send began", "already set"]
    return ["no password (can't be changed now)", "no password"]
