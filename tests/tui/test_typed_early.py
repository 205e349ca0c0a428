"""Keys of the list that are typed before its rows have come: they are meant for these, not for those still shown."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support.app.app import (
    asked,
    main_screen,
    said,
    screen_of,
    screen_text,
    sent_folder,
    settled,
    until,
)
from tests.support.app.long_lists import in_order, spoiled_folder
from tests.support.network.misbehave import Misbehaving
from tests.support.servers.fill import Filled
from tests.support.servers.server import ServerProcess
from tests.tui.conftest import MakeApp
from tui.locations.location import Location
from tui.ui.dialogs.details import Details
from tui.ui.main.main import MainScreen


@pytest.fixture(scope="module")
def keys(library: tuple[ServerProcess, Filled]) -> list[str]:
    return in_order(*library)


def current(main: MainScreen) -> str:
    assert main.table.current is not None
    return main.table.current.key


async def while_held(
    pilot: Pilot[Any], proxy: Misbehaving, path: str, first: str, then: Callable[[], Awaitable[object]]
) -> None:
    """Presses ``first``, does ``then`` while what it asks for is held back, and waits until all has come."""
    with proxy.holding("GET", path) as go_on:
        before = proxy.count("GET", path)
        await pilot.press(first)
        await asked(pilot, proxy, "GET", path, before)
        await then()
        go_on.set()
        await settled(pilot)


@asynccontextmanager
async def on_its_way(
    pilot: Pilot[Any],
    main: MainScreen,
    proxy: Misbehaving,
    files: Path,
    path: list[Location],
    asked_for: str,
) -> AsyncIterator[str]:
    """Goes from the files to another list, which is held back until the end: the key of the file under the cursor."""
    main.open_place(Location("local", "Files", str(files)))
    await until(pilot, lambda: main.kind == "local", "the files")
    await settled(pilot)
    before = current(main)
    with proxy.holding("GET", asked_for):
        count = proxy.count("GET", asked_for)
        main.open_place(path[-1], path=path)
        await asked(pilot, proxy, "GET", asked_for, count)
        yield before


async def test_keys_are_for_the_list_that_is_on_its_way(
    proxy: Misbehaving, make_app: MakeApp, tmp_path: Path
) -> None:
    """Motions, numbers, selections and entering; a command says that another list is loading, as it does if it belongs
    only to that. Whoever goes back takes back what was typed."""
    for name in ("a.txt", "b.txt", "c.txt", "d.txt"):
        (tmp_path / name).write_text(name)
    async with make_app().run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        sent = main.path
        there = [row.key for row in main.table.rows]
        assert len(there) == 3
        path = f"/folders/{sent[-1].id}/documents"
        files = Location("local", "Files", str(tmp_path))

        async def leave_and_return(*typed: str) -> None:
            async with on_its_way(pilot, main, proxy, tmp_path, sent, path) as before:
                await pilot.press(*typed)
                assert (current(main), main.table.selected, main.kind) == (before, set(), "local")
            await settled(pilot)
            assert main.path == sent

        await leave_and_return("j", "j")
        assert current(main) == there[2]
        await leave_and_return("2", "j", "k")
        assert current(main) == there[1]
        await leave_and_return("j", "space")
        assert (main.table.selected, current(main)) == ({there[1]}, there[2])
        main.table.clear_selection()
        await leave_and_return("G", "V", "k")
        assert main.table.selected == {there[1], there[2]}
        main.table.clear_selection()
        await leave_and_return("j", "u")
        assert (current(main), said(main)) == (
            there[1],
            "Not done: the other list wasn't there yet.",
        )
        # From where a list of the first level is on its way, the key goes back to the files, and nothing is done there.
        main.open_place(files)
        await settled(pilot)
        with proxy.holding("GET", "/folders"):
            count = proxy.count("GET", "/folders")
            main.open_place(sent[0], path=sent[:1])
            await asked(pilot, proxy, "GET", "/folders", count)
            await pilot.press("j", "j", "backspace")
            await settled(pilot)
            assert (main.kind, main.table.cursor) == ("local", 0)
            await pilot.press("j")
            assert main.table.cursor == 1


async def test_each_key_is_for_what_comes_of_the_one_before(
    proxy: Misbehaving, make_app: MakeApp, tmp_path: Path
) -> None:
    """A folder that is opened has the keys after that; a dialog that is opened leaves none for the list."""
    (tmp_path / "a.txt").write_text("a")
    async with make_app().run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        sent = main.path
        there = [row.key for row in main.table.rows]
        documents = f"/folders/{sent[-1].id}/documents"

        async def typed_before_the_folders_come(*typed: str) -> None:
            with proxy.holding("GET", documents):
                async with on_its_way(pilot, main, proxy, tmp_path, sent[:1], "/share/v1/folders") as before:
                    await pilot.press(*typed)
                    assert current(main) == before
                    count = proxy.count("GET", documents)
                await asked(pilot, proxy, "GET", documents, count)

        await typed_before_the_folders_come("enter", "j", "j")
        await settled(pilot)
        assert (main.path, current(main)) == (sent, there[2])
        await typed_before_the_folders_come("l", "j", "enter", "j")
        await screen_of(pilot, Details)
        assert main.table.cursor == 1
        await pilot.press("escape")
        await settled(pilot)
        assert main.table.cursor == 1


async def test_a_command_is_for_what_comes_of_the_keys_before_it(
    proxy: Misbehaving, make_app: MakeApp, tmp_path: Path
) -> None:
    """The rows have come, and what was typed before is being done when its key arrives."""
    (tmp_path / "a.txt").write_text("a")
    async with make_app().run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        sent = main.path
        there = [row.key for row in main.table.rows]
        path = f"/folders/{sent[-1].id}/documents"

        async def typed(*keys: str, command: str) -> None:
            def arrives() -> None:
                main.call_later(main.action_command, command)

            async with on_its_way(pilot, main, proxy, tmp_path, sent, path):
                main.table.held.of(arrives)()
                await pilot.press(*keys)

        await typed("j", "j", command="facts")
        await screen_of(pilot, Details)
        assert current(main) == there[2]
        await pilot.press("escape")
        await settled(pilot)
        await typed("j", "space", command="local_files")
        await until(pilot, lambda: main.kind == "local", "the files")
        await settled(pilot)
        assert (main.table.selected, main.table.cursor) == (set(), 0)
        # It doesn't belong to that list.
        await typed("j", command="restore")
        await settled(pilot)
        assert (main.path, current(main)) == (sent, there[1])


async def test_keys_are_for_the_branch_that_is_opened(
    library: tuple[ServerProcess, Filled], tmp_path: Path
) -> None:
    """Closing it again takes them back."""
    async with spoiled_folder(library, tmp_path, size=(100, 40), demo=False) as (pilot, main, proxy):
        tree = main.places
        workspaces = tree.find("workspaces")
        assert workspaces is not None
        scale = workspaces.children[0]
        tree.focus()
        for last in ("j", "left"):
            scale.collapse()
            tree.fill(scale, [])
            tree.move_cursor(scale)
            await settled(pilot)
            with proxy.holding("GET", "/children") as go_on:
                count = proxy.count("GET", "/children")
                await pilot.press("right")
                await asked(pilot, proxy, "GET", "/children", count)
                await pilot.press("j", last)
                assert tree.cursor_node is scale
                go_on.set()
                await settled(pilot)
            assert tree.cursor_node is (scale.children[1] if last == "j" else scale)


async def test_keys_are_for_the_place_that_is_looked_for(
    proxy: Misbehaving, make_app: MakeApp, tmp_path: Path
) -> None:
    """The first key for the Sent folder asks which one it is. Whoever goes elsewhere meanwhile stays there."""
    for name in ("a.txt", "b.txt", "c.txt"):
        (tmp_path / name).write_text(name)
    async with make_app().run_test(size=(100, 30)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        main.open_place(Location("local", "Files", str(tmp_path)))
        await settled(pilot)
        before = current(main)
        for typed, then in ((("j", "j", "u"), None), (("j",), Location("local", "/", "/"))):
            main.session.folders.clear()
            with proxy.holding("GET", "/share/v1/folders") as go_on:
                count = proxy.count("GET", "/share/v1/folders")
                await pilot.press("g", "s")
                await asked(pilot, proxy, "GET", "/share/v1/folders", count)
                await pilot.press(*typed)
                assert (current(main), main.kind) == (before, "local")
                await until(pilot, lambda: "Loading…" in screen_text(pilot), "that it is looked for")
                if then is not None:
                    main.open_place(then)
                    await until(pilot, lambda then=then: main.place == then, "the other place")
                go_on.set()
                await settled(pilot)
            if then is None:
                assert (main.kind, main.table.cursor) == ("sent", 2)
                assert said(main) == "Not done: the other list wasn't there yet."
                main.open_place(Location("local", "Files", str(tmp_path)))
                await settled(pilot)
            else:
                assert (main.place, main.table.cursor) == (then, 0)


async def test_keys_are_for_the_row_that_the_cursor_is_on_its_way_to(
    library: tuple[ServerProcess, Filled], keys: list[str], tmp_path: Path
) -> None:
    """After the key for the end of a long list, and for another order. A command is refused: it would act on the row
    that the cursor leaves."""
    async with spoiled_folder(library, tmp_path, size=(100, 40), demo=False) as (pilot, main, proxy):
        held = partial(while_held, pilot, proxy, "/children")

        async def typed(*early: str) -> None:
            before = current(main)
            await pilot.press(*early)
            assert current(main) == before

        await held("G", lambda: typed("k", "k", "d"))
        assert current(main) == keys[-3]
        await held("home", lambda: typed("3", "j", "i"))
        assert current(main) == keys[3]
        assert said(main) == "Not done: the list wasn't all there yet."
        assert pilot.app.screen is main
        await held("S", lambda: typed("j"))
        assert main.table.cursor == 1
        # All of it is to be selected: what is done with it waits for the rest.
        before = proxy.count("GET", "/children")
        with proxy.holding("GET", "/children") as go_on:
            await pilot.press("ctrl+a")
            await asked(pilot, proxy, "GET", "/children", before)
            assert main.disabled_reason("send") == "The list is still loading."
            await until(pilot, lambda: "selected · Loading…" in screen_text(pilot), "that it is loading")
            go_on.set()
            await settled(pilot)
        assert main.disabled_reason("send") is None
        assert "Loading…" not in screen_text(pilot)


async def test_keys_are_forgotten_if_the_rows_do_not_come(
    library: tuple[ServerProcess, Filled], keys: list[str], tmp_path: Path
) -> None:
    async with spoiled_folder(library, tmp_path, size=(100, 40), demo=False) as (pilot, main, proxy):
        with proxy.holding("GET", "/children"):
            before = proxy.count("GET", "/children")
            await pilot.press("G")
            await asked(pilot, proxy, "GET", "/children", before)
            await pilot.press("j", "j", "space")
            proxy.down()
            await until(pilot, lambda: "reached" in said(main), "the failure")
        assert (current(main), main.table.selected) == (keys[0], set())
        proxy.up()
        await pilot.press("j")
        assert current(main) == keys[1]
