"""What is typed before a dialog opens, as on a slow connection, goes to the dialog or is dropped."""

from __future__ import annotations

from pathlib import Path

from textual import events

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
from tests.support.servers.server import ServerProcess
from tui.locations.location import Location
from tui.ui.base.help import Help
from tui.ui.base.menu import Menu
from tui.ui.base.question import Question
from tui.ui.dialogs.details import Details
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
