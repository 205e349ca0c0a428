"""The patches for Textual: each one is still needed and still fits. When Textual itself has fixed something, its test
fails here and the patch can go. Those for styles, for painting and for memory have files of their own."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from inspect import Signature, signature
from pathlib import Path
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest
from textual import _callback, events
from textual.app import App, ComposeResult
from textual.command import CommandPalette
from textual.keys import _character_to_key
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, OptionList

from tui.ui.textual_patches import callbacks
from tui.ui.textual_patches.callbacks import count_once
from tui.ui.textual_patches.ending import PlainCrash, is_ending, leave_unanswered
from tui.ui.textual_patches.keys import KeysInOrder, key_of, rebind, sign_of
from tui.ui.textual_patches.lending import lent_terminal
from tui.ui.textual_patches.options import SteadyList
from tui.ui.textual_patches.timers import ensure_fires

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


class Overtaking(Screen[None]):
    """A screen that is told of a key before the app is, and presses another one then."""

    def compose(self) -> ComposeResult:
        yield Input(id="first")
        yield Input(id="second")

    def on_key(self, event: events.Key) -> None:
        if event.key == "tab":
            self.app.post_message(events.Key("b", "b"))


@pytest.mark.parametrize("kind", [App, KeysInOrder])
async def test_a_key_that_the_app_presses_is_not_overtaken_on_its_way(kind: type[App[int]]) -> None:
    async with kind().run_test() as pilot:
        app = pilot.app
        await app.push_screen(Overtaking())
        app.screen.query_one("#first").focus()
        await pilot.pause()
        app.post_message(events.Key("tab", None).set_sender(app))
        for _ in range(10):
            await pilot.pause()
        typed = [app.screen.query_one(f"#{name}", Input).value for name in ("first", "second")]
        assert typed == (["", "b"] if kind is KeysInOrder else ["b", ""])


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
