"""A line to type into."""

from __future__ import annotations

from typing import Any

from textual.widgets import Input


class Field(Input):
    """A one-line field whose clear text is never copied while it is masked, and whose caret does not blink: a program
    that waits writes nothing to the terminal."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cursor_blink = False

    def action_copy(self) -> None:
        if not self.password:
            super().action_copy()

    def action_cut(self) -> None:
        if not self.password:
            super().action_cut()
