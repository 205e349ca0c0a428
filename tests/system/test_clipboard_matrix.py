"""The clipboard (T2) in every combination of terminal, tmux, GNU screen and SSH that can run here: what arrives, what
is said about it, and that nothing of a sequence is ever displayed."""

from __future__ import annotations

import base64
import os
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.copying import (
    LINKS,
    SECONDS,
    Copying,
    Ssh,
    Tmux,
    clipboard_of,
    need,
    plain_environment,
    until,
)
from tests.support.terminal import Terminal
from tui.terminal.identity import ASK_ATTRIBUTES, ASK_IDENTITY

TERMINAL, BUFFER = "the terminal's clipboard", "tmux's buffer"
#: Longer than what GNU screen keeps of a string, and than what terminals accept.
LONG = "".join(f"https://links.example/s/{number:040}\n" for number in range(40))
TOO_LONG = "".join(f"https://links.example/s/{number:040}\n" for number in range(1200))
TMUX_REMEDY = "tmux set -s set-clipboard on"
#: The replies of a terminal that has no name, such as PuTTY.
REPLIES = {f"{ASK_IDENTITY}{ASK_ATTRIBUTES}".encode(): b"\x1b[>0;136;0c\x1b[?6c"}


def set_by(written: bytes) -> list[str]:
    """What a terminal's clipboard was set to, one after the other."""
    found = re.findall(rb"\x1b\]52;c?;([A-Za-z0-9+/=]+)(?:\x07|\x1b\\)", written)
    return [base64.b64decode(each).decode() for each in found]


def clean(screen: str) -> bool:
    """Whether nothing of a sequence is displayed."""
    return not any(
        part in screen for part in ("52;c", "tmux;", "+q4d73", base64.b64encode(b"https").decode()[:6])
    )


@pytest.fixture
def screens(tmp_path: Path) -> Iterator[str]:
    """Starts GNU screens: a command line before that of the program in it."""
    need("screen")
    folder = tmp_path / "screens"
    folder.mkdir(mode=0o700)
    yield f"env SCREENDIR={shlex.quote(str(folder))} screen -c /dev/null"
    subprocess.run(
        ["screen", "-X", "quit"],
        env=plain_environment(SCREENDIR=str(folder)),
        capture_output=True,
        timeout=SECONDS,
    )


def reading(terminal: Terminal, found: Callable[[], Any]) -> Callable[[], Any]:
    """``found``, with the terminal's output read in the meantime."""

    def look() -> Any:
        terminal._take(0.05)
        return found()

    return look


def in_terminal(
    command: str, copying: Copying, environ: dict[str, str] | None = None, text: str = LINKS
) -> tuple[str, str]:
    """Runs ``command`` in a terminal that takes the clipboard; returns way and sentence. Nothing may be displayed."""
    plain = dict.fromkeys(("TMUX", "STY", "DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION", "SSH_TTY"), "")
    with Terminal(["sh", "-c", command], plain | (environ or {}), 100, 30, answers=REPLIES) as terminal:
        until(reading(terminal, copying.said.exists), "the end of copying")
        sure, way, sentence = copying.result()
        assert not sure
        if way == TERMINAL:
            until(reading(terminal, lambda: text in set_by(terminal.written)), "what was copied")
        terminal.quiet()
        assert way == TERMINAL or not set_by(terminal.written)
        assert clean(terminal.text), terminal.text
        return way, sentence


# --- no multiplexer ---


def test_a_terminal_without_anything(tmp_path: Path) -> None:
    copying = Copying(tmp_path)
    way, sentence = in_terminal(copying.command(), copying)
    assert way == TERMINAL
    assert "can't be confirmed" in sentence


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


@pytest.mark.parametrize("setting", ["on", "off"])
def test_tmux_whatever_it_takes_from_programs(inner: Tmux, outer: Tmux, tmp_path: Path, setting: str) -> None:
    """Its own command sets the terminal's clipboard with every value of ``set-clipboard``."""
    inner.run("set-option", "-s", "set-clipboard", setting)
    copying = Copying(tmp_path)
    inner.run("respawn-pane", "-k", copying.command())
    assert copying.result()[1] == TERMINAL
    assert until(outer.buffer, "the terminal's clipboard") == LINKS


def test_tmux_takes_more_than_a_terminal_would(inner: Tmux, outer: Tmux, tmp_path: Path) -> None:
    copying = Copying(tmp_path, TOO_LONG)
    inner.run("respawn-pane", "-k", copying.command())
    assert copying.result()[1] == TERMINAL
    assert inner.buffer() == TOO_LONG
    assert until(outer.buffer, "the terminal's clipboard") == TOO_LONG
    assert inner.screen() == outer.screen().splitlines()[0].strip("[]") or clean(outer.screen())


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


def test_screen_alone(screens: str, tmp_path: Path) -> None:
    copying = Copying(tmp_path, LONG)
    way, _ = in_terminal(f"{screens} sh -c {shlex.quote(copying.command())}", copying, text=LONG)
    assert way == TERMINAL


# --- over SSH ---


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


@pytest.mark.parametrize("kind", ["screen-256color", "tmux-256color", "xterm-256color"])
@pytest.mark.parametrize("setting", ["as shipped", "set-clipboard on", "allow-passthrough on"])
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


@pytest.mark.parametrize("kind", ["screen", "xterm-256color"])
def test_ssh_from_a_screen(ssh: Ssh, screens: str, tmp_path: Path, kind: str) -> None:
    """A screen on the user's own machine would display the end of a long sequence that isn't wrapped for it."""
    copying = Copying(tmp_path, LONG)
    inside = f"env -u STY TERM={kind} {ssh.command(over_there(copying))}"
    way, _ = in_terminal(f"{screens} sh -c {shlex.quote(inside)}", copying, text=LONG)
    assert way == TERMINAL


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


def test_ssh_to_a_screen(ssh: Ssh, screens: str, tmp_path: Path) -> None:
    copying = Copying(tmp_path, LONG)
    inside = f"{screens} sh -c {shlex.quote(copying.command())}"
    way, _ = in_terminal(ssh.command(inside), copying, text=LONG)
    assert way == TERMINAL


# --- Wayland ---


@pytest.fixture
def wayland(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The variables of a Wayland desktop of our own, without a screen."""
    need("sway", "wl-copy", "wl-paste")
    folder = tmp_path / "wayland"
    folder.mkdir(mode=0o700)
    (folder / "config").write_text("xwayland disable\n")
    environ = {
        "XDG_RUNTIME_DIR": str(folder),
        "WLR_BACKENDS": "headless",
        "WLR_RENDERER": "pixman",
        "WLR_LIBINPUT_NO_DEVICES": "1",
    }
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            ["sway", "-c", str(folder / "config")], env=plain_environment(**environ), stdout=log, stderr=log
        )
    try:
        found = until(lambda: [p for p in folder.glob("wayland-*") if p.is_socket()], "the desktop")
        yield {"XDG_RUNTIME_DIR": str(folder), "WAYLAND_DISPLAY": found[0].name}
    finally:
        server.terminate()
        server.wait(timeout=SECONDS)


def pasted(wayland: dict[str, str]) -> str:
    done = subprocess.run(
        ["wl-paste", "--no-newline"], env=plain_environment(**wayland), capture_output=True, timeout=SECONDS
    )
    return done.stdout.decode()


def test_the_clipboard_of_wayland(wayland: dict[str, str], tmp_path: Path) -> None:
    copying = Copying(tmp_path)
    with Tmux(tmp_path) as tmux:
        tmux.open(copying.command(**wayland))
        assert copying.result() == (True, "the system's clipboard", "Copied to the system's clipboard.")
        assert pasted(wayland) == LINKS
        assert tmux.screen() == ""


def test_a_terminal_that_says_that_it_has_a_clipboard(wayland: dict[str, str], tmp_path: Path) -> None:
    """The sentence says which terminal it is, and still not that it arrived: without a keyboard, foot has no focus, and
    takes nothing."""
    need("foot")
    copying = Copying(tmp_path)
    command = copying.command(SSH_CONNECTION="192.0.2.1 1 192.0.2.2 22")
    terminal = subprocess.Popen(
        ["foot", "sh", "-c", command],
        env=plain_environment(**wayland),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _, way, sentence = copying.result()
        assert way == TERMINAL
        assert re.match(r"Sent to the terminal's clipboard, which foot\(\S+\) says it has; whether", sentence)
    finally:
        terminal.terminate()
        terminal.wait(timeout=SECONDS)
