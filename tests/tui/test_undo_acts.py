"""Undo of what is no change to sent documents: My Favorites, and what was selected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tests.support.app.app import main_screen, open_sent_folder, put_cursor_on, running, said, settled, until
from tests.support.checks.long import more
from tests.support.pictures.scene_start import add_shortcut
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tui.locations.location import Location
from tui.ui.main.main import MainScreen


def favorites(main: MainScreen) -> list[str]:
    node = main.places.find("favorites")
    return [child.data.name for child in node.children if child.data] if node is not None else []


async def on_the_shortcut(pilot: Pilot[Any], main: MainScreen) -> None:
    main.places.focus()
    node = main.places.find("favorites")
    assert node is not None
    await until(pilot, lambda: node.children, "the shortcut")
    main.places.move_cursor(node.children[0])
    await pilot.pause()


@more
async def test_favorites(fresh_server: ServerProcess, tmp_path: Path) -> None:
    add_shortcut(fresh_server)
    publish(fresh_server, b"x", "Offer.pdf")
    async with running(fresh_server, tmp_path, size=(100, 30), demo=False) as (pilot, main):
        await on_the_shortcut(pilot, main)
        (name,) = favorites(main)
        await pilot.press("e", *"{a.b}", "enter")
        await until(pilot, lambda: favorites(main) == ["{a.b}"], "the new name")
        assert said(main) == "Renamed the shortcut to {a.b}. z undoes it."
        await pilot.press("z")
        await until(pilot, lambda: favorites(main) == [name], "the old name")
        assert said(main) == f"The shortcut is called {name} again."
        await on_the_shortcut(pilot, main)
        await pilot.press("F")
        await until(pilot, lambda: not favorites(main), "no shortcut")
        assert said(main).endswith("unless you add it again. z undoes it.")
        await pilot.press("z")
        await until(pilot, lambda: favorites(main) == [name], "the shortcut again")
        await pilot.press("z")
        await pilot.pause()
        assert said(main) == "Nothing to undo."
        await on_the_shortcut(pilot, main)
        # Pressed twice: the second finds nothing.
        await pilot.press("F")
        await until(pilot, lambda: not favorites(main), "no shortcut")
        await pilot.press("z", "z")
        await until(pilot, lambda: favorites(main) == [name], "the shortcut again")
        await settled(pilot)
        assert favorites(main) == [name]


async def test_a_shortcut_that_is_there_again_is_the_same_one(
    fresh_server: ServerProcess, tmp_path: Path
) -> None:
    """What undoes its renaming, and its adding, does so after it was removed and added again, however often."""
    add_shortcut(fresh_server)
    publish(fresh_server, b"x", "Offer.pdf")
    async with running(fresh_server, tmp_path, size=(100, 30), demo=False) as (pilot, main):
        (name,) = await the_shortcut(pilot, main)
        await pilot.press("F")
        await until(pilot, lambda: not favorites(main), "no shortcut")
        main.open_place(Location("share", "Share"))
        await until(pilot, lambda: main.kind == "share" and main.table.rows, "the folder")
        main.table.focus()
        await pilot.press("f")
        await until(pilot, lambda: favorites(main) == [name], "the shortcut")
        await on_the_shortcut(pilot, main)
        await pilot.press("e", *"Mine", "enter")
        await until(pilot, lambda: favorites(main) == ["Mine"], "the new name")
        for _ in range(2):
            await on_the_shortcut(pilot, main)
            await pilot.press("F")
            await until(pilot, lambda: not favorites(main), "no shortcut")
            assert said(main).startswith("Mine is no longer in My Favorites.")
            await pilot.press("z")
            await until(pilot, lambda: favorites(main) == ["Mine"], "the shortcut again")
        await pilot.press("z")
        await until(pilot, lambda: favorites(main) == [name], "the old name")
        await pilot.press("z")
        await until(pilot, lambda: not favorites(main), "no shortcut")
        assert said(main) == f"{name} is no longer in My Favorites."
        await pilot.press("z")
        await until(pilot, lambda: favorites(main) == [name], "the first one")


async def the_shortcut(pilot: Pilot[Any], main: MainScreen) -> list[str]:
    await on_the_shortcut(pilot, main)
    return favorites(main)


async def test_a_range_that_was_given_up(sample_server: ServerProcess, tmp_path: Path) -> None:
    """What was selected before it stays; z selects the rest again, and nothing that was deselected earlier."""
    async with running(sample_server, tmp_path, size=(100, 30)) as (pilot, main):
        await pilot.press("space", "space", "escape")
        first = main.table.selected
        assert not first
        for begin in (("V", "j", "j"), ("shift+down", "shift+down")):
            await pilot.press("G", "space")
            before = main.table.selected
            await pilot.press("g", "g", "j", *begin)
            in_range = main.table.selected - before
            await pilot.press("escape")
            assert main.table.selected == before
            assert said(main) == f"Deselected {len(in_range)} rows; z selects them again."
            await pilot.press("z")
            await until(pilot, lambda wanted=before | in_range: main.table.selected == wanted, "all of them")
            await pilot.press("escape")
            assert not main.table.selected


async def test_one_of_several_that_is_deselected(sample_server: ServerProcess, tmp_path: Path) -> None:
    """The same key selects it again, so nothing is said, least of all that the others were deselected."""
    async with running(sample_server, tmp_path, size=(100, 30)) as (pilot, main):
        await pilot.press("space", "space", "space", "k", "space")
        await settled(pilot)
        assert len(main.table.selected) == 2
        assert "eselected" not in said(main)


async def test_deselected_rows(sample_server: ServerProcess, tmp_path: Path) -> None:
    async with running(sample_server, tmp_path, size=(100, 30)) as (pilot, main):
        await pilot.press("V", "j", "j", "V")
        before = main.table.selected
        assert len(before) > 1
        await pilot.press("escape")
        assert not main.table.selected
        assert said(main) == f"Deselected {len(before)} rows; z selects them again."
        await pilot.press("z")
        await until(pilot, lambda: main.table.selected == before, "what was selected")
        assert said(main) == "", "the key would do nothing now"
        await pilot.press("ctrl+a", "ctrl+a")
        everything = len([row for row in main.table.rows if row.selectable])
        assert not main.table.selected
        await pilot.press("z")
        await until(pilot, lambda: len(main.table.selected) == everything, "all of them")
        # Elsewhere, it isn't what z is for.
        await pilot.press("escape", "g", "w")
        await until(pilot, lambda: main.kind == "worklist", "the worklist")
        assert said(main) == ""
        await pilot.press("z")
        await pilot.pause()
        assert said(main) == "Nothing to undo."
        assert not main.table.selected
        await pilot.press("backspace")
        await until(pilot, lambda: main.kind != "worklist", "the folder again")
        await settled(pilot)
        await pilot.press("V", "j", "j", "V")
        left = main.table.selected
        await pilot.press("g", "w")
        await until(pilot, lambda: main.kind == "worklist", "the worklist")
        assert said(main) == "3 rows are no longer selected in Deal Documents; z goes back and selects them."
        await pilot.press("z")
        await until(pilot, lambda: main.table.selected == left, "what was selected")
        assert main.kind != "worklist"
        assert said(main) == ""


@more
async def test_the_last_act_comes_first(fresh_server: ServerProcess, tmp_path: Path) -> None:
    """What was done after an unpublish is undone before it; what was done before it is not undone any more."""
    for name in ("First.pdf", "Second.pdf", "Third.pdf"):
        publish(fresh_server, b"x", name)
    async with running(fresh_server, tmp_path, size=(100, 30), demo=False) as (pilot, main):
        await open_sent_folder(pilot, main)
        await settled(pilot)
        await pilot.press("ctrl+a", "escape")
        put_cursor_on(main, "First.pdf")
        await pilot.press("u")
        await until(pilot, lambda: "z undoes it" in said(main), "the outcome")
        await pilot.press("ctrl+a", "escape", "z")
        await until(pilot, lambda: len(main.table.selected) == 3, "the selection")
        row = next(row for row in main.table.rows if row.name == "First.pdf")
        assert not row.data.published
        await pilot.press("z")
        await until(pilot, lambda: "again" in said(main), "the link")
        await settled(pilot)
        assert all(row.data.published for row in main.table.rows)
        # Away from the folder, it is said where.
        await pilot.press("escape")
        put_cursor_on(main, "First.pdf")
        await pilot.press("u")
        await until(pilot, lambda: "z undoes it" in said(main), "the outcome")
        await pilot.press("g", "w")
        await until(pilot, lambda: main.kind == "worklist", "the worklist")
        await pilot.press("z")
        await pilot.pause()
        assert said(main) == "What you did last can be undone in the folder where you did it."
        assert (await main_screen(pilot)) is main
