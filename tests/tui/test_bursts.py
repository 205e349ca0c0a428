"""Keys that arrive in one burst: each is handled before the next one is dispatched."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from textual import events
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from tests.support.app.app import running, screen_of, settled, until
from tests.support.pictures.scene_start import back
from tests.support.servers.server import ServerProcess
from tui.rules.presets import read_presets
from tui.ui.base.palette import Palette
from tui.ui.dialogs.settings import SettingsScreen
from tui.ui.dialogs.sign_in import SignInScreen
from tui.ui.main.main import MainScreen
from tui.ui.send.send import SendDialog
from tui.ui.widgets.field import Field


def burst(pilot: Pilot[Any], *keys: str) -> None:
    """Posts keys the way the driver does when it reads them all at once."""
    for key in keys:
        character = " " if key == "space" else key if len(key) == 1 else None
        pilot.app.post_message(events.Key(key, character))


async def the_filter_takes_what_is_typed_behind_its_key(pilot: Pilot[Any], main: MainScreen) -> None:
    for key in ("slash", *"let"):
        pilot.app.post_message(events.Key(key, "/" if key == "slash" else key))
    await until(pilot, lambda: main.browser.list.needle == "let", "the letters in the field")
    burst(pilot, "escape", "slash", *"sale", "enter")
    await until(pilot, lambda: main.browser.list.needle == "sale" and main.table.has_focus, "the next filter")
    assert main.kind != "local"


async def nothing_of_a_burst_is_lost(pilot: Pilot[Any], main: MainScreen) -> None:
    """Moves are counted, a paste goes where the keys before it lead, and a long text keeps its order."""
    text = "the quick brown fox jumps over the lazy dog 0123456789 " * 2
    for count in (1, 7):
        main.table.move_to(0)
        await pilot.pause()
        burst(pilot, *["down"] * count)
        await until(pilot, lambda count=count: main.table.cursor == count, "so many rows")
    burst(pilot, "slash", "a", "b")
    pilot.app.post_message(events.Paste("cd"))
    burst(pilot, "e", "f")
    await until(pilot, lambda: main.browser.list.needle == "abcdef", "all of it in its order")
    burst(pilot, "ctrl+u")
    for character in text:
        pilot.app.post_message(events.Key("space" if character == " " else character, character))
    await until(pilot, lambda: main.query_one("#filter", Input).value == text, "all of the text")


async def a_name_is_typed_behind_the_key_that_renames(pilot: Pilot[Any], main: MainScreen) -> None:
    main.table.move_to(len(main.table.rows) - 1)
    await pilot.press("s")
    dialog = await screen_of(pilot, SendDialog)
    await until(pilot, lambda: dialog.table.has_focus, "the rows")
    burst(pilot, "e", "ctrl+u", *"Offer", "enter", "ctrl+g")
    await until(pilot, lambda: dialog.state.plan.rows[0].link_name.startswith("Offer"), "the name")
    assert dialog.query_one("#password", Field).value


async def the_palette_runs_what_was_typed(pilot: Pilot[Any], main: MainScreen) -> None:
    """What the whole text finds is run, not what its first letters find; and keys typed after it go where it leads."""
    texts: tuple[tuple[str, type[Screen[Any]]], ...] = (("----", Palette), ("settings", SettingsScreen))
    for text, opens in texts:
        burst(pilot, "ctrl+p", *text, "enter")
        screen = await screen_of(pilot, opens)
        await settled(pilot, screen)
        burst(pilot, "escape", "slash", *text[:4])
        await until(pilot, lambda text=text: main.browser.list.needle == text[:4], "the filter")
        await pilot.press("escape")
    burst(pilot, "ctrl+p", *"find", "space", *"in", "enter", *"letter", "enter")
    await until(pilot, lambda: main.kind == "found", "what was found")
    assert main.path[-1].id == "letter"


async def what_is_typed_behind_enter_goes_where_enter_leads(pilot: Pilot[Any], main: MainScreen) -> None:
    """Keys typed after enter go from the filter to the list, and from the name to the password."""
    burst(pilot, "slash", *"letter", "enter", "space", "L")
    screen = await screen_of(pilot, SignInScreen)
    assert (main.browser.list.needle, len(main.table.selected)) == ("letter", 1)
    await until(pilot, lambda: screen.focused is not None, "a field")
    burst(pilot, "shift+tab", "end", *"x", "enter", *"abc")
    await until(pilot, lambda: screen.query_one("#password", Field).value == "abc", "the password")
    assert screen.query_one("#name", Field).value == "DJONESx"


async def a_preset_is_chosen_behind_the_key_that_lists_them(pilot: Pilot[Any], main: MainScreen) -> None:
    """And what follows the choice is for the dialog again; so is what follows the key that closes the list."""
    app: Any = pilot.app
    tables = {"client": {"expires": "7d"}, "court": {"expires": "1d", "downloads": 3}}
    app.preferences = app.preferences._replace(presets=read_presets(tables, datetime.now(UTC)))
    main.table.move_to(len(main.table.rows) - 1)
    await pilot.press("s")
    dialog = await screen_of(pilot, SendDialog)
    await until(pilot, lambda: dialog.table.has_focus, "the rows")
    burst(pilot, "ctrl+o", "j", "enter", "e", "ctrl+u", *"Offer", "enter")
    await until(pilot, lambda: dialog.state.plan.rows[0].link_name.startswith("Offer."), "the name")
    assert [dialog.query_one(f"#{name}", Field).value for name in ("expires", "downloads")] == ["1d", "3"]
    burst(pilot, "ctrl+o", "escape", "e", "ctrl+u", *"Plan", "enter")
    await until(pilot, lambda: dialog.state.plan.rows[0].link_name.startswith("Plan."), "the other name")
    assert pilot.app.screen is dialog


async def test_bursts_of_keys(sample_server: ServerProcess, tmp_path: Path) -> None:
    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, main):
        for number, step in enumerate(
            (
                the_filter_takes_what_is_typed_behind_its_key,
                nothing_of_a_burst_is_lost,
                a_name_is_typed_behind_the_key_that_renames,
                a_preset_is_chosen_behind_the_key_that_lists_them,
                the_palette_runs_what_was_typed,
                what_is_typed_behind_enter_goes_where_enter_leads,
            )
        ):
            if number:
                await back(pilot)
            await step(pilot, main)
