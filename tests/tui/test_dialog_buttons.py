"""The buttons of dialogs: what a letter does on them, which of them has the focus, and that none is cut off."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Button

from tests.support.app.app import (
    asked,
    focused_id,
    main_screen,
    name_of,
    put_cursor_on,
    resized,
    screen_of,
    screen_text,
    sent_folder,
    settled,
    until,
)
from tests.support.checks.long import more
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Say
from tests.support.pictures.scene_start import about_to_send, opened
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tests.tui.conftest import MakeApp
from tui.locations.location import Location
from tui.ui.base.question import Question
from tui.ui.dialogs.members import Members
from tui.ui.dialogs.policy import PolicyScreen
from tui.ui.draft.links_screen import LinksScreen
from tui.ui.main.main import MainScreen

SIZE = (100, 40)
SMALL = (60, 20)


def buttons_in_full(pilot: Pilot[Any]) -> list[str]:
    """The labels of the buttons; fails unless all of them can be read."""
    screen = pilot.app.screen
    labels = [str(b.label) for b in screen.query(Button) if b.visible and b.display]
    text = screen_text(pilot)
    for label in labels:
        assert label in text, f"{label} is cut off in\n{text}"
    for button in screen.query(Button):
        if button.visible:
            assert screen.region.contains_region(button.region), button
    return labels


# ---------------------------------------------------------------- letters on buttons


@more
async def test_what_is_typed_on_a_button_of_other_dialogs_does_nothing(
    make_app: MakeApp, three_sent: ServerProcess
) -> None:
    """In Members and in the policy, letters typed on a button run no command."""
    with Sender(three_sent) as me:
        me.add_user("ANNA").http.close()
        folder = me.get("/folder")["folder"]["id"]
        me.post(f"/folders/{folder}/members", {"name": "ANNA"})
    async with make_app().run_test(size=SIZE) as pilot:
        members = await opened(pilot, "p", Members)
        for button in members.query(Button):
            button.focus()
            await pilot.press(*"daddy", "delete", "space")
            await settled(pilot, members)
            assert (pilot.app.focused, pilot.app.screen) == (button, members)
        assert len(members.table.rows) == 1
        await pilot.press("escape")
        main = await screen_of(pilot, MainScreen)
        main.table.focus()
        await pilot.press("P")
        rules = await screen_of(pilot, PolicyScreen)
        rules.query_one("#close", Button).focus()
        await pilot.press("e", "space", *"leese")
        assert not rules.table.editing
        assert not rules.unsaved
        assert pilot.app.screen is rules


async def test_questions_and_help_have_their_letters_on_buttons(make_app: MakeApp) -> None:
    """In a question a letter is the answer; ``?`` and ``:`` work wherever no text is typed."""
    async with make_app().run_test(size=SIZE) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "First.pdf")
        await pilot.press("d")
        question = await screen_of(pilot, Question)
        assert focused_id(pilot) == "no"
        for key, name in (("d", "d"), ("e", "e"), ("space", "space"), ("delete", "del"), ("s", "s")):
            await pilot.press(key)
            wanted = f"“{name}” does nothing here"
            await until(pilot, lambda wanted=wanted: wanted in screen_text(pilot), wanted)
        assert pilot.app.screen is question
        await pilot.press("question_mark")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "Help")
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is question)
        await pilot.press("y")
        await until(pilot, lambda: "First.pdf" not in {name_of(row) for row in main.table.rows})


# ---------------------------------------------------------------- questions


async def test_the_louder_button_of_a_question_is_the_one_that_destroys_nothing(
    make_app: MakeApp, files: Location
) -> None:
    """That button has the focus as well, and each button says what it does."""
    async with make_app().run_test(size=SIZE) as pilot:
        main = await sent_folder(pilot)
        for key, verb in (("d", "Delete"), ("D", "Delete")):
            put_cursor_on(main, "First.pdf")
            await pilot.press(key)
            question = await screen_of(pilot, Question)
            yes, no = question.query_one("#yes", Button), question.query_one("#no", Button)
            assert (yes.variant, no.variant, focused_id(pilot)) == ("default", "primary", "no")
            assert str(yes.label).startswith(verb)
            await pilot.press("enter")
            await until(pilot, lambda: pilot.app.screen is main)
        dialog = await about_to_send(pilot, main, files)
        await pilot.press("d", "escape")
        question = await screen_of(pilot, Question)
        assert str(question.query_one("#yes", Button).label) == "Close (y)"
        assert str(question.query_one("#no", Button).label) == "Keep editing (n)"
        assert focused_id(pilot) == "no"
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen is dialog)


# ---------------------------------------------------------------- a small screen


async def test_no_button_is_cut_off_on_a_small_screen(
    make_app: MakeApp, files: Location, policy: Callable[..., None], proxy: Misbehaving
) -> None:
    policy(password_required=True, password_min_length=12, password_classes=3, expires_max="30d")
    async with make_app().run_test(size=SMALL) as pilot:
        main = await sent_folder(pilot)
        await pilot.press("p")
        await screen_of(pilot, Members)
        assert buttons_in_full(pilot) == ["Add", "Remove", "Close"]
        await pilot.press("escape")
        await screen_of(pilot, MainScreen)
        put_cursor_on(main, "First.pdf")
        await pilot.press("D")
        await screen_of(pilot, Question)
        assert len(buttons_in_full(pilot)) == 2
        await pilot.press("n")
        await screen_of(pilot, MainScreen)
        dialog = await about_to_send(pilot, main, files)
        assert len(buttons_in_full(pilot)) == 8
        assert re.search(r" 1 Minutes 0\.txt +\d", screen_text(pilot)), (
            "files of this machine have no version"
        )
        assert "12+ chars, 3 kinds" in screen_text(pilot)
        await pilot.press("tab", "1")
        await until(pilot, lambda: "1 of 12 characters" in screen_text(pilot))
        buttons_in_full(pilot)
        await pilot.press("ctrl+g")
        proxy.take_one_by_one()
        with proxy.holding("POST", "/uploads"):
            proxy.spoil("POST", Say(403), "/uploads")
            await pilot.press("ctrl+y")
            await asked(pilot, proxy, "POST", "/uploads")
            assert "Cancel sending" in buttons_in_full(pilot)
        await screen_of(pilot, LinksScreen)
        await pilot.press("escape")
        # The password was generated, and the user hasn't seen it.
        await screen_of(pilot, Question)
        await pilot.press("y")
        await until(pilot, lambda: pilot.app.screen is dialog)
        assert "Try again" in buttons_in_full(pilot)


@more
async def test_the_buttons_of_a_long_question_are_there(make_app: MakeApp, tmp_path: Any) -> None:
    """The text of a long question can be scrolled while its buttons stay visible."""
    async with make_app().run_test(size=SMALL) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        lines = [f"Document {n}.docx: by BSMITH since 2026-01-01 10:00" for n in range(40)]
        question = Question(
            "Forty documents are checked out?", "\n".join(lines), yes="Send anyway", no="Back"
        )
        main.open(question)
        await screen_of(pilot, Question)
        assert buttons_in_full(pilot) == ["Send anyway (y)", "Back (n)"]
        assert "Document 0.docx" in screen_text(pilot)
        await pilot.press("shift+tab", "shift+tab", "end")
        await until(pilot, lambda: "Document 39.docx" in screen_text(pilot), "the last line")
        buttons_in_full(pilot)


@more
async def test_a_question_is_shown_to_its_last_character(make_app: MakeApp) -> None:
    """Also if it is just as long as a line of the dialog, or a little longer: 70 characters, or all that a narrow
    terminal has."""
    text = "So many words " * 6
    async with make_app().run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        for size, lengths in (((80, 24), (69, 70, 71, 75)), ((60, 20), (54, 55))):
            await resized(pilot, *size)
            for length in lengths:
                question = Question(text[: length - 1] + "?", text[: length - 1] + "!", yes="Yes", no="No")
                main.open(question)
                await screen_of(pilot, Question)
                shown = screen_text(pilot)
                assert "?" in shown, length
                assert "!" in shown, length
                await pilot.press("n")
                await screen_of(pilot, MainScreen)
