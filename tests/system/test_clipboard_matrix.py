"""The clipboard (T2) in every combination of terminal, tmux and GNU screen that can run here: what arrives, what is
said about it, and that nothing of a sequence is ever displayed."""

from __future__ import annotations

import re
import shlex
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
    until,
)
from tests.support.terminal.pasting import (
    BUFFER,
    LONG,
    REPLIES,
    TERMINAL,
    TMUX_REMEDY,
    TOO_LONG,
    clean,
    in_terminal,
    reading,
    set_by,
)
from tests.support.terminal.terminal import Terminal

# --- no multiplexer ---


def test_a_terminal_without_anything(tmp_path: Path) -> None:
    copying = Copying(tmp_path)
    way, sentence = in_terminal(copying.command(), copying)
    assert way == TERMINAL
    assert "can't be confirmed" in sentence


@few(1)
@pytest.mark.parametrize("kind", ["linux", "vt100"])
def test_a_terminal_without_a_clipboard(kind: str, tmp_path: Path) -> None:
    """Nothing is written, not even a question, and the message says what the clipboard holds."""
    copying = Copying(tmp_path, links=True)
    plain = dict.fromkeys(("TMUX", "STY", "DISPLAY", "WAYLAND_DISPLAY"), "")
    with Terminal(["sh", "-c", copying.command()], plain | {"TERM": kind}) as terminal:
        until(reading(terminal, copying.said.exists), "the end of copying")
        assert terminal.written == b""
    sure, way, sentence = copying.result()
    assert (sure, way) == (False, "")
    assert "so the clipboard is unchanged; select it on the screen by hand." in sentence
    assert Path(copying.kept[0], "links.txt").read_text() == LINKS + "\n"


@few(1)
@pytest.mark.parametrize("inherits", ["TMUX", "nothing"])
def test_xterm_over_ssh_is_recognised(display: str, tmp_path: Path, inherits: str) -> None:
    """Its variables don't get through SSH, so it has to be asked. And if it was started from inside of a tmux, the
    variables that it inherits are not its own."""
    need("xterm", "tmux")
    copying = Copying(tmp_path)
    with Tmux(tmp_path) as tmux:
        tmux.open("sleep 600")
        environ = {"SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"}
        if inherits == "TMUX":
            environ = {"TMUX": f"{tmux.socket},1,0", "TMUX_PANE": "%0", **environ}
        command = f"unset XTERM_VERSION; {copying.command(**environ)}"
        terminal = subprocess.Popen(
            ["xterm", "-e", "sh", "-c", command],
            env=plain_environment(DISPLAY=display),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _, way, sentence = copying.result()
            assert way == TERMINAL
            assert "xterm accepts it only with XTerm*disallowedWindowOps: 20,21,SetXprop" in sentence
            assert tmux.run("list-buffers") == ""
            assert clipboard_of(display) == ""
        finally:
            terminal.terminate()
            terminal.wait(timeout=SECONDS)


def test_kitty_says_that_it_has_a_clipboard_and_takes_it(display: str, tmp_path: Path) -> None:
    """It arrives, and the sentence says which terminal it is. A program can't see that it has arrived."""
    need("kitty")
    copying = Copying(tmp_path)
    command = copying.command(SSH_CONNECTION="192.0.2.1 1 192.0.2.2 22")
    environ = {"DISPLAY": display, "HOME": str(tmp_path), "LIBGL_ALWAYS_SOFTWARE": "1"}
    terminal = subprocess.Popen(
        ["kitty", "--config", "NONE", "-o", "update_check_interval=0", "sh", "-c", command],
        env=plain_environment(**environ),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        sure, way, sentence = copying.result()
        assert (sure, way) == (False, TERMINAL)
        assert re.match(
            r"Sent to the terminal's clipboard, which kitty\(\S+\) says it has; whether", sentence
        )
        until(lambda: clipboard_of(display) == LINKS, "what was copied")
    finally:
        terminal.terminate()
        terminal.wait(timeout=SECONDS)


# --- tmux ---


@more
def test_only_the_latest_send_stays_in_tmuxs_buffers(outer: Tmux, tmp_path: Path) -> None:
    """D9: the buffers of earlier sends are deleted and no others, and tmux's paste key pastes the latest."""
    for text in ("of somebody else", "x" * len(LINKS)):
        (tmp_path / "other").write_text(text)
        outer.run("load-buffer", str(tmp_path / "other"))
    for text in ("https://links.example/s/first", LINKS, LINKS):
        copying = Copying(tmp_path, text, links=True)
        outer.run("respawn-pane", "-k", copying.command())
        copying.result()
    held = [
        outer.run("show-buffer", "-b", name)
        for name in outer.run("list-buffers", "-F", "#{buffer_name}").split()
    ]
    assert sorted(held) == sorted(["of somebody else", "x" * len(LINKS), LINKS, LINKS])
    assert outer.run("show-buffer", "-b", "sentlinks") == LINKS
    outer.run("respawn-pane", "-k", "cat")
    outer.run("paste-buffer")
    until(lambda: "https://links.example/s/Zq3vX0" in outer.screen(), "what was pasted")


@few(1)
@pytest.mark.parametrize("setting", ["on", "off"])
def test_tmux_whatever_it_takes_from_programs(inner: Tmux, outer: Tmux, tmp_path: Path, setting: str) -> None:
    """Its own command sets the terminal's clipboard with every value of ``set-clipboard``."""
    inner.run("set-option", "-s", "set-clipboard", setting)
    copying = Copying(tmp_path)
    inner.run("respawn-pane", "-k", copying.command())
    assert copying.result()[1] == TERMINAL
    assert until(outer.buffer, "the terminal's clipboard") == LINKS


@more
def test_tmux_takes_more_than_a_terminal_would(inner: Tmux, outer: Tmux, tmp_path: Path) -> None:
    copying = Copying(tmp_path, TOO_LONG)
    inner.run("respawn-pane", "-k", copying.command())
    assert copying.result()[1] == TERMINAL
    assert inner.buffer() == TOO_LONG
    assert until(outer.buffer, "the terminal's clipboard") == TOO_LONG
    assert inner.screen() == outer.screen().splitlines()[0].strip("[]") or clean(outer.screen())


@more
def test_tmux_in_tmux(inner: Tmux, outer: Tmux, tmp_path: Path) -> None:
    """The outer one drops it with its default settings; the sentence has the remedy, and the remedy works."""
    outer.run("set-option", "-s", "set-clipboard", "external")
    copying = Copying(tmp_path)
    inner.run("respawn-pane", "-k", copying.command())
    _, way, sentence = copying.result()
    assert way == TERMINAL
    assert f"The tmux around it accepts it after {TMUX_REMEDY} there." in sentence
    assert inner.buffer() == LINKS
    assert outer.buffer() == ""
    outer.run(*shlex.split(TMUX_REMEDY)[1:])
    again = Copying(tmp_path)
    inner.run("respawn-pane", "-k", again.command())
    assert until(outer.buffer, "the terminal's clipboard") == LINKS
    assert clean(outer.screen())


@more
@pytest.mark.parametrize("passes", ["on", "off"])
def test_past_a_tmux_that_knows_no_clipboard(tmp_path: Path, passes: str) -> None:
    """With passthrough, the terminal is reached all the same."""
    need("tmux")
    copying = Copying(tmp_path)
    with Tmux(tmp_path) as tmux:
        tmux.open("sleep 600")
        tmux.run("set-option", "-g", "allow-passthrough", passes)
        environ = dict.fromkeys(("TMUX", "TMUX_PANE"), "") | {"TERM": "rxvt"}
        with Terminal(tmux.command("attach"), environ, 100, 30) as terminal:
            until(reading(terminal, lambda: tmux.run("list-clients")), "the attached client")
            tmux.run("respawn-pane", "-k", copying.command())
            until(reading(terminal, copying.said.exists), "the end of copying")
            _, way, sentence = copying.result()
            assert way == (TERMINAL if passes == "on" else BUFFER)
            assert ("sent past tmux" in sentence) == (passes == "on")
            if passes == "on":
                until(reading(terminal, lambda: set_by(terminal.written) == [LINKS]), "what was copied")
            assert clean(tmux.screen())
            assert tmux.buffer() == LINKS


# --- GNU screen ---


@more
@pytest.mark.parametrize("passes", ["on", "off"])
def test_tmux_in_screen(screens: str, tmp_path: Path, passes: str) -> None:
    """Both variables are set, and tmux is next to the program. A screen displays what tmux itself would send it; with
    passthrough, it is wrapped for both of them."""
    need("tmux")
    copying = Copying(tmp_path, LONG)
    with Tmux(tmp_path) as tmux:
        tmux.open("sleep 600")
        tmux.run("set-option", "-g", "allow-passthrough", passes)
        attach = f"env -u TMUX {shlex.join(tmux.command('attach'))}"
        environ = dict.fromkeys(("TMUX", "TMUX_PANE", "STY"), "")
        command = f"{screens} sh -c {shlex.quote(attach)}"
        with Terminal(["sh", "-c", command], environ, 100, 30, answers=REPLIES) as terminal:
            until(reading(terminal, lambda: tmux.run("list-clients")), "the attached client")
            tmux.run("respawn-pane", "-k", copying.command(STY="1.of.it"))
            until(reading(terminal, copying.said.exists), "the end of copying")
            _, way, sentence = copying.result()
            assert way == (TERMINAL if passes == "on" else BUFFER)
            assert ("sent past tmux" in sentence) == (passes == "on")
            assert ("has no clipboard" in sentence) == (passes == "off")
            assert "terminal-features" not in sentence
            if passes == "on":
                until(reading(terminal, lambda: set_by(terminal.written) == [LONG]), "what was copied")
            assert tmux.buffer() == LONG
            terminal.quiet()
            assert clean(terminal.text), terminal.text
            assert clean(tmux.screen())


@more
def test_screen_alone(screens: str, tmp_path: Path) -> None:
    copying = Copying(tmp_path, LONG)
    way, _ = in_terminal(f"{screens} sh -c {shlex.quote(copying.command())}", copying, text=LONG)
    assert way == TERMINAL
