"""Choosing colours in the settings: what is under the cursor is shown at once, and kept only with enter."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from textual.widgets import OptionList

from tests.support.app.app import app_for, main_screen, said, screen_of, settled, until
from tests.support.checks.long import more
from tests.support.servers.server import ServerProcess
from tui.config.preferences import Preferences
from tui.ui.dialogs.settings import SettingsScreen
from tui.ui.dialogs.themes import ThemesScreen


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_theme_is_shown_before_it_is_chosen(
    sample_server: ServerProcess, tmp_path: Path, size: tuple[int, int]
) -> None:
    file = tmp_path / "config.toml"
    (tmp_path / "themes").mkdir()
    (tmp_path / "themes" / "mine.toml").write_text('ground = "#101010"\n')
    (tmp_path / "themes" / "grey.toml").write_text('text = "#333333"\n')
    app = app_for(sample_server, tmp_path, demo=False, preferences=Preferences(theme="dark", file=file))
    async with app.run_test(size=size) as pilot:
        await main_screen(pilot)
        await settled(pilot)
        await pilot.press("comma")
        await screen_of(pilot, SettingsScreen)
        await pilot.press("space")
        themes = await screen_of(pilot, ThemesScreen)
        names = [option.id for option in themes.query_one(OptionList).options]
        assert names[:2] == ["auto", "dark"]
        assert names[-2:] == ["grey", "mine"]
        assert "nord" in names
        await pilot.press("down")
        await until(pilot, lambda: app.theme == "sentlinks-light")
        # Nothing is chosen yet.
        await pilot.press("escape")
        settings = await screen_of(pilot, SettingsScreen)
        await until(pilot, lambda: app.theme == "sentlinks-dark")
        assert not file.exists()
        await pilot.press("enter")
        themes = await screen_of(pilot, ThemesScreen)
        themes.query_one(OptionList).highlighted = names.index("grey")
        await until(pilot, lambda: "can hardly be read" in said(themes, "#said"))
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, ThemesScreen)
        themes.query_one(OptionList).highlighted = names.index("nord")
        await until(pilot, lambda: app.theme == "sentlinks-nord")
        themes.query_one(OptionList).highlighted = names.index("mine")
        await until(pilot, lambda: app.theme == "sentlinks-own-mine")
        assert said(themes, "#said") == ""
        await pilot.press("enter")
        await screen_of(pilot, SettingsScreen)
        await until(pilot, lambda: file.exists() and tomllib.loads(file.read_text()) == {"theme": "mine"})
        assert str(settings.table.rows[0].cells[1]) == "‹ mine ›"
        assert app.theme == "sentlinks-own-mine"
        assert app.current_theme.background == "#101010"


@more
async def test_a_theme_that_cannot_be_used_is_said_at_the_start(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    """The app starts as if none were chosen."""
    (tmp_path / "themes").mkdir()
    (tmp_path / "themes" / "mine.toml").write_text('text = "black"\n')
    preferences = Preferences(theme="mine", file=tmp_path / "config.toml")
    app = app_for(sample_server, tmp_path, demo=False, preferences=preferences)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await until(pilot, lambda: "mine.toml isn't used: text must be a colour" in main.status.text)
        assert app.theme.startswith(("sentlinks-dark", "sentlinks-16", "sentlinks-light"))


async def test_the_terminal_changes_between_dark_and_light(
    sample_server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With ``auto``; a theme that was chosen stays."""
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TERM", "xterm-256color")
    app = app_for(sample_server, tmp_path, preferences=Preferences())
    async with app.run_test(size=(80, 24)) as pilot:
        await main_screen(pilot)
        await settled(pilot)
        for report, theme in (("2", "light"), ("1", "dark"), ("2", "light")):
            app.terminal_replied(f"\x1b[?997;{report}n")
            assert app.theme == f"sentlinks-{theme}"
        app.prefer("theme", "contrast")
        app.terminal_replied("\x1b[?997;1n")
        assert app.theme == "sentlinks-contrast"
