"""What the user was told is kept for the next start, and marked until it is looked at."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support.app.app import (
    app_for,
    main_screen,
    screen_of,
    screen_text,
    sent_folder,
    settled,
    until,
)
from tests.support.app.notices import DELIVERED, told, url_of
from tests.support.checks.long import more
from tests.support.servers.databases import on_postgres
from tests.support.servers.late_rows import under_way
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender, fetch
from tui.ui.dialogs.notices import NoticesScreen
from tui.ui.main.main import MainScreen


@pytest.fixture
def server(limited: ServerProcess) -> ServerProcess:
    return limited


async def kept(pilot: Pilot[Any], main: MainScreen) -> None:
    """Waits until what there is now is kept."""
    await until(pilot, lambda: not main.live.is_keeping)
    await settled(pilot)


async def test_they_are_kept_for_the_next_start(server: ServerProcess, tmp_path: Path) -> None:
    """With what has happened in between, and beside the folder, until one looks at it; its place is in the tree."""
    async with app_for(server, tmp_path, demo=False).run_test(size=(120, 30)) as pilot:
        main = await sent_folder(pilot)
        first, second = url_of(main, "First.pdf"), url_of(main, "Second.pdf")
        assert " new" not in screen_text(pilot)
        fetch(server, first)
        await until(pilot, lambda: DELIVERED in screen_text(pilot), "the news")
        assert " new" not in screen_text(pilot), "it is in the list"
        # Quitting at once keeps it, too.
        await pilot.press("q")
    fetch(server, second)
    async with app_for(server, tmp_path, demo=False).run_test(size=(120, 30)) as pilot:
        main = await main_screen(pilot)
        await until(pilot, lambda: "✓ Second.pdf delivered to 127.0.0.1" in screen_text(pilot), "the news")
        # In My Favorites and, if that branch is open, below Share.
        await until(pilot, lambda: "1 new" in screen_text(pilot), "its place")
        rows = [row for row in screen_text(pilot).splitlines() if "1 new" in row]
        assert all("Secure" in row or "DJONES" in row for row in rows)
        await pilot.press("g", "n")
        listed = await screen_of(pilot, NoticesScreen)
        names = [row.data.name for row in listed.table.rows]
        assert names == ["Second.pdf", "First.pdf"]
        await pilot.press("escape")
        await until(pilot, lambda: " new" not in screen_text(pilot))
        await pilot.press("g", "l")
        await settled(pilot)
        told(main, 1)
        await until(pilot, lambda: main.live.notices.notices.unseen == 1)
        await kept(pilot, main)
        await pilot.press("q")
    async with app_for(server, tmp_path, demo=False).run_test(size=(120, 30)) as pilot:
        main = await main_screen(pilot)
        await until(pilot, lambda: main.live.notices.notices.unseen == 1)
        known = {each.name for each in main.live.notices.notices.kept}
        assert known == {"Plan.pdf", "Second.pdf", "First.pdf"}


async def names_told(pilot: Pilot[Any], main: MainScreen, count: int) -> list[str]:
    """The names in the notices, once there are so many."""
    kept = main.live.notices.notices.kept
    await until(pilot, lambda: len(kept) >= count, "the news")
    return sorted(each.name for each in kept)


@more
@on_postgres
async def test_a_lower_number_that_appears_late_is_told_at_the_next_start(
    fresh_server: ServerProcess, tmp_path: Path
) -> None:
    """PostgreSQL numbers a row before it is committed: one with a higher number may be told and kept already. Nothing
    is told twice because of that."""
    with Sender(fresh_server) as me:
        late, others = me.send("Late.pdf"), [me.send(f"{number}.pdf") for number in range(3)]
    told: list[str] = []
    async with AsyncExitStack() as transaction:
        for number, other in enumerate(others):
            async with app_for(fresh_server, tmp_path, demo=False).run_test(size=(120, 30)) as pilot:
                main = await main_screen(pilot)
                if number == 0:
                    await until(pilot, lambda: list(tmp_path.glob("notices-*")), "the connection")
                    await transaction.enter_async_context(under_way(fresh_server, late["id"], "locked"))
                if number == 1:
                    told.append("Late.pdf")
                    assert await names_told(pilot, main, len(told)) == sorted(told)
                fetch(fresh_server, other["url"])
                told.append(other["name"])
                assert await names_told(pilot, main, len(told)) == sorted(told)
                assert main.live.notices.notices.unseen == len(told)
                await kept(pilot, main)
                await pilot.press("q")
            await transaction.aclose()


@more
async def test_what_is_new_in_a_folder_is_shown_until_it_is_looked_at(
    server: ServerProcess, tmp_path: Path
) -> None:
    async with app_for(server, tmp_path, demo=False).run_test(size=(120, 30)) as pilot:
        main = await sent_folder(pilot)
        url = url_of(main, "First.pdf")
        await pilot.press("g", "l")
        await settled(pilot)
        fetch(server, url)
        await until(pilot, lambda: "1 new" in screen_text(pilot))
        await pilot.press("g", "s")
        await until(pilot, lambda: main.kind == "sent" and "1 new" not in screen_text(pilot))
        assert main.live.notices.notices.unseen == 1, "the list of notices wasn't looked at"


async def test_quitting_while_they_are_listed(server: ServerProcess, tmp_path: Path) -> None:
    """The list counts as looked at when it goes, also if everything else has gone before."""
    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await sent_folder(pilot)
        told(main, 1)
        await pilot.press("g", "n")
        listed = await screen_of(pilot, NoticesScreen)
        await until(pilot, lambda: len(listed.table.rows) == 1)
        await main.query("*").remove()
        await listed.remove()
        app.exit()
    assert app.return_code == 0
