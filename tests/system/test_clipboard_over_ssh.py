"""The clipboard (T2) over SSH, from and to a terminal, a tmux and a GNU screen."""

from __future__ import annotations

import itertools
import os
import shlex
from pathlib import Path

import pytest

from tests.support.checks.long import few, more
from tests.support.real_parts import need
from tests.support.terminal.copying import LINKS, Copying, Ssh, Tmux, until
from tests.support.terminal.pasting import LONG, TERMINAL, TMUX_REMEDY, clean, in_terminal, reading, set_by
from tests.support.terminal.terminal import Terminal


@pytest.fixture
def ssh(tmp_path: Path) -> Ssh:
    folder = tmp_path / "ssh"
    folder.mkdir(mode=0o700)
    return Ssh(folder)


def over_there(copying: Copying) -> str:
    """The command for the other side, where nothing is known but TERM and what sshd sets."""
    return f"export PYTHONPATH={shlex.quote(os.getcwd())}; {copying.command()}"


def test_ssh_from_a_terminal(ssh: Ssh, tmp_path: Path) -> None:
    copying = Copying(tmp_path)
    way, sentence = in_terminal(ssh.command(over_there(copying)), copying)
    assert way == TERMINAL
    assert "can't be confirmed" in sentence


@few(1)
@pytest.mark.parametrize(("kind", "setting"), [
    ("screen-256color", "as shipped"),
    *itertools.product(
        ("screen-256color", "tmux-256color", "xterm-256color"), ("set-clipboard on", "allow-passthrough on")
    ),
])  # fmt: skip
def test_ssh_from_a_tmux(ssh: Ssh, tmp_path: Path, kind: str, setting: str) -> None:
    """A tmux on the user's own machine, whatever it calls itself: with its defaults nothing arrives, and the sentence
    says what helps; with either of two settings it arrives."""
    need("tmux")
    copying = Copying(tmp_path)
    with Tmux(tmp_path) as tmux:
        tmux.open("sleep 600")
        if setting != "as shipped":
            scope = "-s" if setting.startswith("set") else "-g"
            tmux.run("set-option", scope, *setting.split())
        environ = dict.fromkeys(("TMUX", "TMUX_PANE"), "")
        with Terminal(tmux.command("attach"), environ, 100, 30) as terminal:
            until(reading(terminal, lambda: tmux.run("list-clients")), "the attached client")
            command = ssh.command(over_there(copying))
            tmux.run("respawn-pane", "-k", f"env -u TMUX -u TMUX_PANE TERM={kind} {command}")
            until(reading(terminal, copying.said.exists), f"the end of copying in {tmux.screen()}")
            _, way, sentence = copying.result()
            assert way == TERMINAL
            assert f"Your own machine's tmux accepts it after {TMUX_REMEDY}" in sentence
            if setting != "as shipped":
                until(reading(terminal, lambda: LINKS in set_by(terminal.written)), "what was copied")
            terminal.quiet()
            assert set_by(terminal.written) == ([] if setting == "as shipped" else [LINKS])
            assert clean(tmux.screen()), tmux.screen()


@more
@pytest.mark.parametrize("kind", ["screen", "xterm-256color"])
def test_ssh_from_a_screen(ssh: Ssh, screens: str, tmp_path: Path, kind: str) -> None:
    """A screen on the user's own machine would display the end of a long sequence that isn't wrapped for it."""
    copying = Copying(tmp_path, LONG)
    inside = f"env -u STY TERM={kind} {ssh.command(over_there(copying))}"
    way, _ = in_terminal(f"{screens} sh -c {shlex.quote(inside)}", copying, text=LONG)
    assert way == TERMINAL


@more
def test_ssh_to_a_tmux(ssh: Ssh, tmp_path: Path) -> None:
    """A tmux on the other machine, and a terminal that takes the clipboard on this one."""
    need("tmux")
    copying = Copying(tmp_path)
    with Tmux(tmp_path) as tmux:
        tmux.open("sleep 600")
        environ = dict.fromkeys(("TMUX", "TMUX_PANE"), "")
        attach = ["sh", "-c", ssh.command(shlex.join(tmux.command("attach")))]
        with Terminal(attach, environ, 100, 30) as terminal:
            until(reading(terminal, lambda: tmux.run("list-clients")), "the attached client")
            tmux.run("respawn-pane", "-k", copying.command())
            until(reading(terminal, copying.said.exists), "the end of copying")
            assert copying.result()[1] == TERMINAL
            until(reading(terminal, lambda: LINKS in set_by(terminal.written)), "what was copied")


@more
def test_ssh_to_a_screen(ssh: Ssh, screens: str, tmp_path: Path) -> None:
    copying = Copying(tmp_path, LONG)
    inside = f"{screens} sh -c {shlex.quote(copying.command())}"
    way, _ = in_terminal(ssh.command(inside), copying, text=LONG)
    assert way == TERMINAL
