"""A dialog to edit a list of the policy: the passwords that it refuses, the presets that it has for everyone."""

from __future__ import annotations

from collections.abc import Mapping

from textual.widget import Widget
from textual.widgets import Static, TextArea

from ...override import override
from ..base.dialog import Dialog
from ..base.screen_commands import ScreenCommand
from ..widgets.button import Button
from ..widgets.button_line import ButtonLine

#: The headings of the lists, by their keys, and what stands above them.
_LISTS = {
    "password_refused": ("Forbidden passwords", "One per line, in addition to common passwords."),
    "presets": ("Presets", "One per line: client: password=make expires=7d downloads=5 notify=on"),
}


class PolicyLines(Dialog[str | None]):
    """Returns the list of that ``key``, one entry per line; ``None`` if it was closed."""

    PLACES = ("ask",)
    ABOUT = (
        "One entry per line. The program's own list of common passwords always applies, too. A preset has a name, a "
        "colon, and settings as they are typed in the dialog of a send; passwords are made, never kept."
    )
    DEFAULT_CSS = """
    PolicyLines > .box { height: 80%; max-width: 76; }
    PolicyLines TextArea { height: 1fr; padding: 0; margin: 1 0; }
    PolicyLines TextArea, PolicyLines TextArea:focus { border: none; }
    PolicyLines Static { height: auto; }
    PolicyLines Button { margin-right: 1; }
    """

    def __init__(self, key: str, text: str) -> None:
        super().__init__()
        self.heading, self._about = _LISTS[key]
        self._before = text

    @override
    def body(self) -> list[Widget]:
        area = TextArea(self._before, id="lines", show_line_numbers=False)
        area.cursor_blink = False
        return [
            Static(self._about, markup=False),
            area,
            ButtonLine(
                Button("Keep", id="keep", compact=True, variant="primary"),
                Button("Close", id="close", compact=True),
                classes="buttons",
            ),
        ]

    @property
    def _typed(self) -> str:
        return self.query_one("#lines", TextArea).text

    @override
    def on_mount(self) -> None:
        self.query_one("#lines", TextArea).focus()

    @override
    def own_commands(self) -> Mapping[str, ScreenCommand]:
        return {"keep": ScreenCommand(lambda: self.dismiss(self._typed))}

    @property
    @override
    def unsaved(self) -> str:
        return "" if self._typed == self._before else "Close without keeping the changes?"
