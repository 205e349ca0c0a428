"""How every screen looks, in three sizes, in other colours and without any.

The server's clock and secrets stand still. After a wanted change: ``pytest tests/tui/test_pictures.py
--snapshot-update``, and look at what it wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.app import app_for
from tests.support.misbehave import Misbehaving
from tests.support.misbehave import Say as Answer
from tests.support.scenes import ARGUMENTS, MAIN, SCENES, SENDING, STANDS_AT, failed, send_some, unreachable
from tests.support.server import ServerProcess
from tui.config.preferences import Preferences

SIZES = [(80, 24), (120, 40), (200, 60)]
DARK = Preferences(theme="dark")


@pytest.fixture(scope="module")
def still_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    data = tmp_path_factory.mktemp("still") / "data"
    with ServerProcess(data, sample=True, arguments=ARGUMENTS, stands_at=STANDS_AT) as server:
        send_some(server)
        yield server


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
@pytest.mark.parametrize("scene", [name for name in SCENES if name not in SENDING])
def test_looks(scene: str, size: tuple[int, int], still_server: ServerProcess, snap_compare: Any) -> None:
    app = app_for(still_server, None, preferences=DARK)
    assert snap_compare(app, terminal_size=size, run_before=SCENES[scene])


@pytest.mark.parametrize(
    ("scene", "theme"),
    [(scene, theme) for scene in SCENES if scene not in SENDING for theme in ("light", "16", "mono")]
    + [(scene, "contrast") for scene in MAIN],
)
def test_looks_in_other_colours(
    scene: str,
    theme: str,
    still_server: ServerProcess,
    monkeypatch: pytest.MonkeyPatch,
    snap_compare: Any,
) -> None:
    """State is told in words and shape, so that all of it can be read in each of them."""
    if theme == "mono":
        monkeypatch.setenv("NO_COLOR", "1")
    app = app_for(still_server, None, preferences=Preferences(theme=theme))
    assert snap_compare(app, terminal_size=(80, 24), run_before=SCENES[scene])


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
@pytest.mark.parametrize("scene", SENDING)
def test_what_sends_looks(scene: str, size: tuple[int, int], tmp_path: Path, snap_compare: Any) -> None:
    """It has a server of its own."""
    data = tmp_path / "data"
    with ServerProcess(data, sample=True, arguments=ARGUMENTS, stands_at=STANDS_AT) as server:
        app = app_for(server, None, preferences=DARK)
        assert snap_compare(app, terminal_size=size, run_before=SCENES[scene])


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
def test_a_failed_send_looks(size: tuple[int, int], tmp_path: Path, snap_compare: Any) -> None:
    data = tmp_path / "data"
    with (
        ServerProcess(data, sample=True, arguments=ARGUMENTS, stands_at=STANDS_AT) as server,
        Misbehaving(server.url) as proxy,
    ):
        problem = (
            b'{"title": "Forbidden", "status": 403, "code": "x", "detail": "The server has no room for it."}'
        )
        proxy.spoil("POST", Answer(403, problem, "application/problem+json"), path="/documents", times=2)
        app = app_for(server, None, preferences=DARK, url=proxy.url)
        assert snap_compare(app, terminal_size=size, run_before=failed)


def test_a_server_that_is_not_there_looks(snap_compare: Any) -> None:
    from tui.app import SentlinksApp
    from tui.clients.target import Target
    from tui.session import Session

    app = SentlinksApp(Session(Target("http://127.0.0.1:9", "x"), demo=False), DARK)
    assert snap_compare(app, terminal_size=(80, 24), run_before=unreachable)
