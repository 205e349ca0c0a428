"""A weak password is pointed out while it is typed; a send that is refused puts the focus on the field at fault."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from textual.widgets import Button

from tests.support.app.app import asked, focused_id, said, screen_text, sent_folder, settled, until
from tests.support.checks.long import more
from tests.support.network.misbehave import Misbehaving
from tests.support.pictures.scene_start import about_to_send, opened, typed
from tests.support.servers.server import ROOT
from tests.tui.conftest import MakeApp
from tui.locations.location import Location
from tui.ui.send.resend import ResendDialog
from tui.ui.widgets.field import Field

#: Of :func:`three_sent`.
SERVER = "shared"

SIZE = (100, 40)
STRONG = "Blue-Harbour7"
#: From the shipped list, which every policy refuses.
COMMON = "sunshine1"


async def test_a_weak_password_is_pointed_out_while_typing(
    make_app: MakeApp, files: Location, policy: Callable[..., None]
) -> None:
    policy(password_required=True, password_min_length=9, password_classes=2)
    async with make_app().run_test(size=SIZE) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files)
        assert "9+ characters of 2 kinds" in screen_text(pilot), "before any of it is broken"
        await pilot.press("tab")
        for typed, message in (
            ("s", "of at least 9 characters"),
            ("unshines", "2 kinds of characters"),
            ("1", "too common; choose another"),
            ("x", "Password: required, 9+ characters"),
        ):
            await pilot.press(*(["backspace"] if typed == "1" else []), *typed)
            await until(pilot, lambda message=message: message in said(dialog, "#overall"), message)
        await until(pilot, lambda: said(dialog, "#password-say") == "recipients must enter it · weak")


async def test_that_lines_of_a_paste_are_left_out_is_said(make_app: MakeApp, files: Location) -> None:
    """Masked, nobody could see it. What a program adds at the end, or before, is no line."""
    async with make_app().run_test(size=SIZE) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files)
        field = dialog.query_one("#password", Field)
        field.focus()
        await typed(pilot, f"{STRONG}\nand the next line\n\nand one more")
        left_out = "The field has only the first of the 3 lines that were pasted."
        await until(pilot, lambda: left_out in screen_text(pilot), "what was left out")
        assert field.value == STRONG
        await pilot.press("ctrl+u")
        await typed(pilot, f"\n{STRONG}\n")
        await until(pilot, lambda: field.value == STRONG, "the password")
        await settled(pilot)
        assert left_out not in screen_text(pilot)


@more
async def test_what_is_missing_does_not_hide_what_is_wrong(
    make_app: MakeApp, files: Location, policy: Callable[..., None]
) -> None:
    """Before anything is typed nothing is wrong; then it is said of the field that is being typed in."""
    policy(password_required=True, downloads_default=3)
    async with make_app().run_test(size=SIZE) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files)
        await settled(pilot)
        assert said(dialog, "#overall").startswith("6 documents")
        dialog.query_one("#expires", Field).focus()
        await pilot.press(*"soon")
        await until(pilot, lambda: "soon can't be read as a date" in said(dialog, "#overall"))
        dialog.query_one("#downloads", Field).focus()
        await pilot.press("0")
        await until(pilot, lambda: "Allow 1 to 1,000,000 downloads" in said(dialog, "#overall"))
        assert "required" in said(dialog, "#password-say")


async def test_a_password_can_be_hidden_while_it_is_sent(
    make_app: MakeApp, files: Location, proxy: Misbehaving
) -> None:
    """It was shown before; a send may take an hour."""
    async with make_app().run_test(size=SIZE) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files)
        await pilot.press("ctrl+g")
        password = dialog.query_one("#password", Field)
        made = password.value
        assert made not in screen_text(pilot), "others may see the screen"
        await pilot.press("ctrl+r")
        await until(pilot, lambda: made in screen_text(pilot))
        with proxy.holding("POST", "/sends"):
            await pilot.press("ctrl+s")
            await asked(pilot, proxy, "POST", "/sends")
            await pilot.press("ctrl+r")
            await until(pilot, lambda: made not in screen_text(pilot))
            await pilot.press("ctrl+r")
            await until(pilot, lambda: made in screen_text(pilot))
            await pilot.press("ctrl+g")
            await until(pilot, lambda: said(dialog, "#overall") == "It is being sent.")
            assert password.value == made


async def test_a_send_that_is_refused_puts_the_focus_on_the_field(
    make_app: MakeApp, files: Location, policy: Callable[..., None], proxy: Misbehaving
) -> None:
    """The focus goes to the first refused field, whichever way it is sent, and nothing is sent."""
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
        ways = ("ctrl+s", "ctrl+y", "#send_now")
        for number, (field, typed) in enumerate(cases):
            for name in ("password", "expires", "downloads"):
                dialog.query_one(f"#{name}", Field).value = typed if name == field else ""
            # Each way with each field.
            for key in ways if number in (1, 3, 5) else ways[:1]:
                dialog.table.focus()
                # A button ignores clicks while it still looks pressed.
                await until(pilot, lambda: not dialog.query_one("#send_now").has_class("-active"))
                await (pilot.click(key) if key.startswith("#") else pilot.press(key))
                await until(pilot, lambda field=field: focused_id(pilot) == field, f"the focus on {field}")
                message = said(dialog, "#overall")
                assert message.endswith(".")
                assert not message.startswith(
                    ("6 documents", "Password:", "Expiration date:", "Downloads permitted:")
                ), "the sentence stays"
        assert dialog.state.job is None
        assert not proxy.count("POST", "/sends")


@more
async def test_a_policy_that_has_changed_meanwhile_puts_the_focus_on_the_field_too(
    make_app: MakeApp, files: Location, policy: Callable[..., None]
) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files)
        policy(password_min_length=20)
        await pilot.press("tab", *STRONG, "ctrl+s")
        await until(pilot, lambda: "at least 20 characters" in said(dialog, "#overall"))
        await until(pilot, lambda: focused_id(pilot) == "password")
        assert not dialog.query_one("#send_now", Button).disabled
        assert dialog.query_one("#password", Field).value == STRONG
        # The fields are checked against the new one from now on.
        assert "at least 20 characters" in said(dialog, "#password-say")
        await pilot.press("end", *"and-a-Harbour8")
        await until(pilot, lambda: said(dialog, "#password-say").startswith("recipients must enter it"))


@more
async def test_a_weak_password_is_pointed_out_when_sending_again(
    make_app: MakeApp, policy: Callable[..., None], proxy: Misbehaving
) -> None:
    policy(password_min_length=9)
    async with make_app().run_test(size=SIZE) as pilot:
        dialog = await opened(pilot, "s", ResendDialog)
        assert "9+ characters" in screen_text(pilot)
        await pilot.press(*COMMON)
        await until(pilot, lambda: "too common" in said(dialog, "#password-say"))
        dialog.query_one("#downloads", Field).focus()
        await pilot.press("ctrl+s")
        await until(pilot, lambda: focused_id(pilot) == "password")
        assert not proxy.count("POST", "/resend")
        policy(password_min_length=20)
        await pilot.press("ctrl+u", *STRONG, "tab", "ctrl+s")
        await until(pilot, lambda: "at least 20 characters" in said(dialog, "#said"))
        await until(pilot, lambda: focused_id(pilot) == "password")
        assert "at least 20 characters" in said(dialog, "#password-say")


async def test_what_is_required_and_would_be_kept_as_none(
    make_app: MakeApp, policy: Callable[..., None]
) -> None:
    """The document was sent under another policy."""
    policy(password_required=True, expires_required=True, expires_max="30d")
    async with make_app().run_test(size=SIZE) as pilot:
        dialog = await opened(pilot, "s", ResendDialog)
        assert said(dialog, "#password-say") == "required"
        assert said(dialog, "#expires-say").startswith("required: ")
        assert said(dialog, "#downloads-say") == "–"
        dialog.query_one("#expires", Field).focus()
        await pilot.press(*"3d")
        await until(pilot, lambda: said(dialog, "#expires-say").startswith("until "))


@more
def test_the_list_of_common_passwords_is_read_with_the_first_letter_only() -> None:
    """Importing the dialogs doesn't load the list."""
    program = (
        "import sys, tui.ui.send.send, tui.ui.send.resend\n"
        "from tui.rules.common_passwords import common_passwords, known_by_now\n"
        "print(bool(known_by_now()), 'zxcvbn' in sys.modules)\n"
        "common_passwords()\n"
        "print('sunshine1' in known_by_now())"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.split() == ["False", "False", "True"]
