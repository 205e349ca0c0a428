"""A question with yes and no, and a notice that is only closed."""

from __future__ import annotations

from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from ..commands import spelled
from ..rules.text import printable
from .base import Dialog

#: On a narrower terminal a question takes all of the width.
_WIDE = 76


class Question(Dialog[bool]):
    """Answers ``True`` for yes. ``detail`` lines stand below the question."""

    PLACES = ("questions",)
    ABOUT = "Yes is {questions.yes}, no is {questions.no}; so do the buttons."
    DEFAULT_CSS = """
    Question > .box { width: auto; min-width: 44; max-width: 76; border: round $warning; }
    Question Static { width: auto; max-width: 72; margin: 0 1; }
    Question .question { text-style: bold; margin: 1 1 0 1; }
    Question Horizontal { height: 1; width: auto; margin: 1 1; }
    Question Button { margin-right: 2; }
    Question.-narrow > .box { width: 100%; min-width: 0; }
    Question.-narrow Static { width: 1fr; }
    Question.-narrow Horizontal { layout: vertical; height: auto; }
    """

    def on_resize(self) -> None:
        self.set_class(self.app.size.width < _WIDE, "-narrow")

    def __init__(
        self, question: str, detail: str = "", *, yes: str = "Yes", no: str = "No", yes_first: bool = False
    ) -> None:
        super().__init__()
        self._yes_first = yes_first
        self._question = printable(question)
        self._detail = "\n".join(map(printable, detail.split("\n")))
        self._yes = yes
        self._no = no

    @property
    def text(self) -> tuple[str, str]:
        """The question, and what stands below it."""
        return self._question, self._detail

    def body(self) -> list[Widget]:
        return [
            Static(self._question, classes="question", markup=False),
            *([Static(self._detail, markup=False)] if self._detail else []),
            Horizontal(
                Button(self._with_key(self._yes, "yes"), id="yes", compact=True, variant="warning"),
                Button(self._with_key(self._no, "no"), id="no", compact=True),
            ),
        ]

    def _with_key(self, label: str, answer: str) -> Content:
        return Content(f"{label} ({spelled(f'{{questions.{answer}}}', self.app)})")

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
