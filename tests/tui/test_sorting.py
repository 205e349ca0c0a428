"""Sorting a list, by key, palette command or click on a title; the server does the sorting."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
from textual.pilot import Pilot

from tests.support.app.app import app_for, main_screen, name_of, open_sent_folder, said, settled, until
from tests.support.app.long_lists import in_order
from tests.support.checks.long import more
from tests.support.servers.fill import Filled
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tui.locations.location import Location
from tui.ui.main.main import MainScreen
from tui.ui.widgets.status_line import StatusLine


def key_of(main: MainScreen) -> str | None:
    """The key of the row under the cursor."""
    row = main.table.current
    return None if row is None else row.key


def keys_of(main: MainScreen) -> list[str]:
    return [row.key for row in main.table.rows]


def titles(main: MainScreen) -> str:
    return main.table.render_line(0).text


async def opened(pilot: Pilot[Any], filled: Filled) -> MainScreen:
    main = await main_screen(pilot)
    await settled(pilot)
    main.open_place(Location("folder", "Large", filled.large))
    await until(pilot, lambda: main.kind == "folder", "the folder")
    await settled(pilot)
    return main


async def test_by_the_key(library: tuple[ServerProcess, Filled], tmp_path: Path) -> None:
    """One key takes the next column, the other reverses; the end of the list is the last row in that order."""
    server, filled = library
    app = app_for(server, tmp_path, token=filled.tokens["DJONES"])
    async with app.run_test(size=(120, 40)) as pilot:
        main = await opened(pilot, filled)
        assert "▲" not in titles(main)
        assert "▼" not in titles(main)
        for key, order, shown, way in (
            ("S", "-edited", "Edited ▼", "newest first"), ("S", "name", "Document ▲", "A–Z"),
            ("Z", "-name", "Document ▼", "Z–A"), ("S", "-edited", "Edited ▼", "newest first"),
            ("Z", "edited", "Edited ▲", "oldest first"), ("S", "name", "Document ▲", "A–Z"),
        ):  # fmt: skip
            whole = in_order(*library, order)
            await pilot.press(key)
            await until(pilot, lambda way=way: said(main).endswith(f", {way}."), way)
            await until(pilot, lambda shown=shown: shown in titles(main), shown)
            assert keys_of(main) == whole[: len(main.table.rows)]
            await pilot.press("end")
            await until(pilot, lambda last=whole[-1]: key_of(main) == last, f"the last by {order}")
            await pilot.press("home")
            await until(pilot, lambda first=whole[0]: key_of(main) == first, f"the first by {order}")


@more
async def test_by_a_click_on_a_title(library: tuple[ServerProcess, Filled], tmp_path: Path) -> None:
    server, filled = library
    app = app_for(server, tmp_path, token=filled.tokens["DJONES"])
    async with app.run_test(size=(200, 40)) as pilot:
        main = await opened(pilot, filled)
        for order, shown in (("-edited", "Edited ▼"), ("edited", "Edited ▲")):
            await pilot.click(main.table, offset=(titles(main).index("Edited") + 1, 0))
            await until(pilot, lambda shown=shown: shown in titles(main), shown)
            assert keys_of(main) == in_order(*library, order)[: len(main.table.rows)]
        before = keys_of(main)
        await pilot.click(main.table, offset=(titles(main).index("Author") + 1, 0))
        await settled(pilot)
        assert keys_of(main) == before, "nothing is sorted by author"


async def test_the_order_stays_for_the_filter_the_reload_and_the_next_folder(
    library: tuple[ServerProcess, Filled], tmp_path: Path
) -> None:
    server, filled = library
    app = app_for(server, tmp_path, token=filled.tokens["DJONES"])
    async with app.run_test(size=(120, 40)) as pilot:
        main = await opened(pilot, filled)
        whole = in_order(*library, "-edited")
        await pilot.press("S")
        await until(pilot, lambda: "Edited ▼" in titles(main), "the order")
        name = name_of(main.table.rows[0])
        word = name.split()[0]
        await pilot.press("slash", *word)
        await until(pilot, lambda: main.browser.list.search_window is not None, "what the server found")
        await settled(pilot)
        found = keys_of(main)
        assert found
        assert found == [key for key in whole if key in set(found)]
        await pilot.press("escape", "f5")
        await settled(pilot)
        assert keys_of(main) == whole[: len(main.table.rows)]
        main.open_place(Location("folder", "Small", filled.small))
        await until(pilot, lambda: main.place is not None and main.place.name == "Small", "the other folder")
        await settled(pilot)
        assert "Edited ▼" in titles(main)


@more
async def test_what_was_sent_is_sorted_too(fresh_server: ServerProcess, tmp_path: Path) -> None:
    for name in ("Beta.pdf", "Alpha.pdf", "Gamma.pdf"):
        publish(fresh_server, b"content", name)
    app = app_for(fresh_server, tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        main = await main_screen(pilot)
        await open_sent_folder(pilot, main)
        await settled(pilot)
        assert [name_of(row) for row in main.table.rows] == ["Gamma.pdf", "Alpha.pdf", "Beta.pdf"]
        await pilot.click(main.table, offset=(titles(main).index("Document") + 1, 0))
        await until(pilot, lambda: "Document ▲" in titles(main), "the order")
        assert [name_of(row) for row in main.table.rows] == ["Alpha.pdf", "Beta.pdf", "Gamma.pdf"]
        # A list with a fixed order says so.
        await pilot.press("t")
        await until(pilot, lambda: main.kind == "trash", "the trash")
        assert main.disabled_reason("sort") == "This list can't be sorted."


@more
async def test_by_whether_the_link_works(fresh_server: ServerProcess, tmp_path: Path) -> None:
    """What is on comes first, of each the last sent; the first press of the key sorts by name from A."""
    for name in ("On 1.pdf", "Off 1.pdf", "On 2.pdf", "Off 2.pdf"):
        document = publish(fresh_server, b"content", name)
        if name.startswith("Off"):
            with fresh_server.client() as client:
                client.post(f"/share/v1/documents/{document['id']}/unpublish").raise_for_status()
    app = app_for(fresh_server, tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        main = await main_screen(pilot)
        await open_sent_folder(pilot, main)
        await settled(pilot)
        for key, sentence, expected in (
            ("S", "Sorted by Document, A–Z.", ["Off 1.pdf", "Off 2.pdf", "On 1.pdf", "On 2.pdf"]),
            ("S", "Sorted by External, on first.", ["On 2.pdf", "On 1.pdf", "Off 2.pdf", "Off 1.pdf"]),
            ("Z", "Sorted by External, off first.", ["Off 1.pdf", "Off 2.pdf", "On 1.pdf", "On 2.pdf"]),
        ):
            await pilot.press(key)
            await until(pilot, lambda sentence=sentence: said(main) == sentence, sentence)
            assert [name_of(row) for row in main.table.rows] == expected, sentence


@more
async def test_files_of_this_machine_are_sorted_too(fresh_server: ServerProcess, tmp_path: Path) -> None:
    """By the same key, and the order stays for the next folder."""
    folder = tmp_path / "files"
    (folder / "inner").mkdir(parents=True)
    for name, size in (("a.txt", 1), ("b.txt", 3), ("inner/c.txt", 2), ("inner/d.txt", 4)):
        (folder / name).write_bytes(b"x" * size)
    async with app_for(fresh_server, tmp_path).run_test(size=(120, 40)) as pilot:
        main = await main_screen(pilot)
        main.open_place(Location("local", "files", str(folder)))
        await until(pilot, lambda: main.place is not None and main.place.id == str(folder), "the folder")
        await settled(pilot)
        await pilot.press("S")
        await until(pilot, lambda: "Size ▼" in titles(main), "the order")
        assert [name_of(row) for row in main.table.rows] == ["▸ inner", "b.txt", "a.txt"]
        assert said(main) == "Sorted by Size, largest first."
        await pilot.press("home", "enter")
        await until(pilot, lambda: len(main.table.rows) == 2, "the folder in it")
        assert [name_of(row) for row in main.table.rows] == ["d.txt", "c.txt"]


@more
async def test_a_server_that_knows_no_order_is_noticed(
    library: tuple[ServerProcess, Filled], tmp_path: Path
) -> None:
    """The rows are shown as the server sends them, and no order is indicated."""

    async def without_order(request: httpx.Request) -> None:
        request.url = request.url.copy_remove_param("sort")

    server, filled = library
    app = app_for(server, tmp_path, token=filled.tokens["DJONES"])
    async with app.run_test(size=(120, 40)) as pilot:
        main = await opened(pilot, filled)
        before = keys_of(main)
        main.session.http.event_hooks = {"request": [without_order]}
        await pilot.press("S")
        await until(pilot, lambda: "can't sort" in main.query_one("#status", StatusLine).text, "what is said")
        await settled(pilot)
        assert keys_of(main) == before
        assert "▼" not in titles(main)
