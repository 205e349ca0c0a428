"""A link that went to the wrong person: a new one, and the draft for the right one, in one step."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support.app.app import (
    app_for,
    put_cursor_on,
    screen_of,
    screen_text,
    sent_folder,
    settled,
    until,
)
from tests.support.app.draft_screen import said
from tests.support.checks.long import more
from tests.support.pictures.scene_start import typed
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tui.ui.draft.draft import DraftScreen
from tui.ui.main.main import MainScreen
from tui.ui.send.resend import ResendDialog
from tui.ui.widgets.checkbox import Checkbox

BOB, CAROL = "Bob <bob@example.com>", "carol@example.com"


@asynccontextmanager
async def folder_of(server: ServerProcess, state: Path) -> AsyncIterator[tuple[Pilot[Any], MainScreen]]:
    app = app_for(server, state, demo=False)
    async with app.run_test(size=(80, 24)) as pilot:
        yield pilot, await sent_folder(pilot)


async def new_link(pilot: Pilot[Any], *keys: str) -> None:
    """`s`, *Make a new link*, Send again."""
    await pilot.press("s")
    dialog = await screen_of(pilot, ResendDialog)
    box = dialog.query_one("#new_address", Checkbox)
    assert "Make a new link" in screen_text(pilot)
    box.checked = True
    await pilot.press(*keys, "ctrl+s")


def answers(server: ServerProcess, url: str | None) -> int:
    assert url is not None
    with server.guest() as guest:
        return guest.get(url.removeprefix(server.url)).status_code


async def test_the_old_link_has_ended_and_the_draft_is_for_the_right_one(
    server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names the old one and whom that was for, who don't get the draft; whoever gets it is kept with the new one."""
    monkeypatch.chdir(tmp_path)
    old = publish(server, b"x", "Offer.pdf", recipients=[BOB])
    async with folder_of(server, tmp_path) as (pilot, main):
        put_cursor_on(main, "Offer.pdf")
        await new_link(pilot)
        draft = await screen_of(pilot, DraftScreen)
        ended = f"Say in To who gets the new link. The old link of “Offer.pdf”, for {BOB}, no longer works."
        await until(pilot, lambda: ended in said(draft), "the note")
        assert draft.text.to == ""
        (again,) = draft.documents
        assert again.url != old["url"]
        assert str(again.url) in draft.text.body
        assert old["url"] not in draft.text.body
        assert (answers(server, old["url"]), answers(server, again.url)) == (404, 200)
        assert draft.focused is draft.query_one("#to")
        await typed(pilot, CAROL)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: said(draft).startswith("Saved as"), "saved")
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is main)
        await settled(pilot)
        assert main.table.current is not None
        assert main.table.current.data.recipients == [CAROL]


@more
async def test_of_several_with_a_new_password(server: ServerProcess, tmp_path: Path) -> None:
    """There is one draft, which shows the password."""
    old = [publish(server, b"x", f"{name}.pdf") for name in ("One", "Two", "Three", "Four")]
    async with folder_of(server, tmp_path) as (pilot, main):
        for document in old:
            put_cursor_on(main, document["name"])
            await pilot.press("space")
        await new_link(pilot, "ctrl+g")
        draft = await screen_of(pilot, DraftScreen)
        assert len(draft.documents) == 4
        note = "Say in To who gets the new link. 4 old links no longer work: “"
        await until(pilot, lambda: note in said(draft), "the note")
        assert "You'll need a password" in draft.text.body
        assert draft.unseen_password
        assert all(document["url"] not in draft.text.body for document in old)
        await pilot.press("ctrl+r", "escape")
        await until(pilot, lambda: pilot.app.screen is main)


@more
async def test_the_same_link_opens_no_draft(server: ServerProcess, tmp_path: Path) -> None:
    publish(server, b"x", "Offer.pdf", recipients=[BOB])
    async with folder_of(server, tmp_path) as (pilot, main):
        put_cursor_on(main, "Offer.pdf")
        await pilot.press("s")
        await screen_of(pilot, ResendDialog)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: pilot.app.screen is main)
        await settled(pilot)
        assert pilot.app.screen is main
