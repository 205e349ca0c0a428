"""The dialog of a send, and what follows it, for pictures."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from tests.support.app.app import main_screen, put_cursor_on, screen_of, settled, until
from tests.support.pictures.scene_start import Scene, folder, picker, typed
from tui.ui.draft.draft import DraftScreen
from tui.ui.draft.links_screen import LinksScreen
from tui.ui.draft.plain_links import PlainLinks
from tui.ui.send.send import SendDialog
from tui.ui.widgets.field import Field


async def _dialog(pilot: Pilot[Any]) -> SendDialog:
    await picker(pilot)
    main = await main_screen(pilot)
    put_cursor_on(main, "Letter of Intent.pdf")
    await pilot.press("space", "s")
    return await screen_of(pilot, SendDialog)


async def send(pilot: Pilot[Any]) -> None:
    dialog = await _dialog(pilot)
    await pilot.press("e", "ctrl+u", *"Offer", "enter")
    dialog.query_one("#password", Field).focus()
    await typed(pilot, "Blue-Harbour7")
    dialog.query_one("#expires", Field).focus()
    await typed(pilot, "2026-12-02 17:00")
    dialog.query_one("#downloads", Field).focus()
    await pilot.press("5")


async def send_refused(pilot: Pilot[Any]) -> None:
    dialog = await _dialog(pilot)
    dialog.query_one("#expires", Field).focus()
    await typed(pilot, "2020-01-01")
    dialog.query_one("#downloads", Field).focus()
    await pilot.press("0")
    dialog.table.focus()
    await pilot.press("e", "ctrl+u")
    await typed(pilot, "Offer: draft?")


async def draft(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    main = await main_screen(pilot)
    main.table.clear_selection()
    put_cursor_on(main, "Letter of Intent.pdf")
    await pilot.press("s")
    await screen_of(pilot, SendDialog)
    await pilot.press("ctrl+s")
    screen = await screen_of(pilot, DraftScreen)
    from textual.widgets import Static

    await until(pilot, lambda: str(screen.query_one("#clipboard", Static).render()) != "")


async def links(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    # Only one: with several, it would be random which gets which address.
    main = await main_screen(pilot)
    main.table.clear_selection()
    await pilot.press("s")
    await screen_of(pilot, SendDialog)
    await pilot.press("ctrl+y")
    screen = await screen_of(pilot, LinksScreen)
    await settled(pilot, screen)


async def plain_links(pilot: Pilot[Any]) -> None:
    await folder(pilot)
    await pilot.press("asterisk", "C")
    await screen_of(pilot, PlainLinks)


#: These scenes send, which leaves something behind.
SENDING: dict[str, Scene] = {"draft": draft, "links": links}
