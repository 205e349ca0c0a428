"""What those who hand a draft over use of the screen that shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from textual.message import Message
    from textual.screen import Screen
    from textual.timer import Timer

    from ...mail.draft import Draft
    from ...mail.message import DraftText
    from ...wire.share import Document
    from ..base.pending_changes import PendingChanges
    from ..base.screens_app import ScreensApp

Answer = TypeVar("Answer")


class DraftView(Protocol):
    """The screen with the draft."""

    #: The draft as it was composed.
    draft: Draft
    #: Changes requested from the server that are still pending.
    changes: PendingChanges

    @property
    def app(self) -> ScreensApp:
        """The app that shows it."""

    @property
    def documents(self) -> list[Document]:
        """The documents whose links are in the draft."""

    @property
    def text(self) -> DraftText:
        """The draft as it is in the fields."""

    @property
    def shows_all(self) -> bool:
        """Whether the whole text is shown."""

    def say(self, text: str, tone: str = "", complaint: str = "") -> None:
        """Show a message; ``complaint``: the last lines of what a program wrote to its standard error."""

    def show(self, text: DraftText) -> None:
        """Show the draft that came back from an editor."""

    def point_at(self, link: str) -> None:
        """Put the cursor on a link in the text."""

    def keep_recipients(self, text: DraftText) -> object:
        """Keep with the links whom the draft is for."""

    async def show_dialog(self, dialog: Screen[Answer]) -> Answer | None:
        """Show a dialog and wait for its result. Call this from a worker."""

    async def confirm(
        self, question: str, detail: str = "", *, yes: str, no: str, yes_first: bool = False
    ) -> bool:
        """Ask a yes/no question and wait for the answer. Call this from a worker."""

    def post_message(self, message: Message) -> bool:
        """Post a message to the screen, from any thread."""

    def set_interval(self, interval: float, callback: Callable[[], None]) -> Timer:
        """Call something again and again."""

    def ask_to_close(self) -> None:
        """Close the draft; asks first if something would be lost."""
