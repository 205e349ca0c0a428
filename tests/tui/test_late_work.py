"""Work, answers and clicks that come when what they are for has gone do no harm."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from rich.style import Style
from textual.css.query import NoMatches
from textual.dom import NoScreen
from textual.events import Click
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import OptionList

from tests.support.app.app import running, screen_of, settled, until
from tests.support.checks.long import more
from tests.support.servers.server import ServerProcess
from tui.locations.location import Location
from tui.rules.errors import Unreachable
from tui.ui.base.help import Help
from tui.ui.base.menu import Menu
from tui.ui.base.palette import Palette
from tui.ui.base.workers import report_failures
from tui.ui.main.main import MainScreen


async def work_for_a_closed_dialog_ends_quietly(pilot: Pilot[Any], main: MainScreen) -> None:
    """What it wanted to show has gone; for a screen that is open, it is a fault."""
    await pilot.press("f1")
    dialog = await screen_of(pilot, Help)
    await pilot.press("escape")
    await until(pilot, lambda: pilot.app.screen is main)
    for error in (NoMatches("gone"), NoScreen("gone")):

        async def work(error: Exception = error) -> None:
            raise error

        await report_failures(dialog, work)
        with pytest.raises(type(error)):
            await report_failures(main, work)


def _freed(things: Iterable[weakref.ref[Any]]) -> bool:
    gc.collect()
    return all(thing() is None for thing in things)


async def a_closed_dialog_is_let_go_of(pilot: Pilot[Any], main: MainScreen) -> None:
    """The lines that a dialog painted, which take up most of its memory, are freed as well."""
    app = pilot.app
    for key, kind in (("f1", Help), ("ctrl+p", Palette)):
        await pilot.press(key)
        screen = await screen_of(pilot, kind)
        painted = [weakref.ref(widget._styles_cache) for widget in screen.query("*")]
        assert painted
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is main)
        del screen
        # A closed screen ends, and is let go of, after the one below has come up.
        await until(pilot, partial(_freed, painted))


async def an_action_whose_place_has_gone_is_none(pilot: Pilot[Any], main: MainScreen) -> None:
    """If the list switches to local files between the key and the action, nothing happens."""
    assert main.check_action("audit_document", ())
    await main.action_command("audit_document")
    path = main.browser.navigator.path
    main.browser.navigator.path = [Location("local", "files", "/")]
    await settled(pilot)
    assert pilot.app.screen is main
    main.browser.navigator.path = path


async def a_click_at_a_command_that_is_gone(pilot: Pilot[Any], _: MainScreen) -> None:
    """The command stays visible until the shortened list is redrawn; clicking it does no harm."""
    app = pilot.app
    for opens, kind in (("ctrl+p", Palette), ("shift+f10", Menu)):
        await pilot.press(opens)
        screen: Screen[Any] = await screen_of(pilot, kind)
        options = screen.query_one(OptionList)
        await until(pilot, lambda options=options: options.option_count > 1)
        last = Style(meta={"option": options.option_count - 1})
        options.clear_options()
        options.post_message(Click(options, 1, 1, 0, 0, 1, False, False, False, style=last))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
    assert app.is_running


async def test_what_has_gone_is_not_missed(sample_server: ServerProcess, tmp_path: Path) -> None:
    """Also the status line that would tell of a failure as the app ends, and is gone before its screen."""
    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, main):
        await a_closed_dialog_is_let_go_of(pilot, main)
        await work_for_a_closed_dialog_ends_quietly(pilot, main)
        await an_action_whose_place_has_gone_is_none(pilot, main)
        await a_click_at_a_command_that_is_gone(pilot, main)

        async def work() -> None:
            while main.query("#status"):
                await asyncio.sleep(0)
            assert main.is_attached
            raise Unreachable("server.unreachable", "The server cannot be reached.")

        failing = asyncio.create_task(report_failures(main, work))
    await failing


@more
async def test_an_answer_that_comes_while_the_app_ends(
    sample_server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A response may arrive when the widget that would show it no longer exists."""
    asked: list[object] = []
    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, main):
        node = main.places.find("favorites")
        assert node is not None

        async def late(_: Location) -> list[Location]:
            asked.append("the tree")
            while main.query("#tree"):
                await asyncio.sleep(0)
            asked.append("it is gone")
            return []

        monkeypatch.setattr(main.session, "places", late)
        main.branches.fill(node)
        await until(pilot, lambda: asked, "the question")
    assert asked == ["the tree", "it is gone"]
