"""What is said once after an upgrade: which version of the app ran last is kept in the state folder."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import tui
from tui import guides
from tui.ui.base.hints import is_newer


@pytest.mark.parametrize(
    ("before", "newer"),
    [
        ("0.9.12\n", True),
        ("1.9.0", True),
        ("1.10", True),
        ("1.10.0\n", False),
        ("1.11.0\n", False),
        ("2.0.0\n", False),
        (None, True),
        ("", True),
        ("\0\xff\n", True),
        ("1..2", True),
        ("latest", True),
        ("9" * 10_000, True),
    ],
    ids=lambda each: repr(each)[:16],
)
def test_it_is_newer_once(
    before: str | None, newer: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tui, "__version__", "1.10.0")
    file = tmp_path / "version"
    if before is not None:
        file.write_text(before, encoding="latin-1")
    assert is_newer(tmp_path) is newer
    assert file.read_text() == ("1.10.0\n" if newer else before)
    assert not is_newer(tmp_path)
    # An older one says nothing, and neither does this one after that.
    monkeypatch.setattr(tui, "__version__", "1.8.3")
    assert not is_newer(tmp_path)
    monkeypatch.setattr(tui, "__version__", "1.10.0")
    assert not is_newer(tmp_path)
    monkeypatch.setattr(tui, "__version__", "2.0.1")
    assert is_newer(tmp_path)


def test_of_many_apps_at_once_one_is_told(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(lambda _: is_newer(tmp_path), range(64))) == 1


def test_a_file_that_is_in_use_is_left_alone(tmp_path: Path) -> None:
    holding = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, 2); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", holding, tmp_path / "version"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        assert not is_newer(tmp_path)
        holder.communicate(b"\n")
    assert is_newer(tmp_path)


def test_where_nothing_can_be_kept_nothing_is_told(tmp_path: Path) -> None:
    assert not is_newer(tmp_path / "missing")
    (tmp_path / "version").mkdir()
    assert not is_newer(tmp_path)


@pytest.mark.skipif(not Path("/proc/version").exists(), reason="not Linux")
@pytest.mark.parametrize("folder", ["/proc/self", "/proc"])
def test_in_a_folder_that_is_read_only_nothing_is_told(folder: str) -> None:
    """Not even root can make a file in the first, or write to that of the second."""
    assert not is_newer(Path(folder))


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("0.1")
    (tmp_path / "version").symlink_to("precious")
    assert not is_newer(tmp_path)
    assert (tmp_path / "precious").read_text() == "0.1"


def test_the_newest_changes_are_of_this_version_and_short() -> None:
    version, sentence = guides.newest_changes()
    assert version == tui.__version__
    assert sentence.endswith(".")
    assert len(sentence) <= 72
