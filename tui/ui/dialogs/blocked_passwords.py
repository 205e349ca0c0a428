"""A dialog to edit the list of passwords that the policy refuses."""

from __future__ import annotations

from collections.abc import Mapping

from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static, TextArea

from ...override import override
from ..base.dialog import Dialog
from ..base.screen_commands import ScreenCommand
from ..widgets.button import Button


class BlockedPasswords(Dialog[str | None]):
    """Returns the list, one password per line; ``None`` if it was closed."""

    PLACES = ("ask",)
    ABOUT = "One password per line. The program's own list of common passwords always applies too."
    heading = "Refused passwords"
    DEFAULT_CSS = """
    BlockedPasswords > .box { height: 80%; max-width: 76; }
    BlockedPasswords TextArea { height: 1fr; padding: 0; margin: 1 0; }
    BlockedPasswords TextArea, BlockedPasswords TextArea:focus { border: none; }
    BlockedPasswords Static { height: auto; }
    BlockedPasswords .buttons { height: 1; }
    BlockedPasswords Button { margin-right: 1; }
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self._before = text

    @override
    def body(self) -> list[Widget]:
        area = TextArea(self._before, id="passwords", show_line_numbers=False)
        area.cursor_blink = False
        return [
            Static("One per line, in addition to common passwords.", markup=False),
            area,
            Horizontal(
                Button("Keep", id="keep", compact=True, variant="primary"),
                Button("Close", id="close", compact=True),
                classes="buttons",
            ),
        ]

    @property
    def _typed(self) -> str:
        return self.query_one("#passwords", TextArea).text

    @override
    def on_mount(self) -> None:
        self.query_one("#passwords", TextArea).focus()

    @override
    def own_commands(self) -> Mapping[str, ScreenCommand]:
        return {"keep": ScreenCommand(lambda: self.dismiss(self._typed))}

    @property
    @override
    def unsaved(self) -> str:
        return "" if self._typed == self._before else "Close without keeping the changes?"
