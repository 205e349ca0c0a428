"""What the window on a list knows of the rows that aren't loaded, and which pages it requests."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.app.numbered_list import PAGE, Source, asked_of, loaded, numbers, piece
from tests.support.app.performed import performed
from tui.locations import page_window
from tui.locations.kind import PAGE as PAGE_OF_THE_APP
from tui.locations.page_window import PageWindow
from tui.locations.rows import Row
from tui.locations.steps import Request
from tui.rules.errors import Failed

# ---------------------------------------------------------------- what is known of the rest


def test_before_anything_was_requested() -> None:
    view = Source({1, 2}).view()
    assert (view.unseen, view.was_requested, view.more, view.more_above) == (True, False, True, False)
    assert (view.whole, view.from_start, view.seen, view.total) == (False, True, 0, None)
    from_end = Source({1, 2}, reverse=True).view()
    assert (from_end.more, from_end.more_above, from_end.whole) == (False, True, False)
    nowhere = PageWindow()
    assert (nowhere.unseen, nowhere.was_requested, nowhere.more, nowhere.whole) == (False, False, False, True)


def test_rows_that_were_put_are_all_there_is() -> None:
    view = PageWindow()
    view.put([Row("a", ()), Row("b", ())])
    assert (view.whole, view.seen, view.was_requested) == (True, 2, False)


def test_a_single_row_beyond_the_loaded_ones_is_one_more() -> None:
    view = loaded(Source(set(range(3 * PAGE + 1))).view(), 4)
    assert (view.above, view.more_above, view.more) == (PAGE, True, False)
    loaded(view, 1, up=True)
    assert (view.above, view.below, view.more, view.more_above) == (0, 1, True, False)
    from_end = loaded(Source(set(range(3 * PAGE + 1)), reverse=True).view(), 4, up=True)
    loaded(from_end, 1)
    assert (from_end.above, from_end.below, from_end.more, from_end.more_above) == (1, 0, False, True)


def test_pages_further_down_are_known_until_they_are_loaded() -> None:
    view = loaded(Source(set(range(6 * PAGE))).view(), 6)
    loaded(view, 3, up=True)
    assert (view.above, view.below) == (0, 3 * PAGE)
    loaded(view, 1)
    assert (view.seen, view.below) == (6 * PAGE, 2 * PAGE)


@pytest.mark.parametrize(("total", "nearly"), [(2 * PAGE, True), (2 * PAGE + 1, False), (None, False)])
def test_whether_hardly_anything_is_missing(
    monkeypatch: pytest.MonkeyPatch, total: int | None, nearly: bool
) -> None:
    """If no more than a page hasn't been seen, it is loaded to get to the end of the list."""
    monkeypatch.setattr(page_window, "PAGE", PAGE)
    for reverse in (False, True):
        view = Source(set(range(20)), reverse=reverse).view()
        loaded(view, 1, up=reverse)
        view.total = total
        assert view.nearly_whole == (nearly and not reverse)


def test_which_pages_are_loaded() -> None:
    """It differs for any two states, or an answer for one of them would be taken for the other."""
    view = Source(set(range(30))).view()
    states = [view.window]
    for up in (False, False, False, False, True):
        loaded(view, 1, up=up)
        states.append(view.window)
    assert [state for state in states if states.count(state) > 1] == []
    assert view.without_rows().window not in states


@pytest.mark.parametrize(("count", "pages"), [(7, 1), (7, 2), (2, 1)])
@pytest.mark.parametrize("reverse", [True, False])
def test_a_server_that_does_not_know_the_reverse_order(reverse: bool, count: int, pages: int) -> None:
    """It returns the first rows again, and those are not the last ones."""
    ordered = loaded(Source(set(range(count))).view(), pages)
    source = Source(set(range(count)), reverse=reverse)
    from_end = PageWindow(source.page, lambda items: [Row(f"{n:05}", ()) for n in items], from_end=True)
    asyncio.run(performed(from_end.up()))
    assert from_end.reverses(ordered) is reverse


def test_rows_from_the_end_tell_something_new_if_none_from_the_beginning_are_known() -> None:
    from_end = Source(set(range(7)), reverse=True).view()
    asyncio.run(performed(from_end.up()))
    assert from_end.reverses(PageWindow())
    assert from_end.reverses(from_end)


# ---------------------------------------------------------------- how much is requested


@pytest.mark.parametrize("reverse", [False, True])
def test_where_there_is_nothing_more_nothing_moves(reverse: bool) -> None:
    view = loaded(Source(set(), reverse=reverse).view(), 1, up=reverse)
    asked = asked_of(view)
    assert asyncio.run(performed(view.up())) == 0
    loaded(view, 1)
    assert asked == []
    assert asyncio.run(performed(PageWindow().up())) == 0


async def answer(request: Request) -> Any:
    return await request()


@pytest.mark.parametrize("up", [False, True])
@pytest.mark.parametrize("reverse", [False, True])
def test_a_page_is_loading_until_it_has_come_or_is_cancelled(reverse: bool, up: bool) -> None:
    view = loaded(Source(set(range(30)), reverse=reverse).view(), 7, up=reverse)
    loaded(view, 2, up=not reverse)
    for answered in (True, False):
        steps = view.up() if up else view.down()
        request = next(steps)
        assert view.loading
        if answered:
            with pytest.raises(StopIteration):
                steps.send(asyncio.run(answer(request)))
        else:
            steps.close()
        assert not view.loading


@pytest.mark.parametrize("reverse", [False, True])
def test_a_page_that_reaches_the_loaded_rows_is_enough(reverse: bool) -> None:
    """A row was deleted from it, and now it ends with the nearest of the loaded ones."""
    source = Source(set(range(100, 130)), reverse=reverse)
    view = loaded(source.view(), 5, up=reverse)
    before = numbers(view)
    source.numbers.discard(before[-1] + 1 if reverse else before[0] - 1)
    asked = asked_of(view)
    loaded(view, 1, up=not reverse)
    assert len(asked) == 1
    shown = numbers(view)
    assert shown == piece(source, shown[0], shown[-1])
    assert (shown[-1] > before[-1]) if reverse else (shown[0] < before[0])


def test_the_page_below_new_rows_begins_behind_them() -> None:
    """When it is the first of the loaded ones later, and loaded again, no row is shown twice."""
    source = Source({number * 10 for number in range(30)})
    view = loaded(source.view(), 4)
    new = numbers(view)[0] - 5
    source.numbers.add(new)
    loaded(view, 1, up=True)
    assert new in numbers(view)
    while numbers(view)[0] <= new + 15:
        loaded(view, 1)
    view = asyncio.run(performed(view.reload()))
    first = numbers(view)[0]
    assert view.above == sum(number < first for number in source.numbers)


def test_as_many_pages_are_loaded_again_as_there_were() -> None:
    """Also if the last rows have moved up to the pages before."""
    source = Source(set(range(20)))
    view = source.view()
    view.most = 100
    loaded(view, 3)
    source.numbers -= {0, 1, 2}
    view = asyncio.run(performed(view.reload()))
    assert numbers(view) == list(range(3, 3 + 3 * PAGE))


def test_after_a_reload_nothing_is_known_of_what_is_below() -> None:
    """It may have changed as well."""
    view = loaded(Source(set(range(3 * PAGE + 1))).view(), 4)
    loaded(view, 1, up=True)
    assert view.below == 1
    view = asyncio.run(performed(view.reload()))
    assert (view.above, view.below, view.more) == (0, 0, True)


@pytest.mark.parametrize("most", [2 * PAGE, 2 * PAGE + 1])
def test_a_reload_requests_no_page_more_than_is_kept(most: int) -> None:
    """Even if none of the rows that were shown is reached by then."""
    source = Source({100, 101})
    view = loaded(source.view(), 1)
    view.most = most
    source.numbers |= set(range(50))
    asked = asked_of(view)
    view = asyncio.run(performed(view.reload()))
    assert numbers(view) == list(range(-(-most // PAGE) * PAGE))
    assert len(asked) == -(-most // PAGE)


def test_no_page_is_unloaded_if_too_few_rows_would_be_left() -> None:
    """However many rows the next page has."""
    source = Source(set(range(11)))
    view = source.view()
    view.most = 100
    loaded(view, 3)
    view.drop({"00004", "00005"})
    view.most = 7
    loaded(view, 1)
    assert numbers(view) == [0, 1, 2, 3, 6, 7, 8, 9, 10]


def test_a_page_with_few_rows_is_unloaded_if_enough_are_left() -> None:
    """However many rows the page at the other end has."""
    source = Source(set(range(20)))
    view = source.view()
    view.most = 2 * PAGE
    loaded(view, 5)
    assert numbers(view) == list(range(9, 15))
    view.drop({"00013", "00014"})
    view.most = 5
    loaded(view, 1, up=True)
    assert (numbers(view), view.below) == (list(range(6, 12)), 1)


def test_what_is_kept_is_enough_for_the_tallest_terminal() -> None:
    """The lines of a screen, and a page to scroll on either side."""
    assert 2 * PAGE_OF_THE_APP <= page_window.MOST <= 5 * PAGE_OF_THE_APP
    assert page_window.FURTHEST * PAGE_OF_THE_APP >= 2 * page_window.MOST


@pytest.mark.parametrize("up", [False, True])
def test_it_is_loading_until_the_answer_or_a_failure(up: bool) -> None:
    view = loaded(Source(set(range(9 * PAGE))).view(), 5)
    found = [view.loading]
    steps = view.up() if up else view.down()
    next(steps)
    found.append(view.loading)
    with pytest.raises(Failed):
        steps.throw(Failed("server.error", "The server has failed."))
    found.append(view.loading)
    loaded(view, 1, up=up)
    assert [*found, view.loading] == [False, True, False, False]


def test_what_is_done_without_its_rows_makes_none_up() -> None:
    """As while it is loaded again: rows are removed by then, or another version is chosen."""
    bare = loaded(Source(set(range(3 * PAGE))).view(), 2).without_rows()
    bare.drop({"00000"})
    bare.replace(Row("00001", ()))
    assert (bare.above, bare.below, bare.rows) == (0, 0, [])
