"""A question with yes and no, and a notice that is only closed."""

from __future__ import annotations

from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Button, Static

from ..rules.text import printable
from .base import Dialog


class Question(Dialog[bool]):
    """Answers ``True`` for yes. ``detail`` lines stand below the question."""

    PLACES = ("questions",)
    ABOUT = "y says yes, n or escape says no; so do the buttons."
    DEFAULT_CSS = """
    Question > .box { width: auto; min-width: 44; max-width: 76; border: round $warning; }
    Question Static { width: auto; max-width: 72; margin: 0 1; }
    Question .question { text-style: bold; margin: 1 1 0 1; }
    Question Horizontal { height: 1; width: auto; margin: 1 1; }
    Question Button { margin-right: 2; }
    """

    def __init__(
        self, question: str, detail: str = "", *, yes: str = "Yes", no: str = "No", yes_first: bool = False
    ) -> None:
        super().__init__()
        self._yes_first = yes_first
        self._question = printable(question)
        self._detail = "\n".join(map(printable, detail.split("\n")))
        self._yes = yes
        self._no = no

    def body(self) -> list[Widget]:
        return [
            Static(self._question, classes="question", markup=False),
            *([Static(self._detail, markup=False)] if self._detail else []),
            Horizontal(
                Button(f"{self._yes} (y)", id="yes", compact=True, variant="warning"),
                Button(f"{self._no} (n)", id="no", compact=True),
            ),
        ]

    def on_mount(self) -> None:
        self.query_one("#yes" if self._yes_first else "#no", Button).focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_yes(self) -> None:
        self.dismiss(True)

    def action_no(self) -> None:
        self.dismiss(False)

    def action_close(self) -> None:
        self.dismiss(False)
