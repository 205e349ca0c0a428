"""The folder follows the server: a download shows by itself, and so does what others do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from textual.pilot import Pilot

from tests.support.app.app import (
    app_for,
    cell_of,
    cells_of,
    link_line,
    link_text,
    name_of,
    put_cursor_on,
    screen_of,
    sent_folder,
    settled,
    until,
)
from tests.support.checks.long import more
from tests.support.network.misbehave import Misbehaving
from tests.support.pictures.scene_start import about_to_send, typed
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish, publish_all
from tests.support.users.share import Sender
from tui.clients.events import Lost
from tui.locations.location import Location
from tui.rules.errors import NotAllowed, Unreachable
from tui.ui.draft.links_screen import LinksScreen
from tui.ui.main.live_feed import FeedStopped, ServerEvent
from tui.ui.main.main import MainScreen
from tui.ui.send.resend import ResendDialog
from tui.ui.widgets.breadcrumbs import Breadcrumbs
from tui.ui.widgets.field import Field

#: Of :func:`limited`.
SERVER = "shared"


@pytest.fixture
def server(limited: ServerProcess) -> ServerProcess:
    return limited


async def test_a_download_changes_its_row(server: ServerProcess, tmp_path: Path) -> None:
    """Cursor and selection stay, and nothing else is redrawn."""
    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "Second.pdf")
        await pilot.press("space")
        put_cursor_on(main, "Third.pdf")
        await pilot.pause()
        url = next(row.data.url for row in main.table.rows if name_of(row) == "First.pdf")
        drawn: list[int] = []
        draw = main.table.render_line

        def spy(y: int) -> Any:
            drawn.append(y)
            return draw(y)

        main.table.render_line = spy  # type: ignore[method-assign]
        httpx.post(url, trust_env=False)
        await until(pilot, lambda: cell_of(main, "First.pdf", "Downloads") == "1 of 2")
        assert name_of(main.table.current) == "Third.pdf"
        assert [row.name for row in main.table.chosen] == ["Second.pdf"]
        assert len(set(drawn)) == 1
        # When the limit is reached, the flag changes by itself and shows the reason.
        httpx.post(url, trust_env=False)
        await until(pilot, lambda: cell_of(main, "First.pdf", "Ends") == ("limit", "dim"))
        await nothing_is_counted_without_listeners(pilot, main)


async def nothing_is_counted_without_listeners(pilot: Pilot[Any], main: MainScreen) -> None:
    """No countdown is shown when the server refuses this user or offers no events."""
    for problem in (None, NotAllowed("not_allowed", "You may not listen.")):
        main.post_message(ServerEvent(Lost(Unreachable("server.unreachable", ""), 9.0)))
        await until(pilot, lambda: link_text(main).startswith("Connection lost"))
        main.post_message(FeedStopped(problem))
        await until(pilot, lambda: not link_text(main).startswith("Connection lost"))
        assert link_text(main) == (problem.message if problem else "")
        assert not link_line(main).is_counting


@more
async def test_what_others_do_shows(server: ServerProcess, tmp_path: Path) -> None:
    """The list shows what another program of the same user sends, unpublishes, deletes or restores. When more than a
    page is sent to the open folder, no row is missing between the new and the old ones."""
    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "Second.pdf")
        publish(server, b"x", "Fourth.pdf")
        await until(pilot, lambda: cells_of(main, "Fourth.pdf"), "the new row")
        ident = next(row.key for row in main.table.rows if name_of(row) == "Third.pdf")
        with Sender(server) as me:
            me.post(f"/documents/{ident}/unpublish")
            await until(pilot, lambda: cell_of(main, "Third.pdf", "Ends") == ("by you", "dim"))
            me.delete(f"/documents/{ident}")
            await until(pilot, lambda: not cells_of(main, "Third.pdf"), "its going")
            await pilot.press("t")
            await until(pilot, lambda: main.kind == "trash" and cells_of(main, "Third.pdf"))
            me.post(f"/trash/{ident}/restore")
            await until(pilot, lambda: not main.table.rows, "its going from the trash")
        await pilot.press("t")
        await until(pilot, lambda: main.kind == "sent" and cells_of(main, "Third.pdf"))
        assert name_of(main.table.current) == "Second.pdf"
        before = {row.key for row in main.table.rows}
        publish_all(server, [f"New {number:03}.pdf" for number in range(120)])
        shown = len(before) + 120
        await until(pilot, lambda: len(main.table.rows) == shown, "all of them")
        await settled(pilot)
        assert before <= {row.key for row in main.table.rows}
        assert name_of(main.table.current) == "Second.pdf"
        assert f"({shown})" in main.query_one(Breadcrumbs).text


async def test_what_is_typed_in_dialogs_survives_it(
    server: ServerProcess, files: Location, tmp_path: Path
) -> None:
    """A password in a field, and a half-typed name in the send dialog, survive a lost connection."""
    with Misbehaving(server.url) as proxy:
        app = app_for(server, tmp_path, demo=False, url=proxy.url)
        async with app.run_test(size=(100, 30)) as pilot:
            main = await sent_folder(pilot)
            await pilot.press("s")
            dialog = await screen_of(pilot, ResendDialog)
            dialog.query_one("#password", Field).focus()
            await typed(pilot, "Blue-Harbour7")
            proxy.down()
            await until(pilot, lambda: link_text(main).startswith("Connection lost"))
            proxy.up()
            await until(pilot, lambda: not link_text(main))
            assert pilot.app.screen is dialog
            assert dialog.query_one("#password", Field).value == "Blue-Harbour7"
            assert dialog.focused is dialog.query_one("#password", Field)
            await pilot.press("ctrl+s")
            await screen_of(pilot, LinksScreen)
            await pilot.press("escape")
            await until(pilot, lambda: pilot.app.screen is main)
            sending = await about_to_send(pilot, main, files, "space")
            await pilot.press("e", "ctrl+u", *"Off")
            proxy.down()
            await until(pilot, lambda: link_text(main).startswith("Connection lost"))
            await pilot.press("e")
            proxy.up()
            await until(pilot, lambda: not link_text(main))
            await pilot.press("r", "enter")
            assert sending.table.rows[0].cells[1] == "Offer.txt"
