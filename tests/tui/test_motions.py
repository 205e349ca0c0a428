"""Motions as in vim, counts before them, and ranges."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tests.support.app.app import app_for as make_app
from tests.support.app.app import focused_id, main_screen, running, said, screen_of, settled, until
from tests.support.checks.long import more
from tests.support.servers.fill import Filled
from tests.support.servers.server import ServerProcess
from tui.locations.location import Location
from tui.ui.dialogs.details import Details
from tui.ui.dialogs.sessions import SessionsScreen
from tui.ui.main.main import MainScreen
from tui.ui.widgets.table import Table


async def numbered(pilot: Pilot[Any], tmp_path: Path, count: int = 30) -> MainScreen:
    """The first screen with a folder of so many files, one folder first."""
    main = await main_screen(pilot)
    await settled(pilot)
    folder = tmp_path / "files"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "deep.txt").touch()
    for number in range(1, count):
        (folder / f"{number:03}.txt").touch()
    main.open_place(Location("local", "files", str(folder)))
    await until(pilot, lambda: main.kind == "local" and len(main.table.rows) == count, "the files")
    main.table.focus()
    return main


async def test_as_in_vim(sample_server: ServerProcess, tmp_path: Path) -> None:
    async with running(sample_server, tmp_path / "state", size=(80, 24)) as (pilot, _):
        main = await numbered(pilot, tmp_path)
        table = main.table
        half = (table.size.height - 1) // 2
        for keys, cursor in (
            ("G", 29), ("gg", 0), ("5G", 4), ("12gg", 11), ("99999999999G", 29), ("99999999999k", 0),
            ("99999999999999999999999999j", 29), ("2k", 27), ("1gg", 0), ("0j", 1),
        ):  # fmt: skip
            await pilot.press(*keys)
            assert table.cursor == cursor, keys
        await pilot.press("g", "g", "ctrl+d")
        assert table.cursor == half
        await pilot.press("2", "ctrl+d")
        assert table.cursor == min(3 * half, 29)
        await pilot.press("ctrl+u", "9", "ctrl+u")
        assert table.cursor == 0
        await in_and_out(pilot, main)
        await before_no_other_key(pilot, main)


async def in_and_out(pilot: Pilot[Any], main: MainScreen) -> None:
    path = list(main.path)
    await pilot.press("l")
    await until(pilot, lambda: len(main.path) == len(path) + 1, "the folder in it")
    await pilot.press("h")
    await until(pilot, lambda: main.path == path, "the folder around it")
    assert main.table.current is not None
    assert main.table.current.name == "▸ inner"
    for _ in path[1:]:
        length = len(main.path)
        await pilot.press("h")
        await until(pilot, lambda length=length: len(main.path) == length - 1, "one further up")
    await pilot.press("h")
    assert focused_id(pilot) == "tree", "from a top place, to the tree"
    await pilot.press("G", "g", "g", "2", "j", "k")
    assert main.places.cursor_line == 1
    await pilot.press("G", "l")
    await until(pilot, lambda: main.table.has_focus and main.kind == "local", "the last place of the tree")
    await pilot.press("g", "h")
    await until(pilot, lambda: main.kind == "folder", "home")
    await settled(pilot)
    assert main.table.current is not None
    await pilot.press("l")
    await screen_of(pilot, Details)
    await pilot.press("escape")
    await until(pilot, lambda: pilot.app.screen is main, "the end of the details")


async def before_no_other_key(pilot: Pilot[Any], main: MainScreen) -> None:
    place, cursor = main.place, main.table.cursor
    for keys in ("3l", "3h", "2V", "3s", "7gs", "2gx", "4n", "5z"):
        await pilot.press(*keys)
        await pilot.pause()
        assert said(main) == f"“{keys}” does nothing: a number repeats a motion, as in 3j.", keys
        assert (pilot.app.screen, main.place, main.table.cursor) == (main, place, cursor), keys
        assert not main.table.selected
    await pilot.press("3", "escape", "j")
    assert main.table.cursor == cursor + 1, "escape ends a number"


@more
async def test_ranges(sample_server: ServerProcess, tmp_path: Path) -> None:
    async with running(sample_server, tmp_path / "state", size=(80, 24)) as (pilot, _):
        main = await numbered(pilot, tmp_path)
        table = main.table

        def selected() -> list[str]:
            return sorted(row.name for row in table.chosen) if table.selected else []

        await pilot.press("V")
        assert selected() == [], "a folder can't be selected"
        await pilot.press("3", "j")
        assert selected() == ["001.txt", "002.txt", "003.txt"]
        await pilot.press("k")
        assert selected() == ["001.txt", "002.txt"]
        await pilot.press("V", "j", "j")
        assert selected() == ["001.txt", "002.txt"], "it has ended, and stays selected"
        await pilot.press("V", "j", "escape")
        assert selected() == ["001.txt", "002.txt"], "given up"
        await pilot.press("shift+down", "2", "shift+down", "shift+up")
        assert selected() == ["001.txt", "002.txt", "005.txt", "006.txt", "007.txt"]
        await pilot.press("j", "shift+down")
        assert selected() == ["001.txt", "002.txt", "005.txt", "006.txt", "007.txt", "008.txt", "009.txt"]
        await pilot.press("escape", "escape")
        await until(pilot, lambda: not table.selected, "nothing")
        await pilot.press("G", "V", "g", "g")
        assert len(selected()) == 29
        # A reload keeps it, and the next motion goes on with it.
        (tmp_path / "files" / "005b.txt").touch()
        await pilot.press("f5")
        await until(pilot, lambda: len(table.rows) == 31, "the new file")
        await pilot.press("j")
        assert len(selected()) == 30
        await pilot.press("space", "j", "j")
        assert len(selected()) == 29, "what is selected by hand ends it"
        await pilot.press("V")
        await pilot.click(table, offset=(20, 3))
        assert table.model.range is None


@more
async def test_where_nothing_can_be_selected(sample_server: ServerProcess, tmp_path: Path) -> None:
    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, _):
        await pilot.press("M")
        shown = await screen_of(pilot, SessionsScreen)
        table = shown.query_one(Table)
        await pilot.press("V")
        await until(pilot, lambda: "“V” does nothing here" in said(shown, "#said"), "why")
        await pilot.press("shift+down")
        assert not table.selected


@more
async def test_in_a_list_that_is_not_loaded(library: tuple[ServerProcess, Filled], tmp_path: Path) -> None:
    server, filled = library
    app = make_app(server, tmp_path, token=filled.tokens["DJONES"])
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        main.open_place(Location("folder", "Large", filled.large))
        await until(pilot, lambda: main.kind == "folder" and main.table.model.more, "the folder")
        await settled(pilot)
        loaded = len(main.table.rows)
        await pilot.press(*"100000", "G")
        assert said(main) == f"Only rows 1 to {loaded:,} are loaded so far; end goes to the last one."
        assert main.table.cursor == loaded - 1
        await settled(pilot)
        await pilot.press("V", "G")
        await until(pilot, lambda: said(main).startswith("Only the loaded rows can be in a range"), "why")
        await pilot.press("escape", "G")
        await until(pilot, lambda: not main.table.model.more, "the end")
        assert not main.table.selected
