"""The patches for Textual's painting: less is drawn, but the same is painted."""

from __future__ import annotations

import re
from random import Random

import pytest
from rich.segment import Segment
from rich.style import Style
from textual._compositor import Compositor
from textual.app import App, ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.filter import Monochrome
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Static

from tui.ui.textual_patches.compositor import SparingCompositor, draw_bare


class Counting(ScrollView):
    """Counts the lines that it draws."""

    def __init__(self, name: str) -> None:
        super().__init__(id=name)
        self.drawn = 0

    def render_line(self, y: int) -> Strip:
        text = f"{self.id}{y}".ljust(self.size.width)
        return Strip([Segment(text, Style(color="#ff0000"))], self.size.width)

    def render_lines(self, crop: Region) -> list[Strip]:
        self.drawn += crop.height
        return super().render_lines(crop)


class Overlapping(App[None]):
    """A long list behind a box, beside a part that can be scrolled."""

    CSS = """
    Screen { layers: below above; background: blue; }
    Horizontal { layer: below; }
    #list { width: 2fr; }
    VerticalScroll { width: 1fr; background: red; }
    VerticalScroll > * { height: 4; border: round green; margin: 1; }
    #box { layer: above; width: 12; height: 5; offset: 20 3; background: black; padding: 1 2; }
    """

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Counting("list")
            with VerticalScroll():
                yield from (Static(f"契約 number {number}, cut somewhere") for number in range(12))
        yield Counting("box")


@pytest.mark.parametrize("kind", [Compositor, SparingCompositor])
async def test_a_line_is_drawn_for_itself_alone(kind: type[Compositor]) -> None:
    app = Overlapping()
    async with app.run_test(size=(60, 20)) as pilot:
        app.screen._compositor = kind()
        app.refresh(layout=True)
        await pilot.pause()
        long, box = (app.query_one(name, Counting) for name in ("#list", "#box"))
        long.drawn = box.drawn = 0
        app.screen._compositor._dirty_regions = {Region(0, 12, 20, 1)}
        app.screen._compositor.render_partial_update()
        assert (long.drawn, box.drawn) == ((20, 5) if kind is Compositor else (1, 0))


async def test_less_is_drawn_but_the_same_is_painted() -> None:
    """Whatever changes: the text for the terminal is Textual's own."""
    app = Overlapping()
    async with app.run_test(size=(60, 20)) as pilot:
        sparing, usual = SparingCompositor(), app.screen._compositor
        for scrolled in (0, 1, 5):
            app.query_one(VerticalScroll).scroll_to(y=scrolled, animate=False)
            await pilot.pause()
            sparing.__dict__.update(usual.__dict__)
            assert [*map(str, sparing.render_strips())] == [*map(str, usual.render_strips())]
            chance = Random(scrolled)
            for _ in range(60):
                x, y = chance.randrange(59), chance.randrange(19)
                changed = Region(x, y, chance.randint(1, 60 - x), chance.randint(1, 20 - y))
                more = Region(chance.randrange(60), chance.randrange(20), 1, 1)
                painted = []
                for compositor in (sparing, usual):
                    compositor._dirty_regions = {changed, more}
                    update = compositor.render_partial_update()
                    assert update is not None
                    # Textual also moves the cursor to where it then writes nothing.
                    painted.append(re.sub(r"\x1b\[[\d;]+H(?=\n|$)", "", update.render_segments(app.console)))
                assert painted[0] == painted[1], (scrolled, changed, more)


@pytest.mark.parametrize("bare", [False, True], ids=["textual", "mended"])
async def test_bare_lines_are_painted_as_they_are_drawn(bare: bool) -> None:
    """They are drawn once, and again only if they have changed; a filter works on them as on others."""
    drawn: list[int] = []

    class Line(Counting):
        def render_line(self, y: int) -> Strip:
            drawn.append(y)
            return super().render_line(y)

    class One(App[None]):
        def compose(self) -> ComposeResult:
            yield Line("line")

    app = One()
    async with app.run_test(size=(30, 4)) as pilot:
        line = app.query_one(Line)
        if bare:
            draw_bare(line)
        line.refresh()
        await pilot.pause()
        drawn.clear()

        def texts() -> list[str]:
            return [strip.render(app.console) for strip in line.render_lines(Region(0, 0, 30, 4))]

        before = texts()
        assert ["line0" in before[0], "line3" in before[3], len(before)] == [True, True, 4]
        line.refresh(Region(0, 2, 30, 1))
        assert texts() == before
        assert drawn == [2]
        assert [strip.text for strip in line.render_lines(Region(2, 1, 3, 1))] == ["ne1"]
        app._filters.append(Monochrome())
        assert texts() != before
