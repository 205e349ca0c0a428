"""Copying in real terminals: a program that copies, and what it runs in."""

from __future__ import annotations

import getpass
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support.network import delayed
from tests.support.real_parts import need
from tests.support.servers.server import ROOT

LINKS = "https://links.example/s/Zq3vX0\nhttps://links.example/s/ünïcödé-密码"
SECONDS = 30

# Does what the command line does: copies through the terminal it was started from, and reports the result.
COPY = """
import json, os, pathlib, sys
from tui.terminal import desktop_clipboard, processes
from tui.terminal.clipboard import copy
from tui.terminal.controlling import ask_terminal, write_to_terminal
# On a busy machine, programs take longer than a user is let wait for a clipboard.
desktop_clipboard.PUT_SECONDS = desktop_clipboard.HOLD_SECONDS = 30
processes.run_quietly.__kwdefaults__["seconds"] = 30
result = copy(
    pathlib.Path(sys.argv[1]).read_text(),
    write_to_terminal,
    folder=pathlib.Path(sys.argv[3]) if sys.argv[3:] else None,
    identify=lambda: ask_terminal(os.environ, 30),
)
said = pathlib.Path(sys.argv[2])
said.with_suffix(".new").write_text(json.dumps([result.sure, result.way, result.sentence]))
said.with_suffix(".new").rename(said)
"""


def until(found: Callable[[], Any], what: str) -> Any:
    """The first truthy result of ``found``."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if answer := found():
            return answer
        time.sleep(0.02)
    raise AssertionError(f"{what} did not come within {SECONDS} s")


def plain_environment(**more: str) -> dict[str, str]:
    """An environment that reveals nothing about the terminal the tests themselves run in."""
    telling = (
        "SSH_",
        "TMUX",
        "STY",
        "DISPLAY",
        "WAYLAND",
        "XAUTHORITY",
        "WSL",
        "NO_COLOR",
        "COLORTERM",
        "TERM",
    )
    kept = {k: v for k, v in os.environ.items() if not k.startswith(telling)}
    return {**kept, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", **more}


class Tmux:
    """A tmux server of our own, with its default settings."""

    def __init__(self, folder: Path, name: str = "inner", **environment: str) -> None:
        self.socket = folder / f"{name}.sock"
        self.environment = plain_environment(**environment)

    def command(self, *arguments: str) -> list[str]:
        return ["tmux", "-S", str(self.socket), "-f", "/dev/null", *arguments]

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            self.command(*arguments), env=self.environment, capture_output=True, text=True, timeout=SECONDS
        )
        return done.stdout if done.returncode == 0 else ""

    def open(self, command: str) -> None:
        """Starts a session with a pane that runs ``command``."""
        self.run("new-session", "-d", "-x", "100", "-y", "30", command)

    def buffer(self) -> str:
        return self.run("show-buffer")

    def screen(self) -> str:
        return self.run("capture-pane", "-p").strip()

    def __enter__(self) -> Tmux:
        return self

    def __exit__(self, *_: object) -> None:
        self.run("kill-server")


class Ssh:
    """A real sshd and a client for it. They are connected by a pipe, so there is no port, and nothing keeps running."""

    def __init__(self, folder: Path, *, delay: float = 0.0) -> None:
        """``delay``: how many seconds it takes each way."""
        need("ssh", "ssh-keygen")
        server = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        if server is None:
            need("sshd")
        if os.geteuid() == 0:
            # As root, sshd wants the folder in which its unprivileged part is locked up.
            Path("/run/sshd").mkdir(exist_ok=True)
        for name in ("host", "id"):
            make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(make, check=True, timeout=SECONDS)
        (folder / "sshd_config").write_text(
            f"HostKey {folder}/host\nAuthorizedKeysFile {folder}/id.pub\nPasswordAuthentication no\nUsePAM no\n"
            "StrictModes no\nPermitRootLogin prohibit-password\n"
        )
        line = f"{sys.executable} {delayed.__file__} {delay} " if delay else ""
        self._config = folder / "ssh_config"
        self._config.write_text(
            f"Host there\nUser {getpass.getuser()}\nIdentityFile {folder}/id\nIdentitiesOnly yes\nLogLevel ERROR\n"
            f"StrictHostKeyChecking no\nUserKnownHostsFile /dev/null\n"
            f"ProxyCommand {line}{server} -i -f {folder}/sshd_config\n"
        )

    def command(self, remote: str) -> str:
        """A shell command line that runs ``remote`` in a terminal over there."""
        return shlex.join(["ssh", "-F", str(self._config), "-t", "there", remote])


class Copying:
    """The copying program, to be run in a terminal, and the result it reported."""

    def __init__(self, folder: Path, text: str = LINKS, *, links: bool = False) -> None:
        """``links``: what is copied is links, so it is also kept in a file."""
        self.kept = [str(folder / "kept")] if links else []
        self.text = folder / "text"
        self.text.write_text(text)
        self.said = folder / "said"
        self.said.unlink(missing_ok=True)
        self.script = folder / "copying.py"
        self.script.write_text(COPY)

    def command(self, *, after: str = "sleep 600", **environment: str) -> str:
        """A shell command line; ``after`` keeps the terminal open."""
        given = [f"{name}={value}" for name, value in environment.items()]
        words = ["env", *given, sys.executable, str(self.script), str(self.text), str(self.said), *self.kept]
        return f"{shlex.join(words)}; {after}"

    def result(self) -> tuple[bool, str, str]:
        until(self.said.exists, "the end of copying")
        sure, way, sentence = json.loads(self.said.read_text())
        return sure, way, sentence


def clipboard_of(display: str) -> str:
    done = subprocess.run(
        ["xclip", "-selection", "clipboard", "-o"],
        env=plain_environment(DISPLAY=display),
        capture_output=True,
        timeout=SECONDS,
    )
    return done.stdout.decode()


def put(display: str, text: str) -> None:
    subprocess.run(
        ["xclip", "-selection", "clipboard"],
        env=plain_environment(DISPLAY=display),
        input=text.encode(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=SECONDS,
        check=True,
    )
