"""The policy is edited in its dialog, and holds for a send."""

from __future__ import annotations

from pathlib import Path

from tests.support.app.app import (
    app_for,
    main_screen,
    name_of,
    put_cursor_on,
    said,
    screen_of,
    screen_text,
    settled,
    until,
)
from tests.support.checks.long import more
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tui.ui.base.question import Question
from tui.ui.dialogs.policy import RULES, PolicyScreen
from tui.ui.dialogs.policy_lines import PolicyLines
from tui.ui.main.main import MainScreen
from tui.ui.send.send import SendDialog
from tui.ui.widgets.status_line import StatusLine


async def test_the_policy_is_edited_and_holds_for_a_send(fresh_server: ServerProcess, tmp_path: Path) -> None:
    """P1, P2, D8: a policy change takes effect with ctrl+s, not before."""
    file = tmp_path / "a.txt"
    file.write_text("a")
    app = app_for(fresh_server, tmp_path / "state", demo=False)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        await pilot.press("P")
        screen = await screen_of(pilot, PolicyScreen)
        await pilot.press("space", "down", "e", *"8", "enter")
        put = screen.table
        put.move_to(6)
        await pilot.press("enter", *"soon", "enter")
        await until(pilot, lambda: "soon" in said(screen, "#said"))
        assert put.editing, "a wrong value stays in the editor"
        await pilot.press("ctrl+u", *"7d", "enter")
        await until(pilot, lambda: put.rows[6].cells[1] == ("7d", "selected"))
        with Sender(fresh_server) as me:
            assert me.get("/policy")["expires_max"] is None
            await pilot.press("ctrl+s")
            await screen_of(pilot, MainScreen)
            assert said(main, "#status") == "The policy now applies to everyone."
            policy = me.get("/policy")
        assert (policy["password_required"], policy["password_min_length"], policy["expires_max"]) == (
            True,
            8,
            "7d",
        )
        from tui.locations.location import Location

        main.open_place(Location("local", "x", str(tmp_path)))
        await until(pilot, lambda: any(name_of(row) == "a.txt" for row in main.table.rows))
        put_cursor_on(main, "a.txt")
        await pilot.press("s")
        dialog = await screen_of(pilot, SendDialog)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "Your firm requires a password" in said(dialog, "#overall"))


@more
async def test_what_was_changed_and_not_saved_is_asked_about(
    fresh_server: ServerProcess, tmp_path: Path
) -> None:
    app = app_for(fresh_server, tmp_path, demo=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await main_screen(pilot)
        await settled(pilot)
        await pilot.press("P")
        screen = await screen_of(pilot, PolicyScreen)
        assert screen.disabled_reason("save_policy") == "Nothing was changed."
        screen.table.move_to(3)
        await pilot.press("enter")
        lists = await screen_of(pilot, PolicyLines)
        from textual.widgets import TextArea

        lists.query_one(TextArea).text = "Harlow1\nFinch2\n"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: pilot.app.screen is screen)
        assert screen.table.rows[3].cells[1] == ("2 more", "selected")
        await pilot.press("escape")
        await screen_of(pilot, Question)
        await pilot.press("n", "ctrl+s")
        await screen_of(pilot, MainScreen)
        with Sender(fresh_server) as me:
            assert me.get("/policy")["password_refused"] == ["Harlow1", "Finch2"]


async def test_what_a_rule_means_is_shown_whole_in_a_small_window(
    fresh_server: ServerProcess, tmp_path: Path
) -> None:
    """In the lines that messages have otherwise, so that nothing below them moves."""
    async with app_for(fresh_server, tmp_path, demo=False).run_test(size=(40, 12)) as pilot:
        await main_screen(pilot)
        await settled(pilot)
        await pilot.press("P")
        screen = await screen_of(pilot, PolicyScreen)
        about, save = screen.query_one("#about", StatusLine), screen.query_one("#save_policy")
        place = save.region
        for _ in RULES:
            await settled(pilot, screen)
            assert " ".join(str(about.render()).split()) == about.text
            assert save.region == place
            await pilot.press("down")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "Nothing was changed." in screen_text(pilot))
        assert save.region == place
