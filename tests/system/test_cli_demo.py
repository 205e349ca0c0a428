"""``sentlinks demo`` and ``sentlinks``: the demo leaves nothing behind, and they run on a terminal only."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.support.checks.long import few
from tests.support.terminal.terminal import Sentlinks, Terminal
from tests.system.command import SCRIPT, run
from tests.system.proxy import wait_until


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
            if b"tui.cli.server.demo_server" in words and any(os.fsencode(folder) in word for word in words):
                return int(process.name)
    return None


def assert_gone(folder: Path) -> None:
    wait_until(lambda: not demos(folder) and server_of(folder) is None)
    left = [p for p in folder.rglob("*") if p.is_file()]
    assert left == []


def test_it_says_what_it_waits_for_and_serves_the_sample_matters_as_djones(folder: Path) -> None:
    """Until the server is there, nothing else would be on the screen. That its server was killed changes nothing at the
    end."""
    with Terminal([*SCRIPT, "demo"], {**environment(folder), "LANG": "C.UTF-8"}) as terminal:
        terminal.wait_for("Preparing the demo...")
        terminal.wait_for("Workspaces")
        assert "Preparing" not in terminal.text
        assert "Secure Sent Links" in terminal.text
        (place,) = demos(folder)
        assert place.stat().st_mode & 0o777 == 0o700
        headers = {"X-Auth-Token": (place / "data" / "token").read_text().strip()}
        line = httpx.HTTPTransport(uds=str(place / "data" / "socket"))
        with httpx.Client(transport=line, base_url="http://demo", headers=headers) as http:
            assert http.get("/share/v1/me").json()["user"] == "DJONES"
            address = "/work/api/v2/customers/1/libraries/ACTIVE/workspaces"
            assert len(http.get(address).json()["data"]["results"]) >= 4
        server = server_of(folder)
        assert server
        os.kill(server, signal.SIGKILL)
        terminal.type("q")
        assert terminal.wait() == 0
    assert_gone(folder)


@few(1)
@pytest.mark.parametrize("starting", [True, False], ids=["while it starts", "later"])
def test_killed_it_leaves_nothing(folder: Path, starting: bool) -> None:
    """How it ends by other signals: tests/system/test_unseen_links.py, in the middle of a send."""
    with Sentlinks(["demo"], environment(folder)) as terminal:
        if starting:
            wait_until(lambda: server_of(folder) is not None)
        else:
            terminal.wait_for("Workspaces")
        terminal.process.send_signal(signal.SIGKILL)
        assert terminal.wait() == -signal.SIGKILL
    assert_gone(folder)


@pytest.mark.parametrize("arguments", [["demo"], []], ids=["demo", "app"])
def test_without_a_terminal_it_says_so(folder: Path, arguments: list[str]) -> None:
    done = run(*arguments, **environment(folder))
    assert (done.status, done.out) == (2, "")
    assert done.err == "sentlinks: No terminal. For scripts see: sentlinks send --help\n"
    assert list(folder.iterdir()) == []


@few(1)
@pytest.mark.parametrize(("kind", "arguments"), [("dumb", ["demo"]), ("unknown", []), ("", [])])
def test_on_a_dumb_terminal_it_says_so(folder: Path, arguments: list[str], kind: str) -> None:
    with Sentlinks(arguments, {**environment(folder), "TERM": kind}) as terminal:
        assert terminal.wait() == 2
        assert "can't run on TERM" in terminal.text
        assert b"\x1b" not in terminal.written
    assert list(folder.iterdir()) == []
