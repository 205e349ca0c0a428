"""A yes/no question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from ...commands.command import HIDDEN
from ...commands.lookup import spelled
from ...override import override
from ...rules.text import printable
from ..widgets.button import Button
from ..widgets.fit import wrapped
from ..widgets.scroll_box import ScrollBox
from .dialog import Dialog
from .screen_commands import ScreenCommand

#: On a narrower terminal a question takes the full width.
_WIDE = 76
#: On a lower one its text gets the empty lines.
_HIGH = 16
#: Lines of a question besides its text, and how many of them are empty.
_OTHER_LINES, _EMPTY_LINES = 7, 3


class Question(Dialog[bool]):
    """Returns ``True`` for yes. The ``detail`` lines are shown below the question.

    The button with the focus is highlighted: ``no``, which changes nothing, unless ``yes_first``. If it ``can_leave``,
    the user can also answer yes *in the background*, which sets ``in_background``.
    """

    PLACES = ("questions",)
    BUTTON_PLACES = (*Dialog.BUTTON_PLACES, "questions")
    ABOUT = "Press {questions.yes} or {questions.no}, or use the buttons."
    DEFAULT_CSS = """
    Question > .box { width: auto; min-width: 44; max-width: 76; max-height: 100%; }
    Question Static { width: auto; max-width: 70; margin: 0 1; }
    Question ScrollBox { width: auto; height: auto; }
    Question .question { text-style: bold; margin: 1 1 0 1; }
    Question Horizontal { height: 1; width: auto; margin: 1 1; }
    Question Button { margin-right: 2; }
    Question.-low .question, Question.-low Horizontal { margin: 0 1; }
    Question.-narrow > .box { width: 100%; min-width: 0; }
    Question.-narrow Static { width: 1fr; }
    Question.-narrow ScrollBox { width: 1fr; }
    Question.-narrow Horizontal { layout: vertical; height: auto; }
    """

    @override
    def on_resize(self) -> None:
        size = self.app.size
        narrow = size.width < _WIDE
        low = size.height < _HIGH
        self.set_class(narrow, "-narrow")
        self.set_class(low, "-low")
        if not self._detail:
            return
        # However long the detail is, the buttons are visible.
        width = size.width - 6 if narrow else 70
        room = (
            size.height
            - (_OTHER_LINES - low * _EMPTY_LINES)
            - narrow
            - (narrow and self._can_leave)
            - len(wrapped(self._question, width))
        )
        scroll = self.query_one(ScrollBox)
        scroll.styles.max_height = max(room, 1)
        scroll.can_focus = len(wrapped(self._detail, width)) > room

    def __init__(
        self,
        question: str,
        detail: str = "",
        *,
        yes: str,
        no: str,
        yes_first: bool = False,
        can_leave: bool = False,
    ) -> None:
        super().__init__()
        self.in_background = False
        self._is_settled = False
        self._can_leave = can_leave
        self._yes_first = yes_first
        self._question = printable(question)
        self._detail = "\n".join(map(printable, detail.split("\n")))
        self._yes = yes
        self._no = no

    def settle(self, why: str) -> None:
        """Say that there is nothing left to answer, and ``why``. It stays until it is closed: the keys that are pressed
        for it aren't for what is below it."""
        self._is_settled = True
        self._question, self._detail, self._no, self._can_leave = printable(why), "", "Close", False
        if self.is_mounted:
            self.query_one(".question", Static).update(self._question)
            for gone in self.query("ScrollBox, #yes, #in_background"):
                gone.display = False
            no = self.query_one("#no", Button)
            no.label = self._with_key(self._no, "no")
            no.focus()
            self.refresh_bindings()

    @property
    def text(self) -> tuple[str, str]:
        """The question, and the detail below it."""
        return self._question, self._detail

    @override
    def body(self) -> list[Widget]:
        return [
            Static(self._question, classes="question", markup=False),
            *([ScrollBox(Static(self._detail, markup=False))] if self._detail else []),
            Horizontal(
                *([] if self._is_settled else [self._button("yes", self._yes)]),
                *([self._button("in_background", "In background")] if self._can_leave else []),
                self._button("no", self._no),
            ),
        ]

    def _button(self, answer: str, label: str) -> Button:
        variant: Any = "primary" if answer == self._default else "default"
        return Button(self._with_key(label, answer), id=answer, compact=True, variant=variant)

    @property
    def _default(self) -> str:
        return "yes" if self._yes_first and not self._is_settled else "no"

    def _with_key(self, label: str, answer: str) -> Content:
        return Content(f"{label} ({spelled(f'{{questions.{answer}}}', self.app)})")

    @override
    def on_mount(self) -> None:
        self.query_one(f"#{self._default}", Button).focus()

    @override
    def own_commands(self) -> Mapping[str, ScreenCommand]:
        return {
            "yes": ScreenCommand(
                lambda: self.dismiss(True), lambda: HIDDEN if self._is_settled else None, label=self._yes
            ),
            "no": ScreenCommand(lambda: self.dismiss(False), label=self._no),
            "in_background": ScreenCommand(self._leave, lambda: None if self._can_leave else HIDDEN),
        }

    def _leave(self) -> None:
        self.in_background = True
        self.dismiss(True)

    @property
    @override
    def closed_with(self) -> bool:
        return False
