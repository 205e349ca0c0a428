"""The user's own keys: what the configuration may contain, and that they work everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.app.app import (
    app_for,
    main_screen,
    open_sent_folder,
    said,
    screen_of,
    settled,
    until,
)
from tests.support.pictures.scene_start import add_shortcut
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tui import config
from tui.commands.declared import COMMANDS
from tui.commands.keymap import checked
from tui.config import preferences
from tui.config.preferences import Preferences
from tui.rules.errors import InvalidValue
from tui.ui.base.help import Help
from tui.ui.base.menu import offered
from tui.ui.base.question import Question
from tui.ui.main.main import MainScreen
from tui.ui.send.send import SendDialog
from tui.ui.widgets.footer import Footer

WHERE = "[keys] of config.toml"


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ({"folder.unpublish": "y"}, {"folder.unpublish": "y"}),
        ({"folder.unpublish": "W, alt+u"}, {"folder.unpublish": "W,alt+u"}),
        ({"folder.unpublish": ["f7", "?"]}, None),
        ({"send.send_now": "F9"}, {"send.send_now": "f9"}),
        ({"folder.fetch": "v"}, {"folder.fetch": "v"}),
        ({"lists.down": ["down", "H"]}, {"lists.down": "down,H"}),
        (
            {"folder.send_again": "y", "folder.unpublish": "s"},
            {"folder.send_again": "y", "folder.unpublish": "s"},
        ),
        ({"main.filter": "+"}, {"main.filter": "plus"}),
        ({"folder.unpublish": "y u"}, {"folder.unpublish": "y u"}),
        (
            {"folder.unpublish": ["y  U", "f7", "ctrl+x ? 1"]},
            {"folder.unpublish": "y U,f7,ctrl+x question_mark 1"},
        ),
        ({"send.send_now": "ctrl+x s"}, {"send.send_now": "ctrl+x s"}),
        # Where nothing begins with it.
        ({"draft.show_code": "g"}, {"draft.show_code": "g"}),
        ({"folder.unpublish": "shift+alt+u"}, {"folder.unpublish": "alt+shift+u"}),
        ({}, {}),
        # List and tree never have the focus at the same time.
        (
            {"lists.select": ["space", "f9"], "tree.toggle_node": "f9"},
            {"lists.select": "space,f9", "tree.toggle_node": "f9"},
        ),
    ],
)
def test_keys_that_can_be_had(table: dict[str, Any], found: dict[str, str] | None) -> None:
    if found is None:
        # ? is help everywhere.
        with pytest.raises(InvalidValue, match="would be both"):
            checked(table, WHERE)
    else:
        assert checked(table, WHERE) == found


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (
            {"folder.unpublsh": "g"},
            "names an unknown command folder.unpublsh. Did you mean 'folder.unpublish'",
        ),
        ({"\x1b[31m": "g"}, "names an unknown command ␛[31m"),
        ({"folder.unpublish": "ctrl+shif+g"}, "ctrl+shif+g is not a key; use one like"),
        ({"folder.unpublish": ""}, "nothing is not a key"),
        ({"folder.unpublish": 3}, "must be a key like u, ctrl+u or g u, or a list of keys"),
        ({"folder.unpublish": []}, "must be a key like"),
        (
            {"folder.unpublish": "d"},
            "d would be both folder.unpublish and folder.delete; give one of them another",
        ),
        ({"main.quit": "s"}, "s would be both"),
        (
            {"folder.unpublish": "g"},
            "g would be folder.unpublish and also begin g g, which is lists.first; give one of them another key.",
        ),
        (
            {"folder.unpublish": "d u"},
            "d would be folder.delete and also begin d u, which is folder.unpublish; give one of them another",
        ),
        ({"folder.unpublish": ["y", "y u"]}, "y would be folder.unpublish and also begin y u"),
        (
            {"folder.unpublish": "y u", "folder.fetch": "y u v"},
            "y u would be folder.unpublish and also begin",
        ),
        ({"folder.unpublish": "g l"}, "g l would be both folder.unpublish and main.local_files"),
        ({"folder.unpublish": "y escape"}, "escape ends a sequence of keys, so it can't be one of y escape"),
        ({"folder.unpublish": "y shif"}, "shif is not a key; use one like"),
        ({"send.send_now": "y s"}, "works while you type, so its key can't be y"),
        ({"send.send_now": "s"}, "works while you type, so its key can't be s"),
        ({"everywhere.help": "space"}, "works while you type, so its key can't be space"),
    ],
)
def test_keys_that_cannot_be_had_get_one_sentence(table: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        checked(table, WHERE)
    assert sentence in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.message.isprintable()


def test_the_defaults_clash_with_nothing() -> None:
    """All defaults are accepted unchanged as the user's own keys."""
    table = {command.name: command.keys.split(",") for command in COMMANDS}
    assert checked(table, WHERE) == {command.name: command.keys for command in COMMANDS}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[keys]\n"folder.unpublsh" = "y"\n', "Did you mean 'folder.unpublish'?"),
        ('keys = "g"\n', "must be a table of commands and keys"),
        ('theme = "purple"\n', "must be one of auto, dark, light, contrast, 16, mono, not purple"),
        ('cell_diff = "perhaps"\n', "must be true or false"),
    ],
)
def test_a_wrong_configuration_is_reported_before_the_app_opens(
    text: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "config.toml").write_text(text)
    with pytest.raises(InvalidValue) as caught:
        preferences.of(config.load())
    assert sentence in caught.value.message


def test_the_environment_overrides_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "config.toml").write_text('theme = "light"\n[keys]\n"folder.unpublish" = "y"\n')
    assert preferences.of(config.load()).keys == {"folder.unpublish": "y"}
    monkeypatch.setenv("SENTLINKS_KEYS", "folder.unpublish=f7 main.quit=Q")
    monkeypatch.setenv("SENTLINKS_THEME", "contrast")
    monkeypatch.setenv("SENTLINKS_KEYS", "folder.unpublish=y u,f7 main.quit=Q")
    assert preferences.of(config.load()).keys == {"folder.unpublish": "y u,f7", "main.quit": "Q"}
    for wrong in ("y u", "=y", "main.quit=", "main.quit=Q ="):
        monkeypatch.setenv("SENTLINKS_KEYS", wrong)
        with pytest.raises(InvalidValue):
            preferences.of(config.load())
    monkeypatch.setenv("SENTLINKS_KEYS", "folder.unpublish=f7 main.quit=Q")
    found = preferences.of(config.load())
    assert found.keys == {"folder.unpublish": "f7", "main.quit": "Q"}
    assert found.theme == "contrast"


async def test_own_keys_hold_and_the_old_ones_do_not(fresh_server: ServerProcess, tmp_path: Path) -> None:
    """Footer, palette and help show the new keys; commands elsewhere keep a key that both had."""
    add_shortcut(fresh_server)
    publish(fresh_server, b"x", "Offer.pdf")
    table = {
        "folder.send_again": "y",
        "folder.unpublish": ["f7", "W"],
        "lists.down": "H",
        "folder.trash": "f6",
    }
    keys = checked(table, WHERE)
    app = app_for(fresh_server, tmp_path, demo=False, preferences=Preferences(keys=keys))
    async with app.run_test(size=(100, 30)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        shown = {offer.command.name: offer.shown for offer in offered(main)}
        assert shown["lists.down"] == ["H"]
        await open_sent_folder(pilot, main)
        await settled(pilot)
        assert "y Send again" in main.query_one(Footer).render().plain
        assert "f7 Unpublish" in main.query_one(Footer).render().plain
        await pilot.press("u", "s")
        await pilot.pause()
        assert app.screen is main
        assert main.table.rows[0].data.published
        await pilot.press("W")
        await until(pilot, lambda: not main.table.rows[0].data.published)
        palette = {command.title for command in app.get_system_commands(main)}
        assert "Secure Sent Links… (send again)  (y)" in palette
        await pilot.press("f1")
        help_screen = await screen_of(pilot, Help)
        assert any(offer.keys == ["y"] for offer in help_screen._commands)
        await pilot.press("escape")
        # The picker's s is unchanged.
        await main.action_command("local_files")
        await until(pilot, lambda: main.kind == "local" and main.table.current)
        assert main.disabled_reason("send_again") == ""
        await open_sent_folder(pilot, main)
        await settled(pilot)
        await pilot.press("d", "y")
        await until(pilot, lambda: "to the trash" in said(main), "the outcome")
        assert said(main) == "Moved “Offer.pdf” to the trash. z undoes it."
        await pilot.press("f6")
        await until(pilot, lambda: main.kind == "trash", "the trash")


async def test_own_keys_hold_in_dialogs(sample_server: ServerProcess, tmp_path: Path) -> None:
    keys = checked({"send.copy_now": "f9", "dialogs.close": ["f10"], "send_rows.undo": "u"}, WHERE)
    app = app_for(sample_server, tmp_path, preferences=Preferences(keys=keys))
    async with app.run_test(size=(100, 30)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        await pilot.press("space", "space", "s")
        dialog = await screen_of(pilot, SendDialog)
        first = dialog.state.plan.rows[0].link_name
        await pilot.press("J", "u")
        assert dialog.state.plan.rows[0].link_name == first
        assert "f9 Copy" in dialog.query_one(Footer).render().plain
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen is dialog
        await pilot.press("J", "f10")
        await screen_of(pilot, Question)
        await pilot.press("y")
        await screen_of(pilot, MainScreen)
        assert main.table.selected
