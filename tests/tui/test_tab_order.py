"""``tab`` goes through a dialog as one reads it: row by row, and in each from left to right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widget import Widget

from tests.support.app.app import app_for, settled
from tests.support.checks.long import some
from tests.support.pictures.scene_start import back
from tests.support.pictures.scenes import DIALOGS, SENDING
from tests.support.servers.server import ServerProcess


def tab_order(pilot: Pilot[Any]) -> list[Widget]:
    """The widgets that ``tab`` goes through, from the one that stands first."""
    chain: list[Widget] = list(pilot.app.screen.focus_chain)
    if not chain:
        return []
    first = chain.index(min(chain, key=lambda widget: (widget.region.y, widget.region.x)))
    return [*chain[first:], *chain[:first]]


@pytest.mark.parametrize("size", some(1, ((120, 40), (80, 24), (60, 20))))
async def test_tab_goes_row_by_row(
    size: tuple[int, int], still_server: ServerProcess, sample_server: ServerProcess, tmp_path: Path
) -> None:
    compared = set()
    # What is sent changes what others see of the server.
    played = [
        *((still_server, None, scenes) for scenes in DIALOGS.values()),
        (sample_server, tmp_path, SENDING),
    ]
    for server, state, scenes in played:
        async with app_for(server, state).run_test(size=size) as pilot:
            for name, scene in scenes.items():
                await scene(pilot)
                await settled(pilot, pilot.app.screen)
                order = tab_order(pilot)
                read = sorted(order, key=lambda widget: (widget.region.y, widget.region.x))
                assert order == read, name
                if len(order) > 1:
                    compared.add(name)
                await back(pilot)
    assert len(compared) >= 8, compared
