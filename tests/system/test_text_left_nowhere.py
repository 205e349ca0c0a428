"""Nothing of what a document says is left anywhere: in no log, journal, report of a crash, or other file."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.support.carried.office import docx, paragraph, run
from tests.support.servers.server import ServerProcess
from tests.support.terminal.screens import no_hints
from tests.support.terminal.terminal import Sentlinks
from tests.support.users.work import Worker
from tests.system.command import Client

SECRET, HIDDEN = "Wyvernholt", "Quagmirefen"
CHANGED = docx(paragraph(run(SECRET), '<w:ins w:id="1" w:author="Ann">', run(HIDDEN), "</w:ins>"))


def left_in(folder: Path) -> list[str]:
    """The files that have any of it in plain: the document itself, which is packed, has none."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            if SECRET.encode() in content or HIDDEN.encode() in content:
                found.append(str(path.relative_to(folder)))
    return found


def test_whoever_looks_at_it_and_however_that_ends(fresh_server: ServerProcess, tmp_path: Path) -> None:
    """The app shows the text beside the list, finds words in it, and is killed or told to end; commands look into it
    and send it."""
    assert SECRET.encode() not in CHANGED
    home, files = tmp_path / "home", tmp_path / "files"
    home.mkdir()
    no_hints(home)
    files.mkdir()
    (files / "secret.docx").write_bytes(CHANGED)
    with Worker(fresh_server) as work:
        work.upload(work.workspace("Matter"), "secret", CHANGED, "docx")
    environ = {
        "SENTLINKS_HOME": str(home),
        "SENTLINKS_SERVER": fresh_server.url,
        "SENTLINKS_TOKEN": fresh_server.token,
        "TMPDIR": str(tmp_path),
    }
    for place, end in (("gl", signal.SIGKILL), ("gw", signal.SIGTERM)):
        with Sentlinks([], environ, columns=120, rows=40, cwd=files) as terminal:
            terminal.wait_for("▾ Share")
            terminal.quiet()
            terminal.type(place)
            terminal.wait_for("secret.docx")
            terminal.quiet()
            if end == signal.SIGKILL:
                # It is remembered.
                terminal.type("T")
            terminal.wait_for(SECRET + HIDDEN)
            terminal.press("tab", "/", *SECRET[:5], "enter")
            os.kill(terminal.process.pid, end)
            terminal.wait()
    client = Client(fresh_server.url, fresh_server.token, files)
    client.environ = {**client.environ, "SENTLINKS_HOME": str(home), "TMPDIR": str(tmp_path)}
    assert "1 tracked change" in client("inspect", "secret.docx").out
    assert client("send", "secret.docx", "--carries", "warn", "--json").status == 0
    assert client("send", "secret.docx", "--carries", "refuse", "--anew", "--json").status == 3
    assert any(home.rglob("*"))
    assert left_in(tmp_path) == []
    assert left_in(fresh_server.data) == []
