"""Sending again and the policy: what is typed while a change is being saved, and what happens to the rest."""

from __future__ import annotations

import re
from typing import Any

from textual.css.scalar import Scalar
from textual.pilot import Pilot
from textual.widgets import Static

from tests.support.app.app import asked, resized, said, screen_of, screen_text, settled, until
from tests.support.checks.long import more
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Say as Answer
from tests.support.pictures.scene_start import opened
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tests.tui.conftest import MakeApp
from tui.ui.base.question import Question
from tui.ui.dialogs.policy import PolicyScreen
from tui.ui.main.main import MainScreen
from tui.ui.send.resend import ResendDialog
from tui.ui.widgets.field import Field
from tui.ui.widgets.status_line import StatusLine

# ---------------------------------------------------------------- sending again


async def test_sending_again_holds_its_fields_and_stays(
    make_app: MakeApp, proxy: Misbehaving, three_sent: ServerProcess
) -> None:
    async with make_app().run_test(size=(100, 30)) as pilot:
        dialog = await opened(pilot, "s", ResendDialog)
        main = pilot.app.screen_stack[0]
        assert isinstance(main, MainScreen)
        ident = dialog.documents[0].id
        for attempt, by_the_way in enumerate(("delete", "restore")):
            with proxy.holding("POST", "/resend"):
                await pilot.press("ctrl+s")
                await asked(pilot, proxy, "POST", "/resend", attempt)
                await pilot.press(*"Blue", "escape")
                await until(pilot, lambda: "closes when the server replies" in said(dialog, "#said"))
                with Sender(three_sent) as me:
                    if by_the_way == "delete":
                        me.delete(f"/documents/{ident}")
                    else:
                        me.post(f"/trash/{ident}/restore")
            if by_the_way == "delete":
                # It failed: the dialog is still open, unchanged.
                await until(pilot, lambda: "closes" not in said(dialog, "#said"))
                assert pilot.app.screen is dialog
                assert dialog.query_one("#expires", Field).value == ""
                assert dialog.focused is dialog.query_one("#expires", Field)
        await until(pilot, lambda: pilot.app.screen is main)
        await until(pilot, lambda: "” was sent again, 0" in said(main))
        await until(pilot, lambda: len(main.table.rows) == 3, "the restored one")
        await sending_again_is_stopped_half_way(pilot, main, proxy)
        await what_is_left_to_send_again_is_said(pilot, main, proxy)


async def sending_again_is_stopped_half_way(pilot: Pilot[Any], main: MainScreen, proxy: Misbehaving) -> None:
    await settled(pilot)
    await pilot.press("ctrl+a", "s")
    await screen_of(pilot, ResendDialog)
    before = proxy.count("POST", "/resend")
    with proxy.holding("POST", "/resend", answer=True):
        await pilot.press("ctrl+s")
        await asked(pilot, proxy, "POST", "/resend", before)
        await pilot.press("escape")
    await until(pilot, lambda: pilot.app.screen is main)
    await until(pilot, lambda: said(main) == "1 of 3 documents were sent again.")
    assert proxy.count("POST", "/resend") == before + 1


async def what_is_left_to_send_again_is_said(pilot: Pilot[Any], main: MainScreen, proxy: Misbehaving) -> None:
    await settled(pilot)
    main.table.clear_selection()
    await pilot.press("ctrl+a", "s")
    dialog = await screen_of(pilot, ResendDialog)
    last = dialog.documents[-1].name
    proxy.spoil("POST", Answer(404), "/resend", times=1, skip=2)
    await pilot.press("ctrl+s")
    await until(pilot, lambda: said(dialog, "#said"))
    assert str(dialog.query_one(".what", Static).render()).startswith(f"{last}: the link stays the same")
    # As in a first send, blanks count as a password, not as an empty field.
    dialog.query_one("#password", Field).value = "   "
    await until(pilot, lambda: said(dialog, "#password-say") != "–")


async def test_a_new_date_is_said_in_full_and_what_is_less_than_now(
    make_app: MakeApp, three_sent: ServerProcess
) -> None:
    """Next to its field there is no room for it at 80 columns, and on a small screen it is below."""
    with Sender(three_sent) as me:
        for document in me.get(f"/folders/{me.folder}/documents")["documents"]:
            me.resend(document, expires_at="2035-12-04T23:01:00Z", downloads_permitted=2)
    async with make_app().run_test(size=(80, 24)) as pilot:
        dialog = await opened(pilot, "s", ResendDialog)
        expires = dialog.query_one("#expires", Field)
        await until(pilot, lambda: expires.placeholder == "now 4 Dec 2035 23:01")
        expires.focus()
        await pilot.press(*"5", "ctrl+s")
        await until(pilot, lambda: "can't be read as a date" in said(dialog, "#said"))
        await until(pilot, lambda: said(dialog, "#said")[-6:] in screen_text(pilot), "the end of it")
        await pilot.press("ctrl+u", *"in 2 weeks")
        sentence = r"Expiration date: until .*\(UTC\); earlier than before \(Tue 4 Dec 2035, 23:01\)\.$"
        await until(pilot, lambda: re.match(sentence, said(dialog, "#said")))
        await until(pilot, lambda: "! earlier" in screen_text(pilot))
        await pilot.press("tab", "1")
        await until(
            pilot, lambda: said(dialog, "#said").endswith(" Downloads permitted: 1; fewer than before (2).")
        )
        await until(pilot, lambda: "! fewer" in screen_text(pilot))
        await resized(pilot, 40, 12)
        await until(pilot, lambda: "! fewer" in screen_text(pilot))
        await pilot.press("ctrl+u", "shift+tab", "ctrl+u")
        await until(pilot, lambda: said(dialog, "#said") == "")


# ---------------------------------------------------------------- the policy


def expires(server: ServerProcess) -> Any:
    with Sender(server) as me:
        return me.get("/policy")["expires_default"]


@more
async def test_a_value_that_is_being_typed_is_saved(make_app: MakeApp, three_sent: ServerProcess) -> None:
    """It isn't closed over; and while it is typed, the buttons stay where they are."""
    async with make_app().run_test(size=(100, 40)) as pilot:
        dialog = await opened(pilot, "P", PolicyScreen)
        dialog.table.move_to(5)
        await pilot.press("e")
        place = dialog.query_one("#save_policy").region
        await pilot.press("3")
        said_line = dialog.query_one("#said", StatusLine)
        await until(
            pilot,
            lambda: said_line.styles.height == Scalar.parse("2") and said_line.size.height == 2,
            "a message of two lines",
        )
        assert dialog.query_one("#save_policy").region == place
        await pilot.press("0", "d")
        await until(pilot, lambda: said_line.text == "")
        assert dialog.query_one("#save_policy").region == place
        await pilot.click("#close")
        assert (await screen_of(pilot, Question)).text[0] == "Close without saving?"
        await pilot.press("n")
        await until(pilot, lambda: pilot.app.screen is dialog)
        await pilot.click("#save_policy")
        await until(pilot, lambda: pilot.app.screen is not dialog)
        assert expires(three_sent) == "30d"


@more
async def test_the_policy_holds_still_while_it_is_saved(
    make_app: MakeApp, proxy: Misbehaving, three_sent: ServerProcess
) -> None:
    """What another user has changed meanwhile is seen when it is saved the next time."""
    async with make_app().run_test(size=(100, 30)) as pilot:
        dialog = await opened(pilot, "P", PolicyScreen)
        main = pilot.app.screen_stack[0]
        with proxy.holding("PATCH", "/policy", answer=True):
            await pilot.press("space", "ctrl+s")
            await asked(pilot, proxy, "PATCH", "/policy")
            dialog.table.move_to(4)
            await pilot.press("space", "enter", "escape")
            await until(pilot, lambda: "closes when the server replies" in said(dialog, "#said"))
        await until(pilot, lambda: said(main) == "The policy now applies to everyone.")
        with Sender(three_sent) as me:
            policy = me.get("/policy")
        assert policy["password_required"]
        assert not policy["expires_required"]
        dialog = await opened(pilot, "P", PolicyScreen)
        with Sender(three_sent) as me:
            assert me.request("PATCH", "/policy", json={"expires_max": "7d"}).status_code == 200
        dialog.table.move_to(5)
        await pilot.press("e", *"30d", "enter", "ctrl+s")
        await until(pilot, lambda: said(dialog, "#said") == "The default is longer than the maximum.")
        assert [row.cells[1] for row in dialog.table.rows][5:7] == [("30d", "selected"), "7d"]
        await pilot.press("e", "ctrl+u", *"5d", "ctrl+s")
        await until(pilot, lambda: pilot.app.screen is not dialog)
        assert expires(three_sent) == "5d"
