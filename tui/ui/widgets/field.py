"""One-line input fields."""

from __future__ import annotations

from typing import Any

from rich.style import Style
from textual.strip import Strip
from textual.widgets import Input

from ...override import override
from ..textual_patches.keys import sign_of
from .keyed import Keyed

_LINE = Style(underline=True)


class Field(Input):
    """A one-line field. Its text is never copied while it is masked, and its caret doesn't blink: an idle program
    writes nothing to the terminal."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cursor_blink = False

    def render_line(self, y: int) -> Strip:
        """Underline the field in themes that don't give it a colour of its own, to show how wide it is."""
        strip = super().render_line(y)
        if y or self.app.theme_variables.get("field-style") != "underline":
            return strip
        return strip.adjust_cell_length(self.size.width, self.rich_style).apply_style(_LINE)

    @override
    def check_consume_key(self, key: str, character: str | None) -> bool:
        return super().check_consume_key(key, character or sign_of(key))

    @override
    def action_copy(self) -> None:
        if not self.password:
            super().action_copy()

    @override
    def action_cut(self) -> None:
        if not self.password:
            super().action_cut()


class FilterField(Keyed, Field):
    """The field for the text to filter a list by; ``Input.Submitted`` moves the focus to the list."""

    PLACES = ("filter",)

    async def action_to_list(self) -> None:
        """What enter does: the focus moves to the filtered list."""
        await self.action_submit()
