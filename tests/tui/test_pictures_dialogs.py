"""How every dialog looks in several sizes, in other colours and without colours. In the smallest, no button is cut
off."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.support.app.app import app_for
from tests.support.pictures.pictures import compare
from tests.support.pictures.scenes import DIALOGS
from tests.support.servers.server import ServerProcess


@pytest.mark.parametrize("about", DIALOGS)
async def test_looks(about: str, still_server: ServerProcess, snapshot: SnapshotAssertion) -> None:
    await compare(app_for(still_server, None), DIALOGS[about], snapshot)
