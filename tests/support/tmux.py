"""A tmux just for the test: a real terminal, whose screen can be read with its colours."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

SECONDS = 60


def want_tmux() -> None:
    """Skips the test if there is no tmux; on CI (``CI=true``) it fails, so that this can't go unnoticed."""
    if shutil.which("tmux") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("tmux is missing")
        pytest.skip("tmux is not installed")


class Tmux:
    """A tmux server of its own with one pane."""

    def __init__(self, socket: Path, columns: int = 80, rows: int = 24) -> None:
        self._base = ["tmux", "-S", str(socket), "-f", "/dev/null"]
        self._size = ["-x", str(columns), "-y", str(rows)]

    def run(self, *arguments: str) -> str:
        return subprocess.run([*self._base, *arguments], capture_output=True, text=True, check=True).stdout

    def start(self, command: str, environ: Mapping[str, str]) -> None:
        given = [part for name, value in environ.items() for part in ("-e", f"{name}={value}")]
        self.run("new-session", "-d", *self._size, *given, f"{command}; echo ended $?; cat")

    def screen(self) -> str:
        return self.run("capture-pane", "-p", "-J")

    def keys(self, *keys: str) -> None:
        for key in keys:
            self.run("send-keys", "--", key)

    def until(self, pattern: str) -> re.Match[str]:
        """Waits until the screen matches ``pattern``."""
        deadline = time.monotonic() + SECONDS
        while True:
            screen = self.screen()
            if found := re.search(pattern, screen):
                return found
            assert time.monotonic() < deadline, f"no {pattern} in:\n{screen}"
            time.sleep(0.05)

    def coloured(self) -> str:
        """The screen with the colours, styles and links of its characters."""
        return self.run("capture-pane", "-p", "-e", "-N")

    def resize(self, columns: int, rows: int) -> None:
        self.run("resize-window", "-x", str(columns), "-y", str(rows))

    def close(self) -> None:
        subprocess.run([*self._base, "kill-server"], capture_output=True, check=False)
