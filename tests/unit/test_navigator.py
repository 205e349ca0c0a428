"""The path to the current location, the pending one, and the ways back."""

from __future__ import annotations

from tui.locations.location import Location
from tui.locations.page_window import PageWindow
from tui.ui.browser.navigator import MOST_BACK, MOST_SAVED, Navigator, SavedPosition


def position(number: int) -> SavedPosition:
    return SavedPosition(str(number), number, PageWindow())


def place(number: int) -> Location:
    return Location("folder", f"Folder {number}", str(number))


def test_where_the_navigator_is() -> None:
    going = Navigator()
    assert (going.location, going.pending_location, going.way, going.is_leaving) == (None, None, [], False)
    assert (going.can_go_up, going.up()) == (False, None)
    going.begin([place(1)], back=False)
    assert (going.location, going.pending_location, going.way) == (None, place(1), [place(1)])
    assert (going.is_leaving, going.can_go_up) == (False, False)
    going.stay()
    going.arrive([place(1)], None, back=False)
    assert (going.location, going.way, going.can_go_up) == (place(1), [place(1)], False)
    going.begin([place(2)], back=True)
    assert going.pending is not None
    assert (going.pending.back, going.is_leaving, going.can_go_up) == (True, True, True)
    assert going.up() == [place(1)]


def test_nothing_is_left_of_another_user() -> None:
    going = Navigator()
    going.arrive([place(1)], None, back=False)
    going.arrive([place(2)], position(1), back=False)
    going.begin([place(3)], back=False)
    going.forget()
    assert (going.location, going.pending, going.way, going.saved(place(1))) == (None, None, [], None)
    assert (going.can_go_up, going.up()) == (False, None)


def test_a_location_below_another_has_one_to_go_up_to() -> None:
    going = Navigator()
    going.arrive([place(1), place(2)], None, back=False)
    assert going.can_go_up
    assert going.up() == [place(1)]


def test_up_leads_to_the_parent_or_to_where_you_came_from() -> None:
    going = Navigator()
    going.arrive([place(1)], None, back=False)
    going.arrive([place(1), place(2)], None, back=False)
    going.arrive([place(1), place(2), place(3)], None, back=False)
    assert going.back_stack == [[place(1)], [place(1), place(2)]]
    # The parent is also where the user came from: it is not a way back any more.
    assert going.up() == [place(1), place(2)]
    assert going.back_stack == [[place(1)]]
    going.arrive([place(4), place(5)], None, back=True)
    assert going.up() == [place(4)]
    assert going.back_stack == [[place(1)]]
    going.arrive([place(4)], None, back=True)
    assert (going.can_go_up, going.up(), going.can_go_up) == (True, [place(1)], False)


def test_positions_and_ways_back_are_kept_for_so_many_and_no_more() -> None:
    going = Navigator()
    count = max(MOST_SAVED, MOST_BACK) + 10
    for number in range(count):
        going.arrive([place(number)], position(number - 1), back=False)
    left = count - 1
    kept = [number for number in range(left) if going.saved(place(number)) is not None]
    assert kept == list(range(left - MOST_SAVED, left))
    assert going.back_stack == [[place(number)] for number in range(left - MOST_BACK, left)]
    # Leaving a location again makes it one of the latest.
    oldest = place(kept[0])
    going.arrive([oldest], None, back=False)
    going.arrive([place(count)], position(7), back=False)
    going.arrive([place(count + 1)], position(8), back=False)
    saved = going.saved(oldest)
    assert saved is not None
    assert saved.key == "7"
    assert going.saved(place(kept[1])) is None


def test_what_can_be_gone_back_to_is_plenty() -> None:
    """A working day of wandering about; each of them is hardly more than a path."""
    assert MOST_BACK >= 50
    assert MOST_SAVED >= MOST_BACK


def test_staying_at_a_location_leaves_nothing() -> None:
    going = Navigator()
    going.arrive([place(1)], None, back=False)
    going.arrive([place(2), place(1)], position(1), back=False)
    assert (going.saved(place(1)), going.back_stack, going.path) == (None, [], [place(2), place(1)])
    going.arrive([place(3)], None, back=True)
    assert going.back_stack == []


def test_a_path_of_which_only_the_end_is_known_is_completed() -> None:
    going = Navigator()
    assert not going.complete(lambda location: [place(9), location])
    going.arrive([place(1)], None, back=False)
    assert going.complete(lambda location: [place(9), location])
    assert going.path == [place(9), place(1)]
    assert not going.complete(lambda location: [])
