"""The fields and buttons of the send dialog: where the focus goes, how a document is renamed, and what can be pressed
while it is sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from textual.widgets import Button

from tests.support.app import (
    asked,
    focused_id,
    said,
    screen_of,
    screen_text,
    sent_folder,
    settled,
    until,
)
from tests.support.misbehave import Misbehaving
from tests.support.server import ServerProcess
from tests.support.stage import about_to_send
from tests.tui.conftest import MakeApp
from tui.locations.location import Location
from tui.screens.links import LinksScreen
from tui.screens.prompt import Prompt
from tui.screens.question import Question
from tui.screens.send import SendDialog
from tui.widgets.field import Field

SIZE = (100, 40)


def link_names(dialog: SendDialog) -> list[str]:
    return [row.link_name for row in dialog.state.plan.rows]


# ---------------------------------------------------------------- where tab goes


async def test_tab_goes_through_the_fields_to_the_buttons_that_send(
    make_app: MakeApp, files: Location
) -> None:
    """Tab starts at the table, which has the focus first; shift+tab goes back the same way."""
    async with make_app().run_test(size=SIZE) as pilot:
        await about_to_send(pilot, await sent_folder(pilot), files)
        order = [focused_id(pilot)]
        for _ in range(11):
            await pilot.press("tab")
            order.append(focused_id(pilot))
        fields = ["rows", "password", "expires", "downloads", "to", "send_now", "copy_now", "close"]
        assert order == [*fields, "move_up", "move_down", "rename", "remove"], "there is nothing to undo"
        await pilot.press("tab")
        assert focused_id(pilot) == "rows"
        await pilot.press("shift+tab", "shift+tab")
        assert focused_id(pilot) == "rename"


# ---------------------------------------------------------------- letters on buttons


async def test_what_is_typed_on_a_button_of_the_send_dialog_does_nothing(
    make_app: MakeApp, files: Location
) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files)
        before = link_names(dialog)
        buttons = ("send_now", "copy_now", "close", "move_up", "move_down", "rename", "remove")
        for button in buttons:
            dialog.query_one(f"#{button}", Button).focus()
            await pilot.press(*"friday", "J", "K", "z", "e", "m", "space", "delete", "backspace", *"7d")
            assert (link_names(dialog), focused_id(pilot), pilot.app.screen) == (before, button, dialog)
            assert not dialog.table.editing
            assert "e Rename" not in screen_text(pilot), "keys that do nothing are not offered"


# ---------------------------------------------------------------- renaming


async def test_renaming_begins_with_the_stem_selected(make_app: MakeApp, files: Location) -> None:
    """Typing replaces the stem and keeps the extension; cursor keys leave the name unchanged."""
    cases = (
        ([*"Offer", "enter"], "Offer.txt"),
        ([*"Offer.txt", "enter"], "Offer.txt"),
        ([*"Offer.TXT", "enter"], "Offer.TXT"),
        ([*"Offer.pdf", "enter"], "Offer.pdf.txt"),
        (["right", *" agreed", "enter"], "Minutes 0 agreed.txt"),
        (["left", *"The ", "enter"], "The Minutes 0.txt"),
        (["backspace", "O", "enter"], "O.txt"),
        (["delete", "O", "enter"], "O.txt"),
        (["end", *["backspace"] * 4, "enter"], "Minutes 0.txt"),
        (["enter"], "Minutes 0.txt"),
        ([*"Offer", "escape"], "Minutes 0.txt"),
    )
    async with make_app().run_test(size=SIZE) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files)
        for begins in ("e", "f2"):
            for keys, name in cases:
                await pilot.press(begins, *keys)
                await until(pilot, lambda: not dialog.table.editing)
                assert link_names(dialog)[0] == name, (begins, keys)
                dialog.state.plan.rename(0, "Minutes 0.txt")


async def test_nothing_moves_while_a_name_is_retyped(make_app: MakeApp, files: Location) -> None:
    """A name that is empty for a moment is pointed out in the line that is there for it, also at 80 columns."""
    async with make_app().run_test(size=(80, 24)) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files)
        before = dialog.query_one("#password", Field).region
        await pilot.press("e", "ctrl+u")
        assert said(dialog, "#cause") == "The name .txt needs a letter or a digit before its extension."
        assert said(dialog, "#cause") in screen_text(pilot)
        assert dialog.query_one("#password", Field).region == before


async def test_a_paste_replaces_the_stem(make_app: MakeApp, files: Location) -> None:
    from textual import events

    async with make_app().run_test(size=SIZE) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files)
        await pilot.press("f2")
        dialog.table.post_message(events.Paste("Offer of\n2026"))
        await pilot.press("enter")
        assert link_names(dialog)[0] == "Offer of 2026.txt"


async def test_a_limit_may_be_typed_as_it_is_shown(make_app: MakeApp, files: Location) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files)
        dialog.query_one("#downloads", Field).focus()
        await pilot.press(*"1,000")
        await until(pilot, lambda: "1,000 downloads of each document" in screen_text(pilot))
        await pilot.press("ctrl+y")
        links = await screen_of(pilot, LinksScreen)
        assert {document.downloads_permitted for document in links.documents} == {1000}


async def test_an_expiry_is_counted_from_the_time_on_the_server(
    three_sent: ServerProcess, make_app: MakeApp, files: Location
) -> None:
    """Also if this machine's clock was set since the app was started, or stood still."""
    async with make_app().run_test(size=SIZE) as pilot:
        main = await sent_folder(pilot)
        three_sent.turn_clock(7_200)
        dialog = await about_to_send(pilot, main, files)
        dialog.query_one("#expires", Field).value = "1h"
        expires_at = dialog.options.settings().expires_at
        assert isinstance(expires_at, datetime)
        assert expires_at - datetime.now(UTC) > timedelta(hours=2)


async def test_f2_renames_a_shortcut(make_app: MakeApp) -> None:
    """F2 works in the tree and in the list; typing replaces the whole name."""
    async with make_app().run_test(size=SIZE) as pilot:
        main = await sent_folder(pilot)
        main.places.focus()
        main.places.move_cursor(main.places.find("sent"))
        await pilot.press("f2")
        await screen_of(pilot, Prompt)
        await pilot.press(*"Sent", "enter")
        await until(pilot, lambda: "Renamed the shortcut to Sent" in said(main))
        main.open_place(Location("favorites", "My Favorites"))
        await until(pilot, lambda: main.kind == "favorites" and bool(main.table.rows))
        await settled(pilot)
        main.table.focus()
        await pilot.press("f2")
        await screen_of(pilot, Prompt)
        await pilot.press(*"Links", "enter")
        await until(pilot, lambda: "Renamed the shortcut to Links" in said(main))


# ---------------------------------------------------------------- while it is sent


async def test_while_it_is_sent_only_what_does_something_can_be_pressed(
    make_app: MakeApp, files: Location, proxy: Misbehaving
) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files)
        await until(pilot, lambda: "esc Close" in screen_text(pilot))
        with proxy.holding("POST", "/batch"):
            await pilot.press("ctrl+y")
            await asked(pilot, proxy, "POST", "/batch")
            enabled = {b.id for b in dialog.query(Button) if not b.disabled and b.visible}
            assert enabled == {"close"}
            text = screen_text(pilot)
            assert "esc Cancel sending" in text
            assert "esc Close" not in text
            assert "Try again" not in text
            await pilot.press("escape")
            question = await screen_of(pilot, Question)
            assert (question.text[0], focused_id(pilot)) == ("Stop sending?", "no")
            await pilot.press("enter")
            await until(pilot, lambda: pilot.app.screen is dialog)
        links = await screen_of(pilot, LinksScreen)
        assert len(links.documents) == 6


async def test_the_buttons_are_disabled_from_the_key_on(
    make_app: MakeApp, files: Location, proxy: Misbehaving
) -> None:
    """The buttons are disabled even while the policy is still being requested."""
    async with make_app().run_test(size=SIZE) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files)
        before = proxy.count("GET", "/policy")
        with proxy.holding("GET", "/policy"):
            await pilot.press("ctrl+y")
            await asked(pilot, proxy, "GET", "/policy", before)
            enabled = {b.id for b in dialog.query(Button) if not b.disabled and b.visible}
            assert enabled == {"close"}
            assert "esc Cancel sending" in screen_text(pilot)
            await pilot.press("escape", "y")
            await until(pilot, lambda: not dialog.busy, "the end")
        assert not proxy.count("POST", "/sends")
