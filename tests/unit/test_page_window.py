"""The window on a list whose rows come and go while it is shown: no row between two loaded ones is left out."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.app.numbered_list import MOST, PAGE, Source, loaded, numbers, piece
from tests.support.app.performed import performed
from tui.locations import page_window
from tui.locations.kind import ItemPage
from tui.locations.page_window import PageWindow
from tui.locations.rows import Row

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
