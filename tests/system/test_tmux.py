"""The installed command in a real terminal multiplexer, driven by keys alone."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.terminal.tmux import Tmux
from tui.sample import matters


def latest(file_name: str) -> bytes:
    return next(d.latest.read() for _, d in matters().documents() if d.file_name == file_name)


def test_the_main_job_in_the_demo(tmux: Tmux, tmp_path: Path) -> None:
    """Three documents selected, one renamed, one moved, one removed, a password set, a hidden sheet sent: the draft
    shows two links in the chosen order and the password on request only, and curl gets the documents."""
    command = shutil.which("sentlinks", path=str(Path(sys.executable).parent))
    assert command, "the command is not installed beside this Python"
    (tmp_path / "home").mkdir()
    tmux.start(f"{command} demo", {"SENTLINKS_HOME": str(tmp_path / "home"), "TERM": "screen-256color"})
    tmux.until(r"Call Notes - C")
    tmux.until(r"s Secure Sent Links")
    tmux.keys("j", "Space", "Space", "Space")
    tmux.until(r"3 selected")
    tmux.keys("s")
    tmux.until(r"1 Call Notes")
    tmux.until(r"3 documents")
    tmux.keys("e", "C-u", *"Notes", "Enter")
    tmux.until(r"1 Notes\.txt .*Call Not")
    tmux.keys("Down", "K")
    tmux.until(r"1 Cap Tab[^\n]*\n[^\n]*2 Notes")
    tmux.keys("End", "d")
    tmux.until(r"2 documents")
    tmux.keys("C-g", "C-r")
    password = tmux.until(r"Password: ([a-z-]{27,40})")[1]
    tmux.keys("C-s")
    tmux.until(r"(?s)Send this document with what it carries\?.*Cap Table[^\n]*hidden sheet")
    tmux.keys("y")
    tmux.until(r"Draft e-mail")
    screen = tmux.until(r"(?s)Cap Table after Completion\.xlsx.*?/s/\w+.*Copied to tmux")[0]
    assert password not in screen
    urls = re.findall(r"http://127\.0\.0\.1:\d+/s/\w+", tmux.run("show-buffer"))
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
    tmux.keys("C-r")
    tmux.until(re.escape(password))
    tmux.keys("Escape")
    tmux.until(r"2 documents sent")
    tmux.keys("q")
    tmux.until(r"ended 0")
    assert subprocess.run(["curl", "-s", "-o", "/dev/null", urls[0]], check=False).returncode == 7
