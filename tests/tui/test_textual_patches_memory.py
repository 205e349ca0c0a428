"""The patches for what Textual remembers: screens that were closed are let go of."""

from __future__ import annotations

import gc
from contextvars import copy_context
from types import SimpleNamespace
from typing import Any
from weakref import ref

import pytest
from textual._context import visible_screen_stack
from textual._styles_cache import StylesCache
from textual.app import App
from textual.color import Color
from textual.screen import ModalScreen, Screen

from tui.ui.textual_patches import memory
from tui.ui.textual_patches.below import look_below
from tui.ui.textual_patches.memory import ForgetfulApp, let_go_of_closed


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
