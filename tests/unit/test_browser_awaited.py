"""What the list waits for, and what it remembers of a change until then; step by step."""

from __future__ import annotations

from tests.support.app.browsing import Desk
from tests.support.app.fake_lists import LOCATIONS, key
from tui.ui.browser.list_jobs import CHANGE_THE_CHOICE

SHELF, _, _, BOX = LOCATIONS


def current(desk: Desk) -> str:
    assert desk.table.current is not None
    return desk.table.current.key


def test_the_cursor_goes_to_the_row_that_a_change_has_made(desk: Desk) -> None:
    desk.browser.reload(key(2))
    desk.run_out()
    assert current(desk) == key(2)


def test_a_later_change_without_a_row_does_not_forget_it(desk: Desk) -> None:
    """Both are told in one refresh."""
    desk.browser.want_more(above=False)
    desk.browser.reload(key(2))
    desk.browser.reload()
    assert desk.browser.list.wanted_row == key(2)
    desk.run_out()
    assert current(desk) == key(2)


def test_of_two_rows_the_later_one_is_gone_to(desk: Desk) -> None:
    desk.browser.want_more(above=False)
    desk.browser.reload(key(2))
    desk.browser.reload(key(1))
    desk.run_out()
    assert current(desk) == key(1)


def test_a_row_that_is_replaced_while_rows_are_loaded_is_loaded_again(desk: Desk) -> None:
    """What is under way may have been read before it changed."""
    row = desk.table.rows[1]
    desk.browser.replace_row(row)
    assert not desk.stale(), "nothing was under way"
    desk.browser.want_more(above=False)
    desk.browser.replace_row(row)
    assert desk.stale()
    heard = len(desk.view.heard)
    desk.run_out()
    assert not desk.stale()
    assert len(desk.view.heard) == heard + 1


def test_rows_of_a_preview_do_not_keep_the_cursor(desk: Desk) -> None:
    """They are another list's, though some of its rows may have the same keys."""
    desk.table.move_to(2)
    rows = list(desk.table.rows)
    desk.browser.show_preview([BOX], rows)
    assert desk.table.cursor == 0


def test_while_a_place_is_sought_the_list_is_being_left(desk: Desk) -> None:
    came = list(desk.view.came)
    with desk.browser.seeking() as found:
        assert (desk.browser.is_leaving, desk.browser.awaits_row) == (True, True)
        assert desk.browser.awaited is not None
        assert found()
        assert not desk.browser.is_leaving
    assert desk.view.came == came, "where it leads says so itself"


def test_a_place_that_was_not_found_ends_the_wait(desk: Desk) -> None:
    """What was typed ahead is told that its row doesn't come."""
    came = list(desk.view.came)
    with desk.browser.seeking():
        pass
    assert desk.view.came == [*came, False]
    assert desk.browser.awaited is None


def test_a_place_that_is_no_longer_wanted_ends_nothing(desk: Desk) -> None:
    with desk.browser.seeking() as found:
        desk.browser.stop_seeking()
        came = list(desk.view.came)
        assert not found()
    assert desk.view.came == came


def test_while_a_location_loads_the_list_is_being_left(desk: Desk) -> None:
    desk.browser.open([BOX])
    assert desk.browser.is_leaving is True
    desk.run_out()
    assert not desk.browser.is_leaving


def test_commands_wait_for_what_changes_the_rows_that_they_act_on(desk: Desk) -> None:
    assert CHANGE_THE_CHOICE == ("sort", "jump", "match", "select", "put in order")
    desk.browser.sort("name")
    assert desk.asked() == ["sort"]
    assert desk.browser.awaited is not None
    assert desk.browser.awaits_row is True
    desk.run_out()
    assert desk.browser.awaited is None
    desk.browser.want_more(above=False)
    assert desk.browser.awaited is None, "more rows leave those that are there alone"
