"""Selecting all rows of a list of more than a page, of which only some are loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support.app.app import said, settled, until
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
from tests.support.checks.long import some
from tests.support.network.misbehave import Misbehaving
from tests.support.servers.fill import Filled
from tests.support.servers.server import ServerProcess
from tui.locations.location import Location
from tui.ui.browser.windows import window_of
from tui.ui.main.main import MainScreen

#: The documents of the large folder.
MANY = 450


@dataclass
class Ground:
    """The app, and what it runs on."""

    pilot: Pilot[Any]
    main: MainScreen
    held: Misbehaving
    filled: Filled

    async def begin(self) -> None:
        """Leaves the folder and opens it again, with nothing selected or looked for."""
        self.main.table.clear_selection()
        await go_to(self.pilot, self.main, self.filled.small, "Small")
        await go_to(self.pilot, self.main, self.filled.large)
        self.main.say("")


async def all_that_was_taken_back_does_not_come_back(on: Ground) -> None:
    async with asked_for(on.pilot, on.held, "ctrl+a"):
        await on.pilot.press("escape", "space")
    assert len(on.main.table.selected) == 1


async def all_of_a_place_that_was_left_is_not_selected_when_one_is_back(on: Ground) -> None:
    async with asked_for(on.pilot, on.held, "ctrl+a"):
        for ident, name in ((on.filled.small, "Small"), (on.filled.large, "Large")):
            on.main.open_place(Location("folder", name, ident))
            await until(on.pilot, lambda name=name: on.main.place is not None and on.main.place.name == name)
        await on.pilot.press("space")
    assert len(on.main.table.selected) == 1


async def all_is_all_that_the_server_will_find(on: Ground) -> None:
    await on.pilot.press("slash", "e", "enter", "ctrl+a")
    await until(on.pilot, lambda: on.main.browser.list.search_window is not None, "what the server finds")
    await settled(on.pilot)
    assert on.main.table.selected == await all_of(on.main, "e")


async def all_under_a_filter_leaves_what_was_selected_before(on: Ground) -> None:
    on.main.table.move_to(
        next(i for i, row in enumerate(on.main.table.rows) if "t" not in row.data.name.lower())
    )
    assert on.main.table.current is not None
    kept = on.main.table.current.key
    await on.pilot.press("space")
    await found_by_server(on.pilot, on.main, "t")
    assert on.main.browser.list.search_window is not None
    assert on.main.browser.list.search_window.more
    await on.pilot.press("ctrl+a")
    await settled(on.pilot)
    assert on.main.table.selected == await all_of(on.main, "t") | {kept}


async def no_more_are_selected_than_can_be_at_once(on: Ground) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tui.ui.browser.selection.MOST_SELECTED", 250)
        on.main.table.move_to(
            next(i for i, row in enumerate(on.main.table.rows) if "t" not in row.data.name.lower())
        )
        await on.pilot.press("space")
        await found_by_server(on.pilot, on.main, "t")
        await on.pilot.press("ctrl+a")
        await settled(on.pilot)
        assert len(on.main.table.selected) == 250
        assert said(on.main) == "Selected 250 rows, the maximum."


async def a_sort_asks_for_no_more_than_it_shows_where_little_is_selected(on: Ground) -> None:
    await on.pilot.press("space")
    before = on.held.count("GET", CHILDREN)
    await on.pilot.press("S")
    await settled(on.pilot)
    assert on.held.count("GET", CHILDREN) == before + 1


async def all_is_selected_though_it_is_sorted_meanwhile(on: Ground) -> None:
    async with asked_for(on.pilot, on.held, "ctrl+a"):
        await on.pilot.press("S")
        await until(on.pilot, lambda: "Sorted by" in said(on.main), "the sort")
    assert on.main.table.selected == await all_of(on.main)
    assert chosen(on.main)[: len(keys(on.main))] == keys(on.main)


async def all_is_sent_in_the_order_that_it_is_sorted_by_afterwards(on: Ground) -> None:
    await on.pilot.press("ctrl+a")
    await settled(on.pilot)
    before = chosen(on.main)
    await on.pilot.press("S")
    await settled(on.pilot)
    assert on.main.place is not None
    assert "Sorted by" in said(on.main)
    view, order = window_of(on.main.browser, on.main.place), list[str]()
    while view.more:
        await performed(view.down())
        order += [row.key for row in view.rows if row.key not in order]
    assert chosen(on.main) == order != before


async def test_selecting_all(
    library: tuple[ServerProcess, Filled], held: Misbehaving, tmp_path: Path
) -> None:
    steps = (
        all_that_was_taken_back_does_not_come_back,
        all_of_a_place_that_was_left_is_not_selected_when_one_is_back,
        all_is_all_that_the_server_will_find,
        all_under_a_filter_leaves_what_was_selected_before,
        no_more_are_selected_than_can_be_at_once,
        a_sort_asks_for_no_more_than_it_shows_where_little_is_selected,
        all_is_selected_though_it_is_sorted_meanwhile,
        all_is_sent_in_the_order_that_it_is_sorted_by_afterwards,
    )
    async with running_in(library, tmp_path, held.url) as (pilot, main):
        on = Ground(pilot, main, held, library[1])
        for step in some(3, steps):
            await on.begin()
            await step(on)
