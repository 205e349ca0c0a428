"""One-line input fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.strip import Strip
from textual.widgets import Input

from ...override import override
from ..textual_patches.keys import sign_of
from .fit import ELLIPSIS, cells, shorten
from .keyed import Keyed, Refused

_LINE = Style(underline=True)
#: A narrower field has no room for a sign that its text goes on.
_LEAST_WITH_ENDS = 4


def _ellipsis(strip: Strip, at: int) -> Strip:
    """The sign that a text goes on, looking like what is in that cell."""
    style = next((segment.style for segment in strip.crop(at, at + 1)), None)
    return Strip([Segment(ELLIPSIS, style)], 1)


class Field(Input, inherit_bindings=False):
    """A one-line field. Its text is never copied while it is masked, and its caret doesn't blink: an idle program
    writes nothing to the terminal. Keys that scroll something larger aren't its own."""

    BINDINGS: ClassVar[list[BindingType]] = Input.BINDINGS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cursor_blink = False
        self._hints: Sequence[str] = ()

    def show_hint(self, *texts: str) -> None:
        """Show in the empty field the first of ``texts`` that fits into it."""
        self._hints = texts
        self._fit_hint()

    def on_resize(self) -> None:
        """Show the hint that fits into the field now."""
        self._fit_hint()

    def _fit_hint(self) -> None:
        room = self.scrollable_content_region.width
        if self._hints and room:
            fitting = (text for text in self._hints if cells(text) <= room)
            self.placeholder = next(fitting, shorten(self._hints[-1], room))

    def render_line(self, y: int) -> Strip:
        """Underline the field in themes that don't give it a colour of its own, to show how wide it is."""
        strip = self._with_ends(super().render_line(y))
        if y or self.app.theme_variables.get("field-style") != "underline":
            return strip
        return strip.adjust_cell_length(self.size.width, self.rich_style).apply_style(_LINE)

    def _with_ends(self, strip: Strip) -> Strip:
        """Show where a text goes on beyond the field: its beginning could be taken for the whole. What the caret is on
        stays as it is, and so do the signs of what is masked."""
        width, before = self.scrollable_content_region.width, self.scroll_offset.x
        if self.password or not self.value or width < _LEAST_WITH_ENDS:
            return strip
        caret = self.cursor_screen_offset.x - self.content_region.x if self.has_focus else -1
        ends = [(0, before > 0), (width - 1, cells(self.value) - before > width)]
        for at in (at for at, goes_on in ends if goes_on and at != caret):
            strip = Strip.join([strip.crop(0, at), _ellipsis(strip, at), strip.crop(at + 1)])
        return strip

    def on_paste(self, event: events.Paste) -> None:
        """Take the first line that isn't blank, and tell of others: in what is masked nobody would see that they are
        missing."""
        lines = [line for line in event.text.splitlines() if line.strip()]
        event.prevent_default()
        event.stop()
        if lines:
            self.replace(lines[0], *self.selection)
        if len(lines) > 1:
            why = f"The field has only the first of the {len(lines)} lines that were pasted."
            # After what is said of the new value.
            self.call_after_refresh(self.post_message, Refused(why))

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
