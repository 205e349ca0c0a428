"""Signing in: when it is asked for, with what, and as whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.app.app import app_for, main_screen, put_cursor_on, said, screen_of, settled, until
from tests.support.checks.long import more
from tests.support.pictures.scene_start import typed
from tests.support.servers.server import ServerProcess
from tests.support.users.share import PASSWORD, Sender
from tui import config
from tui.clients.target import Target
from tui.config.preferences import Preferences
from tui.config.sign_ins import LOCAL, StoredSignIn
from tui.session import Session
from tui.ui import start
from tui.ui.base.question import Question
from tui.ui.dialogs.sign_in import SignInScreen
from tui.ui.dialogs.timeline import TimelineScreen
from tui.ui.draft.links_screen import LinksScreen
from tui.ui.main.main import MainScreen
from tui.ui.send.send import SendDialog
from tui.ui.widgets.field import Field


async def test_without_a_token_name_and_password_are_asked_for(
    fresh_server: ServerProcess, tmp_path: Path
) -> None:
    from tui.ui.app import SentlinksApp

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


def test_the_sign_in_is_kept_as_the_command_keeps_it(tmp_path: Path) -> None:
    """Later commands use its server; the address of a local one may change."""
    settings = config.load()
    start.keeper(settings, Target("https://links.example.com/"))("ANNA", "token-1")
    assert config.load().choose().token.value == "token-1"  # type: ignore[union-attr]
    assert config.load().sign_ins.of(LOCAL) is None
    start.keeper(settings, Target("http://127.0.0.1:1", socket=tmp_path / "socket"))("BOB", "token-2")
    assert config.load().sign_ins.of(LOCAL).user == "BOB"  # type: ignore[union-attr]


@pytest.mark.parametrize("other", [None, "https://another-firm.example"])
def test_the_sign_in_is_kept_for_the_server_that_issued_its_token(other: str | None) -> None:
    """A command may have signed out, or in on another server, while the app was running."""
    settings = config.load()
    settings.sign_ins.keep("https://links.example.com", StoredSignIn("ANNA", "token-1"))
    keep = start.keeper(settings, Target("https://links.example.com"))
    settings.sign_ins.forget("https://links.example.com")
    if other is not None:
        settings.sign_ins.keep(other, StoredSignIn("ANNA", "token-2"))
    keep("ANNA", "token-3")
    found = {
        server: config.load().sign_ins.of(server) for server in ("https://links.example.com", other or LOCAL)
    }
    assert {server: kept and kept.token for server, kept in found.items()} == {
        "https://links.example.com": "token-3",
        other or LOCAL: "token-2" if other else None,
    }


@more
async def test_after_a_refusal_the_next_password_replaces_the_refused_one(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    """In the field, or on the button. What was typed is asked about. Who has signed in sees what is theirs."""
    with sample_server.client() as client:
        client.put("/share/v1/users/MKELLER/password", json={"password": PASSWORD}).raise_for_status()
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        await pilot.press("L")
        await screen_of(pilot, SignInScreen)
        await pilot.press("x", "escape")
        await screen_of(pilot, Question)
        await pilot.press("y")
        assert await screen_of(pilot, MainScreen) is main
        await pilot.press("L")
        screen = await screen_of(pilot, SignInScreen)
        screen.query_one("#name", Field).value = "MKELLER"
        field = screen.query_one("#password", Field)
        for wrong, keys in (("wrong", ("enter",)), ("worse", ("tab", "enter"))):
            await pilot.press(*wrong, *keys)
            await until(
                pilot, lambda wrong=wrong: field.has_focus and field.selected_text == wrong, "the field"
            )
            assert "wrong" in said(screen, "#said")
        await typed(pilot, PASSWORD)
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen is main and "MKELLER" in said(main, "#heading"))
        await settled(pilot)
        assert main.session.me.user == "MKELLER"
        assert main.disabled_reason("policy") == "Only administrators can set the policy."


@more
async def test_signing_in_clears_the_message_about_it(sample_server: ServerProcess, tmp_path: Path) -> None:
    """Signing in clears the message in a dialog underneath too, which continues as that user."""
    with sample_server.client() as client:
        client.put("/share/v1/users/MKELLER/password", json={"password": PASSWORD}).raise_for_status()
        token = client.post("/share/v1/login", json={"user": "MKELLER", "password": PASSWORD}).json()["token"]
    app = app_for(sample_server, tmp_path, token=token, preferences=Preferences(live=False))
    async with app.run_test(size=(80, 24)) as pilot:
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
    async with app.run_test(size=(80, 24)) as pilot:
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
        await typed(pilot, PASSWORD)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is dialog)
        assert said(dialog, "#overall") == ""
        await pilot.press("ctrl+y")
        await screen_of(pilot, LinksScreen)
