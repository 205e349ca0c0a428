"""The screen that shows where the user is signed in."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support.app.app import app_for, main_screen, said, screen_of, screen_text, settled, until
from tests.support.checks.long import more
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Say
from tests.support.servers.server import ServerProcess
from tests.support.users.share import PASSWORD, Sender
from tui.ui.base.menu import offered, refused
from tui.ui.base.question import Question
from tui.ui.dialogs.sessions import SessionsScreen
from tui.ui.main.main import MainScreen


async def test_sessions_are_shown_and_signed_out(fresh_server: ServerProcess, tmp_path: Path) -> None:
    """T1, T5: one can be signed out, or all others; the current session stays."""
    with Sender(fresh_server) as admin:
        admin.post("/users", {"name": "ANNA", "password": PASSWORD}, 201)
        elsewhere = [Sender(fresh_server, admin.sign_in("ANNA")["token"]) for _ in range(2)]
        form = {
            "grant_type": "password",
            "username": "ANNA",
            "password": PASSWORD,
            "client_id": "pick\x1b[1mer",
        }
        program = admin.http.post("/auth/oauth2/token", data=form).raise_for_status().json()
        token = admin.sign_in("ANNA")["token"]
    app = app_for(fresh_server, tmp_path, demo=False, token=token)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot, await main_screen(pilot))
        await pilot.press("M")
        dialog = await screen_of(pilot, SessionsScreen)
        await settled(pilot, dialog)
        assert len(dialog.table.rows) == 4
        shown = screen_text(pilot)
        assert re.search(r"\bother +this one\b", shown)
        assert "pick␛[1mer" in shown
        assert "127.0.0.1" in shown
        # The current session can't be signed out.
        rows = [row.data for row in dialog.table.rows]
        dialog.table.move_to(next(i for i, each in enumerate(rows) if each.current))
        await pilot.pause()
        assert "end_session" not in {offer.command.id for offer in offered(dialog)}
        why = {command.id: sentence for command, sentence in refused(dialog)}
        assert why["end_session"] == "You are using this one. To end it, quit and run sentlinks logout."
        await pilot.click("#end_session")
        await until(
            pilot,
            lambda: (
                said(dialog, "#said") == "You are using this one. To end it, quit and run sentlinks logout."
            ),
        )
        # A program, by the key.
        dialog.table.move_to(next(i for i, each in enumerate(rows) if each.kind == "oauth client"))
        dialog.table.focus()
        await pilot.press("d")
        question = await screen_of(pilot, Question)
        assert "pick␛[1mer" in question.text[0]
        await pilot.press("y")
        await until(pilot, lambda: len(dialog.table.rows) == 3)
        assert "is signed out" in said(dialog, "#said")
        with fresh_server.client(program["access_token"]) as client:
            assert client.get("/api").status_code == 401
        # All others, by the button.
        await pilot.click("#end_others")
        await screen_of(pilot, Question)
        await pilot.press("n")
        await until(pilot, lambda: pilot.app.screen is dialog)
        assert len(dialog.table.rows) == 3
        dialog.table.focus()
        await pilot.press("O")
        await screen_of(pilot, Question)
        await pilot.press("y")
        await until(pilot, lambda: said(dialog, "#said") == "2 sessions are signed out.")
        assert [row.data.current for row in dialog.table.rows] == [True]
        why = {command.id: sentence for command, sentence in refused(dialog)}
        assert why["end_others"] == "There are no other sessions."
        for sender in elsewhere:
            with sender:
                assert sender.request("GET", "/me").status_code == 401
        await pilot.press("escape")
        await screen_of(pilot, MainScreen)


@pytest.fixture
def annas(fresh_server: ServerProcess) -> Iterator[str]:
    """The token of one of ANNA's three sessions."""
    with Sender(fresh_server) as admin, admin.add_user("ANNA"):
        admin.sign_in("ANNA")
        yield str(admin.sign_in("ANNA")["token"])


@asynccontextmanager
async def _annas_sessions(
    server: ServerProcess, tmp_path: Path, token: str
) -> AsyncIterator[tuple[Pilot[Any], SessionsScreen, Misbehaving]]:
    """The dialog of her sessions, behind a proxy."""
    with Misbehaving(server.url) as proxy:
        app = app_for(server, tmp_path, demo=False, token=token, url=proxy.url)
        async with app.run_test(size=(80, 24)) as pilot:
            await settled(pilot, await main_screen(pilot))
            await pilot.press("M")
            yield pilot, await screen_of(pilot, SessionsScreen), proxy


async def _press_and_confirm(pilot: Pilot[Any], key: str) -> None:
    await pilot.press(key)
    await screen_of(pilot, Question)
    await pilot.press("y")


def _others(dialog: SessionsScreen) -> list[int]:
    """The rows of the sessions other than this one."""
    return [index for index, row in enumerate(dialog.table.rows) if not row.data.current]


@more
async def test_a_list_that_fails_does_not_hide_that_they_are_signed_out(
    annas: str, fresh_server: ServerProcess, tmp_path: Path
) -> None:
    async with _annas_sessions(fresh_server, tmp_path, annas) as (pilot, dialog, proxy):
        proxy.spoil("GET", Say(500), "/sessions", times=9)
        for key, words, left in (("d", " is signed out.", 2), ("O", "1 session is signed out.", 1)):
            dialog.table.move_to(_others(dialog)[0])
            await _press_and_confirm(pilot, key)
            await settled(pilot, dialog)
            assert words in said(dialog, "#said")
            assert len(dialog.table.rows) == left


@more
async def test_two_that_are_signed_out_at_once_do_not_come_back(
    annas: str, fresh_server: ServerProcess, tmp_path: Path
) -> None:
    async with _annas_sessions(fresh_server, tmp_path, annas) as (pilot, dialog, proxy):
        with proxy.holding("GET", "/sessions", answer=True) as go_on:
            first, second = _others(dialog)
            dialog.table.move_to(first)
            await _press_and_confirm(pilot, "d")
            await until(pilot, lambda: any(seen.held for seen in proxy.seen), "the first list")
            dialog.table.move_to(second)
            await _press_and_confirm(pilot, "d")
            await until(pilot, lambda: pilot.app.screen is dialog)
            # If the second request were under way by now, its list would have come before the first one.
            go_on.set()
            await settled(pilot, dialog)
        assert [row.data.current for row in dialog.table.rows] == [True]


async def test_one_that_has_ended_meanwhile(fresh_server: ServerProcess, tmp_path: Path) -> None:
    """A session that has already ended counts as signed out, and the list is reloaded."""
    with Sender(fresh_server) as admin:
        other = admin.add_user("ANNA")
    with other, Sender(fresh_server) as admin:
        app = app_for(fresh_server, tmp_path, demo=False, token=admin.sign_in("ANNA")["token"])
        async with app.run_test(size=(80, 24)) as pilot:
            await settled(pilot, await main_screen(pilot))
            await pilot.press("M")
            dialog = await screen_of(pilot, SessionsScreen)
            dialog.table.move_to(next(i for i, row in enumerate(dialog.table.rows) if not row.data.current))
            other.request("POST", "/logout")
            await pilot.press("d")
            await screen_of(pilot, Question)
            await pilot.press("y")
            await until(pilot, lambda: "is signed out" in said(dialog, "#said"))
            assert len(dialog.table.rows) == 1
