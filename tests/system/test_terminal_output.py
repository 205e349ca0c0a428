"""What the app writes to the terminal: only what is new on the screen, and with it the same screen as without
that economy. tmux is the reference."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from pathlib import Path

from tests.support.checks.long import more
from tests.support.terminal.screens import DOCUMENT, READY, alike, both, no_hints, opened, settled, until
from tests.support.terminal.terminal import Sentlinks
from tests.support.terminal.tmux import Tmux
from tests.system.command import SCRIPT

# ---------------------------------------------------------------- what is written


def bytes_of_details(environ: dict[str, str]) -> int:
    """What is written when details are opened and closed."""
    with Sentlinks([], environ) as terminal:
        opened(terminal)
        terminal.quiet(0.5)
        before = len(terminal.written)
        terminal.press("i")
        terminal.wait_for("esc Close")
        terminal.press("escape", quiet=0.3)
        return len(terminal.written) - before


def test_a_setting_turns_the_difference_off(environ: dict[str, str]) -> None:
    short = bytes_of_details(environ)
    Path(environ["SENTLINKS_HOME"], "config.toml").write_text("cell_diff = false\n")
    assert bytes_of_details(environ) > 2 * short


def test_a_dialog_costs_no_more_than_what_is_new(environ: dict[str, str]) -> None:
    """The screen below a dialog is rewritten only if the terminal has reported a new size, or the user asks for it."""
    with Sentlinks([], environ, columns=120, rows=40) as terminal:
        opened(terminal)
        costs = []
        for number in range(3):
            if number:
                terminal.press("escape")
            terminal.quiet()
            before = len(terminal.written)
            terminal.press(",")
            terminal.wait_for("─ Settings ─")
            terminal.quiet()
            costs.append(len(terminal.written) - before)
        # What the server's answers bring may come at any time, once.
        dialog = min(costs)
        before = len(terminal.written)
        cleared = terminal.written.count(b"\x1b[2J")
        terminal.press("ctrl+l")
        while terminal.written.count(b"\x1b[2J") == cleared:
            terminal.during(0.05)
        # Everything is displayed again.
        terminal.wait_for("─ Settings ─")
        terminal.wait_for("^p Commands")
        terminal.quiet()
        whole = len(terminal.written) - before
        terminal.press("escape", "ctrl+q")
        assert terminal.wait() == 0
    assert dialog < whole / 2


# ---------------------------------------------------------------- tmux as the reference


@more
def test_tmux_shows_the_same_with_and_without_the_difference(
    two: list[Tmux], environ: dict[str, str]
) -> None:
    """Characters, colours, styles and links match, through dialogs, resizes, a redraw and a size that is there and back
    at once."""
    command = shlex.join(SCRIPT)
    no_hints(Path(environ["SENTLINKS_HOME"]))
    for tmux, diff in zip(two, "10", strict=True):
        tmux.start(command, {**environ, "SENTLINKS_CELL_DIFF": diff, "TERM": "tmux-256color"})
        tmux.until(DOCUMENT)
        tmux.until("▾ Share")
    # A key right after Escape would be read as one key together with it.
    steps = [
        (["Space", "Down"], "1 selected", "History"),
        (["i"], "History", ""),
        (["Escape"], "1 selected", "History"),
        (["F1"], "─ Help ─", ""),
        (["PageDown", "PageUp"], "─ Help ─", ""),
        (["Escape"], "1 selected", "─ Help ─"),
        (["/"], "filter: type", ""),
        (["l", "e", "t"], "(1 of 10)", ""),
        (["Escape"], "1 selected", "(1 of 10)"),
        (["Home", "s"], "^s Send ", ""),
        (["e"], "(not yet typed)", ""),
        (["x", "y", "Enter", "Tab"], "xy.txt", ""),
        (["Escape"], "Close without sending", ""),
        (["y"], "1 selected", "Expiration"),
        (["BTab", "Down", "Right"], READY, ""),
    ]
    for keys, shows, gone in steps:
        both(two, lambda tmux, keys=keys: tmux.keys(*keys))
        alike(two, shows, gone)
    for columns, rows in ((120, 40), (61, 17), (80, 24)):
        both(two, lambda tmux, c=columns, r=rows: tmux.resize(c, r))
        alike(two, "Secure Sent Links")
        both(two, lambda tmux: tmux.keys("Down"))
        alike(two, "Secure Sent Links")
    both(two, lambda tmux: tmux.keys("C-l"))
    alike(two, READY)
    there_and_back(two)


def there_and_back(two: list[Tmux]) -> None:
    """As when a pane is zoomed and unzoomed: tmux has cut the screen, and reports a size that the app already has."""
    before = [settled(tmux) for tmux in two]
    for tmux, screen in zip(two, before, strict=True):
        Path(tmux.run("display-message", "-p", "#{pane_tty}").strip()).write_text(
            "\x1b[5;5HWHAT IS LEFT OF IT"
        )
        tmux.until("WHAT IS LEFT OF IT")
        shell = tmux.run("display-message", "-p", "#{pane_pid}").strip()
        app = subprocess.run(["pgrep", "-P", shell], capture_output=True, text=True, check=True).stdout
        os.kill(int(app), signal.SIGWINCH)
        until(tmux, screen)


def test_the_size_is_the_terminals_whatever_was_exported(environ: dict[str, str]) -> None:
    with Sentlinks([], {**environ, "COLUMNS": "60", "LINES": "10"}) as terminal:
        opened(terminal)
        assert len(terminal.text.splitlines()) == 24
        terminal.resize(120, 40)
        terminal.wait_for("╭─ Details")
        assert max(map(len, terminal.text.splitlines())) > 80
