"""The app in GNU screen, which by default takes ``ctrl+s`` and ``ctrl+q`` for itself, and holds back Escape."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.terminal.terminal import Sentlinks


@few(1)
@pytest.mark.parametrize(
    ("kind", "session", "asks"),
    [
        # On another machine, reached from a screen.
        ("screen", "", True),
        # In a screen that is set up to be another terminal.
        ("xterm-256color", "1.screen", True),
        ("xterm-256color", "", False),
    ],
)
def test_the_app_asks_screen_for_its_keys(
    kind: str, session: str, asks: bool, sample_server: ServerProcess, tmp_path: Path
) -> None:
    """Until it ends; elsewhere, nothing is written for it. In a screen, the app doesn't use the mouse."""
    environ = {
        "SENTLINKS_HOME": str(tmp_path / "home"),
        "SENTLINKS_SERVER": sample_server.url,
        "SENTLINKS_TOKEN": sample_server.token,
        "TERM": kind,
        "STY": session,
        "TMUX": "",
    }
    with Sentlinks([], environ, cwd=tmp_path) as terminal:
        terminal.wait_for("Dictation")
        terminal.type("q")
        assert terminal.wait() == 0
        times = (terminal.written.count(b"\x1b="), terminal.written.count(b"\x1b>"))
        assert times == ((1, 1) if asks else (0, 0))
        assert terminal.written.rfind(b"\x1b>") >= terminal.written.find(b"\x1b=")
        assert (b"\x1b[?1000h" in terminal.written) == (not session)
