"""A send that the program did not finish is offered at the next start, to be resumed or discarded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support.app import (
    app_for,
    asked,
    focused_id,
    main_screen,
    running,
    said,
    screen_of,
    settled,
    until,
)
from tests.support.misbehave import ALWAYS, HoldAnswer, Misbehaving
from tests.support.server import ServerProcess
from tests.support.share import Sender, fetch
from tui.app import SentlinksApp
from tui.screens.background_send import BackgroundSendScreen, progress_text
from tui.screens.draft import DraftScreen
from tui.screens.help import Help
from tui.screens.interrupted import InterruptedScreen
from tui.screens.interrupted_sends import offer
from tui.screens.links import LinksScreen
from tui.screens.main import MainScreen
from tui.screens.question import Question
from tui.screens.send import SendDialog
from tui.sending.journal_contents import Contents, Entry
from tui.sending.resuming import SendStatus
from tui.widgets.button import Button
from tui.widgets.field import Field
from tui.widgets.status_line import StatusLine

MIB = 1024 * 1024
TO = "Anna Arp <anna@example.com>, bernd@example.com"
#: What is typed in the fields of a send's dialog.
GIVEN = {
    "expires": f"{datetime.now() + timedelta(days=30):%Y-%m-%d %H:%M}",
    "downloads": "3",
    "to": TO,
}


def test_large_counts_have_separators() -> None:
    """As everywhere else in the app."""
    contents = Contents("0123456789ab")
    contents.entries = [Entry({"size": 1}, f"{n}.txt", f"key{n}") for n in range(1200)]
    assert "0 of 1,200 documents are published" in offer([SendStatus(contents)])
    assert progress_text(SendStatus(contents)).startswith("0 of 1,200 documents published")


@pytest.mark.parametrize(
    ("sent", "total", "words"),
    [
        (0, 1, "0 of 1 document is published"),
        (0, 2, "0 of 2 documents are published"),
        (1, 2, "1 of 2 documents is published"),
        (2, 3, "2 of 3 documents are published"),
    ],
)
def test_it_is_said_how_many_documents_are_published(sent: int, total: int, words: str) -> None:
    contents = Contents("0123456789ab")
    contents.entries = [Entry({"size": 1}, f"{n}.txt", f"key{n}") for n in range(total)]
    documents: dict[str, Any] = {f"key{n}": None for n in range(sent)}
    assert words in offer([SendStatus(contents, documents=documents)])


@pytest.fixture
def proxy(server: ServerProcess) -> Iterator[Misbehaving]:
    with Misbehaving(server.url) as found:
        yield found


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Where the app keeps the journals of its sends."""
    return tmp_path / "state"


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The current folder, with two small files and a large one."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    made = [folder / f"{os.urandom(4).hex()}-{name}" for name in ("a.txt", "b.txt", "c.bin")]
    for path, size in zip(made, (10, 20, 3 * MIB), strict=True):
        path.write_bytes(os.urandom(size))
    return sorted(made)


async def open_dialog(pilot: Pilot[Any], paths: list[Path]) -> SendDialog:
    main = await main_screen(pilot)
    await settled(pilot)
    await pilot.press("l")
    await until(pilot, lambda: len(main.table.rows) >= len(paths))
    await settled(pilot)
    await pilot.press("ctrl+a", "s")
    return await screen_of(pilot, SendDialog)


async def killed(
    server: ServerProcess, proxy: Misbehaving, state: Path, paths: list[Path], *keys: str, **texts: str
) -> None:
    """An app whose process ended in the middle of a send, with the small files published. Before, ``texts`` were typed
    in the fields of its dialog, and ``keys`` pressed."""
    app = app_for(server, state, url=proxy.url)
    async with app.run_test(size=(80, 24)) as pilot:
        dialog = await open_dialog(pilot, paths)
        for name, text in texts.items():
            dialog.query_one(f"#{name}", Field).value = text
        await pilot.press(*keys)
        proxy.spoil("PATCH", HoldAnswer(), times=ALWAYS)
        await pilot.press("ctrl+s")
        await asked(pilot, proxy, "PATCH", "")
        await until(pilot, lambda: len(dialog.state.documents) == len(paths) - 1, "the small ones")
        await end(pilot, app)
    proxy.behave()


async def end(pilot: Pilot[Any], app: SentlinksApp) -> None:
    """Ends the app as if it were killed: it releases its journals and sends no more requests."""
    for journal in app.session.journals._held:
        journal.release()
    app.session.share.http.build_request = _no_more  # type: ignore[method-assign]
    app._end(137)
    await until(pilot, lambda: app._exit)


def _no_more(*args: object, **more: object) -> Any:
    raise RuntimeError("this process is no more")


def again(
    server: ServerProcess, proxy: Misbehaving, state: Path
) -> AbstractAsyncContextManager[tuple[Pilot[Any], MainScreen]]:
    """Runs the app once more."""
    return running(server, state, size=(80, 24), url=proxy.url)


async def offered(pilot: Pilot[Any]) -> InterruptedScreen:
    """Has the interrupted send offered."""
    await pilot.press("R")
    return await screen_of(pilot, InterruptedScreen)


def kept(state: Path) -> list[Path]:
    return list((state / "sends").iterdir())


async def press_button(pilot: Pilot[Any], ident: str) -> None:
    pilot.app.screen.query_one(f"#{ident}", Button).press()
    await pilot.pause()


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


async def test_it_is_offered_and_goes_on(
    server: ServerProcess, proxy: Misbehaving, paths: list[Path], state: Path
) -> None:
    """Nothing opens by itself; after resuming, the draft has all links in order."""
    await killed(server, proxy, state, paths)
    async with again(server, proxy, state) as (pilot, main):
        assert pilot.app.screen is main
        assert said(main) == ("Your last send was interrupted: 2 of 3 documents are published. R resumes it.")
        asked_for = await offered(pilot)
        assert "2 of 3 documents published" in asked_for.sentence
        before = len(proxy.seen)
        await pilot.press("enter")
        draft = await screen_of(pilot, DraftScreen)
        assert [d.name for d in draft.documents] == [path.name for path in paths]
        for document, path in zip(draft.documents, paths, strict=True):
            assert fetch(server, document.url or "") == path.read_bytes()
        more = proxy.seen[before:]
        assert not [seen for seen in more if seen.method == "POST" and "/batch" in seen.path]
        await pilot.press("escape")
        await screen_of(pilot, MainScreen)
        await settled(pilot)
        assert main.disabled_reason("unseen_links") is not None
    assert kept(state) == []
    with Sender(server) as me:
        names = [d["name"] for d in me.get("/documents", limit=500)["documents"]]
    assert all(names.count(path.name) == 1 for path in paths)


@pytest.mark.parametrize("choice", ["go_on", "keep"])
async def test_a_generated_password_that_no_one_saw_is_replaced(
    server: ServerProcess, proxy: Misbehaving, paths: list[Path], state: Path, choice: str
) -> None:
    """Otherwise no one could open what was sent. The new one is shown with the links."""
    await killed(server, proxy, state, paths, "ctrl+g")
    async with again(server, proxy, state) as (pilot, _main):
        assert "Its generated password is lost, so it gets a new one." in (await offered(pilot)).sentence
        await press_button(pilot, choice)
        shown = await (screen_of(pilot, DraftScreen) if choice == "go_on" else screen_of(pilot, LinksScreen))
        password = shown.sent.password
        assert password is not None
        assert len(shown.sent.documents) == (3 if choice == "go_on" else 2)
        contents = [path.read_bytes() for path in paths]
        for document in shown.sent.documents:
            assert fetch(server, document.url or "", password.text) in contents
        # No one has seen the new one yet.
        await pilot.press("escape")
        await screen_of(pilot, Question)
        await pilot.press("y")
        await screen_of(pilot, MainScreen)
        await settled(pilot)
    assert kept(state) == []


async def test_it_can_wait(server: ServerProcess, proxy: Misbehaving, paths: list[Path], state: Path) -> None:
    """A postponed send is offered again next time, and isn't locked against other programs in the meantime."""
    await killed(server, proxy, state, paths)
    for key in ("escape", "later"):
        async with again(server, proxy, state) as (pilot, main):
            await offered(pilot)
            if key == "escape":
                await pilot.press("escape")
            else:
                await press_button(pilot, "later")
            await screen_of(pilot, MainScreen)
            assert main.disabled_reason("unseen_links") is None
            assert not main.session.journals._held


async def test_what_is_published_is_kept(
    server: ServerProcess, proxy: Misbehaving, paths: list[Path], state: Path
) -> None:
    await killed(server, proxy, state, paths)
    async with again(server, proxy, state) as (pilot, _main):
        await offered(pilot)
        await press_button(pilot, "keep")
        links = await screen_of(pilot, LinksScreen)
        assert sorted(d.name for d in links.documents) == [p.name for p in paths if p.stat().st_size < MIB]
        await pilot.press("escape")
        await screen_of(pilot, MainScreen)
        await settled(pilot)
    assert kept(state) == []
    with Sender(server) as me:
        assert me.document(links.documents[0].id)["published"]
        assert proxy.count("DELETE", "/uploads") >= 1


@pytest.mark.parametrize("agreed", [True, False])
async def test_what_is_published_is_unpublished(
    server: ServerProcess, proxy: Misbehaving, paths: list[Path], state: Path, agreed: bool
) -> None:
    await killed(server, proxy, state, paths)
    async with again(server, proxy, state) as (pilot, main):
        await offered(pilot)
        await press_button(pilot, "unpublish")
        await screen_of(pilot, Question)
        await pilot.press("y" if agreed else "n")
        await screen_of(pilot, MainScreen)
        await settled(pilot)
        assert (main.disabled_reason("unseen_links") is None) == (not agreed)
    assert len(kept(state)) == (0 if agreed else 1)
    with Sender(server) as me:
        found = [
            d for d in me.get("/documents", limit=500)["documents"] if d["name"] in {p.name for p in paths}
        ]
        assert {d["published"] for d in found} == {not agreed}


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


async def close_and_unpublish(pilot: Pilot[Any]) -> None:
    """Closes the dialog of a running, partly published send, and unpublishes that part."""
    await pilot.press("escape")
    await screen_of(pilot, Question)
    await pilot.press("y")
    await until(pilot, lambda: "already published" in str(getattr(pilot.app.screen, "text", "")))
    await pilot.press("y")
    await screen_of(pilot, MainScreen)
    await settled(pilot)


async def test_one_that_another_program_goes_on_with_says_so(
    server: ServerProcess, proxy: Misbehaving, paths: list[Path], state: Path
) -> None:
    await killed(server, proxy, state, paths)
    async with again(server, proxy, state) as (pilot, main):
        stands = main.other_commands.interrupted.found[0]
        from tui.sending.journal import Journal

        other = Journal.take(state, stands.contents)
        await offered(pilot)
        await pilot.press("enter")
        await screen_of(pilot, MainScreen)
        await settled(pilot)
        assert "Another process is sending" in said(main)
        other.release()


async def test_what_was_left_out_by_closing_the_dialog_is_not_offered(
    server: ServerProcess, proxy: Misbehaving, paths: list[Path], state: Path
) -> None:
    async with again(server, proxy, state) as (pilot, _main):
        await open_dialog(pilot, paths)
        proxy.spoil("PATCH", HoldAnswer(), times=ALWAYS)
        await pilot.press("ctrl+s")
        await asked(pilot, proxy, "PATCH", "")
        assert len(kept(state)) == 1
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


async def test_what_lies_over_a_send_in_another_process_stays(
    server: ServerProcess, proxy: Misbehaving, paths: list[Path], state: Path
) -> None:
    """When the send ends, its dialog closes by itself, but not under something else."""
    await killed(server, proxy, state, paths)
    async with again(server, proxy, state) as (pilot, main):
        sends = main.other_commands.interrupted
        await until(pilot, lambda: sends.found)
        status = replace(sends.found[0], running=True)
        sends.found = [status]
        await pilot.press("R")
        dialog = await screen_of(pilot, BackgroundSendScreen)
        await pilot.press("f1")
        help_screen = await screen_of(pilot, Help)
        sends._update_shown([])
        await pilot.pause()
        assert pilot.app.screen is help_screen
        assert not dialog.status.running
        await pilot.press("escape")
        await screen_of(pilot, BackgroundSendScreen)
        assert dialog.query_one("#stop", Button).disabled
        sends._update_shown([])
        await screen_of(pilot, MainScreen)
