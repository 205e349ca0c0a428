"""The window on a list whose rows come and go while it is shown: no row between two loaded ones is left out."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tui.locations import page_window
from tui.locations.kind import PAGE as PAGE_OF_THE_APP
from tui.locations.kind import ItemPage
from tui.locations.page_window import PageWindow
from tui.locations.rows import Row
from tui.locations.steps import performed

PAGE = 3
MOST = 7


class Source:
    """Sorted numbers, served in pages: the cursor is the last number of the previous page, or a count."""

    def __init__(self, numbers: set[int], *, counted: bool = False, reverse: bool = False) -> None:
        self.numbers = set(numbers)
        self.counted = counted
        self.reverse = reverse

    @property
    def all(self) -> list[int]:
        return sorted(self.numbers, reverse=self.reverse)

    async def page(self, cursor: str | None) -> ItemPage:
        every = self.all
        if cursor is None:
            start = 0
        elif self.counted:
            start = int(cursor)
        else:
            start = bisect_right(every, -int(cursor) if self.reverse else int(cursor), key=self._place)
        items = every[start : start + PAGE]
        more = start + PAGE < len(every)
        following = (str(start + PAGE) if self.counted else str(items[-1])) if more else None
        found: list[Any] = list(items)
        return ItemPage(found, following, len(every))

    def _place(self, number: int) -> int:
        return -number if self.reverse else number

    def view(self) -> PageWindow:
        view = PageWindow(self.page, lambda items: [Row(f"{n:05}", ()) for n in items], from_end=self.reverse)
        view.most = MOST
        return view


def numbers(view: PageWindow) -> list[int]:
    return [int(row.key) for row in view.rows]


def piece(source: Source, first: int, last: int) -> list[int]:
    return [n for n in sorted(source.numbers) if first <= n <= last]


OPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sets(st.integers(0, 400), min_size=1, max_size=12)),
        st.tuples(st.just("take"), st.sets(st.integers(0, 400), min_size=1, max_size=200)),
        st.sampled_from([("down", set()), ("up", set()), ("again", set())]),
    ),
    max_size=25,
)


@pytest.mark.parametrize("reverse", [False, True])
@example(
    start={0, 2, 3, 4, 7, 9, 10, 12, 14, 15, 16, 17, 18},
    ops=[
        ("up", set()),
        ("up", set()),
        ("put", {0, 1, 6, 8, 11, 13, 19, 20}),
        ("up", set()),
        ("put", {21, 5}),
        ("down", set()),
    ],
)
@given(start=st.sets(st.integers(0, 400), max_size=40), ops=OPS)
def test_nothing_is_left_out_whatever_comes_and_goes(
    reverse: bool, start: set[int], ops: list[tuple[str, set[int]]]
) -> None:
    source = Source(start, reverse=reverse)

    async def play() -> None:
        view = source.view()
        await performed(view.up() if reverse else view.down())
        # Since the last reload.
        put: set[int] = set()
        taken: set[int] = set()
        for what, which in ops:
            before = numbers(view)
            if what == "put":
                put |= which
                source.numbers |= which
            elif what == "take":
                taken |= which
                source.numbers -= which
            elif what == "again":
                view = await performed(view.reload())
                put, taken = set(), set()
                shown = numbers(view)
                assert shown == (piece(source, shown[0], shown[-1]) if shown else [])
                if shown and len(shown) < MOST:
                    lost = [n for n in before if n in source.numbers and n not in shown]
                    assert [n for n in lost if not (n < shown[0] if reverse else n > shown[-1])] == []
            else:
                above = view.above
                moved = 0
                if what == "up":
                    moved = await performed(view.up())
                else:
                    await performed(view.down())
                shown = numbers(view)
                assert len(shown) == len(set(shown))
                there = [n for n in shown if n not in taken]
                assert there == sorted(there)
                came = [n for n in shown if n not in before]
                if not before or not came:
                    continue
                # Everything from the rows loaded before to the furthest new one is loaded, except what was added among
                # rows that had been loaded.
                first, last = (came[0], before[0] - 1) if came[0] < before[0] else (before[-1] + 1, came[-1])
                missing = [n for n in piece(source, first, last) if n not in shown]
                assert [n for n in missing if n not in put or came[0] <= n <= came[-1]] == []
                if what == "up" and not reverse and before[0] in shown:
                    assert view.above + shown.index(before[0]) - above == moved
        await everything(view)

    async def everything(view: PageWindow) -> None:
        """When the changes are over, a reload followed by paging from end to end shows everything."""
        view = await performed(view.reload())
        while view.more_above:
            await performed(view.up())
        seen = numbers(view)
        while view.more:
            await performed(view.down())
            seen += [n for n in numbers(view) if n not in seen]
        assert sorted(set(seen)) == sorted(source.numbers)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(page_window, "FURTHEST", 200)
        asyncio.run(play())


@pytest.mark.parametrize("counted", [False, True])
def test_more_than_a_page_that_has_come_is_loaded(counted: bool) -> None:
    """As when another user sends hundreds of documents to a folder that is on the screen."""
    source = Source(set(range(100, 104)), counted=counted)

    async def play() -> PageWindow:
        view = source.view()
        view.most = 100
        await performed(view.down())
        await performed(view.down())
        source.numbers |= set(range(50, 70))
        return await performed(view.reload())

    view = asyncio.run(play())
    assert numbers(view) == [*range(50, 70), *range(100, 104)]
    assert view.total == 24
    assert not view.more


def test_so_many_rows_are_kept_and_no_more() -> None:
    source = Source({100, 101})

    async def play() -> PageWindow:
        view = source.view()
        await performed(view.down())
        source.numbers |= set(range(50, 90))
        return await performed(view.reload())

    view = asyncio.run(play())
    assert len(view.rows) <= MOST + PAGE
    assert numbers(view) == list(range(50, 50 + len(view.rows)))
    assert view.more


def test_a_counted_list_shows_no_row_twice() -> None:
    """Rows added above have pushed the last rows of the previous page into the next one."""
    source = Source(set(range(100, 110)), counted=True)

    async def play() -> Any:
        view = source.view()
        await performed(view.down())
        source.numbers |= {1, 2}
        await performed(view.down())
        return view

    assert numbers(asyncio.run(play())) == [100, 101, 102, 103]


def scrolled(source: Source) -> PageWindow:
    """A window whose first page has been left behind."""

    async def play() -> PageWindow:
        view = source.view()
        view.most = 12
        for _ in range(7):
            await performed(view.down())
        assert view.above
        return view

    return asyncio.run(play())


def test_a_row_that_has_moved_up_hides_none() -> None:
    """It is both in the page above and in the window, which doesn't mean that the two are adjacent."""
    source = Source(set(range(100, 120)))
    view = scrolled(source)
    first = numbers(view)[0]
    moved = numbers(view)[-1]
    here = source.view()
    # The number is the position; the key is what stays the same.
    keys = {moved: moved, 1: moved}

    def rows_of(items: list[int]) -> list[Row]:
        return [Row(f"{keys.get(n, n):05}", ()) for n in items]

    here._rows_of = rows_of
    here._parts, here.rows, here.above, here.most = view._parts, view.rows, view.above, 100
    source.numbers = (source.numbers - {moved}) | {1}
    asyncio.run(performed(here.up()))
    assert numbers(here)[0] < first
    assert set(range(numbers(here)[0], first)) <= set(numbers(here))


def test_if_all_loaded_rows_are_gone_the_others_have_moved_by_what_came_above() -> None:
    source = Source(set(range(20)))
    view = source.view()
    view.most = 6
    loaded(view, 3)
    gone = set(numbers(view))
    source.numbers -= gone
    view.drop({f"{number:05}" for number in gone})
    assert (numbers(view), view.above) == ([], PAGE)
    assert asyncio.run(performed(view.up())) == 0
    assert (numbers(view), view.above) == ([0, 1, 2], 0)


@pytest.mark.parametrize("counted", [False, True])
def test_what_has_come_above_is_all_there(counted: bool) -> None:
    source = Source(set(range(100, 130)), counted=counted)
    view = scrolled(source)
    first = numbers(view)[0]
    source.numbers |= {first - 1 - n for n in range(1, 3)} | set(range(60, 66))

    async def play() -> None:
        while view.more_above:
            before = numbers(view)[0]
            await performed(view.up())
            shown = numbers(view)
            assert shown == piece(source, shown[0], shown[-1])
            assert shown[-1] >= before

    asyncio.run(play())
    assert numbers(view)[0] == 60


def test_the_way_up_is_no_longer_than_that(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the loaded rows are gone and many were added above, the rest is loaded again on the way down."""
    monkeypatch.setattr(page_window, "FURTHEST", 6)
    source = Source(set(range(1000, 1030)))
    view = scrolled(source)
    source.numbers = set(range(2000))
    source.numbers -= set(range(1000, 1030))
    asked: list[str | None] = []
    page = source.page

    async def counted(cursor: str | None) -> ItemPage:
        asked.append(cursor)
        return await page(cursor)

    view._source = counted

    async def play() -> list[int]:
        await performed(view.up())
        assert len(asked) <= 6
        seen = numbers(view)
        assert seen == piece(source, seen[0], seen[-1])
        while view.more:
            await performed(view.down())
            seen += [n for n in numbers(view) if n > seen[-1]]
        return seen

    seen = asyncio.run(play())
    assert seen == piece(source, seen[0], 2000)


def test_so_much_is_kept_also_after_it_was_asked_for_anew() -> None:
    source = Source(set(range(50)))
    view = asyncio.run(performed(scrolled(source).reload()))
    assert view.most == 12


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


# ---------------------------------------------------------------- what is known of the rest


def loaded(view: PageWindow, pages: int, *, up: bool = False) -> PageWindow:
    """The window after that many more pages."""
    for _ in range(pages):
        asyncio.run(performed(view.up() if up else view.down()))
    return view


def asked_of(view: PageWindow) -> list[str | None]:
    """The cursors that are requested from now on."""
    asked: list[str | None] = []
    source = view._source
    assert source is not None

    async def page(cursor: str | None) -> ItemPage:
        asked.append(cursor)
        return await source(cursor)

    view._source = page
    return asked


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


# ---------------------------------------------------------------- how much is requested


@pytest.mark.parametrize("reverse", [False, True])
def test_where_there_is_nothing_more_nothing_moves(reverse: bool) -> None:
    view = loaded(Source(set(), reverse=reverse).view(), 1, up=reverse)
    asked = asked_of(view)
    assert asyncio.run(performed(view.up())) == 0
    loaded(view, 1)
    assert asked == []
    assert asyncio.run(performed(PageWindow().up())) == 0


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


# ---------------------------------------------------------------- single rows


def test_dropped_rows_are_not_counted_any_more() -> None:
    view = loaded(Source(set(range(9))).view(), 2)
    assert view.total == 9
    view.drop({"00001", "00005", "elsewhere"})
    assert (numbers(view), view.total, view.seen) == ([0, 2, 3, 4], 7, 4)
    view.total = 1
    view.drop({"00000", "00002"})
    assert view.total == 0
    view.total = None
    view.drop({"00003"})
    assert (view.total, numbers(view)) == (None, [4])
    nowhere = PageWindow()
    nowhere.drop({"00003"})
    assert (nowhere.rows, nowhere.above, nowhere.below) == ([], 0, 0)


def test_a_replaced_row_stays_in_its_place() -> None:
    view = loaded(Source(set(range(9))).view(), 2)
    new = Row("00004", ("new",))
    view.replace(new)
    assert [row is new for row in view.rows] == [False] * 4 + [True, False]
    assert numbers(view) == list(range(6))
