"""The line below a list shows what the list has no room for, about the row under the cursor and the sort order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support.app.app import (
    app_for,
    cell_of,
    main_screen,
    name_of,
    put_cursor_on,
    resized,
    sent_folder,
    settled,
    until,
)
from tests.support.checks.long import more
from tests.support.pictures.scene_start import about_to_send, add_shortcut
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.share import Sender
from tests.tui.conftest import MakeApp
from tui.locations.location import Location
from tui.rules.display import moment_text
from tui.rules.sent_text import source_text
from tui.ui.main.main import MainScreen
from tui.ui.widgets.row_line import RowLine

#: Of :func:`three_sent`.
SERVER = "shared"

#: On wider screens, the details are beside the list.
SIZES = [(60, 20), (80, 24), (109, 40)]


def columns(main: object) -> dict[str, int]:
    """The columns that are shown, with their widths."""
    table = main.table  # type: ignore[attr-defined]
    return {
        column.title: wide for column, wide in zip(table.model.columns, table.widths, strict=True) if wide
    }


def line_of_row(main: MainScreen, index: int) -> str:
    """What is on the screen of a row of the list, which has all of them."""
    table = main.table
    top = table.region.y + 1
    return screen_text(main).splitlines()[top + index][table.region.x : table.region.right]


def screen_text(main: object) -> str:
    return "\n".join(strip.text for strip in main._compositor.render_strips())  # type: ignore[attr-defined]


@pytest.fixture
def twice(fresh_server: ServerProcess) -> ServerProcess:
    """A server with one document that was sent twice, 366 days apart, from different versions."""
    add_shortcut(fresh_server)
    now = datetime.now(UTC).replace(microsecond=0)
    with Sender(fresh_server) as me:
        for days, source in ((367, "ACTIVE!453.1"), (1, "ACTIVE!453.2")):
            fresh_server.stop_clock(now)
            sent = me.open()
            upload = me.upload(sent["id"], b"x")
            # Not before: a job that the server has just begun may still remove what has expired by the other clock.
            fresh_server.stop_clock(now - timedelta(days=days))
            answer = me.publish(sent["id"], upload, "Offer.pdf", b"x", source=source)
            assert answer.status_code == 201, answer.text
        fresh_server.stop_clock(now)
    return fresh_server


async def test_documents_sent_twice_can_be_distinguished(twice: ServerProcess, tmp_path: Path) -> None:
    """F2: the date sent and the source version tell them apart, in columns or in the line below."""
    async with app_for(twice, tmp_path, demo=False).run_test(size=SIZES[0]) as pilot:
        main = await sent_folder(pilot)
        line = main.query_one(RowLine)
        for size in SIZES:
            await resized(pilot, *size)
            seen = []
            for index in range(2):
                main.table.move_to(index)
                await pilot.pause()
                sent, source = main.table.rows[index].data.sent_at, main.table.rows[index].data.source
                # What is there of this row: its own line, and the line below that is about the row under the cursor.
                own = line_of_row(main, index) + "\n" + line.text
                dates = (moment_text(sent), moment_text(sent, main.session.now()))
                assert f"Sent {dates[0]}" in own or dates[1] in own.splitlines()[0], size
                assert source_text(source) in own, size
                seen.append(own)
            assert seen[0] != seen[1], size


async def test_the_line_says_what_is_left_out_and_no_more(
    three_sent: ServerProcess, make_app: MakeApp
) -> None:
    """It has the same height for all rows, whatever it shows: nothing moves while one goes through the list. When a
    link expires is said once, and in words that can't be read as something past: without its title, “Left 6 days” could
    be."""
    expires = datetime.now(UTC) + timedelta(days=6, hours=1)
    with Sender(three_sent) as me:
        me.send("X.pdf", expires_at=expires.isoformat(), downloads_permitted=5)
    async with make_app().run_test(size=SIZES[0]) as pilot:
        main = await sent_folder(pilot)
        line = main.query_one(RowLine)
        for size in SIZES:
            await resized(pilot, *size)
            put_cursor_on(main, "Second.pdf")
            await pilot.pause()
            said, there = line.text, columns(main)
            for title, part in (
                ("Downloads", "Downloads 0"),
                ("Ends", "Ends never"),
                ("From", "From a local file"),
            ):
                assert (part in said) == (title not in there or there[title] < len(part) - len(title) - 1), (
                    size
                )
            assert said.count(" · ") < 8
            # It says whose it is, once.
            assert said.startswith("Second.pdf · ") or not said
            assert said.count("Second.pdf") == (1 if said else 0)
            heights = set()
            for index in range(4):
                main.table.move_to(index)
                await pilot.pause()
                heights.add((main.table.size.height, line.size.height))
            assert len(heights) == 1
            if size == SIZES[0]:
                put_cursor_on(main, "X.pdf")
                await pilot.pause()
                moment = moment_text(expires, main.session.now())
                in_column = any(moment in row for row in screen_text(main).splitlines() if "Ends " not in row)
                assert (f"Ends {moment_text(expires)}" in line.text) != in_column
                assert line.text.count("Ends") == int(not in_column)


@more
async def test_nothing_is_said_twice_beside_the_details(three_sent: ServerProcess, make_app: MakeApp) -> None:
    """What they show isn't in the line, unless they show the text of the document. The order is."""
    name = "Share Purchase Agreement between Halyard and Castellan (execution copy).pdf"
    publish(three_sent, b"x", name)
    async with make_app().run_test(size=(120, 40)) as pilot:
        main = await sent_folder(pilot)
        line = main.query_one(RowLine)
        await until(pilot, lambda: "Ends  " in screen_text(main), "the details")
        assert line.text == ""
        await pilot.press("T")
        # Nothing but the name is cut there.
        await until(pilot, lambda: line.text == name, "the line beside the text")
        await pilot.press("T")
        await until(pilot, lambda: line.text == "", "the details again")
        # Where there is no room for either, the order comes first.
        await resized(pilot, 60, 20)
        for _ in range(8):
            await pilot.press("S")
            await settled(pilot)
            if main.browser.order == "expires_at":
                break
        assert "Ends" not in columns(main)
        await until(pilot, lambda: line.text.startswith("Sorted by Ends ▲ · "))


@more
async def test_it_follows_the_row(three_sent: ServerProcess, make_app: MakeApp) -> None:
    """The line follows changes by others, the cursor, the width and the location."""
    name = "Share Purchase Agreement between Halyard and Castellan (execution copy).pdf"
    publish(three_sent, b"x", name)
    async with make_app().run_test(size=(80, 24)) as pilot:
        main = await sent_folder(pilot)
        line = main.query_one(RowLine)
        put_cursor_on(main, name)
        await pilot.pause()
        assert line.text.startswith(f"{name} · ")
        assert line.text.count(name) == 1
        put_cursor_on(main, "First.pdf")
        await pilot.pause()
        assert name not in line.text
        with Sender(three_sent) as me:
            document = next(row.data for row in main.table.rows if name_of(row) == "First.pdf")
            me.post(f"/documents/{document.id}/unpublish")
        await until(pilot, lambda: cell_of(main, "First.pdf", "Ends") == ("by you", "dim"), "the news")
        # Every column has room.
        await resized(pilot, 300, 12)
        await until(pilot, lambda: line.text == "", "the wide list")
        await resized(pilot, 44, 20)
        await until(pilot, lambda: "Downloads 0" in line.text, "the narrow list")
        await resized(pilot, 80, 24)
        await another_day_begins(pilot, main)
        await pilot.press("t")
        await until(pilot, lambda: main.kind == "trash" and line.text == "", "an empty place")


async def another_day_begins(pilot: Pilot[Any], main: MainScreen) -> None:
    """At midnight, the time of a document sent today becomes a date, without a key being pressed."""
    sent = main.table.rows[0].data.sent_at.astimezone()
    main.table.renderer.now = lambda: sent
    main.table.refresh()
    await pilot.pause()
    assert f" {sent:%H:%M} " in screen_text(main)
    main.table.renderer.now = lambda: sent + timedelta(days=1)
    main.table._begin_day()
    await pilot.pause()
    assert f" {sent:%H:%M} " not in "\n".join(screen_text(main).splitlines()[:-5])
    assert f" {sent:%a} " in screen_text(main)


@more
async def test_sorting_by_what_is_not_shown_is_said(make_app: MakeApp) -> None:
    """Each press of the key shows what the list is sorted by: in the column title, or else in the line below."""
    async with make_app().run_test(size=(60, 20)) as pilot:
        main = await sent_folder(pilot)
        line = main.query_one(RowLine)
        seen = set()
        for _ in range(8):
            await pilot.press("S")
            await settled(pilot)
            await pilot.pause()
            order = main.table.model.order
            at = [column.sort.lstrip("-") for column in main.table.model.columns].index(order.lstrip("-"))
            column, width = main.table.model.columns[at], main.table.widths[at]
            sign = "▼" if order.startswith("-") else "▲"
            if column.title in columns(main):
                assert "Sorted by" not in line.text
                assert f"{column.title} "[: width - 1] + sign in screen_text(main)
            else:
                assert line.text.startswith(f"Sorted by {column.title} {sign}")
                assert f"Sorted by {column.title} {sign}" in screen_text(main)
            seen.add(column.title)
        assert seen == {"Document", "External", "Downloads", "Ends", "Sent"}


@more
async def test_what_is_longer_than_a_line_goes_on_in_the_next_one(
    three_sent: ServerProcess, make_app: MakeApp
) -> None:
    """Such as a sentence of the activity; it is cut only where there is no room for its end, also behind others. No
    address is divided between two lines."""
    shorter, sentence = (
        "Sent from a local file to " + ", ".join(f"person{number}@example.com" for number in range(count))
        for count in (4, 5)
    )
    async with make_app().run_test(size=(80, 24)) as pilot:
        line = (await sent_folder(pilot)).query_one(RowLine)
        for pieces, shown, is_cut in (
            ((sentence,), sentence, False),
            (("Offer.pdf", shorter), "Offer.pdf · " + shorter, False),
            (("Offer.pdf", sentence), "Offer.pdf · " + sentence, True),
            ((sentence * 2,), sentence, True),
        ):
            line._pieces = pieces
            lines = str(line.render()).splitlines()
            assert len(lines) == 2
            assert " ".join(lines).startswith(shown[:85])
            assert lines[0].endswith(",")
            assert lines[-1].endswith("…") is is_cut


#: Longer than two lines of a screen of 80 columns.
LONG = f"{'Agreement between the Halyard Group Holdings plc and the sellers of all shares ' * 2}(clean).pdf"


async def test_a_long_name_is_there_in_full(
    three_sent: ServerProcess, make_app: MakeApp, tmp_path: Path
) -> None:
    """Below the list, in lines that it leaves blank: no row moves. And below the documents that are to be sent."""
    folder = tmp_path / "long"
    folder.mkdir()
    for name in (LONG, *(f"Exhibit {number}.txt" for number in range(5))):
        (folder / name).write_text("x")
    publish(three_sent, b"x", LONG, recipients=["Anna Arp <anna@halyard.example>", "max@varga.example"])
    async with make_app().run_test(size=(80, 24)) as pilot:
        main = await sent_folder(pilot)
        line = main.query_one(RowLine)
        put_cursor_on(main, "Second.pdf")
        await until(pilot, lambda: line.size.height == 2)
        tops = [line_of_row(main, index) for index in range(3)]
        put_cursor_on(main, LONG)
        await until(pilot, lambda: "From a local file" in joined(main), "all of the line")
        assert LONG in joined(main)
        assert "To Anna Arp <anna@halyard.example>, max@varga.example" in joined(main)
        put_cursor_on(main, "Second.pdf")
        await until(pilot, lambda: line.size.height == 2)
        assert [line_of_row(main, index) for index in range(3)] == tops
        dialog = await about_to_send(pilot, main, Location("local", "long", str(folder)), "ctrl+a")
        await until(pilot, lambda: LONG in joined(dialog), "the name")
        await pilot.press("down")
        await until(pilot, lambda: LONG not in joined(dialog))


def joined(screen: object) -> str:
    """The text of a screen as if its lines were one."""
    return " ".join(line.strip("│ ") for line in screen_text(screen).splitlines())


async def test_no_place_in_the_tree_gives_way_to_the_line(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    async with app_for(sample_server, tmp_path).run_test(size=(60, 20)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        line = main.query_one(RowLine)
        await until(pilot, lambda: line.text.startswith("Board Minutes"))
        free = main.places.free_lines
        assert free is not None
        assert line.size.height == 2 + max(0, min(1, free))
        await resized(pilot, 60, 30)
        await until(pilot, lambda: line.size.height == 3, "lines that both leave blank")
        assert (main.places.free_lines or 0) >= 0
