"""How the main screen looks in several sizes, in other colours and without colours.

The server's clock and secrets are fixed. After an intended change, run ``pytest tests/tui/test_pictures_*.py
--snapshot-update`` and review what it wrote with ``python -m tests.support.pictures.picture FILE THEME``.
"""

from __future__ import annotations

from syrupy.assertion import SnapshotAssertion

from tests.support.app.app import app_for
from tests.support.pictures.list_scenes import LISTS
from tests.support.pictures.pictures import compare
from tests.support.servers.server import ServerProcess


async def test_looks(still_server: ServerProcess, snapshot: SnapshotAssertion) -> None:
    await compare(app_for(still_server, None), LISTS, snapshot)
