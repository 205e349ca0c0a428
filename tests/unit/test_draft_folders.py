"""The temporary folders of drafts: private, deleted even if the program ends, and swept after a crash (S22)."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.servers.server import ROOT
from tui.mail.temporary import DraftFolder, left_behind, sweep

SECONDS = 60


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def old(path: Path) -> Path:
    os.utime(path, (0, 0))
    return path


def wait_until_gone(path: Path) -> None:
    end = time.monotonic() + SECONDS
    while path.exists():
        assert time.monotonic() < end, "it stays"
        time.sleep(0.01)


def test_only_what_no_program_uses_is_swept(temporary: Path) -> None:
    used = DraftFolder()
    assert stat.S_IMODE(used.path.stat().st_mode) == 0o700
    left = temporary / "sentlinks-draft-left"
    left.mkdir()
    (left / "draft.eml").write_text("https://links.example/s/1")
    young, other = temporary / "sentlinks-draft-young", temporary / "other"
    young.mkdir()
    (temporary / "sentlinks-draft-file").write_text("")
    other.mkdir()
    (temporary / "sentlinks-draft-link").symlink_to(other)
    for path in (used.path, left, other, temporary / "sentlinks-draft-file"):
        old(path)
    assert list(left_behind()) == [left]
    sweep()
    assert sorted(path.name for path in temporary.iterdir()) == sorted(
        ["other", used.path.name, "sentlinks-draft-file", "sentlinks-draft-link", "sentlinks-draft-young"]
    )
    used.delete()
    assert not used.path.exists()


CRASHES = """
import os, tempfile
tempfile.tempdir = os.environ["FOLDER"]
from tui.mail.temporary import DraftFolder
folder = DraftFolder()
(folder.path / "draft.eml").write_text("https://links.example/s/1")
os.kill(os.getpid(), 9)
"""


def test_what_a_killed_program_leaves_is_swept(temporary: Path) -> None:
    environ = {**os.environ, "FOLDER": str(temporary), "PYTHONPATH": str(ROOT)}
    assert subprocess.run([sys.executable, "-c", CRASHES], env=environ, check=False).returncode == -9
    (left,) = temporary.iterdir()
    old(left)
    sweep()
    assert list(temporary.iterdir()) == []


ENDS = """
import os, sys, tempfile
tempfile.tempdir = os.environ["FOLDER"]
from tui.mail.temporary import DraftFolder
DraftFolder().delete_later(0.5)
"""


def test_it_is_deleted_after_the_program_has_ended(temporary: Path) -> None:
    """As long as that takes, it counts as used."""
    environ = {**os.environ, "FOLDER": str(temporary), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", ENDS.replace("0.5", "3600")], env=environ, check=True)
    (left,) = temporary.iterdir()
    old(left)
    assert list(left_behind()) == []
    found = subprocess.run(["pgrep", "-f", str(left)], capture_output=True, text=True, check=True)
    for each in found.stdout.split():
        os.kill(int(each), 9)
    left.rmdir()
    subprocess.run([sys.executable, "-c", ENDS], env=environ, check=True)
    wait_until_gone(next(iter(temporary.iterdir()), temporary / "gone"))
