"""What the filter has found, after it was ended: marked in the whole list, and gone through."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tests.support.app.app import app_for, main_screen, running, said, settled, until
from tests.support.checks.long import more
from tests.support.servers.fill import Filled
from tests.support.servers.server import ServerProcess
from tui.locations.location import Location
from tui.ui.main.main import MainScreen
from tui.ui.widgets.footer import Footer

NAMES = ["alpha.txt", "beta.txt", "gamma.txt", "alpine.txt", "delta.txt", "Alp 3.txt"]


async def files(pilot: Pilot[Any], tmp_path: Path) -> MainScreen:
    main = await main_screen(pilot)
    await settled(pilot)
    folder = tmp_path / "files"
    folder.mkdir()
    for number, name in enumerate(NAMES):
        (folder / f"{number} {name}").touch()
    main.open_place(Location("local", "files", str(folder)))
    await until(pilot, lambda: main.kind == "local" and len(main.table.rows) == len(NAMES), "the files")
    main.table.focus()
    return main


def marked(main: MainScreen) -> list[int]:
    """The rows that are marked on the screen."""
    lines = [main.table.render_line(y).text for y in range(1, len(main.table.rows) + 1)]
    return [index for index, line in enumerate(lines) if line[1] == "›"]


async def test_the_list_is_whole_again_and_its_matches_are_gone_through(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    async with running(sample_server, tmp_path / "state", size=(100, 24)) as (pilot, _):
        main = await files(pilot, tmp_path)
        await pilot.press("n")
        assert said(main) == "Nothing is sought: / filters, and then goes through what it found."
        await pilot.press("slash", *"alp")
        assert len(main.table.rows) == 3
        assert marked(main) == [], "all of them are matches"
        await pilot.press("escape")
        assert len(main.table.rows) == len(NAMES)
        assert main.table.has_focus
        assert marked(main) == [0, 3, 5]
        assert said(main) == "3 rows have “alp”: n and N go through them, esc removes the marks."
        assert "n Next match" in str(main.query_one(Footer).render().plain)
        found, round_ends = said(main), {
            0: "That was the last row with “alp”; this is the first.",
            5: "That was the first row with “alp”; this is the last.",
        }  # fmt: skip
        for key, cursor in (("n", 3), ("n", 0), ("j", 1), ("N", 0), ("N", 5), ("N", 3), ("j", 4)):
            before = main.table.cursor
            await pilot.press(*(("n", "n") if (key, cursor) == ("n", 0) else (key,)))
            assert main.table.cursor == cursor, key
            goes_round = key != "j" and abs(before - cursor) > 2 and cursor in round_ends
            # Later, it would seem to be about another row.
            assert said(main) == (round_ends[cursor] if goes_round else found), (key, cursor)
        await pilot.press("n")
        # Selected rows stay what they are; the first escape removes the marks.
        await pilot.press("space", "escape")
        assert marked(main) == []
        assert len(main.table.selected) == 1
        await pilot.press("n")
        assert said(main).startswith("Nothing is sought")
        await pilot.press("escape")
        assert not main.table.selected


@more
async def test_the_filter_stays_until_it_is_ended(sample_server: ServerProcess, tmp_path: Path) -> None:
    async with running(sample_server, tmp_path / "state", size=(100, 24)) as (pilot, _):
        main = await files(pilot, tmp_path)
        await pilot.press("slash", *"alp", "enter", "n", "n", "n", "N")
        assert main.table.cursor == 2
        await pilot.press("escape")
        assert main.table.cursor == 5, "the cursor stays on its row"
        await pilot.press("slash")
        assert marked(main) == [0, 3, 5], "until something else is typed"
        await pilot.press("z")
        assert main.table.rows == []
        await pilot.press("escape")
        assert said(main) == "Nothing here has “z”."
        assert len(main.table.rows) == len(NAMES)
        # An empty filter marks nothing, and marks don't go along to another place.
        await pilot.press("slash", "escape")
        assert marked(main) == []
        await pilot.press("slash", "a", "escape", "g", "h")
        await until(pilot, lambda: main.kind == "folder", "home")
        await pilot.press("n")
        assert said(main).startswith("Nothing is sought")


@more
async def test_in_a_long_list(library: tuple[ServerProcess, Filled], tmp_path: Path) -> None:
    """Rows are loaded until there is a match, in both directions, and the end of the list is told."""
    server, filled = library
    app = app_for(server, tmp_path, token=filled.tokens["DJONES"])
    async with app.run_test(size=(100, 24)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        main.open_place(Location("folder", "Large", filled.large))
        await until(pilot, lambda: main.kind == "folder" and main.table.model.more, "the folder")
        await settled(pilot)
        await pilot.press("G")
        await until(pilot, lambda: not main.table.model.more, "the end")
        await settled(pilot)
        last = main.table.current
        assert last is not None
        await pilot.press("g", "g")
        await until(
            pilot, lambda: not main.table.model.above and not main.table.model.more_above, "the start"
        )
        await settled(pilot)
        first = main.table.current
        await pilot.press("slash", *last.name)
        await until(pilot, lambda: main.browser.list.search_window is not None, "what the server found")
        found = len(main.table.rows)
        await pilot.press("escape")
        await settled(pilot)
        for _ in range(found):
            await pilot.press("n")
            await settled(pilot)
            if main.table.current is not None and main.table.current.key == last.key:
                break
        assert main.table.current is not None
        assert main.table.current.key == last.key
        await pilot.press("n")
        await settled(pilot)
        assert said(main) == f"There is no row below with “{last.name}”."
        main.browser.list.ended_needle = first.name if first is not None else ""
        await pilot.press("N")
        await settled(pilot)
        assert main.table.current is not None
        assert first is not None
        assert main.table.current.key == first.key or first.name in main.table.current.name


async def test_what_was_found_is_told_as_long_as_it_is_true(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    """Not while another filter is typed, and not after the marks were removed."""
    async with running(sample_server, tmp_path / "state", size=(100, 24)) as (pilot, _):
        main = await files(pilot, tmp_path)
        await pilot.press("slash", *"zzz", "escape")
        assert said(main) == "Nothing here has “zzz”."
        await pilot.press("slash")
        assert said(main) == "Nothing here has “zzz”.", "nothing has been typed yet"
        await pilot.press("a")
        assert said(main) == ""
        await pilot.press("escape")
        assert said(main).startswith("6 rows have “a”")
        await pilot.press("escape")
        assert said(main) == ""
        # What was said since is about something else, and stays.
        await pilot.press("slash", *"alp", "escape", "n", "N", "N")
        wrapped = said(main)
        assert wrapped.startswith("That was the first row")
        await pilot.press("escape")
        assert said(main) == wrapped
