"""The first screen with lists of each kind, for pictures."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from tests.support.app.app import link_line, main_screen, put_cursor_on, settled, until
from tests.support.pictures.scene_start import Scene, folder, picker, typed
from tui.locations.location import Location
from tui.ui.main.live_feed import ServerEvent


async def hostile_names(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    main = await main_screen(pilot)
    way = [Location("workspaces", "Workspaces")]
    for beginning in ("Quillon", "Inquiry", "Quarantine"):
        below = await main.session.places(way[-1])
        way.append(next(place for place in below if place.name.startswith(beginning)))
    main.open_place(way[-1], path=way)
    await until(pilot, lambda: main.place and main.place.name == "Quarantine")


async def share(pilot: Pilot[Any]) -> None:
    """The user's folders in Share, and one of another user's."""
    await picker(pilot)
    main = await main_screen(pilot)
    main.open_place(Location("share", "Share"))
    await until(pilot, lambda: main.kind == "share")
    await settled(pilot)


async def shared_folder(pilot: Pilot[Any]) -> None:
    """Another user's folder, as a member sees it."""
    await share(pilot)
    main = await main_screen(pilot)
    put_cursor_on(main, "▸ MKELLER - Secure Sent Links")
    await pilot.press("enter")
    await until(pilot, lambda: main.kind == "sent")
    await settled(pilot)


async def filtered(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    await pilot.press("slash")
    await typed(pilot, "let")


async def lost(pilot: Pilot[Any]) -> None:
    """The server has gone away."""
    await folder(pilot)
    main = await main_screen(pilot)
    from tui.clients.events import Lost
    from tui.rules.errors import Unreachable

    main.post_message(ServerEvent(Lost(Unreachable("server.unreachable", ""), 4.0)))
    await pilot.pause()
    # The picture shows the first second.
    link_line(main).stop_counting()


#: States of the first screen.
LISTS: dict[str, Scene] = {
    "picker": picker,
    "hostile-names": hostile_names,
    "folder": folder,
    "share": share,
    "shared-folder": shared_folder,
    "filtered": filtered,
    "lost": lost,
}
