"""Signing in, the policy, the activity timeline and context-sensitive help."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.app import (
    app_for,
    main_screen,
    name_of,
    open_sent_folder,
    put_cursor_on,
    said,
    screen_of,
    screen_text,
    settled,
    until,
)
from tests.support.misbehave import Misbehaving
from tests.support.misbehave import Say as Answer
from tests.support.publish import publish
from tests.support.scenes import add_shortcut
from tests.support.server import ServerProcess
from tests.support.share import PASSWORD, Sender
from tests.support.stock import Stocks
from tui.clients.target import Target
from tui.config.preferences import Preferences
from tui.screens.blocked_passwords import BlockedPasswords
from tui.screens.details import Details
from tui.screens.help import Help
from tui.screens.links import LinksScreen
from tui.screens.main import MainScreen
from tui.screens.menu import refused
from tui.screens.policy import PolicyScreen
from tui.screens.question import Question
from tui.screens.send import SendDialog
from tui.screens.sign_in import SignInScreen
from tui.screens.timeline import TimelineScreen
from tui.session import Session
from tui.widgets.field import Field
from tui.widgets.footer import Footer

# ---------------------------------------------------------------- signing in


async def test_without_a_token_name_and_password_are_asked_for(
    fresh_server: ServerProcess, tmp_path: Path
) -> None:
    from tui.app import SentlinksApp

    with Sender(fresh_server) as me:
        me.add_user("ANNA").http.close()
    kept: list[tuple[str, str]] = []
    session = Session(
        Target(fresh_server.url), state=tmp_path, keep_sign_in=lambda user, token: kept.append((user, token))
    )
    app = SentlinksApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await screen_of(pilot, SignInScreen)
        await pilot.press("enter", "enter")
        await until(pilot, lambda: said(screen, "#said") == "Type name and password.")
        await pilot.press("shift+tab")
        screen.query_one("#name", Field).focus()
        await pilot.press(*"anna", "enter", *"wrong", "enter")
        await until(pilot, lambda: "wrong" in said(screen, "#said"), "a refusal")
        assert kept == []
        screen.query_one("#password", Field).value = PASSWORD
        await pilot.press("enter")
        main = await screen_of(pilot, MainScreen)
        await until(pilot, lambda: session.opened and main.place)
        assert session.me.user == "ANNA"
        assert [user for user, _ in kept] == ["ANNA"]
        assert "ANNA" in said(main, "#heading")
        with fresh_server.client(kept[0][1]) as client:
            assert client.get("/share/v1/me").json()["user"] == "ANNA"


def test_the_sign_in_is_kept_as_the_command_keeps_it(tmp_path: Path, monkeypatch: Any) -> None:
    from tui import config, start
    from tui.config.sign_ins import LOCAL

    monkeypatch.setenv("SENTLINKS_SERVER", "https://links.example.com/")
    settings = config.load()
    start.keeper(settings)("ANNA", "token-1")
    assert config.load().choose().token.value == "token-1"  # type: ignore[union-attr]
    monkeypatch.delenv("SENTLINKS_SERVER")
    start.keeper(config.load())("BOB", "token-2")
    assert config.load().sign_ins.of("https://links.example.com").user == "BOB"  # type: ignore[union-attr]
    assert config.load().sign_ins.of(LOCAL) is None


async def test_signing_in_as_another_user_shows_what_is_theirs(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    with sample_server.client() as client:
        client.put("/share/v1/users/MKELLER/password", json={"password": PASSWORD}).raise_for_status()
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        await pilot.press("L")
        screen = await screen_of(pilot, SignInScreen)
        screen.query_one("#name", Field).value = "MKELLER"
        await pilot.press(*PASSWORD, "enter")
        await until(pilot, lambda: pilot.app.screen is main and "MKELLER" in said(main, "#heading"))
        await settled(pilot)
        assert main.session.me.user == "MKELLER"
        assert main.disabled_reason("policy") == "Only administrators can set the policy."


@pytest.mark.parametrize("keys", [("enter",), ("tab", "enter")], ids=["in the field", "on the button"])
async def test_after_a_refusal_the_next_password_replaces_the_refused_one(
    keys: tuple[str, ...], sample_server: ServerProcess, tmp_path: Path
) -> None:
    with sample_server.client() as client:
        client.put("/share/v1/users/MKELLER/password", json={"password": PASSWORD}).raise_for_status()
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        await pilot.press("L")
        screen = await screen_of(pilot, SignInScreen)
        screen.query_one("#name", Field).value = "MKELLER"
        field = screen.query_one("#password", Field)
        await pilot.press(*"wrong", *keys)
        await until(pilot, lambda: "wrong" in said(screen, "#said"), "a refusal")
        await until(pilot, lambda: field.has_focus and field.selected_text == "wrong", "the field")
        await pilot.press(*PASSWORD, "enter")
        await until(pilot, lambda: pilot.app.screen is main and "MKELLER" in said(main, "#heading"))


async def test_a_password_that_was_typed_is_asked_about(sample_server: ServerProcess, tmp_path: Path) -> None:
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(100, 30)) as pilot:
        await main_screen(pilot)
        await settled(pilot)
        await pilot.press("L")
        await screen_of(pilot, SignInScreen)
        await pilot.press("x", "escape")
        await screen_of(pilot, Question)
        await pilot.press("y")
        await screen_of(pilot, MainScreen)


async def test_signing_in_clears_the_message_about_it(sample_server: ServerProcess, tmp_path: Path) -> None:
    """Signing in clears the message in a dialog underneath too, which continues as that user."""
    with sample_server.client() as client:
        client.put("/share/v1/users/MKELLER/password", json={"password": PASSWORD}).raise_for_status()
        token = client.post("/share/v1/login", json={"user": "MKELLER", "password": PASSWORD}).json()["token"]
    app = app_for(sample_server, tmp_path, token=token, preferences=Preferences(live=False))
    async with app.run_test(size=(100, 30)) as pilot:
        await main_screen(pilot)
        await settled(pilot)
        await pilot.press("A")
        timeline = await screen_of(pilot, TimelineScreen)
        await settled(pilot)
        with sample_server.client(token) as client:
            client.post("/share/v1/logout").raise_for_status()
        await pilot.press("f5")
        screen = await screen_of(pilot, SignInScreen)
        assert said(timeline, "#said") == "You are not signed in."
        await pilot.press(*"wrong", "enter")
        await until(pilot, lambda: "wrong" in said(screen, "#said"), "a refusal")
        assert said(timeline, "#said") == "You are not signed in."
        screen.query_one("#password", Field).value = PASSWORD
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is timeline)
        assert said(timeline, "#said") == ""
        await pilot.press("f5")
        await settled(pilot)
        assert said(timeline, "#said") == ""


async def test_a_dialog_sends_as_the_user_who_has_signed_in_again(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    with sample_server.client() as client:
        client.put("/share/v1/users/DJONES/password", json={"password": PASSWORD}).raise_for_status()
        token = client.post("/share/v1/login", json={"user": "DJONES", "password": PASSWORD}).json()["token"]
    app = app_for(sample_server, tmp_path, token=token, preferences=Preferences(live=False))
    async with app.run_test(size=(100, 30)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        put_cursor_on(main, "Letter of Intent.pdf")
        await pilot.press("s")
        dialog = await screen_of(pilot, SendDialog)
        with sample_server.client(token) as client:
            client.post("/share/v1/logout").raise_for_status()
        await pilot.press("ctrl+y")
        await screen_of(pilot, SignInScreen)
        assert said(dialog, "#overall") == "You are not signed in."
        await pilot.press(*PASSWORD, "enter")
        await until(pilot, lambda: app.screen is dialog)
        assert said(dialog, "#overall") == ""
        await pilot.press("ctrl+y")
        await screen_of(pilot, LinksScreen)


# ---------------------------------------------------------------- policy


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
        await until(pilot, lambda: put.rows[6].cells[1] == ("7d", "accent"))
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
        await until(pilot, lambda: "The policy requires a password" in said(dialog, "#overall"))


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
        lists = await screen_of(pilot, BlockedPasswords)
        from textual.widgets import TextArea

        lists.query_one(TextArea).text = "Harlow1\nFinch2\n"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: pilot.app.screen is screen)
        assert screen.table.rows[3].cells[1] == ("2 more", "accent")
        await pilot.press("escape")
        await screen_of(pilot, Question)
        await pilot.press("n", "ctrl+s")
        await screen_of(pilot, MainScreen)
        with Sender(fresh_server) as me:
            assert me.get("/policy")["password_refused"] == ["Harlow1", "Finch2"]


# ---------------------------------------------------------------- audit


async def test_one_timeline_tells_both_sides(sample_server: ServerProcess, tmp_path: Path) -> None:
    """P3: for a document sent from Work, Share records published and downloaded, Work records sent and exported."""
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(140, 40)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        put_cursor_on(main, "Letter of Intent.pdf")
        await pilot.press("s")
        await screen_of(pilot, SendDialog)
        await pilot.press("ctrl+y")
        await screen_of(pilot, LinksScreen)
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is main)
        await open_sent_folder(pilot, main)
        await settled(pilot)
        put_cursor_on(main, "Letter of Intent.pdf")
        httpx.post(main.table.current.data.url, trust_env=False)  # type: ignore[union-attr]
        await pilot.press("a")
        timeline = await screen_of(pilot, TimelineScreen)
        await settled(pilot, timeline)
        entries = {(row.data.side, row.data.event) for row in timeline.table.rows}
        assert {
            ("share", "published"),
            ("share", "downloaded"),
            ("work", "SHARED"),
            ("work", "EXPORT"),
        } <= entries
        moments = [row.data.at for row in timeline.table.rows]
        assert moments == sorted(moments, reverse=True)
        assert "size: 2.4 kB, sent from: ACTIVE!" in screen_text(pilot)
        assert " Work  exported " in screen_text(pilot)
        await pilot.press("slash", *"downloaded")
        await until(pilot, lambda: {row.data.event for row in timeline.table.rows} == {"downloaded"})
        keys = timeline.query_one(Footer)
        await until(pilot, lambda: "esc All events" in keys._shown and "Close" not in keys._shown)
        await pilot.press("enter", "enter")
        facts = dict((await screen_of(pilot, Details))._details)
        assert facts["By"] == "not signed in"
        assert facts["From"] == "127.0.0.1"
        await pilot.press("escape", "escape")
        await until(pilot, lambda: len(timeline.table.rows) > 3)
        assert pilot.app.screen is timeline
        await until(pilot, lambda: "esc Close" in keys._shown and "All events" not in keys._shown)
        await pilot.press("slash")
        await pilot.click("#close")
        await until(pilot, lambda: pilot.app.screen is main)


def _send_seventy(server: ServerProcess) -> None:
    add_shortcut(server)
    for number in range(70):
        publish(server, b"", f"Exhibit {number:03}.pdf")


@pytest.fixture
def seventy(stocks: Stocks, tmp_path: Path) -> Iterator[ServerProcess]:
    with stocks.server(_send_seventy, tmp_path / "data") as server:
        yield server


async def test_the_rest_of_a_timeline_cannot_be_had(seventy: ServerProcess, tmp_path: Path) -> None:
    """If the rest fails to load, the empty list says so, since a match may be there."""
    with Misbehaving(seventy.url) as proxy:
        app = app_for(seventy, tmp_path, demo=False, url=proxy.url)
        async with app.run_test(size=(100, 24)) as pilot:
            await main_screen(pilot)
            await settled(pilot)
            await pilot.press("A")
            timeline = await screen_of(pilot, TimelineScreen)
            await settled(pilot, timeline)
            proxy.spoil("GET", Answer(404), "/audit", times=1)
            await pilot.press("slash", *"exhibit 003")
            empty = "No loaded event contains exhibit 003, and the rest could not be loaded; f5 tries again."
            await until(pilot, lambda: timeline.table.model.empty == empty)
            await pilot.press("f5")
            await until(pilot, lambda: len(timeline.table.rows) == 2)


async def test_the_timeline_of_all_comes_page_by_page(seventy: ServerProcess, tmp_path: Path) -> None:
    with Misbehaving(seventy.url) as proxy:
        app = app_for(seventy, tmp_path, demo=False, url=proxy.url)
        async with app.run_test(size=(100, 24)) as pilot:
            await main_screen(pilot)
            await settled(pilot)
            await pilot.press("A")
            timeline = await screen_of(pilot, TimelineScreen)
            await settled(pilot, timeline)
            assert len(timeline.table.rows) == 100
            assert proxy.count("GET", "/share/v1/audit") == 1
            assert timeline.table.rows[0].cells[4] == "Exhibit 069.pdf"
            await pilot.press("end")
            await until(pilot, lambda: len(timeline.table.rows) == 140)
            await pilot.press("slash", *"exhibit 003")
            await until(pilot, lambda: len(timeline.table.rows) == 2)


async def test_what_work_does_not_tell_is_said(sample_server: ServerProcess, tmp_path: Path) -> None:
    with Misbehaving(sample_server.url) as proxy:
        app = app_for(sample_server, tmp_path, url=proxy.url)
        async with app.run_test(size=(100, 30)) as pilot:
            main = await main_screen(pilot)
            await settled(pilot)
            put_cursor_on(main, "Letter of Intent.pdf")
            proxy.spoil("GET", Answer(500), path="/history")
            await pilot.press("a")
            timeline = await screen_of(pilot, TimelineScreen)
            await until(pilot, lambda: "Can't read Work's history" in said(timeline, "#said"))


# ---------------------------------------------------------------- help


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


async def test_every_dialog_has_help_and_leaves_by_escape(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(100, 40)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        for key in ("A", "P", "comma", "L", "i", "a"):
            await pilot.press(key)
            await until(pilot, lambda: pilot.app.screen is not main)
            dialog: Any = pilot.app.screen
            assert dialog.about, dialog
            await pilot.press("f1")
            await screen_of(pilot, Help)
            await pilot.press("escape", "escape")
            await until(pilot, lambda: pilot.app.screen is main, f"the end of {dialog}")


async def test_quitting_from_dialogs(sample_server: ServerProcess, tmp_path: Path) -> None:
    """ctrl+q quits from anywhere; so does ctrl+c when nothing is selected."""
    ways = (("", "q"), ("comma", "ctrl+q"), ("comma", "ctrl+c"), ("L", "ctrl+q"), ("ctrl+p", "ctrl+q"))
    for opens, key in ways:
        app = app_for(sample_server, tmp_path)
        async with app.run_test(size=(80, 24)) as pilot:
            main = await main_screen(pilot)
            await settled(pilot)
            if opens:
                await pilot.press(opens)
                await until(pilot, lambda main=main: pilot.app.screen is not main)
            await pilot.press(key)
            await until(pilot, lambda app=app: app._exit, f"the end by {key} after {opens}")
        assert app.return_value == 0
