"""A password that was copied is removed from the clipboard again."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from tests.support.checks.long import few, more
from tests.support.real_parts import need
from tests.support.terminal.copying import SECONDS, Tmux, clipboard_of, plain_environment, put, until
from tui.terminal import clearing

#: Copies a password as the app does, to be removed after the given seconds; writes the ID of the process that will
#: remove it, and the message.
PASSWORD = """
import functools, os, pathlib, sys
from tui.terminal.clearing import clear_later
from tui.terminal.clipboard import copy_password
from tui.terminal.controlling import write_to_terminal
clear = functools.partial(clear_later, seconds=float(sys.argv[2]))
result = copy_password(sys.argv[1], write_to_terminal, clear=clear)
pathlib.Path(sys.argv[3]).write_text(f"{result.clearing.pid if result.clearing else 0} {result.sentence}")
"""
SECRET = "Blue-Harbour7 ü"


def copied(folder: Path, seconds: float, run: Callable[[list[str]], object]) -> tuple[int, str]:
    """The process that removes the password again (0: none), and the message."""
    script, said = folder / "password.py", folder / "password-said"
    script.write_text(PASSWORD)
    said.unlink(missing_ok=True)
    run([sys.executable, str(script), SECRET, str(seconds), str(said)])
    until(lambda: said.exists() and said.read_text(), "the end of copying")
    number, _, sentence = said.read_text().partition(" ")
    return int(number), sentence


def on_desktop(display: str) -> Callable[[list[str]], object]:
    environment = plain_environment(DISPLAY=display)
    return lambda command: subprocess.run(
        command, env=environment, check=True, timeout=SECONDS, stdin=subprocess.DEVNULL
    )


def gone(process: int) -> bool:
    return not Path(f"/proc/{process}").exists()


@few(1)
@pytest.mark.parametrize("program", ["xclip", "xsel"])
def test_a_password_is_taken_off_the_desktops_clipboard(
    display: str, tmp_path: Path, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that keeps running after the program has ended removes the password."""
    need(program)
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / program).symlink_to(str(shutil.which(program)))
    environment = plain_environment(DISPLAY=display, PATH=str(programs))
    process, sentence = copied(
        tmp_path, 0, lambda command: subprocess.run(command, env=environment, check=True, timeout=SECONDS)
    )
    assert sentence == "Copied to the system's clipboard. It is removed after 60 s."
    until(lambda: gone(process), "the end of it")
    # xclip ends before the server has its request.
    until(lambda: clipboard_of(display) == "", "an empty clipboard")


def test_what_was_copied_since_is_left_alone(display: str, tmp_path: Path) -> None:
    """The clipboard is checked before it is cleared; the process gets the password through its standard input only."""
    process, _ = copied(tmp_path, 600, on_desktop(display))
    until(lambda: clipboard_of(display) == SECRET, "the password")
    visible = Path(f"/proc/{process}/cmdline").read_bytes() + Path(f"/proc/{process}/environ").read_bytes()
    assert SECRET.encode() not in visible
    os.kill(process, 15)
    until(lambda: gone(process), "the end of it")
    assert clipboard_of(display) == SECRET
    put(display, "something newer")
    clearing.take_off(SECRET.encode(), "xclip", plain_environment(DISPLAY=display))
    assert clipboard_of(display) == "something newer"


@more
def test_it_waits_a_minute_before_it_looks(
    display: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wait is timed by the test's own clock."""
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        assert clipboard_of(display) == SECRET

    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.delenv("TMUX", raising=False)
    put(display, SECRET)
    clearing.main(["xclip", str(clearing.SECONDS)], BytesIO(SECRET.encode()), wait)
    assert waited == [60]
    until(lambda: clipboard_of(display) == "", "an empty clipboard")


def test_a_password_is_taken_out_of_tmuxs_buffers(inner: Tmux, outer: Tmux, tmp_path: Path) -> None:
    """All buffers that hold it are removed and no others; the terminal's clipboard can't be read back and is left."""
    for text in ("earlier links", SECRET):
        path = tmp_path / "text"
        path.write_text(text)
        inner.run("load-buffer", str(path))
    process, sentence = copied(
        tmp_path,
        0,
        lambda command: inner.run("respawn-pane", "-k", f"{shlex.join(command)}; sleep 600"),
    )
    assert "tmux's buffer drops it after 60 s; the terminal's clipboard keeps it" in sentence
    until(lambda: gone(process), "the end of it")
    assert inner.run("list-buffers", "-F", "#{buffer_sample}").splitlines() == ["earlier links"]
    assert until(outer.buffer, "the terminal's clipboard") == SECRET


@more
def test_a_clipboard_that_cannot_be_read_back_keeps_it(outer: Tmux, tmp_path: Path) -> None:
    """The message says so, and no process is started to remove it."""
    process, sentence = copied(
        tmp_path,
        0,
        lambda command: outer.run(
            "respawn-pane", "-k", f"env -u TMUX SSH_TTY=/dev/pts/9 {shlex.join(command)}; sleep 600"
        ),
    )
    assert process == 0
    assert "It stays there until something else is copied." in sentence
    assert until(outer.buffer, "the terminal's clipboard") == SECRET
