"""Events from the server about documents of the list; step by step."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.support.app.browsing import Desk
from tests.support.app.fake_lists import LOCATIONS, Heap, Item, key
from tui.locations.location import Location
from tui.locations.rows import Row
from tui.rules.errors import Failed, NotSignedIn
from tui.ui.browser import more_rows
from tui.ui.browser.list_state import ListState
from tui.ui.browser.live_events import MOST_ROWS, document_changed, look_at

SHELF, SMALL_SHELF, HEAP, *_ = LOCATIONS


def arrived(desk: Desk, event: str, number: int, location: Location = SHELF) -> bool:
    return document_changed(desk.browser, event, key(number, location), location.id)


def test_only_what_concerns_the_folder_is_looked_at(desk: Desk) -> None:
    assert arrived(desk, "viewed", 0), "a loaded row"
    assert not arrived(desk, "viewed", 9), "not loaded"
    assert arrived(desk, "sent", 9), "it may belong between the loaded rows"
    assert arrived(desk, "restored", 9)
    assert arrived(desk, "published", 9)
    assert not arrived(desk, "sent", 9, SMALL_SHELF)
    desk.table.select_only([Row(key(9), ("x",), data=None)])
    assert arrived(desk, "viewed", 9), "a selected one"
    desk.opened(HEAP)
    assert not arrived(desk, "sent", 0, HEAP), "a list of another server"


def test_before_there_is_a_location_no_event_counts() -> None:
    desk = Desk()
    try:
        assert not arrived(desk, "sent", 0)
    finally:
        desk.close()


def test_an_event_during_a_request_makes_the_list_stale(desk: Desk) -> None:
    desk.browser.want_more(above=False)
    arrived(desk, "viewed", 9, SMALL_SHELF)
    assert not desk.stale(), "of another folder"
    arrived(desk, "viewed", 9)
    assert desk.stale()
    desk.run_out()
    assert not desk.stale()
    arrived(desk, "viewed", 0)
    assert not desk.stale(), "nothing is under way"
    desk.browser.want_more(above=False)
    document_changed(desk.browser, "purged", key(0), None)
    assert desk.stale(), "an event that doesn't say of which folder"


def test_a_document_that_goes_while_another_location_loads_is_deselected_by_who_stays(desk: Desk) -> None:
    """Also if its row isn't loaded any more."""
    desk.table.select_only([Row(key(9), ("x",), data=None)])
    desk.browser.open([SMALL_SHELF])
    desk.gone(SHELF, 9)
    arrived(desk, "deleted", 9)
    path = desk.browser.navigator.up()
    assert path is not None
    assert desk.browser.go_back(path)
    desk.run_out()
    assert desk.selected() == []


def test_an_event_while_a_location_of_share_is_loaded_refreshes_it(desk: Desk) -> None:
    desk.browser.open([SMALL_SHELF])
    assert not arrived(desk, "sent", 1, SMALL_SHELF)
    assert desk.stale()
    desk.run_out()
    desk.browser.open([HEAP])
    assert not arrived(desk, "sent", 1, SMALL_SHELF)
    assert not desk.stale(), "a location of Work"


def test_an_event_of_share_leaves_the_rows_of_another_server_as_they_are(desk: Desk) -> None:
    desk.opened(HEAP)
    desk.browser.open([SHELF])
    arrived(desk, "deleted", 0)
    assert desk.browser.list.unverified == set()
    assert desk.stale(), "only what is being loaded"


def test_events_while_all_are_selected_are_checked_afterwards(desk: Desk) -> None:
    arrived(desk, "deleted", 9)
    assert desk.browser.list.unverified == set()
    before = desk.table.toggle_all()
    assert before is not None
    desk.browser.select_rest(before, desk.table.selected, desk.table.emptied)
    desk.answered()
    desk.gone(SHELF, 9)
    arrived(desk, "deleted", 9)
    assert desk.browser.list.unverified == {key(9)}
    desk.run_out()
    assert key(9) not in desk.table.selected


def test_a_few_changed_rows_are_looked_at_one_by_one(desk: Desk) -> None:
    commands = desk.view.commands
    desk.scrolled(1)
    desk.gone(SHELF, 1, 3)
    desk.world.of("anna", "shelf1")[key(0)].name = "ab renamed"
    look_at(desk.browser, {key(number) for number in range(4)})
    assert desk.asked() == ["look"]
    desk.run_out()
    assert [row.cells[0] for row in desk.table.rows] == ["ab renamed", "b002", "a004", "b005"]
    assert desk.view.commands == commands + 1


def test_rows_that_have_moved_to_another_folder_go(desk: Desk) -> None:
    for number in (0, 2):
        desk.world.of("anna", "shelf1")[key(number)].folder = SimpleNamespace(id="shelf2")
    look_at(desk.browser, {key(0), key(2)})
    desk.run_out()
    assert desk.shown() == [1]


@pytest.mark.parametrize("count", [MOST_ROWS, MOST_ROWS + 1])
def test_many_changed_rows_are_refreshed_at_once(
    desk: Desk, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(more_rows, "MOST", MOST_ROWS + 1)
    desk.scrolled(2)
    changed = {row.key for row in desk.table.rows[:count]}
    assert len(changed) == count
    look_at(desk.browser, changed)
    assert desk.asked() == (["look"] if count == MOST_ROWS else ["refresh"])
    assert desk.browser.list.unverified == (set() if count == MOST_ROWS else changed)


def test_one_by_one_is_for_fewer_rows_than_a_page() -> None:
    """A refresh is a single request."""
    assert 1 < MOST_ROWS < 50


def test_a_row_that_is_not_loaded_refreshes_the_list(desk: Desk) -> None:
    desk.come(SHELF, 1)
    look_at(desk.browser, {key(9)})
    assert desk.asked() == ["refresh"]
    desk.run_out()
    desk.opened(HEAP)
    look_at(desk.browser, {key(0, HEAP)})
    assert (desk.asked(), desk.browser.list.unverified) == ([], set())


def test_a_look_that_fails_refreshes_the_list(desk: Desk) -> None:
    look_at(desk.browser, {key(0)})
    desk.answered()[0].answer = Failed("server.error", "The server failed.")
    desk.go_on(desk.view.under_way[0])
    assert desk.asked() == ["refresh"]


def test_a_look_that_needs_a_sign_in_says_so(desk: Desk) -> None:
    look_at(desk.browser, {key(0)})
    assert [type(problem) for problem in desk.fails(NotSignedIn("token.invalid", "Sign in."))] == [
        NotSignedIn
    ]


def test_the_latest_look_counts(desk: Desk) -> None:
    """Two looks at a document may be answered in either order."""
    item = desk.world.of("anna", "shelf1")[key(0)]
    look_at(desk.browser, {key(0)})
    (first,) = desk.answered()
    stale = Item("anna", "shelf1", 0)
    stale.name = "stale"
    first.answer = stale
    item.name = "fresh"
    look_at(desk.browser, {key(0)})
    desk.answered()
    desk.go_on(desk.view.under_way[1])
    desk.go_on(first)
    assert desk.table.rows[0].cells[0] == "fresh"
    assert desk.view.under_way == []


def test_looks_at_different_rows_all_count(desk: Desk) -> None:
    for number in (0, 1, 2):
        desk.world.of("anna", "shelf1")[key(number)].name = f"b renamed {number}"
        look_at(desk.browser, {key(number)})
        desk.answered()
    desk.run_out()
    assert [row.cells[0] for row in desk.table.rows] == [f"b renamed {number}" for number in (0, 1, 2)]


def test_the_numbers_of_looks() -> None:
    state = ListState()
    first = state.begin_look("a")
    assert state.is_latest_look("a", first)
    second = state.begin_look("a")
    other = state.begin_look("b")
    assert len({first, second, other}) == 3
    assert not state.is_latest_look("a", first)
    assert state.is_latest_look("a", second)
    state.forget_looks()
    assert not state.is_latest_look("b", other)


def test_a_look_that_comes_after_a_refresh_is_checked_again(desk: Desk) -> None:
    """Unless another location is shown by then."""
    look_at(desk.browser, {key(0)})
    (look,) = desk.answered()
    desk.browser.refresh()
    desk.go_on(desk.view.under_way[1])
    desk.go_on(desk.view.under_way[1])
    desk.go_on(desk.view.under_way[1])
    desk.go_on(look)
    assert key(0) in desk.browser.list.unverified
    assert desk.asked() == ["refresh"]
    desk.run_out()
    look_at(desk.browser, {key(0)})
    (look,) = desk.answered()
    desk.opened(SMALL_SHELF)
    assert desk.browser.list.unverified == set()
    assert not desk.stale()


def test_rows_that_go_during_a_request_make_the_list_stale(desk: Desk) -> None:
    desk.browser.drop_rows({key(0)})
    assert not desk.stale(), "nothing is under way"
    desk.browser.want_more(above=False)
    desk.browser.drop_rows({key(1)})
    assert desk.stale(), "the page under way may still have the row"


def test_the_list_shows_what_its_kind_says(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also while another location is loading that does."""
    monkeypatch.setattr(Heap, "shows", frozenset({"folders"}))
    assert not desk.browser.shows("folders")
    desk.browser.open([HEAP])
    assert desk.browser.shows("folders"), "it is loading"
    desk.run_out()
    assert desk.browser.shows("folders")
    assert not desk.browser.shows("favorites")
