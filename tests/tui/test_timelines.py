"""The activity timeline of a document, of both servers, and that of all documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from textual.pilot import Pilot

from tests.support.app.app import (
    app_for,
    main_screen,
    open_sent_folder,
    put_cursor_on,
    said,
    screen_of,
    screen_text,
    settled,
    until,
)
from tests.support.app.chosen_versions import choose, fill_matter, matter
from tests.support.checks.long import more
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Say as Answer
from tests.support.pictures.scene_start import add_shortcut, typed
from tests.support.servers.data_folders import Stocks
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish_all
from tests.support.users.share import Sender
from tui.clients.timeline import TimelineEntry
from tui.locations.rows import cell_text
from tui.ui.dialogs.details import Details, history_of
from tui.ui.dialogs.timeline import TimelineScreen
from tui.ui.draft.links_screen import LinksScreen
from tui.ui.main.main import MainScreen
from tui.ui.send.send import SendDialog
from tui.ui.widgets.field import Field, FilterField
from tui.ui.widgets.footer import Footer


async def test_one_timeline_tells_both_sides(sample_server: ServerProcess, tmp_path: Path) -> None:
    """P3: for a document sent from Work, Share records published and downloaded, Work records sent and exported. What
    belongs to the send reads as one, in the list of either side, and says to whom."""
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(140, 24)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        put_cursor_on(main, "Letter of Intent.pdf")
        await pilot.press("s")
        dialog = await screen_of(pilot, SendDialog)
        dialog.query_one("#to", Field).value = "anna@halyard.example"
        await pilot.press("ctrl+y")
        await screen_of(pilot, LinksScreen)
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is main)
        await open_sent_folder(pilot, main)
        await settled(pilot)
        put_cursor_on(main, "Letter of Intent.pdf")
        httpx.post(main.table.current.data.url, trust_env=False)  # type: ignore[union-attr]
        await pilot.press("a")
        timeline = await screen_of(pilot, TimelineScreen)
        await settled(pilot, timeline)
        entries = {(entry.side, entry.event) for entry in timeline._entries}
        assert {
            ("share", "published"),
            ("share", "downloaded"),
            ("work", "SHARED"),
            ("work", "EXPORT"),
        } <= entries
        moments = [entry.place for entry in events_of(timeline)]
        assert moments == sorted(moments, reverse=True)
        assert timeline.table.rows[0].cells == ("", ("Today", "dim"))
        shown = screen_text(pilot)
        assert re.search(r"Sent from .*ACTIVE!.* to anna@halyard.example", shown)
        assert "Exported from Work" not in shown
        assert re.search(
            r"\d\d:\d\d:\d\d +Downloaded with a program from 127.0.0.1, 1 so far|Downloaded with a program",
            shown,
        )
        assert not re.search("has_password|SHARED|EXPORT", shown)
        await pilot.press("slash")
        await typed(pilot, "downloaded")
        await until(pilot, lambda: {entry.event for entry in events_of(timeline)} == {"downloaded"})
        keys = timeline.query_one(Footer)
        await until(pilot, lambda: "esc All events" in keys._shown and "Close" not in keys._shown)
        await pilot.press("enter", "enter")
        facts = dict((await screen_of(pilot, Details))._details)
        assert facts["By"] == "not signed in"
        assert facts["From"] == "127.0.0.1"
        await pilot.press("escape", "escape")
        await until(pilot, lambda: len(timeline.table.rows) > 2)
        assert pilot.app.screen is timeline
        await until(pilot, lambda: "esc Close" in keys._shown and "All events" not in keys._shown)
        await pilot.press("slash")
        await pilot.click("#close")
        await until(pilot, lambda: pilot.app.screen is main)
        await all_documents_are_named(pilot)
        await pilot.press("escape", "escape", "g", "h")
        await to_whom_a_document_of_work_was_sent(pilot, main)


async def all_documents_are_named(pilot: Pilot[Any]) -> None:
    # Among those of all documents, what Work tells has the name of the document, too.
    await pilot.press(*["escape"] * 3, "A")
    timeline = await screen_of(pilot, TimelineScreen)
    await settled(pilot, timeline)
    named = {entry.about for entry in timeline._entries if entry.event in ("SHARED", "published")}
    assert named == {"Letter of Intent.pdf"}
    await what_belongs_to_a_send_is_in_its_details(pilot, timeline)
    await pilot.press("slash")
    await typed(pilot, "kind:foo")
    await until(
        pilot, lambda: "No kind of activity begins with “foo”. There are: sent," in screen_text(pilot)
    )


async def what_belongs_to_a_send_is_in_its_details(pilot: Pilot[Any], timeline: TimelineScreen) -> None:
    rows = timeline.table.rows
    timeline.table.move_to(next(i for i, row in enumerate(rows) if row.data and row.data.event == "sent"))
    await pilot.press("enter")
    details: Details = await screen_of(pilot, Details)
    assert any(text.startswith("Exported from Work") for _, text in details._details)
    await pilot.press("escape")
    await until(pilot, lambda: pilot.app.screen is timeline)


async def to_whom_a_document_of_work_was_sent(pilot: Pilot[Any], main: MainScreen) -> None:
    await until(pilot, lambda: main.location_kind.is_container, "the folder of the matter")
    await settled(pilot)
    put_cursor_on(main, "Letter of Intent.pdf")
    await pilot.press("i")
    details: Details = await screen_of(pilot, Details)
    assert " to anna@halyard.example · On · 1 taken" in dict(details._details)["Sent"]
    assert any("to anna@halyard.example" in what for _, what in details._history)
    await pilot.press("escape", "a")
    await screen_of(pilot, TimelineScreen)
    await until(pilot, lambda: "to anna@halyard.example" in screen_text(pilot), "to whom")


def events_of(timeline: TimelineScreen) -> list[TimelineEntry]:
    """The events in the list, without the names of the days."""
    return [row.data for row in timeline.table.rows if row.data is not None]


@more
async def test_what_is_like_the_event_under_the_cursor(three_sent: ServerProcess, tmp_path: Path) -> None:
    """Its kind, who did it and its document are filled in by a key, and taken out by the same one."""
    with Sender(three_sent) as me:
        ident = next(d["id"] for d in me.get("/documents")["documents"] if d["name"] == "Second.pdf")
        me.post(f"/documents/{ident}/unpublish")
    app = app_for(three_sent, tmp_path, demo=False)
    async with app.run_test(size=(100, 30)) as pilot:
        await main_screen(pilot)
        await settled(pilot)
        await pilot.press("A")
        timeline = await screen_of(pilot, TimelineScreen)
        await settled(pilot, timeline)
        table, field = timeline.table, timeline.query_one("#needle", FilterField)
        everything = len(events_of(timeline))
        assert table.current is not None
        assert (table.current.data.event, table.current.data.about) == ("unpublished", "Second.pdf")
        await pilot.press("d")
        assert field.value == "doc:Second.pdf"
        assert {entry.about for entry in events_of(timeline)} == {"Second.pdf"}
        await pilot.press("e")
        assert field.value == "doc:Second.pdf kind:unpublished"
        assert len(events_of(timeline)) == 1
        await pilot.press("d", "e", "p")
        assert field.value == "by:DJONES"
        await pilot.press("p")
        assert (field.value, len(events_of(timeline))) == ("", everything)
        assert not field.has_class("-on")
        # On the name of a day, there is nothing to be like.
        await pilot.press("home", "e")
        assert field.value == ""
        await pilot.press("down", "t")
        assert table.current.data.event == "unpublished"
        await until(pilot, lambda: "just now" in screen_text(pilot))
        await pilot.press("t")
        await until(pilot, lambda: "just now" not in screen_text(pilot))


def _send_seventy(server: ServerProcess) -> None:
    add_shortcut(server)
    publish_all(server, [f"Exhibit {number:03}.pdf" for number in range(70)])


@pytest.fixture
def seventy(stocks: Stocks, tmp_path: Path) -> Iterator[ServerProcess]:
    with stocks.server(_send_seventy, tmp_path / "data") as server:
        yield server


@more
async def test_the_timeline_of_all_comes_page_by_page(seventy: ServerProcess, tmp_path: Path) -> None:
    """A send is loaded to its end, so that all its documents are counted. If the rest fails to load, the empty list
    says so, since a match may be there."""
    with Misbehaving(seventy.url) as proxy:
        app = app_for(seventy, tmp_path, demo=False, url=proxy.url)
        async with app.run_test(size=(100, 24)) as pilot:
            await main_screen(pilot)
            await settled(pilot)
            proxy.spoil("GET", Answer(404), "/audit", times=1, skip=1)
            await pilot.press("A")
            timeline = await screen_of(pilot, TimelineScreen)
            await settled(pilot, timeline)
            assert len(timeline._entries) == 100
            assert proxy.count("GET", "/share/v1/audit") == 2
            await pilot.press("slash")
            await typed(pilot, "exhibit 003")
            empty = "No loaded event fits exhibit 003, and the rest could not be loaded; f5 tries again."
            await until(pilot, lambda: timeline.table.model.empty == empty)
            await pilot.press("f5")
            await until(pilot, lambda: [event.about for event in events_of(timeline)] == ["Exhibit 003.pdf"])
            await pilot.press("escape")
            await until(pilot, lambda: timeline.table.rows[1].cells[1] == "Sent 70 documents")
            assert len(timeline._entries) == 140
            assert cell_text(timeline.table.rows[1].cells[2]).startswith("Exhibit 000.pdf, Exhibit 001")


async def test_what_work_does_not_tell_is_said(sample_server: ServerProcess, tmp_path: Path) -> None:
    with Misbehaving(sample_server.url) as proxy:
        app = app_for(sample_server, tmp_path, url=proxy.url)
        async with app.run_test(size=(100, 30)) as pilot:
            main = await main_screen(pilot)
            await settled(pilot)
            put_cursor_on(main, "Letter of Intent.pdf")
            proxy.spoil("GET", Answer(500), path="/history")
            await pilot.press("a")
            timeline = await screen_of(pilot, TimelineScreen)
            await until(pilot, lambda: "Can't read Work's history" in said(timeline, "#said"))
            assert timeline.heading == "Activity of Letter of Intent.pdf"


async def test_the_activity_is_of_all_versions(fresh_server: ServerProcess) -> None:
    """In the activity, the details and the pane beside the list, also of a version that was chosen; what isn't of the
    newest one names its own."""
    idents = fill_matter(fresh_server)
    async with app_for(fresh_server, None, demo=False).run_test(size=(150, 40)) as pilot:
        main = await matter(pilot, idents)
        for chosen in ((), ("left", "left")):
            if chosen:
                await choose(pilot, main, "Offer", *chosen)
            put_cursor_on(main, "Offer.txt")
            for key, kind in (("i", Details), ("a", TimelineScreen)):
                await pilot.press(key)
                await screen_of(pilot, kind)
                await until(pilot, lambda: "Added to Work" in screen_text(pilot), "the first event")
                shown = [re.sub(r"[^\w)]+$", "", line) for line in screen_text(pilot).splitlines()]
                events = [line for line in shown if "New version" in line or "Added to Work" in line]
                assert [line.partition(" · ")[2] for line in events] == ["", "version 2", "version 1"]
                await pilot.press("escape")
                await until(pilot, lambda: pilot.app.screen is main)
            row = main.current
            assert row is not None
            history, notes = await history_of(main.session, main.location_kind, row)
            assert notes == []
            assert [what.partition(" · ")[2] for _, what in history] == ["", "version 2", "version 1"]
        put_cursor_on(main, "Note.txt")
        row = main.current
        assert row is not None
        history, _ = await history_of(main.session, main.location_kind, row)
        assert len(history) == 1
        assert "version" not in history[0][1]
