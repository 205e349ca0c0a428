"""What the user waits for arrives, whatever changes on the server in the meantime; and those changes show."""

from __future__ import annotations

from pathlib import Path

from tests.support.app.app import (
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
from tests.support.app.steps import Ground, play
from tests.support.checks.long import more, some
from tests.support.network.misbehave import Misbehaving
from tests.support.pictures.scene_start import add_shortcut
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.share import Sender
from tests.tui.conftest import OWN_SERVER
from tui.config.preferences import Preferences
from tui.locations.kinds import KINDS
from tui.locations.location import Location
from tui.ui.base.question import Question

#: Of :func:`three_sent`.
SERVER = "shared"


async def another_place_is_gone_to_while_a_document_is_deleted(on: Ground) -> None:
    """The trash is requested before the deletion is confirmed, and arrives after that."""
    with Sender(on.server) as me:
        trashed = me.get("/trash")["total"] + 1
    put_cursor_on(on.main, "Second.pdf")
    with on.proxy.holding("DELETE", "/documents/") as delete, on.proxy.holding("GET", "/trash") as trash:
        await on.pilot.press("d")
        await screen_of(on.pilot, Question)
        await on.pilot.press("y")
        await asked(on.pilot, on.proxy, "DELETE", "/documents/", 0)
        await on.pilot.press("t")
        await asked(on.pilot, on.proxy, "GET", "/trash", 0)
        delete.set()
        await until(on.pilot, lambda: said(on.main) == "Moved “Second.pdf” to the trash.")
        trash.set()
        await until(
            on.pilot, lambda: on.main.kind == "trash" and len(on.main.table.rows) == trashed, "the trash"
        )
        await settled(on.pilot)
    assert (on.main.kind, names(on.main)) == ("trash", {"Second.pdf"})
    assert len(on.main.table.rows) == trashed


@more
async def test_it_is_gone_to_also_if_the_server_tells_no_news(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    quiet = Preferences(live=False)
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url, preferences=quiet)
    async with app.run_test(size=(100, 24)) as pilot:
        main = await sent_folder(pilot)
        on = Ground(app, pilot, main, three_sent, proxy, tmp_path)
        await another_place_is_gone_to_while_a_document_is_deleted(on)


async def what_comes_while_a_place_is_under_way_shows_there(on: Ground) -> None:
    """The page left the server before the deletion, whose event arrives before the page."""
    ident = next(row.key for row in on.main.table.rows if name_of(row) == "Second.pdf")
    with on.proxy.holding("GET", "/trash", answer=True) as go_on:
        await on.pilot.press("t")
        await until(on.pilot, lambda: any(seen.held for seen in on.proxy.seen), "the server's answer")
        with Sender(on.server) as me:
            me.delete(f"/documents/{ident}")
        await until(
            on.pilot, lambda: "Second.pdf" not in names(on.main) or on.main.browser.list.stale, "the news"
        )
        go_on.set()
        await until(
            on.pilot, lambda: on.main.kind == "trash" and names(on.main) == {"Second.pdf"}, "the deleted one"
        )


async def news_do_not_undo_the_order_that_is_under_way(on: Ground) -> None:
    before = on.main.browser.order
    seen = on.proxy.count("GET", "sort=")
    with on.proxy.holding("GET", "sort=") as go_on:
        await on.pilot.press("S")
        await asked(on.pilot, on.proxy, "GET", "sort=", seen)
        publish(on.server, b"x", "Fourth.pdf")
        await until(on.pilot, lambda: on.main.browser.list.stale, "the news")
        go_on.set()
        await until(
            on.pilot,
            lambda: names(on.main) == {"First.pdf", "Second.pdf", "Third.pdf", "Fourth.pdf"},
            "the new row",
        )
        await settled(on.pilot)
    assert on.main.browser.order != before
    assert on.main.table.model.order == on.main.browser.order


async def a_list_that_is_requested_again_does_not_block_the_user(on: Ground) -> None:
    """The user goes elsewhere while the old list is reloading, and its rows arrive afterwards."""
    assert on.main.place is not None
    path = f"/folders/{on.main.place.id}/documents"
    seen = on.proxy.count("GET", path)
    with on.proxy.holding("GET", path) as go_on:
        on.main.reload()
        await asked(on.pilot, on.proxy, "GET", path, seen)
        await on.pilot.press("t")
        await until(on.pilot, lambda: on.main.kind == "trash", "the trash")
        go_on.set()
        await settled(on.pilot)
    assert (on.main.kind, names(on.main)) == ("trash", set())


async def reload_does_not_wait_for_an_answer_that_does_not_come(on: Ground) -> None:
    """Reload waits neither for another location nor for the current one."""
    with on.proxy.holding("GET", "/trash"):
        await on.pilot.press("t")
        await asked(on.pilot, on.proxy, "GET", "/trash", 0)
        assert on.main.kind == "sent"
        await on.pilot.press("f5")
        await until(on.pilot, lambda: on.main.kind == "trash", "the trash")
    await settled(on.pilot)
    with on.proxy.holding("GET", "/trash"):
        seen = on.proxy.count("GET", "/trash")
        on.main.reload()
        await asked(on.pilot, on.proxy, "GET", "/trash", seen)
        await on.pilot.press("f5")
        await asked(on.pilot, on.proxy, "GET", "/trash", seen + 1)
        await until(on.pilot, lambda: not on.main.browser.jobs.under_way("refresh"), "the second answer")
    assert on.main.kind == "trash"


async def a_selection_elsewhere_is_left_alone(on: Ground) -> None:
    """A finished command clears its own selection, not one that was started in the meantime."""
    (on.folder / "files").mkdir()
    (on.folder / "files" / "Minutes.txt").write_text("minutes")
    put_cursor_on(on.main, "Second.pdf")
    with on.proxy.holding("POST", "/unpublish") as go_on:
        await on.pilot.press("u")
        await asked(on.pilot, on.proxy, "POST", "/unpublish", 0)
        on.main.open_place(Location("local", "files", str(on.folder / "files")))
        await until(on.pilot, lambda: on.main.kind == "local")
        await on.pilot.press("space")
        go_on.set()
        await until(on.pilot, lambda: said(on.main) == "Unpublished “Second.pdf”.")
    assert len(on.main.table.selected) == 1


async def a_row_that_is_gone_does_not_come_back_with_an_older_answer(on: Ground) -> None:
    """The sorted list left the server before the deletion, and arrives after it."""
    ident = next(row.key for row in on.main.table.rows if name_of(row) == "Second.pdf")
    with on.proxy.holding("GET", "sort=", answer=True) as go_on:
        await on.pilot.press("S")
        await until(on.pilot, lambda: any(seen.held for seen in on.proxy.seen), "the server's answer")
        with Sender(on.server) as me:
            me.delete(f"/documents/{ident}")
        await until(on.pilot, lambda: "Second.pdf" not in names(on.main), "the news")
        go_on.set()
        await settled(on.pilot)
    assert names(on.main) == {"First.pdf", "Third.pdf"}


async def sorted_twice_at_once(on: Ground) -> None:
    """Two quick presses advance the order by two, and it stays that way."""
    orders = KINDS["sent"].orders
    expected = orders[(orders.index(on.main.browser.order) + 2) % len(orders)]
    before = on.proxy.count("GET", "sort=")
    with on.proxy.holding("GET", "sort="):
        await on.pilot.press("S")
        await asked(on.pilot, on.proxy, "GET", "sort=", before)
        await on.pilot.press("S")
        await until(on.pilot, lambda: on.main.table.model.order == expected, expected)
        await settled(on.pilot)
    assert on.main.browser.order == expected
    assert on.main.place is not None
    assert on.main.browser.list.order_of(on.main.place) == expected


async def a_folder_is_deleted_while_another_place_is_under_way(on: Ground) -> None:
    await shortcut_in_the_tree(on)
    with on.proxy.holding("DELETE", "/folders/") as delete, on.proxy.holding("GET", "/trash") as trash:
        await on.pilot.press("D")
        first = await screen_of(on.pilot, Question)
        await on.pilot.press("y")
        await until(
            on.pilot,
            lambda: isinstance(on.app.screen, Question) and on.app.screen is not first,
            "the second question",
        )
        await on.pilot.press("y")
        await asked(on.pilot, on.proxy, "DELETE", "/folders/")
        on.main.table.focus()
        await on.pilot.press("t")
        await asked(on.pilot, on.proxy, "GET", "/trash")
        delete.set()
        await until(on.pilot, lambda: "Deleted " in said(on.main))
        trash.set()
        await settled(on.pilot)
    assert on.main.kind == "trash"


async def shortcut_in_the_tree(on: Ground) -> None:
    """Makes the folder's shortcut again if it was removed, and puts the cursor on it."""
    if not on.main.session.favorites.shortcuts:
        add_shortcut(on.server)
        on.main.branches.refill("favorites")
        await settled(on.pilot)
    branch = on.main.places.find("favorites")
    await until(on.pilot, lambda: branch is not None and branch.children, "the shortcut")
    on.main.places.focus()
    on.main.places.move_cursor(on.main.places.find("sent"))


async def a_shortcut_is_removed_while_my_favorites_are_under_way(on: Ground) -> None:
    """The list left the server before the removal, which is confirmed before the list arrives."""
    await shortcut_in_the_tree(on)
    which = "my-favorites"
    before = sum(seen.held for seen in on.proxy.seen)
    with on.proxy.holding("DELETE", which) as delete, on.proxy.holding("GET", which, answer=True) as shown:
        removed = on.proxy.count("DELETE", which)
        await on.pilot.press("F")
        await asked(on.pilot, on.proxy, "DELETE", which, removed)
        on.main.open_place(Location("favorites", "My Favorites"))
        await until(
            on.pilot, lambda: sum(seen.held for seen in on.proxy.seen) > before, "the server's answer"
        )
        delete.set()
        await until(on.pilot, lambda: "no longer" in said(on.main))
        shown.set()
        await until(on.pilot, lambda: on.main.kind == "favorites")
        await settled(on.pilot)
    assert names(on.main) == set()
    assert on.main.session.favorites.shortcuts == []


async def a_shortcut_that_is_removed_twice_is_removed(on: Ground) -> None:
    """The key is pressed again before the first removal is confirmed."""
    await shortcut_in_the_tree(on)
    with on.proxy.holding("DELETE", "my-favorites") as go_on:
        removed = on.proxy.count("DELETE", "my-favorites")
        await on.pilot.press("F", "F")
        await until(on.pilot, lambda: on.proxy.count("DELETE", "my-favorites") == removed + 2, "both")
        go_on.set()
        await settled(on.pilot)
    assert "is no longer in My Favorites" in said(on.main)


async def a_branch_that_is_asked_for_twice_is_as_the_later_answer_says(on: Ground) -> None:
    await shortcut_in_the_tree(on)
    branch = on.main.places.find("favorites")
    assert branch is not None
    before = sum(seen.held for seen in on.proxy.seen)
    with on.proxy.holding("GET", "my-favorites", answer=True) as go_on:
        on.main.branches.refill("favorites")
        await until(on.pilot, lambda: sum(seen.held for seen in on.proxy.seen) > before, "the older answer")
        await on.pilot.press("F")
        await until(on.pilot, lambda: not branch.children, "the removal")
        go_on.set()
        await settled(on.pilot)
    assert list(branch.children) == []
    assert on.main.session.favorites.shortcuts == []


async def test_lists_under_way(three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path) -> None:
    steps = (
        reload_does_not_wait_for_an_answer_that_does_not_come,
        a_list_that_is_requested_again_does_not_block_the_user,
        what_comes_while_a_place_is_under_way_shows_there,
        another_place_is_gone_to_while_a_document_is_deleted,
        news_do_not_undo_the_order_that_is_under_way,
        a_selection_elsewhere_is_left_alone,
        a_row_that_is_gone_does_not_come_back_with_an_older_answer,
        sorted_twice_at_once,
        a_shortcut_is_removed_while_my_favorites_are_under_way,
        a_shortcut_that_is_removed_twice_is_removed,
        a_branch_that_is_asked_for_twice_is_as_the_later_answer_says,
        # Its folder is that of the other steps.
        a_folder_is_deleted_while_another_place_is_under_way,
    )
    await play(some(3, steps), three_sent, proxy, tmp_path, (100, 24))


@more
@OWN_SERVER
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
