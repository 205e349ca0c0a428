"""What the dialog of a send says and shows: whether it could be resumed, and, once it is, how it is sent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.app import app_for, asked, focused_id, running, said, screen_of, until
from tests.support.killed_sends import (
    GIVEN,
    MIB,
    TO,
    again,
    close_and_unpublish,
    end,
    kept,
    killed,
    offered,
    open_dialog,
)
from tests.support.misbehave import ALWAYS, Misbehaving
from tests.support.server import ServerProcess
from tests.support.spoiling import HoldAnswer
from tui.screens.draft import DraftScreen
from tui.screens.send import SendDialog
from tui.widgets.field import Field
from tui.widgets.status_line import StatusLine


@pytest.fixture
def proxy(server: ServerProcess) -> Iterator[Misbehaving]:
    with Misbehaving(server.url) as found:
        yield found


async def test_one_that_could_not_be_resumed_says_so(
    server: ServerProcess, proxy: Misbehaving, paths: list[Path], state: Path
) -> None:
    state.mkdir()
    (state / "sends").write_text("a file in the place of its folder")
    async with running(server, state, size=(80, 24), url=proxy.url) as (pilot, _):
        dialog = await open_dialog(pilot, paths)
        proxy.spoil("PATCH", HoldAnswer(), times=ALWAYS)
        await pilot.press("ctrl+s")
        await asked(pilot, proxy, "PATCH", "")
        line = dialog.query_one("#overall", StatusLine)
        await until(pilot, lambda: "can't be resumed if interrupted" in line.text)
        proxy.behave()


async def test_one_that_can_no_longer_be_recorded_says_so(
    server: ServerProcess, proxy: Misbehaving, paths: list[Path], state: Path
) -> None:
    async with running(server, state, size=(80, 24), url=proxy.url) as (pilot, main):
        dialog = await open_dialog(pilot, paths)
        proxy.spoil("PATCH", HoldAnswer(), times=ALWAYS)
        with proxy.holding("POST", "/sends"):
            await pilot.press("ctrl+s")
            await asked(pilot, proxy, "POST", "/sends")
            (journal,) = main.session.journals._held
            full = os.open("/dev/full", os.O_WRONLY)
            os.dup2(full, journal._file.handle)
            os.close(full)
        await asked(pilot, proxy, "PATCH", "")
        line = dialog.query_one("#overall", StatusLine)
        await until(pilot, lambda: "may not resume if interrupted" in line.text)
        proxy.behave()


async def killed_before_its_password(
    server: ServerProcess, proxy: Misbehaving, state: Path, paths: list[Path]
) -> None:
    """An app whose process ended before the server had the password."""
    app = app_for(server, state, url=proxy.url)
    async with app.run_test(size=(80, 24)) as pilot:
        dialog = await open_dialog(pilot, paths)
        dialog.query_one("#password").focus()
        await pilot.press(*"Blue-Harbour7")
        for name, text in GIVEN.items():
            dialog.query_one(f"#{name}", Field).value = text
        proxy.spoil("POST", HoldAnswer(), "/sends", times=9)
        await pilot.press("ctrl+s")
        await asked(pilot, proxy, "POST", "/sends")
        await end(pilot, app)
    proxy.behave()


async def test_one_that_was_never_opened_asks_for_its_password_again(
    server: ServerProcess, proxy: Misbehaving, paths: list[Path], state: Path
) -> None:
    """The dialog opens with the same documents, and sending them is a new send."""
    await killed_before_its_password(server, proxy, state, paths)
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
        await pilot.press(*"Blue-Harbour8", "ctrl+s")
        draft = await screen_of(pilot, DraftScreen)
        for document in draft.documents:
            assert document.has_password
            assert document.recipients == TO.split(", ")
            assert document.downloads_permitted == 3
            assert document.expires_at is not None
            assert document.expires_at.astimezone().strftime("%Y-%m-%d %H:%M") == GIVEN["expires"]
        await pilot.press("escape")
    assert kept(state) == []


async def test_it_shows_how_it_is_sent_while_it_goes_on(
    server: ServerProcess, proxy: Misbehaving, paths: list[Path], state: Path
) -> None:
    await killed(server, proxy, state, paths, **GIVEN)
    async with again(server, proxy, state) as (pilot, _main):
        await offered(pilot)
        before = proxy.count("POST", "/documents")
        with proxy.holding("POST", "/documents"):
            await pilot.press("enter")
            await asked(pilot, proxy, "POST", "/documents", before)
            dialog = pilot.app.screen
            assert isinstance(dialog, SendDialog)
            assert {name: dialog.query_one(f"#{name}", Field).value for name in GIVEN} == GIVEN
            assert said(dialog, "#password-say") == "none was set when the send began"
        draft = await screen_of(pilot, DraftScreen)
        assert [d.recipients for d in draft.documents] == [TO.split(", ")] * 3


@pytest.mark.parametrize(
    ("keys", "texts", "words"),
    [
        ([], {"password": "Blue-Harbour7"}, "set when the send began"),
        (["ctrl+g"], {}, "a new one; the links show it"),
    ],
    ids=["typed", "generated"],
)
async def test_it_says_what_password_it_has_while_it_goes_on(
    server: ServerProcess,
    proxy: Misbehaving,
    paths: list[Path],
    state: Path,
    keys: list[str],
    texts: dict[str, str],
    words: str,
) -> None:
    """Its field is empty, as a password is never stored."""
    await killed(server, proxy, state, paths, *keys, **texts)
    async with again(server, proxy, state) as (pilot, _main):
        await offered(pilot)
        before = proxy.count("POST", "/sends")
        with proxy.holding("POST", "/sends"):
            await pilot.press("enter")
            await asked(pilot, proxy, "POST", "/sends", before)
            dialog = await screen_of(pilot, SendDialog)
            assert dialog.query_one("#password", Field).value == ""
            assert said(dialog, "#password-say") == words
        await screen_of(pilot, DraftScreen)


async def test_closed_in_the_middle_again_it_is_not_offered_again(
    server: ServerProcess, proxy: Misbehaving, paths: list[Path], state: Path
) -> None:
    await killed_before_its_password(server, proxy, state, paths)
    async with again(server, proxy, state) as (pilot, _main):
        await offered(pilot)
        await pilot.press("enter")
        dialog = await screen_of(pilot, SendDialog)
        dialog.query_one("#password").focus()
        proxy.spoil("PATCH", HoldAnswer(), times=ALWAYS)
        await pilot.press(*"Blue-Harbour8", "ctrl+s")
        await asked(pilot, proxy, "PATCH", "")
        await close_and_unpublish(pilot)
        assert kept(state) == []


async def test_the_table_follows_what_is_sent_until_the_user_moves_in_it(
    server: ServerProcess, proxy: Misbehaving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for number in range(40):
        (folder / f"{number:02}.bin").write_bytes(os.urandom(MIB + 1 if number >= 30 else 5))
    async with running(server, tmp_path / "state", size=(80, 24), url=proxy.url) as (pilot, _main):
        dialog = await open_dialog(pilot, sorted(folder.iterdir()))
        with proxy.holding("POST", "/documents"), proxy.holding("POST", "/documents"):
            with proxy.holding("POST", "/documents"):
                await pilot.press("ctrl+s")
                await until(pilot, lambda: dialog.table.cursor >= 30, "the first large one")
                await pilot.press("home")
                await until(pilot, lambda: dialog.table.cursor == 0)
            job = dialog.state.job
            assert job is not None
            await until(pilot, lambda: sum(row.state.value == "succeeded" for row in job.rows) > 30)
            assert dialog.table.cursor == 0
        await screen_of(pilot, DraftScreen)
