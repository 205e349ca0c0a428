"""Refreshing the list, and rows that change or go; step by step."""

from __future__ import annotations

from tests.support.app.browsing import Desk
from tests.support.app.fake_lists import AWAY, LOCATIONS, Item, key
from tui.locations.rows import Row
from tui.rules.errors import NotFound
from tui.ui.browser import more_rows, selection
from tui.ui.browser.windows import window_of

SHELF, SMALL_SHELF, HEAP, BOX = LOCATIONS


# ---------------------------------------------------------------- refreshing


def test_a_refresh_keeps_cursor_and_selection(desk: Desk) -> None:
    desk.table.move_to(1)
    desk.table.toggle(desk.table.rows[2])
    desk.gone(SHELF, 0)
    desk.browser.reload()
    assert desk.asked() == ["refresh"]
    desk.run_out()
    assert desk.shown() == [1, 2, 3]
    assert desk.table.current is not None
    assert (desk.table.current.key, desk.table.selected) == (key(1), {key(2)})
    assert (desk.stale(), desk.view.heard) == (False, ["shelf1", "shelf1"])


def test_the_cursor_goes_to_either_end_of_the_list(desk: Desk) -> None:
    for last in (True, False):
        desk.browser.go_to_end(last=last)
        desk.run_out()
        assert len(desk.shown()) > 1
        assert desk.table.current is not None
        assert desk.table.current.key == key(desk.shown()[-1 if last else 0]), last


def test_a_reload_waits_for_what_changes_the_list(desk: Desk) -> None:
    desk.browser.want_more(above=False)
    desk.browser.reload()
    assert desk.asked() == ["more"]
    desk.gone(SHELF, 1)
    desk.run_out()
    assert 1 not in desk.shown()
    assert not desk.stale()


def test_without_a_location_there_is_nothing_to_reload() -> None:
    desk = Desk()
    try:
        desk.browser.reload()
        desk.browser.load_again()
        assert (desk.asked(), desk.stale()) == ([], True)
        for job in ("refresh", "sort", "jump", "find"):
            desk.browser.list.needle = "x" if job == "find" else ""
            {
                "refresh": desk.browser.refresh,
                "sort": lambda: desk.browser.sort("name"),
                "jump": lambda: desk.browser.go_to_end(last=True),
                "find": lambda: desk.browser.jobs.start("find", lambda: more_rows.find(desk.browser)),
            }[job]()
            assert desk.asked() == [job]
            desk.go_on(desk.view.under_way[0])
            assert desk.asked() == [], f"{job} makes no request"
    finally:
        desk.close()


def test_a_refresh_that_fails_leaves_the_rows(desk: Desk) -> None:
    desk.browser.refresh()
    assert desk.fails() == [AWAY]
    assert (desk.shown(), desk.stale()) == ([0, 1, 2], True)


def test_a_refresh_of_what_is_gone_shows_nothing_of_it(desk: Desk) -> None:
    desk.browser.type("a")
    desk.run_out()
    assert desk.browser.list.search_window is not None
    desk.browser.refresh()
    (problem,) = desk.fails(NotFound("folder.gone", "It is gone."))
    assert problem.code == "folder.gone"
    assert desk.shown() == []
    assert [window.rows for window in desk.browser.list.windows] == [[]]


def test_a_refresh_while_the_list_moves_is_made_again(desk: Desk) -> None:
    """Its rows may be others than those that are being loaded."""
    desk.browser.refresh()
    (refreshing,) = desk.answered()
    desk.browser.want_more(above=False)
    desk.go_on(refreshing)
    assert desk.stale()
    desk.run_out()
    assert not desk.stale()
    assert desk.shown() == [0, 1, 2, 3, 4, 5]


def test_a_refresh_renews_what_was_found_as_well(desk: Desk) -> None:
    desk.browser.type("ab")
    desk.run_out()
    assert desk.shown() == [0, 3, 6]
    desk.gone(SHELF, 3)
    desk.browser.refresh()
    desk.run_out()
    assert desk.shown() == [0, 6, 9]
    assert desk.browser.list.needle == "ab"


def test_loading_again_cancels_what_is_under_way(desk: Desk) -> None:
    desk.browser.go_to_end(last=True)
    desk.browser.load_again()
    assert [each.job.name for each in desk.view.under_way if not each.job.over] == ["refresh"]
    desk.run_out()
    assert desk.shown() == [0, 1, 2]
    desk.browser.open([HEAP])
    desk.browser.load_again()
    assert [each.job.name for each in desk.view.under_way if not each.job.over] == ["load"]
    desk.run_out()
    assert desk.browser.location == HEAP


def test_loading_again_searches_again_if_nothing_was_found_yet(desk: Desk) -> None:
    desk.browser.type("ab")
    assert desk.fails() == [AWAY]
    desk.browser.load_again()
    assert sorted(desk.asked()) == ["find", "refresh"]
    desk.run_out()
    assert desk.shown() == [0, 3, 6]
    # What was found is refreshed.
    desk.browser.load_again()
    assert desk.asked() == ["refresh"]
    desk.run_out()
    desk.browser.end_filter()
    desk.browser.load_again()
    assert desk.asked() == ["refresh"]


def test_after_a_refresh_what_could_not_be_found_is_searched_for_again(desk: Desk) -> None:
    desk.browser.type("ab")
    assert desk.fails() == [AWAY]
    desk.browser.reload()
    desk.run_out()
    assert desk.shown() == [0, 3, 6]
    # What was found is refreshed, and not searched for again.
    desk.browser.reload()
    (refreshing,) = desk.view.under_way
    while refreshing in desk.view.under_way:
        desk.go_on(refreshing)
    assert desk.asked() == []


# ---------------------------------------------------------------- rows that may be gone


def test_selected_rows_that_may_be_gone_are_checked(desk: Desk) -> None:
    desk.scrolled(3)
    desk.table.select_only([Row(key(number), ("x",), data=None) for number in (0, 1, 2)])
    desk.gone(SHELF, 1)
    desk.browser.list.unverified = {key(0), key(1), key(9)}
    selection.verify_selection(desk.browser)
    # Only what is selected needs to be checked.
    assert desk.browser.list.unverified == {key(0), key(1)}
    assert desk.asked() == ["verify"]
    desk.run_out()
    assert desk.table.selected == {key(0), key(2)}
    assert desk.browser.list.unverified == set()
    selection.verify_selection(desk.browser)
    assert desk.asked() == []


def test_while_all_are_being_selected_more_may_have_to_be_checked(desk: Desk) -> None:
    selected = desk.table.toggle_all()
    assert selected is not None
    desk.browser.select_rest(selected, desk.table.selected, desk.table.emptied)
    desk.browser.list.unverified = {key(9)}
    selection.verify_selection(desk.browser)
    assert desk.browser.list.unverified == {key(9)}
    desk.gone(SHELF, 9)
    desk.run_out()
    assert key(9) not in desk.table.selected


def test_rows_that_a_refresh_does_not_return_are_unverified(desk: Desk) -> None:
    desk.table.toggle(desk.table.rows[0])
    desk.browser.list.unverified = {key(1)}
    desk.gone(SHELF, 0)
    desk.browser.refresh()
    desk.run_out()
    assert desk.table.selected == set()
    assert desk.browser.list.unverified == set()


# ---------------------------------------------------------------- single rows


def test_a_row_is_replaced_wherever_it_is(desk: Desk) -> None:
    desk.browser.type("ab")
    desk.run_out()
    row = Row(key(0), ("ab new",), data=desk.table.rows[0].data)
    desk.browser.replace_row(row)
    assert desk.table.rows[0] is row
    assert {window.rows[0].cells[0] for window in desk.browser.list.windows} == {"ab new"}


def test_a_row_that_no_longer_matches_the_filter_goes(desk: Desk) -> None:
    desk.opened(BOX)
    desk.browser.type("ab")
    assert desk.shown() == [0, 3]
    desk.browser.replace_row(Row(key(0, BOX), ("other",), data=Item("anna", "box", 0)))
    assert desk.shown() == [3]


def test_a_change_during_a_request_makes_the_list_stale(desk: Desk) -> None:
    desk.browser.mark_stale_if_loading()
    assert not desk.stale()
    desk.browser.jobs.start("verify", lambda: selection.verify(desk.browser))
    desk.browser.mark_stale_if_loading()
    assert not desk.stale(), "that changes no rows"
    desk.run_out()
    desk.browser.type("a")
    desk.browser.mark_stale_if_loading()
    assert desk.stale(), "what is found may be as it was before"
    desk.browser.mark_stale_if_loading()
    assert desk.stale()


def test_rows_are_dropped_from_everywhere(desk: Desk) -> None:
    desk.table.toggle(desk.table.rows[1])
    desk.browser.drop_rows({key(1)})
    assert (desk.shown(), desk.table.selected) == ([0, 2], set())


def test_a_chosen_version_stays_until_the_location_is_left(desk: Desk) -> None:
    desk.opened(HEAP)
    row = Row(key(1, HEAP), ("chosen",), data=desk.table.rows[1].data, tone="chosen")
    desk.browser.choose_version(row)
    assert desk.browser.list.is_chosen_version(row)
    assert not desk.browser.list.is_chosen_version(desk.table.rows[0])
    for _ in range(2):
        desk.browser.refresh()
        desk.run_out()
        assert [row.tone for row in desk.table.rows] == ["", "chosen", ""]
    desk.opened(BOX)
    desk.opened(HEAP)
    assert [row.tone for row in desk.table.rows] == ["", "", ""]


def test_a_chosen_version_stands_in_no_other_location(desk: Desk) -> None:
    """Two locations may list the same document."""
    row = Row(key(0), ("chosen",), data=desk.table.rows[0].data, tone="chosen")
    desk.browser.choose_version(row)
    elsewhere = window_of(desk.browser, SMALL_SHELF)
    assert elsewhere._rows_of([Item("anna", "shelf1", 0)])[0].tone == ""
    here = window_of(desk.browser, SHELF)
    assert here._rows_of([Item("anna", "shelf1", 0)])[0].tone == "chosen"
