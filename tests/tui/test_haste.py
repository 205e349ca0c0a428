"""Keys and responses that come too early or twice do no harm."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import Future
from pathlib import Path
from threading import Event

import pytest
from textual.command import CommandList
from textual.widgets import OptionList

from tests.support.app.app import (
    app_for,
    main_screen,
    name_of,
    resized,
    running,
    screen_of,
    settled,
    until,
)
from tests.support.checks.long import more
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Call, Hang
from tests.support.servers.server import ServerProcess
from tui.clients.connection import Target
from tui.clients.first_page import FirstPage, first_page
from tui.clients.timeline import Piece
from tui.ui.base.menu import Menu, offered
from tui.ui.base.palette import Palette
from tui.ui.base.question import Question
from tui.ui.base.screen_commands import NOT_OPEN
from tui.ui.dialogs.details import Details
from tui.ui.dialogs.sessions import SessionsScreen
from tui.ui.dialogs.timeline import TimelineScreen
from tui.ui.main.main import MainScreen
from tui.ui.send.send import SendDialog
from tui.ui.start import _ask_first_page
from tui.ui.widgets.status_line import StatusLine
from tui.ui.widgets.table import Table


@pytest.mark.parametrize(
    "held", ["/share/v1/me", "/work/api/v2/customers/1/libraries/ACTIVE/recent-documents"]
)
async def test_early_rows_are_only_looked_at(held: str, sample_server: ServerProcess, tmp_path: Path) -> None:
    """Rows shown before the session is open, or before the full rows have arrived, can only be looked at."""
    early: Future[FirstPage | None] = Future()
    early.set_result(first_page(Target(sample_server.url, sample_server.token), False))
    with Misbehaving(sample_server.url) as proxy:
        proxy.spoil("GET", Hang(), path=held, times=9)
        app = app_for(sample_server, tmp_path, demo=False, url=proxy.url)
        app.session._first = early
        async with app.run_test(size=(100, 30)) as pilot:
            main = app.screen
            await until(pilot, lambda: main.query_one("#list", Table).rows)
            await until(pilot, lambda: any(s.path.startswith(held) for s in proxy.seen), "the held request")
            await pilot.press("j", "enter")
            assert main.query_one("#status", StatusLine).text == NOT_OPEN
            await pilot.press("v", "i", "f", "e", "a", "d", "backspace", "right", "space")
            assert app.screen is main
            await pilot.press("m")
            await screen_of(pilot, Menu)


async def test_a_send_that_is_wanted_too_early_opens_when_the_server_has_answered(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    """With the keys after it, for the document that was seen; not if escape was pressed."""
    early: Future[FirstPage | None] = Future()
    early.set_result(first_page(Target(sample_server.url, sample_server.token), False))
    for keys, opens in ((("s", "e", *"Offer", "enter"), True), (("s", "escape"), False)):
        answered = Event()
        with Misbehaving(sample_server.url) as proxy:
            proxy.spoil("GET", Call(answered.wait), path="/share/v1/me")
            app = app_for(sample_server, tmp_path, demo=False, url=proxy.url)
            app.session._first = early
            async with app.run_test(size=(100, 30)) as pilot:
                main = await screen_of(pilot, MainScreen)
                await until(pilot, lambda proxy=proxy: proxy.count("GET", "/share/v1/me"), "the question")
                wanted = main.table.current
                assert wanted is not None
                await pilot.press(*keys)
                assert app.screen is main
                answered.set()
                if opens:
                    dialog = await screen_of(pilot, SendDialog)
                    (row,) = dialog.state.plan.rows
                    assert row.source.name == wanted.name
                    await until(
                        pilot, lambda row=dialog: row.state.plan.rows[0].link_name.startswith("Offer.")
                    )
                else:
                    await until(pilot, lambda main=main: main.ready)
                    await settled(pilot)
                    assert app.screen is main


@more
async def test_who_pressed_a_key_too_early_is_told_when_it_can_be_pressed(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    """The hint for new users doesn't take the place of the reason; it comes with the next start."""
    early: Future[FirstPage | None] = Future()
    early.set_result(first_page(Target(sample_server.url, sample_server.token), False))
    answered = Event()
    with Misbehaving(sample_server.url) as proxy:
        proxy.spoil("GET", Call(answered.wait), path="/share/v1/me")
        app = app_for(sample_server, tmp_path, demo=False, url=proxy.url)
        app.session._first = early
        async with app.run_test(size=(100, 30)) as pilot:
            main = await screen_of(pilot, MainScreen)
            await until(pilot, lambda: proxy.count("GET", "/share/v1/me"), "the first question")
            await pilot.press("v")
            assert main.status.text == NOT_OPEN
            answered.set()
            await until(pilot, lambda: main.session.opened)
            await settled(pilot)
            assert main.status.text == "The server has responded: press the key again."
            await pilot.press("s")
            await screen_of(pilot, SendDialog)
    async with app_for(sample_server, tmp_path).run_test(size=(100, 30)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        assert main.status.text.startswith("New here?")


async def test_a_user_who_went_elsewhere_before_the_server_answered_stays_there(
    sample_server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user who has gone elsewhere sees that location, not the one that was requested first."""
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "Minutes.txt").write_text("minutes")
    monkeypatch.chdir(tmp_path / "files")
    early: Future[FirstPage | None] = Future()
    early.set_result(first_page(Target(sample_server.url, sample_server.token), False))
    answered = Event()
    with Misbehaving(sample_server.url) as proxy:
        proxy.spoil("GET", Call(answered.wait), path="/share/v1/me")
        app = app_for(sample_server, tmp_path, demo=False, url=proxy.url)
        app.session._first = early
        async with app.run_test(size=(100, 30)) as pilot:
            main = await screen_of(pilot, MainScreen)
            await until(pilot, lambda: proxy.count("GET", "/share/v1/me"), "the first question")
            await pilot.press("g", "l")
            await until(pilot, lambda: main.kind == "local")
            answered.set()
            await until(pilot, lambda: main.session.opened)
            await settled(pilot)
            assert (main.kind, [name_of(row) for row in main.table.rows]) == ("local", ["Minutes.txt"])
            await pilot.press("i")
            await screen_of(pilot, Details)


async def test_a_command_looked_for_before_the_server_answered_runs_once_it_has(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    """The palette stays open with the reason why it couldn't be used; what is about a row is to be chosen again."""
    answered = Event()
    with Misbehaving(sample_server.url) as proxy:
        proxy.spoil("GET", Call(answered.wait), path="/share/v1/me")
        app = app_for(sample_server, tmp_path, demo=False, url=proxy.url)
        async with app.run_test(size=(100, 30)) as pilot:
            main = await screen_of(pilot, MainScreen)
            await until(pilot, lambda: proxy.count("GET", "/share/v1/me"), "the first question")
            await pilot.press("ctrl+p", *"your sess")
            palette = await screen_of(pilot, Palette)
            await until(pilot, lambda: palette.query_one(CommandList).option_count == 1, "the command")
            answered.set()
            await until(pilot, lambda: main.session.opened and main.table.rows)
            await pilot.press("enter")
            await screen_of(pilot, SessionsScreen)


async def test_files_selected_before_the_server_answered_stay_selected(
    fresh_server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the app would open with them anyway, because there are no documents."""
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(3):
        (folder / f"Minutes {number}.txt").write_text("minutes")
    monkeypatch.chdir(folder)
    answered = Event()
    with Misbehaving(fresh_server.url) as proxy:
        proxy.spoil("GET", Call(answered.wait), path="/share/v1/me")
        app = app_for(fresh_server, tmp_path, demo=False, url=proxy.url)
        async with app.run_test(size=(100, 30)) as pilot:
            main = await screen_of(pilot, MainScreen)
            await pilot.press("g", "l")
            await until(pilot, lambda: main.kind == "local" and len(main.table.rows) == 3)
            await pilot.press("ctrl+a")
            assert len(main.table.model.selected) == 3
            answered.set()
            await until(pilot, lambda: main.session.opened)
            await settled(pilot)
            assert len(main.table.model.selected) == 3


def test_a_first_page_that_is_no_longer_awaited_is_no_failure(sample_server: ServerProcess) -> None:
    """A cancelled first page raises no error, as when the user presses f5 before it has arrived."""
    asked, answered = Event(), Event()

    def hold() -> None:
        asked.set()
        answered.wait(30)

    with Misbehaving(sample_server.url) as proxy:
        proxy.spoil("GET", Call(hold), path="/api")
        page = _ask_first_page(Target(proxy.url, sample_server.token), False)
        assert asked.wait(30)
        assert not page.cancel()
        answered.set()
        assert page.exception(30) is None


@more
async def test_a_menu_takes_page_keys_before_it_is_laid_out(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    """And a question that is closed before it was there leaves the screen below."""
    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, main):
        (options,) = Menu("Offer.pdf", offered(main, menu_only=True)).body()
        assert isinstance(options, OptionList)
        with options.prevent(OptionList.OptionHighlighted):
            options.highlighted = 1
        options.action_page_down()
        options.action_page_up()
        assert options.highlighted == 1
        question = Question("Sure?", yes="Yes", no="No")
        pilot.app.push_screen(question)
        # It has no widgets yet, so its commands do nothing.
        assert not question.check_action("yes", ())
        question.dismiss(False)
        await pilot.pause()
        assert pilot.app.screen is main
        assert name_of(main.table.rows[0])


@more
async def test_the_palette_has_the_keys_that_work_everywhere(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await main_screen(pilot)
        painted: list[str] = []
        app.action_repaint = lambda: painted.append("anew")  # type: ignore[method-assign]
        await pilot.press("ctrl+p")
        palette = await screen_of(pilot, Palette)
        await pilot.press("ctrl+l", "ctrl+p")
        assert painted == ["anew"]
        assert app.screen is palette
        await pilot.press("f1")
        assert app.screen is not palette
        await pilot.press("ctrl+p")
        assert sum(isinstance(screen, Palette) for screen in app.screen_stack) == 1
        await pilot.press("escape", "escape")
        assert app.screen_stack[-1] is not palette
        # Without room it takes page keys, too.
        await resized(pilot, 40, 3)
        await pilot.press("ctrl+p")
        palette = await screen_of(pilot, Palette)
        await until(pilot, lambda: palette.query_one(CommandList).option_count)
        for key in ("pagedown", "pageup", "down", "enter"):
            palette.query_one(CommandList).highlighted = 0
            await pilot.press(key, "ctrl+l")
            assert app.is_running


@more
async def test_an_audit_that_is_requested_again_while_it_loads(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    """The outdated first response arrives before the second one, and more rows are requested in between."""
    gates: list[asyncio.Event] = []

    async def pieces(gate: asyncio.Event) -> AsyncIterator[Piece]:
        await gate.wait()
        yield Piece(notes=["It has come."])

    def load() -> AsyncIterator[Piece]:
        gates.append(asyncio.Event())
        return pieces(gates[-1])

    app = app_for(sample_server, tmp_path)

    def asking() -> int:
        return sum(worker.group == "events" and worker.is_running for worker in app.workers)

    async with app.run_test(size=(80, 24)) as pilot:
        await main_screen(pilot)
        timeline = TimelineScreen(app.session, "Audit", load)
        app.push_screen(timeline)
        await until(pilot, lambda: len(gates) == 1, "the first question")
        timeline.reload()
        await until(pilot, lambda: asking() == 2, "the second question")
        gates[0].set()
        await until(pilot, lambda: asking() == 1, "the first answer")
        timeline.table.post_message(timeline.table.Wanted(timeline.table))
        await pilot.pause()
        gates[1].set()
        await until(
            pilot, lambda: timeline.query_one("#said", StatusLine).text == "It has come.", "the second answer"
        )
