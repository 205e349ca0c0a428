"""Folders and shortcuts: members and what they may not do, My Favorites, and deleting a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from textual.pilot import Pilot

from tests.support.app.app import (
    app_for,
    main_screen,
    name_of,
    put_cursor_on,
    said,
    screen_of,
    sent_documents,
    sent_folder,
    settled,
    until,
)
from tests.support.checks.long import more
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Action, LoseAnswer, refusal
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.share import Sender
from tests.tui.conftest import MakeApp
from tui.locations.kinds import SHARE_ROOT
from tui.locations.location import Location
from tui.ui.base.help import Help
from tui.ui.base.menu import Menu, offered, refused
from tui.ui.base.prompt import Prompt
from tui.ui.base.question import Question
from tui.ui.dialogs.members import WARNING, Members
from tui.ui.main.main import MainScreen
from tui.ui.widgets.breadcrumbs import Breadcrumbs
from tui.ui.widgets.choice_list import ChoiceList
from tui.ui.widgets.field import Field

# ---------------------------------------------------------------- members


async def members_are_added_with_a_warning_and_removed(
    pilot: Pilot[Any], main: MainScreen, two_sent: ServerProcess
) -> None:
    """F4: the dialog says what a new member can see."""
    await pilot.press("p")
    dialog = await screen_of(pilot, Members)
    shown = " ".join(" ".join(strip.text for strip in dialog._compositor.render_strips()).split())
    assert WARNING.split(":")[0] in shown.replace("│ │", "").replace("  ", " ")
    await pilot.press(*"nobody", "enter")
    await until(pilot, lambda: "NOBODY" in said(dialog, "#said").upper())
    dialog.query_one("#name", Field).value = "anna"
    await pilot.press("enter")
    await until(pilot, lambda: "ANNA can now see everything in this folder." in said(dialog, "#said"))
    with Sender(two_sent) as me:
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


async def test_a_member_looks_and_nothing_else_is_offered(two_sent: ServerProcess, tmp_path: Path) -> None:
    """F4: a member gets no links and changes nothing; the help says why."""
    with Sender(two_sent) as me:
        me.post(f"/folders/{me.folder}/members", {"name": "ANNA"})
        token = me.sign_in("ANNA")["token"]
    app = app_for(two_sent, tmp_path, demo=False, token=token)
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
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is main)
        # A removed member no longer sees the rows, nor gets the commands that only the owner may use.
        share = main.places.find("share")
        assert share is not None
        await until(pilot, lambda: share.children, "the folder in the tree")
        with Sender(two_sent) as me:
            me.delete(f"/folders/{me.folder}/members/ANNA")
        await until(pilot, lambda: not main.table.rows, "the end of the list")
        await until(pilot, lambda: not share.children, "its going from the tree")
        await pilot.press("f5")
        await settled(pilot)
        assert main.table.model.empty.startswith("It was deleted, or you no longer have access.")
        can = {offer.command.id for offer in offered(main)}
        assert not can & {"unpublish", "delete", "send_again", "copy_link"}


# ---------------------------------------------------------------- deleting


async def a_folder_is_deleted_as_a_whole_and_asked_twice(
    pilot: Pilot[Any], main: MainScreen, two_sent: ServerProcess
) -> None:
    """F12: both questions give the number of published links in the folder."""
    url = publish(two_sent, b"x", "Third.pdf")["url"]
    await until(pilot, lambda: len(main.table.rows) == 3, "the third")
    await settled(pilot)
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
    assert said(main).endswith("; 3 documents moved to the trash. t shows the trash.")
    assert httpx.post(url, trust_env=False).status_code == 404
    with Sender(two_sent) as me:
        assert me.get("/trash")["total"] == 3
        assert me.get("/folders")["folders"] == []
    # What was deleted is reached without a folder, and the shortcut to it says that it is gone.
    await until(pilot, lambda: not main.table.rows)
    await pilot.press("t")
    await until(pilot, lambda: main.kind == "trash" and len(main.table.rows) == 3, "what was deleted")
    await pilot.press("t")
    await until(pilot, lambda: main.kind == "share")
    (shortcut,) = await main.session.places(Location("favorites", ""))
    main.open_place(shortcut)
    await settled(pilot)
    assert main.table.model.empty.startswith(
        "It was deleted, or you no longer have access.\nF removes the shortcut"
    )


@more
async def test_emptying_the_trash_says_how_far_it_got(
    make_app: MakeApp, proxy: Misbehaving, three_sent: ServerProcess
) -> None:
    """Both times it asks how many are deleted; what was deleted since the list was loaded is counted, too. The server
    empties it in several steps, and its response may get lost."""
    actions: tuple[tuple[Action, int, str], ...] = (
        (refusal(500, "internal", "Broken."), 3, "Broken."),
        (refusal(500, "internal", "Broken."), 2, "Deleted 1 of 3 documents permanently. Broken."),
        (LoseAnswer(), 0, "Deleted 3 documents permanently."),
    )
    async with make_app().run_test(size=(80, 24)) as pilot:
        main = await sent_folder(pilot)
        share, documents = main.session.share, await sent_documents(main)
        await share.delete(documents[0].id)
        await pilot.press("t")
        await until(pilot, lambda: main.kind == "trash" and len(main.table.rows) == 1, "what was deleted")
        await pilot.press("E")
        asked = await screen_of(pilot, Question)
        assert asked.text == ("Empty the trash?", "1 document is deleted permanently.")
        await pilot.press("n")
        for document in documents[1:]:
            await share.delete(document.id)
        for action, left, sentence in actions:
            await until(pilot, lambda: main.kind == "trash" and len(main.table.rows) == 3, "what was deleted")
            await settled(pilot)
            proxy.spoil("POST", action, "/trash/empty")
            await pilot.press("E")
            asked = await screen_of(pilot, Question)
            assert asked.text == ("Empty the trash?", "3 documents are deleted permanently.")
            await pilot.press("y")
            await until(pilot, lambda asked=asked: pilot.app.screen is not asked)
            asked = await screen_of(pilot, Question)
            assert asked.text[0] == "This cannot be undone. Delete 3 documents permanently?"
            if left == 2:
                # As if the server had come to it before it failed.
                await share.restore(documents[0].id)
            await pilot.press("y")
            await until(pilot, lambda sentence=sentence: said(main) == sentence, "what was done")
            await until(pilot, lambda left=left: len(main.table.rows) == left, "the rest")
            if left == 2:
                await share.delete(documents[0].id)
                await pilot.press("f5")


# ---------------------------------------------------------------- My Favorites


@more
async def test_shortcuts_are_added_renamed_and_removed(sample_server: ServerProcess, tmp_path: Path) -> None:
    """W5, for a folder in Work: added in a list, renamed in the tree, removed in the list of My Favorites."""
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(100, 24)) as pilot:
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
        place = await main.session.first_place()
        main.open_place(place)
        await until(pilot, lambda: main.place == place)
        await settled(pilot)
        await an_extension_typed_for_a_shortcut_to_a_document_is_not_repeated(pilot, main, sample_server)


async def an_extension_typed_for_a_shortcut_to_a_document_is_not_repeated(
    pilot: Pilot[Any], main: MainScreen, sample_server: ServerProcess
) -> None:
    """Only the stem is selected, so the extension stays behind what is typed."""
    put_cursor_on(main, "Letter of Intent.pdf")
    document = main.table.rows[main.table.cursor].data
    with sample_server.client() as client:
        client.post(
            "/work/api/v2/customers/1/libraries/ACTIVE/my-favorites/children",
            json={"target_id": document.id, "name": "Letter of Intent.pdf"},
        ).raise_for_status()
    main.open_place(Location("favorites", "My Favorites"))
    await until(pilot, lambda: main.kind == "favorites" and bool(main.table.rows))
    main.table.focus()
    put_cursor_on(main, next(name_of(r) for r in main.table.rows if "Letter of Intent" in name_of(r)))
    await pilot.press("e")
    await screen_of(pilot, Prompt)
    await pilot.press(*"Offer.pdf", "enter")
    await until(pilot, lambda: said(main) == "Renamed the shortcut to Offer.pdf. z undoes it.")


def below(main: MainScreen) -> list[Location]:
    node = main.places.find("favorites")
    return [child.data for child in node.children if child.data] if node else []


async def without_its_shortcut_the_next_send_makes_a_new_folder(
    pilot: Pilot[Any], main: MainScreen, _: ServerProcess
) -> None:
    """F3: the status line says so."""
    await pilot.press("F")
    await until(pilot, lambda: "no longer in My Favorites" in said(main))
    assert "The next send makes a new folder" in said(main)
    await until(pilot, lambda: main.disabled_reason("add_favorite") is None)
    await pilot.press("f")
    await until(pilot, lambda: " to My Favorites." in said(main))


async def test_a_folder_with_members_and_a_shortcut(two_sent: ServerProcess, tmp_path: Path) -> None:
    app = app_for(two_sent, tmp_path, demo=False)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        await members_are_added_with_a_warning_and_removed(pilot, main, two_sent)
        await without_its_shortcut_the_next_send_makes_a_new_folder(pilot, main, two_sent)
        await a_folder_is_deleted_as_a_whole_and_asked_twice(pilot, main, two_sent)


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_the_menu_of_a_folder_has_its_name_once(
    size: tuple[int, int], still_server: ServerProcess
) -> None:
    """Without the sign of its row: in a workspace, in My Favorites, and where all of them are."""
    async with app_for(still_server, None).run_test(size=size) as pilot:
        main = await main_screen(pilot)
        for place, name in (
            (Location("favorites", "My Favorites"), "Deal Documents"),
            (Location("workspaces", "Workspaces"), "Halyard - Share Sale"),
            (SHARE_ROOT, "MKELLER - Secure Sent Links"),
        ):
            main.open_place(place)
            await until(pilot, lambda place=place: main.kind == place.kind and main.pending is None)
            put_cursor_on(main, f"▸ {name}")
            await pilot.press("m")
            menu = await screen_of(pilot, Menu)
            assert menu.heading == name
            titles = [str(option.prompt) for option in menu.query_one(ChoiceList).options]
            assert name not in titles
            assert not any("Versions" in title or "Secure Sent Links…" in title for title in titles)
            await pilot.press("escape")
            await until(pilot, lambda: pilot.app.screen is main)
