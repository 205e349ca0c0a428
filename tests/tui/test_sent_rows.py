"""What is done with the documents of a Secure Sent Links folder, and what the dialogs for them show."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from textual.widgets import Static

from tests.support.app.app import (
    app_for,
    put_cursor_on,
    resized,
    said,
    screen_of,
    sent_folder,
    settled,
    until,
)
from tests.support.app.steps import Ground, play
from tests.support.checks.long import more, some
from tests.support.network.misbehave import Misbehaving
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.share import PASSWORD, Sender, database
from tui.locations.location import Location
from tui.ui.base.menu import Menu, offered, refused
from tui.ui.base.question import Question
from tui.ui.draft.links_screen import LinksScreen
from tui.ui.send.resend import ResendDialog
from tui.ui.widgets.checkbox import Checkbox

#: What is said of a key for a row while the tree has the focus.
FOCUS = "The tree has the focus: tab goes to the list."

# ---------------------------------------------------------------- commands


async def in_the_tree_no_key_is_for_a_row_of_the_list(on: Ground) -> None:
    """In the tree, no key applies to a row of the list, unless rows are selected."""
    on.main.places.focus()
    await on.pilot.pause()
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
    assert not for_rows & {offer.command.id for offer in offered(on.main)}
    assert {command.id: why for command, why in refused(on.main)}["unpublish"] == FOCUS
    for key in "udscwxoia":
        on.main.say("")
        await on.pilot.press(key)
        await on.pilot.pause()
        assert said(on.main) == FOCUS, key
    assert on.app.screen is on.main
    assert all(row.data.published for row in on.main.table.rows)
    on.main.table.focus()
    await on.pilot.press("space", "shift+tab")
    await until(on.pilot, lambda: on.main.places.has_focus)
    assert "unpublish" in {offer.command.id for offer in offered(on.main)}


async def a_lock_is_lifted(on: Ground) -> None:
    """S15: only a locked link can be unlocked."""
    document = publish(on.server, b"x", "Locked.pdf", password=PASSWORD)
    with database(on.server) as rows:
        rows.execute(
            "UPDATE sent_documents SET locked_at = ? WHERE id = ?", (int(time.time() * 1e6), document["id"])
        )
    await on.pilot.press("f5")
    await settled(on.pilot)
    put_cursor_on(on.main, "Offer.pdf")
    await on.pilot.pause()
    assert "wrong passwords" in (on.main.disabled_reason("unlock") or "")
    put_cursor_on(on.main, "Locked.pdf")
    assert on.main.table.current is not None
    assert on.main.table.current.cells[2] == ("! On  *", "warn")
    await on.pilot.press("U")
    await until(
        on.pilot, lambda: on.main.table.current and on.main.table.current.cells[2] == ("● On  *", "good")
    )
    with Sender(on.server) as me:
        assert not me.document(document["id"])["locked"]


async def facts_of_a_sent_document_tell_its_audit(on: Ground) -> None:
    """W6, P3: the activity is shown next to the details; that it was sent and published reads as one."""
    from tui.ui.dialogs.details import Details

    put_cursor_on(on.main, "Offer.pdf")
    await on.pilot.press("i")
    facts = await screen_of(on.pilot, Details)
    assert [what.split()[0].strip(":") for _, what in facts._history] == ["Sent"]
    assert ("External", "On") in facts._details


async def test_a_copy_is_saved_next_to_what_is_there(
    two_sent: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However quickly the key is pressed twice, one copy is fetched; once the copy is gone, it is fetched again."""
    fetched = tmp_path / "fetched"
    fetched.mkdir()
    monkeypatch.chdir(fetched)
    with Misbehaving(two_sent.url) as proxy:
        app = app_for(two_sent, tmp_path, demo=False, url=proxy.url)
        async with app.run_test(size=(100, 24)) as pilot:
            main = await sent_folder(pilot)
            put_cursor_on(main, "Offer.pdf")
            with proxy.holding("GET", "/content"):
                await pilot.press("o")
                await until(pilot, lambda: proxy.count("GET", "/content"))
                await pilot.press("o")
            await until(pilot, lambda: said(main).startswith("Fetched to "))
            await settled(pilot)
            await pilot.press("o")
            await until(pilot, lambda: said(main).startswith("It was already fetched to "))
            await settled(pilot)
            assert [path.name for path in fetched.iterdir()] == ["Offer.pdf"]
            assert proxy.count("GET", "/content") == 1
            (fetched / "Offer.pdf").unlink()
            await pilot.press("o")
            await until(pilot, (fetched / "Offer.pdf").exists, "the copy")
            await settled(pilot)
            (fetched / "Offer.pdf").unlink()
            (fetched / "offer.PDF").write_text("another one")
            for copy in ("Offer (2).pdf", "Offer (3).pdf"):
                await pilot.press("o")
                await until(pilot, (fetched / copy).exists, "the copy")
                await settled(pilot)
                assert said(main).endswith(f"{copy}.")
                assert (fetched / copy).read_bytes() == b"offer"
                (fetched / copy).write_text("edited")
    assert (fetched / "Offer (2).pdf").read_text() == "edited"
    assert (fetched / "offer.PDF").read_text() == "another one"


async def a_link_that_no_one_can_open_is_not_copied(on: Ground) -> None:
    put_cursor_on(on.main, "Offer.pdf")
    await on.pilot.press("u")
    await until(on.pilot, lambda: said(on.main) == "Unpublished “Offer.pdf”. z undoes it.")
    await settled(on.pilot)
    put_cursor_on(on.main, "Offer.pdf")
    await on.pilot.press("c")
    await until(
        on.pilot, lambda: said(on.main).startswith("The link of “Offer.pdf” is off (unpublished); s ")
    )
    await on.pilot.press("ctrl+a", "c")
    await until(on.pilot, lambda: said(on.main).startswith("1 of 2 links is off and left out."))
    await on.pilot.press("d")
    question = await screen_of(on.pilot, Question)
    assert question.text[1] == "They go to the trash. 1 published link stops.\nTerms.pdf\nOffer.pdf"


async def deleting_says_how_it_is_undone(on: Ground) -> None:
    put_cursor_on(on.main, "Offer.pdf")
    await on.pilot.press("d", "y")
    await until(on.pilot, lambda: "to the trash" in said(on.main), "the outcome")
    assert said(on.main) == "Moved “Offer.pdf” to the trash. z undoes it."
    await on.pilot.press("t")
    await until(on.pilot, lambda: on.main.kind == "trash", "the trash")


async def a_code_that_could_not_be_read_is_not_shown(on: Ground) -> None:
    """T3: without UTF-8, its blocks would be replaced."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tui.ui.draft.copying.shows_unicode", lambda: False)
        put_cursor_on(on.main, "Offer.pdf")
        await on.pilot.press("x")
        why = {command.id: sentence for command, sentence in refused(on.main)}
        assert why["show_code"].startswith("A QR code needs a terminal with UTF-8.")
        await on.pilot.pause()
        assert on.app.screen is on.main


async def a_password_that_is_made_is_one(on: Ground) -> None:
    """A generated password overrides “no password”, and the text about the link is correct."""
    await on.pilot.press("s")
    dialog = await screen_of(on.pilot, ResendDialog)
    text = dialog.query_one(".what", Static)
    assert "the link stays the same" in str(text.render())
    dialog.query_one("#no_password", Checkbox).checked = True
    dialog.query_one("#new_address", Checkbox).checked = True
    await on.pilot.pause()
    assert "the old link stops working" in str(text.render())
    dialog.query_one("#new_address", Checkbox).checked = False
    await on.pilot.press("ctrl+g", "ctrl+s")
    await screen_of(on.pilot, LinksScreen)
    await on.pilot.press("ctrl+r", "escape")
    await until(on.pilot, lambda: on.app.screen is on.main)
    await settled(on.pilot)
    assert on.main.table.current is not None
    assert on.main.table.current.data.has_password


# ---------------------------------------------------------------- what dialogs show


async def names_that_look_like_markup_are_names(on: Ground) -> None:
    """Names appear unchanged in the titles of all dialogs, except that control characters are made visible."""
    publish(on.server, b"x", "[red]x[b.pdf")
    (on.folder / "[").mkdir()
    (on.folder / "[" / "]\x1b[31m").mkdir()
    await on.pilot.press("f5")
    await settled(on.pilot)
    put_cursor_on(on.main, "[red]x[b.pdf")
    for key in ("m", "a", "i", "s", "d"):
        await on.pilot.press(key)
        await until(on.pilot, lambda: on.app.screen is not on.main, "a dialog")
        shown = "\n".join(strip.text for strip in on.app.screen._compositor.render_strips())
        assert "[red]x[b.pdf" in shown
        await on.pilot.press("escape")
        await until(on.pilot, lambda: on.app.screen is on.main)
        await settled(on.pilot)
    folder = str(on.folder / "[" / "]\x1b[31m")
    for place, title in (
        (Location("found", "Found: [/]zzz", "[/]zzz", opens=False), "Found: [/]zzz"),
        (Location("local", folder, folder), "]␛[31m"),
    ):
        on.main.open_place(place)
        await until(on.pilot, lambda: on.main.pending is None)
        await settled(on.pilot)
        await on.pilot.press("m")
        menu = await screen_of(on.pilot, Menu)
        assert title in str(menu.query_one(".box").border_title).replace("\\[", "[")
        shown = "\n".join(strip.text for strip in on.app.screen._compositor.render_strips())
        assert "\x1b" not in shown
        await on.pilot.press("escape")
        await until(on.pilot, lambda: on.app.screen is on.main)


async def the_menu_is_titled_with_what_it_acts_on(on: Ground) -> None:
    """Selected rows take a command, wherever the cursor is, and whether or not they are shown."""
    on.main.table.clear_selection()
    first = on.main.table.rows[0].name
    put_cursor_on(on.main, first)
    titles = []
    for keys in ((), ("space", "j"), ("space",), ("slash", *first[:4], "enter")):
        await on.pilot.press(*keys)
        await settled(on.pilot)
        await on.pilot.press("m")
        menu = await screen_of(on.pilot, Menu)
        titles.append(str(menu.query_one(".box").border_title))
        await on.pilot.press("escape")
        await until(on.pilot, lambda: on.app.screen is on.main)
    await on.pilot.press("escape", "escape")
    await settled(on.pilot)
    assert titles == [first, first, "2 selected", "2 selected, 1 not shown"]
    on.main.table.clear_selection()


async def test_commands_and_dialogs(two_sent: ServerProcess, tmp_path: Path) -> None:
    steps = (
        the_menu_is_titled_with_what_it_acts_on,
        facts_of_a_sent_document_tell_its_audit,
        in_the_tree_no_key_is_for_a_row_of_the_list,
        a_lock_is_lifted,
        names_that_look_like_markup_are_names,
        a_password_that_is_made_is_one,
        a_code_that_could_not_be_read_is_not_shown,
        a_link_that_no_one_can_open_is_not_copied,
        deleting_says_how_it_is_undone,
    )
    with Misbehaving(two_sent.url) as proxy:
        await play(some(4, steps), two_sent, proxy, tmp_path, (100, 34), ("Offer.pdf", "Terms.pdf"))


@more
async def test_a_question_has_room_on_a_narrow_terminal(two_sent: ServerProcess, tmp_path: Path) -> None:
    app = app_for(two_sent, tmp_path, demo=False)
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
        await resized(pilot, 100, 30)
        await until(pilot, lambda: question.query_one(".box").outer_size.width >= 44, "a wider one")
        assert question.query_one(".box").outer_size.width <= 76
