"""On the smallest terminal tested, 60 columns by 20 lines, no button is cut off."""

from __future__ import annotations

from typing import Any

import pytest
from rich.cells import cell_len
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Button

from tests.support.app import app_for, screen_of
from tests.support.scenes import DIALOGS
from tests.support.send_scenes import SENDING
from tests.support.server import ServerProcess
from tests.support.stage import ARGUMENTS, STANDS_AT, Scene
from tests.support.states import MORE
from tui.screens.blocked_passwords import BlockedPasswords
from tui.screens.details import Details
from tui.screens.help import Help
from tui.screens.links import LinksScreen
from tui.screens.menu import Menu
from tui.screens.palette import Palette
from tui.screens.plain_links import PlainLinks
from tui.screens.qr_code import QrCodeScreen

SIZE = (60, 20)
#: Screens that are closed by a key or by choosing something.
WITHOUT_BUTTONS = (QrCodeScreen, Details, Help, LinksScreen, Menu, Palette, PlainLinks)
_MORE = (
    "event",
    "find",
    "closing",
    "checked-out-asked",
    "later-version",
    "nobody",
    "hostile-menu",
    "hostile-facts",
)
SCENES = {
    **{name: scene for name, scene in DIALOGS.items() if name not in ("send", "send-refused")},
    **{name: MORE[name] for name in _MORE},
}


def cut_off(app: App[Any]) -> list[str]:
    """The buttons of the top screen whose labels are cut off."""
    found = []
    for button in app.screen.query(Button):
        if not button.display:
            continue
        place = app.screen.find_widget(button)
        label = str(button.label)
        words = cell_len(label) + 2 * button.styles.line_pad
        if place.visible_region != place.region or button.content_size.width < words:
            found.append(f"{label}: {place.visible_region} of {place.region}, {words} cells")
    return found


async def look(server: ServerProcess, play: Scene) -> None:
    app = app_for(server, None)
    async with app.run_test(size=SIZE) as pilot:
        await play(pilot)
        await pilot.pause()
        assert list(app.screen.query(Button)) or isinstance(app.screen, WITHOUT_BUTTONS)
        assert cut_off(app) == []


@pytest.mark.parametrize("scene", SCENES)
async def test_no_button_is_cut_off(scene: str, still_server: ServerProcess) -> None:
    await look(still_server, SCENES[scene])


@pytest.mark.parametrize("scene", SENDING)
async def test_no_button_is_cut_off_after_a_send(
    scene: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = tmp_path_factory.mktemp("sending") / "data"
    with ServerProcess(data, sample=True, arguments=ARGUMENTS, stands_at=STANDS_AT) as server:
        await look(server, SENDING[scene])


async def test_nor_in_the_list_of_refused_passwords(still_server: ServerProcess) -> None:
    async def refused(pilot: Pilot[Any]) -> None:
        pilot.app.push_screen(BlockedPasswords("Blue-Heron-48\nGrey-Heron-49"))
        await screen_of(pilot, BlockedPasswords)

    await look(still_server, refused)
