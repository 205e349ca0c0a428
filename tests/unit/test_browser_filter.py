"""The filter of the list, and what is shown and said of the rows; step by step."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from tests.support.app.browsing import Desk
from tests.support.app.fake_lists import LOCATIONS, Box, key
from tui import guides
from tui.locations.rows import Column, Row, holding
from tui.ui.browser import list_state, more_rows
from tui.ui.browser.list_state import ListState, edges
from tui.ui.browser.windows import window_from_end

SHELF, SMALL_SHELF, HEAP, BOX = LOCATIONS
NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


# ---------------------------------------------------------------- the filter


def test_a_server_that_can_search_does(desk: Desk) -> None:
    assert not desk.browser.list.searches_here
    desk.browser.type("ab")
    # Until it has answered, the loaded rows are searched.
    assert (desk.shown(), desk.browser.list.searches_here, desk.browser.server_searches) == ([0], True, True)
    assert desk.asked() == ["find"]
    (each,) = desk.view.under_way
    desk.go_on(each)
    assert each.asked.func is asyncio.sleep, "it waits for a pause in typing"
    assert 0 < each.asked.args[0] <= 0.5
    desk.run_out()
    assert (desk.shown(), desk.browser.list.searches_here) == ([0, 3, 6], False)
    more_rows.search_further(desk.browser)
    assert desk.asked() == ["find"]


def test_a_search_under_way_is_not_begun_again(desk: Desk) -> None:
    desk.browser.type("ab")
    more_rows.search_further(desk.browser)
    assert desk.asked() == ["find"]
    desk.browser.type("a")
    assert [each.job.name for each in desk.view.under_way if not each.job.over] == ["find"]


def test_what_is_typed_while_a_search_is_under_way_is_searched(desk: Desk) -> None:
    desk.browser.type("ab")
    desk.answered()
    desk.browser.type("b0")
    desk.run_out()
    assert (desk.shown(), desk.browser.list.searches_here) == ([0, 2, 3], False)


def test_without_a_filter_nothing_is_searched(desk: Desk) -> None:
    desk.browser.type("")
    assert desk.asked() == []
    desk.browser.jobs.start("find", lambda: more_rows.find(desk.browser))
    desk.go_on(desk.view.under_way[0])
    assert desk.asked() == []


def test_a_list_that_is_whole_is_searched_here(desk: Desk) -> None:
    desk.opened(SMALL_SHELF)
    desk.browser.type("ab")
    assert (desk.asked(), desk.shown()) == ([], [0])
    assert desk.table.empty == "No name here contains “ab”; esc clears the filter."


def test_a_server_that_cannot_search_has_its_rows_searched_here(desk: Desk) -> None:
    desk.opened(HEAP)
    desk.browser.type("ab")
    assert (desk.asked(), desk.shown()) == ([], [0])
    assert not desk.browser.server_searches
    assert desk.table.more
    assert desk.table.empty == "None of the first 3 names contains “ab”; esc clears the filter."
    desk.browser.want_more(above=False)
    desk.run_out()
    assert desk.shown() == [0, 3, 6]
    assert desk.browser.list.window.most == 9
    assert not desk.browser.list.window.more
    desk.browser.end_filter()
    desk.browser.show_rows()
    assert desk.shown() == list(range(8))
    assert desk.browser.list.search_window is None


def test_so_many_rows_are_searched_here_and_no_more(desk: Desk) -> None:
    desk.come(HEAP, *range(8, 30))
    desk.opened(HEAP)
    desk.browser.type("ab")
    desk.browser.want_more(above=False)
    desk.run_out()
    assert (len(desk.browser.list.window.rows), desk.shown()) == (9, [0, 3, 6])
    assert not desk.browser.can_search_more
    assert not desk.table.more
    desk.browser.want_more(above=False)
    desk.run_out()
    assert len(desk.browser.list.window.rows) == 9
    # Selecting all of them requests no more than that.
    desk.select_all()
    assert desk.selected() == [0, 3, 6]


def test_the_page_that_reaches_that_number_may_go_beyond_it(desk: Desk) -> None:
    desk.come(HEAP, *range(8, 30))
    desk.opened(HEAP)
    desk.scrolled(1)
    desk.browser.drop_rows({key(5, HEAP)})
    desk.browser.type("ab")
    for _ in range(2):
        desk.browser.want_more(above=False)
        desk.run_out()
        assert (len(desk.browser.list.window.rows), desk.shown()) == (11, [0, 3, 6, 9])
        assert not desk.browser.can_search_more


def test_searching_here_begins_at_the_first_row(desk: Desk) -> None:
    desk.come(HEAP, *range(8, 20))
    desk.opened(HEAP)
    desk.scrolled(4)
    assert desk.table.above
    desk.browser.type("ab")
    assert desk.asked() == ["find"]
    desk.run_out()
    assert desk.browser.list.window.from_start
    assert desk.shown()[0] == 0


def test_a_filter_typed_while_a_page_is_loaded_applies_to_it(desk: Desk) -> None:
    desk.opened(HEAP)
    desk.browser.want_more(above=False)
    (more,) = desk.answered()
    desk.browser.type("ab")
    desk.go_on(more)
    assert desk.shown() == [0, 3]
    desk.run_out()
    assert desk.shown() == [0, 3, 6]


def test_what_the_server_finds_is_not_filtered_again(desk: Desk) -> None:
    """It may match by something that the list does not show."""
    desk.browser.type("ab")
    desk.run_out()
    row = Row(key(0), ("shown otherwise",), data=desk.table.rows[0].data)
    desk.browser.replace_row(row)
    desk.browser.show_rows()
    assert desk.shown() == [0, 3, 6]
    assert desk.table.empty == "No name here contains “ab”; esc clears the filter."


@pytest.mark.parametrize(
    ("needle", "found"),
    [
        ("", [0, 1, 2]), ("of", [0, 2]), ("OFFER", [0, 2]), ("o*er", [0, 2]), ("er*o", [0, 2]), ("offer*dana", []),
        ("dana", [1]), ("*", [0, 1, 2]), ("hidden", []), ("2026", [1]), ("x", []),
    ],
)  # fmt: skip
def test_what_a_filter_finds(needle: str, found: list[int]) -> None:
    """In one of the cells that the list shows; an asterisk is anything, as on the server."""
    rows = [
        Row("0", ("Offer", "", None, "hidden")),
        Row("1", (("Letter", "accent"), "Dana", NOW, "hidden")),
        Row("2", ("An offer", "x", "", "hidden")),
    ]
    rows[2] = Row("2", ("An offer", "y", "", "hidden"))
    assert [int(row.key) for row in holding(rows, needle, 3)] == found


# ---------------------------------------------------------------- what is shown of it


def test_what_the_table_is_told(desk: Desk) -> None:
    desk.scrolled(3)
    window = desk.browser.list.window
    assert edges(window) == {"above": 3, "below": 0, "more": False, "more_above": True}
    desk.browser.show_rows(at=1)
    table = desk.table
    assert (table.above, table.below, table.more, table.more_above, table.cursor) == (3, 0, False, True, 1)
    table.toggle(table.rows[0])
    table.select_only([*table.chosen, Row(key(0), ("x",), data=None)])
    desk.browser.show_rows()
    assert table.selected == {key(3), key(0)}, "rows that aren't loaded stay selected"
    desk.opened(SMALL_SHELF)
    table.select_only([table.rows[0], Row(key(9), ("x",), data=None)])
    desk.browser.show_rows()
    assert table.selected == {key(0, SMALL_SHELF)}, "there are no others"


def test_selected_rows_that_a_filter_hides_stay_selected(desk: Desk) -> None:
    desk.opened(BOX)
    desk.table.toggle(desk.table.rows[1])
    desk.browser.type("ab")
    assert (desk.shown(), desk.table.selected) == ([0, 3], {key(1, BOX)})


def test_only_the_columns_of_the_kind_are_searched(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Box, "row", lambda kind, item, now: Row(item.key, (item.name, "other words"), item))
    desk.opened(BOX)
    desk.browser.type("other")
    assert desk.shown() == []
    desk.browser.show_rows(columns=(Column("Name", 24), Column("Words", 10)))
    assert desk.shown() == [0, 1, 2, 3]


def test_how_much_of_it_is_shown(desk: Desk) -> None:
    assert desk.amount == "3+"
    desk.browser.list.window.total = 11_000
    assert desk.amount == "3 of 11,000"
    desk.browser.list.window.total = 3
    assert desk.amount == "3+", "a total that can't be right"
    desk.browser.list.window.total = None
    desk.browser.go_to_end(last=True)
    desk.run_out()
    assert desk.amount == "3+"
    desk.browser.type("a")
    desk.run_out()
    assert desk.amount == "3+ found"
    desk.scrolled(1)
    assert desk.amount == "6+ found"
    desk.scrolled(1)
    assert desk.amount == "8 found"
    desk.browser.go_to_end(last=True)
    desk.run_out()
    desk.opened(SHELF)
    desk.browser.type("a")
    desk.run_out()
    search = window_from_end(desk.browser, SHELF, "a", None)
    desk.browser.list.search_window = search
    assert search is not None
    assert desk.amount == "0+ found"
    desk.opened(BOX)
    assert desk.amount == "4"
    desk.browser.type("ab")
    assert desk.amount == "2 of 4"
    desk.opened(HEAP)
    desk.browser.type("ab")
    assert desk.amount == "1 of 3+"
    desk.world.items["anna", "shelf2"].clear()
    desk.opened(SMALL_SHELF)
    assert desk.amount == "0"


def test_how_much_of_a_preview_is_shown() -> None:
    desk = Desk()
    try:
        assert desk.amount == ""
        desk.browser.show_preview([SHELF], [Row("x", ("ab",), data=None)])
        assert desk.amount == "1"
    finally:
        desk.close()


def test_two_users_and_rows_of_the_same_key(desk: Desk) -> None:
    state = ListState()
    rows = [Row("a", ("old",)), Row("b", ("old",))]
    assert state.with_chosen_versions(rows) is rows
    chosen = Row("b", ("chosen",))
    state.choose_version(chosen)
    assert state.with_chosen_versions(rows) == [rows[0], chosen]
    state.stale = state.is_preview = True
    state.forget()
    assert state.with_chosen_versions(rows) == rows
    assert (state.stale, state.is_preview) == (False, False)


def test_the_guide_says_how_many_rows_are_searched_here() -> None:
    assert f"among the first {list_state.MOST_SEARCHED:,} rows" in guides.read("limits")
