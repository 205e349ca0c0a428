"""The app over SSH, 100 ms away each way: keys are typed without waiting for what they do."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

from tests.support.servers.server import ServerProcess
from tests.support.terminal.copying import Ssh
from tests.support.terminal.screens import no_hints
from tests.support.terminal.terminal import KEYS, Terminal
from tests.support.users.share import Sender

DELAY = 0.1
#: The most bytes of the main job, 80 columns by 24 lines.
MOST = 17_000


def test_the_main_job_typed_ahead(sample_server: ServerProcess, tmp_path: Path) -> None:
    """Select, send, order, protect, copy: no key is lost or taken for another, and the screen is never cleared."""
    folder = tmp_path / "ssh"
    folder.mkdir(mode=0o700)
    ssh = Ssh(folder, delay=DELAY)
    home = tmp_path / "home"
    home.mkdir()
    no_hints(home)
    files = tmp_path / "files"
    files.mkdir()
    for name in ("First.txt", "Second.txt", "Third.txt"):
        (files / name).write_text(name)
    environ = {
        "SENTLINKS_HOME": str(home),
        "SENTLINKS_SERVER": sample_server.url,
        "SENTLINKS_TOKEN": sample_server.token,
        "PYTHONPATH": os.getcwd(),
        "LANG": "C.UTF-8",
    }
    words = shlex.join(
        ["env", *(f"{name}={value}" for name, value in environ.items()), sys.executable, "-m", "tui"]
    )
    command = ["sh", "-c", ssh.command(f"cd {shlex.quote(str(files))} && {words}")]
    with Terminal(command, {"TMUX": "", "STY": ""}) as terminal:
        terminal.wait_for("▾ Share")
        terminal.quiet(1.0)
        before = len(terminal.written)
        terminal.type("gl")
        terminal.wait_for("Second.txt")
        # All the rest in one go.
        terminal.type("*s" + "J" + KEYS["ctrl+g"] + KEYS["ctrl+y"])
        terminal.wait_for("Copy links")
        terminal.quiet(1.0)
        shown = terminal.text
        places = [shown.index(name) for name in ("Second.txt", "First.txt", "Third.txt")]
        assert places == sorted(places), shown
        painted = terminal.written[before:]
        assert b"\x1b[2J" not in painted
        assert len(painted) <= MOST
        terminal.type(KEYS["escape"])
    with Sender(sample_server) as me:
        sent = [each for each in me.get("/documents")["documents"] if each["source"].startswith("file:")]
        assert [each["name"] for each in sent[:3]] == ["Second.txt", "First.txt", "Third.txt"]
        assert all(each["has_password"] for each in sent[:3])
