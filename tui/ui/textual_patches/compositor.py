"""Painting: which widgets have to be styled, which of their lines have to be drawn, and from what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

from textual._compositor import Compositor
from textual._styles_cache import StylesCache
from textual.app import App
from textual.color import Color
from textual.events import Event, ScreenResume
from textual.filter import LineFilter
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from ...override import override

#: The looks of Textual's widgets that aren't on the first screen, which would have to wait until they are read.
LATE_STYLES = Path(__file__).parent.parent / "dialogs.tcss"


def prepare(screen: Screen[Any]) -> None:
    """Have a new screen draw only what is seen of what has to be painted, and style its widgets once."""
    screen._compositor = SparingCompositor()
    set_width_class(screen)
    styles = screen.app.stylesheet
    if screen.app.screen_stack and not styles.has_source(str(LATE_STYLES)):
        styles.add_source(LATE_STYLES.read_text("utf-8"), (str(LATE_STYLES), ""))


def set_width_class(screen: Screen[Any]) -> None:
    """Give a new screen the class for its width, before its widgets are styled for the first time. Textual sets it when
    the screen has been laid out, and then styles all widgets again."""
    reached = [
        point for point in screen.app.HORIZONTAL_BREAKPOINTS or () if point[0] <= screen.app.size.width
    ]
    if reached:
        screen.add_class(max(reached)[1], update=False)


def style_once(screen: Screen[Any], event: Event) -> None:
    """Call this before a screen handles an event: when it is used for the first time, its widgets have just been styled
    and needn't be again. To style the send dialog takes 13 of the 140 ms after its key."""
    if isinstance(event, ScreenResume) and not screen.stack_updates:
        event.refresh_styles = False


def repaint_all(app: App[Any]) -> None:
    """Call this when the theme has changed, and everything has its new styles. Textual repaints only widgets whose own
    styles have changed: not a text in which there are colours of the theme, nor what is seen behind a dialog."""
    for screen in app.screen_stack:
        for widget in screen.walk_children(Widget, with_self=True):
            widget.refresh()


class SparingCompositor(Compositor):
    """Textual's own draws all lines of everything on the screen whenever a single line has changed, also of what is
    next to that line or behind other widgets."""

    def _render_chops(
        self, crop: Region, is_rendered_line: Callable[[int], bool]
    ) -> Sequence[Mapping[int, Strip]]:
        """Return for each line of the screen the pieces between its cuts; ``None`` for those that aren't painted."""
        cuts = self.cuts
        chops: list[dict[int, Strip | None]] = [{}] * len(cuts)
        #: Of each line that is to be painted, how many pieces are still missing.
        missing: dict[int, int] = {}
        for y in crop.line_range:
            if is_rendered_line(y):
                chops[y] = dict.fromkeys(cuts[y][:-1])
                missing[y] = sum(_within(crop, piece) for piece in pairwise(cuts[y]))
        # From the front to the back: the first piece in a place is the one that is seen.
        for widget, (region, clip) in self.visible_widgets.items():
            seen = region.intersection(clip)
            lines = [y for y in seen.intersection(crop).line_range if missing.get(y)]
            if not lines or not seen.overlaps(crop):
                continue
            top = lines[0]
            strips = widget.render_lines(
                Region(seen.x - region.x, top - region.y, seen.width, lines[-1] + 1 - top)
            )
            known: list[int] = []
            for y in lines:
                if cuts[y] != known:
                    known = cuts[y]
                    own = [cut for cut in known if seen.x <= cut <= seen.right]
                    ends = [cut - seen.x for cut in own[1:]]
                    counted = [_within(crop, piece) for piece in pairwise(own)]
                chop = chops[y]
                for x, counts, piece in zip(own, counted, strips[y - top].divide(ends), strict=False):
                    if chop[x] is None:
                        chop[x] = piece
                        missing[y] -= counts
        return cast("Sequence[Mapping[int, Strip]]", chops)


def _within(crop: Region, piece: tuple[int, int]) -> bool:
    return piece[0] < crop.right and piece[1] > crop.x


def draw_bare(widget: Widget) -> None:
    """Have a widget's lines painted as it draws them: it has no border, padding, outline, tint or opacity."""
    widget._styles_cache = BareLines()


class BareLines(StylesCache):
    """Textual's own looks up two dozen styles for each line that is drawn, and filters it again with each painting: 1
    of 6 ms for a page of rows, and nothing that can be measured for a step down."""

    def __init__(self) -> None:
        super().__init__()
        self._drawn_for: object = None
        #: The lines that are as they were drawn, and filtered.
        self._lines: dict[int, Strip] = {}

    @override
    def set_dirty(self, *regions: Region) -> None:
        for region in regions:
            for y in region.line_range:
                self._lines.pop(y, None)
        if not regions:
            self.clear()

    @override
    def clear(self) -> None:
        super().clear()
        self._lines.clear()

    @override
    def render(  # type: ignore[override]
        self,
        styles: object,
        size: Size,
        base_background: Color,
        background: Color,
        render_content_line: Callable[[int], Strip],
        filters: Sequence[LineFilter],
        *_: object,
        crop: Region,
        **__: object,
    ) -> list[Strip]:
        drawn_for = (size.width, background, filters)
        if drawn_for != self._drawn_for:
            self.clear()
            self._drawn_for = drawn_for
        for y in crop.line_range:
            if y not in self._lines:
                strip = render_content_line(y)
                for line_filter in filters:
                    strip = strip.apply_filter(line_filter, background)
                self._lines[y] = strip
        strips = [self._lines[y] for y in crop.line_range]
        if crop.column_span != (0, size.width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips
