"""Going through the rows that a filter has found, after it was ended; step by step."""

from __future__ import annotations

import pytest

from tests.support.app.browsing import Desk
from tests.support.app.fake_lists import LOCATIONS, key
from tui.ui.browser import matches
from tui.ui.browser.matches import count_matches, go_to_match

SHELF, SMALL_SHELF, _, _ = LOCATIONS


def sought(desk: Desk, needle: str) -> None:
    """Filter by a text, and end the filter: its matches are marked."""
    desk.browser.type(needle)
    desk.run_out()
    desk.browser.end_filter(keep_marks=True)
    desk.browser.show_rows(at=0)


def gone_to(desk: Desk, *, forward: bool) -> int:
    """The number of the row under the cursor after going to the next match."""
    go_to_match(desk.browser, forward=forward)
    desk.run_out()
    current = desk.table.current
    assert current is not None
    number: int = current.data.number
    return number


def test_pages_are_loaded_until_there_is_a_match(desk: Desk) -> None:
    sought(desk, "ab")
    assert [gone_to(desk, forward=True) for _ in range(3)] == [3, 6, 9]
    assert desk.view.said == []
    assert gone_to(desk, forward=True) == 9
    assert desk.view.said.pop() == ("There is no row below with “ab”.", "warn")
    assert [gone_to(desk, forward=False) for _ in range(3)] == [6, 3, 0]
    assert desk.view.said == []
    assert gone_to(desk, forward=False) == 0
    assert desk.view.said.pop() == ("There is no row above with “ab”.", "warn")


def test_each_page_on_the_way_is_shown(desk: Desk) -> None:
    sought(desk, "ab009")
    where = desk.view.where
    assert gone_to(desk, forward=True) == 9
    assert desk.view.where == where + 3
    assert (desk.shown(), desk.table.above) == ([3, 4, 5, 6, 7, 8, 9, 10], 3)


def test_the_nearest_match_is_gone_to_in_both_directions(desk: Desk) -> None:
    desk.scrolled(1)
    sought(desk, "ab")
    assert count_matches(desk.browser) == 2
    for cursor, before, behind in ((1, 0, 3), (2, 0, 3), (4, 3, 6), (5, 3, 6)):
        desk.table.move_to(cursor)
        assert gone_to(desk, forward=False) == before
        desk.table.move_to(cursor)
        assert gone_to(desk, forward=True) == behind
        desk.opened(SHELF)
        desk.scrolled(1)
        sought(desk, "ab")


def test_after_the_last_comes_the_first(desk: Desk) -> None:
    desk.opened(SMALL_SHELF)
    sought(desk, "a")
    assert gone_to(desk, forward=True) == 1
    assert gone_to(desk, forward=True) == 0
    assert desk.view.said.pop() == ("That was the last row with “a”; this is the first.", "")
    assert gone_to(desk, forward=False) == 1
    assert desk.view.said.pop() == ("That was the first row with “a”; this is the last.", "")


def test_what_is_nowhere_is_not_gone_to(desk: Desk) -> None:
    desk.opened(SMALL_SHELF)
    sought(desk, "xyz")
    for forward in (True, False):
        assert gone_to(desk, forward=forward) == 0
        assert desk.view.said.pop() == ("There is no further row with “xyz”.", "warn")
    assert desk.asked() == []


def test_the_end_of_a_long_list_is_no_reason_to_go_round(desk: Desk) -> None:
    """The rows at its other end are no longer loaded."""
    sought(desk, "ab000")
    gone_to(desk, forward=True)
    assert desk.view.said.pop() == ("There is no row below with “ab000”.", "warn")
    assert desk.table.above == 3
    assert not desk.table.more


@pytest.mark.parametrize("pages", [1, 3])
def test_it_gives_up_after_as_many_rows_as_a_filter_searches(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, pages: int
) -> None:
    """Rows that were loaded before are none of them."""
    monkeypatch.setattr(matches, "MOST_SEARCHED", 9)
    desk.come(SHELF, *range(11, 60))
    sought(desk, "ab059")
    desk.scrolled(pages - 1)
    known = 3 * pages
    gone_to(desk, forward=True)
    assert desk.view.said.pop() == ("No further row with “ab059” among 9 rows.", "warn")
    assert desk.shown()[-1] == known + 9 - 1
    # It can be gone on with from there.
    desk.table.move_to(len(desk.table.rows) - 1)
    gone_to(desk, forward=True)
    assert desk.shown()[-1] == known + 18 - 1


def test_a_match_among_the_last_of_so_many_rows_is_found(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matches, "MOST_SEARCHED", 9)
    desk.come(SHELF, *range(11, 60))
    sought(desk, "b011")
    assert gone_to(desk, forward=True) == 11
    assert desk.view.said == []
    assert desk.table.current is not None
    assert desk.table.current.key == key(11)
