"""The menu says what its commands act on where rows are selected and the cursor is on another."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import OptionList

from tests.support.app.app import put_cursor_on, running, screen_of, screen_text, sent_folder, until
from tests.support.servers.server import ServerProcess
from tests.tui.conftest import MakeApp
from tui.ui.base.menu import Menu
from tui.ui.dialogs.timeline import TimelineScreen
from tui.ui.main.main import MainScreen

FOLDER = "DJONES - Secure Sent Links"


def _lines(menu: Menu) -> list[str]:
    """What the list of a menu has, without the keys, and with the titles in brackets."""
    options = menu.query_one(OptionList).options
    return [f"[{each.prompt}]" if each.disabled else str(each.prompt).split(None, 1)[1] for each in options]


@pytest.mark.parametrize("selected", [["First.pdf", "Second.pdf"], ["First.pdf"]])
async def test_details_are_of_the_row_under_the_cursor(selected: list[str], make_app: MakeApp) -> None:
    async with make_app().run_test(size=(80, 24)) as pilot:
        main = await sent_folder(pilot)
        for name in selected:
            put_cursor_on(main, name)
            await pilot.press("space")
        put_cursor_on(main, "Third.pdf")
        await pilot.press("m")
        menu = await screen_of(pilot, Menu)
        assert menu.heading == ("2 selected" if selected[1:] else "First.pdf")
        lines = _lines(menu)
        row, folder = lines.index("[Third.pdf]"), lines.index(f"[{FOLDER}]")
        assert "Unpublish" in lines[:row]
        assert lines[row + 1 : folder] == ["Text", "Details", "Activity"]
        assert "Members…" in lines[folder:]
        await pilot.press("a")
        assert (await screen_of(pilot, TimelineScreen)).heading == "Activity of Third.pdf"


async def test_where_the_cursor_is_on_what_is_selected_nothing_is_named_twice(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(80, 24)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "Third.pdf")
        for keys in (["m"], ["V", "m"]):
            await pilot.press(*keys)
            menu = await screen_of(pilot, Menu)
            assert menu.heading == "Third.pdf"
            assert not [line for line in _lines(menu) if line.startswith("[")]
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(pilot.app.screen, MainScreen))


async def test_a_shortcut_is_to_the_row_under_the_cursor(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    """It isn't named once more."""
    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, main):
        await pilot.press("ctrl+a")
        put_cursor_on(main, "Call Notes - Castellan.txt")
        await pilot.press("m")
        menu = await screen_of(pilot, Menu)
        assert screen_text(pilot).count("│ ───") == 1, "it is all for the same"
        lines = _lines(menu)
        title = lines.index("[Call Notes - Castellan.txt]")
        assert lines[title + 1 :] == ["Text", "Details", "Activity", "Add to My Favorites"]
