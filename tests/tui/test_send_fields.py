"""The fields and buttons of the send dialog and of other dialogs: where the focus goes, what a letter does, and what is
shown while a password is typed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Button

from tests.support.app import (
    asked,
    main_screen,
    name_of,
    put_cursor_on,
    said,
    screen_of,
    screen_text,
    sent_folder,
    settled,
    until,
)
from tests.support.misbehave import Misbehaving, Say
from tests.support.server import ROOT, ServerProcess
from tests.support.share import Sender
from tests.support.stage import about_to_send, opened
from tests.tui.conftest import MakeApp
from tui.locations.location import Location
from tui.screens.links import LinksScreen
from tui.screens.main import MainScreen
from tui.screens.members import Members
from tui.screens.policy import PolicyScreen
from tui.screens.prompt import Prompt
from tui.screens.question import Question
from tui.screens.resend import ResendDialog
from tui.screens.send import SendDialog
from tui.widgets.field import Field

SIZE = (100, 40)
STRONG = "Blue-Harbour7"
#: From the shipped list, which every policy refuses.
COMMON = "sunshine1"


@pytest.fixture
def policy(three_sent: ServerProcess) -> Callable[..., None]:
    """Changes the policy."""

    def change(**rules: Any) -> None:
        with Sender(three_sent) as me:
            me.request("PATCH", "/policy", json=rules).raise_for_status()

    return change


def focus(pilot: Pilot[Any]) -> str:
    """The id of the focused widget."""
    focused = pilot.app.focused
    return (focused.id or "") if focused is not None else ""


def link_names(dialog: SendDialog) -> list[str]:
    return [row.link_name for row in dialog.state.plan.rows]


# ---------------------------------------------------------------- where tab goes


async def test_tab_goes_through_the_fields_to_the_buttons_that_send(
    make_app: MakeApp, files: Location
) -> None:
    """Tab starts at the table, which has the focus first; shift+tab goes back the same way."""
    async with make_app().run_test(size=SIZE) as pilot:
        await about_to_send(pilot, await sent_folder(pilot), files)
        order = [focus(pilot)]
        for _ in range(11):
            await pilot.press("tab")
            order.append(focus(pilot))
        fields = ["rows", "password", "expires", "downloads", "to", "send_now", "copy_now", "close"]
        assert order == [*fields, "move_up", "move_down", "rename", "remove"], "there is nothing to undo"
        await pilot.press("tab")
        assert focus(pilot) == "rows"
        await pilot.press("shift+tab", "shift+tab")
        assert focus(pilot) == "rename"


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
            assert (link_names(dialog), focus(pilot), pilot.app.screen) == (before, button, dialog)
            assert not dialog.table.editing
            assert "e Rename" not in screen_text(pilot), "keys that do nothing are not offered"


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
        assert focus(pilot) == "no"
        await pilot.press("d", "e", "space", "delete")
        assert pilot.app.screen is question
        await pilot.press("question_mark")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "Help")
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is question)
        await pilot.press("y")
        await until(pilot, lambda: "First.pdf" not in {name_of(row) for row in main.table.rows})


# ---------------------------------------------------------------- renaming


async def test_renaming_begins_with_the_stem_selected(make_app: MakeApp, files: Location) -> None:
    """Typing replaces the stem and keeps the extension; cursor keys leave the name unchanged."""
    cases = (
        ([*"Offer", "enter"], "Offer.txt"),
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


# ---------------------------------------------------------------- passwords


async def test_a_weak_password_is_pointed_out_while_typing(
    make_app: MakeApp, files: Location, policy: Callable[..., None]
) -> None:
    policy(password_required=True, password_min_length=9, password_classes=2)
    async with make_app().run_test(size=SIZE) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files)
        assert "at least 9 characters, 2 kinds" in screen_text(pilot), "before any of it is broken"
        await pilot.press("tab")
        for typed, message in (
            ("s", "of at least 9 characters"),
            ("unshines", "2 kinds of characters"),
            ("1", "too common; choose another"),
            ("x", "Password: required, at least 9 characters"),
        ):
            await pilot.press(*(["backspace"] if typed == "1" else []), *typed)
            await until(pilot, lambda message=message: message in said(dialog, "#overall"), message)
        assert said(dialog, "#password-say") == "the recipient is asked for it"


async def test_a_send_that_is_refused_puts_the_focus_on_the_field(
    make_app: MakeApp, files: Location, policy: Callable[..., None], proxy: Misbehaving
) -> None:
    """The focus goes to the first refused field, and nothing is sent."""
    policy(password_min_length=7, expires_max="30d", downloads_max=10)
    cases = (
        ("password", COMMON),
        ("password", "short"),
        ("password", "tab\tbed"),
        ("expires", "60d"),
        ("expires", "tomorow"),
        ("downloads", "11"),
        ("downloads", "0"),
    )
    async with make_app().run_test(size=SIZE) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files)
        for field, typed in cases:
            for name in ("password", "expires", "downloads"):
                dialog.query_one(f"#{name}", Field).value = typed if name == field else ""
            for key in ("ctrl+s", "ctrl+y", "#send_now"):
                dialog.table.focus()
                # A button ignores clicks while it still looks pressed.
                await until(pilot, lambda: not dialog.query_one("#send_now").has_class("-active"))
                await (pilot.click(key) if key.startswith("#") else pilot.press(key))
                await until(pilot, lambda field=field: focus(pilot) == field, f"the focus on {field}")
                message = said(dialog, "#overall")
                assert message.endswith(".")
                assert not message.startswith(
                    ("6 documents", "Password:", "Expiration date:", "Downloads permitted:")
                ), "the sentence stays"
        assert dialog.state.job is None
        assert not proxy.count("POST", "/sends")


async def test_a_policy_that_has_changed_meanwhile_puts_the_focus_on_the_field_too(
    make_app: MakeApp, files: Location, policy: Callable[..., None]
) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files)
        policy(password_min_length=20)
        await pilot.press("tab", *STRONG, "ctrl+s")
        await until(pilot, lambda: "at least 20 characters" in said(dialog, "#overall"))
        await until(pilot, lambda: focus(pilot) == "password")
        assert not dialog.query_one("#send_now", Button).disabled
        assert dialog.query_one("#password", Field).value == STRONG


async def test_a_weak_password_is_pointed_out_when_sending_again(
    make_app: MakeApp, policy: Callable[..., None], proxy: Misbehaving
) -> None:
    policy(password_min_length=9)
    async with make_app().run_test(size=SIZE) as pilot:
        dialog = await opened(pilot, "s", ResendDialog)
        assert "at least 9 characters" in screen_text(pilot)
        await pilot.press(*COMMON)
        await until(pilot, lambda: "too common" in said(dialog, "#password-say"))
        dialog.query_one("#downloads", Field).focus()
        await pilot.press("ctrl+s")
        await until(pilot, lambda: focus(pilot) == "password")
        assert not proxy.count("POST", "/resend")
        policy(password_min_length=20)
        await pilot.press("ctrl+u", *STRONG, "tab", "ctrl+s")
        await until(pilot, lambda: "at least 20 characters" in said(dialog, "#said"))
        await until(pilot, lambda: focus(pilot) == "password")


def test_the_list_of_common_passwords_is_read_with_the_first_letter_only() -> None:
    """Importing the dialogs doesn't load the list."""
    program = (
        "import sys, tui.screens.send, tui.screens.resend\n"
        "from tui.rules.common_passwords import common_passwords, known_by_now\n"
        "print(bool(known_by_now()), 'zxcvbn' in sys.modules)\n"
        "common_passwords()\n"
        "print('sunshine1' in known_by_now())"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.split() == ["False", "False", "True"]


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
            assert (question.text[0], focus(pilot)) == ("Stop sending?", "no")
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
            await screen_of(pilot, MainScreen)
        assert not proxy.count("POST", "/sends")


# ---------------------------------------------------------------- questions and members


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
            assert (yes.variant, no.variant, focus(pilot)) == ("default", "primary", "no")
            assert str(yes.label).startswith(verb)
            await pilot.press("enter")
            await until(pilot, lambda: pilot.app.screen is main)
        dialog = await about_to_send(pilot, main, files)
        await pilot.press("d", "escape")
        question = await screen_of(pilot, Question)
        assert str(question.query_one("#yes", Button).label) == "Close (y)"
        assert str(question.query_one("#no", Button).label) == "Keep editing (n)"
        assert focus(pilot) == "no"
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen is dialog)


async def test_a_name_that_is_typed_in_members_is_in_its_field(
    make_app: MakeApp, three_sent: ServerProcess
) -> None:
    """Typing goes to the field even if the letters are commands of the list, and even if the list has members."""
    with Sender(three_sent) as me:
        for name in ("ADDA", "DADA"):
            me.add_user(name).http.close()
    async with make_app().run_test(size=SIZE) as pilot:
        dialog = await opened(pilot, "p", Members)
        for count, name in enumerate(("ADDA", "DADA"), 1):
            await pilot.press(*name.lower(), "enter")
            await until(pilot, lambda count=count: len(dialog.table.rows) == count, name)
            await settled(pilot, dialog)
        await pilot.press("escape")
        await screen_of(pilot, MainScreen)
        await pilot.press("p")
        dialog = await screen_of(pilot, Members)
        await pilot.press(*"dad")
        assert dialog.query_one("#name", Field).value == "dad"
        assert len(dialog.table.rows) == 2


# ---------------------------------------------------------------- a small screen

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
        assert " – Minutes 0.txt " in screen_text(pilot), "files of this machine have no version"
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


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_question_is_shown_to_its_last_character(size: tuple[int, int], make_app: MakeApp) -> None:
    """Also if it is just as long as a line of the dialog, or a little longer."""
    async with make_app().run_test(size=size) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        for length in range(68, 76):
            text = "So many words " * 6
            question = Question(text[: length - 1] + "?", text[: length - 1] + "!", yes="Yes", no="No")
            main.open(question)
            await screen_of(pilot, Question)
            shown = screen_text(pilot)
            assert "?" in shown, length
            assert "!" in shown, length
            await pilot.press("n")
            await screen_of(pilot, MainScreen)
