"""What somebody waits for comes, whatever changes on the server meanwhile; and what changed meanwhile shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support.app import app_for, name_of, put_cursor_on, said, screen_of, sent_folder, settled, until
from tests.support.misbehave import Misbehaving
from tests.support.publish import publish
from tests.support.scenes import add_shortcut
from tests.support.server import ServerProcess
from tests.support.share import Sender
from tui.config.preferences import Preferences
from tui.screens.main import MainScreen
from tui.screens.question import Question
from tui.widgets.tree import Place

NAMES = ("First.pdf", "Second.pdf", "Third.pdf")


@pytest.fixture
def server(fresh_server: ServerProcess) -> ServerProcess:
    add_shortcut(fresh_server)
    for name in NAMES:
        publish(fresh_server, b"content", name)
    return fresh_server


@pytest.fixture
def proxy(server: ServerProcess) -> Iterator[Misbehaving]:
    with Misbehaving(server.url) as proxy:
        yield proxy


def names(main: MainScreen) -> set[str]:
    return {name_of(row) for row in main.table.rows}


async def asked(pilot: Pilot[Any], proxy: Misbehaving, method: str, path: str, before: int) -> None:
    await until(pilot, lambda: proxy.count(method, path) > before, f"{method} {path}")


@pytest.mark.parametrize("live", [True, False])
async def test_another_place_is_gone_to_while_a_document_is_deleted(
    live: bool, server: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """The trash is asked for before the answer to the deletion is there, and comes after it."""
    app = app_for(server, tmp_path, demo=False, url=proxy.url, preferences=Preferences(live=live))
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "Second.pdf")
        with proxy.holding("DELETE", "/documents/") as delete, proxy.holding("GET", "/trash") as trash:
            await pilot.press("d")
            await screen_of(pilot, Question)
            await pilot.press("y")
            await asked(pilot, proxy, "DELETE", "/documents/", 0)
            await pilot.press("t")
            await asked(pilot, proxy, "GET", "/trash", 0)
            delete.set()
            await until(pilot, lambda: said(main) == "1 moved to the trash.")
            trash.set()
            await until(pilot, lambda: main.kind == "trash" and names(main) == {"Second.pdf"}, "the trash")
            await settled(pilot)
        assert (main.kind, names(main)) == ("trash", {"Second.pdf"})


async def test_what_comes_while_a_place_is_under_way_shows_there(
    server: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """The page has left the server before the deletion, which is told before the page arrives."""
    app = app_for(server, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        ident = next(row.key for row in main.table.rows if name_of(row) == "Second.pdf")
        with proxy.holding("GET", "/trash", answer=True) as go_on:
            await pilot.press("t")
            await until(pilot, lambda: any(seen.held for seen in proxy.seen), "the server's answer")
            with Sender(server) as me:
                me.delete(f"/documents/{ident}")
            await until(pilot, lambda: "Second.pdf" not in names(main) or main.stale, "the news")
            go_on.set()
            await until(
                pilot, lambda: main.kind == "trash" and names(main) == {"Second.pdf"}, "the deleted one"
            )


async def test_news_do_not_undo_the_order_that_is_under_way(
    server: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    app = app_for(server, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(120, 30)) as pilot:
        main = await sent_folder(pilot)
        before = main._order
        seen = proxy.count("GET", "sort=")
        with proxy.holding("GET", "sort=") as go_on:
            await pilot.press("S")
            await asked(pilot, proxy, "GET", "sort=", seen)
            publish(server, b"x", "Fourth.pdf")
            await until(pilot, lambda: main.stale, "the news")
            go_on.set()
            await until(pilot, lambda: names(main) == {*NAMES, "Fourth.pdf"}, "the new row")
            await settled(pilot)
        assert main._order != before
        assert main.table.order == main._order


async def test_a_list_that_is_asked_for_anew_keeps_nobody_from_going_on(
    server: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """The old list is asked for anew, somebody goes elsewhere, and its rows come afterwards."""
    app = app_for(server, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        assert main.place is not None
        path = f"/folders/{main.place.id}/documents"
        seen = proxy.count("GET", path)
        with proxy.holding("GET", path) as go_on:
            main.reload()
            await asked(pilot, proxy, "GET", path, seen)
            await pilot.press("t")
            await until(pilot, lambda: main.kind == "trash", "the trash")
            go_on.set()
            await settled(pilot)
        assert (main.kind, names(main)) == ("trash", set())


async def test_reload_does_not_wait_for_an_answer_that_does_not_come(
    server: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """Neither for another place nor for what is shown."""
    app = app_for(server, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        with proxy.holding("GET", "/trash"):
            await pilot.press("t")
            await asked(pilot, proxy, "GET", "/trash", 0)
            assert main.kind == "sent"
            await pilot.press("f5")
            await until(pilot, lambda: main.kind == "trash", "the trash")
        await settled(pilot)
        with proxy.holding("GET", "/trash"):
            seen = proxy.count("GET", "/trash")
            main.reload()
            await asked(pilot, proxy, "GET", "/trash", seen)
            await pilot.press("f5")
            await asked(pilot, proxy, "GET", "/trash", seen + 1)
            await until(pilot, lambda: not main.under_way("renew"), "the second answer")
        assert main.kind == "trash"


async def test_a_selection_elsewhere_is_left_alone(
    server: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """What was done ends with its own selection, not with the one that was begun meanwhile."""
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "Minutes.txt").write_text("minutes")
    app = app_for(server, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "Second.pdf")
        with proxy.holding("POST", "/unpublish") as go_on:
            await pilot.press("u")
            await asked(pilot, proxy, "POST", "/unpublish", 0)
            main.open_place(Place("local", "files", str(tmp_path / "files")))
            await until(pilot, lambda: main.kind == "local")
            await pilot.press("space")
            go_on.set()
            await until(pilot, lambda: said(main) == "1 unpublished.")
        assert len(main.table.selected) == 1
