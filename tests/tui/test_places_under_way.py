"""A place that is gone to and has not come yet: what is said of it, and the ways back from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.app.app import (
    app_for,
    asked,
    main_screen,
    name_of,
    names,
    put_cursor_on,
    screen_of,
    sent_folder,
    settled,
    until,
)
from tests.support.app.steps import Ground, play
from tests.support.app.timers import noted_timers
from tests.support.checks.long import more, some
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Say as Answer
from tests.support.servers.server import ServerProcess
from tui.locations.location import Location
from tui.ui.main.list_pane import ListPane
from tui.ui.main.main import MainScreen
from tui.ui.widgets.breadcrumbs import Breadcrumbs

#: Of :func:`three_sent`.
SERVER = "shared"


@more
async def test_the_first_place_is_gone_back_to_while_another_one_is_under_way(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """Backspace goes back even if neither location has a parent and nothing was shown before."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        first = main.place
        with proxy.holding("GET", "checked-out"):
            main.open_place(Location("checked_out", "Checked Out", opens=False))
            await asked(pilot, proxy, "GET", "checked-out")
            await pilot.press("backspace")
            await until(pilot, lambda: main.pending is None, "its end")
        await settled(pilot)
        assert main.place == first
        assert "…" not in main.query_one(Breadcrumbs).text


async def a_place_that_takes_long_says_that_it_is_still_loading(on: Ground) -> None:
    """The rows are still those of the list before, under the new name."""
    where = on.main.query_one(Breadcrumbs)
    before = where.text
    with on.proxy.holding("GET", "checked-out"):
        on.main.open_place(Location("checked_out", "Checked Out", opens=False))
        await until(on.pilot, lambda: where.text == "Checked Out  Loading… (backspace goes back)", "the note")
        await on.pilot.press("backspace")
        await until(on.pilot, lambda: where.text == before, "the way back")


@more
async def test_only_one_timer_waits_for_a_place_under_way(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often the breadcrumbs are shown meanwhile, such as when the selection changes."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        pane = main.query_one(ListPane)
        timers = noted_timers(pane, monkeypatch)
        for opened in (1, 2):
            with proxy.holding("GET", "checked-out"):
                main.open_place(Location("checked_out", "Checked Out", opens=False))
                await pilot.press("space", "space")
                pane.show_where()
                await pilot.press("backspace")
                await until(pilot, lambda: main.pending is None, "the way back")
            await settled(pilot)
            assert len(timers) == opened


async def the_way_is_that_to_the_place_under_way(on: Ground) -> None:
    """A click on the breadcrumbs goes to what they show; backspace goes back to the shown list without a request."""
    put_cursor_on(on.main, "Second.pdf")
    way = on.main.query_one(Breadcrumbs).text
    with on.proxy.holding("GET", "checked-out") as go_on:
        on.main.open_place(Location("checked_out", "Checked Out", opens=False))
        await asked(on.pilot, on.proxy, "GET", "checked-out")
        await on.pilot.click("#where", offset=(3, 0))
        go_on.set()
        await until(on.pilot, lambda: on.main.kind == "checked_out")
    await on.pilot.press("backspace")
    await until(on.pilot, lambda: on.main.kind == "sent")
    await settled(on.pilot)
    with on.proxy.holding("GET", "checked-out"):
        before = on.proxy.count("GET", "checked-out")
        on.main.open_place(Location("checked_out", "Checked Out", opens=False))
        await asked(on.pilot, on.proxy, "GET", "checked-out", before)
        assert on.main.query_one(Breadcrumbs).text != way
        await on.pilot.press("backspace")
        await until(on.pilot, lambda: on.main.query_one(Breadcrumbs).text == way)
    await settled(on.pilot)
    assert on.main.kind == "sent"
    assert on.main.table.current is not None
    assert name_of(on.main.table.current) == "Second.pdf"


async def where_one_came_from_is_gone_back_to_though_the_place_never_came(on: Ground) -> None:
    sent = on.main.place
    assert sent is not None
    on.main.open_place(Location("checked_out", "Checked Out", opens=False))
    await until(on.pilot, lambda: on.main.kind == "checked_out")
    before = on.proxy.count("GET", "/documents")
    with on.proxy.holding("GET", "/documents"):
        on.main.open_place(sent, path=[Location("share", "Share"), sent])
        await asked(on.pilot, on.proxy, "GET", "/documents", before)
        await on.pilot.press("backspace")
        await until(on.pilot, lambda: on.main.kind == "share")
    await on.pilot.press("backspace")
    await until(on.pilot, lambda: on.main.kind == "checked_out", "where one came from")


async def a_place_that_is_gone_back_to_is_whole(on: Ground) -> None:
    """Leaving a location ends its filter, so going back shows all rows."""
    await on.pilot.press("slash", *"Second", "enter")
    await until(on.pilot, lambda: names(on.main) == {"Second.pdf"})
    with on.proxy.holding("GET", "checked-out"):
        on.main.open_place(Location("checked_out", "Checked Out", opens=False))
        await asked(on.pilot, on.proxy, "GET", "checked-out")
        on.proxy.spoil("GET", Answer(500), "/documents", times=9)
        await on.pilot.press("backspace")
        await settled(on.pilot)
    assert len(names(on.main)) == 3


async def what_is_said_of_an_empty_place_is_its_own(on: Ground) -> None:
    """An empty location shows its own text, even if a filter was typed while it was loading."""
    with on.proxy.holding("GET", "/trash") as go_on:
        await on.pilot.press("t")
        await asked(on.pilot, on.proxy, "GET", "/trash")
        await on.pilot.press("slash", "x")
        go_on.set()
        await until(on.pilot, lambda: on.main.kind == "trash")
    await on.pilot.press("escape")
    await until(on.pilot, lambda: on.main.table.model.empty.startswith("The trash is empty."))


async def test_places_under_way(three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path) -> None:
    steps = (
        what_is_said_of_an_empty_place_is_its_own,
        a_place_that_takes_long_says_that_it_is_still_loading,
        the_way_is_that_to_the_place_under_way,
        where_one_came_from_is_gone_back_to_though_the_place_never_came,
        a_place_that_is_gone_back_to_is_whole,
    )
    await play(some(3, steps), three_sent, proxy, tmp_path)


@more
async def test_reload_does_not_wait_for_the_first_place(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    with proxy.holding("GET", "recent-documents"):
        async with app.run_test(size=(100, 30)) as pilot:
            await asked(pilot, proxy, "GET", "recent-documents")
            main = await screen_of(pilot, MainScreen)
            await until(pilot, lambda: main.session.opened)
            await pilot.press("f5")
            await until(pilot, lambda: main.path, "the first place")
