"""Selecting all rows of a list of more than a page, of which only some are loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.app import said, settled, until
from tests.support.fill import Filled
from tests.support.long_lists import CHILDREN, all_of, asked_for, chosen, found_by_server, keys, running_in
from tests.support.misbehave import Misbehaving
from tests.support.server import ServerProcess
from tui.browser.windows import window_of
from tui.locations.location import Location
from tui.locations.steps import performed

#: The documents of the large folder.
MANY = 450


async def test_all_that_was_taken_back_does_not_come_back(
    library: tuple[ServerProcess, Filled], held: Misbehaving, tmp_path: Path
) -> None:
    async with running_in(library, tmp_path, held.url) as (pilot, main):
        async with asked_for(pilot, held, "ctrl+a"):
            await pilot.press("escape", "space")
        assert len(main.table.selected) == 1


async def test_all_of_a_place_that_was_left_is_not_selected_when_one_is_back(
    library: tuple[ServerProcess, Filled], held: Misbehaving, tmp_path: Path
) -> None:
    async with running_in(library, tmp_path, held.url) as (pilot, main):
        async with asked_for(pilot, held, "ctrl+a"):
            for ident, name in ((library[1].small, "Small"), (library[1].large, "Large")):
                main.open_place(Location("folder", name, ident))
                await until(pilot, lambda name=name: main.place is not None and main.place.name == name)
            await pilot.press("space")
        assert len(main.table.selected) == 1


async def test_all_is_all_that_the_server_will_find(
    library: tuple[ServerProcess, Filled], tmp_path: Path
) -> None:
    async with running_in(library, tmp_path) as (pilot, main):
        await pilot.press("slash", "e", "enter", "ctrl+a")
        await until(pilot, lambda: main.browser.list.search_window is not None, "what the server finds")
        await settled(pilot)
        assert main.table.selected == await all_of(main, "e")


async def test_all_under_a_filter_leaves_what_was_selected_before(
    library: tuple[ServerProcess, Filled], tmp_path: Path
) -> None:
    async with running_in(library, tmp_path) as (pilot, main):
        main.table.move_to(
            next(i for i, row in enumerate(main.table.rows) if "t" not in row.data.name.lower())
        )
        assert main.table.current is not None
        kept = main.table.current.key
        await pilot.press("space")
        await found_by_server(pilot, main, "t")
        assert main.browser.list.search_window is not None
        assert main.browser.list.search_window.more
        await pilot.press("ctrl+a")
        await settled(pilot)
        assert main.table.selected == await all_of(main, "t") | {kept}


async def test_all_is_sent_in_the_order_that_it_is_sorted_by_afterwards(
    library: tuple[ServerProcess, Filled], tmp_path: Path
) -> None:
    async with running_in(library, tmp_path) as (pilot, main):
        await pilot.press("ctrl+a")
        await settled(pilot)
        before = chosen(main)
        await pilot.press("S")
        await settled(pilot)
        assert main.place is not None
        assert "Sorted by" in said(main)
        view, order = window_of(main.browser, main.place), list[str]()
        while view.more:
            await performed(view.down())
            order += [row.key for row in view.rows if row.key not in order]
        assert chosen(main) == order != before


async def test_all_is_selected_though_it_is_sorted_meanwhile(
    library: tuple[ServerProcess, Filled], held: Misbehaving, tmp_path: Path
) -> None:
    async with running_in(library, tmp_path, held.url) as (pilot, main):
        async with asked_for(pilot, held, "ctrl+a"):
            await pilot.press("S")
            await until(pilot, lambda: "Sorted by" in said(main), "the sort")
        assert main.table.selected == await all_of(main)
        assert chosen(main)[: len(keys(main))] == keys(main)


async def test_a_sort_asks_for_no_more_than_it_shows_where_little_is_selected(
    library: tuple[ServerProcess, Filled], held: Misbehaving, tmp_path: Path
) -> None:
    async with running_in(library, tmp_path, held.url) as (pilot, _main):
        await pilot.press("space")
        before = held.count("GET", CHILDREN)
        await pilot.press("S")
        await settled(pilot)
        assert held.count("GET", CHILDREN) == before + 1


async def test_no_more_are_selected_than_can_be_at_once(
    library: tuple[ServerProcess, Filled], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.browser.choosing.MOST_SELECTED", 250)
    async with running_in(library, tmp_path) as (pilot, main):
        main.table.move_to(
            next(i for i, row in enumerate(main.table.rows) if "t" not in row.data.name.lower())
        )
        await pilot.press("space")
        await found_by_server(pilot, main, "t")
        await pilot.press("ctrl+a")
        await settled(pilot)
        assert len(main.table.selected) == 250
        assert said(main) == "Selected 250 rows, the maximum."
