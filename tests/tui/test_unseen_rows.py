"""Rows that are selected but hidden, as by a filter, are as fresh as those shown, or gone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support.app.app import (
    app_for,
    asked,
    main_screen,
    name_of,
    names,
    put_cursor_on,
    running,
    said,
    screen_of,
    sent_folder,
    sent_location,
    settled,
    until,
)
from tests.support.checks.long import more
from tests.support.network.misbehave import Misbehaving
from tests.support.pictures.scene_start import typed
from tests.support.servers.fill import Filled, fill
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.share import Sender
from tests.support.users.work import Worker
from tui.clients.connection import Target
from tui.clients.first_page import FirstDocument, FirstPage, _page, first_page
from tui.ui.app import SentlinksApp
from tui.ui.base.question import Question
from tui.ui.main.main import MainScreen
from tui.ui.send.send import SendDialog
from tui.ui.send.versions import VersionQuestion

#: Of :func:`three_sent`.
SERVER = "shared"


@pytest.fixture
def proxy(sample_server: ServerProcess) -> Iterator[Misbehaving]:
    with Misbehaving(sample_server.url) as proxy:
        yield proxy


def beginning_with(app: SentlinksApp, page: FirstPage | None) -> None:
    early: Future[FirstPage | None] = Future()
    early.set_result(page)
    app.session._first = early


def key_of(main: MainScreen, name: str) -> str:
    """The key of a loaded row, whether or not the filter shows it."""
    return next(row.key for row in main.browser.list.window.rows if name_of(row) == name)


async def early(pilot: Pilot[Any], proxy: Misbehaving) -> MainScreen:
    """The main screen with preview rows; so far the server has only been asked who the user is."""
    main = await screen_of(pilot, MainScreen)
    await until(pilot, lambda: main.table.rows, "early rows")
    await asked(pilot, proxy, "GET", "/share/v1/me")
    assert main.browser.list.is_preview
    return main


async def test_an_early_row_that_a_filter_hides_can_be_sent_once_the_session_is_open(
    sample_server: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    app = app_for(sample_server, tmp_path, demo=False, url=proxy.url)
    beginning_with(app, first_page(Target(sample_server.url, sample_server.token), False))
    with proxy.holding("GET", "/share/v1/me") as go_on:
        async with app.run_test(size=(80, 24)) as pilot:
            main = await early(pilot, proxy)
            name = name_of(main.table.rows[0])
            await pilot.press("space", "slash", *"zzz", "enter")
            assert (len(main.table.selected), main.table.rows) == (1, [])
            go_on.set()
            await until(pilot, lambda: main.ready)
            await settled(pilot)
            assert not any(isinstance(row.data, FirstDocument) for row in main.table.chosen)
            await pilot.press("s")
            dialog = await screen_of(pilot, SendDialog)
            assert [row.source.name for row in dialog.state.plan.rows] == [name]


@more
async def test_an_early_row_that_is_gone_is_not_selected_any_more(
    sample_server: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    page = first_page(Target(sample_server.url, sample_server.token), False)
    assert page is not None
    gone = page.documents[0]._replace(id="ACTIVE!99999.1", file_name="Gone.pdf")
    app = app_for(sample_server, tmp_path, demo=False, url=proxy.url)
    beginning_with(app, page._replace(documents=[gone, *page.documents]))
    with proxy.holding("GET", "/share/v1/me") as go_on:
        async with app.run_test(size=(80, 24)) as pilot:
            main = await early(pilot, proxy)
            await pilot.press("space", "space", "slash", *"zzz", "enter")
            assert (len(main.table.selected), main.table.rows) == (2, [])
            go_on.set()
            await until(pilot, lambda: main.ready)
            await settled(pilot)
            assert [name_of(row) for row in main.table.chosen] == [page.documents[0].file_name]


async def test_a_filter_that_is_typed_over_early_rows_looks_in_all_of_the_place(tmp_path: Path) -> None:
    data = tmp_path / "data"
    filled: Filled = await asyncio.to_thread(lambda: asyncio.run(fill(data, 250)))
    token = filled.tokens["DJONES"]
    with ServerProcess(data) as server, Misbehaving(server.url) as proxy:
        path = f"/work/api/v2/customers/1/libraries/ACTIVE/folders/{filled.large}/children"
        with server.client(token) as client:
            found = client.get(path, params={"limit": 9999}).raise_for_status().json()["data"]
        last = found[-1]
        app = app_for(server, tmp_path, token=token, url=proxy.url)
        beginning_with(app, _page("folder", "Large", filled.large, found[:200]))
        with proxy.holding("GET", "/share/v1/me") as go_on:
            async with app.run_test(size=(80, 24)) as pilot:
                main = await early(pilot, proxy)
                await pilot.press("slash")
                await typed(pilot, last["name"])
                go_on.set()
                await until(
                    pilot, lambda: main.browser.list.search_window is not None, "what the server finds"
                )
                assert last["id"].rpartition(".")[0] in {row.key for row in main.table.rows}


@more
async def test_early_rows_keep_filter_and_selection_while_the_server_is_away_for_a_moment(
    sample_server: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    app = app_for(sample_server, tmp_path, demo=False, url=proxy.url)
    beginning_with(app, first_page(Target(sample_server.url, sample_server.token), False))
    proxy.down()
    async with app.run_test(size=(80, 24)) as pilot:
        main = await screen_of(pilot, MainScreen)
        await until(pilot, lambda: main.table.rows, "early rows")
        await pilot.press("j", "j", "space", "slash", "e")
        selected, current = main.table.selected, main.table.current
        assert main.browser.list.is_preview
        assert len(selected) == 1
        assert current is not None
        proxy.up()
        await until(pilot, lambda: main.ready)
        await settled(pilot)
        assert (main.browser.list.needle, main.table.selected) == ("e", selected)
        assert main.table.current is not None
        assert main.table.current.key == current.key
        assert main.focused is main.query_one("#filter")


@more
async def test_what_a_filter_hides_is_as_fresh_as_what_is_shown(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    documents = [publish(sample_server, b"x", name) for name in ("Deed.pdf", "Minutes.pdf", "Will.pdf")]
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        place = await sent_location(main)
        main.open_place(place)
        await until(pilot, lambda: names(main) >= {"Deed.pdf", "Minutes.pdf", "Will.pdf"})
        await pilot.press("slash", *".pdf", "enter", "ctrl+a", "slash", *"will", "enter")
        await until(pilot, lambda: names(main) == {"Will.pdf"})
        assert len(main.table.selected) == 3
        with sample_server.client() as client:
            client.post(f"/share/v1/documents/{documents[0]['id']}/unpublish").raise_for_status()
            client.delete(f"/share/v1/documents/{documents[1]['id']}").raise_for_status()
        await until(pilot, lambda: len(main.table.selected) == 2, "one is gone")
        await until(
            pilot,
            lambda: (
                {(row.data.name, row.data.published) for row in main.table.chosen}
                == {("Deed.pdf", False), ("Will.pdf", True)}
            ),
            "one is unpublished",
        )


@more
async def test_what_is_only_changed_is_as_fresh_where_a_filter_hides_it(
    three_sent: ServerProcess, tmp_path: Path
) -> None:
    """A filter on a state is followed, too."""
    async with app_for(three_sent, tmp_path).run_test(size=(100, 24)) as pilot:
        main = await sent_folder(pilot)
        first, second = key_of(main, "First.pdf"), key_of(main, "Second.pdf")
        for needle, before, ident, after in (("is:off", 0, first, 1), ("is:on", 2, second, 1)):
            await pilot.press("slash")
            await typed(pilot, needle)
            await pilot.press("enter")
            await until(pilot, lambda before=before: len(main.table.rows) == before)
            with Sender(three_sent) as me:
                me.post(f"/documents/{ident}/unpublish")
            await until(pilot, lambda after=after: len(main.table.rows) == after, "the news")
            assert names(main) == {"First.pdf" if needle == "is:off" else "Third.pdf"}
            await pilot.press("escape")
            await until(pilot, lambda: len(main.table.rows) == 3, "all")
        await pilot.press("ctrl+a", "slash", *"thi", "enter")
        await until(pilot, lambda: names(main) == {"Third.pdf"})
        with Sender(three_sent) as me:
            me.resend(me.document(first))
        await until(pilot, lambda: sum(row.data.published for row in main.table.chosen) == 2, "the news")
        await pilot.press("d")
        question = await screen_of(pilot, Question)
        lines = question.text[1].split("\n")
        assert lines[0] == "They go to the trash. 2 published links stop."
        assert sorted(lines[1:]) == ["First.pdf", "Second.pdf", "Third.pdf"]


async def test_a_version_is_chosen_for_a_selected_document_that_a_filter_hides(
    fresh_server: ServerProcess, tmp_path: Path
) -> None:
    with Worker(fresh_server) as worker:
        space = worker.workspace("Matter", default_security="public")
        idents = [worker.upload(space, f"Paper {number}")["id"] for number in range(3)]
        worker.new_version(idents[0], "Paper 0", b"changed")
    async with running(fresh_server, tmp_path, size=(110, 30), demo=False) as (pilot, main):
        put_cursor_on(main, "Paper 0.txt")
        await pilot.press("space", "slash", *"Paper 1", "enter")
        await until(pilot, lambda: names(main) == {"Paper 1.txt"})
        await pilot.press("v")
        await screen_of(pilot, VersionQuestion)
        await pilot.press("space", "enter")
        await until(pilot, lambda: said(main) == "Version 1 of Paper 0.txt is chosen.")
        assert [row.data.id for row in main.table.chosen] == [idents[0]]
        await pilot.press("escape")
        await settled(pilot)
        assert [row.data.id for row in main.table.chosen] == [idents[0]]
