"""Changes between a question and its answer: nothing unintended is done, and nothing intended is dropped."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.app.app import (
    app_for,
    asked,
    link_text,
    main_screen,
    name_of,
    names,
    put_cursor_on,
    said,
    screen_of,
    sent_documents,
    sent_folder,
    settled,
    until,
)
from tests.support.app.steps import Ground, play
from tests.support.checks.long import more, some
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Say as Answer
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tests.support.users.work import Worker
from tests.tui.conftest import OWN_SERVER
from tui.config.preferences import Preferences
from tui.locations.location import Location
from tui.ui.actions import document_changes
from tui.ui.base.menu import Menu
from tui.ui.base.palette import Palette
from tui.ui.base.question import Question
from tui.ui.dialogs.members import Members
from tui.ui.dialogs.timeline import TimelineScreen
from tui.ui.draft.draft import DraftScreen
from tui.ui.main.main import MainScreen
from tui.ui.send.resend import ResendDialog
from tui.ui.send.versions import VersionQuestion
from tui.ui.widgets.checkbox import Checkbox

#: Of :func:`three_sent`.
SERVER = "shared"

# ---------------------------------------------------------------- another row, another place


async def a_command_is_for_what_was_seen_when_the_menu_was_opened(on: Ground) -> None:
    await loses_a_row_below(on, "m", Menu, "u")


async def a_command_is_for_what_was_seen_when_the_palette_was_opened(on: Ground) -> None:
    await loses_a_row_below(on, "ctrl+p", Palette, *"unpubl", "enter")
    # A command that isn't about a row still runs.
    await on.pilot.press("ctrl+p")
    await screen_of(on.pilot, Palette)
    other = next(row.key for row in on.main.table.rows if row is not on.main.table.current)
    with Sender(on.server) as me:
        me.delete(f"/documents/{other}")
    await until(on.pilot, lambda: len(on.main.table.rows) == 1, "the news")
    await on.pilot.press(*"activ", "enter")
    await screen_of(on.pilot, TimelineScreen)


async def loses_a_row_below(on: Ground, key: str, screen: type[Menu | Palette], *answer: str) -> None:
    """If the row disappears while the menu or the palette is open, the next one isn't unpublished in its place."""
    put_cursor_on(on.main, "Second.pdf")
    ident = on.main.table.current.key if on.main.table.current else ""
    await on.pilot.press(key)
    await screen_of(on.pilot, screen)
    with Sender(on.server) as me:
        me.delete(f"/documents/{ident}")
    await until(on.pilot, lambda: "Second.pdf" not in names(on.main), "the news")
    await on.pilot.press(*answer)
    await until(on.pilot, lambda: said(on.main).startswith("The list changed"), "a word about it")
    await settled(on.pilot)
    assert all(document.published for document in await sent_documents(on.main))


async def a_dialog_of_a_place_that_was_left_does_not_open(on: Ground) -> None:
    """The dialog doesn't open if the user clicks another location while it is loading."""
    with on.proxy.holding("GET", "/policy") as go_on:
        await on.pilot.press("s")
        await asked(on.pilot, on.proxy, "GET", "/policy")
        on.main.open_place(Location("trash", "Trash"))
        await until(on.pilot, lambda: on.main.kind == "trash")
        go_on.set()
        await settled(on.pilot)
    assert on.app.screen is on.main


async def rows_of_a_place_that_is_left_are_not_acted_on(on: Ground) -> None:
    with on.proxy.holding("GET", "/share/v1/folders"):
        before = on.proxy.count("GET", "/share/v1/folders")
        await on.pilot.press("backspace")
        await asked(on.pilot, on.proxy, "GET", "/share/v1/folders", before)
        await on.pilot.press("u", "d", "s")
        await on.pilot.pause()
        assert on.app.screen is on.main
    await settled(on.pilot)
    assert on.proxy.count("POST", "/unpublish") == 0


async def test_a_chosen_version_stays_chosen(fresh_server: ServerProcess, tmp_path: Path) -> None:
    """The chosen version survives filtering and reloading, and is forgotten when the user goes elsewhere."""
    with Worker(fresh_server) as worker:
        space = worker.workspace("Matter", default_security="public")
        idents = [worker.upload(space, f"Paper {number}")["id"] for number in range(3)]
        worker.new_version(idents[0], "Paper 0", b"changed")
    app = app_for(fresh_server, tmp_path, demo=False)
    async with app.run_test(size=(110, 30)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        place = main.place
        assert place is not None
        put_cursor_on(main, "Paper 0.txt")

        def version() -> str:
            return next(str(row.data.version) for row in main.table.rows if name_of(row) == "Paper 0.txt")

        latest = version()
        await pilot.press("v")
        await screen_of(pilot, VersionQuestion)
        await pilot.press("space", "enter")
        await until(pilot, lambda: "is chosen" in said(main))
        chosen = version()
        assert chosen != latest
        await pilot.press("slash", *"Paper")
        await settled(pilot)
        assert version() == chosen
        await pilot.press("escape", "f5")
        await settled(pilot)
        assert version() == chosen
        for other in (Location("workspace", "Matter", space), place):
            main.open_place(other)
            await until(pilot, lambda other=other: main.place == other)
            await settled(pilot)
            assert version() == latest
        # Another user doesn't get it either.
        await pilot.press("v")
        await screen_of(pilot, VersionQuestion)
        await pilot.press("space", "enter")
        await until(pilot, lambda: version() == chosen)
        main.start.forget()
        main.open_place(place)
        await until(pilot, lambda: main.place == place)
        await pilot.press("f5")
        await settled(pilot)
        assert version() == latest


# ---------------------------------------------------------------- two changes at once


@more
async def test_what_was_sent_again_shows_though_the_rest_failed(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """A second ctrl+s repeats no request; after closing on a failure, the list has the new links."""
    quiet = Preferences(live=False)
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url, preferences=quiet)
    async with app.run_test(size=(120, 30)) as pilot:
        main = await sent_folder(pilot)
        before = {row.key: row.data.url for row in main.table.rows}
        await pilot.press("ctrl+a", "s")
        dialog = await screen_of(pilot, ResendDialog)
        dialog.query_one("#new_address", Checkbox).checked = True
        proxy.spoil("POST", Answer(500), "/resend", times=9, skip=2)
        with proxy.holding("POST", "/resend", answer=True) as go_on:
            await pilot.press("ctrl+s")
            await asked(pilot, proxy, "POST", "/resend")
            await pilot.press("ctrl+s")
            await pilot.pause()
            go_on.set()
            await until(pilot, lambda: "(500 " in said(dialog, "#said"), "what failed")
        await pilot.press("escape")
        await screen_of(pilot, Question)
        await pilot.press("y")
        # With the two new links.
        draft = await screen_of(pilot, DraftScreen)
        assert len(draft.documents) == 2
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is main)
        await settled(pilot)
        real = {document.id: document.url for document in await sent_documents(main)}
        assert sum(real[key] != url for key, url in before.items()) == 2
        assert {row.key: row.data.url for row in main.table.rows} == real
        assert said(main) == "2 of 3 documents were sent again."
        assert set(main.table.selected) == set(before), "they are still listed"


@more
@OWN_SERVER
async def test_one_member_is_removed_while_another_is_added(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """Neither change cancels the other: both are made, and the list matches the server."""
    with Sender(three_sent) as me:
        for name in ("ANNA", "BOB"):
            me.add_user(name).http.close()
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        await sent_folder(pilot)
        await pilot.press("p")
        dialog = await screen_of(pilot, Members)
        await pilot.press(*"ANNA", "enter")
        await until(pilot, lambda: len(dialog.table.rows) == 1, "ANNA")
        before = proxy.count("POST", "/members")
        with proxy.holding("POST", "/members") as go_on:
            await pilot.press(*"BOB", "enter")
            await asked(pilot, proxy, "POST", "/members", before)
            dialog.table.focus()
            await pilot.press("d")
            go_on.set()
            await settled(pilot)
        assert [name_of(row) for row in dialog.table.rows] == ["BOB"]
        with Sender(three_sent) as me:
            folder = me.get("/folder")["folder"]["id"]
            assert [member["name"] for member in me.get(f"/folders/{folder}/members")["members"]] == ["BOB"]


async def what_failed_and_what_was_selected_meanwhile_stays_selected(on: Ground) -> None:
    for name in ("First.pdf", "Second.pdf"):
        put_cursor_on(on.main, name)
        await on.pilot.press("space")
    on.proxy.spoil("POST", Answer(500), "/unpublish", skip=1)
    # As with more documents than one request changes.
    with pytest.MonkeyPatch.context() as patch, on.proxy.holding("POST", "/unpublish") as go_on:
        patch.setattr(document_changes, "AT_ONCE", 1)
        await on.pilot.press("u")
        await screen_of(on.pilot, Question)
        await on.pilot.press("y")
        await asked(on.pilot, on.proxy, "POST", "/unpublish")
        put_cursor_on(on.main, "Third.pdf")
        await on.pilot.press("space")
        go_on.set()
        await until(
            on.pilot, lambda: said(on.main).startswith("Unpublished 1 of 2 documents; "), "what became of it"
        )
    # The second request, that for the first document, failed.
    assert {row.name for row in on.main.table.chosen} == {"First.pdf", "Third.pdf"}


async def quitting_asks_while_something_is_sent_again(on: Ground) -> None:
    await on.pilot.press("ctrl+a", "s")
    await screen_of(on.pilot, ResendDialog)
    with on.proxy.holding("POST", "/resend"):
        await on.pilot.press("ctrl+s")
        await asked(on.pilot, on.proxy, "POST", "/resend")
        await on.pilot.press("ctrl+q")
        assert "being changed" in (await screen_of(on.pilot, Question)).text[0]


# ---------------------------------------------------------------- without the server


@more
async def test_the_list_comes_once_the_server_is_there(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """If the app was started without the server, the list and a branch expanded in the meantime are filled later."""
    proxy.down()
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await screen_of(pilot, MainScreen)
        await until(pilot, lambda: "cannot be reached" in said(main))
        share = main.places.find("share")
        assert share is not None
        share.expand()
        proxy.up()
        await until(pilot, lambda: main.session.opened and main.path, "the first place")
        await settled(pilot)
        assert "cannot be reached" not in said(main)
        assert len(share.children) == 1


async def reload_tries_the_connection_at_once(on: Ground) -> None:
    on.proxy.down()
    await until(on.pilot, lambda: "reconnecting in" in link_text(on.main), "a longer wait")
    on.proxy.up()
    await on.pilot.press("f5")
    await until(on.pilot, lambda: not link_text(on.main), "the connection")
    await settled(on.pilot)


async def test_rows_that_are_changed_or_left_meanwhile(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    steps = (
        a_command_is_for_what_was_seen_when_the_menu_was_opened,
        a_command_is_for_what_was_seen_when_the_palette_was_opened,
        a_dialog_of_a_place_that_was_left_does_not_open,
        rows_of_a_place_that_is_left_are_not_acted_on,
        what_failed_and_what_was_selected_meanwhile_stays_selected,
        reload_tries_the_connection_at_once,
        quitting_asks_while_something_is_sent_again,
    )
    await play(some(3, steps), three_sent, proxy, tmp_path, (100, 24))
