"""A place that is gone to and has not come yet: what is said of it, and the ways back from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.timer import Timer

from tests.support.app import (
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
from tests.support.misbehave import Misbehaving
from tests.support.server import ServerProcess
from tests.support.spoiling import Say as Answer
from tui.locations.location import Location
from tui.screens.list_pane import ListPane
from tui.screens.main import MainScreen
from tui.widgets.breadcrumbs import Breadcrumbs


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


async def test_a_place_that_takes_long_says_that_it_is_still_loading(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """The rows are still those of the list before, under the new name."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        where = main.query_one(Breadcrumbs)
        before = where.text
        with proxy.holding("GET", "checked-out"):
            main.open_place(Location("checked_out", "Checked Out", opens=False))
            await until(
                pilot, lambda: where.text == "Checked Out  Loading… (backspace goes back)", "the note"
            )
            await pilot.press("backspace")
            await until(pilot, lambda: where.text == before, "the way back")


async def test_only_one_timer_waits_for_a_place_under_way(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often the breadcrumbs are shown meanwhile, such as when the selection changes."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        pane = main.query_one(ListPane)
        timers: list[float] = []
        set_timer = pane.set_timer

        def noted(delay: float, callback: Any) -> Timer:
            timers.append(delay)
            return set_timer(delay, callback)

        monkeypatch.setattr(pane, "set_timer", noted)
        for opened in (1, 2):
            with proxy.holding("GET", "checked-out"):
                main.open_place(Location("checked_out", "Checked Out", opens=False))
                await pilot.press("space", "space")
                pane.show_where()
                await pilot.press("backspace")
                await until(pilot, lambda: main.pending is None, "the way back")
            await settled(pilot)
            assert len(timers) == opened


async def test_the_way_is_that_to_the_place_under_way(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """A click on the breadcrumbs goes to what they show; backspace goes back to the shown list without a request."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(120, 30)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "Second.pdf")
        way = main.query_one(Breadcrumbs).text
        with proxy.holding("GET", "checked-out") as go_on:
            main.open_place(Location("checked_out", "Checked Out", opens=False))
            await asked(pilot, proxy, "GET", "checked-out")
            await pilot.click("#where", offset=(3, 0))
            go_on.set()
            await until(pilot, lambda: main.kind == "checked_out")
        await pilot.press("backspace")
        await until(pilot, lambda: main.kind == "sent")
        await settled(pilot)
        with proxy.holding("GET", "checked-out"):
            before = proxy.count("GET", "checked-out")
            main.open_place(Location("checked_out", "Checked Out", opens=False))
            await asked(pilot, proxy, "GET", "checked-out", before)
            assert main.query_one(Breadcrumbs).text != way
            await pilot.press("backspace")
            await until(pilot, lambda: main.query_one(Breadcrumbs).text == way)
        await settled(pilot)
        assert main.kind == "sent"
        assert main.table.current is not None
        assert name_of(main.table.current) == "Second.pdf"


async def test_where_one_came_from_is_gone_back_to_though_the_place_never_came(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        sent = main.place
        assert sent is not None
        main.open_place(Location("checked_out", "Checked Out", opens=False))
        await until(pilot, lambda: main.kind == "checked_out")
        before = proxy.count("GET", "/documents")
        with proxy.holding("GET", "/documents"):
            main.open_place(sent, path=[Location("share", "Share"), sent])
            await asked(pilot, proxy, "GET", "/documents", before)
            await pilot.press("backspace")
            await until(pilot, lambda: main.kind == "share")
        await pilot.press("backspace")
        await until(pilot, lambda: main.kind == "checked_out", "where one came from")


async def test_a_place_that_is_gone_back_to_is_whole(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """Leaving a location ends its filter, so going back shows all rows."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        await pilot.press("slash", *"Second", "enter")
        await until(pilot, lambda: names(main) == {"Second.pdf"})
        with proxy.holding("GET", "checked-out"):
            main.open_place(Location("checked_out", "Checked Out", opens=False))
            await asked(pilot, proxy, "GET", "checked-out")
            proxy.spoil("GET", Answer(500), "/documents", times=9)
            await pilot.press("backspace")
            await settled(pilot)
        assert len(names(main)) == 3


async def test_what_is_said_of_an_empty_place_is_its_own(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """An empty location shows its own text, even if a filter was typed while it was loading."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        with proxy.holding("GET", "/trash") as go_on:
            await pilot.press("t")
            await asked(pilot, proxy, "GET", "/trash")
            await pilot.press("slash", "x")
            go_on.set()
            await until(pilot, lambda: main.kind == "trash")
        await pilot.press("escape")
        await until(pilot, lambda: main.table.model.empty.startswith("The trash is empty."))


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
