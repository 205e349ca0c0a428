"""The buttons of a dialog, side by side."""

from __future__ import annotations

from collections.abc import Iterable

from textual.containers import Horizontal
from textual.geometry import Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.layouts.horizontal import HorizontalLayout
from textual.widget import Widget

from ...override import override

#: From this width on, all buttons of a dialog are side by side.
_ROOMY = 56


class _Flowing(HorizontalLayout):
    """Side by side, and on further lines where one has no room for all."""

    name = "flowing"

    @override
    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        placements = super().arrange(parent, children, size, greedy)
        return list(_on_lines(placements, size.width)) if size.width else placements


def _on_lines(placements: Iterable[WidgetPlacement], width: int) -> Iterable[WidgetPlacement]:
    """Move the widgets to the next line that end beyond ``width`` cells. What is the first of a line stays there."""
    begin = line = below = 0
    for index, placement in enumerate(placements):
        region = placement.region
        if index and region.right - begin > width:
            begin, line = region.x, below
        below = max(below, line + region.bottom)
        yield placement._replace(region=region.translate((-begin, line)))


class ButtonLine(Horizontal):
    """Buttons side by side. Those that have no room stand on a second line, where a narrow terminal would cut them."""

    DEFAULT_CSS = """
    ButtonLine { width: 1fr; height: auto; }
    """

    _flowing = _Flowing()

    @property
    @override
    def layout(self) -> Layout:
        return self._flowing

    def more_lines(self, width: int) -> int:
        """Return how many lines it needs besides its first one, if it is ``width`` cells wide."""
        placements = self._flowing.arrange(self, list(self.displayed_children), Size(width, 1))
        return max((placement.region.y for placement in placements), default=0)


def more_button_lines(dialog: Widget, width: int) -> int:
    """Return how many lines the buttons of a dialog need besides the first of each group."""
    return sum(line.more_lines(width) for line in dialog.query(ButtonLine)) if width < _ROOMY else 0
