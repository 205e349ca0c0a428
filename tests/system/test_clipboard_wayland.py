"""The clipboard (T2) of Wayland, and of a terminal that says that it has one."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.support.checks.long import more
from tests.support.real_parts import need
from tests.support.terminal.copying import LINKS, SECONDS, Copying, Tmux, plain_environment, until
from tests.support.terminal.pasting import TERMINAL


@pytest.fixture
def wayland() -> Iterator[dict[str, str]]:
    """The variables of a Wayland desktop of our own, without a screen."""
    need("sway", "wl-copy", "wl-paste")
    # A socket's path can only be about a hundred bytes long.
    with TemporaryDirectory(prefix="sl-") as name:
        folder = Path(name)
        (folder / "config").write_text("xwayland disable\n")
        environ = {
            "XDG_RUNTIME_DIR": name,
            "WLR_BACKENDS": "headless",
            "WLR_RENDERER": "pixman",
            "WLR_LIBINPUT_NO_DEVICES": "1",
        }
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                ["sway", "-c", str(folder / "config")],
                env=plain_environment(**environ),
                stdout=log,
                stderr=log,
            )
        try:
            found = until(lambda: [p for p in folder.glob("wayland-*") if p.is_socket()], "the desktop")
            yield {"XDG_RUNTIME_DIR": name, "WAYLAND_DISPLAY": found[0].name}
        finally:
            server.terminate()
            server.wait(timeout=SECONDS)


def pasted(wayland: dict[str, str]) -> str:
    done = subprocess.run(
        ["wl-paste", "--no-newline"], env=plain_environment(**wayland), capture_output=True, timeout=SECONDS
    )
    return done.stdout.decode()


def test_the_clipboard_of_wayland(wayland: dict[str, str], tmp_path: Path) -> None:
    copying = Copying(tmp_path)
    with Tmux(tmp_path) as tmux:
        tmux.open(copying.command(**wayland))
        assert copying.result() == (True, "the system's clipboard", "Copied to the system's clipboard.")
        assert pasted(wayland) == LINKS
        assert tmux.screen() == ""


@more
def test_a_terminal_that_says_that_it_has_a_clipboard(wayland: dict[str, str], tmp_path: Path) -> None:
    """The sentence says which terminal it is, and still not that it arrived: without a keyboard, foot has no focus, and
    takes nothing."""
    need("foot")
    copying = Copying(tmp_path)
    command = copying.command(SSH_CONNECTION="192.0.2.1 1 192.0.2.2 22")
    terminal = subprocess.Popen(
        ["foot", "sh", "-c", command],
        env=plain_environment(**wayland),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _, way, sentence = copying.result()
        assert way == TERMINAL
        assert re.match(r"Sent to the terminal's clipboard, which foot\(\S+\) says it has; whether", sentence)
    finally:
        terminal.terminate()
        terminal.wait(timeout=SECONDS)
