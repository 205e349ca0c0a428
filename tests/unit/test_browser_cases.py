"""What the random events of the browser have found, each once and in order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.app.browsing import UnderWay
from tests.support.app.fake_lists import LOCATIONS, PAGE
from tests.unit.test_browser_machine import BrowserMachine

SHELF, OTHER, HEAP, _ = LOCATIONS


@pytest.fixture
def machine() -> Iterator[BrowserMachine]:
    """A user looking at a shelf with more documents than are loaded at first."""
    found = BrowserMachine()
    found.begin(SHELF)
    yield found
    found.teardown()


def answered(machine: BrowserMachine) -> list[UnderWay]:
    """The server answers everything under way; the answers have not arrived yet."""
    for each in list(machine.view.under_way):
        while each in machine.view.under_way and not each.is_answered:
            machine.go_on(each)
    return list(machine.view.under_way)


def shown(machine: BrowserMachine) -> list[int]:
    return [row.data.number for row in machine.table.rows]


def test_what_is_gone_is_selected_no_longer(machine: BrowserMachine) -> None:
    """Even if there was no event, and the list has more rows than are loaded."""
    machine.select(0)
    machine.a_document_goes("shelf1", 0)
    machine.the_connection_is_lost()
    machine.run_out()
    assert not machine.table.selected


def test_leaving_that_was_called_off_leaves_no_way_back(machine: BrowserMachine) -> None:
    """Up twice from two levels that never came, and the shelf is shown as before; once more doesn't lead to itself."""
    machine.select(0)
    selected = set(machine.table.selected)
    for how, location in (("open", HEAP), ("below", OTHER), ("up", HEAP), ("up", HEAP)):
        machine.leave(how, location)
    machine.run_out()
    assert machine.browser.location == SHELF
    assert not machine.browser.navigator.can_go_up
    machine.leave("up", HEAP)
    machine.run_out()
    assert machine.table.selected == selected


def test_what_happens_while_a_location_is_loaded_is_seen(machine: BrowserMachine) -> None:
    machine.leave("open", OTHER)
    answered(machine)
    machine.a_document_goes("shelf2", 0)
    machine.the_server_tells(1)
    machine.run_out()
    assert shown(machine) == [1]


def test_an_order_that_comes_too_late_is_none(machine: BrowserMachine) -> None:
    machine.sort("-name")
    (sorting,) = answered(machine)
    machine.leave("open", HEAP)
    machine.run_out()
    assert machine.browser.location == HEAP
    assert sorting.job.over
    assert machine.browser.list.order_of(SHELF) == ""


def test_another_person_sees_nothing_of_what_was_asked_for_before(machine: BrowserMachine) -> None:
    machine.scroll(jumps=False, up=False)
    machine.type("a")
    answered(machine)
    machine.sign_in(elsewhere=False, location=SHELF)
    machine.run_out(latest_first=True)
    assert {row.data.person for row in machine.table.rows} == {"ben"}


def test_what_is_typed_while_a_page_is_under_way_holds_for_it(machine: BrowserMachine) -> None:
    machine.scroll(jumps=False, up=False)
    answered(machine)
    machine.browser.type("ab")
    machine.go_on(machine.view.under_way[0])
    assert shown(machine) == [0, 3]


def test_all_are_selected_by_the_letters_of_then(machine: BrowserMachine) -> None:
    machine.select_all()
    machine.type("a")
    machine.run_out()
    machine.no_selection_is_lost()
    assert len(machine.table.selected) == PAGE


def test_what_is_taken_out_while_all_are_being_selected_stays_out(machine: BrowserMachine) -> None:
    machine.select_all()
    machine.select(0)
    machine.run_out()
    assert len(machine.table.selected) == 10
    machine.nothing_is_selected_that_was_not_meant()


def test_what_a_search_found_before_its_event_has_a_place_after_it(machine: BrowserMachine) -> None:
    """A document that has just come is found; its event arrives later, and the search is ended."""
    machine.scroll(jumps=True, up=False)
    machine.run_out()
    machine.a_document_comes(SHELF.id, 12)
    machine.type("ab")
    machine.run_out()
    machine.scroll(jumps=True, up=False)
    machine.run_out()
    assert 12 in shown(machine)
    machine.the_server_tells(1)
    machine.run_out()
    machine.type("")
    machine.run_out()
    machine.shows_what_there_is()
    assert 12 in shown(machine)


def test_what_was_selected_before_its_event_has_a_place_after_it(machine: BrowserMachine) -> None:
    """All are selected, and so is one that came at the end, of which the list has not heard."""
    machine.scroll(jumps=True, up=False)
    machine.run_out()
    machine.a_document_comes(SHELF.id, 12)
    machine.select_all()
    machine.run_out()
    assert any(key.endswith("/12") for key in machine.table.selected)
    machine.the_server_tells(1)
    machine.run_out()
    machine.shows_what_there_is()
    assert 12 in shown(machine)
