"""The picker: breadcrumbs, going back to the same cursor position, and the filter in small and large lists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.app.app import (
    app_for,
    main_screen,
    name_of,
    open_sent_folder,
    put_cursor_on,
    resized,
    running,
    screen_text,
    settled,
    until,
)
from tests.support.checks.long import more
from tests.support.pictures.scene_start import add_shortcut
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish, publish_all
from tui.locations.location import Location
from tui.ui.main.main import MainScreen
from tui.ui.widgets.breadcrumbs import Breadcrumbs

MANY = 130


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server whose Secure Sent Links folder takes more than one page."""
    with ServerProcess(tmp_path_factory.mktemp("full") / "data", sample=True) as server:
        add_shortcut(server)
        # The oldest comes last in the list, on the second page.
        publish(server, b"", "Exhibit 000 needle.pdf")
        publish_all(server, [f"Exhibit {number:03}.pdf" for number in range(1, MANY)])
        yield server


def way(main: MainScreen) -> str:
    return main.query_one(Breadcrumbs).text


def names(main: MainScreen) -> list[str]:
    return [name_of(row) for row in main.table.rows]


async def test_the_way_is_shown_and_gone_back(sample_server: ServerProcess, tmp_path: Path) -> None:
    async with running(sample_server, tmp_path, size=(100, 30)) as (pilot, main):
        assert way(main) == "My Favorites › Deal Documents  (12)"
        await pilot.click(Breadcrumbs, offset=(3, 0))
        await until(pilot, lambda: main.kind == "favorites")
        assert way(main).startswith("My Favorites  (")
        # The cursor is on the folder just left.
        assert name_of(main.table.current) == "▸ Deal Documents"
        await pilot.press("enter")
        await until(pilot, lambda: main.kind == "folder")
        main.open_place(Location("workspaces", "Workspaces"))
        await until(pilot, lambda: main.kind == "workspaces")
        put_cursor_on(main, "▸ Quillon Foods - Inquiry")
        await pilot.press("enter")
        await until(pilot, lambda: main.kind == "workspace")
        below = names(main)
        put_cursor_on(main, below[1])
        await pilot.press("enter")
        await until(pilot, lambda: main.kind == "folder")
        assert way(main).startswith(
            f"Workspaces › Quillon Foods - Inquiry › {below[1].removeprefix('▸ ')}  ("
        )
        await pilot.press("backspace")
        await until(pilot, lambda: main.kind == "workspace")
        assert name_of(main.table.current) == below[1]
        await pilot.press("backspace")
        await until(pilot, lambda: main.kind == "workspaces")
        assert name_of(main.table.current) == "▸ Quillon Foods - Inquiry"
        # From a root of the tree, back to the previous location.
        await pilot.press("backspace")
        await until(pilot, lambda: main.kind == "folder")
        assert way(main).startswith("My Favorites › Deal Documents")


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_a_way_without_room_still_names_the_matter(
    size: tuple[int, int], sample_server: ServerProcess, tmp_path: Path
) -> None:
    """Folders of the same name are in many matters."""
    async with running(sample_server, tmp_path, size=size) as (pilot, main):
        main.open_place(Location("workspaces", "Workspaces"))
        await until(pilot, lambda: main.kind == "workspaces")
        put_cursor_on(main, "▸ Halyard - Share Sale")
        while main.kind != "folder" or any(name.startswith("▸") for name in names(main)):
            before = main.place
            await pilot.press("enter")
            await until(pilot, lambda before=before: main.place != before and main.pending is None)
            folders = [name for name in names(main) if name.startswith("▸")]
            if folders:
                put_cursor_on(main, max(folders, key=len))
        shown = main.query_one(Breadcrumbs).render().plain
        # Each is whole, or has its beginning and its end.
        assert re.search(r"▌(… › )?Halyard .*Sale › ", shown)
        assert main.place is not None
        assert f" › {main.place.name[:8]}" in shown


@more
async def test_a_way_without_room_loses_its_beginning(sample_server: ServerProcess, tmp_path: Path) -> None:
    """And labels of the tree their middle, with an ellipsis: folders are often told apart by their ends."""

    def in_tree() -> list[str]:
        return [main.places.render_line(y).text for y in range(main.places.size.height)]

    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, main):
        path = [
            Location("workspaces", "Workspaces"),
            *(Location("folder", f"Folder number {n}", str(n)) for n in range(9)),
        ]
        main.query_one(Breadcrumbs).show([place.name for place in path], "(7)")
        await pilot.pause()
        shown = main.query_one(Breadcrumbs).render().plain
        assert shown.startswith("▌… › ")
        assert "Folder number 8 " in shown
        assert shown.endswith(" (7) ")
        main.query_one(Breadcrumbs).show(["A" * 200], "(7)")
        assert (
            len(main.query_one(Breadcrumbs).render().plain) <= main.query_one(Breadcrumbs).content_size.width
        )
        cut = [line.rstrip() for line in in_tree() if "Quillon" in line]
        assert cut
        assert all("…" in line and line.endswith("quiry") for line in cut)
        await resized(pilot, 170, 40)
        await pilot.pause()
        assert any("Quillon Foods - Inquiry" in line for line in in_tree())


async def test_local_folders_go_up_by_their_path(
    fresh_server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / "a" / "c.txt").touch()
    monkeypatch.chdir(deep)
    app = app_for(fresh_server, tmp_path / "state", demo=False)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await main_screen(pilot)
        assert [place.name for place in main.path][-2:] == ["a", "b"]
        await pilot.press("backspace")
        await until(pilot, lambda: names(main) == ["▸ b", "c.txt"])
        assert name_of(main.table.current) == "▸ b"


async def test_the_filter_looks_at_every_cell_and_keeps_what_is_selected(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    async with running(sample_server, tmp_path, size=(120, 30)) as (pilot, main):
        put_cursor_on(main, "Data Room Index.csv")
        await pilot.press("space", "slash", *"hbrandt")
        await until(pilot, lambda: names(main) == ["Funds Flow Statement.xlsx"])
        await pilot.press("enter", "space")
        assert "(1 of 12) · 2 selected" in way(main)
        assert {row.name for row in main.table.chosen} == {"Funds Flow Statement.xlsx", "Data Room Index.csv"}
        await pilot.press("escape")
        await until(pilot, lambda: len(names(main)) == 12)
        assert [row.name for row in main.table.chosen] == ["Data Room Index.csv", "Funds Flow Statement.xlsx"]
        assert not main.pane.filtering
        # First the marks of what was found go, then what is selected.
        await pilot.press("escape")
        assert len(main.table.selected) == 2
        await pilot.press("escape")
        assert main.table.selected == set()
        await pilot.press("slash", *"xyzzy")
        await until(pilot, lambda: not names(main))
        assert main.table.model.empty == "No name here contains “xyzzy”; esc clears the filter."


async def test_in_a_large_folder_the_server_is_asked(full: ServerProcess, tmp_path: Path) -> None:
    """The match is on a page that was never loaded."""
    async with running(full, tmp_path, size=(100, 30)) as (pilot, main):
        await open_sent_folder(pilot, main)
        assert len(names(main)) == 100
        assert f"(100 of {MANY})" in way(main)
        await pilot.press("slash", *"NEEDLE")
        await until(pilot, lambda: names(main) == ["Exhibit 000 needle.pdf"], "the needle")
        assert "(1 found)" in way(main)
        await pilot.press(*["backspace"] * 6, *"exhibit 0")
        await until(pilot, lambda: "(100 found)" in way(main) or "(100+ found)" in way(main), "a hundred")
        await pilot.press("enter", "escape")
        await until(pilot, lambda: len(names(main)) == 100 and not main.pane.filtering)
        # The cursor is found again beyond the first page.
        main.open_place(Location("share", "Share"))
        await until(pilot, lambda: main.kind == "share")
        await pilot.press("enter")
        await until(pilot, lambda: main.kind == "sent")
        await pilot.press("end")
        await until(pilot, lambda: len(names(main)) == MANY, "the second page")
        put_cursor_on(main, "Exhibit 010.pdf")
        top, path = main.table.scroll_offset.y, main.path
        await pilot.press("backspace")
        await until(pilot, lambda: main.kind == "share")
        main.open_place(path[-1], path=path, back=True)
        await until(pilot, lambda: main.kind == "sent" and name_of(main.table.current) == "Exhibit 010.pdf")
        assert main.table.scroll_offset.y == top


@more
async def test_the_scrollbar_of_the_tree_leaves_the_ellipsis_visible(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    """A message of several lines makes the tree shorter, so that it gets a scrollbar, and loses it afterwards."""

    def in_tree(name: str) -> str:
        line = next(line for line in screen_text(pilot).splitlines() if name in line)
        return line[line.index(name) :].split("│")[0].rstrip("▆ ")

    async with running(sample_server, tmp_path, size=(80, 20)) as (pilot, main):
        assert in_tree("Lumenor") == "Lumenor - Pa…cence"
        for text, shown in (("A message. " * 20, "Lumenor - P…cence"), ("", "Lumenor - Pa…cence")):
            main.say(text)
            await settled(pilot)
            await pilot.pause()
            assert main.query_one("#tree").show_vertical_scrollbar == bool(text)
            assert in_tree("Lumenor") == shown


async def test_the_key_that_lists_a_place_opens_its_branch_and_closes_only_what_is_listed(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    """The branch of Workspaces is open from the start."""
    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, main):
        node = main.places.find("workspaces")
        assert node is not None
        await until(pilot, lambda: node.is_expanded)
        await pilot.press("tab")
        main.places.move_cursor(node)
        await pilot.press("enter")
        await until(pilot, lambda: main.kind == "workspaces")
        assert node.is_expanded
        await pilot.press("enter")
        await until(pilot, lambda: not node.is_expanded)
        assert main.kind == "workspaces"
        await pilot.press("enter")
        await until(pilot, lambda: node.is_expanded)
