"""How every screen looks, at 80×24 and 120×40, against a server whose clock and secrets stand still.

After a wanted change: ``pytest tests/tui/test_pictures.py --snapshot-update``, and look at what it wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.app import app_for
from tests.support.scenes import ARGUMENTS, SCENES, STANDS_AT, send_some, unreachable
from tests.support.server import ServerProcess

SIZES = [(80, 24), (120, 40)]


@pytest.fixture(scope="module")
def still_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    data = tmp_path_factory.mktemp("still") / "data"
    with ServerProcess(data, sample=True, arguments=ARGUMENTS, stands_at=STANDS_AT) as server:
        send_some(server)
        yield server


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
# The draft has a server of its own; the sign-in tells the address of its server, which is another each time.
@pytest.mark.parametrize("scene", [name for name in SCENES if name not in ("draft", "sign-in")])
def test_looks(
    scene: str, size: tuple[int, int], still_server: ServerProcess, tmp_path: Path, snap_compare: Any
) -> None:
    app = app_for(still_server, tmp_path)
    app.session.state = None
    assert snap_compare(app, terminal_size=size, run_before=SCENES[scene])


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
def test_the_draft_looks(size: tuple[int, int], tmp_path: Path, snap_compare: Any) -> None:
    """It sends, so it has a server of its own."""
    data = tmp_path / "data"
    with ServerProcess(data, sample=True, arguments=ARGUMENTS, stands_at=STANDS_AT) as server:
        app = app_for(server, tmp_path)
        app.session.state = None
        assert snap_compare(app, terminal_size=size, run_before=SCENES["draft"])


def test_a_server_that_is_not_there_looks(tmp_path: Path, snap_compare: Any) -> None:
    from tui.app import SentlinksApp
    from tui.clients.connection import Target
    from tui.session import Session

    app = SentlinksApp(Session(Target("http://127.0.0.1:9", "x"), demo=False))
    assert snap_compare(app, terminal_size=(80, 24), run_before=unreachable)
