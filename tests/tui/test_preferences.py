"""Themes and settings: what suits which terminal, that changes take effect at once, and what is written to the file."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.support.app.app import app_for, main_screen, said, screen_of, screen_text, settled, until
from tests.support.checks.long import few, more
from tests.support.pictures.scene_start import typed
from tests.support.servers.server import ServerProcess
from tui.config import load
from tui.config.mail import MailPreferences
from tui.config.preferences import TEXTUAL_THEMES, Preferences, of, store
from tui.rules.errors import Failed, InvalidValue
from tui.ui.base.prompt import Prompt
from tui.ui.dialogs.settings import SettingsScreen
from tui.ui.dialogs.themes import ThemesScreen
from tui.ui.widgets.status_line import StatusLine


@few(2)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "# mine\n",
        'server = "http://127.0.0.1:1"  # here\n',
        'theme = "dark"  # was\nlive = true\n',
        '[keys]\n"folder.unpublish" = "y"\n',
        'server = "x"\n\n# keys of mine\n[keys]\n"main.quit" = "Q"',
        'theme="dark"',
    ],
)
def test_one_key_is_written_and_all_else_stays(text: str, tmp_path: Path) -> None:
    file = tmp_path / "new" / "config.toml"
    if text:
        file.parent.mkdir()
        file.write_text(text)
    store(file, "theme", "light")
    store(file, "live", False)
    store(file, "theme", 'odd "text" \\ #')
    after = file.read_text()
    expected = {**tomllib.loads(text), "theme": 'odd "text" \\ #', "live": False}
    assert tomllib.loads(after) == expected
    kept = [line for line in text.splitlines() if not line.startswith(("theme", "live"))]
    assert [line for line in after.splitlines() if line in kept and line] == [line for line in kept if line]
    assert [line.partition("#")[2] for line in text.splitlines() if "#" in line] == [
        line.rpartition("#")[2]
        for line in after.splitlines()
        if line.rstrip().endswith(("mine", "here", "was"))
    ]
    assert file.stat().st_mode & 0o777 == 0o600


def test_what_cannot_be_changed_safely_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    for text in ("x = '''\ntheme = 1\n'''\n", "not toml at all ["):
        file.write_text(text)
        with pytest.raises(Failed, match="change it by hand"):
            store(file, "theme", "light")
        assert file.read_text() == text


def test_a_link_stays_one(tmp_path: Path) -> None:
    """As those who keep their configurations in a repository have it."""
    kept = tmp_path / "repository" / "sentlinks.toml"
    kept.parent.mkdir(mode=0o755)
    kept.write_text('theme = "dark"\n')
    file = tmp_path / "config" / "config.toml"
    file.parent.mkdir()
    file.symlink_to("../repository/sentlinks.toml")
    store(file, "theme", "light")
    assert file.is_symlink()
    assert kept.read_text() == 'theme = "light"\n'
    assert kept.parent.stat().st_mode & 0o777 == 0o755
    kept.unlink()
    store(file, "theme", "dark")
    assert kept.read_text() == 'theme = "dark"\n'


def test_it_is_only_said_what_helps(tmp_path: Path) -> None:
    """What can't be written can't be changed by hand either."""
    (tmp_path / "config.toml").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "latin-1.toml").write_bytes(b"x = '\xe4'")
    for path, message in (
        ("config.toml", "The configuration {} was not changed: Is a directory."),
        ("latin-1.toml", "The configuration {} was not changed: it isn't text in UTF-8; correct it by hand."),
        ("file/config.toml", "The folder {} cannot be used: it is a file."),
        ("file/below/config.toml", "The folder {} cannot be used: a part of its path is a file."),
    ):
        file = tmp_path / path
        with pytest.raises(Failed) as refused:
            store(file, "theme", "light")
        shown = file.parent if path.startswith("file/") else file
        assert refused.value.message == message.format(shown)


async def test_a_setting_holds_at_once_and_is_kept(sample_server: ServerProcess, tmp_path: Path) -> None:
    """A template of the user's own for copied links is shown, and replaced only when the setting is changed."""
    file = tmp_path / "config.toml"
    wanted = Preferences(theme="dark", copy_format="- $name ($url)", file=file)
    app = app_for(sample_server, tmp_path, demo=False, preferences=wanted)
    async with app.run_test(size=(80, 24)) as pilot:
        await main_screen(pilot)
        await settled(pilot)
        await pilot.press("comma")
        settings = await screen_of(pilot, SettingsScreen)
        await pilot.press("space")
        await screen_of(pilot, ThemesScreen)
        await pilot.press("down", "enter")
        await screen_of(pilot, SettingsScreen)
        await until(pilot, lambda: file.exists() and tomllib.loads(file.read_text()) == {"theme": "light"})
        assert app.theme == "sentlinks-light"
        await pilot.press("down", "enter")
        assert not app.preferences.live
        await until(pilot, lambda: tomllib.loads(file.read_text()) == {"theme": "light", "live": False})
        assert str(settings.table.rows[1].cells[1]) == "‹ no ›"
        at = next(i for i, row in enumerate(settings.table.rows) if row.key == "copy_format")
        settings.table.move_to(at)
        assert str(settings.table.rows[at].cells[1]) == "‹ - $name ($url) ›"
        for form, shown in (("links", "links only"), ("names", "name: link"), ("markdown", "Markdown")):
            await pilot.press("space")
            assert app.preferences.copy_format == form
            assert str(settings.table.rows[at].cells[1]) == f"‹ {shown} ›"
        kept = {"theme": "light", "live": False, "copy_format": "markdown"}
        await until(pilot, lambda: tomllib.loads(file.read_text()) == kept)
        levels = [app.animation_level]
        app.prefer("animation", True)
        assert [*levels, app.animation_level] == ["none", "full"]


async def test_the_arrows_take_the_value_before_and_the_next(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    """Without going round: at either end, the key says so. What is typed, or depends on the machine, says so too."""
    wanted = Preferences(theme="contrast", copy_format="- $name", file=tmp_path / "config.toml")
    (tmp_path / "themes").mkdir()
    (tmp_path / "themes" / "awry.toml").write_text("not toml at all [")
    app = app_for(sample_server, tmp_path, preferences=wanted)
    async with app.run_test(size=(80, 24)) as pilot:
        await main_screen(pilot)
        await settled(pilot)
        await pilot.press("comma")
        settings = await screen_of(pilot, SettingsScreen)

        async def at(name: str) -> None:
            settings.table.move_to([row.key for row in settings.table.rows].index(name))
            await pilot.pause()

        async def shown_after(key: str) -> str:
            await pilot.press(key)
            await settled(pilot)
            row = settings.table.current
            assert row is not None
            return str(row.cells[1]).strip("‹› ")

        await at("alerts")
        assert [await shown_after(key) for key in ("right", "l", "left")] == [
            "bell",
            "iTerm2, Windows (OSC 9)",
            "bell",
        ]
        assert "← → Value" in screen_text(pilot)
        assert await shown_after("h") == "none"
        assert await shown_after("left") == "none"
        assert said(settings, "#said") == "“none” is the first value; → goes on."
        await at("live")
        assert await shown_after("l") == "no"
        assert await shown_after("l") == "no"
        assert said(settings, "#said") == "“no” is the last value; ← goes back."
        assert await shown_after("space") == "yes"
        await at("copy_format")
        assert await shown_after("h") == "- $name"
        assert said(settings, "#said") == "This value is your own; → replaces it."
        assert await shown_after("right") == "links only"
        await at("mail_from")
        assert await shown_after("right") == "not set"
        assert said(settings, "#said") == "This is typed: space asks for it."
        await at("theme")
        for key, name in (("l", "16"), ("h", "contrast"), ("left", "light"), ("h", "dark"), ("h", "auto")):
            await shown_after(key)
            assert app.preferences.theme == name
        await shown_after("left")
        assert said(settings, "#said") == "“match the terminal” is the first value; → goes on."
        # Behind it is the user's own, which can't be read.
        app.prefer("theme", TEXTUAL_THEMES[-1])
        await shown_after("right")
        assert app.preferences.theme == TEXTUAL_THEMES[-1]
        assert "awry.toml" in said(settings, "#said")
        assert app.theme == f"sentlinks-{TEXTUAL_THEMES[-1]}"


@more
async def test_a_setting_of_the_environment_says_that_it_comes_first(
    sample_server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is changed now, and saved, but the next start wouldn't take it from the file."""
    monkeypatch.setenv("SENTLINKS_LIVE", "true")
    monkeypatch.setenv("SENTLINKS_THEME", "")
    preferences = Preferences(theme="dark", file=tmp_path / "config.toml")
    async with app_for(sample_server, tmp_path, demo=False, preferences=preferences).run_test() as pilot:
        await main_screen(pilot)
        await settled(pilot)
        await pilot.press("comma")
        settings = await screen_of(pilot, SettingsScreen)
        await pilot.press("space")
        await screen_of(pilot, ThemesScreen)
        await pilot.press("enter")
        await screen_of(pilot, SettingsScreen)
        assert said(settings, "#said") == ""
        await pilot.press("down", "space")
        assert said(settings, "#said").startswith("SENTLINKS_LIVE in the environment overrides this")


@more
async def test_a_theme_is_chosen_in_the_palette(sample_server: ServerProcess, tmp_path: Path) -> None:
    """Nothing of the demo is kept."""
    file = tmp_path / "config.toml"
    app = app_for(sample_server, tmp_path, demo=True, preferences=Preferences(theme="dark", file=file))
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        found = {command.title: command for command in app.get_system_commands(main)}
        assert "Theme: the terminal's own 16 colours" in found
        found["Theme: high contrast"].callback()
        assert app.theme == "sentlinks-contrast"
        found["Theme: the terminal's own 16 colours"].callback()
        await pilot.pause()
        assert app.current_theme.ansi
        app.prefer("theme", "light")
        await settled(pilot)
        assert app.theme == "sentlinks-light"
    assert not file.exists()


@more
async def test_a_file_that_cannot_be_written_is_reported(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    file = tmp_path / "config.toml"
    file.write_text("not toml at all [")
    app = app_for(sample_server, tmp_path, demo=False, preferences=Preferences(file=file))
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        app.prefer("theme", "light")
        await until(pilot, lambda: "change it by hand" in main.query_one("#status", StatusLine).text)


async def test_without_colour_no_cell_has_one(
    sample_server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Highlights are shown by text style alone."""
    monkeypatch.setenv("NO_COLOR", "1")
    app = app_for(sample_server, tmp_path, preferences=Preferences(theme="dark"))
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        await pilot.press("space")
        styles = set()
        for strip in main._compositor.render_strips():
            for segment in strip.apply_filter(app.get_line_filters()[-1], main.background_colors[1]):
                assert segment.style is not None
                for colour in (segment.style.color, segment.style.bgcolor):
                    assert colour is None or colour.is_default
                styles.add((segment.style.bold, segment.style.reverse))
        assert {(None, True), (True, None)} <= styles
        assert not any("Theme" in command.title for command in app.get_system_commands(main))


@more
async def test_settings_of_the_mail(
    sample_server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Text is typed and checked, an empty one unsets it; the mail program is one of those that are here."""
    (tmp_path / "bin").mkdir()
    for name in ("mutt", "aerc"):
        (tmp_path / "bin" / name).touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    for name in ("VISUAL", "EDITOR", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "config.toml"
    app = app_for(sample_server, tmp_path, demo=False, preferences=Preferences(file=file))
    async with app.run_test(size=(80, 24)) as pilot:
        await main_screen(pilot)
        await settled(pilot)
        await pilot.press("comma")
        settings = await screen_of(pilot, SettingsScreen)

        # The settings of the mail come last.
        first = [row.key for row in settings.table.rows].index("mail_program")

        def shown(row: int) -> str:
            return str(settings.table.rows[first + row - 4].cells[1])

        await pilot.press(*("down",) * first)
        for value in ("mutt", "aerc", "automatic", "mutt"):
            await pilot.press("space")
            await until(pilot, lambda value=value: shown(4) == f"‹ {value} ›", value)
        # Two steps that are typed together are two.
        await pilot.press("left", "right")
        await until(pilot, lambda: shown(4) == "‹ mutt ›", "on and back")
        await pilot.press("h", "h")
        await until(pilot, lambda: "“automatic” is the first value" in said(settings, "#said"))
        await pilot.press("l")
        await until(pilot, lambda: shown(4) == "‹ mutt ›", "the next")
        await pilot.press("down", "enter")
        prompt = await screen_of(pilot, Prompt)
        await typed(pilot, "anna")
        await pilot.press("enter")
        assert "is not an e-mail address" in prompt.query_one(StatusLine).text
        await typed(pilot, "@example.com")
        await pilot.press("enter")
        await until(pilot, lambda: shown(5) == "anna@example.com")
        await pilot.press("down", "down", "down", "enter")
        await screen_of(pilot, Prompt)
        await typed(pilot, "imaps://anna@mail.example.com")
        await pilot.press("enter")
        await until(pilot, lambda: shown(8) == "imaps://anna@mail.example.com")
        await pilot.press("enter")
        await screen_of(pilot, Prompt)
        await pilot.press("backspace", "enter")
        await until(pilot, lambda: shown(8) == "not set")
        kept = {"mail_program": "mutt", "mail_from": "anna@example.com", "mail_imap_url": ""}
        await until(pilot, lambda: file.exists() and tomllib.loads(file.read_text()) == kept)
    read = of(load({"SENTLINKS_HOME": str(tmp_path)}))
    assert read.mail == MailPreferences(mail_program="mutt", mail_from="anna@example.com")


@more
def test_a_mail_program_that_is_unknown_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('mail_program = "pine"\n')
    with pytest.raises(InvalidValue, match=r"mail_program from .* must be one of auto, neomutt.*, not pine"):
        of(load({"SENTLINKS_HOME": str(tmp_path)}))
