"""A dialog that asks for one line of text."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual import on
from textual.widget import Widget
from textual.widgets import Input, Static
from textual.widgets.input import Selection

from ...override import override
from ...rules.errors import InvalidValue
from ..widgets.button import Button
from ..widgets.button_line import ButtonLine
from ..widgets.field import Field
from ..widgets.status_line import StatusLine
from .dialog import Dialog
from .screen_commands import ScreenCommand


class Prompt(Dialog[str | None]):
    """Returns what was typed; ``None`` if it was closed.

    Up to ``most`` characters can be typed. The first ``selected`` characters of the value are selected, by default
    all of them. ``check`` raises :class:`InvalidValue` for what is wrong. With ``loses``, closing asks first if
    something was typed.
    """

    PLACES = ("ask",)
    ABOUT = "Type, and press enter or {ask.keep}; {dialogs.close} goes back without a change."
    DEFAULT_CSS = """
    Prompt > .box { max-width: 76; }
    Prompt Static { height: auto; margin-bottom: 1; }
    Prompt ButtonLine { margin-top: 1; }
    Prompt Button { margin-right: 2; }
    """

    def __init__(
        self,
        heading: str,
        text: str,
        value: str = "",
        *,
        keep: str = "Keep",
        most: int = 1024,
        loses: bool = True,
        selected: int | None = None,
        check: Callable[[str], object] = lambda text: None,
    ) -> None:
        super().__init__()
        self.heading = heading
        self._text = text
        self._value = value
        self._keep = keep
        self._most = most
        self._loses = loses
        self._selected = len(value) if selected is None else selected
        #: Whether nothing may be returned, too.
        self.may_be_empty = False
        self._check = check

    @override
    def body(self) -> list[Widget]:
        return [
            Static(self._text, markup=False),
            Field(self._value, id="typed", compact=True, max_length=self._most, select_on_focus=False),
            StatusLine(id="said", lines=3),
            ButtonLine(
                Button(self._keep, id="keep", compact=True, variant="primary"),
                Button("Close", id="close", compact=True),
            ),
        ]

    @override
    def on_mount(self) -> None:
        field = self.query_one("#typed", Field)
        field.focus()
        field.selection = Selection(0, self._selected)

    @property
    def _typed(self) -> str:
        return self.query_one("#typed", Field).value.strip()

    def _wrong(self) -> str:
        if not self._typed:
            return "" if self.may_be_empty else "Type something first."
        try:
            self._check(self._typed)
        except InvalidValue as error:
            return error.message
        return ""

    @on(Input.Changed)
    def _changed(self) -> None:
        wrong = self._wrong() if self._typed else ""
        self.query_one("#said", StatusLine).say(wrong, "bad" if wrong else "")

    @override
    def own_commands(self) -> Mapping[str, ScreenCommand]:
        return {"keep": ScreenCommand(self._keep_typed, label=self._keep)}

    @on(Input.Submitted)
    def _keep_typed(self) -> None:
        wrong = self._wrong()
        if wrong:
            self.query_one("#said", StatusLine).say(wrong, "bad")
        else:
            self.dismiss(self._typed)

    @property
    @override
    def unsaved(self) -> str:
        return "Close without saving?" if self._loses and self._typed != self._value.strip() else ""
