"""Folders and shortcuts: members, My Favorites, deleting a folder, unlocking; and what a member may not do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from textual.widgets import Static

from tests.support.app import (
    app_for,
    main_screen,
    name_of,
    put_cursor_on,
    said,
    screen_of,
    sent_folder,
    settled,
    until,
)
from tests.support.publish import publish
from tests.support.scenes import add_shortcut
from tests.support.server import ServerProcess
from tests.support.share import PASSWORD, Sender, database
from tests.support.stock import Stocks
from tui.locations.location import Location
from tui.screens.help import Help
from tui.screens.links import LinksScreen
from tui.screens.main import MainScreen
from tui.screens.members import WARNING, Members
from tui.screens.menu import Menu, offered, refused
from tui.screens.prompt import Prompt
from tui.screens.question import Question
from tui.screens.resend import ResendDialog
from tui.widgets.breadcrumbs import Breadcrumbs
from tui.widgets.checkbox import Checkbox
from tui.widgets.field import Field


def _fill(server: ServerProcess) -> None:
    add_shortcut(server)
    publish(server, b"offer", "Offer.pdf")
    publish(server, b"terms", "Terms.pdf")
    with Sender(server) as me:
        me.add_user("ANNA").http.close()


@pytest.fixture
def server(stocks: Stocks, tmp_path: Path) -> Iterator[ServerProcess]:
    with stocks.server(_fill, tmp_path / "data") as process:
        yield process


async def test_members_are_added_with_a_warning_and_removed(server: ServerProcess, tmp_path: Path) -> None:
    """F4: the dialog says what a new member can see."""
    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(100, 30)) as pilot:
        await sent_folder(pilot)
        await pilot.press("p")
        dialog = await screen_of(pilot, Members)
        shown = " ".join(" ".join(strip.text for strip in dialog._compositor.render_strips()).split())
        assert WARNING.split(":")[0] in shown.replace("│ │", "").replace("  ", " ")
        await pilot.press(*"nobody", "enter")
        await until(pilot, lambda: "NOBODY" in said(dialog, "#said").upper())
        dialog.query_one("#name", Field).value = "anna"
        await pilot.press("enter")
        await until(pilot, lambda: "ANNA can now see everything in this folder." in said(dialog, "#said"))
        with Sender(server) as me:
            assert [m["name"] for m in me.get(f"/folders/{me.folder}/members")["members"]] == ["ANNA"]
            dialog.table.focus()
            await pilot.press("d")
            await until(pilot, lambda: "ANNA can no longer see this folder." in said(dialog, "#said"))
            assert me.get(f"/folders/{me.folder}/members")["members"] == []
        # Closing asks about a name that was typed but not added.
        await pilot.press("a", "x", "escape")
        await screen_of(pilot, Question)
        await pilot.press("y")
        await screen_of(pilot, MainScreen)


async def test_a_member_looks_and_nothing_else_is_offered(server: ServerProcess, tmp_path: Path) -> None:
    """F4: a member gets no links and changes nothing; the help says why."""
    with Sender(server) as me:
        me.post(f"/folders/{me.folder}/members", {"name": "ANNA"})
        token = me.sign_in("ANNA")["token"]
    app = app_for(server, tmp_path, demo=False, token=token)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        main.open_place(Location("share", "Share"))
        await until(pilot, lambda: main.kind == "share")
        assert main.table.rows[0].cells[1] == "DJONES"
        await pilot.press("enter")
        await until(pilot, lambda: main.kind == "sent" and len(main.table.rows) == 2)
        assert "read only" in main.query_one("#where", Breadcrumbs).text
        can = {offer.command.id for offer in offered(main)}
        never = {
            "unpublish",
            "send_again",
            "delete",
            "copy_link",
            "plain_links",
            "write_mail",
            "show_code",
            "unlock",
            "delete_folder",
        }
        assert not can & never
        assert {"facts", "audit_document", "fetch", "members", "add_favorite"} <= can
        why = {command.id: sentence for command, sentence in refused(main)}
        assert never <= set(why)
        assert why["unpublish"] == "Only the owner (DJONES) can do that. You have read access."
        for key in ("u", "s", "d", "c", "w", "x", "U", "D"):
            await pilot.press(key)
        await pilot.pause()
        assert pilot.app.screen is main
        await pilot.press("p")
        dialog = await screen_of(pilot, Members)
        assert not dialog.query(Field)
        assert dialog.disabled_reason("remove_member")
        await pilot.press("escape", "f1")
        await screen_of(pilot, Help)


async def test_a_folder_is_deleted_as_a_whole_and_asked_twice(server: ServerProcess, tmp_path: Path) -> None:
    """F12: both questions give the number of published links in the folder."""
    url = publish(server, b"x", "Third.pdf")["url"]
    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        await pilot.press("D")
        first = await screen_of(pilot, Question)
        assert "3 published links" in first._detail
        await pilot.press("n")
        await screen_of(pilot, MainScreen)
        await pilot.press("D")
        first = await screen_of(pilot, Question)
        await pilot.press("y")
        await until(pilot, lambda: isinstance(pilot.app.screen, Question) and pilot.app.screen is not first)
        second = await screen_of(pilot, Question)
        assert "3 published links stop at once" in second._question
        await pilot.press("y")
        await until(pilot, lambda: main.kind == "share")
        assert "3 documents moved to the trash" in said(main)
        assert httpx.post(url, trust_env=False).status_code == 404
        with Sender(server) as me:
            assert me.get("/trash")["total"] == 3
            assert me.get("/folders")["folders"] == []


async def test_shortcuts_are_added_renamed_and_removed(sample_server: ServerProcess, tmp_path: Path) -> None:
    """W5, for a folder in Work: added in a list, renamed in the tree, removed in the list of My Favorites."""
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(100, 34)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        main.open_place(Location("workspaces", "Workspaces"))
        await until(pilot, lambda: main.kind == "workspaces")
        put_cursor_on(main, "▸ Firm - Know-how")
        assert main.disabled_reason("remove_favorite") == "It is not in My Favorites."
        await pilot.press("f")
        await until(pilot, lambda: "Added Firm - Know-how to My Favorites." in said(main))
        assert main.disabled_reason("add_favorite") == "It is already in My Favorites."
        await until(pilot, lambda: any(p.name == "Firm - Know-how" for p in below(main)))
        main.places.focus()
        node = main.places.find("favorites")
        assert node is not None
        child = next(c for c in node.children if c.data and c.data.name == "Firm - Know-how")
        main.places.move_cursor(child)
        await pilot.press("e")
        ask = await screen_of(pilot, Prompt)
        ask.query_one(Field).value = "Forms"
        await pilot.press("enter")
        await until(pilot, lambda: any(p.name == "Forms" for p in below(main)))
        main.open_place(Location("favorites", "My Favorites"))
        await until(pilot, lambda: main.kind == "favorites")
        main.table.focus()
        put_cursor_on(main, "▸ Forms")
        await pilot.press("F")
        await until(pilot, lambda: "Forms is no longer in My Favorites." in said(main))
        await until(pilot, lambda: "▸ Forms" not in [name_of(row) for row in main.table.rows])
        await until(pilot, lambda: all(p.name != "Forms" for p in below(main)))


def below(main: MainScreen) -> list[Location]:
    node = main.places.find("favorites")
    return [child.data for child in node.children if child.data] if node else []


async def test_without_its_shortcut_the_next_send_makes_a_new_folder(
    server: ServerProcess, tmp_path: Path
) -> None:
    """F3: the status line says so."""
    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        await pilot.press("F")
        await until(pilot, lambda: "no longer in My Favorites" in said(main))
        assert "The next send makes a new folder" in said(main)
        await until(pilot, lambda: main.disabled_reason("add_favorite") is None)
        await pilot.press("f")
        await until(pilot, lambda: " to My Favorites." in said(main))


async def test_a_lock_is_lifted(server: ServerProcess, tmp_path: Path) -> None:
    """S15: only a locked link can be unlocked."""
    document = publish(server, b"x", "Locked.pdf", password=PASSWORD)
    with database(server) as rows:
        rows.execute(
            "UPDATE sent_documents SET locked_at = ? WHERE id = ?", (int(time.time() * 1e6), document["id"])
        )
    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "Offer.pdf")
        await pilot.pause()
        assert "wrong passwords" in (main.disabled_reason("unlock") or "")
        put_cursor_on(main, "Locked.pdf")
        assert main.table.current is not None
        assert main.table.current.cells[1] == ("● On locked", "warn")
        await pilot.press("U")
        await until(pilot, lambda: main.table.current and main.table.current.cells[1] == ("● On", "good"))
        with Sender(server) as me:
            assert not me.document(document["id"])["locked"]


async def test_facts_of_a_sent_document_tell_its_audit(server: ServerProcess, tmp_path: Path) -> None:
    """W6, P3: the activity is shown next to the details."""
    from tui.screens.details import Details

    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(100, 34)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "Offer.pdf")
        await pilot.press("i")
        facts = await screen_of(pilot, Details)
        assert [what for _, _, what, _ in facts._history] == ["published", "sent"]
        assert ("External", "On") in facts._details


async def test_in_the_tree_no_key_is_for_a_row_of_the_list(server: ServerProcess, tmp_path: Path) -> None:
    """In the tree, no key applies to a row of the list, unless rows are selected."""
    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        main.places.focus()
        await pilot.pause()
        for_rows = {
            "unpublish",
            "send_again",
            "delete",
            "copy_link",
            "plain_links",
            "write_mail",
            "show_code",
            "fetch",
            "facts",
        }
        assert not for_rows & {offer.command.id for offer in offered(main)}
        assert {command.id: why for command, why in refused(main)}["unpublish"] == "Choose a document first."
        await pilot.press(*"udscwxoia")
        assert app.screen is main
        assert all(row.data.published for row in main.table.rows)
        main.table.focus()
        await pilot.press("space", "shift+tab")
        await until(pilot, lambda: main.places.has_focus)
        assert "unpublish" in {offer.command.id for offer in offered(main)}


async def test_what_was_deleted_is_reached_without_a_folder(server: ServerProcess, tmp_path: Path) -> None:
    """The trash can be opened, and the shortcut to the deleted folder says that the folder is gone."""
    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await sent_folder(pilot)
        folder = main.place
        assert folder is not None
        await main.session.share.delete_folder(folder.id)
        main.open_place(Location("share", "Share"))
        await until(pilot, lambda: main.kind == "share" and not main.table.rows)
        await pilot.press("t")
        await until(pilot, lambda: main.kind == "trash" and len(main.table.rows) == 2, "what was deleted")
        await pilot.press("t")
        await until(pilot, lambda: main.kind == "share")
        (shortcut,) = await main.session.places(Location("favorites", ""))
        main.open_place(shortcut)
        await settled(pilot)
        assert main.table.model.empty.startswith(
            "It was deleted, or you no longer have access.\nF removes the shortcut"
        )


async def test_a_copy_is_saved_next_to_what_is_there(
    server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched = tmp_path / "fetched"
    fetched.mkdir()
    (fetched / "offer.PDF").write_text("another one")
    monkeypatch.chdir(fetched)
    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "Offer.pdf")
        for copy in ("Offer (2).pdf", "Offer (3).pdf"):
            await pilot.press("o")
            await until(pilot, (fetched / copy).exists, "the copy")
            await settled(pilot)
            assert said(main).endswith(f"{copy}.")
    assert (fetched / "Offer (2).pdf").read_bytes() == (fetched / "Offer (3).pdf").read_bytes() == b"offer"
    assert (fetched / "offer.PDF").read_text() == "another one"


async def test_copying_a_link_that_no_one_can_open_says_so(server: ServerProcess, tmp_path: Path) -> None:
    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "Offer.pdf")
        await pilot.press("u")
        await until(pilot, lambda: said(main) == "Unpublished “Offer.pdf”. z undoes it.")
        await settled(pilot)
        put_cursor_on(main, "Offer.pdf")
        await pilot.press("c")
        await until(pilot, lambda: said(main).startswith("The link is not published: no one can open it."))
        await pilot.press("ctrl+a", "c")
        await until(pilot, lambda: said(main).startswith("1 of 2 links is not published: no one can open "))
        await pilot.press("d")
        question = await screen_of(pilot, Question)
        assert question.text[1] == "They go to the trash. 1 published link stops."


async def test_a_code_that_could_not_be_read_is_not_shown(
    server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T3: without UTF-8, its blocks would be replaced."""
    monkeypatch.setattr("tui.screens.copying.shows_unicode", lambda: False)
    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "Offer.pdf")
        await pilot.press("x")
        why = {command.id: sentence for command, sentence in refused(main)}
        assert why["show_code"].startswith("A QR code needs a terminal with UTF-8.")
        await pilot.pause()
        assert app.screen is main


async def test_names_that_look_like_markup_are_names(
    server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names appear unchanged in the titles of all dialogs, except that control characters are made visible."""
    publish(server, b"x", "[red]x[b.pdf")
    (tmp_path / "[").mkdir()
    (tmp_path / "[" / "]\x1b[31m").mkdir()
    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "[red]x[b.pdf")
        for key in ("m", "a", "i", "s", "d"):
            await pilot.press(key)
            await until(pilot, lambda: app.screen is not main, "a dialog")
            shown = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
            assert "[red]x[b.pdf" in shown
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is main)
            await settled(pilot)
        folder = str(tmp_path / "[" / "]\x1b[31m")
        for place, title in (
            (Location("found", "Found: [/]zzz", "[/]zzz", opens=False), "Found: [/]zzz"),
            (Location("local", folder, folder), "]␛[31m"),
        ):
            main.open_place(place)
            await until(pilot, lambda: main.pending is None)
            await settled(pilot)
            await pilot.press("m")
            menu = await screen_of(pilot, Menu)
            assert title in str(menu.query_one(".box").border_title).replace("\\[", "[")
            shown = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
            assert "\x1b" not in shown
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is main)


async def test_a_member_who_is_taken_off_sees_the_folder_no_longer(
    server: ServerProcess, tmp_path: Path
) -> None:
    """A removed member no longer sees the rows, nor gets the commands that only the owner may use."""
    with Sender(server) as me:
        token = me.sign_in("ANNA")["token"]
        folder = me.folder
        me.post(f"/folders/{folder}/members", {"name": "ANNA"})
        app = app_for(server, tmp_path, demo=False, token=token)
        async with app.run_test(size=(100, 30)) as pilot:
            main = await main_screen(pilot)
            await settled(pilot)
            (place,) = await main.session.places(Location("share", ""))
            main.open_place(place)
            await until(pilot, lambda: main.kind == "sent" and len(main.table.rows) == 2)
            me.delete(f"/folders/{folder}/members/ANNA")
            await until(pilot, lambda: not main.table.rows, "the end of the list")
            await pilot.press("f5")
            await settled(pilot)
            assert main.table.model.empty.startswith("It was deleted, or you no longer have access.")
            can = {offer.command.id for offer in offered(main)}
            assert not can & {"unpublish", "delete", "send_again", "copy_link"}


async def test_a_question_has_room_on_a_narrow_terminal(server: ServerProcess, tmp_path: Path) -> None:
    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(40, 16)) as pilot:
        await sent_folder(pilot)
        await pilot.press("d")
        question = await screen_of(pilot, Question)
        await pilot.pause()
        shown = [strip.text for strip in question._compositor.render_strips()]
        assert all(line.rstrip().endswith(("│", "╮", "╯")) for line in shown if "│" in line or "╭" in line)
        whole = " ".join(" ".join(shown).replace("│", " ").split())
        assert "It goes to the trash. Its link stops." in whole
        assert "Keep (n)" in whole
        # On a wider terminal the question gets the width that it needs again.
        await pilot.resize_terminal(100, 30)
        await until(pilot, lambda: question.query_one(".box").outer_size.width >= 44, "a wider one")
        assert question.query_one(".box").outer_size.width <= 76


async def test_a_password_that_is_made_is_one(server: ServerProcess, tmp_path: Path) -> None:
    """A generated password overrides “no password”, and the text about the link is correct."""
    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        await pilot.press("s")
        dialog = await screen_of(pilot, ResendDialog)
        text = dialog.query_one(".what", Static)
        assert "same link" in str(text.render())
        dialog.query_one("#no_password", Checkbox).checked = True
        dialog.query_one("#new_address", Checkbox).checked = True
        await pilot.pause()
        assert "new link" in str(text.render())
        await pilot.press("ctrl+g", "ctrl+s")
        await screen_of(pilot, LinksScreen)
        await pilot.press("ctrl+r", "escape")
        await until(pilot, lambda: app.screen is main)
        await settled(pilot)
        assert main.table.current is not None
        assert main.table.current.data.has_password
