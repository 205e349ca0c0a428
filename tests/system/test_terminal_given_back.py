"""However the app ends, the terminal is as it was before."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

import pytest

from tests.support.checks.long import few
from tests.support.terminal.screens import opened
from tests.support.terminal.terminal import Sentlinks, Terminal
from tests.support.terminal.tmux import SECONDS
from tests.system.command import SCRIPT


@few(2)
@pytest.mark.parametrize(
    ("number", "early"),
    [(signal.SIGTERM, True), (None, True), (signal.SIGHUP, False), (signal.SIGINT, False)],
)
def test_the_terminal_is_given_back(
    number: signal.Signals | None, early: bool, environ: dict[str, str]
) -> None:
    """The terminal is restored whether the app ends on its first frame or later, by a signal or by a key."""
    with Terminal(["cat"], environ) as other:
        usual = other.modes
    with Terminal(SCRIPT, environ) if early else Sentlinks([], environ) as terminal:
        if early:
            terminal.wait_for("Secure Sent Links")
        else:
            opened(terminal)
        if number is None:
            terminal.type("q")
        else:
            terminal.process.send_signal(number)
        status = terminal.wait()
        assert status == 0 if number is None else status in (128 + number, -number)
        assert terminal.modes == usual
        written = terminal.written
        assert written.rindex(b"\x1b[?1049l") > written.rindex(b"\x1b[?1049h")
        assert written.rindex(b"\x1b[?25h") > written.rindex(b"\x1b[?25l")
        for mode in (b"?1000", b"?1003", b"?1004", b"?2004"):
            on, off = written.rfind(b"\x1b[" + mode + b"h"), written.rfind(b"\x1b[" + mode + b"l")
            assert off >= on, f"{mode!r} was left on"
        assert b"Traceback" not in written


#: Starts the app; a signal arrives at a moment when Python discards what its handler raises.
IMPORTING = """
import os, signal, sys, weakref
from tui import config
from tui.cli.server.open_app import open_app

class Thing:
    pass

def gone(_):
    os.kill(os.getpid(), signal.SIGINT)
    sum(range(1000))

load = config.load

def loaded():
    thing = Thing()
    watched = weakref.ref(thing, gone)
    del thing
    return load()

config.load = loaded
sys.exit(open_app())
"""


#: The same, but the signal arrives when the app has the terminal and doesn't handle signals yet.
COMPOSING = """
import os, signal, sys
from tui.cli.server.open_app import open_app
from tui.ui.main.main import MainScreen

compose = MainScreen.compose

def composed(self):
    os.kill(os.getpid(), signal.SIGTERM)
    yield from compose(self)

MainScreen.compose = composed
sys.exit(open_app())
"""


@few(1)
@pytest.mark.parametrize(("code", "status"), [(IMPORTING, -signal.SIGINT), (COMPOSING, 128 + signal.SIGTERM)])
def test_a_signal_at_a_bad_moment_ends_it_all_the_same(
    code: str, status: int, environ: dict[str, str]
) -> None:
    with Terminal(["cat"], environ) as other:
        usual = other.modes
    with Terminal([sys.executable, "-c", code], environ) as terminal:
        assert terminal.wait() == status
        assert terminal.modes == usual
        assert terminal.written.rindex(b"\x1b[?1049l") > terminal.written.rindex(b"\x1b[?1049h")
        assert b"Traceback" not in terminal.written


#: The app, which fails at a key.
CRASHING = """
import sys
from tui.ui.app import SentlinksApp

def fail(self):
    raise RuntimeError("of no use to anyone")

SentlinksApp.action_repaint = fail
from tui.__main__ import main
sys.exit(main())
"""


def test_the_terminal_is_given_back_after_a_crash(environ: dict[str, str]) -> None:
    """The user reads a sentence; the traceback is in a private file."""
    with Terminal(["cat"], environ) as other:
        usual = other.modes
    with Terminal([sys.executable, "-c", CRASHING], environ) as terminal:
        opened(terminal)
        terminal.type("\x0c")
        assert terminal.wait() == 1
        assert terminal.modes == usual
        written = terminal.written
        assert written.rindex(b"\x1b[?1049l") > written.rindex(b"\x1b[?1049h")
        assert written.rindex(b"\x1b[?25h") > written.rindex(b"\x1b[?25l")
        for mode in (b"?1000", b"?1003", b"?1004", b"?2004"):
            on, off = written.rfind(b"\x1b[" + mode + b"h"), written.rfind(b"\x1b[" + mode + b"l")
            assert off >= on, f"{mode!r} was left on"
        assert b"Traceback" not in written
        assert b"RuntimeError" in written
    (report,) = Path(environ["SENTLINKS_HOME"], "state").glob("crash-*.log")
    assert "of no use to anyone" in report.read_text()
    assert report.stat().st_mode & 0o777 == 0o600


def test_a_terminal_that_is_gone_keeps_no_processor_busy(environ: dict[str, str]) -> None:
    with Sentlinks([], environ) as terminal:
        opened(terminal)
        used = terminal.cpu()
        terminal.hang_up()
        seen = used
        while terminal.process.poll() is None:
            try:
                seen = terminal.cpu()
            except OSError:
                break
            assert seen - used < 2, "it spins"
            time.sleep(0.05)
        terminal.process.wait(SECONDS)
