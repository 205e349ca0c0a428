"""``sentlinks demo`` and ``sentlinks``: they run on a terminal only, and the demo leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.support.terminal import Sentlinks, Terminal
from tests.system.command import SCRIPT, run
from tests.system.proxy import wait_until

PLAY = """
import sys
from tui.cli.demo import demo_server
with demo_server() as demo:
    print(demo.target.url, demo.folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where temporary folders are created; short, since a socket's path must be."""
    with tempfile.TemporaryDirectory(prefix="sl-") as name:
        yield Path(name)


def environment(folder: Path) -> dict[str, str]:
    return {"TMPDIR": str(folder), "SENTLINKS_HOME": str(folder / "home")}


def demos(folder: Path) -> list[Path]:
    return sorted(folder.glob("sentlinks-demo-*"))


def server_of(folder: Path) -> int | None:
    """The process that serves a demo from ``folder``."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (process / "cmdline").read_bytes().split(b"\0")
            if b"tui.cli.demo_server" in words and any(os.fsencode(folder) in word for word in words):
                return int(process.name)
    return None


def assert_gone(folder: Path) -> None:
    wait_until(lambda: not demos(folder) and server_of(folder) is None)
    left = [p for p in folder.rglob("*") if p.is_file()]
    assert left == []


def test_the_demo_says_what_it_waits_for_and_q_ends_it(folder: Path) -> None:
    """Until the server is there, nothing else would be on the screen."""
    with Terminal([*SCRIPT, "demo"], {**environment(folder), "LANG": "C.UTF-8"}) as terminal:
        terminal.wait_for("Preparing the demo...")
        terminal.wait_for("Workspaces")
        assert "Preparing" not in terminal.text
        assert "Secure Sent Links" in terminal.text
        terminal.type("q")
        assert terminal.wait() == 0
    assert_gone(folder)


def test_the_app_starts_the_local_server_once_and_leaves_it_running(folder: Path) -> None:
    waits = "Starting the local server..."
    try:
        with Sentlinks([], {**environment(folder), "LANG": "C.UTF-8"}) as terminal:
            terminal.wait_for(waits)
            terminal.wait_for("Workspaces")
            assert waits not in terminal.text
            terminal.press("ctrl+q")
            assert terminal.wait() == 0
        status = run("server", "status", "--json", **environment(folder)).json
        assert status["running"] is True
        assert run("whoami", "--json", **environment(folder)).json["server"] == status["url"]
        with Sentlinks([], {**environment(folder), "LANG": "C.UTF-8"}) as terminal:
            terminal.wait_for("Workspaces")
            assert waits.encode() not in terminal.written, "the server is running already"
            terminal.type("q")
            assert terminal.wait() == 0
    finally:
        assert run("server", "stop", **environment(folder)).status == 0


# ---------------------------------------------------------------- without a terminal


@pytest.mark.parametrize("arguments", [["demo"], []], ids=["demo", "app"])
def test_without_a_terminal_it_says_so(folder: Path, arguments: list[str]) -> None:
    done = run(*arguments, **environment(folder))
    assert (done.status, done.out) == (2, "")
    assert re.fullmatch(r"sentlinks: The (app|demo) needs a terminal; .*\n", done.err)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(("kind", "arguments"), [("dumb", ["demo"]), ("unknown", []), ("", [])])
def test_on_a_dumb_terminal_it_says_so(folder: Path, arguments: list[str], kind: str) -> None:
    with Sentlinks(arguments, {**environment(folder), "TERM": kind}) as terminal:
        assert terminal.wait() == 2
        assert "can't run on TERM" in terminal.text
        assert b"\x1b" not in terminal.written
    assert list(folder.iterdir()) == []


# ---------------------------------------------------------------- the demo's server


def test_it_serves_the_sample_matters_as_djones(folder: Path) -> None:
    """And leaves nothing, though its server is killed."""
    with play(folder) as process:
        url, place = told(process)
        token = (place / "data" / "token").read_text().strip()
        assert place.stat().st_mode & 0o777 == 0o700
        with httpx.Client(trust_env=False, base_url=url, headers={"X-Auth-Token": token}) as http:
            assert http.get("/share/v1/me").json()["user"] == "DJONES"
            address = "/work/api/v2/customers/1/libraries/ACTIVE/workspaces"
            assert len(http.get(address).json()["data"]["results"]) >= 4
        server = server_of(folder)
        assert server
        os.kill(server, signal.SIGKILL)
        process.communicate(timeout=30)
    assert_gone(folder)
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)


def play(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PLAY],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | environment(folder),
    )  # fmt: skip


def told(process: subprocess.Popen[str]) -> tuple[str, Path]:
    assert process.stdout is not None
    url, place = process.stdout.readline().split()
    return url, Path(place)


def test_a_demo_killed_while_it_starts_leaves_nothing(folder: Path) -> None:
    with play(folder) as process:
        wait_until(lambda: server_of(folder) is not None)
        process.kill()
    assert_gone(folder)


# ---------------------------------------------------------------- with the app


def test_killed_it_leaves_nothing(folder: Path) -> None:
    """How it ends by other signals: tests/system/test_unseen_links.py, in the middle of a send."""
    with Sentlinks(["demo"], environment(folder)) as terminal:
        terminal.wait_for("Workspaces")
        terminal.process.send_signal(signal.SIGKILL)
        assert terminal.wait() == -signal.SIGKILL
    assert_gone(folder)


def test_a_terminal_that_goes_ends_it(folder: Path) -> None:
    with Sentlinks(["demo"], environment(folder)) as terminal:
        terminal.wait_for("Workspaces")
        terminal.hang_up()
        terminal.process.wait(30)
    assert_gone(folder)
