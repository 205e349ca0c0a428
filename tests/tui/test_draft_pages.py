"""The text of a draft in a small window, which is longer than the room for it."""

from __future__ import annotations

from pathlib import Path

from textual.containers import VerticalScroll
from textual.widgets import Static

from tests.support.app.app import (
    app_for,
    main_screen,
    open_sent_folder,
    screen_of,
    sent_documents,
    settled,
    until,
)
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tui.ui.draft.draft import DraftScreen
from tui.ui.draft.links_screen import LinksScreen
from tui.ui.widgets.body_area import BodyArea
from tui.ui.widgets.field import Field


async def test_what_became_of_the_copy_takes_one_line(sample_server: ServerProcess, tmp_path: Path) -> None:
    """However narrow the window; the key that copies again says all of it."""
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await main_screen(pilot)
        await settled(pilot)
        await pilot.press("s", "ctrl+s")
        draft = await screen_of(pilot, DraftScreen)
        line = draft.query_one("#clipboard", Static)
        await until(pilot, lambda: str(line.render()), "the copy")
        assert "^y says" in str(line.render())
        assert line.size.height == 1
        await pilot.press("ctrl+y")
        await until(pilot, lambda: "^y says" not in str(line.render()), "the whole of it")
        assert line.size.height > 1


async def test_the_last_link_is_reached_from_every_field(fresh_server: ServerProcess, tmp_path: Path) -> None:
    """What is in the field stays, and the cursor stays in it."""
    for number in range(6):
        publish(fresh_server, b"x", f"Document {number}.pdf")
    app = app_for(fresh_server, tmp_path, demo=False)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await open_sent_folder(pilot, main)
        await settled(pilot)
        await pilot.press("ctrl+a", "w")
        draft = await screen_of(pilot, DraftScreen)
        text = draft.query_one(BodyArea)
        for name in ("to", "subject"):
            field = draft.query_one(f"#{name}", Field)
            field.focus()
            value = field.value
            await pilot.press("pagedown", "pagedown", "pagedown")
            await until(pilot, lambda: text.scroll_offset.y == text.max_scroll_y > 0, "the end of the text")
            assert (draft.focused, field.value) == (field, value)
            await pilot.press("pageup", "pageup", "pageup")
            await until(pilot, lambda: text.scroll_offset.y == 0, "its beginning")
        # And in the list of links alone, from its buttons.
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is main)
        documents = await sent_documents(main)
        main.open(LinksScreen(main.session, documents * 3))
        links = await screen_of(pilot, LinksScreen)
        page = links.query_one(VerticalScroll)
        links.query_one("#close").focus()
        # More often than there are links: how many fit on a page depends on the length of the backup's path, too.
        often = 3 * len(documents)
        await pilot.press(*["pagedown"] * often)
        await until(pilot, lambda: page.scroll_offset.y == page.max_scroll_y > 0, "the end of the links")
        await pilot.press(*["pageup"] * often)
        await until(pilot, lambda: page.scroll_offset.y == 0, "their beginning")
