"""The installed command in a real terminal multiplexer, by keys alone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.sample import matters

SECONDS = 60


class Tmux:
    """A tmux server of its own with one pane."""

    def __init__(self, folder: Path, columns: int, rows: int) -> None:
        self._base = ["tmux", "-S", str(folder / "tmux"), "-f", "/dev/null"]
        self._size = ["-x", str(columns), "-y", str(rows)]

    def run(self, *arguments: str) -> str:
        return subprocess.run([*self._base, *arguments], capture_output=True, text=True, check=True).stdout

    def start(self, command: str, environ: dict[str, str]) -> None:
        given = [part for name, value in environ.items() for part in ("-e", f"{name}={value}")]
        self.run("new-session", "-d", *self._size, *given, f"{command}; echo ended $?; cat")

    def screen(self) -> str:
        return self.run("capture-pane", "-p", "-J")

    def keys(self, *keys: str) -> None:
        for key in keys:
            self.run("send-keys", "--", key)

    def until(self, pattern: str) -> re.Match[str]:
        """Waits until the screen holds ``pattern``."""
        deadline = time.monotonic() + SECONDS
        while True:
            screen = self.screen()
            if found := re.search(pattern, screen):
                return found
            assert time.monotonic() < deadline, f"no {pattern} in:\n{screen}"
            time.sleep(0.05)


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    if shutil.which("tmux") is None:
        if os.environ.get("CI"):
            pytest.fail("tmux is missing")
        pytest.skip("tmux is not installed")
    found = Tmux(tmp_path, 80, 24)
    yield found
    subprocess.run([*found._base, "kill-server"], capture_output=True, check=False)


def latest(file_name: str) -> bytes:
    return next(d.latest.read() for _, d in matters().documents() if d.file_name == file_name)


def test_the_main_job_in_the_demo(tmux: Tmux, tmp_path: Path) -> None:
    """Three chosen, one renamed, one moved, one removed, a password, sent: the draft shows two links in the order
    chosen and not the password, and curl gets the documents."""
    command = shutil.which("sentlinks", path=str(Path(sys.executable).parent))
    assert command, "the command is not installed beside this Python"
    (tmp_path / "home").mkdir()
    tmux.start(f"{command} demo", {"SENTLINKS_HOME": str(tmp_path / "home"), "TERM": "screen-256color"})
    tmux.until(r"Call Notes - Castellan\.txt")
    tmux.until(r"s Secure Sent Links")
    tmux.keys("j", "Space", "Space", "Space")
    tmux.until(r"3 selected")
    tmux.keys("s")
    tmux.until(r"1 Call Notes")
    tmux.until(r"3 documents")
    tmux.keys("e", "C-u", *"Notes", "Enter")
    tmux.until(r"1 Call Notes.*Notes\.txt")
    tmux.keys("Down", "K")
    tmux.until(r"1 Cap Table[^\n]*\n[^\n]*2 Call Notes")
    tmux.keys("End", "d")
    tmux.until(r"2 documents")
    tmux.keys("C-g")
    password = tmux.until(r"Password +(\S{20})")[1]
    tmux.keys("C-s")
    tmux.until(r"Draft e-mail")
    screen = tmux.until(r"(?s)Cap Table after Completion\.xlsx.*?/s/\w+.*?Notes\.txt.*?/s/\w+.*")[0]
    assert password not in screen
    urls = re.findall(r"http://127\.0\.0\.1:\d+/s/\w+", screen)
    assert len(urls) == 2
    (tmp_path / "password").write_text(password)
    for url, name in zip(
        urls, ("Cap Table after Completion.xlsx", "Call Notes - Castellan.txt"), strict=True
    ):
        fetched = tmp_path / "fetched"
        subprocess.run(
            [
                "curl",
                "-sfL",
                "-o",
                str(fetched),
                "--data-urlencode",
                f"password@{tmp_path / 'password'}",
                url,
            ],
            check=True,
        )
        assert fetched.read_bytes() == latest(name)
    tmux.keys("Escape")
    tmux.until(r"2 documents sent")
    tmux.keys("q")
    tmux.until(r"ended 0")
    assert subprocess.run(["curl", "-s", "-o", "/dev/null", urls[0]], check=False).returncode == 7
