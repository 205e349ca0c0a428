"""Sorting the list, and selecting all of it; step by step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.app.browsing import Desk
from tests.support.app.fake_lists import AWAY, LOCATIONS, Shelf, key
from tui import guides
from tui.locations.kinds import WORKLIST_ROOT, kind_of
from tui.locations.location import Location
from tui.locations.rows import Row
from tui.ui.browser import selection
from tui.ui.browser.list_state import ListState
from tui.wire.work import Document

SHELF, SMALL_SHELF, HEAP, *_ = LOCATIONS
NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


# ---------------------------------------------------------------- sorting


def test_a_list_is_sorted(desk: Desk) -> None:
    desk.table.move_to(2)
    desk.browser.sort("-name")
    desk.go_on(desk.view.under_way[0])
    assert desk.browser.order == "-name", "what it is about to be sorted by"
    desk.run_out()
    assert (desk.shown(), desk.table.cursor, desk.browser.order) == ([10, 9, 8], 0, "-name")
    desk.browser.sort("name")
    desk.run_out()
    assert desk.view.said == [("Sorted by Name, Z–A.", ""), ("Sorted by Name, A–Z.", "")]


def test_an_order_holds_for_all_locations_of_a_server(desk: Desk) -> None:
    assert desk.browser.order == "name", "the usual one"
    desk.browser.sort("-name")
    desk.run_out()
    desk.opened(HEAP)
    assert (desk.shown(), desk.browser.list.order_of(HEAP)) == ([0, 1, 2], "")
    desk.opened(SMALL_SHELF)
    assert desk.shown() == [1, 0]


def test_the_order_is_that_of_the_rows_until_the_list_is_being_sorted(desk: Desk) -> None:
    """Even if another one has been chosen for the server's lists."""
    desk.browser.list.set_order(SHELF, "-name")
    assert desk.browser.order == "name"


def test_an_order_that_a_kind_does_not_have_is_none() -> None:
    state = ListState()
    state.set_order(Location("sent", "F", "f1"), "-sent_at")
    assert state.order_of(Location("sent", "G", "g1")) == "-sent_at"
    assert state.order_of(Location("trash", "Trash")) == ""
    assert state.order_of(Location("folder", "F", "A!1")) == ""


def test_an_order_that_fails_is_taken_back(desk: Desk) -> None:
    desk.browser.sort("-name")
    desk.run_out()
    desk.browser.sort("name")
    assert desk.fails() == [AWAY]
    assert (desk.browser.list.order_of(SHELF), desk.shown()) == ("-name", [10, 9, 8])


def test_an_order_chosen_since_is_not_taken_back(desk: Desk) -> None:
    desk.browser.sort("-name")
    desk.answered()
    desk.browser.list.set_order(SHELF, "name")
    desk.browser.jobs.cancel("sort")
    assert desk.browser.list.order_of(SHELF) == "name"


def test_sorting_keeps_the_filter(desk: Desk) -> None:
    desk.browser.type("ab")
    desk.run_out()
    desk.browser.sort("-name")
    desk.run_out()
    assert (desk.shown(), desk.browser.list.needle) == ([9, 6, 3], "ab")


@pytest.mark.parametrize(
    ("order", "days", "sorts"),
    [
        ("-edited", (3, 2, 2, 1), True),
        ("-edited", (1, 2), False),
        ("edited", (1, 2, 2), True),
        ("edited", (2, 1), False),
        ("edited", (1, None, 2), True),
        ("edited", (2, None, 1), False),
        ("-edited", (), True),
        ("name", (3, 1, 2), True),
    ],
)
def test_a_server_that_does_not_sort_is_found_out(
    order: str, days: tuple[int | None, ...], sorts: bool
) -> None:
    """Not every server of Work supports it."""
    moments = [None if day is None else NOW + timedelta(days=day) for day in days]
    rows = [
        Row(str(i), (), data=Document.model_construct(edit_date=moment)) for i, moment in enumerate(moments)
    ]
    assert selection._is_in_order(kind_of(WORKLIST_ROOT), order, rows) is sorts


def test_a_server_that_does_not_sort_keeps_its_order(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "_is_in_order", lambda kind, order, rows: False)
    desk.browser.sort("-name")
    desk.run_out()
    assert desk.view.said == [("This server can't sort by that column.", "warn")]
    assert (desk.browser.list.order_of(SHELF), desk.browser.list.window.order) == ("", "")
    assert desk.browser.order == "name"


# ---------------------------------------------------------------- selecting


def test_all_rows_are_selected_and_those_not_loaded_too(desk: Desk) -> None:
    desk.select_all()
    assert desk.selected() == list(range(11))
    assert [row.data.number for row in desk.table.chosen] == list(range(11))
    assert desk.view.said == []


def test_if_all_are_loaded_nothing_is_requested(desk: Desk) -> None:
    desk.opened(SMALL_SHELF)
    desk.table.toggle_all()
    desk.browser.select_rest(set(), desk.table.selected, desk.table.emptied)
    assert desk.asked() == []


def test_a_selection_emptied_since_is_not_filled(desk: Desk) -> None:
    desk.table.toggle_all()
    emptied = desk.table.emptied
    desk.table.pick({})
    desk.browser.select_rest(set(), set(), emptied)
    assert desk.asked() == []


@pytest.mark.parametrize("location", [SHELF, HEAP])
def test_only_what_matches_is_selected(desk: Desk, location: Location) -> None:
    """And what was selected before the filter stays so."""
    desk.opened(location)
    desk.scrolled(1)
    desk.table.toggle(desk.table.rows[5])
    desk.browser.type("ab")
    desk.run_out()
    desk.select_all()
    expected = [0, 3, 5, 6] if location is HEAP else [0, 3, 5, 6, 9]
    assert desk.selected() == expected


def test_without_a_filter_what_is_gone_stays_selected_no_longer(desk: Desk) -> None:
    desk.scrolled(3)
    desk.table.toggle(desk.table.rows[0])
    desk.gone(SHELF, 6)
    desk.browser.go_to_end(last=False)
    desk.run_out()
    desk.select_all()
    assert desk.selected() == [0, 1, 2, 3, 4, 5, 7, 8, 9, 10]


def test_rows_that_cannot_be_selected_are_left_out(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        Shelf,
        "row",
        lambda kind, item, now: Row(item.key, (item.name,), item, selectable=item.number % 2 == 0),
    )
    desk.browser.refresh()
    desk.run_out()
    desk.select_all()
    assert desk.selected() == [0, 2, 4, 6, 8, 10]


@pytest.mark.parametrize(("most", "count"), [(11, 11), (10, 10), (4, 4)])
def test_so_many_are_selected_and_no_more(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, most: int, count: int
) -> None:
    monkeypatch.setattr(selection, "MOST_SELECTED", most)
    desk.select_all()
    assert desk.selected() == list(range(count))
    assert desk.view.said == ([] if most == 11 else [(f"Selected {most} rows, the maximum.", "warn")])


def test_those_selected_before_count_as_well(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "MOST_SELECTED", 4)
    desk.scrolled(1)
    desk.table.toggle(desk.table.rows[4])
    desk.table.toggle(desk.table.rows[5])
    desk.browser.type("ab")
    desk.run_out()
    desk.select_all()
    assert desk.selected() == [0, 3, 4, 5]
    assert desk.view.said == [("Selected 4 rows, the maximum.", "warn")]


def test_if_too_many_were_selected_before_none_is_added(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "MOST_SELECTED", 2)
    desk.scrolled(1)
    for index in (1, 2, 4):
        desk.table.toggle(desk.table.rows[index])
    desk.browser.type("ab")
    desk.run_out()
    desk.select_all()
    assert desk.selected() == [1, 2, 4]
    assert desk.view.said == [("3 rows are selected already; 2 is the maximum.", "warn")]


@pytest.mark.parametrize("location", [SHELF, HEAP])
def test_what_is_selected_stays_so_if_there_is_no_room(
    desk: Desk, location: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also what matches the filter: nothing changes."""
    monkeypatch.setattr(selection, "MOST_SELECTED", 3)
    desk.opened(location)
    desk.scrolled(1)
    for index in (2, 3, 5):
        desk.table.toggle(desk.table.rows[index])
    desk.browser.type("ab")
    desk.run_out()
    desk.select_all()
    assert desk.selected() == [2, 3, 5]
    assert desk.view.said == [("3 rows are selected already; 3 is the maximum.", "warn")]


def test_a_list_that_is_all_there_has_the_same_maximum(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "MOST_SELECTED", 1)
    desk.opened(SMALL_SHELF)
    desk.select_all()
    assert desk.selected() == [0]
    assert desk.view.said == [("Selected 1 rows, the maximum.", "warn")]


def test_no_more_pages_are_loaded_than_can_be_selected(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """One page more shows that there are too many."""
    monkeypatch.setattr(selection, "MOST_SELECTED", 3)
    pages: list[str | None] = []
    source = desk.session.source

    def counted(location: Location, name: str, order: str) -> Any:
        page = source(location, name, order)

        async def one(cursor: str | None) -> Any:
            pages.append(cursor)
            return await page(cursor)

        return one

    monkeypatch.setattr(desk.session, "source", counted)
    desk.select_all()
    assert pages == [None, "2"]
    assert len(desk.table.selected) == 3


def test_a_list_sorted_meanwhile_is_selected_in_its_new_order(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "MOST_SELECTED", 4)
    before = desk.table.toggle_all()
    assert before is not None
    desk.browser.select_rest(before, desk.table.selected, desk.table.emptied)
    desk.answered()
    desk.browser.sort("-name")
    desk.go_on(desk.view.under_way[1])
    desk.run_out()
    assert desk.selected() == [7, 8, 9, 10]


def test_the_guide_says_how_many_rows_are_selected_at_most() -> None:
    assert f"At most {selection.MOST_SELECTED:,} rows are selected at once" in guides.read("limits")


def test_the_selected_rows_are_put_in_order_after_sorting(desk: Desk) -> None:
    desk.scrolled(3)
    for index in (3, 7):
        desk.table.toggle(desk.table.rows[index])
    newer = Row(key(6), ("newer",), data=desk.table.rows[3].data)
    desk.browser.replace_row(newer)
    desk.browser.sort("-name")
    desk.run_out()
    desk.browser.sort("name")
    desk.run_out()
    assert [row.data.number for row in desk.table.chosen] == [6, 10]
    assert desk.table.chosen[0] is newer


@pytest.mark.parametrize("selected", [[], [9], [0, 1], [0, 1, 2]])
def test_nothing_is_requested_to_put_these_in_order(desk: Desk, selected: list[int]) -> None:
    """None, a single one, or all of them loaded."""
    rows = [Row(key(number), ("x",), data=None) for number in selected]
    desk.table.select_only(rows)
    desk.browser.jobs.start("put in order", lambda: selection.put_in_order(desk.browser))
    desk.go_on(desk.view.under_way[0])
    assert desk.asked() == []
    assert desk.table.selected == {row.key for row in rows}


@pytest.mark.parametrize("selected", [(4, 0), (5, 4, 3, 2, 1, 0)])
def test_only_as_many_pages_as_needed_put_them_in_order(desk: Desk, selected: tuple[int, ...]) -> None:
    desk.table.select_only([Row(key(number), ("x",), data=None) for number in selected])
    desk.browser.jobs.start("put in order", lambda: selection.put_in_order(desk.browser))
    (each,) = desk.view.under_way
    requests = 0
    while each in desk.view.under_way:
        requests += bool(each.asked) and not each.is_answered
        desk.go_on(each)
    assert requests == 2
    assert [row.key for row in desk.table.chosen] == [key(number) for number in sorted(selected)]
