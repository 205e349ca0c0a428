"""The clipboard (T2) with real terminals: tmux, GNU screen, xterm, and X's own clipboard."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.checks.long import few, more
from tests.support.real_parts import need
from tests.support.terminal.copying import (
    LINKS,
    SECONDS,
    Copying,
    Tmux,
    clipboard_of,
    plain_environment,
    put,
    until,
)
from tests.support.terminal.terminal import Terminal

# --- tmux ---


def test_tmux_as_it_is_shipped(inner: Tmux, outer: Tmux, tmp_path: Path) -> None:
    """T2: tmux's buffer has the links, and so does the clipboard of the terminal around it."""
    copying = Copying(tmp_path)
    inner.run("respawn-pane", "-k", copying.command())
    sure, way, sentence = copying.result()
    assert inner.buffer() == LINKS
    assert until(outer.buffer, "the terminal's clipboard") == LINKS
    assert (sure, way) == (False, "the terminal's clipboard")
    assert "sent by tmux" in sentence
    assert "can't be confirmed" in sentence
    assert inner.screen() == ""


@more
def test_tmux_without_a_terminal_attached(tmp_path: Path) -> None:
    """Nothing was sent to a terminal: the links are in the buffer, and the message says so."""
    need("tmux")
    copying = Copying(tmp_path)
    with Tmux(tmp_path) as tmux:
        tmux.open(copying.command())
        sure, way, sentence = copying.result()
        assert (sure, way) == (False, "tmux's buffer")
        assert "prefix ] pastes" in sentence
        assert "sent" not in sentence.lower()
        assert tmux.buffer() == LINKS


@few(1)
@pytest.mark.parametrize("kind", ["vt100", "xterm-256color"])
def test_tmux_whose_terminal_takes_a_clipboard_or_not(kind: str, tmp_path: Path) -> None:
    """The result follows what tmux knows of the attached terminal; without a clipboard, a working remedy is shown."""
    need("tmux")
    copying = Copying(tmp_path)
    with Tmux(tmp_path) as tmux:
        tmux.open("sleep 600")
        attach = tmux.command("attach")
        environ = dict.fromkeys(("TMUX", "TMUX_PANE"), "") | {"TERM": kind}
        with Terminal(attach, environ, 100, 30) as terminal:
            until(lambda: (terminal._take(0.1) and False) or tmux.run("list-clients"), "the attached client")
            tmux.run("respawn-pane", "-k", copying.command())
            until(lambda: (terminal._take(0.05) and False) or copying.said.exists(), "the end of copying")
            sure, way, sentence = copying.result()
            terminal.quiet()
            arrived = b"\x1b]52;" in terminal.written
            assert not sure
            assert arrived == (kind != "vt100")
            if arrived:
                assert way == "the terminal's clipboard"
                return
            assert way == "tmux's buffer"
            assert "pastes) only:" in sentence
            remedy = sentence.partition("run: ")[2]
            assert remedy == "tmux set -as terminal-features ',vt100:clipboard'"
            tmux.run(*shlex.split(remedy)[1:])
            tmux.run("detach-client", "-a")
        with Terminal(attach, environ, 100, 30) as terminal:
            until(lambda: (terminal._take(0.1) and False) or tmux.run("list-clients"), "the attached client")
            again = Copying(tmp_path)
            tmux.run("respawn-pane", "-k", again.command())
            until(lambda: (terminal._take(0.05) and False) or again.said.exists(), "the end of copying")
            assert again.result()[1] == "the terminal's clipboard"
            terminal.quiet()
            assert b"\x1b]52;" in terminal.written


@more
def test_a_screen_inside_of_tmux(inner: Tmux, outer: Tmux, tmp_path: Path) -> None:
    """A sequence wrapped for tmux would be displayed by screen as text."""
    need("screen")
    copying = Copying(tmp_path)
    folder = tmp_path / "screens"
    folder.mkdir(mode=0o700)
    inside = (
        f"env SCREENDIR={shlex.quote(str(folder))} screen -c /dev/null sh -c {shlex.quote(copying.command())}"
    )
    inner.run("respawn-pane", "-k", inside)
    try:
        assert copying.result()[1] == "the terminal's clipboard"
        assert until(outer.buffer, "the terminal's clipboard") == LINKS
        assert "52;c" not in inner.screen()
        assert inner.screen() == ""
    finally:
        subprocess.run(
            ["screen", "-X", "quit"],
            env=plain_environment(SCREENDIR=str(folder)),
            capture_output=True,
            timeout=SECONDS,
        )


@more
def test_through_tmux_where_its_command_cannot_be_used(inner: Tmux, outer: Tmux, tmp_path: Path) -> None:
    """As in a container with tmux outside it: the sequence is wrapped, and tmux has to let it through."""
    inner.run("set-option", "-g", "allow-passthrough", "on")
    copying = Copying(tmp_path)
    inner.run("respawn-pane", "-k", copying.command(PATH="/nowhere"))
    assert copying.result()[1] == "the terminal's clipboard"
    assert until(outer.buffer, "the terminal's clipboard") == LINKS
    assert inner.buffer() == ""
    assert inner.screen() == ""


def test_tmux_at_the_other_end_of_ssh(outer: Tmux, tmp_path: Path) -> None:
    """A tmux on the user's own machine is visible in TERM only, and accepts the unwrapped sequence if configured to."""
    copying = Copying(tmp_path)
    command = copying.command(SSH_TTY="/dev/pts/9", SSH_CONNECTION="192.0.2.1 1 192.0.2.2 22")
    outer.run("respawn-pane", "-k", f"env -u TMUX {command}")
    assert copying.result()[1] == "the terminal's clipboard"
    assert until(outer.buffer, "the terminal's clipboard") == LINKS
    assert outer.screen() == ""


@more
def test_the_output_may_go_elsewhere(outer: Tmux, tmp_path: Path) -> None:
    """A command whose output is redirected still reaches its terminal."""
    copying = Copying(tmp_path)
    command = copying.command(after="true", PATH="/nowhere")
    outer.run("respawn-pane", "-k", f"({command}) </dev/null >/dev/null 2>&1; sleep 600")
    assert copying.result()[1] == "the terminal's clipboard"
    assert until(outer.buffer, "the terminal's clipboard") == LINKS


# --- GNU screen ---


@few(1)
@pytest.mark.parametrize("length", [40, 2000, 20_000])
def test_through_screen(outer: Tmux, tmp_path: Path, length: int) -> None:
    """T2: the sequence is sent in pieces, since screen cuts long ones; none of it appears on the screen."""
    need("screen")
    text = "".join(chr(97 + i % 26) for i in range(length))
    copying = Copying(tmp_path, text)
    folder = tmp_path / "screens"
    folder.mkdir(mode=0o700)
    # A screen with the TERM of its terminal, as over SSH: what it passes on reaches the terminal itself.
    environment = f"-u TMUX SCREENDIR={shlex.quote(str(folder))}"
    inside = f"env -u TMUX sh -c {shlex.quote(copying.command())}"
    outer.run("respawn-pane", "-k", f"env {environment} screen -c /dev/null sh -c {shlex.quote(inside)}")
    try:
        assert copying.result()[1] == "the terminal's clipboard"
        assert until(outer.buffer, "the terminal's clipboard") == text
        assert outer.screen() == ""
    finally:
        subprocess.run(
            ["screen", "-X", "quit"],
            env=plain_environment(SCREENDIR=str(folder)),
            capture_output=True,
            timeout=SECONDS,
        )


# --- a desktop ---


@few(1)
@pytest.mark.parametrize("program", ["xclip", "xsel"])
def test_the_desktops_clipboard(display: str, tmp_path: Path, program: str) -> None:
    """T2: locally the system's clipboard is used, and the copy is certain, since it was read back."""
    need(program, "tmux")
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / program).symlink_to(str(shutil.which(program)))
    put(display, "something older")
    copying = Copying(tmp_path)
    with Tmux(tmp_path) as tmux:
        tmux.open(copying.command(DISPLAY=display, PATH=str(programs)))
        assert copying.result() == (True, "the system's clipboard", "Copied to the system's clipboard.")
        assert clipboard_of(display) == LINKS
        assert tmux.screen() == ""


@more
def test_the_clipboard_outlives_the_terminal(display: str, tmp_path: Path) -> None:
    """The background process that serves the clipboard does not end with the terminal that the program ran in."""
    need("tmux")
    copying = Copying(tmp_path)
    with Tmux(tmp_path) as tmux:
        tmux.open(copying.command(DISPLAY=display))
        assert copying.result()[0]
    assert clipboard_of(display) == LINKS


def test_over_ssh_the_desktop_over_there_is_left_alone(display: str, outer: Tmux, tmp_path: Path) -> None:
    """T2: over SSH the clipboard is that of the user's own machine."""
    put(display, "somebody's")
    copying = Copying(tmp_path)
    outer.run("respawn-pane", "-k", copying.command(DISPLAY=display, SSH_TTY="/dev/pts/9"))
    sure, way, _ = copying.result()
    # No terminal is attached to this tmux.
    assert (sure, way) == (False, "tmux's buffer")
    assert until(outer.buffer, "tmux's buffer") == LINKS
    assert clipboard_of(display) == "somebody's"


@more
def test_a_pane_that_was_left_on_the_desktop_and_taken_up_over_ssh(
    display: str, inner: Tmux, outer: Tmux, tmp_path: Path
) -> None:
    """T2: tmux knows which client is attached now; the pane's own environment does not."""
    put(display, "somebody's")
    inner.run("set-environment", "SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22")
    copying = Copying(tmp_path)
    inner.run("respawn-pane", "-k", f"env -u SSH_CONNECTION {copying.command(DISPLAY=display)}")
    assert copying.result()[1] == "the terminal's clipboard"
    assert until(outer.buffer, "the terminal's clipboard") == LINKS
    assert clipboard_of(display) == "somebody's"


@more
def test_a_display_that_is_not_there(outer: Tmux, tmp_path: Path) -> None:
    """Nothing is claimed, the terminal is used instead, and no error is displayed."""
    need("xclip")
    copying = Copying(tmp_path)
    outer.run("respawn-pane", "-k", copying.command(DISPLAY=":98765"))
    sure, way, _ = copying.result()
    assert (sure, way) == (False, "tmux's buffer")
    assert until(outer.buffer, "tmux's buffer") == LINKS
    assert outer.screen() == ""


@few(1)
@pytest.mark.parametrize("allowed", [True, False])
def test_xterm(display: str, tmp_path: Path, allowed: bool) -> None:
    """xterm obeys if window operations are allowed, which is not the default: the message is true in both cases."""
    need("xterm")
    put(display, "something older")
    copying = Copying(tmp_path)
    allow = ["-xrm", "XTerm*disallowedWindowOps: 20,21"] if allowed else []
    command = copying.command(SSH_CONNECTION="192.0.2.1 1 192.0.2.2 22")
    terminal = subprocess.Popen(
        ["xterm", *allow, "-e", "sh", "-c", command],
        env=plain_environment(DISPLAY=display),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        sure, way, sentence = copying.result()
        assert (sure, way) == (False, "the terminal's clipboard")
        assert "can't be confirmed" in sentence
        if allowed:
            until(lambda: clipboard_of(display) == LINKS, "the terminal's clipboard")
        else:
            assert clipboard_of(display) == "something older"
    finally:
        terminal.terminate()
        terminal.wait(timeout=SECONDS)
