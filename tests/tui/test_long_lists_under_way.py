"""A list of thousands of rows while its pages are under way: requested again, jumped in, or left."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.app.app import (
    app_for,
    asked,
    main_screen,
    names,
    said,
    sent_location,
    settled,
    until,
)
from tests.support.app.long_lists import in_order, large_folder, spoiled_folder
from tests.support.checks.long import more
from tests.support.network.misbehave import Misbehaving
from tests.support.servers.fill import Filled
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tui.locations.location import Location
from tui.ui.main.main import MainScreen


@pytest.fixture(scope="module")
def keys(library: tuple[ServerProcess, Filled]) -> list[str]:
    return in_order(*library)


def current(main: MainScreen) -> str:
    assert main.table.current is not None
    return main.table.current.key


async def test_a_list_that_is_requested_again_does_not_undo_a_jump(
    library: tuple[ServerProcess, Filled], keys: list[str], tmp_path: Path
) -> None:
    """The cursor ends where the jump led, whether the reload or the jump is answered first."""
    async with spoiled_folder(library, tmp_path) as (pilot, main, proxy):
        for key, expected in (("end", keys[-1]), ("home", keys[0])):
            before = proxy.count("GET", "/children")
            with proxy.holding("GET", "/children") as jump:
                await pilot.press(key)
                await until(pilot, lambda b=before: proxy.count("GET", "/children") > b, "the jump's request")
                main.reload()
                await pilot.pause()
                jump.set()
                await until(pilot, lambda e=expected: current(main) == e, f"the row of {key}")
                await settled(pilot)
            assert current(main) == expected
            assert not main.browser.list.stale
        before = proxy.count("GET", "/children")
        with proxy.holding("GET", "/children") as renewal:
            main.reload()
            await until(pilot, lambda: proxy.count("GET", "/children") > before, "the request for the list")
            await pilot.press("end")
            await until(pilot, lambda: current(main) == keys[-1], "the last row")
            renewal.set()
            await settled(pilot)
        assert current(main) == keys[-1]


@more
async def test_what_the_server_found_is_requested_again_too(
    library: tuple[ServerProcess, Filled], tmp_path: Path
) -> None:
    async with large_folder(library, tmp_path) as (pilot, main):
        await pilot.press("slash", *"lease")
        await until(pilot, lambda: main.browser.list.search_window is not None, "what was found")
        found, rows = main.browser.list.search_window, [row.key for row in main.table.rows]
        assert rows
        main.reload()
        await settled(pilot)
        assert main.browser.list.search_window is not found
        assert [row.key for row in main.table.rows] == rows


@more
async def test_a_filter_that_is_typed_too_early_is_for_the_place_that_comes(
    library: tuple[ServerProcess, Filled], tmp_path: Path
) -> None:
    """No rows found in the old location end up in the new one."""
    server, filled = library
    with Misbehaving(server.url) as proxy:
        token = filled.tokens["DJONES"]
        for name in ("Deed of Sale.pdf", "Minutes.pdf"):
            publish(server, b"x", name, token=token)
        async with large_folder(library, tmp_path, url=proxy.url) as (pilot, main):
            place = await sent_location(main)
            path = f"/folders/{place.id}/documents"
            with proxy.holding("GET", path) as go_on:
                main.open_place(place)
                await asked(pilot, proxy, "GET", path)
                await pilot.press("slash", *"deed")
                await until(
                    pilot, lambda: main.browser.list.search_window is not None, "what the old place holds"
                )
                go_on.set()
                await until(pilot, lambda: main.kind == "sent", "the new place")
                await settled(pilot)
            assert main.browser.list.needle == "deed"
            assert names(main) == {"Deed of Sale.pdf"}
            await pilot.press("enter", "u")
            await until(pilot, lambda: said(main).startswith("Unpublished “Deed of Sale.pdf”."))


@more
async def test_reload_and_end_do_not_wait_for_a_page_that_does_not_come(
    library: tuple[ServerProcess, Filled], keys: list[str], tmp_path: Path
) -> None:
    async with spoiled_folder(library, tmp_path) as (pilot, main, proxy):
        view, before = main.browser.list.window, proxy.count("GET", "/children")
        with proxy.holding("GET", "/children"), proxy.holding("GET", "/children"):
            await pilot.press(*["pagedown"] * 6)
            await asked(pilot, proxy, "GET", "/children", before)
            await pilot.press("f5")
            await asked(pilot, proxy, "GET", "/children", before + 1)
            await pilot.press("f5")
            await until(pilot, lambda: main.browser.list.window is not view, "the reloaded list")
        await settled(pilot)
        before = proxy.count("GET", "/children")
        with proxy.holding("GET", "/children"):
            await pilot.press(*["pagedown"] * 20)
            await asked(pilot, proxy, "GET", "/children", before)
            await pilot.press("end")
            await until(pilot, lambda: current(main) == keys[-1], "the last row")


@more
async def test_end_twice_near_the_end(
    library: tuple[ServerProcess, Filled], keys: list[str], tmp_path: Path
) -> None:
    """While a page is loading, no page is requested twice or dropped."""
    async with spoiled_folder(library, tmp_path) as (pilot, main, proxy):
        while not main.browser.list.window.nearly_whole:
            await pilot.press("pagedown")
            await settled(pilot)
        before = proxy.count("GET", "/children")
        with proxy.holding("GET", "/children") as go_on:
            while proxy.count("GET", "/children") == before:
                await pilot.press("pagedown")
            await pilot.press("end")
            await pilot.pause()
            await pilot.press("end")
            await pilot.pause()
            go_on.set()
            await until(pilot, lambda: current(main) == keys[-1], "the last row")
            await settled(pilot)
        shown = [row.key for row in main.table.rows]
        assert shown == keys[-len(shown) :]


@more
async def test_up_twice_goes_up_twice(library: tuple[ServerProcess, Filled], tmp_path: Path) -> None:
    """The second press counts even if the first response has not arrived yet."""
    server, filled = library
    with Misbehaving(server.url) as proxy:
        app = app_for(server, tmp_path, token=filled.tokens["DJONES"], url=proxy.url)
        async with app.run_test(size=(100, 40)) as pilot:
            main = await main_screen(pilot)
            await settled(pilot)
            way = [Location("workspaces", "Workspaces")]
            for _ in range(2):
                way.append((await main.session.places(way[-1]))[0])
            main.open_place(way[-1], path=way)
            await until(pilot, lambda: main.path == way, "the folder")
            await settled(pilot)
            before = proxy.count("GET", "/children")
            with proxy.holding("GET", "/children") as go_on:
                await pilot.press("backspace")
                await asked(pilot, proxy, "GET", "/children", before)
                await pilot.press("backspace")
                go_on.set()
                await until(pilot, lambda: main.path == way[:1], "the workspaces")
