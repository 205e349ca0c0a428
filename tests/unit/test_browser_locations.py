"""Opening locations in the list, the way back, and another user; step by step."""

from __future__ import annotations

import pytest

from tests.support.app.browsing import Desk
from tests.support.app.fake_lists import AWAY, LOCATIONS, Box, Item, Shelf, key
from tui.locations.kind import LocationKind
from tui.locations.location import Location
from tui.locations.rows import Row
from tui.rules.errors import NotFound
from tui.ui.browser.windows import window_of

SHELF, SMALL_SHELF, HEAP, BOX = LOCATIONS


# ---------------------------------------------------------------- opening locations


def test_a_location_is_shown_when_its_rows_are_there(desk: Desk) -> None:
    where, commands = desk.view.where, desk.view.commands
    desk.browser.open([SHELF, HEAP])
    assert desk.browser.location == SHELF
    assert desk.browser.navigator.pending_location == HEAP
    assert desk.shown() == [0, 1, 2]
    (loading,) = desk.view.under_way
    desk.go_on(loading)
    assert desk.view.where == where + 1, "the pending location is shown at once"
    desk.run_out()
    assert desk.browser.location == HEAP
    assert desk.browser.navigator.path == [SHELF, HEAP]
    assert desk.browser.navigator.pending is None
    assert desk.view.heard == ["shelf1", "heap"]
    assert desk.view.commands == commands + 1
    assert desk.table.columns == Shelf.columns
    assert (desk.table.cursor, desk.table.empty) == (0, "This folder is empty.")


def test_pages_without_a_row_are_passed_over(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page may hold nothing that a list shows."""
    rows = Shelf.rows
    monkeypatch.setattr(
        Shelf, "rows", lambda kind, items, now: rows(kind, [i for i in items if i.number > 4], now)
    )
    desk.opened(SMALL_SHELF)
    assert desk.shown() == []
    desk.opened(SHELF)
    assert desk.shown() == [5]


def test_a_location_that_cannot_be_loaded_is_shown_empty(desk: Desk) -> None:
    desk.browser.open([HEAP])
    assert desk.fails() == [AWAY]
    assert (desk.browser.location, desk.shown()) == (HEAP, [])
    assert desk.table.empty == "This could not be loaded; {main.reload} tries again."
    assert desk.amount == "", "it isn't known to be empty"
    assert "heap" not in desk.view.heard
    desk.browser.load_again()
    desk.run_out()
    assert desk.shown() == [0, 1, 2]


@pytest.mark.parametrize("shortcut", ["", "A!2"])
def test_a_location_that_no_longer_exists_says_so(desk: Desk, shortcut: str) -> None:
    gone_text = "It was deleted, or you no longer have access."
    desk.browser.open([Location(HEAP.kind, "Heap", "heap", shortcut)])
    desk.fails(NotFound("folder.gone", "It is gone."))
    more = "\n{places.remove_favorite} removes the shortcut to it." if shortcut else ""
    assert desk.table.empty == gone_text + more


def test_the_way_to_a_location(desk: Desk) -> None:
    """Its own if it has one, else the one in the tree, else the one below its root."""
    path = Location("local", "x", "/a/x")
    desk.view.tree[path.id] = [SHELF, path]
    assert [each.name for each in desk.browser.way_to(path)] == ["/", "a", "x"]
    desk.view.tree["heap"] = [BOX, HEAP]
    assert desk.browser.way_to(HEAP) == [BOX, HEAP]
    folder = Location("sent", "Sent", "f9")
    assert [each.name for each in desk.browser.way_to(folder)] == ["Share", "Sent"]


def test_a_filter_typed_meanwhile_applies_to_the_location(desk: Desk) -> None:
    desk.browser.open([HEAP])
    desk.browser.type("ab")
    desk.run_out()
    assert (desk.browser.location, desk.browser.list.needle) == (HEAP, "ab")
    assert [number for number in desk.shown() if number % 3] == []
    desk.opened(SMALL_SHELF)
    assert desk.browser.list.needle == ""
    desk.browser.open([SHELF])
    desk.browser.type("ab")
    desk.run_out()
    assert (desk.shown(), desk.browser.list.searches_here) == ([0, 3, 6], False), "its server has searched it"


# ---------------------------------------------------------------- the way back


def test_the_cursor_is_back_where_it_was(desk: Desk) -> None:
    desk.scrolled(3)
    assert (desk.shown(), desk.table.above) == ([3, 4, 5, 6, 7, 8, 9, 10], 3)
    desk.table.move_to(5)
    desk.opened(SHELF, SMALL_SHELF)
    moved: list[tuple[int, int | None]] = []
    desk.table.move_to = lambda index, top=None: moved.append((index, top))  # type: ignore[method-assign]
    path = desk.browser.navigator.up()
    assert path == [SHELF]
    assert not desk.browser.go_back(path)
    desk.opened(*path, back=True)
    # The same pages, with the row on the line that it was on.
    assert desk.shown() == [3, 4, 5, 6, 7, 8, 9, 10]
    assert moved == [(5, 3)]


def test_a_row_that_is_gone_meanwhile_leaves_the_cursor_at_the_top(desk: Desk) -> None:
    desk.table.move_to(2)
    desk.opened(SHELF, SMALL_SHELF)
    desk.gone(SHELF, 2)
    desk.opened(SHELF, back=True)
    assert (desk.shown(), desk.table.cursor) == ([0, 1, 3], 0)


@pytest.mark.parametrize("before", ["", "name"])
def test_another_order_chosen_meanwhile_begins_at_the_top(desk: Desk, before: str) -> None:
    if before:
        desk.browser.sort(before)
        desk.run_out()
    desk.scrolled(3)
    desk.opened(SHELF, SMALL_SHELF)
    desk.browser.sort("-name")
    desk.run_out()
    desk.opened(SHELF, back=True)
    assert desk.shown() == [10, 9, 8]


def test_only_going_back_restores_a_position(desk: Desk) -> None:
    desk.scrolled(3)
    desk.opened(SMALL_SHELF)
    desk.opened(SHELF)
    assert desk.shown() == [0, 1, 2]


def test_an_empty_location_has_no_position(desk: Desk) -> None:
    """It is loaded again."""
    desk.world.items["anna", "shelf2"].clear()
    desk.opened(SMALL_SHELF)
    desk.opened(SMALL_SHELF, HEAP)
    assert desk.browser.navigator.saved(SMALL_SHELF) is None
    desk.opened(SMALL_SHELF, back=True)
    assert desk.browser.location == SMALL_SHELF


def test_coming_from_below_the_cursor_is_on_the_row_of_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def location_of(kind: LocationKind, item: Item) -> Location | None:
        return Location(Box.name, "Box", f"box{item.number}") if item.number else None

    monkeypatch.setattr(Shelf, "location_of", location_of)
    desk.world.items["anna", "box1"] = desk.world.items["anna", "box"]
    desk.opened(Location(Box.name, "Another name", "box1", "A!2"))
    desk.opened(SMALL_SHELF, back=True)
    assert desk.table.cursor == 1
    desk.opened(BOX)
    desk.opened(HEAP, back=True)
    assert desk.table.cursor == 0


def test_a_location_is_opened_at_a_row(desk: Desk) -> None:
    """If it is among the first ones."""
    for number, cursor in ((2, 2), (0, 0), (7, 0)):
        desk.browser.open([HEAP], row=key(number, HEAP))
        desk.run_out()
        assert (desk.browser.location, desk.table.cursor) == (HEAP, cursor)
    desk.table.move_to(1)
    assert not desk.browser.move_to_row("elsewhere")
    assert desk.table.cursor == 1
    assert desk.browser.move_to_row(key(2, HEAP))
    assert desk.table.cursor == 2


def test_going_back_before_it_was_left_is_enough(desk: Desk) -> None:
    desk.browser.open([SHELF, HEAP])
    desk.gone(SHELF, 0)
    desk.answered()
    assert desk.browser.go_back([SHELF])
    assert desk.browser.navigator.pending is None
    assert desk.asked() == ["load", "refresh"]
    desk.run_out()
    assert (desk.browser.location, desk.shown()) == (SHELF, [1, 2, 3])
    # Nothing is being left: the path must be opened.
    assert not desk.browser.go_back([SHELF])


def test_going_back_from_a_location_still_being_loaded_remembers_it(desk: Desk) -> None:
    """As from a root of the tree to where the user came from: what is shown can be gone back to."""
    desk.opened(HEAP)
    stack = desk.browser.navigator.back_stack
    assert stack == [[SHELF]]
    desk.browser.open([BOX])
    assert not desk.browser.go_back([SHELF])
    assert desk.browser.navigator.back_stack == [[SHELF], [HEAP]]
    # But not while the user is on the way back already.
    desk.browser.open([SHELF], back=True)
    assert not desk.browser.go_back([BOX])
    assert desk.browser.navigator.back_stack == [[SHELF], [HEAP]]
    # And not if nothing is being left.
    desk.run_out()
    assert not desk.browser.go_back([BOX])
    assert desk.browser.navigator.back_stack == [[SHELF], [HEAP]]


# ---------------------------------------------------------------- another user


def test_another_user_sees_nothing_of_it(desk: Desk) -> None:
    desk.scrolled(1)
    desk.browser.type("a")
    desk.browser.want_more(above=False)
    late = desk.answered()
    desk.browser.forget()
    assert (desk.shown(), desk.table.empty, desk.browser.location) == ([], "", None)
    assert (desk.browser.list.needle, desk.browser.navigator.way, desk.amount) == ("", [], "")
    assert all(each.job.over for each in late)
    desk.run_out()
    assert desk.shown() == []


def test_an_answer_for_another_user_does_not_count(desk: Desk) -> None:
    """Even if everything else is as it was."""
    jobs = desk.browser.jobs
    desk.browser.refresh()
    (each,) = desk.view.under_way
    before = each.job.token
    assert jobs._token(each.job) == before
    desk.browser.forget()
    desk.opened(SHELF)
    assert jobs._token(each.job)[0] != before[0]


# ---------------------------------------------------------------- preview


def test_preview_rows_are_replaced_and_only_what_is_there_stays_selected() -> None:
    desk = Desk()
    try:
        rows = [Row(key(number), ("x",), data=Item("anna", "shelf1", number)) for number in (0, 1, 77)]
        desk.browser.show_preview([SHELF], rows)
        assert (desk.browser.location, desk.shown(), desk.browser.list.is_preview) == (
            SHELF,
            [0, 1, 77],
            True,
        )
        for row in rows[1:]:
            desk.table.toggle(row)
        desk.browser.refresh()
        desk.run_out()
        assert (desk.shown(), desk.table.selected) == ([0, 1, 2], {key(1)})
        assert not desk.browser.list.is_preview
    finally:
        desk.close()


def test_rows_from_the_server_are_no_preview(desk: Desk) -> None:
    """What is selected beyond the loaded rows stays selected."""
    desk.scrolled(3)
    desk.table.toggle(desk.table.rows[-1])
    desk.browser.show([SHELF], window_of(desk.browser, SHELF), "", keep=True)
    assert desk.table.selected == {key(10)}
