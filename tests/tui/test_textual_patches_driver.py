"""What Textual keeps private of its driver and its app, and what it does with it. A test that fails here says that a
part of ``textual_patches`` can go, or has to be looked at again."""

from __future__ import annotations

import gc
import inspect
import os
import re
import sys
from contextlib import suppress
from weakref import ref

import pytest
from rich.style import Style
from textual import events
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Offset
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static

from tui.ui.textual_patches.driver import keep_copied
from tui.ui.textual_patches.ending import PlainCrash
from tui.ui.textual_patches.linux_driver import SentlinksDriver
from tui.ui.textual_patches.options import SteadyList
from tui.ui.textual_patches.painted import driver_above
from tui.ui.textual_patches.tooltips import clear_no_tooltips

#: What the driver does, besides reading and writing.
PRIVATE_OF_THE_DRIVER = (
    "auto_restart", "enable_mouse_support", "file", "key_thread", "must_signal_resume", "sigcont_application",
    "sigtstp_application",
)  # fmt: skip


def test_nothing_public_leads_to_the_driver() -> None:
    assert not hasattr(App[None](), "driver")


@pytest.mark.parametrize("name", PRIVATE_OF_THE_DRIVER)
def test_the_driver_needs_what_textual_keeps_private(name: str) -> None:
    """Each is there, and only by its private name."""
    source = inspect.getsource(LinuxDriver)
    assert f"_{name}" in source
    assert re.search(rf"self\.{name}\b", source) is None
    assert f"def {name}" not in source


def test_textual_resumes_what_was_not_suspended() -> None:
    """A program that was stopped from outside hasn't released the terminal."""
    source = inspect.getsource(LinuxDriver._sigcont_application)
    assert "resume_application_mode" in source
    assert "suspend" not in source


def test_textual_takes_the_size_that_a_shell_has_exported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "33")
    monkeypatch.setenv("LINES", "11")
    driver = LinuxDriver.__new__(LinuxDriver)
    assert driver._get_terminal_size() == (33, 11)


def test_a_tour_is_told_the_size_of_its_own_rows_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that reports its size by itself reports all of its rows; nothing public keeps Textual from asking."""
    assert "_query_in_band_window_resize()" in inspect.getsource(LinuxDriver.start_application_mode)
    monkeypatch.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((80, 24)))
    for kind, rows in ((SentlinksDriver, 24), (driver_above(4, print), 20), (driver_above(30, print), 1)):
        driver = kind.__new__(kind)
        driver._file = sys.__stdout__
        assert driver._get_terminal_size() == (80, rows)
    written: list[str] = []
    monkeypatch.setattr(SentlinksDriver, "write", lambda driver, data: written.append(data))
    for kind, asks in ((SentlinksDriver, 1), (driver_above(4, print), 0)):
        written.clear()
        kind.__new__(kind)._query_in_band_window_resize()
        assert len(written) == asks


def test_textual_waits_a_tenth_of_a_second_for_the_rest_of_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever ``ESCDELAY`` says: it has a public parameter for it neither in the driver nor in the parser."""
    assert "select(0.1)" in inspect.getsource(LinuxDriver.run_input_thread)
    assert "_timeout_time" in inspect.getsource(XTermParser.__mro__[1])
    assert set(inspect.signature(XTermParser).parameters) == {"debug"}


# ---------------------------------------------------------------- the app


async def test_nothing_public_keeps_what_was_copied() -> None:
    """``copy_to_clipboard`` writes to the terminal, too, in a way of its own."""
    assert "write" in inspect.getsource(App.copy_to_clipboard)
    clipboard = inspect.getattr_static(App, "clipboard")
    assert isinstance(clipboard, property)
    assert clipboard.fset is None
    async with App[None]().run_test() as pilot:
        keep_copied(pilot.app, "copied")
        field = Input()
        await pilot.app.mount(field)
        field.focus()
        await pilot.press("ctrl+v")
        assert field.value == "copied"


def test_a_screen_that_shows_no_notifications_is_told_so_privately() -> None:
    """The app has public switches for neither."""
    names = {name for name in dir(App) if "tooltip" in name or "notification" in name}
    assert {name for name in names if "disable" in name and not name.startswith("_")} == set()


@pytest.mark.parametrize("shows", [True, False], ids=["textual", "without"])
async def test_a_tooltip_is_looked_for_only_where_there_are_any(
    shows: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Screen, "_clear_tooltip", Screen._clear_tooltip)
    clear_no_tooltips()
    looked: list[type] = []
    found = Screen.get_child_by_type

    def look(screen: Screen[object], kind: type[Widget]) -> Widget:
        looked.append(kind)
        return found(screen, kind)

    monkeypatch.setattr(Screen, "get_child_by_type", look)
    app = App[None]()
    async with app.run_test(tooltips=shows) as pilot:
        await app.mount(Input())
        app.query_one(Input).focus()
        await pilot.pause()
        looked.clear()
        await pilot.press("x")
    assert bool(looked) is shows


def test_a_program_that_fails_without_a_terminal_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Textual would fail once more, as no one can read the last message."""

    def gone(*_: object, **__: object) -> None:
        raise OSError

    outcomes = []
    for app in (App[int](), PlainCrash()):
        monkeypatch.setattr(app.error_console, "print", gone)
        app._exit_renderables.append("It failed.")
        failed = True
        with suppress(OSError):
            app._print_error_renderables()
            failed = False
        outcomes.append(failed)
    assert outcomes == [True, False]


async def test_a_widget_remembers_its_last_message() -> None:
    """Until it gets another one; and only the registry has all of them."""

    class Told(Message):
        """Says nothing."""

    async with App[None]().run_test() as pilot:
        app = pilot.app
        text = Static("text")
        await app.mount(text)
        told = Told()
        kept = ref(told)
        text.post_message(told)
        del told
        await pilot.pause()
        gc.collect()
        assert kept() is not None, "Textual remembers it no longer"
        assert app.screen.vertical_scrollbar in app._registry
        assert app.screen.vertical_scrollbar not in set(app.query("*"))
        for node in list(app._registry):
            node.check_idle()
        await pilot.pause()
        gc.collect()
        assert kept() is None


# ---------------------------------------------------------------- lists of options


@pytest.mark.parametrize("kind", [OptionList, SteadyList])
async def test_a_click_on_an_option_that_is_gone(kind: type[OptionList]) -> None:
    """It was removed, but is still on the screen."""
    async with App[None]().run_test() as pilot:
        options = kind("one", "two")
        await pilot.app.mount(options)
        at = Offset(1, 1)
        click = events.Click(
            options,
            at.x,
            at.y,
            0,
            0,
            1,
            shift=False,
            meta=False,
            ctrl=False,
            style=Style.from_meta({"option": 5}),
        )
        failed = False
        try:
            await options._on_click(click)
        except IndexError:
            failed = True
        assert failed == (kind is OptionList)
