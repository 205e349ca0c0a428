"""The patches for Textual's styles: nothing is parsed or styled twice, and it looks as it does without them."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from rich.style import Style
from textual import events
from textual.app import App, ComposeResult
from textual.color import Color
from textual.content import Content
from textual.css import stylesheet
from textual.css.styles import RULE_NAMES
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen
from textual.theme import Theme
from textual.widget import Widget
from textual.widgets import Button, Static, Tree

from tests.support.app.app import main_screen, resized, screen_of, settled
from tests.support.checks.long import few, more
from tests.support.pictures.picture import rows_of
from tests.tui.conftest import MakeApp
from tui.locations.location import Location
from tui.ui.base.question import Question
from tui.ui.textual_patches import sheet
from tui.ui.textual_patches.compositor import LATE_STYLES, repaint_all, set_width_class, style_once
from tui.ui.textual_patches.sheet import NEEDED, Sheet
from tui.ui.theme import DARK, THEMES
from tui.ui.widgets.tree import LocationTree

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


# ---------------------------------------------------------------- screens and trees


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
                set_width_class(self)

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
        await resized(pilot, 50, 20)
        await pilot.pause()
        assert text.size.height == 2


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
            return DARK.variables

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


# ---------------------------------------------------------------- themes


@more
@pytest.mark.parametrize("patched", [False, True])
@pytest.mark.parametrize("covered", [False, True])
async def test_another_theme_is_seen_in_texts_and_behind_dialogs(patched: bool, covered: bool) -> None:
    """Only the colour ``success`` is another one: no widget's own style has changed."""

    class Themed(App[None]):
        def compose(self) -> ComposeResult:
            yield Static(Content.assemble(("sent", "$success")))

        def on_mount(self) -> None:
            for name, colour in (("first", "#00ff00"), ("second", "#0000ff")):
                self.register_theme(Theme(name, primary="#808080", success=colour))
            self.theme = "first"
            if patched:
                self.theme_changed_signal.subscribe(self, lambda _: repaint_all(self))

    def colours() -> set[str]:
        looks = {look for row in rows_of(pilot.app) for character, look in row if character.strip()}
        return {look.partition(" ")[0] for look in looks}

    async with Themed().run_test() as pilot:
        await pilot.pause()
        if covered:
            await pilot.app.push_screen(ModalScreen())
        before = colours()
        pilot.app.theme = "second"
        await pilot.pause()
        assert (colours() != before) is patched


def _computed(app: App[Any]) -> list[tuple[str, ...]]:
    """How each widget of all screens looks, its parts included."""
    return [
        (
            f"{type(node).__name__} {node.id}",
            str(node.styles.background),
            str(node.styles.color),
            str(node.styles.text_style),
            *(str(node.styles.get_rule(name)) for name in ("layout", "overflow_y", "opacity", "border_top")),
            *(
                str(node.styles.get_rule(name))
                for name in sorted(RULE_NAMES)
                if name.startswith("scrollbar_")
            ),
            *(
                str(node.get_component_rich_style(name))
                for name in sorted(type(node)._get_component_classes())
            ),
        )
        for screen in app.screen_stack
        for node in screen.walk_children(Widget, with_self=True)
    ]


@few(3)
@pytest.mark.parametrize("theme", [theme.name for theme in THEMES.values()])
async def test_what_is_left_out_of_the_styles_of_textual_changes_nothing(
    theme: str, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []
    for needed in ({}, NEEDED):
        monkeypatch.setattr(sheet, "NEEDED", needed)
        app = make_app()
        app.stylesheet = Sheet(variables=app.get_css_variables())
        async with app.run_test(size=(120, 40)) as pilot:
            await main_screen(pilot)
            app.theme = theme
            await settled(pilot)
            app.screen.query_one(LocationTree).focus()
            await pilot.pause()
            in_front = _computed(app)
            app.push_screen(Question("Quit?", yes="Quit", no="Stay"))
            await screen_of(pilot, Question)
            await pilot.pause()
            looks.append(in_front + _computed(app))
    textual, ours = looks
    assert len(ours) > 30
    assert ours == textual


async def test_the_styles_of_dialogs_are_read_with_the_first_of_them(
    make_app: MakeApp,
) -> None:
    """They have them from the first moment, and a change of the theme reaches them."""
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await main_screen(pilot)
        assert not app.stylesheet.has_source(str(LATE_STYLES))
        answers: list[bool | None] = []
        app.push_screen(question := Question("Quit?", yes="Quit", no="Stay"), answers.append)
        await screen_of(pilot, Question)
        button = question.query_one("#no", Button)
        focused = app.theme_variables["cursor"]
        assert button.has_focus
        assert button.styles.background == Color.parse(focused)
        before = button.styles.background
        app.theme = "sentlinks-light"
        await pilot.pause()
        assert button.styles.background != before
        assert button.styles.background == Color.parse(app.theme_variables["cursor"])
