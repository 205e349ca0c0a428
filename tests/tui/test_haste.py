"""What comes too early, twice, or when it is over already does no harm."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from textual.command import CommandList
from textual.screen import Screen
from textual.widgets import Button, OptionList

from tests.support.app import app_for, main_screen, name_of, put_cursor_on, screen_of, settled, until
from tests.support.misbehave import Hang, Misbehaving
from tests.support.server import ServerProcess
from tui.clients.connection import Target
from tui.first import FirstPage, first_page
from tui.screens.base import Say
from tui.screens.draft import DraftScreen
from tui.screens.facts import Facts
from tui.screens.help import Help
from tui.screens.menu import Menu, offered
from tui.screens.palette import Palette
from tui.screens.part import NOT_OPEN
from tui.screens.question import Question
from tui.screens.send import SendDialog
from tui.screens.settings import SettingsScreen
from tui.screens.timeline import TimelineScreen
from tui.start import _ask_first_page
from tui.widgets.tree import Place


@pytest.mark.parametrize(
    "held", ["/share/v1/me", "/work/api/v2/customers/1/libraries/ACTIVE/recent-documents"]
)
async def test_early_rows_are_only_looked_at(held: str, sample_server: ServerProcess, tmp_path: Path) -> None:
    """The first page is there before the session is open, or before its rows are the full ones."""
    early: Future[FirstPage | None] = Future()
    early.set_result(first_page(Target(sample_server.url, sample_server.token), False))
    with Misbehaving(sample_server.url) as proxy:
        proxy.spoil("GET", Hang(), path=held, times=9)
        app = app_for(sample_server, tmp_path, demo=False, url=proxy.url)
        app.session._first = early
        async with app.run_test(size=(100, 30)) as pilot:
            main = app.screen
            await until(pilot, lambda: main.query_one("#list").rows)
            await until(pilot, lambda: any(s.path.startswith(held) for s in proxy.seen), "the held request")
            await pilot.press("j", "enter")
            assert main.query_one("#status", Say).said == NOT_OPEN
            await pilot.press("s", "v", "i", "f", "e", "a", "d", "backspace", "right", "space")
            assert app.screen is main
            await pilot.press("m")
            await screen_of(pilot, Menu)


def test_a_first_page_that_nobody_waits_for_any_more_is_no_failure(sample_server: ServerProcess) -> None:
    """As where somebody presses f5 before it is there."""
    with Misbehaving(sample_server.url) as proxy:
        proxy.spoil("GET", Hang(), path="/api")
        page = _ask_first_page(Target(proxy.url, sample_server.token), False)
        assert not page.cancel()
        proxy.down()
        assert page.result(30) is None


@pytest.mark.parametrize("key", ["pagedown", "pageup", "enter", "down"])
async def test_a_palette_without_room_takes_page_keys(
    key: str, sample_server: ServerProcess, tmp_path: Path
) -> None:
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(40, 3)) as pilot:
        await main_screen(pilot)
        await pilot.press("ctrl+p")
        palette = await screen_of(pilot, Palette)
        await until(pilot, lambda: palette.query_one(CommandList).option_count)
        palette.query_one(CommandList).highlighted = 0
        await pilot.press(key, "ctrl+l")
        assert app.is_running


async def test_a_menu_takes_page_keys_before_it_is_laid_out(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        (options,) = Menu("Offer.pdf", offered(main, menu_only=True)).body()
        assert isinstance(options, OptionList)
        with options.prevent(OptionList.OptionHighlighted):
            options.highlighted = 1
        options.action_page_down()
        options.action_page_up()
        assert options.highlighted == 1


async def test_closing_twice_closes_nothing_else(sample_server: ServerProcess, tmp_path: Path) -> None:
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
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
        assert app.screen is main


async def test_closing_takes_along_what_is_above(sample_server: ServerProcess, tmp_path: Path) -> None:
    """The question over a dialog that has ended is none any more."""
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        answers: list[bool | None] = []
        below, above = Question("Below?"), Question("Above?")
        app.push_screen(below, answers.append)
        app.push_screen(above, answers.append)
        await until(pilot, lambda: app.screen is above)
        below.dismiss(True)
        await pilot.pause()
        assert app.screen is main
        assert answers == [True]


async def test_closed_before_it_was_there(sample_server: ServerProcess, tmp_path: Path) -> None:
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        question = Question("Sure?")
        app.push_screen(question)
        # It has no widgets yet, and so it does nothing either.
        assert not question.check_action("yes", ())
        question.dismiss(False)
        await pilot.pause()
        assert app.screen is main
        assert name_of(main.table.rows[0])


async def test_the_palette_has_the_keys_that_work_everywhere(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await main_screen(pilot)
        painted: list[str] = []
        app.action_repaint = lambda: painted.append("anew")  # type: ignore[method-assign]
        await pilot.press("ctrl+p")
        palette = await screen_of(pilot, Palette)
        await pilot.press("ctrl+l", "ctrl+p")
        assert painted == ["anew"]
        assert app.screen is palette
        await pilot.press("f1")
        assert app.screen is not palette
        await pilot.press("ctrl+p")
        assert sum(isinstance(screen, Palette) for screen in app.screen_stack) == 1
        await pilot.press("escape", "escape")
        assert app.screen_stack[-1] is not palette


async def test_a_closed_dialog_is_let_go_of(sample_server: ServerProcess, tmp_path: Path) -> None:
    """With the lines that it had painted, which are most of it."""
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        for key, kind in (("f1", Help), ("ctrl+p", Palette)):
            await pilot.press(key)
            screen = await screen_of(pilot, kind)
            painted = [weakref.ref(widget._styles_cache) for widget in screen.query("*")]
            assert painted
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is main)
            del screen
            gc.collect()
            assert [ref for ref in painted if ref() is not None] == []


async def test_an_action_whose_place_has_gone_is_none(sample_server: ServerProcess, tmp_path: Path) -> None:
    """Files of this machine are shown between the key and what it does."""
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        assert main.check_action("audit_document", ())
        main.action_audit_document()
        main.path = [Place("local", "files", str(tmp_path))]
        await settled(pilot)
        assert app.screen is main


async def test_a_question_is_asked_whatever_lies_over_what_asks(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    """What was published already is offered for unpublishing also to whoever reads the help meanwhile."""
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        await pilot.press("f1")
        await screen_of(pilot, Help)
        asking = main.run_worker(main.agreed("Unpublish them?"))
        await screen_of(pilot, Question)
        await pilot.press("y")
        await screen_of(pilot, Help)
        assert await asking.wait() is True


async def test_a_dialog_that_comes_late_does_not_cover_another(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        await pilot.press("f1")
        over = await screen_of(pilot, Help)
        late = main.run_worker(main.answer_to(SettingsScreen()))
        assert await late.wait() is None
        assert app.screen is over


async def test_who_waits_for_an_answer_does_not_wait_for_ever(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    """The question is closed along with a dialog below it that is not the one that asked."""
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        settings = SettingsScreen()
        app.push_screen(settings)
        await screen_of(pilot, SettingsScreen)
        asking = main.run_worker(main.agreed("Unpublish them?"))
        await screen_of(pilot, Question)
        settings.dismiss()
        assert await asking.wait() is False
        assert app.screen is main


async def test_the_second_of_two_clicks_opens_and_asks_nothing(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)

        async def stack_after(act: Callable[[], object], kind: type[Screen[Any]]) -> list[Screen[Any]]:
            for _ in range(3):
                act()
            await screen_of(pilot, kind)
            await settled(pilot)
            return app.screen_stack

        assert await stack_after(main.action_help, Help) == [main, app.screen]
        await pilot.press("escape")
        put_cursor_on(main, "Letter of Intent.pdf")
        await pilot.press("s")
        dialog = await screen_of(pilot, SendDialog)
        dialog.options.generate()
        close = dialog.query_one("#close", Button).press
        assert await stack_after(close, Question) == [main, dialog, app.screen]
        await pilot.press("n")
        made: list[Any] = []
        make = dialog._make_job
        dialog._make_job = lambda *how: made.append(how) or make(*how)  # type: ignore[func-returns-value]
        draft = await stack_after(dialog.query_one("#send", Button).press, DraftScreen)
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
        assert await stack_after(timeline.table.action_open, Facts) == [main, timeline, app.screen]


async def test_a_question_is_asked_once_at_a_time(sample_server: ServerProcess, tmp_path: Path) -> None:
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        first = main.run_worker(main.agreed("Delete it?"))
        await screen_of(pilot, Question)
        assert await main.run_worker(main.agreed("Delete it?")).wait() is False
        other = main.run_worker(main.agreed("Unpublish it?"))
        await until(pilot, lambda: len(app.screen_stack) == 3)
        await pilot.press("y", "y")
        assert (await other.wait(), await first.wait()) == (True, True)


async def test_a_palette_that_is_closed_at_once_looks_for_nothing(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        settings = SettingsScreen()
        app.push_screen(settings)
        await pilot.press("ctrl+p")
        palette = await screen_of(pilot, Palette)
        settings.dismiss()
        await until(pilot, lambda: not palette.is_attached)
        # What it asks for begins only now.
        looking = palette._gather_commands("quit")
        await looking.wait()
        assert app.screen is main
