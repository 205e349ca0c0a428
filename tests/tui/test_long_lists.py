"""A list of thousands of rows: only a few pages are ever loaded, and its end is one jump away."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support.app.app import (
    app_for,
    asked,
    main_screen,
    name_of,
    said,
    screen_of,
    sent_folder,
    settled,
    until,
)
from tests.support.app.long_lists import in_order, large_folder, spoiled_folder
from tests.support.app.performed import performed
from tests.support.checks.long import more
from tests.support.servers.fill import Filled
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tests.tui.conftest import LONG
from tui.locations.location import Location
from tui.locations.page_window import MOST
from tui.ui.base.prompt import Prompt
from tui.ui.base.question import Question
from tui.ui.browser.windows import window_of
from tui.ui.main.main import MainScreen

PAGE = 200
#: The number of rows that a page key moves on a screen of 40 lines, and on a tall one, where a walk has fewer steps.
STEP = 32
#: Without frames.
TALL, LONG_STEP = (99, 100), 92
#: So many page keys on a tall screen that the pages where they began are no longer loaded.
DISCARDED = (MOST + 2 * PAGE) // LONG_STEP + 1


@pytest.fixture(scope="module")
def keys(library: tuple[ServerProcess, Filled]) -> list[str]:
    return in_order(*library)


def current(main: MainScreen) -> str:
    assert main.table.current is not None
    return main.table.current.key


async def walk(pilot: Pilot[Any], main: MainScreen, key: str, until_key: str) -> list[str]:
    """Presses ``key`` until the cursor is on ``until_key``; returns the rows it was on, and fails if it gets stuck."""
    seen = [current(main)]
    while seen[-1] != until_key:
        await pilot.press(key)
        await settled(pilot)
        assert len(main.table.rows) <= MOST + PAGE, "too many rows are kept"
        assert current(main) != seen[-1], f"stuck after {len(seen)} pages"
        seen.append(current(main))
    return seen


async def test_the_end_is_a_jump_away_and_every_way_is_whole(
    library: tuple[ServerProcess, Filled], keys: list[str], tmp_path: Path
) -> None:
    async with large_folder(library, tmp_path, size=TALL) as (pilot, main):
        await pilot.press("end")
        await until(pilot, lambda: current(main) == keys[-1], "the last row")
        assert len(main.table.rows) <= PAGE, "all of the list was loaded for its end"
        line = main.table.size.height - 1
        # The middle of the name may be left out.
        assert name_of(main.table.current)[:12] in main.table.render_line(line).text
        # Up, then down part of the way over pages that were discarded, then up to the first row.
        up = await walk(pilot, main, "pageup", keys[-1 - DISCARDED * LONG_STEP])
        down = await walk(pilot, main, "pagedown", keys[-1])
        assert down == up[::-1]
        whole = await walk(pilot, main, "pageup", keys[0])
        places = [keys.index(key) for key in whole]
        assert places == sorted(places, reverse=True)
        assert {here - there for here, there in itertools.pairwise(places[:-1])} == {LONG_STEP}
        # The same from the list's beginning.
        await pilot.press("f5")
        await settled(pilot)
        down = await walk(pilot, main, "pagedown", keys[-1])
        assert [keys.index(key) for key in down[:-1]] == list(range(0, len(keys) - 1, LONG_STEP))
        assert main.table.model.above > 0
        assert await walk(pilot, main, "pageup", keys[0]) == whole


@more
async def test_the_selection_stays_by_its_documents_and_a_place_deep_in_the_list_is_found_again(
    library: tuple[ServerProcess, Filled], keys: list[str], tmp_path: Path
) -> None:
    async with large_folder(library, tmp_path, size=TALL) as (pilot, main):
        await pilot.press("space", "end")
        await until(pilot, lambda: current(main) == keys[-1], "the last row")
        await pilot.press("space", "home")
        await until(pilot, lambda: current(main) == keys[0], "the first row")
        assert main.table.selected == {keys[0], keys[-1]}
        assert main.table.render_line(1).text.startswith("✓")
        assert {row.key for row in main.table.chosen} == {keys[0], keys[-1]}
        await pilot.press("f5")
        await settled(pilot)
        assert main.table.selected == {keys[0], keys[-1]}
        await pilot.press("end")
        await until(pilot, lambda: current(main) == keys[-1], "the last row")
        await walk(pilot, main, "pageup", keys[-1 - (MOST // LONG_STEP + 2) * LONG_STEP])
        assert keys[-1] not in {row.key for row in main.table.rows}
        key, path = current(main), main.path
        line = main.table.model.above + main.table.cursor - main.table.scroll_offset.y
        main.open_place(Location("trash", "Trash"))
        await until(pilot, lambda: main.kind == "trash")
        main.open_place(path[-1], path=path, back=True)
        await until(pilot, lambda: main.kind == "folder" and current(main) == key)
        assert main.table.model.above + main.table.cursor - main.table.scroll_offset.y == line


@more
async def test_what_the_server_found_has_an_end_too(
    library: tuple[ServerProcess, Filled], keys: list[str], tmp_path: Path
) -> None:
    async with large_folder(library, tmp_path) as (pilot, main):
        await pilot.press("slash", *"draft", "enter")
        await until(pilot, lambda: main.browser.list.search_window is not None, "what the server found")
        await settled(pilot)
        await pilot.press("end")
        await settled(pilot)
        await until(pilot, lambda: not main.table.model.more, "the last of them")
        names = [name_of(row) for row in main.table.rows]
        assert all("draft" in name.lower() for name in names)
        assert current(main) == main.table.rows[-1].key


@more
async def test_what_is_found_in_the_library_is_walked_to_its_end(
    library: tuple[ServerProcess, Filled], tmp_path: Path
) -> None:
    """Search results are walked page by page, newest first, and back again."""
    server, filled = library
    asked: dict[str, str | int] = {"anywhere": "agreement", "limit": 9999}
    with server.client(filled.tokens["DJONES"]) as client:
        path = "/work/api/v2/customers/1/libraries/ACTIVE/documents"
        found = client.get(path, params=asked).raise_for_status().json()["data"]
    wanted = [item["id"].rpartition(".")[0] for item in found["results"]]
    assert len(wanted) > PAGE
    app = app_for(server, tmp_path, token=filled.tokens["DJONES"])
    async with app.run_test(size=(99, 40)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        await pilot.press("ctrl+f")
        await screen_of(pilot, Prompt)
        await pilot.press(*"agreement", "enter")
        await until(pilot, lambda: main.place is not None and main.place.kind == "found")
        await settled(pilot)
        down = await walk(pilot, main, "pagedown", wanted[-1])
        assert [wanted.index(key) for key in down[:-1]] == list(range(0, len(wanted) - 1, STEP))
        up = await walk(pilot, main, "pageup", wanted[0])
        places = [wanted.index(key) for key in up]
        assert {here - there for here, there in itertools.pairwise(places[:-1])} == {STEP}


async def test_all_rows_are_selected_also_those_that_are_not_here(
    library: tuple[ServerProcess, Filled],
    keys: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rows are selected up to the maximum, from the top wherever the cursor is, and the status line says so."""
    monkeypatch.setattr("tui.ui.browser.selection.MOST_SELECTED", 1000)
    async with large_folder(library, tmp_path, size=(120, 40), demo=False) as (pilot, main):
        for before in ("home", "end"):
            await pilot.press(before)
            await settled(pilot)
            await pilot.press("ctrl+a")
            await settled(pilot)
            assert [row.key for row in main.table.chosen] == keys[:1000]
            assert "1,000" in said(main)
            main.table.clear_selection()


@more
async def test_all_that_is_found_is_selected(
    library: tuple[ServerProcess, Filled], keys: list[str], tmp_path: Path
) -> None:
    """All matches of a filter that the server applies are selected, even if they take more than a page, unless the
    selection is taken back while the rest of it comes."""
    async with spoiled_folder(library, tmp_path, size=(120, 40), demo=False) as (pilot, main, proxy):
        with proxy.holding("GET", "/children") as go_on:
            before = proxy.count("GET", "/children")
            await pilot.press("ctrl+a")
            await asked(pilot, proxy, "GET", "/children", before)
            assert main.table.selected
            await pilot.press("escape")
            go_on.set()
            await settled(pilot)
        assert main.table.selected == set()
        await pilot.press("slash", "e", "enter")
        await until(pilot, lambda: main.browser.list.search_window is not None, "what is found")
        assert main.browser.list.search_window is not None
        assert main.browser.list.search_window.more
        with proxy.holding("GET", "/children") as go_on:
            before = proxy.count("GET", "/children")
            await pilot.press("ctrl+a")
            await asked(pilot, proxy, "GET", "/children", before)
            main.table.move_to(3)
            taken_back = current(main)
            await pilot.press("space")
            go_on.set()
            await settled(pilot)
        selected = [row.key for row in main.table.chosen]
        assert taken_back not in selected
        assert PAGE < len(selected) < LONG
        assert selected == [key for key in keys if key in set(selected)]
        view = window_of(main.browser, main.place or Location("", ""), "e")
        found: list[str] = []
        while view.more:
            await performed(view.down())
            found += [row.key for row in view.rows if row.key not in set(found)]
        assert selected == [key for key in found if key != taken_back]


@more
async def test_what_others_change_beyond_the_rows_that_are_here_is_unpublished_too(
    many: ServerProcess, tmp_path: Path
) -> None:
    """Documents changed by others are unpublished with the rest; deleted ones are skipped."""
    with Sender(many) as me:
        # Those that the list doesn't load at first come first.
        sent = me.get("/documents", limit=500)["documents"][::-1]
        me.post(f"/documents/{sent[0]['id']}/unpublish")
        app = app_for(many, tmp_path, demo=False)
        async with app.run_test(size=(100, 30)) as pilot:
            main = await sent_folder(pilot)
            assert {row.key for row in main.table.rows}.isdisjoint(document["id"] for document in sent[:2])
            await pilot.press("ctrl+a")
            await until(pilot, lambda: len(main.table.selected) == 130, "all of them")
            await settled(pilot)
            me.resend(sent[0])
            me.delete(f"/documents/{sent[1]['id']}")
            await settled(pilot)
            await pilot.press("u")
            question = await screen_of(pilot, Question)
            assert question.text[0] == "Unpublish 129 links?"
            await pilot.press("y")
            await until(pilot, lambda: said(main) == "Unpublished 129 links.", "what became of it")
            await settled(pilot)
            place = main.place
            assert place is not None
            left = [me.document(sent[1]["id"]), *me.get("/documents", limit=500)["documents"]]
            assert len(left) == len(sent)
            assert [d["name"] for d in left if d["published"]] == []
