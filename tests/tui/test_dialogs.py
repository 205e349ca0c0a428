"""Dialogs whose requests take a while, and what is typed and pressed in the meantime."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from tests.support.app.app import (
    asked,
    main_screen,
    resized,
    said,
    screen_of,
    screen_text,
    sent_folder,
    settled,
    until,
)
from tests.support.checks.long import more
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Hold
from tests.support.pictures.scene_start import about_to_send, opened
from tests.support.servers.server import ServerProcess
from tests.support.users.share import PASSWORD, Sender
from tests.tui.conftest import MakeApp
from tui.locations.location import Location
from tui.ui.base.help import Help
from tui.ui.base.menu import Menu
from tui.ui.base.palette import Palette
from tui.ui.base.question import Question
from tui.ui.base.workers import SignedOut
from tui.ui.dialogs.members import Members
from tui.ui.dialogs.sign_in import SignInScreen
from tui.ui.dialogs.timeline import TimelineScreen
from tui.ui.draft.links_screen import LinksScreen
from tui.ui.main.main import MainScreen
from tui.ui.send.send import SendDialog
from tui.ui.widgets.field import Field

# ---------------------------------------------------------------- sending


async def test_a_name_that_is_being_typed_is_not_closed_over_and_sent(
    make_app: MakeApp, files: Location
) -> None:
    async with make_app().run_test(size=(110, 40)) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files)
        await pilot.press("e", "right", *" as agreed")
        await pilot.click("#close")
        assert (await screen_of(pilot, Question)).text[0] == "Close without sending?"
        await pilot.press("n")
        await until(pilot, lambda: pilot.app.screen is dialog)
        assert dialog.state.plan.rows[0].link_name == "Minutes 0 as agreed.txt" or dialog.table.editing
        await pilot.press("ctrl+s")
        await until(pilot, lambda: dialog.state.job is not None and not dialog.state.job.unfinished)
        assert dialog.state.job is not None
        assert dialog.state.job.documents[0].name == "Minutes 0 as agreed.txt"


async def test_links_are_copied_by_hand(make_app: MakeApp, files: Location) -> None:
    """They have the name that was being typed."""
    async with make_app().run_test(size=(110, 40)) as pilot:
        await about_to_send(pilot, await sent_folder(pilot), files)
        await pilot.press("e", "right", *" as agreed", "ctrl+y")
        links = await screen_of(pilot, LinksScreen)
        assert links.documents[0].name == "Minutes 0 as agreed.txt"
        await settled(pilot)
        await pilot.mouse_down("#links", offset=(0, 1))
        await pilot.hover("#links", offset=(30, 1))
        await pilot.mouse_up("#links", offset=(60, 1))
        await pilot.pause()
        assert "http" in (links.get_selected_text() or "")
        await pilot.press("ctrl+c")
        await until(pilot, lambda: said(links, "#done"), "a word about it")


def token_of_a_sign_in(server: ServerProcess) -> str:
    with Sender(server) as me:
        me.request("PUT", "/users/DJONES/password", json={"password": PASSWORD})
        return str(me.post("/login", {"user": "DJONES", "password": PASSWORD})["token"])


async def sends_signed_out(
    pilot: Pilot[Any], files: Location, server: ServerProcess, token: str, proxy: Misbehaving
) -> tuple[SendDialog, threading.Event]:
    """Sends six files, whose uploads are held until the event is set, and signs out in the meantime."""
    dialog = await about_to_send(pilot, await sent_folder(pilot), files)
    go_on = threading.Event()
    proxy.take_one_by_one()
    proxy.spoil("POST", Hold(go_on), "/uploads", times=6)
    await pilot.press("ctrl+y")
    await asked(pilot, proxy, "POST", "/uploads")
    with server.client(token) as client:
        client.post("/share/v1/logout").raise_for_status()
    return dialog, go_on


async def signs_in(pilot: Pilot[Any], sign_in: SignInScreen) -> None:
    sign_in.query_one("#name", Field).value = "DJONES"
    sign_in.query_one("#password", Field).value = PASSWORD
    sign_in.query_one("#password", Field).focus()
    await pilot.press("enter")


async def test_a_user_signed_out_during_a_send_signs_in_and_continues(
    make_app: MakeApp, files: Location, three_sent: ServerProcess, proxy: Misbehaving
) -> None:
    token = token_of_a_sign_in(three_sent)
    async with make_app(token=token).run_test(size=(110, 40)) as pilot:
        dialog, go_on = await sends_signed_out(pilot, files, three_sent, token, proxy)
        go_on.set()
        sign_in = await screen_of(pilot, SignInScreen)
        await signs_in(pilot, sign_in)
        await until(pilot, lambda: pilot.app.screen is dialog)
        await pilot.press("ctrl+t")
        links = await screen_of(pilot, LinksScreen)
        assert len(links.documents) == 6


@more
async def test_who_signs_in_before_the_send_has_ended_is_not_asked_again(
    make_app: MakeApp, files: Location, three_sent: ServerProcess, proxy: Misbehaving
) -> None:
    """Its requests carried the earlier token; *Try again* sends what is left."""
    token = token_of_a_sign_in(three_sent)
    async with make_app(token=token).run_test(size=(110, 40)) as pilot:
        dialog, go_on = await sends_signed_out(pilot, files, three_sent, token, proxy)
        # The list of the first screen notices it.
        pilot.app.post_message(SignedOut())
        sign_in = await screen_of(pilot, SignInScreen)
        go_on.set()
        await until(pilot, lambda: dialog.state.end_waits)
        await signs_in(pilot, sign_in)
        await until(pilot, lambda: pilot.app.screen is dialog and not dialog.busy)
        await settled(pilot, dialog)
        assert pilot.app.screen is dialog
        await pilot.press("ctrl+t")
        links = await screen_of(pilot, LinksScreen)
        assert len(links.documents) == 6


# ---------------------------------------------------------------- members


@pytest.fixture
def people(three_sent: ServerProcess) -> Callable[[], list[str]]:
    """Creates users who can be added; returns a function that lists the members."""
    with Sender(three_sent) as me:
        for name in ("ADDA", "ANNA", "BOB", "DADA", "EVA"):
            me.add_user(name).http.close()

    def members() -> list[str]:
        with Sender(three_sent) as me:
            folder = me.get("/folder")["folder"]["id"]
            return [member["name"] for member in me.get(f"/folders/{folder}/members")["members"]]

    return members


@more
async def test_the_next_person_is_typed_while_one_is_added(
    make_app: MakeApp, proxy: Misbehaving, people: Callable[[], list[str]]
) -> None:
    """And is added, too, if enter was pressed. With a name left over, closing asks; the dialog stays if it isn't closed
    after all."""
    async with make_app().run_test(size=(100, 30)) as pilot:
        dialog = await opened(pilot, "p", Members)
        with proxy.holding("POST", "/members"):
            await pilot.press(*"ANNA", "enter", "enter")
            await asked(pilot, proxy, "POST", "/members")
            await pilot.press("ctrl+u", *"BOB")
        await settled(pilot, dialog)
        assert (people(), dialog.query_one("#name", Field).value) == (["ANNA"], "BOB")
        with proxy.holding("POST", "/members"):
            await pilot.press("enter")
            await asked(pilot, proxy, "POST", "/members", 1)
            await pilot.press("ctrl+u", *"DADA", "enter")
        await settled(pilot, dialog)
        assert (people(), dialog.query_one("#name", Field).value) == (["ANNA", "BOB", "DADA"], "")
        with proxy.holding("POST", "/members"):
            await pilot.press(*"ADDA", "enter")
            await asked(pilot, proxy, "POST", "/members", 3)
            await pilot.press("ctrl+u", *"EVA", "escape")
        await screen_of(pilot, Question)
        await pilot.press("n")
        await until(pilot, lambda: pilot.app.screen is dialog)
        await pilot.press("enter")
        await until(pilot, lambda: said(dialog, "#said").startswith("EVA can now see "))
        await settled(pilot)
        assert pilot.app.screen is dialog


@more
async def test_members_stay_until_it_is_known_what_became_of_a_change(
    make_app: MakeApp, proxy: Misbehaving, people: Callable[[], list[str]]
) -> None:
    async with make_app().run_test(size=(100, 30)) as pilot:
        dialog: Members = await opened(pilot, "p", Members)
        main = pilot.app.screen_stack[0]
        rounds: tuple[tuple[int, str, str, Screen[Any]], ...] = (
            (0, "NOBODY", "", dialog),
            (1, "ANNA", "ANNA can now see everything in this folder.", main),
        )
        for count, name, message, screen in rounds:
            with proxy.holding("POST", "/members", answer=True):
                dialog.query_one("#name", Field).value = name
                await pilot.press("enter")
                await asked(pilot, proxy, "POST", "/members", count)
                await pilot.press("escape")
                await until(pilot, lambda: "closes when the server replies" in said(dialog, "#said"))
                assert pilot.app.screen is dialog
                await pilot.press("ctrl+q")
                await screen_of(pilot, Question)
                await pilot.press("n")
            await until(pilot, lambda: not dialog.changes.under_way)
            await settled(pilot, screen)
            assert pilot.app.screen is screen
            await until(pilot, lambda message=message: said(main) == message)
        assert people() == ["ANNA"]


@more
async def test_a_name_that_is_typed_in_members_is_in_its_field(
    make_app: MakeApp, proxy: Misbehaving, people: Callable[[], list[str]]
) -> None:
    """Typing goes to the field even if the letters are commands of the list, and even if the list has members. What was
    chosen in the list for one of them is not done to another."""
    async with make_app().run_test(size=(100, 40)) as pilot:
        dialog = await opened(pilot, "p", Members)
        for count, name in enumerate(("ADDA", "ANNA", "DADA"), 1):
            await pilot.press(*name.lower(), "enter")
            await until(pilot, lambda count=count: len(dialog.table.rows) == count, name)
            await settled(pilot, dialog)
        await pilot.press("escape")
        await screen_of(pilot, MainScreen)
        await pilot.press("p")
        dialog = await screen_of(pilot, Members)
        await pilot.press(*"dad")
        assert dialog.query_one("#name", Field).value == "dad"
        assert len(dialog.table.rows) == 3
        lists: dict[str, type[Screen[Any]]] = {"m": Menu, "colon": Palette}
        for count, (name, opens) in enumerate((("ADDA", "m"), ("ANNA", "colon"))):
            dialog.table.focus()
            dialog.table.move_to(0)
            await pilot.pause()
            with proxy.holding("DELETE", "/members"):
                await pilot.press("d")
                await asked(pilot, proxy, "DELETE", "/members", count)
                await pilot.press(opens)
                await screen_of(pilot, lists[opens])
            removed = f"{name} can no longer see this folder."
            await until(pilot, lambda removed=removed: removed in said(dialog, "#said"))
            await until(pilot, lambda count=count: len(dialog.table.rows) == 2 - count)
            if opens == "m":
                await pilot.press("d")
            else:
                await pilot.press(*"remove the person")
                await settled(pilot)
                await pilot.press("enter")
            await until(pilot, lambda: "nothing was done" in said(dialog, "#said"))
        assert people() == ["DADA"]


# ---------------------------------------------------------------- the palette


@more
async def test_the_palette_in_a_very_small_terminal(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(80, 24)) as pilot:
        await main_screen(pilot)
        await pilot.press("colon")
        await screen_of(pilot, Palette)
        for width in range(1, 9):
            for size in ((width, 6), (80, 24)):
                await resized(pilot, *size)


#: What shows something over the list, by the keys that open it.
SHOWN = ("T", "i", "a", "A", "g n", "f8", "x", "C", "comma", "M", "m")


async def test_the_key_that_opened_a_dialog_closes_it(make_app: MakeApp) -> None:
    """As it does with what is beside the list on a wider screen. A question isn't answered by it."""
    async with make_app().run_test(size=(80, 24)) as pilot:
        main = await sent_folder(pilot)
        for keys in SHOWN:
            await pilot.press(*keys.split(" "))
            await until(pilot, lambda: pilot.app.screen is not main, f"what {keys} opens")
            await settled(pilot, pilot.app.screen)
            await pilot.press(*keys.split(" "))
            await until(pilot, lambda: pilot.app.screen is main, f"that {keys} closes it")
        await pilot.press("d")
        question = await screen_of(pilot, Question)
        await pilot.press("d")
        await pilot.pause()
        assert pilot.app.screen is question


async def test_a_key_that_does_something_in_the_dialog_does_not_close_it(make_app: MakeApp) -> None:
    """It is typed into a field. A filter has to be left first by escape, but not by this key."""
    async with make_app().run_test(size=(80, 24)) as pilot:
        main = await sent_folder(pilot)
        await pilot.press("A")
        shown = await screen_of(pilot, TimelineScreen)
        await settled(pilot, shown)
        await pilot.press("slash", "A")
        assert shown.query_one("#needle", Field).value == "A"
        await pilot.press("enter", "f1")
        await screen_of(pilot, Help)
        assert "A closes this again." in screen_text(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is shown)
        await pilot.press("A")
        await until(pilot, lambda: pilot.app.screen is main)
