"""The fields and buttons of the send dialog: where the focus goes, how a document is renamed, and what can be pressed
while it is sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from textual.widgets import Button

from tests.support.app.app import (
    asked,
    focused_id,
    put_cursor_on,
    said,
    screen_of,
    screen_text,
    sent_folder,
    settled,
    until,
)
from tests.support.app.steps import Ground, play
from tests.support.checks.long import some
from tests.support.network.misbehave import Misbehaving
from tests.support.pictures.scene_start import about_to_send
from tests.support.servers.server import ServerProcess
from tests.tui.conftest import OWN_SERVER, MakeApp
from tui.locations.location import Location
from tui.ui.base.prompt import Prompt
from tui.ui.base.question import Question
from tui.ui.draft.links_screen import LinksScreen
from tui.ui.send.resend import ResendDialog
from tui.ui.send.send import SendDialog
from tui.ui.widgets.field import Field

#: Of :func:`three_sent`.
SERVER = "shared"

SIZE = (120, 40)


def link_names(dialog: SendDialog) -> list[str]:
    return [row.link_name for row in dialog.state.plan.rows]


# ---------------------------------------------------------------- where tab goes


async def tab_goes_through_the_fields_to_the_buttons_that_send(on: Ground) -> None:
    """Tab starts at the table, which has the focus first; shift+tab goes back the same way."""
    await about_to_send(on.pilot, on.main, on.files)
    order = [focused_id(on.pilot)]
    for _ in range(11):
        await on.pilot.press("tab")
        order.append(focused_id(on.pilot))
    fields = ["rows", "password", "expires", "downloads", "to", "send_now", "copy_now", "close"]
    assert order == [*fields, "move_up", "move_down", "rename", "remove"], "there is nothing to undo"
    await on.pilot.press("tab")
    assert focused_id(on.pilot) == "rows"
    await on.pilot.press("shift+tab", "shift+tab")
    assert focused_id(on.pilot) == "rename"


# ---------------------------------------------------------------- letters on buttons


async def what_is_typed_on_a_button_of_the_send_dialog_does_nothing(on: Ground) -> None:
    """Whatever the letter, and whatever the button."""
    dialog = await about_to_send(on.pilot, on.main, on.files)
    before = link_names(dialog)
    every = (*"friday", "J", "K", "z", "e", "m", "space", "delete", "backspace", *"7d")
    others = ("copy_now", "close", "move_up", "move_down", "rename", "remove")
    for button, keys in {"send_now": every, **dict.fromkeys(others, ("e", "space"))}.items():
        dialog.query_one(f"#{button}", Button).focus()
        await on.pilot.press(*keys)
        assert (link_names(dialog), focused_id(on.pilot), on.pilot.app.screen) == (before, button, dialog)
        assert not dialog.table.editing
        assert "e Rename" not in screen_text(on.pilot), "keys that do nothing are not offered"
        wanted = f"“{keys[-1]}” does nothing here; f1 shows the keys that work."
        await until(on.pilot, lambda wanted=wanted: said(dialog, "#overall") == wanted, wanted)


# ---------------------------------------------------------------- renaming


async def renaming_begins_with_the_stem_selected(on: Ground) -> None:
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
        (["end", "end", *["backspace"] * 4, "enter"], "Minutes 0.txt"),
        (["enter"], "Minutes 0.txt"),
        ([*"Offer", "escape"], "Minutes 0.txt"),
    )
    dialog = await about_to_send(on.pilot, on.main, on.files)
    for number, (keys, name) in enumerate(cases):
        # Both keys are the same command.
        await on.pilot.press("f2" if number % 2 else "e", *keys)
        await until(on.pilot, lambda: not dialog.table.editing)
        assert link_names(dialog)[0] == name, keys
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


async def what_a_name_will_become_is_told_while_it_is_typed(on: Ground) -> None:
    """The extension stays behind the stem, so that one that is typed with it is seen twice."""
    dialog = await about_to_send(on.pilot, on.main, on.files)
    await on.pilot.press("e", *"Offer.txt")
    assert said(dialog, "#cause") == "It will be called Offer.txt · from Minutes 0.txt"
    await on.pilot.press("x")
    assert said(dialog, "#cause") == "from Minutes 0.txt"
    await on.pilot.press("backspace", "enter")
    await until(on.pilot, lambda: not dialog.table.editing)
    assert (link_names(dialog)[0], said(dialog, "#cause")) == ("Offer.txt", "")


async def test_what_removes_a_setting_is_reached_behind_all_fields(
    three_sent: ServerProcess, make_app: MakeApp
) -> None:
    """A blank typed on the way from field to field removes nothing, and the row says what the checkbox does."""
    async with make_app().run_test(size=(80, 24)) as pilot:
        put_cursor_on(await sent_folder(pilot), "First.pdf")
        await pilot.press("s")
        dialog = await screen_of(pilot, ResendDialog)
        order = [focused_id(pilot)]
        for _ in range(8):
            await pilot.press("tab")
            order.append(focused_id(pilot))
        assert order == [
            *("expires", "downloads", "new_address"),
            *("no_password", "no_expires", "no_downloads", "resend_now", "close", "password"),
        ]
        await pilot.press("x", "tab")
        assert focused_id(pilot) == "expires", "nothing is removed by a blank"
        await pilot.press("shift+tab", "backspace", *["tab"] * 6)
        assert focused_id(pilot) == "no_downloads"
        assert said(dialog, "#downloads-say") == "a tick removes it"
        await pilot.press("tab")
        await until(pilot, lambda: said(dialog, "#downloads-say") != "a tick removes it")
        await pilot.press("shift+tab", "space")
        await until(pilot, lambda: said(dialog, "#downloads-say") == "will be removed")


async def a_paste_replaces_the_stem(on: Ground) -> None:
    from textual import events

    dialog = await about_to_send(on.pilot, on.main, on.files)
    await on.pilot.press("f2")
    dialog.table.post_message(events.Paste("Offer of\n2026"))
    await on.pilot.press("enter")
    assert link_names(dialog)[0] == "Offer of 2026.txt"


async def a_limit_may_be_typed_as_it_is_shown(on: Ground) -> None:
    dialog = await about_to_send(on.pilot, on.main, on.files)
    dialog.query_one("#downloads", Field).focus()
    await on.pilot.press(*"1,000")
    await until(on.pilot, lambda: "1,000 downloads of each document" in screen_text(on.pilot))
    await on.pilot.press("ctrl+y")
    links = await screen_of(on.pilot, LinksScreen)
    assert {document.downloads_permitted for document in links.documents} == {1000}


@OWN_SERVER
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


async def f2_renames_a_shortcut(on: Ground) -> None:
    """F2 works in the tree and in the list; typing replaces the whole name."""
    on.main.places.focus()
    on.main.places.move_cursor(on.main.places.find("sent"))
    await on.pilot.press("f2")
    await screen_of(on.pilot, Prompt)
    await on.pilot.press(*"Sent", "enter")
    await until(on.pilot, lambda: "Renamed the shortcut to Sent" in said(on.main))
    on.main.open_place(Location("favorites", "My Favorites"))
    await until(on.pilot, lambda: on.main.kind == "favorites" and bool(on.main.table.rows))
    await settled(on.pilot)
    on.main.table.focus()
    await on.pilot.press("f2")
    await screen_of(on.pilot, Prompt)
    await on.pilot.press(*"Links", "enter")
    await until(on.pilot, lambda: "Renamed the shortcut to Links" in said(on.main))


# ---------------------------------------------------------------- while it is sent


async def while_it_is_sent_only_what_does_something_can_be_pressed(on: Ground) -> None:
    dialog = await about_to_send(on.pilot, on.main, on.files)
    await until(on.pilot, lambda: "esc Close" in screen_text(on.pilot))
    with on.proxy.holding("POST", "/batch"):
        await on.pilot.press("ctrl+y")
        await asked(on.pilot, on.proxy, "POST", "/batch")
        enabled = {b.id for b in dialog.query(Button) if not b.disabled and b.visible}
        assert enabled == {"close"}
        text = screen_text(on.pilot)
        assert "esc Cancel sending" in text
        assert "esc Close" not in text
        assert "Try again" not in text
        await on.pilot.press("escape")
        question = await screen_of(on.pilot, Question)
        texts = "Stop sending?", "Until you close the dialog, ^t sends the rest."
        assert (question.text, focused_id(on.pilot)) == (texts, "no")
        await on.pilot.press("enter")
        await until(on.pilot, lambda: on.pilot.app.screen is dialog)
    links = await screen_of(on.pilot, LinksScreen)
    assert len(links.documents) == 6


async def the_buttons_are_disabled_from_the_key_on(on: Ground) -> None:
    """The buttons are disabled even while what the send begins with is still being read."""
    before = on.proxy.count("GET", "/my-favorites")
    with on.proxy.holding("GET", "/my-favorites"):
        dialog = await about_to_send(on.pilot, on.main, on.files)
        await asked(on.pilot, on.proxy, "GET", "/my-favorites", before)
        await on.pilot.press("ctrl+y")
        await until(on.pilot, lambda: dialog.busy, "the send")
        enabled = {b.id for b in dialog.query(Button) if not b.disabled and b.visible}
        assert enabled == {"close"}
        assert "esc Cancel sending" in screen_text(on.pilot)
        await on.pilot.press("escape", "y")
        await until(on.pilot, lambda: not dialog.busy, "the end")
    assert not on.proxy.count("POST", "/sends")


async def test_fields_and_buttons(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path, files: Location
) -> None:
    steps = (
        tab_goes_through_the_fields_to_the_buttons_that_send,
        what_is_typed_on_a_button_of_the_send_dialog_does_nothing,
        renaming_begins_with_the_stem_selected,
        what_a_name_will_become_is_told_while_it_is_typed,
        a_paste_replaces_the_stem,
        a_limit_may_be_typed_as_it_is_shown,
        while_it_is_sent_only_what_does_something_can_be_pressed,
        the_buttons_are_disabled_from_the_key_on,
        f2_renames_a_shortcut,
    )
    await play(some(6, steps), three_sent, proxy, tmp_path, SIZE)
