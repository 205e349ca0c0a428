"""What the dialog of a send says and shows: whether it could be resumed, and, once it is, how it is sent."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.app.app import asked, focused_id, running, said, screen_of, settled, until
from tests.support.checks.long import more
from tests.support.network.misbehave import ALWAYS, Misbehaving
from tests.support.network.spoiling import HoldAnswer
from tests.support.pictures.scene_start import typed
from tests.support.sends.killed_sends import (
    GIVEN,
    MIB,
    SETTINGS,
    TO,
    again,
    close_and_unpublish,
    kept,
    killed,
    offered,
    open_dialog,
)
from tests.support.servers.server import ServerProcess
from tui.config.preferences import Preferences
from tui.locations.rows import cell_text
from tui.ui.draft.draft import DraftScreen
from tui.ui.main.main import MainScreen
from tui.ui.send.send import SendDialog
from tui.ui.widgets.field import Field
from tui.ui.widgets.status_line import StatusLine


@pytest.fixture
def proxy(server: ServerProcess) -> Iterator[Misbehaving]:
    with Misbehaving(server.url) as found:
        yield found


async def test_one_that_cannot_be_resumed_says_so(
    server: ServerProcess, proxy: Misbehaving, paths: list[Path], state: Path
) -> None:
    """Because its journal can no longer be written to, or could not be from the beginning. It is sent all the same."""
    async with running(server, state, size=(80, 24), url=proxy.url) as (pilot, main):
        dialog = await open_dialog(pilot, paths)
        line = dialog.query_one("#overall", StatusLine)
        with proxy.holding("PATCH", "", answer=True):
            with proxy.holding("POST", "/sends"):
                await pilot.press("ctrl+s")
                await asked(pilot, proxy, "POST", "/sends")
                (journal,) = main.session.journals._held
                full = os.open("/dev/full", os.O_WRONLY)
                os.dup2(full, journal._file.handle)
                os.close(full)
            await asked(pilot, proxy, "PATCH", "")
            await until(pilot, lambda: "may not resume if interrupted" in line.text)
        await screen_of(pilot, DraftScreen)
        await pilot.press("escape")
        await screen_of(pilot, MainScreen)
        shutil.rmtree(state / "sends")
        (state / "sends").write_text("a file in the place of its folder")
        dialog = await open_dialog(pilot, paths)
        line = dialog.query_one("#overall", StatusLine)
        before = proxy.count("PATCH")
        proxy.spoil("PATCH", HoldAnswer(), times=ALWAYS)
        await pilot.press("ctrl+s")
        await asked(pilot, proxy, "PATCH", "", before)
        await until(pilot, lambda: "can't be resumed if interrupted" in line.text)


@more
async def test_one_that_was_never_opened_asks_for_its_password_again(
    server: ServerProcess, proxy: Misbehaving, paths: list[Path], state: Path
) -> None:
    """The dialog opens with the same documents, and sending them is a new send. Closed in the middle of it, it is not
    offered again."""
    for _ in range(2):
        await killed(server, proxy, state, paths, opened=False, password="Blue-Harbour7", **SETTINGS)
    async with again(server, proxy, state) as (pilot, _main):
        await offered(pilot)
        await pilot.press("enter")
        dialog = await screen_of(pilot, SendDialog)
        assert [row.link_name for row in dialog.state.plan.rows] == [path.name for path in paths]
        assert {name: dialog.query_one(f"#{name}", Field).value for name in GIVEN} == GIVEN
        assert not dialog.unsaved
        # It isn't sent without a password, as it was to have one.
        await pilot.press("ctrl+s")
        assert pilot.app.screen is dialog
        assert not dialog.busy
        assert said(dialog, "#overall") == "The send's password was not stored. Give it again."
        assert focused_id(pilot) == "password"
        await typed(pilot, "Blue-Harbour8")
        await pilot.press("ctrl+s")
        draft = await screen_of(pilot, DraftScreen)
        for document in draft.documents:
            assert document.has_password
            assert document.recipients == list(TO)
            assert document.downloads_permitted == 3
            assert document.expires_at == SETTINGS["expires_at"]
        await pilot.press("escape")
        await screen_of(pilot, MainScreen)
        assert len(kept(state)) == 1
        await settled(pilot)
        await offered(pilot)
        await pilot.press("enter")
        dialog = await screen_of(pilot, SendDialog)
        dialog.query_one("#password").focus()
        before = proxy.count("PATCH")
        proxy.spoil("PATCH", HoldAnswer(), times=ALWAYS)
        await typed(pilot, "Blue-Harbour8")
        await pilot.press("ctrl+s")
        await asked(pilot, proxy, "PATCH", "", before)
        await close_and_unpublish(pilot)
        assert kept(state) == []


@more
async def test_it_shows_how_it_is_sent_while_it_goes_on(
    server: ServerProcess, proxy: Misbehaving, paths: list[Path], state: Path
) -> None:
    """The field of its password is empty, as that is never stored."""
    await killed(server, proxy, state, paths, password="Blue-Harbour7", **SETTINGS)
    async with again(server, proxy, state) as (pilot, _main):
        await offered(pilot)
        before = proxy.count("POST", "/sends")
        with proxy.holding("POST", "/sends"):
            await pilot.press("enter")
            await asked(pilot, proxy, "POST", "/sends", before)
            dialog = await screen_of(pilot, SendDialog)
            assert {name: dialog.query_one(f"#{name}", Field).value for name in GIVEN} == GIVEN
            assert dialog.query_one("#password", Field).value == ""
            assert said(dialog, "#password-say") == "set when the send began"
        draft = await screen_of(pilot, DraftScreen)
        assert [d.recipients for d in draft.documents] == [list(TO)] * 3


@more
async def test_what_it_carries_is_not_waited_for(
    server: ServerProcess, proxy: Misbehaving, paths: list[Path], state: Path
) -> None:
    """It isn't looked into again, and the column says so."""
    await killed(server, proxy, state, paths)
    options = {"url": proxy.url, "preferences": Preferences(carries="warn")}
    async with running(server, state, size=(120, 40), **options) as (pilot, _main):
        await offered(pilot)
        before = proxy.count("POST", "/sends")
        with proxy.holding("POST", "/sends"):
            await pilot.press("enter")
            await asked(pilot, proxy, "POST", "/sends", before)
            dialog = await screen_of(pilot, SendDialog)
            cells = ["not looked into"] * 3
            await until(pilot, lambda: [cell_text(row.cells[4]) for row in dialog.table.rows] == cells)
        await screen_of(pilot, DraftScreen)


async def test_the_table_follows_what_is_sent_until_the_user_moves_in_it(
    server: ServerProcess, proxy: Misbehaving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for number in range(13):
        (folder / f"{number:02}.bin").write_bytes(os.urandom(MIB + 1 if number >= 10 else 5))
    async with running(server, tmp_path / "state", size=(80, 24), url=proxy.url) as (pilot, _main):
        dialog = await open_dialog(pilot, sorted(folder.iterdir()))
        with proxy.holding("POST", "/documents"), proxy.holding("POST", "/documents"):
            with proxy.holding("POST", "/documents"):
                await pilot.press("ctrl+s")
                await until(pilot, lambda: dialog.table.cursor >= 10, "the first large one")
                await pilot.press("home")
                await until(pilot, lambda: dialog.table.cursor == 0)
            job = dialog.state.job
            assert job is not None
            await until(pilot, lambda: sum(row.state.value == "succeeded" for row in job.rows) > 10)
            assert dialog.table.cursor == 0
        await screen_of(pilot, DraftScreen)
