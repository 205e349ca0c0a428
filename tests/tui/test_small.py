"""On the smallest terminal tested, 60 columns by 20 lines, no button is cut off. The pictures show that of all other
dialogs (``tests/support/pictures.py``)."""

from __future__ import annotations

import pytest
from textual.widgets import Button

from tests.support.app import app_for, screen_of
from tests.support.buttons import buttons_cut_off
from tests.support.server import ServerProcess
from tui.screens.blocked_passwords import BlockedPasswords


@pytest.mark.parametrize(("width", "height"), [(60, 20), (60, 5), (8, 20)])
async def test_the_list_of_refused_passwords(width: int, height: int, still_server: ServerProcess) -> None:
    """On terminals that are smaller still, buttons are cut off, and found to be."""
    async with app_for(still_server, None).run_test(size=(width, height)) as pilot:
        pilot.app.push_screen(BlockedPasswords("Blue-Heron-48\nGrey-Heron-49"))
        screen = await screen_of(pilot, BlockedPasswords)
        assert list(screen.query(Button))
        assert bool(buttons_cut_off(pilot.app)) is ((width, height) != (60, 20))
