"""Dialogs don't pile up, callers that wait for one get an answer, and quitting works whatever is open."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Button
from textual.worker import Worker

from tests.support.app.app import (
    app_for,
    main_screen,
    put_cursor_on,
    running,
    screen_of,
    settled,
    until,
)
from tests.support.checks.long import more
from tests.support.pictures.scene_start import back
from tests.support.servers.server import ServerProcess
from tui.ui.base.help import Help
from tui.ui.base.palette import Palette
from tui.ui.base.question import Question
from tui.ui.dialogs.details import Details
from tui.ui.dialogs.settings import SettingsScreen
from tui.ui.dialogs.timeline import TimelineScreen
from tui.ui.draft.draft import DraftScreen
from tui.ui.main.main import MainScreen
from tui.ui.send.send import SendDialog


async def closing_twice_closes_nothing_else(pilot: Pilot[Any], main: MainScreen) -> None:
    app = pilot.app
    settings = SettingsScreen()
    app.push_screen(settings)
    await pilot.press("ctrl+p")
    palette = await screen_of(pilot, Palette)
    palette.dismiss()
    palette.dismiss()
    await pilot.pause()
    assert app.screen is settings
    settings.dismiss()
    settings.dismiss()
    await pilot.pause()
    left: Screen[Any] = app.screen
    assert left is main


async def closing_takes_along_what_is_above(pilot: Pilot[Any], main: MainScreen) -> None:
    """When a dialog closes, a question above it closes too, unanswered."""
    app = pilot.app
    answers: list[bool | None] = []
    below, above = (Question(text, yes="Yes", no="No") for text in ("Below?", "Above?"))
    app.push_screen(below, answers.append)
    app.push_screen(above, answers.append)
    await until(pilot, lambda: app.screen is above)
    below.dismiss(True)
    await pilot.pause()
    left: Screen[Any] = app.screen
    assert left is main
    assert answers == [True]


async def a_question_is_asked_whatever_lies_over_what_asks(pilot: Pilot[Any], main: MainScreen) -> None:
    """The user is asked about unpublishing what is already published even while reading the help."""
    await pilot.press("f1")
    await screen_of(pilot, Help)
    asking = main.run_worker(main.confirm("Unpublish them?", yes="Yes", no="No"))
    await screen_of(pilot, Question)
    await pilot.press("y")
    await screen_of(pilot, Help)
    assert await asking.wait() is True


async def a_dialog_that_comes_late_does_not_cover_another(pilot: Pilot[Any], main: MainScreen) -> None:
    app = pilot.app
    await pilot.press("f1")
    over = await screen_of(pilot, Help)
    late: Worker[Any] = main.run_worker(main.show_dialog(SettingsScreen()))
    assert await late.wait() is None
    assert app.screen is over


async def who_waits_for_an_answer_does_not_wait_for_ever(pilot: Pilot[Any], main: MainScreen) -> None:
    """The question closes along with a dialog below it, even if another screen asked it."""
    app = pilot.app
    settings = SettingsScreen()
    app.push_screen(settings)
    await screen_of(pilot, SettingsScreen)
    asking = main.run_worker(main.confirm("Unpublish them?", yes="Yes", no="No"))
    await screen_of(pilot, Question)
    settings.dismiss()
    assert await asking.wait() is False
    assert app.screen is main


async def test_the_second_of_two_clicks_opens_and_asks_nothing(
    sample_server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(sample_server, tmp_path, size=(100, 30)) as (pilot, main):
        app = pilot.app

        async def stack_after(act: Callable[[], object], kind: type[Screen[Any]]) -> list[Screen[Any]]:
            for _ in range(3):
                act()
            await screen_of(pilot, kind)
            await settled(pilot)
            return app.screen_stack

        assert await stack_after(main.register["help"].run, Help) == [main, app.screen]
        await pilot.press("escape")
        put_cursor_on(main, "Letter of Intent.pdf")
        await pilot.press("s")
        dialog = await screen_of(pilot, SendDialog)
        dialog.options.generate()
        close = dialog.query_one("#close", Button).press
        assert await stack_after(close, Question) == [main, dialog, app.screen]
        await pilot.press("n")
        made: list[Any] = []
        make = main.session.sends.job
        monkeypatch.setattr(main.session.sends, "job", lambda *how: made.append(how) or make(*how))  # type: ignore[func-returns-value]
        draft = await stack_after(dialog.query_one("#send_now", Button).press, DraftScreen)
        assert draft == [main, dialog, app.screen]
        assert len(made) == 1
        await pilot.press("x")
        await stack_after(app.screen.query_one("#close", Button).press, Question)
        assert [type(screen) for screen in app.screen_stack[2:]] == [DraftScreen, Question]
        await pilot.press("y")
        await until(pilot, lambda: app.screen is main)
        await pilot.press("A")
        timeline = await screen_of(pilot, TimelineScreen)
        await settled(pilot)
        assert await stack_after(timeline.table.action_open, Details) == [main, timeline, app.screen]


async def a_question_is_asked_once_at_a_time(pilot: Pilot[Any], main: MainScreen) -> None:
    app = pilot.app
    first = main.run_worker(main.confirm("Delete it?", yes="Yes", no="No"))
    await screen_of(pilot, Question)
    assert await main.run_worker(main.confirm("Delete it?", yes="Yes", no="No")).wait() is False
    other = main.run_worker(main.confirm("Unpublish it?", yes="Yes", no="No"))
    await until(pilot, lambda: len(app.screen_stack) == 3)
    await pilot.press("y", "y")
    assert (await other.wait(), await first.wait()) == (True, True)


async def a_palette_that_is_closed_at_once_looks_for_nothing(pilot: Pilot[Any], main: MainScreen) -> None:
    app = pilot.app
    settings = SettingsScreen()
    app.push_screen(settings)
    await pilot.press("ctrl+p")
    palette = await screen_of(pilot, Palette)
    settings.dismiss()
    await until(pilot, lambda: not palette.is_attached)
    # The search that it requested starts only now.
    looking = palette._gather_commands("quit")
    await looking.wait()
    assert app.screen is main


@more
async def test_an_end_while_something_opens_is_no_failure(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, main):
        app = pilot.app
        main.register["help"].run()
        app.exit(143)
        main.register["command_palette"].run()
    assert app.return_value == 143
    assert not list(tmp_path.glob("**/crash-*"))


async def test_a_signal_is_heard_among_hundreds_of_keys(sample_server: ServerProcess, tmp_path: Path) -> None:
    """Each key that is read wakes the app with a byte in a pipe that has room for only a few hundred."""
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await main_screen(pilot)
        loop = asyncio.get_running_loop()
        for _ in range(1000):
            loop.call_soon_threadsafe(lambda: None)
        signal.raise_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            while app.return_value is None:
                await asyncio.sleep(0.01)
    assert app.return_value == 143


async def a_screen_that_others_lie_over_knows_what_is_below_it(pilot: Pilot[Any], main: MainScreen) -> None:
    """Even when asked what is under the mouse, a screen doesn't take those above it for its background."""
    await pilot.press("f1")
    below = await screen_of(pilot, Help)
    for text in ("Sure?", "Quite?"):
        above = Question(text, yes="Yes", no="No")
        pilot.app.push_screen(above)
        await until(pilot, lambda above=above: pilot.app.screen is above)
    below._layout_cache.clear()
    below._set_dirty()
    below.get_style_at(0, 0)
    for screen in pilot.app.screen_stack[1:]:
        screen._styles_cache.clear()
        screen._set_dirty()
    above.refresh()
    await pilot.pause(0.3)
    assert pilot.app.is_running


@more
async def test_what_lies_over_another_screen(sample_server: ServerProcess, tmp_path: Path) -> None:
    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, main):
        for step in (
            closing_twice_closes_nothing_else,
            closing_takes_along_what_is_above,
            a_question_is_asked_whatever_lies_over_what_asks,
            a_dialog_that_comes_late_does_not_cover_another,
            who_waits_for_an_answer_does_not_wait_for_ever,
            a_question_is_asked_once_at_a_time,
            a_palette_that_is_closed_at_once_looks_for_nothing,
            a_screen_that_others_lie_over_knows_what_is_below_it,
        ):
            await step(pilot, main)
            await back(pilot)
