"""What the control of a send uses of the dialog that contains it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from textual.message import Message

    from ...rules.errors import Problem
    from ..base.question import Question
    from ..base.screens_app import ScreensApp
    from .run_results import RunResults
    from .send_state import Sent


class SendView(Protocol):
    """The dialog around the rows and the fields."""

    @property
    def app(self) -> ScreensApp:
        """The app that shows it."""

    #: The type of the last failure, and the text shown for it.
    last_failure: tuple[type[Problem], str] | None
    #: The results of runs whose links are to be shown.
    results: RunResults

    @property
    def is_covered(self) -> bool:
        """Whether another screen lies over it."""

    def say(self, text: str, tone: str = "") -> None:
        """Show a message about the send."""

    def show_state(self) -> None:
        """Update buttons and keys after a change of state."""

    def row_changed(self, index: int | None) -> None:
        """A row of the job, or the job as a whole (``None``), has changed."""

    def post_message(self, message: Message) -> bool:
        """Post a message to the dialog."""

    def ask_to_close(self) -> None:
        """Close the dialog, or cancel what is being sent."""

    def dismiss(self, result: Sent | None = None) -> object:
        """Close the dialog."""

    async def show_dialog(self, dialog: Question) -> bool | None:
        """Ask a question, and wait for the answer."""

    async def confirm(self, question: str, detail: str = "", *, yes: str, no: str) -> bool:
        """Ask a question, even over others."""

    def call_later(self, callback: Callable[[], object]) -> bool:
        """Call something after the messages that have been posted by now."""
