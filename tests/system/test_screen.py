"""The app in GNU screen, which by default takes ``ctrl+s`` and ``ctrl+q`` for itself, and holds back Escape."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.copying import need, plain_environment
from tests.support.server import ServerProcess
from tests.support.terminal import SECONDS, Terminal
from tests.system.command import SCRIPT


@pytest.fixture
def environ(sample_server: ServerProcess, tmp_path: Path) -> dict[str, str]:
    """The environment of the app, and of the screen around it."""
    screens = tmp_path / "screens"
    screens.mkdir(mode=0o700)
    return {
        "SENTLINKS_HOME": str(tmp_path / "home"),
        "SENTLINKS_SERVER": sample_server.url,
        "SENTLINKS_TOKEN": sample_server.token,
        "LANG": "C.UTF-8",
        "SCREENDIR": str(screens),
        "TMUX": "",
    }


def test_the_keys_that_send_close_and_quit_reach_the_app(environ: dict[str, str], tmp_path: Path) -> None:
    need("screen")
    try:
        with Terminal(["screen", "-U", "-c", "/dev/null", *SCRIPT], environ, cwd=tmp_path) as terminal:
            terminal.wait_for("New here?")
            terminal.press("s")
            terminal.wait_for("Rename Secure Link")
            # ctrl+s sends. Taken by screen, it would stop the output.
            terminal.type("\x13")
            terminal.wait_for("Draft e-mail")
            # Held back by screen if the app used the mouse.
            terminal.type("\x1b")
            terminal.wait_for("1 document sent")
            # ctrl+q quits, and screen ends with its only program.
            terminal.type("\x11")
            assert terminal.wait() == 0
    finally:
        subprocess.run(
            ["screen", "-X", "quit"],
            env=plain_environment(SCREENDIR=environ["SCREENDIR"]),
            capture_output=True,
            timeout=SECONDS,
        )


def test_screen_gets_them_back(environ: dict[str, str], tmp_path: Path) -> None:
    """At the end, and while the app is suspended; elsewhere, nothing is written for it."""
    for kind, times in (("screen", 1), ("xterm-256color", 0)):
        with Terminal(SCRIPT, {**environ, "TERM": kind, "STY": ""}, cwd=tmp_path) as terminal:
            terminal.wait_for("Dictation")
            terminal.type("q")
            assert terminal.wait() == 0
            assert (terminal.written.count(b"\x1b="), terminal.written.count(b"\x1b>")) == (times, times)
            assert terminal.written.rfind(b"\x1b>") >= terminal.written.find(b"\x1b=")
