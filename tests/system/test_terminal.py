"""The app and its terminal: colours that fit its background, exits, suspension, and what is written to it."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyte
import pytest
from textual.theme import Theme

from tests.support.server import ServerProcess
from tests.support.terminal import Terminal
from tests.support.tmux import SECONDS, Tmux, want_tmux
from tests.system.command import SCRIPT
from tui.terminal.questions import ASK_BACKGROUND
from tui.theme import DARK, LIGHT

DOCUMENT = "Dictation"
READY = "Workspaces"
PROMPT = r"bash\S*[#$]"
ASK = ASK_BACKGROUND.encode()
WHITE, BLACK = b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\", b"\x1b]11;rgb:0000/0000/0000\x1b\\"


@pytest.fixture
def environ(sample_server: ServerProcess, tmp_path: Path) -> dict[str, str]:
    (tmp_path / "home").mkdir()
    return {
        "SENTLINKS_HOME": str(tmp_path / "home"),
        "SENTLINKS_SERVER": sample_server.url,
        "SENTLINKS_TOKEN": sample_server.token,
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
    }


def opened(terminal: Terminal) -> Terminal:
    terminal.wait_for(DOCUMENT)
    terminal.wait_for("▾ Share")
    return terminal


def background(terminal: Terminal) -> str:
    """The colour behind an empty line of the list."""
    screen: pyte.Screen = terminal._model
    return str(screen.buffer[screen.lines - 6][screen.columns - 5].bg)


def surface(theme: Theme) -> str:
    assert theme.surface is not None
    return theme.surface.lstrip("#")


# ---------------------------------------------------------------- colours


@pytest.mark.parametrize(("answer", "theme"), [(WHITE, LIGHT), (BLACK, DARK)], ids=["light", "dark"])
def test_the_theme_is_that_of_the_background(answer: bytes, theme: Theme, environ: dict[str, str]) -> None:
    with Terminal(SCRIPT, environ, answers={ASK: answer}) as terminal:
        opened(terminal)
        assert background(terminal) == surface(theme)


def test_an_answer_that_comes_late_is_heard_and_is_no_key(environ: dict[str, str]) -> None:
    with Terminal(SCRIPT, environ) as terminal:
        opened(terminal)
        assert background(terminal) == surface(DARK)
        terminal.type("/")
        terminal.wait_for("filter: type")
        terminal.type(WHITE.decode())
        terminal.type("let")
        terminal.wait_for("(1 of 10)")
        end = time.monotonic() + SECONDS
        while background(terminal) != surface(LIGHT):
            terminal._take(0.2)
            assert time.monotonic() < end, "it is still dark"
        assert "rgb" not in terminal.text
        assert "ffff" not in terminal.text


def test_a_theme_that_was_chosen_stays(environ: dict[str, str]) -> None:
    Path(environ["SENTLINKS_HOME"], "config.toml").write_text('theme = "dark"\n')
    with Terminal(SCRIPT, environ, answers={ASK: WHITE}) as terminal:
        opened(terminal)
        assert background(terminal) == surface(DARK)


def test_without_colour_nothing_is_coloured(environ: dict[str, str]) -> None:
    Path(environ["SENTLINKS_HOME"], "config.toml").write_text('theme = "16"\n')
    with Terminal(SCRIPT, {**environ, "NO_COLOR": "1"}, answers={ASK: WHITE}) as terminal:
        opened(terminal)
        cells = [cell for row in terminal._model.buffer.values() for cell in row.values()]
        assert {(cell.fg, cell.bg) for cell in cells} == {("default", "default")}
        assert any(cell.reverse for cell in cells)


# ---------------------------------------------------------------- exits


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, None])
@pytest.mark.parametrize("early", [True, False], ids=["early", "late"])
def test_the_terminal_is_given_back(
    number: signal.Signals | None, early: bool, environ: dict[str, str]
) -> None:
    """The terminal is restored whether the app ends on its first frame or later, by a signal or by a key."""
    with Terminal(["cat"], environ) as other:
        usual = other.modes
    with Terminal(SCRIPT, environ) as terminal:
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
from tui.cli.opening import open_app

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
from tui.cli.opening import open_app
from tui.screens.main import MainScreen

compose = MainScreen.compose

def composed(self):
    os.kill(os.getpid(), signal.SIGTERM)
    yield from compose(self)

MainScreen.compose = composed
sys.exit(open_app())
"""


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
from tui.app import SentlinksApp

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
    with Terminal(SCRIPT, environ) as terminal:
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


# ---------------------------------------------------------------- what is written


def bytes_of(environ: dict[str, str], *keys: str) -> int:
    with Terminal(SCRIPT, environ) as terminal:
        opened(terminal)
        terminal.quiet(0.5)
        before = len(terminal.written)
        for key in keys:
            terminal.press(key, quiet=0.3)
        return len(terminal.written) - before


@pytest.mark.parametrize("how", ["environment", "configuration"])
def test_a_setting_turns_the_difference_off(how: str, environ: dict[str, str]) -> None:
    keys = ("i", "escape")
    short = bytes_of(environ, *keys)
    if how == "environment":
        environ = {**environ, "SENTLINKS_CELL_DIFF": "0"}
    else:
        Path(environ["SENTLINKS_HOME"], "config.toml").write_text("cell_diff = false\n")
    assert bytes_of(environ, *keys) > 2 * short


# ---------------------------------------------------------------- tmux as the reference


@pytest.fixture
def two(tmp_path: Path) -> Iterator[list[Tmux]]:
    want_tmux()
    found = [Tmux(tmp_path / "diffed"), Tmux(tmp_path / "plain")]
    yield found
    for tmux in found:
        tmux.close()


def alike(two: list[Tmux], shows: str, gone: str = "") -> None:
    """Waits until both show ``shows``, no longer ``gone``, and are otherwise identical."""
    end = time.monotonic() + SECONDS
    while True:
        first, second = (tmux.looks() for tmux in two)
        screen = two[0].screen()
        if first == second and shows in screen and not (gone and gone in screen):
            return
        lines = [f"{a}\n{b}" for a, b in zip(first.splitlines(), second.splitlines(), strict=False) if a != b]
        said = f"no {shows!r}, still {gone!r}, or other lines:\n" + "\n".join([*lines, screen])
        assert time.monotonic() < end, said
        time.sleep(0.1)


def both(two: list[Tmux], act: Callable[[Tmux], object]) -> None:
    for tmux in two:
        act(tmux)


def test_tmux_shows_the_same_with_and_without_the_difference(
    two: list[Tmux], environ: dict[str, str]
) -> None:
    """Characters, colours, styles and links match, through dialogs, resizes and a redraw."""
    command = shlex.join(SCRIPT)
    # The very first start shows a hint.
    Path(environ["SENTLINKS_HOME"], "state").mkdir()
    Path(environ["SENTLINKS_HOME"], "state", "seen").touch()
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
        (["Home", "s"], "e Rename ", ""),
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


def test_the_size_is_the_terminals_whatever_was_exported(environ: dict[str, str]) -> None:
    with Terminal(SCRIPT, {**environ, "COLUMNS": "60", "LINES": "10"}) as terminal:
        opened(terminal)
        assert len(terminal.text.splitlines()) == 24
        terminal.resize(120, 40)
        terminal.wait_for("Checked out Author")
        assert max(map(len, terminal.text.splitlines())) > 80


def test_a_size_that_is_there_and_back_at_once_leaves_nothing_of_it(
    two: list[Tmux], environ: dict[str, str]
) -> None:
    """As when a pane is zoomed and unzoomed: tmux has cut the screen, and reports a size that the app already has."""
    Path(environ["SENTLINKS_HOME"], "state").mkdir()
    Path(environ["SENTLINKS_HOME"], "state", "seen").touch()
    for tmux, diff in zip(two, "10", strict=True):
        tmux.start(shlex.join(SCRIPT), {**environ, "SENTLINKS_CELL_DIFF": diff, "TERM": "tmux-256color"})
        tmux.until(DOCUMENT)
        tmux.until("▾ Share")
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


def test_it_is_suspended_and_comes_back(two: list[Tmux], environ: dict[str, str]) -> None:
    """In a shell with job control: ``ctrl+z``, other output, perhaps another size, ``fg``; in a dialog too. The screen
    is then the same as before, and the same as without cell diffing."""
    Path(environ["SENTLINKS_HOME"], "state").mkdir()
    Path(environ["SENTLINKS_HOME"], "state", "seen").touch()
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
        for size in ((100, 30), (80, 24)):
            suspended(two, shows, size)
            alike(two, shows)
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


def settled(tmux: Tmux) -> str:
    """The screen as soon as it no longer changes."""
    last = ""
    while (now := tmux.looks()) != last:
        last = now
        time.sleep(0.5)
    return now


def until(tmux: Tmux, before: str) -> None:
    """Waits until the screen is as it was before."""
    end = time.monotonic() + SECONDS
    while tmux.looks() != before:
        assert time.monotonic() < end, f"other than before:\n{tmux.screen()}"
        time.sleep(0.1)


def taken_again(terminal: Terminal, before: int) -> None:
    """Waits until the app has taken the terminal more than ``before`` times."""
    end = time.monotonic() + SECONDS
    while terminal.written.count(b"\x1b[?1049h") == before:
        terminal._take(0.2)
        assert time.monotonic() < end, "the terminal is not taken again"


def test_one_that_was_stopped_by_another_hand_reads_its_keys_alone(environ: dict[str, str]) -> None:
    """``kill -STOP``, a change of the terminal's modes, ``kill -CONT``; and a ``kill -CONT`` without a stop."""
    with Terminal(SCRIPT, environ) as terminal:
        opened(terminal)
        process, modes = terminal.process, terminal.modes
        tasks = Path(f"/proc/{process.pid}/task")
        threads = len(list(tasks.iterdir()))
        for stopped in (True, False, True):
            terminal.quiet()
            before = terminal.written.count(b"\x1b[?1049h")
            if stopped:
                process.send_signal(signal.SIGSTOP)
                os.waitpid(process.pid, os.WUNTRACED)
                subprocess.run(["stty", "sane"], stdin=terminal._ours, check=True)
            process.send_signal(signal.SIGCONT)
            taken_again(terminal, before)
            terminal.wait_for(DOCUMENT)
        terminal.type("/dictation")
        terminal.wait_for("(1 of 10)")
        assert terminal.modes == modes
        assert len(list(tasks.iterdir())) == threads


#: The app, which gets the signal of ctrl+z while it releases the terminal for the first time.
DISTURBED = """
import os, signal, sys
from tui.textual_patches.linux_driver import SentlinksDriver

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
        terminal.process.send_signal(signal.SIGSTOP)
        os.waitpid(terminal.process.pid, os.WUNTRACED)
        terminal.process.send_signal(signal.SIGCONT)
        taken_again(terminal, before)
        terminal.type("/dictation")
        terminal.wait_for("(1 of 10)")
        terminal.press("ctrl+q")
        assert terminal.wait() == 0


def test_without_a_shell_it_is_not_suspended(environ: dict[str, str]) -> None:
    """Nothing could resume it, so the key does not suspend it, and the help does not offer it."""
    with Terminal(SCRIPT, environ, columns=100, rows=60) as terminal:
        opened(terminal)
        terminal.press("ctrl+z", "?")
        terminal.wait_for("─ Help ─")
        assert "Suspend" not in terminal.text
        terminal.press("ctrl+q")
        assert terminal.wait() == 0


def test_the_help_tells_how_to_suspend(tmux: Tmux, environ: dict[str, str]) -> None:
    tmux.start("bash --norc -i", {**environ, "TERM": "tmux-256color"})
    # A starting shell sets the size that it read earlier: a resize in between would be lost.
    tmux.until(PROMPT)
    tmux.resize(100, 60)
    tmux.keys(shlex.join(SCRIPT), "Enter")
    tmux.until("▾ Share")
    tmux.keys("F1")
    tmux.until(r"\^z +Suspend +Returns to the shell")


def test_a_dialog_costs_no_more_than_what_is_new(environ: dict[str, str]) -> None:
    """The screen below a dialog is rewritten only if the terminal has reported a new size, or the user asks for it."""
    with Terminal(SCRIPT, environ, columns=120, rows=40) as terminal:
        opened(terminal)
        terminal.quiet()
        before = len(terminal.written)
        terminal.press(",")
        terminal.wait_for("─ Settings ─")
        terminal.quiet()
        dialog = len(terminal.written) - before
        cleared = terminal.written.count(b"\x1b[2J")
        terminal.press("ctrl+l")
        while terminal.written.count(b"\x1b[2J") == cleared:
            terminal.during(0.05)
        # Everything is displayed again.
        terminal.wait_for("─ Settings ─")
        terminal.wait_for("^p Commands")
        terminal.quiet()
        whole = len(terminal.written) - before - dialog
        terminal.press("escape", "ctrl+q")
        assert terminal.wait() == 0
    assert dialog < whole / 2


# ---------------------------------------------------------------- what is typed while a command asks the terminal


ASKING = """
import os, select
from tui.terminal.controlling import ask_terminal
name = ask_terminal(os.environ, 30).name
left = os.read(0, 100) if select.select([0], [], [], 0)[0] else b""
print("asked:", name, left)
"""


def test_what_is_typed_behind_the_reply_is_left_to_the_shell() -> None:
    """A command that asks the terminal what it is reads the reply, and nothing beyond it."""
    answers = {b"\x1b[c": b"\x1bP>|tmux 3.5a\x1b\\\x1b[>84;0;0c\x1b[?62;22c" + b"ls -l\r"}
    with Terminal([sys.executable, "-c", ASKING], {"TERM": "tmux-256color"}, answers=answers) as terminal:
        terminal.wait_for("asked: tmux 3.5a b'ls -l\\n'")
        assert terminal.wait() == 0
