"""More rows of the list, and its ends; step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.support.app.browsing import Desk
from tests.support.app.fake_lists import LOCATIONS, Shelf
from tui.locations.rows import Row

SHELF, _, HEAP, _ = LOCATIONS


def test_pages_are_loaded_one_after_the_other(desk: Desk) -> None:
    where = desk.view.where
    desk.browser.want_more(above=False)
    desk.answered()
    desk.browser.want_more(above=False)
    desk.go_on(desk.view.under_way[1])
    assert desk.asked() == ["more"], "a page under way is waited for"
    desk.run_out()
    assert desk.shown() == [0, 1, 2, 3, 4, 5]
    assert desk.view.where == where + 1
    desk.scrolled(3)
    assert (desk.shown(), desk.table.above, desk.table.more) == ([3, 4, 5, 6, 7, 8, 9, 10], 3, False)
    desk.scrolled(1)
    assert desk.asked() == []
    desk.browser.want_more(above=True)
    desk.run_out()
    assert (desk.shown()[0], desk.table.above) == (0, 0)
    desk.browser.go_to_end(last=False)
    desk.run_out()
    desk.browser.want_more(above=True)
    desk.run_out()
    assert (desk.shown(), desk.table.above) == ([0, 1, 2], 0)


def test_the_table_is_told_by_how_much_the_rows_have_moved(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that have come above all others move them down."""
    desk.scrolled(3)
    moved: list[int] = []
    slide = desk.table.slide

    def watched(rows: Sequence[Row], **told: Any) -> None:
        moved.append(told["moved"])
        slide(rows, **told)

    monkeypatch.setattr(desk.table, "slide", watched)
    desk.come(SHELF, -1, -2)
    desk.browser.want_more(above=True)
    desk.run_out()
    assert desk.shown()[:2] == [1, 2]
    assert moved == [2]
    desk.scrolled(1)
    assert moved == [2, 0]


def test_the_last_rows_are_shown_without_those_in_between(desk: Desk) -> None:
    desk.browser.go_to_end(last=True)
    desk.run_out()
    assert (desk.shown(), desk.table.cursor) == ([8, 9, 10], 2)
    assert desk.browser.list.window.from_end
    desk.browser.go_to_end(last=False)
    desk.run_out()
    assert (desk.shown(), desk.table.cursor) == ([0, 1, 2], 0)


def test_what_little_is_missing_is_loaded_to_get_to_the_end(desk: Desk) -> None:
    desk.browser.list.window.total = 6
    desk.gone(SHELF, *range(6, 11))
    desk.browser.go_to_end(last=True)
    desk.run_out()
    assert (desk.shown(), desk.table.cursor) == ([0, 1, 2, 3, 4, 5], 5)
    assert not desk.browser.list.window.from_end


def test_a_server_that_has_no_reverse_order_shows_the_last_loaded(desk: Desk) -> None:
    desk.opened(HEAP)
    desk.browser.go_to_end(last=True)
    desk.run_out()
    assert (desk.shown(), desk.table.cursor) == ([0, 1, 2], 2)


def test_a_server_that_ignores_the_reverse_order_shows_the_last_loaded(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        Shelf,
        "pages_from_end",
        lambda kind, servers, place, name, total, order="": kind.pages(servers, place, name),
    )
    desk.browser.go_to_end(last=True)
    desk.run_out()
    assert (desk.shown(), desk.table.cursor) == ([0, 1, 2], 2)
    assert not desk.browser.list.window.from_end


def test_the_end_of_what_was_found(desk: Desk) -> None:
    desk.browser.type("a")
    desk.run_out()
    desk.browser.go_to_end(last=True)
    desk.run_out()
    search = desk.browser.list.search_window
    assert search is not None
    assert (desk.shown(), search.from_end) == ([7, 9, 10], True)
    assert not desk.browser.list.window.from_end
    desk.browser.go_to_end(last=False)
    desk.run_out()
    assert desk.shown() == [0, 1, 3]


def test_the_ends_know_how_many_there_are(desk: Desk) -> None:
    desk.browser.list.window.total = 11
    desk.browser.go_to_end(last=True)
    desk.run_out()
    assert desk.browser.list.window.total == 11
    assert desk.amount == "3 of 11"
    desk.browser.go_to_end(last=False)
    desk.run_out()
    assert desk.browser.list.window.total == 11


def test_the_end_of_a_list_whose_last_page_shows_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = Shelf.rows
    monkeypatch.setattr(
        Shelf, "rows", lambda kind, items, now: rows(kind, [i for i in items if i.number < 7], now)
    )
    desk.browser.go_to_end(last=True)
    desk.run_out()
    assert desk.shown() == [5, 6]
    monkeypatch.setattr(
        Shelf, "rows", lambda kind, items, now: rows(kind, [i for i in items if i.number > 4], now)
    )
    desk.browser.go_to_end(last=False)
    desk.run_out()
    assert desk.shown() == [5]
