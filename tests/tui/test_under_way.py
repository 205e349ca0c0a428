"""What the user waits for arrives, whatever changes on the server in the meantime; and those changes show."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.app import (
    app_for,
    asked,
    name_of,
    names,
    put_cursor_on,
    said,
    screen_of,
    sent_folder,
    settled,
    until,
)
from tests.support.misbehave import Misbehaving
from tests.support.publish import publish
from tests.support.server import ServerProcess
from tests.support.share import Sender
from tui.config.preferences import Preferences
from tui.locations.kinds import KINDS
from tui.locations.location import Location
from tui.screens.question import Question


@pytest.mark.parametrize("live", [True, False])
async def test_another_place_is_gone_to_while_a_document_is_deleted(
    live: bool, three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """The trash is requested before the deletion is confirmed, and arrives after that."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url, preferences=Preferences(live=live))
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "Second.pdf")
        with proxy.holding("DELETE", "/documents/") as delete, proxy.holding("GET", "/trash") as trash:
            await pilot.press("d")
            await screen_of(pilot, Question)
            await pilot.press("y")
            await asked(pilot, proxy, "DELETE", "/documents/", 0)
            await pilot.press("t")
            await asked(pilot, proxy, "GET", "/trash", 0)
            delete.set()
            await until(pilot, lambda: said(main) == "Moved “Second.pdf” to the trash.")
            trash.set()
            await until(pilot, lambda: main.kind == "trash" and names(main) == {"Second.pdf"}, "the trash")
            await settled(pilot)
        assert (main.kind, names(main)) == ("trash", {"Second.pdf"})


async def test_what_comes_while_a_place_is_under_way_shows_there(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """The page left the server before the deletion, whose event arrives before the page."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        ident = next(row.key for row in main.table.rows if name_of(row) == "Second.pdf")
        with proxy.holding("GET", "/trash", answer=True) as go_on:
            await pilot.press("t")
            await until(pilot, lambda: any(seen.held for seen in proxy.seen), "the server's answer")
            with Sender(three_sent) as me:
                me.delete(f"/documents/{ident}")
            await until(pilot, lambda: "Second.pdf" not in names(main) or main.browser.list.stale, "the news")
            go_on.set()
            await until(
                pilot, lambda: main.kind == "trash" and names(main) == {"Second.pdf"}, "the deleted one"
            )


async def test_news_do_not_undo_the_order_that_is_under_way(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(120, 30)) as pilot:
        main = await sent_folder(pilot)
        before = main.browser.order
        seen = proxy.count("GET", "sort=")
        with proxy.holding("GET", "sort=") as go_on:
            await pilot.press("S")
            await asked(pilot, proxy, "GET", "sort=", seen)
            publish(three_sent, b"x", "Fourth.pdf")
            await until(pilot, lambda: main.browser.list.stale, "the news")
            go_on.set()
            await until(
                pilot,
                lambda: names(main) == {"First.pdf", "Second.pdf", "Third.pdf", "Fourth.pdf"},
                "the new row",
            )
            await settled(pilot)
        assert main.browser.order != before
        assert main.table.model.order == main.browser.order


async def test_a_list_that_is_requested_again_does_not_block_the_user(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """The user goes elsewhere while the old list is reloading, and its rows arrive afterwards."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        assert main.place is not None
        path = f"/folders/{main.place.id}/documents"
        seen = proxy.count("GET", path)
        with proxy.holding("GET", path) as go_on:
            main.reload()
            await asked(pilot, proxy, "GET", path, seen)
            await pilot.press("t")
            await until(pilot, lambda: main.kind == "trash", "the trash")
            go_on.set()
            await settled(pilot)
        assert (main.kind, names(main)) == ("trash", set())


async def test_reload_does_not_wait_for_an_answer_that_does_not_come(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """Reload waits neither for another location nor for the current one."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        with proxy.holding("GET", "/trash"):
            await pilot.press("t")
            await asked(pilot, proxy, "GET", "/trash", 0)
            assert main.kind == "sent"
            await pilot.press("f5")
            await until(pilot, lambda: main.kind == "trash", "the trash")
        await settled(pilot)
        with proxy.holding("GET", "/trash"):
            seen = proxy.count("GET", "/trash")
            main.reload()
            await asked(pilot, proxy, "GET", "/trash", seen)
            await pilot.press("f5")
            await asked(pilot, proxy, "GET", "/trash", seen + 1)
            await until(pilot, lambda: not main.browser.jobs.under_way("refresh"), "the second answer")
        assert main.kind == "trash"


async def test_a_selection_elsewhere_is_left_alone(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """A finished command clears its own selection, not one that was started in the meantime."""
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "Minutes.txt").write_text("minutes")
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "Second.pdf")
        with proxy.holding("POST", "/unpublish") as go_on:
            await pilot.press("u")
            await asked(pilot, proxy, "POST", "/unpublish", 0)
            main.open_place(Location("local", "files", str(tmp_path / "files")))
            await until(pilot, lambda: main.kind == "local")
            await pilot.press("space")
            go_on.set()
            await until(pilot, lambda: said(main) == "Unpublished “Second.pdf”.")
        assert len(main.table.selected) == 1


async def test_a_row_that_is_gone_does_not_come_back_with_an_older_answer(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """The sorted list left the server before the deletion, and arrives after it."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(120, 30)) as pilot:
        main = await sent_folder(pilot)
        ident = next(row.key for row in main.table.rows if name_of(row) == "Second.pdf")
        with proxy.holding("GET", "sort=", answer=True) as go_on:
            await pilot.press("S")
            await until(pilot, lambda: any(seen.held for seen in proxy.seen), "the server's answer")
            with Sender(three_sent) as me:
                me.delete(f"/documents/{ident}")
            await until(pilot, lambda: "Second.pdf" not in names(main), "the news")
            go_on.set()
            await settled(pilot)
        assert names(main) == {"First.pdf", "Third.pdf"}


async def test_sorted_twice_at_once(three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path) -> None:
    """Two quick presses advance the order by two, and it stays that way."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(120, 30)) as pilot:
        main = await sent_folder(pilot)
        orders = KINDS["sent"].orders
        expected = orders[(orders.index(main.browser.order) + 2) % len(orders)]
        before = proxy.count("GET", "sort=")
        with proxy.holding("GET", "sort="):
            await pilot.press("S")
            await asked(pilot, proxy, "GET", "sort=", before)
            await pilot.press("S")
            await until(pilot, lambda: main.table.model.order == expected, expected)
            await settled(pilot)
        assert main.browser.order == expected
        assert main.place is not None
        assert main.browser.list.order_of(main.place) == expected


async def test_a_folder_is_deleted_while_another_place_is_under_way(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        with proxy.holding("DELETE", "/folders/") as delete, proxy.holding("GET", "/trash") as trash:
            main.places.focus()
            main.places.move_cursor(main.places.find("sent"))
            await pilot.press("D")
            first = await screen_of(pilot, Question)
            await pilot.press("y")
            await until(
                pilot,
                lambda: isinstance(app.screen, Question) and app.screen is not first,
                "the second question",
            )
            await pilot.press("y")
            await asked(pilot, proxy, "DELETE", "/folders/")
            main.table.focus()
            await pilot.press("t")
            await asked(pilot, proxy, "GET", "/trash")
            delete.set()
            await until(pilot, lambda: "Deleted " in said(main))
            trash.set()
            await settled(pilot)
        assert main.kind == "trash"


async def test_a_shortcut_is_removed_while_my_favorites_are_under_way(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """The list left the server before the removal, which is confirmed before the list arrives."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        which = "my-favorites"
        with proxy.holding("DELETE", which) as delete, proxy.holding("GET", which, answer=True) as shown:
            main.places.focus()
            main.places.move_cursor(main.places.find("sent"))
            await pilot.press("F")
            await asked(pilot, proxy, "DELETE", which)
            main.open_place(Location("favorites", "My Favorites"))
            await until(pilot, lambda: any(seen.held for seen in proxy.seen), "the server's answer")
            delete.set()
            await until(pilot, lambda: "no longer" in said(main))
            shown.set()
            await until(pilot, lambda: main.kind == "favorites")
            await settled(pilot)
        assert names(main) == set()
        assert main.session.favorites.shortcuts == []


async def test_a_shortcut_that_is_removed_twice_is_removed(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """The key is pressed again before the first removal is confirmed."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        main.places.focus()
        main.places.move_cursor(main.places.find("sent"))
        with proxy.holding("DELETE", "my-favorites") as go_on:
            await pilot.press("F", "F")
            await until(pilot, lambda: proxy.count("DELETE", "my-favorites") == 2, "both")
            go_on.set()
            await settled(pilot)
        assert "is no longer in My Favorites" in said(main)


async def test_a_branch_that_is_asked_for_twice_is_as_the_later_answer_says(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        branch = main.places.find("favorites")
        assert branch is not None
        with proxy.holding("GET", "my-favorites", answer=True) as go_on:
            main.branches.refill("favorites")
            await until(pilot, lambda: any(seen.held for seen in proxy.seen), "the older answer")
            main.places.focus()
            main.places.move_cursor(main.places.find("sent"))
            await pilot.press("F")
            await until(pilot, lambda: not branch.children, "the removal")
            go_on.set()
            await settled(pilot)
        assert list(branch.children) == []
        assert main.session.favorites.shortcuts == []


async def test_a_person_is_added_while_share_is_loading(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    with Sender(three_sent) as me, me.add_user("ANNA") as anna:
        publish(three_sent, b"x", "Annas.pdf", token=anna.http.headers["X-Auth-Token"])
        async with app.run_test(size=(100, 30)) as pilot:
            main = await sent_folder(pilot)
            with proxy.holding("GET", "/share/v1/folders", answer=True) as go_on:
                main.open_place(Location("share", "Share"))
                await until(pilot, lambda: any(seen.held for seen in proxy.seen), "the server's answer")
                folder = anna.get("/folder")["folder"]["id"]
                anna.post(f"/folders/{folder}/members", {"name": "DJONES"})
                await until(pilot, lambda: main.browser.list.stale, "the news")
                go_on.set()
                await until(pilot, lambda: main.kind == "share" and len(main.table.rows) == 2, "both folders")
