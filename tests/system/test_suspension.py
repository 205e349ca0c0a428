"""The app is suspended, or stopped by another hand, and comes back."""

from __future__ import annotations

import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.support.checks.long import more
from tests.support.terminal.screens import DOCUMENT, PROMPT, alike, both, no_hints, opened, settled, until
from tests.support.terminal.terminal import Sentlinks, Terminal
from tests.support.terminal.tmux import SECONDS, Tmux
from tests.system.command import SCRIPT
from tests.system.proxy import wait_until


def test_it_is_suspended_and_comes_back(two: list[Tmux], environ: dict[str, str]) -> None:
    """In a shell with job control: ``ctrl+z``, other output, perhaps another size, ``fg``; in a dialog too. The screen
    is then the same as before, and the same as without cell diffing. The help tells how to suspend."""
    no_hints(Path(environ["SENTLINKS_HOME"]))
    for tmux, diff in zip(two, "10", strict=True):
        tmux.start("bash --norc -i", {**environ, "SENTLINKS_CELL_DIFF": diff, "TERM": "tmux-256color"})
        tmux.until(PROMPT)
        tmux.keys(shlex.join(SCRIPT), "Enter")
        tmux.until(DOCUMENT)
        tmux.until("▾ Share")
    both(two, lambda tmux: tmux.keys("Down", "Space"))
    alike(two, "1 selected")
    for key, shows, then in (("Up", "1 selected", "Down"), ("F1", "─ Help ─", "Escape")):
        both(two, lambda tmux, key=key: tmux.keys(key))
        alike(two, shows)
        before = settled(two[0])
        suspended(two, shows)
        alike(two, shows)
        until(two[0], before)
        for size in ((100, 60), (80, 24)):
            suspended(two, shows, size)
            alike(two, shows)
            if key == "F1" and size == (100, 60):
                two[0].until(r"\^z +Suspend +Returns to the shell")
        both(two, lambda tmux, then=then: tmux.keys(then))
    alike(two, "1 selected", "─ Help ─")
    both(two, lambda tmux: tmux.keys("q"))
    for tmux in two:
        tmux.until(rf"{PROMPT}\s*$")


def suspended(two: list[Tmux], shows: str, size: tuple[int, int] | None = None) -> None:
    """Suspends both, has the shell print something, gives the terminal the new size, and resumes them."""
    for tmux in two:
        tmux.keys("C-z")
        tmux.until(r"Stopped")
        # The shell echoes and runs commands again.
        tmux.keys("clear; echo $((41 + 1)) here", "Enter")
        tmux.until(rf"42 here\s+{PROMPT}")
        if size:
            tmux.resize(*size)
        tmux.keys("fg", "Enter")
        tmux.until(shows)


def taken_again(terminal: Terminal, before: int) -> None:
    """Waits until the app has taken the terminal more than ``before`` times."""
    end = time.monotonic() + SECONDS
    while terminal.written.count(b"\x1b[?1049h") == before:
        terminal._take(0.2)
        assert time.monotonic() < end, "the terminal is not taken again"


def stop(terminal: Terminal) -> None:
    """Stops the app's process, as another process may."""
    terminal.process.send_signal(signal.SIGSTOP)
    status = Path(f"/proc/{terminal.process.pid}/stat")
    wait_until(lambda: status.read_text().rpartition(")")[2].split()[0] == "T")


@more
def test_without_a_shell(environ: dict[str, str]) -> None:
    """Nothing could resume it, so the key does not suspend it, and the help does not offer it. If it was stopped by
    another hand, it reads its keys alone afterwards: ``kill -STOP``, a change of the terminal's modes, ``kill -CONT``;
    and a ``kill -CONT`` without a stop."""
    with Sentlinks([], environ, columns=100, rows=60) as terminal:
        opened(terminal)
        terminal.press("ctrl+z", "?")
        terminal.wait_for("─ Help ─")
        assert "Suspend" not in terminal.text
        terminal.press("escape")
        modes = terminal.modes
        tasks = Path(f"/proc/{terminal.process.pid}/task")
        threads = len(list(tasks.iterdir()))
        for stopped in (True, False, True):
            terminal.quiet()
            before = terminal.written.count(b"\x1b[?1049h")
            if stopped:
                stop(terminal)
                subprocess.run(["stty", "sane"], stdin=terminal._ours, check=True)
            terminal.process.send_signal(signal.SIGCONT)
            taken_again(terminal, before)
            terminal.wait_for(DOCUMENT)
        terminal.type("/dictation")
        terminal.wait_for("(1 of 10)")
        assert terminal.modes == modes
        assert len(list(tasks.iterdir())) == threads
        terminal.press("ctrl+q")
        assert terminal.wait() == 0


#: The app, which gets the signal of ctrl+z while it releases the terminal for the first time.
DISTURBED = """
import os, signal, sys
from tui.ui.textual_patches.linux_driver import SentlinksDriver

close, signals = SentlinksDriver.close, [signal.SIGTSTP]

def disturbed(driver):
    if signals:
        os.kill(os.getpid(), signals.pop())
    close(driver)

SentlinksDriver.close = disturbed
from tui.__main__ import main
sys.exit(main())
"""


def test_a_signal_while_the_terminal_is_taken_anew_does_no_harm(environ: dict[str, str]) -> None:
    """The signal comes as from ctrl+z, pressed during the moment in which the terminal's original modes apply."""
    with Terminal([sys.executable, "-c", DISTURBED], environ) as terminal:
        opened(terminal)
        terminal.quiet()
        before = terminal.written.count(b"\x1b[?1049h")
        stop(terminal)
        terminal.process.send_signal(signal.SIGCONT)
        taken_again(terminal, before)
        terminal.type("/dictation")
        terminal.wait_for("(1 of 10)")
        terminal.press("ctrl+q")
        assert terminal.wait() == 0
