"""Sent documents are followed wherever their rows are: found by the server, selected, on a page still loading."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.app.app import app_for, asked, names, said, screen_of, sent_folder, settled, until
from tests.support.app.steps import Ground, play
from tests.support.checks.long import more, some
from tests.support.network.misbehave import Misbehaving
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tests.tui.conftest import MANY
from tui.ui.base.command_group import ANOTHER_LOADS
from tui.ui.base.question import Question
from tui.ui.main.main import MainScreen

#: Of :func:`three_sent`.
SERVER = "shared"


def ident_of(me: Sender, name: str) -> str:
    found = me.get(f"/folders/{me.folder}/documents", name=name)["documents"]
    return str(found[0]["id"])


@more
async def test_what_the_server_found_is_followed(many: ServerProcess, tmp_path: Path) -> None:
    async with app_for(many, tmp_path).run_test(size=(100, 24)) as pilot:
        main = await sent_folder(pilot)
        await pilot.press("slash", *"003", "enter")
        await until(
            pilot, lambda: main.browser.list.search_window is not None and names(main) == {"Minutes 003.txt"}
        )
        await settled(pilot)
        with Sender(many) as me:
            document = me.document(ident_of(me, "003"))
            me.post(f"/documents/{document['id']}/unpublish")
            await until(pilot, lambda: not main.table.rows[0].data.published, "off")
            me.resend(document)
            await until(pilot, lambda: main.table.rows[0].data.published, "on again")
            await pilot.press("u")
            await until(pilot, lambda: said(main).startswith("Unpublished “Minutes 003.txt”."))
            me.delete(f"/documents/{document['id']}")
            await until(pilot, lambda: not main.table.rows, "gone")
        # What was found, selected and deleted is not counted.
        await pilot.press("escape", "slash", *"00", "enter")
        await until(pilot, lambda: "Minutes 004.txt" in names(main))
        await settled(pilot)
        await pilot.press("ctrl+a", "escape", "slash", *"12", "enter")
        count = len(main.table.selected)
        with Sender(many) as me:
            me.delete(f"/documents/{ident_of(me, '004')}")
        await until(pilot, lambda: len(main.table.selected) == count - 1, "the news")
        await pilot.press("d")
        assert (await screen_of(pilot, Question)).text[0] == f"Delete {count - 1} documents?"


async def test_selected_documents_are_followed_through_many_changes(
    many: ServerProcess, tmp_path: Path
) -> None:
    """Those that are gone aren't selected any more, and the count of those that are not here is right, even if too much
    happens at once to request every document, and if a new one arrives."""
    async with app_for(many, tmp_path).run_test(size=(100, 24)) as pilot:
        main = await sent_folder(pilot)
        await pilot.press("space", "space")
        one, two = (row.key for row in main.table.chosen)
        others = [row.key for row in main.table.rows[10:25]]
        with Sender(many) as me:
            me.delete(f"/documents/{one}")
            # With this many changes, not every document is requested.
            for key in others:
                me.post(f"/documents/{key}/unpublish")
        await until(pilot, lambda: main.table.selected == {two}, "the one that is left")
        await pilot.press("ctrl+a")
        there = MANY - 1
        await until(pilot, lambda: len(main.table.selected) == there, "all")
        await settled(pilot)
        unseen = sorted(main.table.selected - {row.key for row in main.browser.list.window.rows})
        with Sender(many) as me:
            for key in unseen[:12]:
                me.delete(f"/documents/{key}")
            await until(pilot, lambda: len(main.table.selected) == there - 12, "the news")
            me.delete(f"/documents/{unseen[12]}")
            me.send("New.txt")
        await until(pilot, lambda: len(main.table.selected) == there - 13, "the news")
        await until(pilot, lambda: "New.txt" in names(main), "what came")


@more
async def test_a_page_on_its_way_does_not_bring_back_what_was(many: ServerProcess, tmp_path: Path) -> None:
    with Misbehaving(many.url) as proxy:
        async with app_for(many, tmp_path, url=proxy.url).run_test(size=(100, 24)) as pilot:
            main = await sent_folder(pilot)
            await asked(pilot, proxy, "GET", "/share/v1/events")
            await until(pilot, lambda: not main.live.is_lost)
            with proxy.holding("GET", "/documents?", answer=True) as go_on:
                await pilot.press("end")
                await until(pilot, lambda: any(seen.held for seen in proxy.seen), "the page")
                with Sender(many) as me:
                    off, gone = ident_of(me, "003"), ident_of(me, "004")
                    me.post(f"/documents/{off}/unpublish")
                    me.delete(f"/documents/{gone}")
                await until(pilot, lambda: main.browser.list.stale, "the news")
                go_on.set()
                await until(pilot, lambda: "Minutes 003.txt" in names(main), "the page")
            await until(pilot, lambda: "Minutes 004.txt" not in names(main), "what is gone")
            assert not next(row for row in main.table.rows if row.key == off).data.published


@more
async def test_all_does_not_bring_in_what_is_gone_meanwhile(many: ServerProcess, tmp_path: Path) -> None:
    with Misbehaving(many.url) as proxy:
        async with app_for(many, tmp_path, url=proxy.url).run_test(size=(100, 24)) as pilot:
            main = await sent_folder(pilot)
            await asked(pilot, proxy, "GET", "/share/v1/events")
            await until(pilot, lambda: not main.live.is_lost)
            with Sender(many) as me:
                gone = ident_of(me, "003")
                with proxy.holding("GET", "cursor=", answer=True) as go_on:
                    await pilot.press("ctrl+a")
                    await until(pilot, lambda: any(seen.held for seen in proxy.seen), "the second page")
                    me.delete(f"/documents/{gone}")
                    await until(pilot, lambda: gone in main.browser.list.unverified, "the news")
                    go_on.set()
                    await until(pilot, lambda: len(main.table.selected) == MANY - 1, "all that there are")
            await settled(pilot)
            assert gone not in main.table.selected


async def a_look_without_an_answer_holds_nothing_up(on: Ground) -> None:
    one, other = (row.key for row in on.main.table.rows[:2])
    with Sender(on.server) as me, on.proxy.holding("GET", f"/documents/{one}"):
        me.post(f"/documents/{one}/unpublish")
        await asked(on.pilot, on.proxy, "GET", f"/documents/{one}")
        me.post(f"/documents/{other}/unpublish")
        await until(on.pilot, lambda: not published(on.main, other), "the other")


async def an_older_answer_does_not_undo_a_newer_one(on: Ground) -> None:
    """Whether the newer one is about the document or about the whole list."""
    for ident, reloads in [(on.main.table.rows[0].key, False), (on.main.table.rows[1].key, True)]:
        held = sum(seen.held for seen in on.proxy.seen)
        with (
            Sender(on.server) as me,
            on.proxy.holding("GET", f"/documents/{ident}", answer=True) as go_on,
        ):
            me.resend(me.document(ident))
            await until(
                on.pilot, lambda held=held: sum(seen.held for seen in on.proxy.seen) > held, "the older one"
            )
            me.post(f"/documents/{ident}/unpublish")
            if reloads:
                await on.pilot.press("f5")
            await until(on.pilot, lambda ident=ident: not published(on.main, ident), "the newer one")
            go_on.set()
            await settled(on.pilot)
        assert not published(on.main, ident)


def published(main: MainScreen, ident: str) -> bool:
    return bool(next(row.data.published for row in main.table.rows if row.key == ident))


async def no_folder_is_deleted_of_the_place_that_one_leaves(on: Ground) -> None:
    sent = on.main.place
    assert sent is not None
    assert on.main.disabled_reason("delete_folder") is None
    with on.proxy.holding("GET", "/share/v1/trash") as go_on:
        await on.pilot.press("t")
        await asked(on.pilot, on.proxy, "GET", "/share/v1/trash")
        assert (on.main.place, on.main.disabled_reason("delete_folder")) == (sent, ANOTHER_LOADS)
        go_on.set()
        await settled(on.pilot)


@more
async def test_answers_that_come_late(three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path) -> None:
    steps = (
        a_look_without_an_answer_holds_nothing_up,
        an_older_answer_does_not_undo_a_newer_one,
        no_folder_is_deleted_of_the_place_that_one_leaves,
    )
    await play(some(3, steps), three_sent, proxy, tmp_path, (100, 24))


async def test_local_files_are_reloaded_without_a_server(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "Minutes.txt").write_text("minutes")
    monkeypatch.chdir(folder)
    proxy.down()
    async with app_for(three_sent, tmp_path, url=proxy.url).run_test(size=(100, 24)) as pilot:
        main = await screen_of(pilot, MainScreen)
        await until(pilot, lambda: "server" in said(main), "the failure")
        await pilot.press("g", "l")
        await until(pilot, lambda: names(main) == {"Minutes.txt"})
        (folder / "More.txt").write_text("more")
        await pilot.press("f5")
        await until(pilot, lambda: names(main) == {"Minutes.txt", "More.txt"})
