"""On the smallest terminal tested, 60 columns by 20 lines, no button is cut off. The pictures show that of all other
dialogs (``tests/support/pictures/pictures.py``)."""

from __future__ import annotations

from textual.widgets import Button

from tests.support.app.app import app_for, resized, screen_of
from tests.support.app.buttons import buttons_cut_off
from tests.support.servers.server import ServerProcess
from tui.ui.dialogs.policy_lines import PolicyLines


async def test_the_list_of_refused_passwords(server: ServerProcess) -> None:
    """On terminals that are smaller still, buttons are cut off, and found to be."""
    async with app_for(server, None).run_test(size=(60, 20)) as pilot:
        pilot.app.push_screen(PolicyLines("password_refused", "Blue-Heron-48\nGrey-Heron-49"))
        screen = await screen_of(pilot, PolicyLines)
        assert list(screen.query(Button))
        assert not buttons_cut_off(pilot.app)
        for size in ((60, 5), (8, 20)):
            await resized(pilot, *size)
            assert buttons_cut_off(pilot.app)
