"""The app on terminals without a mouse or without UTF-8, and with the mouse left to the terminal (T3)."""

from __future__ import annotations

import re
import shlex
import signal
from pathlib import Path

import pytest

from tests.support.checks.long import few, more
from tests.support.servers.server import ServerProcess
from tests.support.terminal.drafting import send_now
from tests.support.terminal.terminal import Sentlinks, Terminal
from tests.support.terminal.tmux import Tmux
from tests.system.command import SCRIPT, run
from tui.terminal.identity import ASK_IDENTITY

DOCUMENT = "Dictation"
ON, OFF = b"\x1b[?1000h", b"\x1b[?1000l"


@pytest.fixture
def environ(sample_server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    (tmp_path / "home").mkdir()
    for name in ("LC_ALL", "LC_CTYPE"):
        monkeypatch.delenv(name, raising=False)
    return {
        "SENTLINKS_HOME": str(tmp_path / "home"),
        "SENTLINKS_SERVER": sample_server.url,
        "SENTLINKS_TOKEN": sample_server.token,
        "LANG": "C.UTF-8",
        "TMUX": "",
        "STY": "",
        "DISPLAY": "",
        "WAYLAND_DISPLAY": "",
    }


def uses_mouse(terminal: Terminal) -> bool:
    return terminal.written.rfind(ON) > terminal.written.rfind(OFF)


def open_send_dialog(terminal: Terminal, *, opened: str = "▾", more: str = "…") -> None:
    """Has the first document sent, as soon as it can be. ``opened`` and ``more`` are signs that the terminal shows."""
    terminal.wait_for(DOCUMENT)
    terminal.wait_for(f"{opened} Share")
    terminal.wait_for(f"s Secure Sent Links{more}")
    terminal.type("s")
    terminal.wait_for("Expiration")


def show_links_alone(terminal: Terminal) -> None:
    terminal.type("\x14")
    while not terminal.text.startswith("http"):
        terminal.wait_for("http")
        terminal.during(0.05)


@few(1)
@pytest.mark.parametrize(
    ("kind", "options", "setting", "used"),
    [
        ("xterm-256color", [], "", True),
        ("linux", [], "", False),
        ("xterm-256color", ["--no-mouse"], "", False),
        ("xterm-256color", [], "mouse = false\n", False),
    ],
)
def test_mouse_modes_are_set_only_where_they_are_wanted(
    kind: str, options: list[str], setting: str, used: bool, environ: dict[str, str]
) -> None:
    Path(environ["SENTLINKS_HOME"], "config.toml").write_text(setting)
    with Sentlinks(options, {**environ, "TERM": kind}) as terminal:
        terminal.wait_for(DOCUMENT)
        terminal.quiet()
        assert uses_mouse(terminal) == used
        terminal.type(",")
        terminal.wait_for("Use the mouse")
        (line,) = [line for line in terminal.text.splitlines() if "Use the mouse" in line]
        assert f"‹ {'no' if options or setting else 'yes'} ›" in line
        terminal.press("ctrl+q")
        assert terminal.wait() == 0
        assert not uses_mouse(terminal)
        assert (b"\x1b[?1000" in terminal.written) == used
        assert (b"\x1b[?1003" in terminal.written) == used
        assert (b"\x1b[?1006" in terminal.written) == used


def test_the_mouse_is_an_option_of_the_app_only() -> None:
    done = run("--no-mouse", "links")
    assert done.status == 2
    assert "sentlinks demo --no-mouse" in done.err


def test_without_utf_8_everything_is_ascii(environ: dict[str, str]) -> None:
    """Borders, marks and names; in dialogs too."""
    with Terminal(SCRIPT, {**environ, "LANG": "C"}) as terminal:
        open_send_dialog(terminal, opened="v", more="~")
        terminal.wait_for("+- Secure Sent Links")
        terminal.press("ctrl+q")
        assert terminal.wait() == 0
        assert terminal.written.isascii()


def test_commands_write_ascii_to_such_a_terminal(environ: dict[str, str]) -> None:
    """What goes into a file or a pipe stays as it is."""
    command = [*SCRIPT, "send", "Verträge – neu.pdf"]
    with Terminal(command, {**environ, "LC_ALL": "C"}) as terminal:
        assert terminal.wait() == 2
        assert "Vertrage - neu.pdf" in terminal.text
        assert terminal.written.isascii()
    assert "Verträge – neu.pdf" in run("send", "Verträge – neu.pdf", LC_ALL="C").err


@more
def test_links_can_be_selected_by_hand(environ: dict[str, str]) -> None:
    """T2: without a clipboard the program says so, and shows the links alone; meanwhile the mouse is the terminal's."""
    environ = {**environ, "SSH_TTY": "/dev/pts/9"}
    answers = {ASK_IDENTITY.encode(): b"\x1b[>41;398;0c"}
    with Sentlinks([], environ, columns=100, answers=answers) as terminal:
        open_send_dialog(terminal)
        send_now(terminal)
        terminal.wait_for("Draft e-mail")
        terminal.wait_for("/s/")
        terminal.wait_for("Sent to the terminal's clipboard")
        # What it has said about itself implies the remedy.
        terminal.wait_for("XTerm*disallowedWindowOps: 20,21,SetXprop")
        show_links_alone(terminal)
        terminal.quiet()
        assert not uses_mouse(terminal)
        link, *_ = terminal.text.splitlines()
        assert f";{link}\x1b\\{link}".encode() in terminal.written, "it is a link for the terminal too"
        assert not any(border in terminal.text for border in "│╭╮╰╯")
        terminal.press("escape")
        terminal.wait_for("Draft e-mail")
        terminal.quiet()
        assert uses_mouse(terminal)
        assert terminal.written.count(ASK_IDENTITY.encode()) == 1
        assert b"\x1b]52;c;?" not in terminal.written
        show_links_alone(terminal)
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.wait() == 128 + signal.SIGTERM
        assert not uses_mouse(terminal)


def test_a_link_of_two_rows_is_one_line_for_the_terminal(tmux: Tmux, environ: dict[str, str]) -> None:
    """It is selected and copied whole, also after everything was painted again."""
    del environ["TMUX"]
    tmux.start(shlex.join(SCRIPT), {**environ, "TERM": "tmux-256color"})
    tmux.until("▾ Share")
    tmux.until("s Secure Sent Links")
    tmux.keys("s")
    tmux.until("Expiration")
    tmux.keys("C-y")
    tmux.until("prefix ] pastes")
    link = tmux.run("show-buffer").strip()
    assert len(link) > 60
    tmux.resize(60, 16)
    tmux.keys("C-t")
    # tmux keeps blanks at the end of a line that was erased in a colour, though it doesn't copy them.
    lines = f"^{re.escape(link)} *\n *\n"
    tmux.until(lines)
    tmux.resize(50, 14)
    tmux.until(lines)
    tmux.keys("C-l")
    tmux.until(lines)
    tmux.keys("?")
    tmux.until("─ Help ─")
    tmux.keys("Escape")
    tmux.until(lines)


@more
def test_a_console_without_a_clipboard_says_so(environ: dict[str, str]) -> None:
    """No link for a terminal that would display the sequence."""
    with Sentlinks([], {**environ, "TERM": "linux"}, columns=100, rows=30) as terminal:
        open_send_dialog(terminal)
        terminal.type("\x19")
        terminal.wait_for("the clipboard is unchanged")
        terminal.wait_for("^t shows the links alone")
        show_links_alone(terminal)
        assert b"\x1b]8;" not in terminal.written
        assert b"\x1b]52;" not in terminal.written
        assert b"\x1b[?1000" not in terminal.written
