"""The scenes of dialogs in which every command is run."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen

from tests.support.app.app import (
    main_screen,
    open_sent_folder,
    screen_of,
    settled,
)
from tests.support.app.played import Played
from tui.clients.events import DocumentEvent
from tui.ui.base.guides import Guides
from tui.ui.base.help import Help
from tui.ui.base.prompt import Prompt
from tui.ui.dialogs.members import Members
from tui.ui.dialogs.notices import NoticesScreen
from tui.ui.dialogs.policy import PolicyScreen
from tui.ui.dialogs.sessions import SessionsScreen
from tui.ui.dialogs.settings import SettingsScreen
from tui.ui.dialogs.sign_in import SignInScreen
from tui.ui.dialogs.timeline import TimelineScreen
from tui.ui.widgets.table import Table


async def in_members(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    await open_sent_folder(pilot, main)
    await settled(pilot)
    await pilot.press("p")
    dialog = await screen_of(pilot, Members)
    dialog.table.focus()
    await played.all()


async def _dialog(pilot: Pilot[Any], key: str, kind: type[Screen[Any]]) -> None:
    await main_screen(pilot)
    await settled(pilot)
    await pilot.press(key)
    await settled(pilot, await screen_of(pilot, kind))


async def in_timeline(pilot: Pilot[Any], played: Played) -> None:
    await _dialog(pilot, "A", TimelineScreen)
    await played.all()


async def in_timeline_filter(pilot: Pilot[Any], played: Played) -> None:
    await _dialog(pilot, "A", TimelineScreen)
    await pilot.press("slash", "s", "enter")
    await played.all()


async def in_notices(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    await settled(pilot)
    main.live.handle(DocumentEvent("expired", "d" * 32, "f" * 32, name="Offer.pdf"))
    await _dialog(pilot, "f8", NoticesScreen)
    await played.all()


async def in_policy(pilot: Pilot[Any], played: Played) -> None:
    await _dialog(pilot, "P", PolicyScreen)
    await pilot.press("space")
    await played.all()


async def in_settings(pilot: Pilot[Any], played: Played) -> None:
    await _dialog(pilot, "comma", SettingsScreen)
    await played.all()


async def in_sessions(pilot: Pilot[Any], played: Played) -> None:
    await _dialog(pilot, "M", SessionsScreen)
    table = pilot.app.screen.query_one(Table)
    table.move_to(next(index for index, row in enumerate(table.rows) if not row.data.current))
    await played.all()


async def in_sign_in(pilot: Pilot[Any], played: Played) -> None:
    await _dialog(pilot, "L", SignInScreen)
    await played.all()


async def in_ask(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    await settled(pilot)
    main.places.focus()
    main.places.move_cursor(main.places.find("folder"))
    await pilot.press("e")
    await screen_of(pilot, Prompt)
    await played.all()


async def in_help(pilot: Pilot[Any], played: Played) -> None:
    await main_screen(pilot)
    await settled(pilot)
    await pilot.press("f1")
    await screen_of(pilot, Help)
    await played.all()


async def in_help_search(pilot: Pilot[Any], played: Played) -> None:
    await main_screen(pilot)
    await settled(pilot)
    await pilot.press("f1")
    await screen_of(pilot, Help)
    await pilot.press("slash", "s", "enter")
    await played.all()


async def in_guides(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    await settled(pilot)
    main.app.open_guides(main)
    shown = await screen_of(pilot, Guides)
    await shown.open_guide("sending")
    await played.all()
    # What has the focus has keys of its own to move with.
    shown.set_focus(None)
    await played.all()


async def in_guide_search(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    await settled(pilot)
    main.app.open_guides(main)
    await screen_of(pilot, Guides)
    await pilot.press("slash", "s", "enter")
    await played.all()
