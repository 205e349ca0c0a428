"""What is typed before something else opens than the dialog that it is for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.screen import Screen

from tests.support.app.app import (
    app_for,
    asked,
    put_cursor_on,
    said,
    screen_of,
    sent_folder,
    settled,
    until,
)
from tests.support.checks.long import more
from tests.support.network.misbehave import Misbehaving
from tests.support.pictures.scene_start import about_to_send
from tests.support.servers.server import ServerProcess
from tui.commands.keymap import checked
from tui.config.preferences import Preferences
from tui.locations.location import Location
from tui.ui.dialogs.sign_in import SignInScreen
from tui.ui.draft.draft import DraftScreen
from tui.ui.send.resend import ResendDialog
from tui.ui.send.send import SendDialog
from tui.ui.widgets.field import Field

#: Of :func:`three_sent`.
SERVER = "shared"


async def test_a_letter_is_what_is_typed_whatever_it_does_in_the_list(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    keys = checked({"dialogs.close": "q", "main.quit": "Q", "everywhere.copy_or_quit": "X"}, "[keys]")
    preferences = Preferences(keys=keys)
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url, preferences=preferences)
    async with app.run_test(size=(100, 30)) as pilot:
        await sent_folder(pilot)
        with proxy.holding("GET", "/policy") as go_on:
            await pilot.press("s", *"aqdXy")
            await asked(pilot, proxy, "GET", "/policy")
            go_on.set()
            dialog = await screen_of(pilot, ResendDialog)
            await until(pilot, lambda: dialog.query_one("#expires", Field).value == "aqdXy", "the letters")


@more
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


async def test_keys_come_when_what_they_are_for_has_the_focus(
    three_sent: ServerProcess,
    proxy: Misbehaving,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    files: Location,
) -> None:
    """The keys that were kept are delivered when the focus is where the dialog wants it to be."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(120, 40)) as pilot:
        main = await sent_folder(pilot)
        there = app.type_ahead_ready
        focused: dict[Screen[Any], Any] = {}

        def note(screen: Screen[Any]) -> None:
            focused.setdefault(screen, screen.focused)
            there(screen)

        monkeypatch.setattr(app, "type_ahead_ready", note)
        put_cursor_on(main, "Second.pdf")
        for key in ("s", "a", "i", "M", "A"):
            await pilot.press(key)
            await until(pilot, lambda: app.screen is not main, "the dialog")
            await settled(pilot)
            dialog = app.screen
            assert dialog.focused is not None
            assert focused[dialog] is dialog.focused, (key, dialog)
            dialog.dismiss(None)
            await until(pilot, lambda: app.screen is main, "the list")
        main.open_place(files)
        await until(pilot, lambda: main.kind == "local" and len(main.table.rows) >= 6)
        await pilot.press("ctrl+a", "s", "J")
        send = await screen_of(pilot, SendDialog)
        await until(pilot, lambda: send.state.plan.can_undo, "the row is moved")
        assert focused[send] is send.table


async def test_what_is_typed_while_a_send_goes_on(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path, files: Location
) -> None:
    """A key behind that of the menu is for the menu, and no key that was pressed before it is there is for the draft,
    which opens by itself."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files)
        for typed in "me":
            app.post_message(events.Key(typed, typed))
        await until(pilot, lambda: dialog.table.editing, "the name")
        assert app.screen is dialog, "the menu is closed"
        early = events.Key("j", "j")
        await pilot.press("escape", "ctrl+s")
        draft = await screen_of(pilot, DraftScreen)
        to = draft.query_one("#to", Field)
        to.focus()
        app.post_message(early)
        await pilot.press("x")
        await until(pilot, lambda: "x" in to.value)
        assert to.value == "x"


@more
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
