"""Context-sensitive help, and leaving dialogs and the app."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.app.app import app_for, main_screen, screen_of, screen_text, settled, until
from tests.support.checks.long import more
from tests.support.servers.server import ServerProcess
from tui.ui.base.help import Help
from tui.ui.base.menu import refused
from tui.ui.base.question import Question
from tui.ui.send.send import SendDialog
from tui.ui.widgets.field import FilterField


async def test_the_help_is_for_where_one_is_and_says_why_not(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(100, 40)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        await pilot.press("f1")
        shown = await screen_of(pilot, Help)
        names = {offer.command.name for offer in shown._commands}
        assert {"picker.send", "main.filter", "lists.select"} <= names
        assert not any(name.startswith(("folder.", "trash.")) for name in names)
        await pilot.press("escape")
        await pilot.press("space", "space")
        why = {command.id: sentence for command, sentence in refused(main)}
        assert why["versions"] == "Only one at a time: 2 are selected."
        assert "unpublish" not in why
        await pilot.press("s")
        dialog = await screen_of(pilot, SendDialog)
        why = {command.id: sentence for command, sentence in refused(dialog)}
        assert why == {"undo": "Nothing to undo.", "retry": "Nothing has failed."}
        await pilot.press("f1")
        shown = await screen_of(pilot, Help)
        assert "send.send_now" in {offer.command.name for offer in shown._commands}
        await pilot.press("escape", "escape")
        await until(pilot, lambda: pilot.app.screen is main)
        # So does every other dialog, and leaves by escape.
        for key in ("A", "P", "comma", "L", "i", "a"):
            await pilot.press(key)
            await until(pilot, lambda: pilot.app.screen is not main)
            other: Any = pilot.app.screen
            assert other.about, other
            await pilot.press("f1")
            await screen_of(pilot, Help)
            await pilot.press("escape", "escape")
            await until(pilot, lambda: pilot.app.screen is main, f"the end of {other}")


@more
async def test_the_help_is_searched(sample_server: ServerProcess, tmp_path: Path) -> None:
    """By keys, titles and sentences; escape shows all of it again before it closes the help."""
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(100, 40)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        await pilot.press("question_mark")
        shown = await screen_of(pilot, Help)
        await pilot.press("slash", *"next col")
        await until(pilot, lambda: "Sends the selected" not in screen_text(pilot), "less")
        assert "Sort by the next column" in screen_text(pilot)
        await pilot.press("enter")
        assert not isinstance(pilot.app.focused, FilterField)
        await pilot.press("escape")
        await until(pilot, lambda: "Sends the selected" in screen_text(pilot), "all of it")
        assert pilot.app.screen is shown
        await pilot.press("slash", *"refresh")
        await until(pilot, lambda: "Reload" in screen_text(pilot), "a command by another word")
        await pilot.press("escape", "slash", *"[zzz]")
        await until(pilot, lambda: "Nothing in the help has “[zzz]”." in screen_text(pilot), "nothing")
        await pilot.press("ctrl+u", *"trash isn't", "escape", "escape")
        await until(pilot, lambda: pilot.app.screen is main, "the end of the help")
        await pilot.press("question_mark")
        await screen_of(pilot, Help)
        await pilot.press("slash", *"is counted in")
        await until(pilot, lambda: "In the guides" in screen_text(pilot), "lines of guides")


@more
async def test_quitting_from_dialogs(sample_server: ServerProcess, tmp_path: Path) -> None:
    """ctrl+q quits from anywhere; so does ctrl+c when nothing is selected, which asks where one may have meant to
    copy. As in vim, :q quits as well."""
    ways = (
        ("", "q"),
        ("", "ctrl+c"),
        ("comma", "ctrl+c", "y"),
        ("L", "ctrl+q"),
        ("ctrl+p", "ctrl+q"),
        ("", "space", "ctrl+c", "y"),
        ("s", "tab", "x", "ctrl+q", "y"),
        ("colon", "q", "exclamation_mark", "enter"),
        ("colon", "q", "enter"),
    )
    for opens, *keys in ways:
        app = app_for(sample_server, tmp_path)
        async with app.run_test(size=(80, 24)) as pilot:
            main = await main_screen(pilot)
            await settled(pilot)
            if opens:
                await pilot.press(opens)
                await until(pilot, lambda main=main: pilot.app.screen is not main)
            await pilot.press(*keys[:-1])
            if keys[-1] == "y":
                question: Question = await screen_of(pilot, Question)
                why = "Your changes will be lost." if opens == "s" else "Nothing is selected to copy."
                assert question.text[1] == why
                await pilot.press("ctrl+c")
                await pilot.pause()
                assert pilot.app.screen is question, "not past the question"
            await pilot.press(keys[-1])
            await until(pilot, lambda app=app: app._exit, f"the end by {keys} after {opens}")
        assert app.return_value == 0
