"""How the main screen looks in four sizes, in other colours and without colours.

The server's clock and secrets are fixed. After an intended change, run ``pytest tests/tui/test_pictures_*.py
--snapshot-update`` and review what it wrote with ``python -m tests.support.picture FILE THEME``.
"""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.support.app import app_for
from tests.support.list_scenes import LISTS
from tests.support.pictures import compare
from tests.support.server import ServerProcess


@pytest.mark.parametrize("scene", LISTS)
async def test_looks(scene: str, still_server: ServerProcess, snapshot: SnapshotAssertion) -> None:
    await compare(app_for(still_server, None), scene, LISTS[scene], snapshot)
