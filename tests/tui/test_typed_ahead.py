"""What is typed before a dialog opens, as on a slow connection, goes to the dialog or is dropped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.screen import Screen

from tests.support.app import (
    app_for,
    asked,
    put_cursor_on,
    said,
    screen_of,
    sent_folder,
    settled,
    until,
)
from tests.support.misbehave import Misbehaving
from tests.support.server import ServerProcess
from tui.config.preferences import Preferences
from tui.keymap import checked
from tui.locations.location import Location
from tui.screens.details import Details
from tui.screens.help import Help
from tui.screens.menu import Menu
from tui.screens.question import Question
from tui.screens.resend import ResendDialog
from tui.screens.send import SendDialog
from tui.screens.sign_in import SignInScreen
from tui.widgets.field import Field


async def test_it_is_for_the_dialog(three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path) -> None:
    """A password goes to the dialog, though its letters are commands of the list."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "Second.pdf")
        with proxy.holding("GET", "/policy") as go_on:
            await pilot.press("s", *"dayl")
            app.post_message(events.Paste("ig"))
            await pilot.press(*"ht")
            await until(pilot, lambda: said(main).startswith("Loading"), "a word about it")
            assert app.screen is main
            go_on.set()
            dialog = await screen_of(pilot, ResendDialog)
            await until(
                pilot, lambda: dialog.query_one("#password", Field).value == "daylight", "its letters"
            )
        assert said(main) == ""
        assert proxy.count("POST", "/delete") == 0


async def test_the_first_key_is_for_what_has_the_focus_then(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "Minutes.txt").write_text("minutes")
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(110, 40)) as pilot:
        main = await sent_folder(pilot)
        main.open_place(Location("local", "files", str(tmp_path / "files")))
        await until(pilot, lambda: main.kind == "local" and main.table.rows)
        with proxy.holding("GET", "/policy") as go_on:
            await pilot.press("s", "e", "ctrl+u", *"New", "enter", "tab")
            await asked(pilot, proxy, "GET", "/policy")
            go_on.set()
            dialog = await screen_of(pilot, SendDialog)
            await until(pilot, lambda: not dialog.table.has_focus, "the last key")
            await settled(pilot)
        assert [row.link_name for row in dialog.state.plan.rows] == ["New.txt"]


async def test_escape_gives_the_dialog_up(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """What was typed for the dialog is dropped with it."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "Second.pdf")
        at = main.table.cursor
        with proxy.holding("GET", "/policy"):
            await pilot.press("s", "d", "y")
            await until(pilot, lambda: said(main).startswith("Loading"), "a word about it")
            await pilot.press("escape")
            await settled(pilot)
            assert said(main) == ""
            await pilot.press("up" if at else "down")
            assert main.table.cursor != at
        await settled(pilot)
        assert app.screen is main
        assert len(main.table.rows) == 3


async def test_where_the_place_was_left_it_is_for_nothing(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """If the user clicks another location while the dialog is loading, the keys are dropped."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        with proxy.holding("GET", "/policy") as go_on:
            await pilot.press("s", "f")
            await asked(pilot, proxy, "GET", "/policy")
            main.open_place(Location("share", "Share"))
            await until(pilot, lambda: main.kind == "share")
            go_on.set()
            await settled(pilot)
            await pilot.press("home")
            await settled(pilot)
        assert app.screen is main
        assert proxy.count("POST", "my-favorites") == 0


async def test_no_key_is_kept_for_ever(three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path) -> None:
    """No key is held back forever, even if a click opens the dialog and the last key went to a field."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        await pilot.press("slash", *"second")
        await until(pilot, lambda: len(main.table.rows) == 1, "the row")
        with proxy.holding("GET", "/share/v1/") as go_on:
            before = proxy.count("GET", "/share/v1/")
            await pilot.click("#list", offset=(5, 1), times=2)
            await asked(pilot, proxy, "GET", "/share/v1/", before)
            await pilot.press("down", "down")
            go_on.set()
            facts = await screen_of(pilot, Details)
            await settled(pilot, facts)
        await pilot.press("f1")
        await screen_of(pilot, Help)


async def test_keys_of_one_burst(three_sent: ServerProcess, tmp_path: Path) -> None:
    app = app_for(three_sent, tmp_path, demo=False)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "Second.pdf")
        for typed in ("s", *"daylight", "tab", "f1"):
            app.post_message(events.Key(typed, typed if len(typed) == 1 else None))
        await screen_of(pilot, Help)
        await pilot.press("escape")
        dialog = await screen_of(pilot, ResendDialog)
        assert dialog.query_one("#password", Field).value == "daylight"


async def test_quitting_and_repainting_do_not_wait(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        await sent_folder(pilot)
        painted: list[str] = []
        app.action_repaint = lambda: painted.append("anew")  # type: ignore[method-assign]
        with proxy.holding("GET", "/policy"):
            await pilot.press("s", "d", "ctrl+l")
            assert painted == ["anew"]
            await pilot.press("ctrl+q")
            await until(pilot, lambda: app.return_code is not None, "its end")


async def test_what_lies_over_the_list_has_its_keys_meanwhile(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """A question is asked and answered while a dialog is loading."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "Second.pdf")
        with proxy.holding("POST", "/unpublish") as unpublished, proxy.holding("GET", "/policy") as go_on:
            await pilot.press("u")
            await asked(pilot, proxy, "POST", "/unpublish")
            await until(pilot, lambda: said(main).startswith("Working"), "a word about it")
            await pilot.press("s", "d", "ctrl+q")
            await screen_of(pilot, Question)
            await pilot.press("n")
            await until(pilot, lambda: app.screen is main)
            go_on.set()
            dialog = await screen_of(pilot, ResendDialog)
            await until(pilot, lambda: dialog.query_one("#password", Field).value == "d", "the letter")
            unpublished.set()
            await settled(pilot)


async def test_a_dialog_that_is_closed_before_it_is_there_keeps_no_keys(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """While the action that the dialog confirmed is under way, keys go to the list."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "Second.pdf")
        app.type_ahead_ready = lambda screen: None  # type: ignore[method-assign]
        with proxy.holding("DELETE", "/share/v1/") as go_on:
            await pilot.press("d")
            question = await screen_of(pilot, Question)
            question.dismiss(True)
            await asked(pilot, proxy, "DELETE", "/share/v1/")
            await pilot.press("t")
            await until(pilot, lambda: main.kind == "trash")
            go_on.set()
            await settled(pilot)


async def test_a_letter_is_what_is_typed_whatever_it_does_in_the_list(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    keys = checked({"dialogs.close": "q", "main.quit": "Q", "everywhere.copy_or_quit": "Z"}, "[keys]")
    preferences = Preferences(keys=keys)
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url, preferences=preferences)
    async with app.run_test(size=(100, 30)) as pilot:
        await sent_folder(pilot)
        with proxy.holding("GET", "/policy") as go_on:
            await pilot.press("s", *"aqdZy")
            await asked(pilot, proxy, "GET", "/policy")
            go_on.set()
            dialog = await screen_of(pilot, ResendDialog)
            await until(pilot, lambda: dialog.query_one("#password", Field).value == "aqdZy", "the letters")


async def test_what_is_typed_on_after_a_failure_is_for_nothing(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """A user who is typing doesn't notice the failure at once."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "Second.pdf")
        with proxy.holding("GET", "/policy"):
            await pilot.press("s", *"mon")
            await asked(pilot, proxy, "GET", "/policy")
            last = events.Key("x", "x")
            app.post_message(last)
            proxy.down()
            await until(pilot, lambda: "cannot be reached" in said(main), "the failure")
            assert not app._typed_ahead
            # Timed right after the last key, however busy the machine is.
            for number, letter in enumerate("dy", 1):
                typed = events.Key(letter, letter)
                typed.time = last.time + number / 10
                app.post_message(typed)
            await settled(pilot)
        assert app.screen is main
        assert len(main.table.rows) == 3
        later = events.Key("t", "t")
        later.time = last.time + 9
        app.post_message(later)
        await until(pilot, lambda: main.pending is not None or main.kind == "trash", "the next command")


async def test_the_next_command_gives_up_the_dialog_before(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """After a command by mouse, keys typed for the first dialog go to neither."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        with proxy.holding("GET", "/policy") as go_on:
            await pilot.press("s", *"da")
            await asked(pilot, proxy, "GET", "/policy")
            await pilot.click("#list", offset=(5, 3), button=3)
            await screen_of(pilot, Menu)
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is main)
            go_on.set()
            await settled(pilot)
        assert app.screen is main
        assert len(main.table.rows) == 3


async def test_keys_are_for_the_place_that_was_gone_to(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """Keys go to the new location at once, even if the previous location's dialog is still loading."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        with proxy.holding("GET", "/policy"):
            await pilot.press("s")
            await asked(pilot, proxy, "GET", "/policy")
            main.open_place(Location("share", "Share"))
            await until(pilot, lambda: main.kind == "share" and main.table.rows)
            await pilot.press("l")
            await until(pilot, lambda: main.kind == "local", "the next place")


async def test_keys_are_not_for_what_has_come_over_the_dialog(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the user has to sign in before the dialog is ready, the keys don't go to the sign-in."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        there = app.type_ahead_ready

        def sign_in_before(screen: Screen[Any]) -> None:
            if isinstance(screen, ResendDialog):
                app.push_screen(SignInScreen(main.session))
            there(screen)

        monkeypatch.setattr(app, "type_ahead_ready", sign_in_before)
        with proxy.holding("GET", "/policy") as go_on:
            await pilot.press("s", *"daylight")
            await asked(pilot, proxy, "GET", "/policy")
            go_on.set()
            dialog = await screen_of(pilot, SignInScreen)
            await settled(pilot, dialog)
        assert "daylight" not in [field.value for field in dialog.query(Field)]


async def test_a_dialog_that_has_come_is_not_waited_for(
    three_sent: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An open dialog isn't reported as loading, even if it takes long to become ready."""
    async with app_for(three_sent, tmp_path, demo=False).run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        monkeypatch.setattr(pilot.app, "type_ahead_ready", lambda screen: None)
        await pilot.press("s")
        await screen_of(pilot, ResendDialog)
        opener = pilot.app._opener  # type: ignore[attr-defined]
        assert opener is not None
        main._show_loading(opener)
        assert said(main) == ""
