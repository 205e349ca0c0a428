"""The activity of documents if someone changed rows of the audit so that they can't be shown."""

from __future__ import annotations

from tests.support.app.app import (
    put_cursor_on,
    said,
    screen_of,
    screen_text,
    sent_folder,
    settled,
    until,
)
from tests.support.checks.intruder import tamper
from tests.support.servers.server import ServerProcess
from tests.tui.conftest import MakeApp
from tui.ui.dialogs.details import Details
from tui.ui.dialogs.timeline import TimelineScreen
from tui.ui.main.main import MainScreen


async def test_a_row_that_cannot_be_shown_leaves_the_rest(
    three_sent: ServerProcess, make_app: MakeApp
) -> None:
    """It is named in its place, in the timeline and in the details."""
    changes = {"Second.pdf": "at = 9223372036854775807", "First.pdf": "details = 'no JSON'"}
    async with make_app().run_test(size=(120, 30)) as pilot:
        main = await sent_folder(pilot)
        for name, change in changes.items():
            put_cursor_on(main, name)
            assert main.table.current is not None
            chain = f"document:{main.table.current.key}"
            tamper(three_sent, (f"UPDATE audit SET {change} WHERE subject = ? AND sequence = 1", chain))
            await pilot.press("a")
            timeline = await screen_of(pilot, TimelineScreen)
            await settled(pilot, timeline)
            assert [row.data.event for row in timeline.table.rows if row.data] == ["published", "unreadable"]
            assert said(timeline, "#said").startswith(f"Row 1 of {name} can't be shown: it was changed.")
            await pilot.press("down", "enter")
            await screen_of(pilot, Details)
            assert "not signed in" not in screen_text(pilot)
            await pilot.press("escape", "escape")
            await screen_of(pilot, MainScreen)
            await pilot.press("i")
            await screen_of(pilot, Details)
            unreadable = f"Row 1 of {name} can't be shown"
            await until(pilot, lambda unreadable=unreadable: unreadable in screen_text(pilot))
            assert "Published" in screen_text(pilot)
            await pilot.press("escape")
            await screen_of(pilot, MainScreen)
