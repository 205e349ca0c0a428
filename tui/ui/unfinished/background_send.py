"""A send that another process is working on: how far it is, and stopping it."""

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


class BackgroundSendScreen(Dialog[bool]):
    """Returns ``True`` if the send should be stopped."""

    ABOUT = (
        "The program ended before this send was done, and left it to a process of its own. Stop cancels it; what is "
        "published stays so, and the rest can be resumed."
    )
    heading = "Sending in the background"

    DEFAULT_CSS = """
    BackgroundSendScreen > .box { max-width: 84; }
    BackgroundSendScreen .buttons { margin: 1 0; }
    BackgroundSendScreen Button { margin-right: 1; }
    """

    def __init__(self, status: SendStatus) -> None:
        super().__init__()
        self.status = status

    @override
    def body(self) -> list[Widget]:
        return [
            UnfinishedSend(self.status, self._sentence),
            ButtonLine(
                Button("Close", id="close", compact=True, variant="primary"),
                Button("Stop sending", id="stop", compact=True),
                classes="buttons",
            ),
        ]

    @property
    def _sentence(self) -> str:
        status = self.status
        begun = f" of {moment_text(status.contents.at)}" if status.contents.at else ""
        ended = "" if status.running else " has ended"
        return f"The send{begun}{ended}: {progress_text(status)}."

    def update(self, status: SendStatus) -> None:
        """Show how far the send is now."""
        self.status = status
        if self.is_mounted:
            self.query_one(UnfinishedSend).update(status, self._sentence)
            self.query_one("#stop", Button).disabled = not status.running

    @override
    def on_mount(self) -> None:
        self.query_one("#close", Button).focus()

    @override
    def on_resize(self) -> None:
        self.query_one(UnfinishedSend).fit(self.app.size.height)

    @override
    async def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.id == "stop")

    @property
    @override
    def closed_with(self) -> bool:
        return False


def progress_text(status: SendStatus) -> str:
    """``2 of 3 documents published, 42%``."""
    return f"{published_text(len(status.documents), len(status.contents.entries))}, {status.percent}%"
