"""The panes of the first screen, and what lies over it: which is active, who gets the room, where menus stand."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.app.app import (
    focused_id,
    link_text,
    main_screen,
    put_cursor_on,
    resized,
    running,
    screen_of,
    screen_text,
    sent_folder,
    settled,
    until,
)
from tests.support.checks.long import more
from tests.support.pictures.scene_start import about_to_send, typed
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.tui.conftest import MakeApp
from tui.locations.location import Location
from tui.ui.base.menu import Menu
from tui.ui.dialogs.details import Details
from tui.ui.send.recipients import Matches
from tui.ui.send.send import SendDialog
from tui.ui.widgets.pane_heading import BAR

SERVER = "shared"


def bars(text: str) -> list[str]:
    """What begins with the bar of an active pane."""
    return [line.partition(BAR)[2].split()[0] for line in text.splitlines() if BAR in line]


async def test_the_active_pane_has_a_bar_and_none_has_one_behind_a_dialog(
    still_server: ServerProcess, tmp_path: Path
) -> None:
    async with running(still_server, tmp_path, size=(80, 24)) as (pilot, main):
        place = main.path[-1].name.split()[0]
        assert bars(screen_text(pilot)) == [place] or bars(screen_text(pilot)) == [
            main.path[0].name.split()[0]
        ]
        await pilot.press("tab")
        await until(pilot, lambda: focused_id(pilot) == "tree")
        assert bars(screen_text(pilot)) == ["Places"]
        await pilot.press("tab", "i")
        await screen_of(pilot, Details)
        assert bars(screen_text(pilot)) == []
        await pilot.press("escape")
        await main_screen(pilot)
        await until(pilot, lambda: len(bars(screen_text(pilot))) == 1)


@more
async def test_frames_come_with_the_room_for_them(still_server: ServerProcess, tmp_path: Path) -> None:
    async with running(still_server, tmp_path, size=(80, 24)) as (pilot, main):
        for size, framed in (((100, 29), False), ((99, 30), False), ((100, 30), True), ((80, 24), False)):
            await resized(pilot, *size)
            await pilot.pause()
            text = screen_text(pilot)
            assert ("╭─ Places" in text) is framed, size
            assert ("╰" in text) is framed
            assert (BAR in text) is not framed
        assert main.table.size.height > 10


@more
async def test_where_names_would_have_no_room_the_list_gets_that_of_the_tree(
    still_server: ServerProcess, tmp_path: Path
) -> None:
    """On 40 columns, unless keys go to the tree; on 60, both are there."""
    async with running(still_server, tmp_path, size=(40, 12)) as (pilot, main):
        await until(pilot, lambda: main.table.size.width == 40)
        await pilot.press("tab")
        await until(pilot, lambda: focused_id(pilot) == "tree" and main.table.size.width < 20)
        await pilot.press("tab")
        await until(pilot, lambda: main.table.size.width == 40)
        await resized(pilot, 60, 20)
        await until(pilot, lambda: main.table.size.width == 36)


async def test_an_empty_list_leaves_the_tree_what_its_names_need(
    still_server: ServerProcess, tmp_path: Path
) -> None:
    """What it says is wrapped to any width; names of places would be cut."""
    async with running(still_server, tmp_path, size=(120, 40)) as (pilot, main):
        main.open_place(Location("found", "Found: zzz", "zzz", opens=False))
        await until(pilot, lambda: main.pending is None)
        await settled(pilot)
        assert main.table.rows == []
        await until(pilot, lambda: "Brightmere - Collision Claim" in screen_text(pilot))
        assert "…" not in screen_text(pilot)


async def test_the_first_row_of_an_empty_list_takes_back_what_it_needs(
    still_server: ServerProcess, tmp_path: Path
) -> None:
    """A list that a filter leaves empty moves nothing; one that has become empty does."""
    # The way to a folder is shown whole as well: a short one.
    made = TemporaryDirectory(dir="/tmp")
    folder = Path(made.name)
    long = folder / ("Minutes of the Board " * 4 + ".txt")
    async with running(still_server, tmp_path, size=(120, 40)) as (pilot, main):

        async def reloaded(rows: int) -> int:
            await pilot.press("f5")
            await until(pilot, lambda: len(main.table.rows) == rows)
            await settled(pilot)
            return main.places.size.width

        main.open_place(Location("local", "files", str(folder)))
        await until(pilot, lambda: main.kind == "local" and main.pending is None)
        wide = await reloaded(0)
        long.write_text("A")
        narrow = await reloaded(1)
        assert narrow < wide
        await pilot.press("slash", *"zzz")
        await until(pilot, lambda: main.table.rows == [])
        await settled(pilot)
        assert main.places.size.width == narrow
        await pilot.press("escape")
        await until(pilot, lambda: len(main.table.rows) == 1)
        long.unlink()
        assert await reloaded(0) == wide
    made.cleanup()


@more
async def test_sent_documents_get_the_room_of_the_tree(three_sent: ServerProcess, make_app: MakeApp) -> None:
    """On a narrow screen; the tree is there as soon as keys go to it."""
    async with make_app().run_test(size=(80, 24)) as pilot:
        main = await sent_folder(pilot)
        await pilot.pause()
        assert main.table.size.width == 80
        await pilot.press("tab")
        await until(pilot, lambda: focused_id(pilot) == "tree")
        assert main.places.size.width > 20
        await pilot.press("tab")
        await until(pilot, lambda: main.table.size.width == 80)
        assert all(title in screen_text(pilot) for title in ("External", "Downloads", "Ends", "Sent"))
        # Beside the details as well, until all three have room.
        await resized(pilot, 120, 40)
        await until(pilot, lambda: main.table.size.width == 80, "the room of a screen of 80 columns")
        assert "╭─ Details" in screen_text(pilot)
        titles = next(line for line in screen_text(pilot).splitlines() if "External" in line)
        assert all(title in titles for title in ("Downloads", "Ends", "Sent"))
        await pilot.press("tab")
        await until(pilot, lambda: main.places.size.width > 20)
        assert main.table.size.width > 54
        await pilot.press("tab")
        await resized(pilot, 150, 40)
        await until(pilot, lambda: main.places.size.width > 20)
        assert main.table.size.width == 96


@more
async def test_whom_documents_were_sent_to_stands_where_96_columns_of_the_list_are_free(
    three_sent: ServerProcess, make_app: MakeApp
) -> None:
    """On 96 columns and more, wherever the tree, with or without the details, would leave less than that; beside the
    tree, if both have room."""
    publish(three_sent, b"content", "Letter of Intent.pdf", recipients=["Anna Arp <anna@halyard.example>"])
    async with make_app().run_test(size=(96, 24)) as pilot:
        main = await sent_folder(pilot)
        for width, has_details, has_tree in (
            (96, False, False),
            (99, False, False),
            (100, False, False),
            (109, False, False),
            (126, True, False),
            (149, True, False),
            (150, True, True),
            (170, True, True),
            (200, True, True),
        ):
            await resized(pilot, width, 40)
            await until(pilot, lambda wide=has_tree: (main.places.size.width > 20) is wide, f"{width}")
            assert ("╭─ Details" in screen_text(pilot)) is has_details, width
            titles = next(line for line in screen_text(pilot).splitlines() if "External" in line)
            assert " To " in titles, width
            row = next(
                line for line in screen_text(pilot).splitlines() if "Letter" in line and " On " in line
            )
            assert "Anna Arp" in row.partition("On")[0], width
        # At 120 there is room once the details are closed.
        await resized(pilot, 120, 40)
        await until(pilot, lambda: main.table.size.width == 80)
        await pilot.press("I")
        await until(pilot, lambda: main.table.size.width >= 96, "the room of the details and of the tree")
        assert "Anna Arp" in screen_text(pilot)


async def test_a_menu_opens_at_its_row(three_sent: ServerProcess, make_app: MakeApp) -> None:
    """Below the row."""
    async with make_app().run_test(size=(80, 24)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "Third.pdf")
        row = main.table.region.y + main.table.cursor_line + 1
        await pilot.press("m")
        menu = await screen_of(pilot, Menu)
        await pilot.pause()
        box = menu.query_one(".box").region
        assert (box.x, box.y) == (main.table.region.x + 2, row + 1)


@more
async def test_ten_documents_have_room_in_the_dialog(
    server: ServerProcess, make_app: MakeApp, tmp_path: Path
) -> None:
    """At 80x24, with the buttons of the rows in the line above them; all its other lines are there, too."""
    folder = tmp_path / "ten"
    folder.mkdir()
    for number in range(12):
        (folder / f"Exhibit {number:02}.txt").write_text("x")
    async with make_app().run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        await about_to_send(pilot, main, Location("local", "ten", str(folder)), "ctrl+a")
        await pilot.pause()
        text = screen_text(pilot)
        assert all(f"Exhibit {number:02}.txt" in text for number in range(10))
        for word in (
            "Documents",
            "Rename",
            "Remove",
            "Undo",
            "Protection",
            "For",
            "Send",
            "Copy to Clipboard",
        ):
            assert word in text


@more
async def test_escape_closes_the_addresses_before_the_dialog(
    three_sent: ServerProcess, make_app: MakeApp, files: Location
) -> None:
    publish(three_sent, b"x", "Earlier.pdf", recipients=["anna@example.com"])
    async with make_app().run_test(size=(80, 24)) as pilot:
        main = await sent_folder(pilot)
        dialog = await about_to_send(pilot, main, files, "space")
        dialog.query_one("#to").focus()
        await typed(pilot, "an")
        matches = dialog.query_one(Matches)
        await until(pilot, lambda: matches.display)
        assert "╭" in screen_text(pilot).splitlines()[dialog.query_one("#to").region.y + 1]
        await pilot.press("escape")
        await until(pilot, lambda: not matches.display)
        assert await screen_of(pilot, SendDialog) is dialog
        assert link_text(main) == ""
