"""A send that the program did not finish is offered at the next start, to be resumed or discarded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from textual.containers import VerticalScroll
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static

from tests.support.app.app import (
    app_for,
    asked,
    main_screen,
    resized,
    running,
    said,
    screen_of,
    screen_text,
    settled,
    until,
)
from tests.support.checks.long import more
from tests.support.network.misbehave import ALWAYS, Misbehaving
from tests.support.network.spoiling import HoldAnswer
from tests.support.sends.journals import sent
from tests.support.sends.killed_sends import (
    GIVEN,
    MIB,
    SETTINGS,
    TO,
    again,
    close_and_unpublish,
    kept,
    killed,
    killed_app,
    offered,
    open_dialog,
    press_button,
)
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender, fetch
from tui import guides
from tui.sending.journal.journal import Journal
from tui.sending.journal.journal_contents import Contents, JournalEntry
from tui.sending.resuming import SendStatus
from tui.ui.base.help import Help
from tui.ui.base.question import Question
from tui.ui.draft.draft import DraftScreen
from tui.ui.draft.links_screen import LinksScreen
from tui.ui.main.main import MainScreen
from tui.ui.send.send import SendDialog
from tui.ui.unfinished.background_send import BackgroundSendScreen, progress_text
from tui.ui.unfinished.interrupted import InterruptedScreen
from tui.ui.unfinished.interrupted_sends import offer
from tui.ui.widgets.button import Button
from tui.ui.widgets.field import Field
from tui.wire.share import Document, Ref, Send


def test_large_counts_have_separators() -> None:
    """As everywhere else in the app."""
    contents = Contents("0123456789ab")
    contents.entries = [JournalEntry({"size": 1}, f"{n}.txt", f"key{n}") for n in range(1200)]
    sent: dict[str, Any] = {f"key{n}": None for n in range(1100)}
    assert progress_text(SendStatus(contents, documents=sent)).startswith(
        "1,100 of 1,200 documents published"
    )


@pytest.mark.parametrize(
    ("sent", "total", "words"),
    [
        (0, 1, "nothing published yet"),
        (0, 2, "nothing published yet"),
        (1, 2, "1 of 2 documents published"),
        (2, 3, "2 of 3 documents published"),
    ],
)
def test_it_is_said_how_many_documents_are_published(sent: int, total: int, words: str) -> None:
    contents = Contents("0123456789ab")
    contents.entries = [JournalEntry({"size": 1}, f"{n}.txt", f"key{n}") for n in range(total)]
    documents: dict[str, Any] = {f"key{n}": None for n in range(sent)}
    assert words in offer([SendStatus(contents, documents=documents)])


@pytest.mark.parametrize(
    ("in_background", "said"),
    [(True, "finished in the background"), (False, "was done when the program ended")],
)
def test_it_is_said_how_a_send_ended_whose_links_are_to_be_seen(in_background: bool, said: str) -> None:
    contents = Contents("0123456789ab", in_background=in_background)
    contents.entries = [
        JournalEntry({"size": 1}, f"{n}.txt", f"key{n}", document=sent(str(n))) for n in range(2)
    ]
    documents: dict[str, Document | None] = {f"key{n}": sent(str(n)) for n in range(2)}
    status = SendStatus(contents, documents=documents)
    assert offer([status]) == f"Your last send {said}. {{main.unseen_links}} shows its 2 links."
    # It needn't be the last one.
    earlier = replace(contents, settings={"made": True})
    send = Send(
        id="s", folder=Ref(id="f", name="F"), created_at=datetime.now(UTC), has_password=True,
        expires_at=None, downloads_permitted=None,
    )  # fmt: skip
    ended = "ended before it showed its password. {main.unseen_links} shows it."
    unknown = SendStatus(earlier, send=send, documents=documents)
    assert offer([unknown]) == f"Your last send {ended}"
    assert offer([unknown, status]) == f"One of your sends {ended}"


@pytest.fixture
def proxy(server: ServerProcess) -> Iterator[Misbehaving]:
    with Misbehaving(server.url) as found:
        yield found


@pytest.mark.parametrize("keys", [("ctrl+g",), ("ctrl+g", "ctrl+r")])
async def test_it_is_offered_and_goes_on(
    server: ServerProcess, proxy: Misbehaving, paths: list[Path], state: Path, keys: tuple[str, ...]
) -> None:
    """Nothing opens by itself; after resuming, the draft has all links in order. A new password replaces the generated
    one, whether or not that was seen, as screen and guide say; all else is as it was typed."""
    assert "replaced by a new one, even if you saw it" in guides.read("resuming")
    await killed_app(server, proxy, state, paths, *keys, **GIVEN)
    async with again(server, proxy, state) as (pilot, main):
        assert pilot.app.screen is main
        assert said(main) == ("Your last send was interrupted: 2 of 3 documents published. R shows it.")
        assert main.label_of("unseen_links") == "", "it is called as it was declared: Resume send"
        asked_for = await offered(pilot)
        assert "2 of 3 documents published" in asked_for.sentence
        assert "password wasn't stored: it gets a new one, even if you saw the first." in asked_for.sentence
        before, opened = len(proxy.seen), proxy.count("POST", "/sends")
        with proxy.holding("POST", "/sends"):
            await pilot.press("enter")
            await asked(pilot, proxy, "POST", "/sends", opened)
            dialog = await screen_of(pilot, SendDialog)
            assert dialog.query_one("#password", Field).value == ""
            assert said(dialog, "#password-say") == "a new one; the links show it"
        draft = await screen_of(pilot, DraftScreen)
        assert [d.name for d in draft.documents] == [path.name for path in paths]
        for document in draft.documents:
            assert document.recipients == list(TO)
            assert document.downloads_permitted == SETTINGS["downloads_permitted"]
            assert document.expires_at == SETTINGS["expires_at"]
        password = draft.sent.password
        assert password is not None
        for document, path in zip(draft.documents, paths, strict=True):
            assert fetch(server, document.url or "", password.text) == path.read_bytes()
        more = proxy.seen[before:]
        assert not [seen for seen in more if seen.method == "POST" and "/batch" in seen.path]
        await closes_without_the_password(pilot)
        assert main.disabled_reason("unseen_links") is not None
    assert kept(state) == []
    with Sender(server) as me:
        names = [d["name"] for d in me.get("/documents", limit=500)["documents"]]
    assert all(names.count(path.name) == 1 for path in paths)


async def closes_without_the_password(pilot: Pilot[Any]) -> None:
    """No one has seen the new password yet, so closing asks."""
    await pilot.press("escape")
    await screen_of(pilot, Question)
    await pilot.press("y")
    await screen_of(pilot, MainScreen)
    await settled(pilot)


async def test_what_is_published_is_kept(
    server: ServerProcess, proxy: Misbehaving, paths: list[Path], state: Path
) -> None:
    """With a new password, as that of the first send was generated, and never seen. What the user has unpublished, by
    closing the dialog of a send, is not offered."""
    await killed(server, proxy, state, paths, generated=True, password="Blue-Harbour7")
    async with again(server, proxy, state) as (pilot, _main):
        await offered(pilot)
        await press_button(pilot, "keep")
        links = await screen_of(pilot, LinksScreen)
        small = {p.name: p.read_bytes() for p in paths if p.stat().st_size < MIB}
        password = links.sent.password
        assert password is not None
        found = {d.name: fetch(server, d.url or "", password.text) for d in links.documents}
        assert found == small
        await closes_without_the_password(pilot)
        assert kept(state) == []
        with Sender(server) as me:
            assert me.document(links.documents[0].id)["published"]
        assert proxy.count("DELETE", "/uploads") >= 1
        await open_dialog(pilot, paths)
        before = proxy.count("PATCH")
        proxy.spoil("PATCH", HoldAnswer(), times=ALWAYS)
        await pilot.press("ctrl+s")
        await asked(pilot, proxy, "PATCH", "", before)
        assert len(kept(state)) == 1
        await close_and_unpublish(pilot)
    assert kept(state) == []


@more
async def test_what_was_deleted_since_is_not_in_the_draft(
    server: ServerProcess, proxy: Misbehaving, paths: list[Path], state: Path
) -> None:
    """Its row says where it is, and the draft that it is missing."""
    await killed(server, proxy, state, paths)
    small = next(path.name for path in paths if path.stat().st_size < MIB)
    with Sender(server) as me:
        found = me.get("/documents", limit=500)["documents"]
        me.delete(f"/documents/{next(d['id'] for d in found if d['name'] == small)}")
    async with again(server, proxy, state) as (pilot, _main):
        shown = await offered(pilot)
        rows = str(shown.query_one("#rows", Static).render())
        assert f"– in the trash  {small}" in rows
        assert rows.count("✓ published") == len(paths) - 2
        before = proxy.count("POST", "/documents")
        with proxy.holding("POST", "/documents"):
            await press_button(pilot, "go_on")
            await asked(pilot, proxy, "POST", "/documents", before)
            dialog = await screen_of(pilot, SendDialog)
            assert said(dialog, "#password-say") == "no password (can't be changed now)"
        draft = await screen_of(pilot, DraftScreen)
        assert sorted(d.name for d in draft.documents) == sorted({p.name for p in paths} - {small})
        assert "1 document is not published and not in the draft." in said(draft, "#done")


@more
async def test_it_can_wait(server: ServerProcess, proxy: Misbehaving, paths: list[Path], state: Path) -> None:
    """A postponed send is offered again, also at the next start, and isn't locked against other programs."""
    await killed(server, proxy, state, paths)
    async with again(server, proxy, state) as (pilot, main):
        for answer in ("escape", "later", "unpublish"):
            await offered(pilot)
            if answer == "escape":
                await pilot.press("escape")
            else:
                await press_button(pilot, answer)
            if answer == "unpublish":
                await screen_of(pilot, Question)
                await pilot.press("n")
            await screen_of(pilot, MainScreen)
            await settled(pilot)
            assert main.disabled_reason("unseen_links") is None
            # Another program can have it.
            Journal.take(state, main.other_commands.interrupted.found[0].contents).release()
    assert len(kept(state)) == 1
    with Sender(server) as me:
        found = {d["name"]: d["published"] for d in me.get("/documents", limit=500)["documents"]}
    assert [found[p.name] for p in paths if p.stat().st_size < MIB] == [True, True]
    # None is unfinished only after they were looked for.
    before = proxy.count("GET", "/sends/")
    app = app_for(server, state, url=proxy.url)
    async with app.run_test(size=(80, 24)) as pilot:
        with proxy.holding("GET", "/sends/"):
            main = await main_screen(pilot)
            await asked(pilot, proxy, "GET", "/sends/", before)
            await pilot.press("R")
            await until(pilot, lambda: said(main) == "Looking for unfinished sends…")
        await until(pilot, lambda: main.disabled_reason("unseen_links") is None)
        assert said(main).startswith("Your last send was interrupted")


async def test_one_that_another_program_goes_on_with_or_ends(
    server: ServerProcess, proxy: Misbehaving, paths: list[Path], state: Path
) -> None:
    """It is said, and nothing is done. When the other ends it, its dialog closes by itself, but not under something
    else."""
    await killed(server, proxy, state, paths)
    async with again(server, proxy, state) as (pilot, main):
        sends = main.other_commands.interrupted
        status = sends.found[0]
        other = Journal.take(state, status.contents)
        await offered(pilot)
        await pilot.press("enter")
        await screen_of(pilot, MainScreen)
        await settled(pilot)
        assert "Another process is sending" in said(main)
        other.release()
        sends.found = [replace(status, running=True)]
        main.refresh_bindings()
        await until(pilot, lambda: "R Show send " in screen_text(pilot))
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
        await settled(pilot, dialog)
        assert await screen_of(pilot, BackgroundSendScreen) is dialog, (
            "what is typed for it isn't for the list"
        )
        await pilot.press("escape")
        await screen_of(pilot, MainScreen)
        await settled(pilot)
        sends.found = [status]
        await offered(pilot)
        for journal in kept(state):
            journal.unlink()
        await pilot.press("enter")
        await screen_of(pilot, MainScreen)
        await settled(pilot)
        assert said(main) == "This send was resumed or discarded elsewhere."
        assert main.disabled_reason("unseen_links") == "No send is unfinished."


@more
async def test_what_became_of_one_is_said_before_the_next_is_offered(
    server: ServerProcess, proxy: Misbehaving, paths: list[Path], state: Path
) -> None:
    for _ in range(2):
        await killed(server, proxy, state, paths)
    async with again(server, proxy, state) as (pilot, main):
        await until(pilot, lambda: said(main) == "2 sends were interrupted. R shows them.")
        await offered(pilot)
        await press_button(pilot, "unpublish")
        await screen_of(pilot, Question)
        await pilot.press("y")
        await screen_of(pilot, MainScreen)
        await settled(pilot)
        assert said(main) == (
            "Unpublished 2 documents; the send is discarded. Your last send was interrupted: 2 of 3 documents "
            "published. R shows it."
        )
        assert len(kept(state)) == 1
    with Sender(server) as me:
        found = [
            d for d in me.get("/documents", limit=500)["documents"] if d["name"] in {p.name for p in paths}
        ]
    assert [d["published"] for d in found].count(False) == 2


@more
async def test_many_documents_leave_room_for_the_rest(server: ServerProcess, tmp_path: Path) -> None:
    """Only the rows scroll: what is asked, and the answers, stay in sight, on a terminal that becomes smaller or
    larger."""
    contents = Contents("0123456789ab", at=datetime.now(UTC))
    contents.entries = [JournalEntry({"size": n}, f"{n}.txt", f"key{n}") for n in range(60)]
    async with running(server, tmp_path, size=(80, 24)) as (pilot, main):
        kinds: tuple[tuple[type[Screen[Any]], tuple[tuple[int, int], ...]], ...] = (
            (InterruptedScreen, ((80, 24), (60, 20))),
            (BackgroundSendScreen, ((60, 20), (120, 40))),
        )
        for kind, sizes in kinds:
            is_running = kind is BackgroundSendScreen
            main.other_commands.interrupted.found = [SendStatus(contents, running=is_running)]
            await pilot.press("R")
            dialog = await screen_of(pilot, kind)
            box = dialog.query_one(".box")
            for size in sizes:
                if pilot.app.size != size:
                    await resized(pilot, *size)
                await until(pilot, lambda box=box: box.max_scroll_y == 0, "a dialog that doesn't scroll")
                for widget in (dialog.query_one(".standing"), *dialog.query(Button)):
                    assert dialog.find_widget(widget).visible_region == widget.region
                rows = dialog.query_one(VerticalScroll)
                assert rows.can_focus
                assert rows.size.height > 1
            await pilot.press("escape")
            await screen_of(pilot, MainScreen)
