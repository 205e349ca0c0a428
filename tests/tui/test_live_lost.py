"""A lost connection is reported, and restored; a server that has no events, or has ended, is none to wait for."""

from __future__ import annotations

import re
import signal
import socket
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from tests.support.app.app import (
    app_for,
    cell_of,
    link_line,
    link_text,
    main_screen,
    name_of,
    open_sent_folder,
    put_cursor_on,
    said,
    screen_of,
    sent_folder,
    settled,
    until,
)
from tests.support.checks.long import more
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import CutAnswer
from tests.support.servers.data_folders import Stocks
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tui import config
from tui.config.preferences import Preferences
from tui.local_server import local_server
from tui.locations.location import Location
from tui.session import Session
from tui.ui.app import SentlinksApp
from tui.ui.dialogs.sign_in import SignInScreen
from tui.ui.widgets.heading import Heading
from tui.ui.widgets.status_line import StatusLine


@pytest.fixture
def server(limited: ServerProcess) -> ServerProcess:
    return limited


async def test_a_lost_connection_is_shown_and_restored(server: ServerProcess, tmp_path: Path) -> None:
    """Cursor, selection and typed text stay; what happened in the meantime shows afterwards. The seconds until the next
    try are counted down."""
    with Misbehaving(server.url) as proxy:
        app = app_for(server, tmp_path, demo=False, url=proxy.url)
        async with app.run_test(size=(100, 30)) as pilot:
            main = await sent_folder(pilot)
            put_cursor_on(main, "Second.pdf")
            await pilot.press("space", "space")
            put_cursor_on(main, "Second.pdf")
            await pilot.press("slash", *"ir")
            url = next(row.data.url for row in main.browser.list.window.rows if row.name == "First.pdf")
            proxy.down()
            await until(pilot, lambda: link_text(main).startswith("Connection lost"), "a word about it")
            assert link_line(main).has_class("-on")
            httpx.post(url, trust_env=False)
            seen: list[str] = []

            def counted() -> bool:
                if not seen or seen[-1] != link_text(main):
                    seen.append(link_text(main))
                seconds = [int(found[1]) if (found := re.search(r"in (\d+) s", text)) else 0 for text in seen]
                return any(one == other + 1 > 1 for one, other in pairwise(seconds))

            await until(pilot, counted, "a second less")
            proxy.up()
            await until(pilot, lambda: not link_text(main), "the mended connection")
            assert not link_line(main).is_counting
            assert not link_line(main).has_class("-on")
            await until(pilot, lambda: cell_of(main, "First.pdf", "Downloads") == "1 of 2", "what was missed")
            assert main.browser.list.needle == "ir"
            assert len(main.table.selected) == 2
            assert "Reconnected." in main.query_one("#status", StatusLine).text


async def test_what_could_not_be_reached_is_past_once_it_answers(
    server: ServerProcess, tmp_path: Path
) -> None:
    with Misbehaving(server.url) as proxy:
        app = app_for(server, tmp_path, demo=False, url=proxy.url)
        async with app.run_test(size=(100, 30)) as pilot:
            main = await sent_folder(pilot)
            put_cursor_on(main, "Second.pdf")
            proxy.down()
            await until(pilot, lambda: link_text(main).startswith("Connection lost"), "a word about it")
            await pilot.press("u")
            await until(pilot, lambda: said(main).startswith("Second.pdf: The server"), "the failure")
            proxy.up()
            await until(pilot, lambda: not link_text(main), "the mended connection")
            past = "The server could not be reached: “Second.pdf” may not have been changed."
            await until(pilot, lambda: past in said(main), "that it is past")
            await settled(pilot)
            assert "cannot be reached" not in said(main)


@more
async def test_a_server_that_is_killed_and_started_again(server: ServerProcess, tmp_path: Path) -> None:
    """After a restart on the same port, selection and typed text are still there, and the folder is followed again."""
    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        await pilot.press("slash", *"ir")
        put_cursor_on(main, "Third.pdf")
        main.table.focus()
        await pilot.press("space")
        put_cursor_on(main, "Third.pdf")
        url = next(row.data.url for row in main.browser.list.window.rows if row.name == "First.pdf")
        server.stop(signal.SIGKILL)
        await until(pilot, lambda: link_text(main).startswith("Connection lost"), "a word about it")
        with ServerProcess(server.data, port=int(server.url.rpartition(":")[2])):
            await until(pilot, lambda: not link_text(main), "the mended connection")
            await settled(pilot)
            assert main.browser.list.needle == "ir"
            assert name_of(main.table.current) == "Third.pdf"
            assert [row.name for row in main.table.chosen] == ["Third.pdf"]
            assert main.focused is main.table
            httpx.post(url, trust_env=False)
            await until(
                pilot, lambda: cell_of(main, "First.pdf", "Downloads") == "1 of 2", "what happened since"
            )


@more
async def test_a_stream_that_is_cut_anywhere(server: ServerProcess, tmp_path: Path) -> None:
    """Whether in its header, after it or in the middle of an event, nothing that happened is missed."""
    names = ("First.pdf", "Second.pdf", "Third.pdf")
    cuts = (150, 400, 700)
    with Misbehaving(server.url) as proxy:
        for after in cuts:
            proxy.spoil("GET", CutAnswer(after), path="/share/v1/events")
        app = app_for(server, tmp_path, demo=False, url=proxy.url)
        async with app.run_test(size=(100, 30)) as pilot:
            main = await sent_folder(pilot)
            urls = {row.name: row.data.url for row in main.browser.list.window.rows}
            for downloads in ("1 of 2", "2 of 2"):
                for name in names:
                    httpx.post(urls[name], trust_env=False)
                    await until(
                        pilot,
                        lambda name=name, downloads=downloads: cell_of(main, name, "Downloads") == downloads,
                        f"{downloads} of {name}",
                    )
            await until(
                pilot, lambda: proxy.count("GET", "/share/v1/events") > len(cuts), "a whole connection"
            )
            assert name_of(main.table.current) in names


async def test_a_token_that_ends_asks_for_a_sign_in(server: ServerProcess, tmp_path: Path) -> None:
    with Sender(server) as me:
        anna = me.add_user("ANNA")
        token = me.sign_in("ANNA")["token"]
        app = app_for(server, tmp_path, demo=False, token=token)
        async with app.run_test(size=(100, 30)) as pilot:
            await main_screen(pilot)
            await settled(pilot)
            me.delete("/users/ANNA")
            await screen_of(pilot, SignInScreen)
        anna.http.close()


@more
async def test_a_server_that_answers_again_is_no_longer_said_to_be_away(
    server: ServerProcess, tmp_path: Path
) -> None:
    """Without live events, which no one asks for, the server's next response clears the message; listing local files
    doesn't."""
    with Misbehaving(server.url) as proxy:
        preferences = Preferences(live=False)
        app = app_for(server, tmp_path, demo=False, url=proxy.url, preferences=preferences)
        async with app.run_test(size=(100, 30)) as pilot:
            main = await sent_folder(pilot)
            proxy.down()
            await pilot.press("f5")
            await until(pilot, lambda: "cannot be reached" in said(main), "a word about it")
            await settled(pilot)
            await pilot.press("g", "l")
            await until(pilot, lambda: main.kind == "local")
            assert "cannot be reached" in said(main)
            proxy.up()
            await open_sent_folder(pilot, main)
            await until(pilot, lambda: not said(main), "the end of the sentence")
            assert proxy.count("GET", "/share/v1/events") == 0


@more
async def test_a_server_without_events_is_none_to_wait_for(server: ServerProcess, tmp_path: Path) -> None:
    from tests.support.network.spoiling import Say as Answer

    with Misbehaving(server.url) as proxy:
        proxy.spoil("GET", Answer(404), path="/share/v1/events", times=9)
        app = app_for(server, tmp_path, demo=False, url=proxy.url)
        async with app.run_test(size=(100, 30)) as pilot:
            main = await sent_folder(pilot)
            await until(pilot, lambda: proxy.count("GET", "/share/v1/events") == 1)
            await pilot.pause(1)
            assert proxy.count("GET", "/share/v1/events") == 1
            assert link_text(main) == ""


def _left_empty(_: ServerProcess) -> None: ...


async def test_a_local_server_that_has_ended_is_started_again(
    stocks: Stocks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reloading starts the server again, as the message says; nothing else would."""
    monkeypatch.setenv("SENTLINKS_HOME", str(tmp_path / "home"))
    settings = config.load()
    # A server that has run before has no migrations to run.
    stocks.copy(_left_empty, settings.data)
    target = local_server.chosen(settings)
    try:
        session = Session(
            target,
            state=tmp_path,
            start_server=lambda: local_server.look(settings.data) or local_server.ensure(settings),
        )
        app = SentlinksApp(session)
        async with app.run_test(size=(100, 30)) as pilot:
            main = await main_screen(pilot)
            await settled(pilot)
            local_server.stop(settings)
            # Its port is taken by now, so it gets another one.
            with socket.create_server(("127.0.0.1", int(target.url.rpartition(":")[2]))):
                main.open_place(Location("share", "Share"))
                await until(pilot, lambda: said(main).startswith("The local server doesn't respond; f5 "))
                await pilot.press("f5")
                await until(
                    pilot, lambda: not link_text(main) and not main.live.is_lost, "the mended connection"
                )
                await settled(pilot)
            running = local_server.look(settings.data)
            assert running is not None
            assert running.url != target.url
            assert running.url in main.query_one(Heading).text
            main.open_place(Location("share", "Share"))
            await settled(pilot)
            assert "doesn't respond" not in said(main)
    finally:
        local_server.stop(settings)
