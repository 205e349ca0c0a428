"""The patches for Textual: each one is still needed and still fits. When Textual itself has fixed something, its test
fails here and the patch can go."""

from __future__ import annotations

import asyncio
import gc
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from functools import partial
from inspect import Signature, signature
from pathlib import Path
from random import Random
from time import monotonic
from types import SimpleNamespace
from typing import Any
from weakref import ref

import pytest
from rich.segment import Segment
from rich.style import Style
from textual import _callback, events
from textual._compositor import Compositor
from textual._context import visible_screen_stack
from textual._styles_cache import StylesCache
from textual.app import App, ComposeResult
from textual.color import Color
from textual.command import CommandPalette
from textual.containers import Horizontal, VerticalScroll
from textual.css import stylesheet
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.filter import Monochrome
from textual.geometry import Region
from textual.keys import _character_to_key
from textual.screen import ModalScreen, Screen
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Input, OptionList, Static, Tree

from tui.locations.location import Location
from tui.textual_patches import callbacks, memory
from tui.textual_patches.below import look_below
from tui.textual_patches.callbacks import count_once
from tui.textual_patches.compositor import SparingCompositor, draw_bare, spare, style_once
from tui.textual_patches.ending import PlainCrash, is_ending, leave_unanswered
from tui.textual_patches.keys import KeysInOrder, key_of, rebind, sign_of
from tui.textual_patches.lending import lent_terminal
from tui.textual_patches.memory import ForgetfulApp, let_go_of_closed
from tui.textual_patches.options import SteadyList
from tui.textual_patches.sheet import Sheet
from tui.textual_patches.timers import ensure_fires
from tui.theme import STYLES
from tui.widgets.tree import LocationTree

# ---------------------------------------------------------------- timers


@pytest.mark.parametrize("mended", [False, True], ids=["textual", "mended"])
async def test_a_timer_that_is_late_when_it_begins(mended: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    read: Counter[Any] = Counter()

    def now() -> float:
        # Two seconds pass before it first fires.
        read[asyncio.current_task()] += 1
        return monotonic() + (2 if read[asyncio.current_task()] == 2 else 0)

    beaten: list[str] = []
    async with App[None]().run_test() as pilot:
        monkeypatch.setattr("textual.timer._time", SimpleNamespace(get_time=now))
        timer = pilot.app.set_timer(0.01, lambda: beaten.append("now"))
        timer = ensure_fires(timer) if mended else timer
        assert timer._task is not None
        await timer._task
        await pilot.pause()
    assert beaten == (["now"] if mended else [])


# ---------------------------------------------------------------- style sheets


@pytest.mark.parametrize("kind", [Stylesheet, Sheet])
def test_a_theme_that_is_set_already_means_no_parsing(
    kind: type[Stylesheet], monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[object] = []
    from textual.css.parse import parse

    def count(*args: Any, **kwargs: Any) -> Any:
        parsed.append(args)
        return parse(*args, **kwargs)

    sheet = kind(variables={"text": "#fff"})
    sheet.add_source("Static { color: $text; }")
    sheet.parse()
    monkeypatch.setattr(stylesheet, "parse", count)
    sheet.set_variables({"text": "#fff"})
    sheet.reparse()
    assert bool(parsed) == (kind is Stylesheet)
    sheet.set_variables({"text": "#000"})
    sheet.reparse()
    assert parsed, "another colour is seen"


@pytest.mark.parametrize("kind", [Stylesheet, Sheet])
async def test_a_widget_is_first_styled_when_it_is_mounted(
    kind: type[Stylesheet], monkeypatch: pytest.MonkeyPatch
) -> None:
    styled: list[DOMNode] = []
    apply = Stylesheet.apply

    def note(sheet: Stylesheet, node: DOMNode, **more: Any) -> None:
        styled.append(node)
        apply(sheet, node, **more)

    class Tall(App[None]):
        CSS = ".tall { height: 3; } .taller { height: 5; }"

        def __init__(self) -> None:
            super().__init__()
            self.stylesheet = kind(variables=self.get_css_variables())

    monkeypatch.setattr(Stylesheet, "apply", note)
    async with Tall().run_test() as pilot:
        text = Static("text")
        text.add_class("tall")
        assert (text in styled) is (kind is Stylesheet)
        await pilot.app.mount(text)
        await pilot.pause()
        assert text.size.height == 3
        text.add_class("taller")
        await pilot.pause()
        assert text.size.height == 5
        await text.remove()
        text.remove_class("taller")
        await pilot.app.mount(text)
        await pilot.pause()
        assert text.size.height == 3, "it is styled as often as it is mounted"
        styled.clear()
        pilot.app.refresh_css()
        assert pilot.app in styled


# ---------------------------------------------------------------- lists of options


@pytest.mark.parametrize("kind", [OptionList, SteadyList])
async def test_a_page_key_before_a_list_was_laid_out(kind: type[OptionList]) -> None:
    async with App[None]().run_test() as pilot:
        options = kind("one", "two")
        options.display = False
        await pilot.app.mount(options)
        options.highlighted = 0
        failed = False
        try:
            options.action_page_down()
        except Exception:
            failed = True
        assert failed == (kind is OptionList)


async def test_the_palette_is_made_of_what_is_mended() -> None:
    assert CommandPalette._GATHER_COMMANDS_GROUP
    assert hasattr(CommandPalette._gather_commands, "__wrapped__")


# ---------------------------------------------------------------- keys


class Fields(App[int]):
    """Two fields: enter in the first one goes to the second."""

    def compose(self) -> ComposeResult:
        yield Input(id="first")
        yield Input(id="second")

    def on_input_submitted(self) -> None:
        self.screen.set_focus(self.query_one("#second"))


class OrderedFields(KeysInOrder, Fields):
    """The same, with the keys handled in order."""


@pytest.mark.parametrize("kind", [Fields, OrderedFields])
async def test_keys_that_come_at_once(kind: type[Fields]) -> None:
    async with kind().run_test() as pilot:
        app = pilot.app
        app.query_one("#first").focus()
        await pilot.pause()
        for key, character in (("a", "a"), ("enter", "\r"), ("b", "b")):
            app.post_message(events.Key(key, character))
        for _ in range(10):
            await pilot.pause()
        typed = [app.query_one(f"#{name}", Input).value for name in ("first", "second")]
        assert typed == (["a", "b"] if kind is OrderedFields else ["ab", ""])


def test_signs_have_names_that_lead_back_to_them() -> None:
    from string import punctuation

    from textual.keys import key_to_character

    assert key_of("?") == _character_to_key("?") == "question_mark"
    assert all(sign_of(key_of(sign)) == sign for sign in punctuation)
    assert any(key_to_character(key_of(sign)) != sign for sign in punctuation), (
        "Textual knows them all by now"
    )
    assert sign_of("enter") is None


async def test_own_keys_take_none_from_other_commands() -> None:
    class Two(App[None]):
        BINDINGS = [("x", "one", "One"), ("y", "two", "Two")]  # noqa: RUF012

    async with Two().run_test() as pilot:
        app = pilot.app
        app._bindings.key_to_bindings["x"] = [_with_id(app, "x", "one")]
        app._bindings.key_to_bindings["y"] = [_with_id(app, "y", "two")]
        rebind(app, {"one": "y"})
        assert {b.action for b in app._bindings.key_to_bindings["y"]} == {"one", "two"}
        assert "x" not in app._bindings.key_to_bindings


def _with_id(app: App[Any], key: str, ident: str) -> Any:
    from dataclasses import replace

    return replace(app._bindings.key_to_bindings[key][0], id=ident)


# ---------------------------------------------------------------- the end


@pytest.mark.parametrize("mended", [False, True], ids=["textual", "mended"])
async def test_who_waits_for_a_screen_that_another_closes(mended: bool) -> None:
    answers: list[object] = []
    async with App[None]().run_test() as pilot:
        app = pilot.app

        async def ask() -> None:
            answers.append(await app.push_screen_wait(ModalScreen[object]()))

        worker = app.run_worker(ask())
        await pilot.pause()
        if mended:
            leave_unanswered(app.screen)
        app.pop_screen()
        for _ in range(5):
            await pilot.pause()
        assert answers == ([None] if mended else [])
        worker.cancel()


async def test_an_app_that_is_ending_is_recognised() -> None:
    async with PlainCrash().run_test() as pilot:
        app = pilot.app
        assert not is_ending(app)
        app.exit()
        assert is_ending(app)
        assert app._exit, "by Textual too"


class Broken(App[int]):
    """Fails on mount."""

    def on_mount(self) -> None:
        secret = "a password"  # noqa: F841
        raise ZeroDivisionError("of the program")


class PlainlyBroken(PlainCrash, Broken):
    """The same, with a message instead of a traceback."""


@pytest.mark.parametrize("kind", [Broken, PlainlyBroken])
async def test_a_program_that_fails_shows_no_values(
    kind: type[Broken], capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ZeroDivisionError):
        async with kind().run_test():
            pass
    printed = capfd.readouterr().err
    assert ("a password" in printed) == (kind is Broken)
    assert ("internal error (ZeroDivisionError)" in printed) == (kind is PlainlyBroken)


# ---------------------------------------------------------------- the terminal lent


class Lending(App[None]):
    """Counts how often its terminal is taken back."""

    taken = 0

    @contextmanager
    def suspend(self) -> Iterator[None]:
        yield
        self.taken += 1


async def test_the_terminal_comes_back_where_something_was_raised() -> None:
    """Textual takes the terminal back after the ``yield``, which an exception skips."""
    import inspect

    source = inspect.getsource(App.suspend)
    assert "finally" not in source.split("yield", 1)[1], "Textual takes it back by itself now"
    app = Lending()
    with pytest.raises(KeyError), lent_terminal(app):
        raise KeyError
    assert app.taken == 1


# ---------------------------------------------------------------- callbacks


def test_the_parameters_of_a_function_are_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Path(_callback.__file__).read_text()
    assert "cache" not in source, "Textual remembers them by itself now"
    monkeypatch.setattr(_callback, "_count_parameters", None)
    count_once()
    counted: list[object] = []

    def count(function: Callable[..., object]) -> Signature:
        counted.append(function)
        return signature(function)

    class Caller:
        def method(self, first: int, second: int = 0) -> int:
            return first + second

    def function(first: int, *, second: int = 0) -> int:
        return first + second

    monkeypatch.setattr(callbacks, "signature", count)
    for called, arguments, left in (
        (Caller().method, (1,), 1),
        (Caller().method, (1, 2), 0),
        (function, (), 2),
        (function, (1,), 1),
    ):
        assert _callback.count_parameters(partial(called, *arguments)) == left
    assert len(counted) == 2
    assert _callback.count_parameters(partial([0].append)) == 1
    assert _callback.count_parameters(partial(partial(function, 1))) == 1


# ---------------------------------------------------------------- what is remembered


async def test_closed_screens_are_released_by_those_painted_over_them() -> None:
    """Every widget paints in its own context, which lives as long as the widget."""
    for app in (App[Any](), ForgetfulApp()):
        async with app.run_test() as pilot:
            await app.push_screen(ModalScreen[None]())
            await app.push_screen(ModalScreen[None]())
            context = copy_context()
            context.run(
                lambda app=app: app.screen._compositor.render_update(screen_stack=app._background_screens)
            )
            app.pop_screen()
            app.pop_screen()
            await pilot.pause()
            let_go_of_closed(app)
            below = context[visible_screen_stack]
            closed = [screen for screen in below if screen not in app.screen_stack]
            assert bool(closed) == (type(app) is App)


async def test_what_a_screen_has_behind_itself_is_the_one_below() -> None:
    async with App[None]().run_test() as pilot:
        app = pilot.app
        first = app.screen
        second, third = ModalScreen[None](), ModalScreen[None]()
        await app.push_screen(second)
        await app.push_screen(third)
        visible_screen_stack.set(app._background_screens)
        assert visible_screen_stack.get()[-1] is second, "Textual's word for the second one, too"
        look_below(second)
        assert visible_screen_stack.get() == [first]
        look_below(first)
        assert visible_screen_stack.get() == []


async def test_styles_keep_no_widgets_that_were_closed() -> None:
    async with ForgetfulApp().run_test() as pilot:
        styles = StylesCache()
        styles.get_inner_outer(Color(1, 2, 3), Color(4, 5, 6))
        kept = ref(styles)
        del styles
        gc.collect()
        assert kept() is not None, "Textual remembers it no longer by itself"
        let_go_of_closed(pilot.app)
        gc.collect()
        assert kept() is None


async def test_an_app_that_ends_lets_go_of_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would take time, and the memory is released anyway."""
    collected: list[str] = []
    monkeypatch.setattr(memory, "gc", SimpleNamespace(collect=lambda: collected.append("collected")))
    monkeypatch.setattr(memory, "_COLLECT_EVERY", 1)

    class Leaving(Screen[None]):
        def on_unmount(self) -> None:
            let_go_of_closed(self.app)

    app = ForgetfulApp()
    async with app.run_test():
        await app.push_screen(Leaving())
        await app.pop_screen()
        assert collected == ["collected"]
        await app.push_screen(Leaving())
    assert collected == ["collected"]


# ---------------------------------------------------------------- painting


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


@pytest.mark.parametrize("kind", [Tree, LocationTree])
async def test_the_style_of_a_tree_is_computed_once_for_all_lines(
    kind: type[Tree[Location]], monkeypatch: pytest.MonkeyPatch
) -> None:
    computed: list[DOMNode] = []

    class Trees(App[None]):
        CSS = "LocationTree, Tree { background: #000000; }"

        def compose(self) -> ComposeResult:
            yield LocationTree(id="tree") if kind is LocationTree else Tree("tree", id="tree")

        def get_theme_variable_defaults(self) -> dict[str, str]:
            return STYLES

    app = Trees()
    async with app.run_test(size=(30, 8)) as pilot:
        tree = app.query_one("#tree", Tree)
        usual: Any = DOMNode.__dict__["rich_style"].fget

        def compute(node: DOMNode) -> Style:
            computed.append(node)
            style: Style = usual(node)
            return style

        monkeypatch.setattr(DOMNode, "rich_style", property(compute))
        ends = []
        for colour in ("#112233", "#445566"):
            tree.styles.background = colour
            await pilot.pause()
            tree.refresh()
            computed.clear()
            strips = tree.render_lines(tree.size.region)
            assert computed.count(tree) == (8 if kind is Tree else 1)
            ends.append([*strips[-1]][-1].style)
        assert ends[0] != ends[1], "another colour is seen"


@pytest.mark.parametrize("spared", [False, True], ids=["textual", "mended"])
async def test_a_new_screen_is_styled_once(spared: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks as it does in Textual, also after it has become narrower."""
    styled: Counter[object] = Counter()
    apply = Stylesheet.apply

    def count(sheet: Stylesheet, node: DOMNode, **more: Any) -> None:
        styled[node.id] += 1
        apply(sheet, node, **more)

    class Page(Screen[None]):
        def __init__(self) -> None:
            super().__init__()
            if spared:
                spare(self)

        def compose(self) -> ComposeResult:
            yield Static("text", id="text")

        async def on_event(self, event: events.Event) -> None:
            if spared:
                style_once(self, event)
            await super().on_event(event)

    class Wide(App[None]):
        HORIZONTAL_BREAKPOINTS = [(0, "-compact"), (60, "-roomy")]  # noqa: RUF012
        CSS = ".-roomy Static { height: 3; } .-compact Static { height: 2; }"

    app = Wide()
    async with app.run_test(size=(80, 20)) as pilot:
        monkeypatch.setattr(Stylesheet, "apply", count)
        page = Page()
        await app.push_screen(page)
        await pilot.pause()
        text = page.query_one("#text")
        assert styled["text"] == (1 if spared else 3)
        assert text.size.height == 3
        await pilot.resize_terminal(50, 20)
        await pilot.pause()
        assert text.size.height == 2
