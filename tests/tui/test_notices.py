"""The user is told what recipients do, wherever in the app, without losing anything that was said."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.support.app.app import (
    app_for,
    link_text,
    main_screen,
    put_cursor_on,
    screen_of,
    screen_text,
    sent_folder,
    settled,
    until,
)
from tests.support.app.notices import DELIVERED, told, url_of
from tests.support.checks.long import more
from tests.support.network.misbehave import Misbehaving
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.share import Sender, fetch
from tui.config.preferences import Preferences
from tui.session import notices
from tui.ui.base.help import Help
from tui.ui.base.question import Question
from tui.ui.dialogs.notices import NoticesScreen
from tui.ui.dialogs.timeline import TimelineScreen
from tui.ui.widgets import status_line


@pytest.fixture
def server(limited: ServerProcess) -> ServerProcess:
    return limited


async def test_a_delivery_is_told_and_gone_after_a_while(
    server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also while another place is shown; what was said before, and after, stays to be read."""
    monkeypatch.setattr(notices, "SHOWN_SECONDS", 2.0)
    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        url = url_of(main, "First.pdf")
        await pilot.press("g", "l")
        await settled(pilot)
        main.say("")
        fetch(server, url)
        await until(pilot, lambda: DELIVERED in screen_text(pilot), "the news")
        assert "g n lists" in screen_text(pilot).lower()
        assert main.live.notices.notices.unseen == 1
        main.say("Copied the link.", "good")
        await until(pilot, lambda: f"✓ Copied the link. · {DELIVERED}" in screen_text(pilot))
        main.say("3 documents were sent again; their download counts restart. 3 more.", "good")
        assert main.status.render().plain.endswith(" 3 more. · ✓ 1 delivery  g n lists")
        main.say("Copied the link.", "good")
        await until(pilot, lambda: DELIVERED not in screen_text(pilot), "its end")
        assert "✓ Copied the link." in screen_text(pilot)
        await pilot.press("f8")
        listed = await screen_of(pilot, NoticesScreen)
        assert [row.cells[1] for row in listed.table.rows] == [(DELIVERED, "good")]
        assert main.live.notices.notices.unseen == 0
        await pilot.press("enter")
        timeline = await screen_of(pilot, TimelineScreen)
        await settled(pilot, timeline)
        sentences = [str(row.cells[1]) for row in timeline.table.rows]
        assert "Delivered to 127.0.0.1, 1 of 2" in sentences


async def test_a_download_that_never_arrives_is_told(server: ServerProcess, tmp_path: Path) -> None:
    """It was counted as the button was pressed. When it is fetched at last, that takes its place; the end of another
    download, which is the last one, doesn't."""
    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        url = url_of(main, "First.pdf")
        main.say("")
        pressed = httpx.post(url, trust_env=False)
        begun = "Download of First.pdf from 127.0.0.1 has begun, 1 of 2, not arrived yet"
        await until(pilot, lambda: begun in screen_text(pilot), "the news")
        assert url.rpartition("/")[2] not in screen_text(pilot)
        await pilot.press("f8")
        listed = await screen_of(pilot, NoticesScreen)
        assert [row.cells[1] for row in listed.table.rows] == [begun]
        last = ("✓ First.pdf delivered to 127.0.0.1, 2 of 2", "good")
        httpx.get(server.url + httpx.post(url, trust_env=False).headers["location"], trust_env=False)
        await until(pilot, lambda: last in [row.cells[1] for row in listed.table.rows], "the other")
        assert [row.cells[1] for row in listed.table.rows] == [last, begun]
        httpx.get(server.url + pressed.headers["location"], trust_env=False)
        await until(pilot, lambda: [row.cells[1] for row in listed.table.rows] == [last, last], "its end")


@more
async def test_what_was_done_some_time_ago_makes_room(
    server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And doesn't come back: it would seem to be new. What went wrong stays to be read all the time."""
    monkeypatch.setattr(notices, "SHOWN_SECONDS", 2.0)
    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await sent_folder(pilot)
        await settled(pilot)
        done = "1 document sent. It is in DJONES - Secure Sent Links; g s shows it."
        main.say(done, "good")
        told(main, 1)
        await pilot.pause()
        assert "Plan.pdf" not in main.status.render().plain
        monkeypatch.setattr(status_line, "READ_SECONDS", 0.0)
        told(main, 2)
        await until(pilot, lambda: "✓ Plan.pdf delivered to" in screen_text(pilot), "the news")
        assert done not in screen_text(pilot)
        await until(pilot, lambda: "Plan.pdf delivered" not in screen_text(pilot), "the end of the news")
        assert done not in screen_text(pilot)
        failed = f"Not deleted: the server answered something odd. {'-' * 30}"
        main.say(failed, "bad")
        told(main, 3)
        await pilot.pause()
        assert "Plan.pdf" not in main.status.render().plain


@more
async def test_who_and_how_often_stands_in_the_list_whatever_the_name(
    server: ServerProcess, tmp_path: Path
) -> None:
    """A long name is cut in its middle; the line below has it whole."""
    name = "Warranty Cap - reply from Pryce Amberley.eml"
    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await sent_folder(pilot)
        told(main, 1, name)
        await pilot.press("f8")
        await settled(pilot, await screen_of(pilot, NoticesScreen))
        lines = [line for line in screen_text(pilot).splitlines() if "delivered to 203.0.113.7" in line]
        assert len(lines) == 2
        assert "Warranty Cap" in lines[0]
        assert "….eml" in lines[0] or "…" in lines[0]
        assert name in lines[1]
        # It is cut no more than it has to be.
        assert lines[0].rstrip(" │").endswith("delivered to 203.0.113.7")
        assert len(lines[0].rstrip(" │")) >= 76


@more
async def test_it_is_told_over_every_dialog(server: ServerProcess, tmp_path: Path) -> None:
    """In its frame, where it takes no line; also on what is opened, and shown again, while it is under way."""
    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await sent_folder(pilot)
        main.say("")
        await pilot.press("f1")
        shown = await screen_of(pilot, Help)
        before = shown.query_one(".box").outer_size
        told(main, 1)
        news = "✓ Plan.pdf delivered to 203.0.113.7"
        await until(
            pilot, lambda: news in screen_text(pilot).splitlines()[shown.query_one(".box").region.bottom - 1]
        )
        assert shown.query_one(".box").outer_size == before
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is main and news in screen_text(pilot).splitlines()[-2])
        put_cursor_on(main, "Third.pdf")
        await pilot.press("space", "space", "u")
        await screen_of(pilot, Question)
        await until(pilot, lambda: news in screen_text(pilot))
        await pilot.press("n")
        await pilot.press("f8")
        listed = await screen_of(pilot, NoticesScreen)
        await until(pilot, lambda: len(listed.table.rows) == 1)
        told(main, 2, "Terms.pdf")
        await until(pilot, lambda: [row.data.name for row in listed.table.rows] == ["Terms.pdf", "Plan.pdf"])
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is main and main.live.notices.notices.unseen == 0)


async def test_ones_own_acts_are_no_news_and_wrong_passwords_are(
    server: ServerProcess, tmp_path: Path
) -> None:
    """Whatever the user does here, or with another program, isn't told; what an administrator does is."""
    document = publish(server, b"secret", "Locked.pdf", password="Blue-Harbour7")
    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        main.say("")
        with Sender(server) as me:
            me.post(f"/documents/{document['id']}/unpublish")
            me.post(f"/documents/{document['id']}/resend", {})
            publish(server, b"more", "More.pdf")
            for _ in range(3):
                httpx.post(document["url"], data={"password": "x"}, trust_env=False)
            said = "! 3 wrong passwords for Locked.pdf, last from 127.0.0.1"
            await until(pilot, lambda: said in screen_text(pilot), "the wrong passwords")
        (kept,) = main.live.notices.notices.kept
        assert (kept.event, kept.times) == ("wrong password", 3)
        shown = screen_text(pilot)
        assert "Blue-Harbour7" not in shown
        assert document["url"] not in shown


async def test_a_lost_line_loses_nothing_and_repeats_nothing(server: ServerProcess, tmp_path: Path) -> None:
    """Neither if the line comes back by itself, nor if the user asks for it."""
    with Misbehaving(server.url) as proxy:
        app = app_for(server, tmp_path, demo=False, url=proxy.url)
        async with app.run_test(size=(100, 30)) as pilot:
            main = await sent_folder(pilot)
            kept = main.live.notices.notices.kept
            fetch(server, url_of(main, "First.pdf"))
            await until(pilot, lambda: len(kept) == 1, "the first")
            for name, asks in (("Second.pdf", False), ("Third.pdf", True)):
                before = len(kept)
                proxy.down()
                await until(pilot, lambda: link_text(main).startswith("Connection lost"))
                fetch(server, url_of(main, name))
                proxy.up()
                if asks:
                    await pilot.press("f5")
                await until(pilot, lambda: not link_text(main), "the mended line")
                await until(pilot, lambda before=before: len(kept) > before, f"what was missed of {name}")
            await settled(pilot)
            assert [notice.name for notice in kept] == ["Third.pdf", "Second.pdf", "First.pdf"]


@more
async def test_a_thousand_events_in_a_second(server: ServerProcess, tmp_path: Path) -> None:
    """They are one line and a bounded list, and keys go on working; so do hostile names."""
    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await sent_folder(pilot)
        main.say("")
        for number in range(1000):
            told(main, number, "a\x1b]0;x\x07\u202egnp [red]." + "x" * 200 + ".pdf")
        await pilot.press("down")
        await until(pilot, lambda: "delivered to 203.0.113.7 · 499 more deliveries" in screen_text(pilot))
        assert main.table.cursor == 1
        assert not set(screen_text(pilot)) & {"\x1b", "\x07", "\u202e"}
        assert len(main.live.notices.notices.kept) == notices.MOST_KEPT


async def test_another_user_is_told_nothing_of_it(server: ServerProcess, tmp_path: Path) -> None:
    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        told(main, 1)
        await until(pilot, lambda: "Plan.pdf delivered" in screen_text(pilot))
        main.live.notices.forget()
        await until(pilot, lambda: "Plan.pdf delivered" not in screen_text(pilot))
        assert not main.live.notices.notices.kept


@more
async def test_without_live_folders_the_list_says_what_would_be_in_it(
    server: ServerProcess, tmp_path: Path
) -> None:
    app = app_for(server, tmp_path, demo=False, preferences=Preferences(live=False))
    async with app.run_test(size=(80, 24)) as pilot:
        await main_screen(pilot)
        await settled(pilot)
        await pilot.press("f8")
        await screen_of(pilot, NoticesScreen)
        assert "No notices yet." in screen_text(pilot)


@more
async def test_quitting_while_something_is_told(server: ServerProcess, tmp_path: Path) -> None:
    """Also with a dialog open, and with something just gathered."""
    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        told(main, 1)
        await until(pilot, lambda: "Plan.pdf delivered" in screen_text(pilot))
        await pilot.press("f1")
        await screen_of(pilot, Help)
        told(main, 2)
        await pilot.press("ctrl+q")
        await until(pilot, lambda: app.return_code is not None)
    assert app.return_code == 0
