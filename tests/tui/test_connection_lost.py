"""“Connection lost” is shown until the server responds to anything; and what else its events say about links."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from textual.pilot import Pilot

from tests.support.app.app import (
    app_for,
    cell_of,
    link_line,
    link_text,
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
from tests.support.network.spoiling import Hang
from tests.support.network.spoiling import Say as Answer
from tests.support.pictures.scene_start import add_shortcut
from tests.support.servers.data_folders import Stocks
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import guess
from tests.support.users.share import PASSWORD, stored
from tui.clients import events
from tui.ui.dialogs.details import Details
from tui.ui.main.main import MainScreen

EVENTS = "/share/v1/events"
AGES = 10_000.0


def _send_two(server: ServerProcess) -> None:
    add_shortcut(server)
    publish(server, b"content", "First.pdf", downloads_permitted=20)
    publish(server, b"content", "Second.pdf", password=PASSWORD)


@pytest.fixture
def server(stocks: Stocks, tmp_path: Path) -> Iterator[ServerProcess]:
    with stocks.server(_send_two, tmp_path / "data") as process:
        yield process


@pytest.fixture
def never_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries a lost connection only after hours, so that whatever ends it sooner is something else."""
    monkeypatch.setattr(events, "FIRST_WAIT", AGES)
    monkeypatch.setattr(events, "LONGEST_WAIT", AGES)


async def look_at_details(pilot: Pilot[Any], main: MainScreen) -> None:
    await pilot.press("i")
    await screen_of(pilot, Details)
    await pilot.press("escape")


async def unpublish(pilot: Pilot[Any], main: MainScreen) -> None:
    put_cursor_on(main, "Second.pdf")
    await pilot.press("u")


async def open_again(pilot: Pilot[Any], main: MainScreen) -> None:
    await open_sent_folder(pilot, main)


@pytest.mark.usefixtures("never_by_itself")
async def test_any_answer_ends_it(server: ServerProcess, tmp_path: Path) -> None:
    """Any response ends the notice, whatever was requested; events then show again, including those missed."""
    with Misbehaving(server.url) as proxy:
        app = app_for(server, tmp_path, demo=False, url=proxy.url)
        async with app.run_test(size=(100, 30)) as pilot:
            main = await sent_folder(pilot)
            url = next(row.data.url for row in main.table.rows if name_of(row) == "First.pdf")
            for count, act in enumerate((look_at_details, unpublish, open_again)):
                proxy.down()
                await until(pilot, lambda: link_text(main).startswith("Connection lost; reconnecting in"))
                httpx.post(url, trust_env=False)
                proxy.up()
                before = proxy.count("GET", EVENTS)
                await act(pilot, main)
                await until(pilot, lambda: not link_text(main), "the end of the sentence")
                assert not link_line(main).has_class("-on")
                assert not link_line(main).is_counting
                await until(
                    pilot, lambda before=before: proxy.count("GET", EVENTS) == before + 1, "the stream"
                )
                await shows(pilot, main, f"{2 * count + 1} of 20")
                httpx.post(url, trust_env=False)
                await shows(pilot, main, f"{2 * count + 2} of 20")


async def shows(pilot: Pilot[Any], main: MainScreen, downloads: str) -> None:
    """Waits until the list shows how often First.pdf was downloaded."""
    await until(pilot, lambda: cell_of(main, "First.pdf", "Downloads") == downloads, downloads)


@more
@pytest.mark.usefixtures("never_by_itself")
async def test_also_while_the_stream_is_tried_again(server: ServerProcess, tmp_path: Path) -> None:
    """If the stream hangs while reconnecting, the notice stays away as long as other requests succeed. A gateway that
    responds is no server."""
    with Misbehaving(server.url) as proxy:
        app = app_for(server, tmp_path, demo=False, url=proxy.url)
        async with app.run_test(size=(100, 30)) as pilot:
            main = await sent_folder(pilot)
            proxy.down()
            await until(pilot, lambda: link_text(main).startswith("Connection lost"))
            proxy.up()
            proxy.spoil("GET", Answer(502), path="/share/v1/documents")
            await pilot.press("i")
            await until(pilot, lambda: "down behind its gateway" in said(main))
            assert link_text(main).startswith("Connection lost")
            proxy.spoil("GET", Hang(), path=EVENTS)
            before = proxy.count("GET", EVENTS)
            await look_at_details(pilot, main)
            await until(pilot, lambda: proxy.count("GET", EVENTS) == before + 1, "the next try")
            assert not link_text(main)
            await settled(pilot)
            await look_at_details(pilot, main)
            assert not link_text(main)


@more
async def test_a_server_without_events_is_not_lost(server: ServerProcess, tmp_path: Path) -> None:
    """The app says why, and retries when the server asked it to, however many other requests succeed."""
    with Misbehaving(server.url) as proxy:
        app = app_for(server, tmp_path, demo=False, url=proxy.url)
        full = b'{"code": "events.too_many", "detail": "Too many live connections; close some of them."}'
        proxy.spoil(
            "GET", Answer(429, full, "application/problem+json", (("Retry-After", "5000"),)), path=EVENTS
        )
        async with app.run_test(size=(100, 30)) as pilot:
            main = await sent_folder(pilot)
            await until(pilot, lambda: link_text(main).startswith("Too many live connections"))
            for _ in range(2):
                await look_at_details(pilot, main)
            assert "reconnecting in" in link_text(main)
            assert proxy.count("GET", EVENTS) == 1


@more
async def test_what_is_told_of_recipients(server: ServerProcess, tmp_path: Path) -> None:
    async with app_for(server, tmp_path, demo=False).run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        await one_who_guessed_is_let_in_at_once(pilot, main, server)
        await a_file_that_is_gone_is_named(pilot, main, server)


async def one_who_guessed_is_let_in_at_once(
    pilot: Pilot[Any], main: MainScreen, server: ServerProcess
) -> None:
    """L6: the row shows by itself that a recipient has to wait; the key lifts it."""
    put_cursor_on(main, "Second.pdf")
    await pilot.pause()
    assert "wrong passwords" in (main.disabled_reason("unlock") or "")
    row = main.table.current
    assert row is not None
    with server.guest() as guest:
        guess(server, guest, {"url": row.data.url}, 15)
    await until(pilot, lambda: cell_of(main, "Second.pdf", "External") == ("! On  *", "warn"), "a word of it")
    assert httpx.post(row.data.url, data={"password": PASSWORD}, trust_env=False).status_code == 429
    await pilot.press("U")
    await until(pilot, lambda: cell_of(main, "Second.pdf", "External") == ("● On  *", "good"))
    assert "Unlocked “Second.pdf”." in said(main)
    assert httpx.post(row.data.url, data={"password": PASSWORD}, trust_env=False).status_code == 303


async def a_file_that_is_gone_is_named(pilot: Pilot[Any], main: MainScreen, server: ServerProcess) -> None:
    """Wherever in the app the sender is."""
    url = next(row.data.url for row in main.table.rows if name_of(row) == "First.pdf")
    for file in stored(server):
        file.unlink()
    await pilot.press("g", "l")
    await until(pilot, lambda: main.kind == "local")
    assert httpx.post(url, trust_env=False).status_code == 503
    await until(pilot, lambda: "A recipient could not download “First.pdf”" in said(main))
    await open_sent_folder(pilot, main)
    await until(pilot, lambda: cell_of(main, "First.pdf", "Downloads") == "0 of 20")
    put_cursor_on(main, "First.pdf")
    await pilot.press("i")
    facts = await screen_of(pilot, Details)
    assert "A download failed from 127.0.0.1: its file is missing" in [what for _, what in facts._history]
