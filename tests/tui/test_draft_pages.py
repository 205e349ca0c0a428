"""The text of a draft in a small window, which is longer than the room for it."""

from __future__ import annotations

from pathlib import Path

from textual.containers import VerticalScroll

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
from tui.ui.draft.links import LinksScreen
from tui.ui.widgets.body_area import BodyArea
from tui.ui.widgets.field import Field


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
        await pilot.press(*["pagedown"] * 4)
        await until(pilot, lambda: page.scroll_offset.y == page.max_scroll_y > 0, "the end of the links")
        await pilot.press(*["pageup"] * 4)
        await until(pilot, lambda: page.scroll_offset.y == 0, "their beginning")
