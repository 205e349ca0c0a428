"""What the terminal is told of what recipients do: a count in its title, and an alert if the user wants one."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.support.checks.long import few
from tests.support.pictures.scene_start import add_shortcut
from tests.support.servers.server import ServerProcess
from tests.support.terminal.screens import no_hints
from tests.support.terminal.terminal import Sentlinks
from tests.support.users.publish import publish
from tests.support.users.share import fetch

TITLE, SAVE, RESTORE = b"\x1b]2;", b"\x1b[22;2t", b"\x1b]2;\x07\x1b[23;2t"
NAME = "Offer;4.pdf"


@pytest.fixture
def environ(fresh_server: ServerProcess, tmp_path: Path) -> dict[str, str]:
    home = tmp_path / "home"
    home.mkdir()
    no_hints(home)
    add_shortcut(fresh_server)
    return {
        "SENTLINKS_HOME": str(home),
        "SENTLINKS_SERVER": fresh_server.url,
        "SENTLINKS_TOKEN": fresh_server.token,
        "LANG": "C.UTF-8",
        "TMUX": "",
        "STY": "",
    }


def listening(terminal: Sentlinks) -> Sentlinks:
    """Waits until the app has opened, and hears of what happens."""
    terminal.wait_for("▾ Share")
    return terminal


@few(1)
@pytest.mark.parametrize("end", ["q", signal.SIGTERM], ids=["key", "signal"])
def test_the_title_counts_and_is_given_back(
    end: str | signal.Signals, fresh_server: ServerProcess, environ: dict[str, str]
) -> None:
    document = publish(fresh_server, b"content", "Offer.pdf", downloads_permitted=9)
    with Sentlinks([], environ, 100, 30) as terminal:
        listening(terminal)
        fetch(fresh_server, document["url"])
        terminal.wait_for("Offer.pdf delivered to 127.0.0.1, 1 of 9")
        fetch(fresh_server, document["url"])
        terminal.wait_for("2 of 9 · 1 more delivery")
        if isinstance(end, signal.Signals):
            terminal.process.send_signal(end)
        else:
            terminal.type(end)
        terminal.wait()
        written = terminal.written
    assert written.count(SAVE) == written.count(RESTORE) == 1
    assert written.index(SAVE) < written.index(TITLE + b"(1) Secure Sent Links\x07")
    assert TITLE + b"(2) Secure Sent Links\x07" in written
    assert written.index(RESTORE) < written.rindex(b"\x1b[?1049l")
    assert b"\x1b]9;" not in written
    assert document["url"].encode() not in written


@few(1)
@pytest.mark.parametrize(
    ("kind", "way", "has", "has_not"),
    [
        ("xterm-256color", "bell", b"\x07", b"\x1b]9;"),
        (
            "xterm-256color",
            "osc9",
            b"\x1b]9;Secure Sent Links: Offer,4.pdf delivered to 127.0.0.1\x1b\\",
            b"]777;",
        ),
        ("xterm-256color", "osc777", b"\x1b]777;notify;Secure Sent Links;Offer,", b"]9;"),
        ("linux", "osc99", b"", b"\x1b]99;"),
        ("linux", "bell", b"\x07", b"\x1b]2;"),
    ],
)
def test_alerts(
    kind: str, way: str, has: bytes, has_not: bytes, fresh_server: ServerProcess, environ: dict[str, str]
) -> None:
    """The Linux console takes neither a title nor a notification, and would show them where the cursor is."""
    document = publish(fresh_server, b"content", NAME)
    with Sentlinks([], {**environ, "TERM": kind, "SENTLINKS_ALERTS": way}, 100, 30) as terminal:
        listening(terminal)
        before = len(terminal.written)
        fetch(fresh_server, document["url"])
        terminal.wait_for("delivered to 127.0.0.1")
        terminal.during(0.2)
        written = terminal.written[before:]
        terminal.type("q")
        terminal.wait()
    assert has in written
    assert has_not not in written
    assert (TITLE in written) is (kind != "linux")


def test_an_unknown_way_is_refused(environ: dict[str, str]) -> None:
    with Sentlinks([], {**environ, "SENTLINKS_ALERTS": "loud"}, 100, 30) as terminal:
        terminal.wait_for("must be one of off, bell, osc9, osc777")
