"""Who gets signals, keys and the terminal while an editor runs in it, and after that."""

from __future__ import annotations

import shutil
import signal
import sys
from pathlib import Path

import pytest

from tests.support.checks.long import more
from tests.support.real_parts import need
from tests.support.servers.server import ROOT
from tests.support.terminal.drafting import OPEN, WRITE, WRITTEN, Desk, open_draft, saves, takes_keys
from tests.support.terminal.terminal import KEYS, Terminal
from tests.system.command import SCRIPT
from tests.system.proxy import wait_until

#: An editor that stops its whole group on ctrl+z, as nano and mutt do, and waits for the file ``end``.
STOPS = """
import os, pathlib, signal, sys, time
def stop(*_):
    os.killpg(0, signal.SIGSTOP)
    print("went on", flush=True)
signal.signal(signal.SIGTSTP, stop)
pathlib.Path(sys.argv[1]).write_text("To: \\nSubject: S\\n\\nwritten\\n")
print("running", flush=True)
while not os.path.exists("end"):
    time.sleep(0.05)
"""


def test_an_editor_and_the_app(desk: Desk) -> None:
    with desk.open(EDITOR="editor") as terminal:
        what_is_left_in_the_background_is_not_waited_for(terminal, desk)
        keys_in_the_editor_are_the_editors(terminal, desk)
        a_signal_that_ends_the_app_ends_the_editor(terminal, desk)


def what_is_left_in_the_background_is_not_waited_for(terminal: Terminal, desk: Desk) -> None:
    """An editor that keeps running in its own window and writes to standard error: its output isn't shown, and it is
    not ended."""
    go_on = "trap '' HUP; while [ ! -e go ]; do sleep 0.05; done; echo hidden words >&2; touch survived"
    desk.script("editor", f"{WRITE}\n({go_on}) </dev/null >/dev/null &")
    terminal.type(OPEN)
    terminal.wait_for("The draft is as you left it")
    takes_keys(terminal)
    (desk.work / "go").touch()
    wait_until((desk.work / "survived").exists)
    terminal.quiet()
    assert b"hidden words" not in terminal.written


def keys_in_the_editor_are_the_editors(terminal: Terminal, desk: Desk) -> None:
    """``ctrl+c`` ends an editor that doesn't handle it, and not the app. No shell could continue one that ``ctrl+z``
    stops: it continues at once, even if it stops its whole process group."""
    desk.script("editor", f"{WRITE}\necho running; exec sleep 600")
    (desk.work / "stops.py").write_text(STOPS)
    terminal.type(OPEN)
    terminal.wait_for("running")
    terminal.type("\x03")
    terminal.wait_for("was ended by SIGINT")
    takes_keys(terminal)
    assert saves(terminal, desk) == WRITTEN
    desk.script("editor", f'exec {sys.executable} stops.py "$1"')
    terminal.type(OPEN)
    terminal.wait_for("running")
    terminal.type("\x1a")
    terminal.wait_for("went on")
    (desk.work / "end").touch()
    terminal.wait_for("The draft is as you left it")
    takes_keys(terminal, "vktt")


def a_signal_that_ends_the_app_ends_the_editor(terminal: Terminal, desk: Desk) -> None:
    desk.script("editor", "echo $$ > pid.new; mv pid.new pid; exec sleep 600")
    terminal.type(OPEN)
    wait_until((desk.work / "pid").exists)
    editor = int((desk.work / "pid").read_text())
    terminal.process.send_signal(signal.SIGHUP)
    assert terminal.wait() in (128 + signal.SIGHUP, -signal.SIGHUP)
    assert not Path(f"/proc/{editor}").exists()
    assert desk.leftovers() == []


def test_ctrl_z_under_a_shell_stops_both(desk: Desk) -> None:
    """The shell gets the terminal; bg does not take it away again, fg continues in the editor."""
    need("bash")
    (desk.work / "stops.py").write_text(STOPS)
    command = [str(shutil.which("bash")), "--norc", "--noprofile", "-i"]
    environ = {**desk.environ, "EDITOR": f"{sys.executable} stops.py", "PS1": "prompt> "}
    with Terminal(command, environ, 200, 30) as terminal:
        terminal.wait_for("prompt>")
        terminal.type(f"cd {desk.work}; {SCRIPT[0]}\r")
        open_draft(terminal)
        terminal.type(OPEN)
        terminal.wait_for("running")
        terminal.type("\x1a")
        terminal.wait_for("Stopped")
        terminal.type("bg\r")
        terminal.quiet(0.5)
        terminal.type("echo still $((40 + 2))\r")
        terminal.wait_for("still 42")
        terminal.type("fg\r")
        terminal.wait_for("went on")
        (desk.work / "end").touch()
        terminal.wait_for("The draft is as you left it")
        takes_keys(terminal)
        terminal.type(KEYS["ctrl+q"])
        terminal.wait_for("Quit without saving?")
        terminal.type("y")
        terminal.wait_for("prompt>")


#: Runs a program on the terminal, and gets SIGTERM as soon as the program has started.
EARLY = """
import os, signal, subprocess, sys
class Popen(subprocess.Popen):
    def __init__(self, *given, **named):
        super().__init__(*given, **named)
        os.kill(os.getpid(), signal.SIGTERM)
subprocess.Popen = Popen
signal.signal(signal.SIGTERM, lambda *_: print("heard"))
from tui.terminal.foreground import run_in_foreground
print("ended with", run_in_foreground(["sleep", "600"]).status)
"""


@more
def test_a_signal_that_comes_as_the_editor_starts_ends_it_too() -> None:
    with Terminal([sys.executable, "-c", EARLY], {"PYTHONPATH": str(ROOT)}) as terminal:
        assert terminal.wait() == 0
        assert "heard" in terminal.text
        assert "ended with -15" in terminal.text


#: Runs a program on the terminal. As soon as it has started, and before it has the terminal, a key is pressed: the
#: terminal sends the key's signal to the foreground process group.
HASTY = """
import asyncio, os, signal, subprocess, sys
number = signal.Signals(int(sys.argv[1]))
class Popen(subprocess.Popen):
    def __init__(self, *given, **named):
        super().__init__(*given, **named)
        os.killpg(os.tcgetpgrp(0), number)
        os.killpg(os.tcgetpgrp(0), signal.SIGCONT)
subprocess.Popen = Popen
from tui.terminal.foreground import run_in_foreground
async def main():
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, print, "it came here")
    print("ended with", run_in_foreground(["sleep", "0.2" if number == signal.SIGTSTP else "600"]).status)
    await asyncio.sleep(0.1)
    print("the end")
asyncio.run(main())
"""


@more
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, -signal.SIGINT), (signal.SIGTSTP, 0)])
def test_a_key_that_is_pressed_as_the_editor_starts_is_the_editors(
    number: signal.Signals, status: int
) -> None:
    with Terminal([sys.executable, "-c", HASTY, str(int(number))], {"PYTHONPATH": str(ROOT)}) as terminal:
        assert terminal.wait() == 0
        assert f"ended with {status}" in terminal.text
        assert "the end" in terminal.text
        assert "it came here" not in terminal.text
