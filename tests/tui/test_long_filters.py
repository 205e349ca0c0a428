"""Filters of a list of more than a page, of which only some rows are loaded, and what of it is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.app.app import asked, name_of, names, said, screen_of, settled, until
from tests.support.app.long_lists import (
    CHILDREN,
    all_of,
    asked_for,
    chosen,
    found_by_server,
    go_to,
    keys,
    running_in,
)
from tests.support.app.performed import performed
from tests.support.checks.long import more
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Say as Answer
from tests.support.servers.fill import Filled
from tests.support.servers.server import ServerProcess
from tests.support.users.work import Worker
from tui.ui.browser.windows import window_of
from tui.ui.send.send import SendDialog

#: The documents of the large folder.
MANY = 450
PAGE = 200


# ------------------------------------------------------------ filters


@more
async def test_a_filter_that_was_typed_while_the_server_was_away_is_looked_for_when_it_is_back(
    library: tuple[ServerProcess, Filled], held: Misbehaving, tmp_path: Path
) -> None:
    async with running_in(library, tmp_path, held.url) as (pilot, main):
        await pilot.press("end")
        await settled(pilot)
        assert main.table.current is not None
        last = main.table.current
        await pilot.press("home")
        await settled(pilot)
        await asked(pilot, held, "GET", "/share/v1/events")
        held.down()
        await until(pilot, lambda: main.live.is_lost, "the loss")
        await pilot.press("slash", *last.data.name, "enter")
        await until(pilot, lambda: "server" in said(main), "the failure")
        await settled(pilot)
        assert main.browser.list.search_window is None
        held.up()
        await until(pilot, lambda: last.key in keys(main), "what was typed")


@more
async def test_sorting_under_a_filter_loses_no_rows(
    library: tuple[ServerProcess, Filled], tmp_path: Path
) -> None:
    async with running_in(library, tmp_path) as (pilot, main):
        while main.browser.list.window.more:
            await pilot.press("pagedown")
            await settled(pilot)
        await pilot.press("slash", *"deed", "enter")
        await settled(pilot)
        before = set(keys(main))
        assert main.browser.list.search_window is None
        assert before
        await pilot.press("S")
        await until(pilot, lambda: main.browser.list.search_window is not None, "what the server finds")
        await settled(pilot)
        assert set(keys(main)) == before


@more
async def test_what_was_asked_before_a_sort_is_asked_again(
    library: tuple[ServerProcess, Filled], held: Misbehaving, tmp_path: Path
) -> None:
    async with running_in(library, tmp_path, held.url) as (pilot, main):
        async with asked_for(pilot, held, "slash", "e", "enter") as go_on:
            await pilot.press("S")
            await until(pilot, lambda: "Sorted by" in said(main), "the sort")
            go_on.set()
            await until(pilot, lambda: main.browser.list.search_window is not None, "what the server finds")
            await settled(pilot)
        assert main.browser.list.search_window is not None
        assert main.place is not None
        assert (
            main.browser.list.search_window.order
            == main.table.model.order
            == main.browser.list.order_of(main.place)
            != ""
        )


async def test_a_name_is_found_as_it_is_shown(library: tuple[ServerProcess, Filled], tmp_path: Path) -> None:
    """A name is found with its extension, although Work doesn't count that as part of the name. An extension alone is
    matched locally, since the server can't search for it."""
    async with running_in(library, tmp_path) as (pilot, main):
        name = next(name_of(row) for row in main.table.rows if name_of(row).endswith(".pdf"))
        await found_by_server(pilot, main, name.upper())
        assert name in names(main)
        assert all(found.endswith(".pdf") for found in names(main))
        assert main.place is not None
        view, every = window_of(main.browser, main.place), set[str]()
        while view.more:
            await performed(view.down())
            every |= {row.key for row in view.rows if name_of(row).endswith(".pdf")}
        for typed in (".pdf", "*.pdf"):
            await pilot.press("escape")
            await settled(pilot)
            assert not main.browser.list.needle
            await pilot.press("slash", *typed, "enter", "ctrl+a")
            await settled(pilot)
            assert all(found.endswith(".pdf") for found in names(main))
            assert main.table.selected == every
            assert main.browser.list.search_window is None
            main.table.clear_selection()


@more
async def test_looking_here_has_an_end(
    library: tuple[ServerProcess, Filled],
    held: Misbehaving,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tui.ui.browser.browser_state.MOST_SEARCHED", PAGE)
    async with running_in(library, tmp_path, held.url) as (pilot, main):
        before = held.count("GET", CHILDREN)
        await pilot.press("slash", *".zip", "enter")
        await settled(pilot)
        assert main.table.model.empty.startswith(f"None of the first {PAGE} names contains “.zip”; ")
        assert not main.table.model.more
        assert held.count("GET", CHILDREN) == before
        await pilot.press("f5", "escape")
        await settled(pilot)
        await pilot.press("end")
        await until(pilot, lambda: not main.table.model.more, "the end of the place")


@more
async def test_the_end_of_what_is_found_is_where_the_last_of_it_is(
    library: tuple[ServerProcess, Filled], tmp_path: Path
) -> None:
    """End goes to the last match, even if the server's last page of results has no file with that extension. A name is
    found however its accents are written."""
    server, filled = library
    with Worker(server, filled.tokens["DJONES"]) as worker:
        # The only text files of the folder are at its beginning.
        for name in ("Aaa letter", "Aab letter", "Aac Cafe\u0301"):
            worker.upload(filled.large, name)
    async with running_in(library, tmp_path) as (pilot, main):
        assert len(await all_of(main, "e")) > 2 * PAGE
        await found_by_server(pilot, main, "e.txt")
        await pilot.press("end")
        await settled(pilot)
        assert [name_of(row) for row in main.table.rows][-1] == "Aab letter.txt"
        assert main.table.current is main.table.rows[-1]
        await pilot.press("home")
        await settled(pilot)
        assert main.table.current is main.table.rows[0]
        assert name_of(main.table.rows[0]) == "Aaa letter.txt"
        await pilot.press("escape")
        await settled(pilot)
        await found_by_server(pilot, main, "aac caf\u00e9.txt")
        assert names(main) == {"Aac Cafe\u0301.txt"}


@more
async def test_a_place_that_one_comes_back_to_has_the_order_that_was_chosen_since(
    library: tuple[ServerProcess, Filled], tmp_path: Path
) -> None:
    async with running_in(library, tmp_path) as (pilot, main):
        by_name = keys(main)
        await go_to(pilot, main, library[1].small, "Small")
        await pilot.press("S")
        await settled(pilot)
        await pilot.press("backspace")
        await until(pilot, lambda: main.place is not None and main.place.name == "Large")
        await settled(pilot)
        assert main.place is not None
        assert main.table.model.order == main.browser.list.order_of(main.place) != ""
        back = keys(main)
        assert back[:20] != by_name[:20]
        await pilot.press("ctrl+a")
        await settled(pilot)
        assert chosen(main)[: len(back)] == back


# ------------------------------------------------------------ what is gone


async def test_a_selected_document_that_is_gone_does_not_keep_the_others_from_being_sent(
    library: tuple[ServerProcess, Filled], tmp_path: Path
) -> None:
    async with running_in(library, tmp_path) as (pilot, main):
        await pilot.press("space", "space")
        one, two = main.table.chosen
        with Worker(library[0], library[1].tokens["DJONES"]) as worker:
            worker.request("DELETE", f"documents/{one.data.id}").raise_for_status()
        await pilot.press("s")
        await until(pilot, lambda: said(main).startswith(f"{name_of(one)}: "), "which one it is")
        await pilot.press("f5")
        await until(pilot, lambda: main.table.selected == {two.key}, "the one that is left")
        await settled(pilot)
        await pilot.press("s")
        await screen_of(pilot, SendDialog)


@more
async def test_what_is_gone_is_asked_for_until_it_is_known(
    library: tuple[ServerProcess, Filled], held: Misbehaving, tmp_path: Path
) -> None:
    """Missing rows are looked up again if a request fails, or if the list is reloaded in the meantime."""
    async with running_in(library, tmp_path, held.url) as (pilot, main):
        for spoilt in ("fails", "renewed"):
            await pilot.press("home", "space", "space", "space")
            one, two, three = main.table.chosen
            path = f"/documents/{one.data.id}"
            with (
                Worker(library[0], library[1].tokens["DJONES"]) as worker,
                held.holding("GET", path) as go_on,
            ):
                if spoilt == "fails":
                    go_on.set()
                    held.behave()
                    held.spoil("GET", Answer(500), path)
                worker.request("DELETE", f"documents/{one.data.id}").raise_for_status()
                await pilot.press("f5")
                await asked(pilot, held, "GET", path)
                worker.request("DELETE", f"documents/{two.data.id}").raise_for_status()
                await pilot.press("f5")
                await until(pilot, lambda two=two: two.key not in keys(main), "the renewal")
                go_on.set()
            left = {three.key}
            await until(pilot, lambda left=left: main.table.selected == left, "the one that is left")
            await settled(pilot)
            main.table.clear_selection()
