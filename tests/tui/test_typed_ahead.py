"""What is typed before a dialog opens, as on a slow connection, goes to the dialog or is dropped."""

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
from tests.support.app.steps import Ground, play
from tests.support.checks.long import more, some
from tests.support.network.misbehave import Misbehaving
from tests.support.pictures.scene_start import about_to_send
from tests.support.servers.server import ServerProcess
from tui.commands.keymap import checked
from tui.config.preferences import Preferences
from tui.locations.location import Location
from tui.ui.base.help import Help
from tui.ui.base.menu import Menu
from tui.ui.base.question import Question
from tui.ui.dialogs.details import Details
from tui.ui.dialogs.sign_in import SignInScreen
from tui.ui.draft.draft import DraftScreen
from tui.ui.send.resend import ResendDialog
from tui.ui.send.send import SendDialog
from tui.ui.widgets.field import Field
from tui.ui.widgets.status_line import unsay

#: Of :func:`three_sent`.
SERVER = "shared"


async def it_is_for_the_dialog(on: Ground) -> None:
    """A password goes to the dialog, though its letters are commands of the list."""
    put_cursor_on(on.main, "Second.pdf")
    with on.proxy.holding("GET", "/policy") as go_on:
        await on.pilot.press("s", *"dayl")
        on.app.post_message(events.Paste("ig"))
        await on.pilot.press(*"ht")
        await until(on.pilot, lambda: said(on.main).startswith("Loading"), "a word about it")
        assert on.app.screen is on.main
        go_on.set()
        dialog = await screen_of(on.pilot, ResendDialog)
        await until(on.pilot, lambda: dialog.query_one("#expires", Field).value == "daylight", "its letters")
    assert said(on.main) == ""
    assert on.proxy.count("POST", "/delete") == 0


async def the_first_key_is_for_what_has_the_focus_then(on: Ground) -> None:
    (on.folder / "files").mkdir()
    (on.folder / "files" / "Minutes.txt").write_text("minutes")
    on.main.open_place(Location("local", "files", str(on.folder / "files")))
    await until(on.pilot, lambda: on.main.kind == "local" and on.main.table.rows)
    with on.proxy.holding("GET", "/policy") as go_on:
        await on.pilot.press("s", "e", "ctrl+u", *"New", "enter", "tab")
        await asked(on.pilot, on.proxy, "GET", "/policy")
        go_on.set()
        dialog = await screen_of(on.pilot, SendDialog)
        await until(on.pilot, lambda: not dialog.table.has_focus, "the last key")
        await settled(on.pilot)
    assert [row.link_name for row in dialog.state.plan.rows] == ["New.txt"]


async def escape_gives_the_dialog_up(on: Ground) -> None:
    """What was typed for the dialog is dropped with it."""
    put_cursor_on(on.main, "Second.pdf")
    at = on.main.table.cursor
    on.main.say("2 rows are no longer selected; z goes back", "warn")
    with on.proxy.holding("GET", "/policy"):
        await on.pilot.press("s", "d", "y")
        await until(on.pilot, lambda: said(on.main).startswith("Loading"), "a word about it")
        await on.pilot.press("escape")
        await settled(on.pilot)
        # What was said before comes back.
        assert said(on.main) == "2 rows are no longer selected; z goes back"
        assert on.main.status.tone == "warn"
        await on.pilot.press("up" if at else "down")
        assert on.main.table.cursor != at
    await settled(on.pilot)
    assert on.app.screen is on.main
    assert len(on.main.table.rows) == 3


async def what_is_over_meanwhile_does_not_come_back(on: Ground) -> None:
    """What was said before a dialog took long to open may be true no longer."""
    put_cursor_on(on.main, "Second.pdf")
    on.main.say("z brings it back", "good")
    with on.proxy.holding("GET", "/policy"):
        await on.pilot.press("s")
        await until(on.pilot, lambda: said(on.main).startswith("Loading"), "a word about it")
        unsay(on.main, "z brings it back")
        assert said(on.main).startswith("Loading")
        await on.pilot.press("escape")
        await settled(on.pilot)
    assert said(on.main) == ""


async def where_the_place_was_left_it_is_for_nothing(on: Ground) -> None:
    """If the user clicks another location while the dialog is loading, the keys are dropped."""
    with on.proxy.holding("GET", "/policy") as go_on:
        await on.pilot.press("s", "f")
        await asked(on.pilot, on.proxy, "GET", "/policy")
        on.main.open_place(Location("share", "Share"))
        await until(on.pilot, lambda: on.main.kind == "share")
        go_on.set()
        await settled(on.pilot)
        await on.pilot.press("home")
        await settled(on.pilot)
    assert on.app.screen is on.main
    assert on.proxy.count("POST", "my-favorites") == 0


async def no_key_is_kept_for_ever(on: Ground) -> None:
    """No key is held back forever, even if a click opens the dialog and the last key went to a field."""
    await on.pilot.press("slash", *"second")
    await until(on.pilot, lambda: len(on.main.table.rows) == 1, "the row")
    with on.proxy.holding("GET", "/share/v1/") as go_on:
        before = on.proxy.count("GET", "/share/v1/")
        await on.pilot.click("#list", offset=(5, 1), times=2)
        await asked(on.pilot, on.proxy, "GET", "/share/v1/", before)
        await on.pilot.press("down", "down")
        go_on.set()
        facts = await screen_of(on.pilot, Details)
        await settled(on.pilot, facts)
    await on.pilot.press("f1")
    await screen_of(on.pilot, Help)


async def it_is_not_closed_by_what_was_to_open_it(on: Ground) -> None:
    """Who presses the key again, as nothing seems to happen, wants to see the dialog."""
    with on.proxy.holding("GET", "/share/v1/") as go_on:
        before = on.proxy.count("GET", "/share/v1/")
        await on.pilot.press("i")
        await asked(on.pilot, on.proxy, "GET", "/share/v1/", before)
        await on.pilot.press("i")
        go_on.set()
        facts = await screen_of(on.pilot, Details)
        await settled(on.pilot, facts)
    assert on.app.screen is facts
    await on.pilot.press("i")
    await until(on.pilot, lambda: on.app.screen is on.main, "its end")


async def keys_of_one_burst(on: Ground) -> None:
    put_cursor_on(on.main, "Second.pdf")
    for typed in ("s", *"daylight", "tab", "f1"):
        on.app.post_message(events.Key(typed, typed if len(typed) == 1 else None))
    await screen_of(on.pilot, Help)
    await on.pilot.press("escape")
    dialog = await screen_of(on.pilot, ResendDialog)
    assert dialog.query_one("#expires", Field).value == "daylight"


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


async def what_lies_over_the_list_has_its_keys_meanwhile(on: Ground) -> None:
    """A question is asked and answered while a dialog is loading."""
    put_cursor_on(on.main, "Second.pdf")
    with on.proxy.holding("POST", "/unpublish") as unpublished, on.proxy.holding("GET", "/policy") as go_on:
        await on.pilot.press("u")
        await asked(on.pilot, on.proxy, "POST", "/unpublish")
        await until(on.pilot, lambda: said(on.main).startswith("Working"), "a word about it")
        await on.pilot.press("s", "d", "ctrl+q")
        await screen_of(on.pilot, Question)
        await on.pilot.press("n")
        await until(on.pilot, lambda: on.app.screen is on.main)
        go_on.set()
        dialog = await screen_of(on.pilot, ResendDialog)
        await until(on.pilot, lambda: dialog.query_one("#expires", Field).value == "d", "the letter")
        unpublished.set()
        await settled(on.pilot)


@more
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


async def the_next_command_gives_up_the_dialog_before(on: Ground) -> None:
    """After a command by mouse, keys typed for the first dialog go to neither."""
    with on.proxy.holding("GET", "/policy") as go_on:
        await on.pilot.press("s", *"da")
        await asked(on.pilot, on.proxy, "GET", "/policy")
        await on.pilot.click("#list", offset=(5, 3), button=3)
        await screen_of(on.pilot, Menu)
        await on.pilot.press("escape")
        await until(on.pilot, lambda: on.app.screen is on.main)
        go_on.set()
        await settled(on.pilot)
    assert on.app.screen is on.main
    assert len(on.main.table.rows) == 3


async def keys_are_for_the_place_that_was_gone_to(on: Ground) -> None:
    """Keys go to the new location at once, even if the previous location's dialog is still loading."""
    with on.proxy.holding("GET", "/policy"):
        await on.pilot.press("s")
        await asked(on.pilot, on.proxy, "GET", "/policy")
        on.main.open_place(Location("share", "Share"))
        await until(on.pilot, lambda: on.main.kind == "share" and on.main.table.rows)
        await on.pilot.press("g", "l")
        await until(on.pilot, lambda: on.main.kind == "local", "the next place")


async def test_what_is_typed_before_a_dialog_opens(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    steps = (
        it_is_for_the_dialog,
        the_first_key_is_for_what_has_the_focus_then,
        escape_gives_the_dialog_up,
        what_is_over_meanwhile_does_not_come_back,
        where_the_place_was_left_it_is_for_nothing,
        no_key_is_kept_for_ever,
        it_is_not_closed_by_what_was_to_open_it,
        keys_of_one_burst,
        what_lies_over_the_list_has_its_keys_meanwhile,
        the_next_command_gives_up_the_dialog_before,
        keys_are_for_the_place_that_was_gone_to,
    )
    await play(some(4, steps), three_sent, proxy, tmp_path)


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
