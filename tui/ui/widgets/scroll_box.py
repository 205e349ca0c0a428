"""What scrolls in a dialog, with the keys of lists."""

from __future__ import annotations

from textual.actions import SkipAction
from textual.containers import VerticalScroll

from .keyed import Keyed


class ScrollBox(Keyed, VerticalScroll, inherit_bindings=False):
    """Scrolls what is in it if there isn't room for all; otherwise its keys go on to the screen."""

    PLACES = ("scrolled",)

    def action_half_down(self) -> None:
        """Scroll down by half of what is visible."""
        self._scroll_half(1)

    def action_half_up(self) -> None:
        """Scroll up by half of what is visible."""
        self._scroll_half(-1)

    def _scroll_half(self, direction: int) -> None:
        if not self.allow_vertical_scroll:
            raise SkipAction
        self.scroll_relative(y=direction * max(self.scrollable_content_region.height // 2, 1))
