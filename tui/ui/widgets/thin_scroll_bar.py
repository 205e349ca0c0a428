"""The scrollbar of a table. Textual's own takes as long to draw as the table next to it."""

from __future__ import annotations

from typing import cast

from rich.segment import Segment
from textual.geometry import Region
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip

from ...override import override


class ThinScrollBar(ScrollBar):
    """Looks and behaves like Textual's. A scrollbar consists of three or four different cells: each is drawn once."""

    @override
    def render_lines(self, crop: Region) -> list[Strip]:
        bar = cast(ScrollBarRender, self.render())
        style = self.app.console.get_style(bar.style)
        assert style.bgcolor is not None
        assert style.color is not None
        cells = bar.render_bar(
            size=self.size.height,
            virtual_size=bar.virtual_size,
            window_size=bar.window_size,
            position=bar.position,
            thickness=self.size.width,
            back_color=style.bgcolor,
            bar_color=style.color,
        ).segments
        drawn: dict[int, Strip] = {}
        return [self._drawn(drawn, cell) for cell in cells[crop.y : crop.bottom]]

    def _drawn(self, drawn: dict[int, Strip], cell: Segment) -> Strip:
        strip = drawn.get(id(cell))
        if strip is None:
            strip = Strip([cell], self.size.width)
            background = self.background_colors[1]
            for line_filter in self.get_line_filters():
                strip = strip.apply_filter(line_filter, background)
            drawn[id(cell)] = strip
        return strip
