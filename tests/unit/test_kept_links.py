"""The file that keeps the links of the last send for a day."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tui.terminal import clipboard, kept_links

LINKS = "https://links.example/s/one\nhttps://links.example/s/two"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_links_are_kept_in_a_private_file(tmp_path: Path) -> None:
    """S22: 0600 in a 0700 folder, whatever the umask; the message gives its path."""
    folder = tmp_path / "state" / "sentlinks"
    earlier = os.umask(0)
    try:
        result = clipboard.copy(LINKS, folder=folder, environ={"TERM": "xterm", "PATH": "/nowhere"})
    finally:
        os.umask(earlier)
    assert result.file is not None
    assert str(result.file) in result.sentence
    assert result.file.read_text() == LINKS + "\n"
    assert mode(result.file) == 0o600
    assert mode(folder) == 0o700
    assert list(folder.iterdir()) == [result.file]


def test_the_next_send_takes_the_place_of_the_last(tmp_path: Path) -> None:
    first = kept_links.keep_links("one and much more", tmp_path)
    second = kept_links.keep_links("two", tmp_path)
    assert first == second
    assert second.read_text() == "two\n"
    assert list(tmp_path.iterdir()) == [second]


def test_links_are_not_followed(tmp_path: Path) -> None:
    """A symbolic link in the file's place is replaced; its target is left alone."""
    victim = tmp_path / "victim"
    victim.write_text("precious")
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / kept_links.FILE_NAME).symlink_to(victim)
    kept = kept_links.keep_links(LINKS, folder)
    assert victim.read_text() == "precious"
    assert not kept.is_symlink()
    assert mode(kept) == 0o600


def test_an_open_file_of_that_name_is_closed_again(tmp_path: Path) -> None:
    loose = tmp_path / kept_links.FILE_NAME
    loose.write_text("old")
    loose.chmod(0o666)
    assert mode(kept_links.keep_links(LINKS, tmp_path)) == 0o600


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """The links are sent anyway; the message does not claim that they were kept."""
    blocked = tmp_path / "blocked"
    blocked.write_text("a file")
    written: list[str] = []
    result = clipboard.copy(
        LINKS, written.append, folder=blocked / "state", environ={"TERM": "xterm", "PATH": "/nowhere"}
    )
    assert written
    assert result.file is None
    assert f"Not saved in {blocked / 'state'}: a part of its path is a file." in result.sentence
    result = clipboard.copy(LINKS, folder=blocked, environ={"TERM": "xterm", "PATH": "/nowhere"})
    assert f"Not saved in {blocked}: it is a file." in result.sentence
    (tmp_path / kept_links.FILE_NAME).mkdir()
    result = clipboard.copy(LINKS, folder=tmp_path, environ={"TERM": "xterm", "PATH": "/nowhere"})
    assert result.file is None
    assert sorted(p.name for p in tmp_path.iterdir()) == ["blocked", kept_links.FILE_NAME]


def test_a_hostile_place_is_shown_harmless(tmp_path: Path) -> None:
    result = clipboard.copy(
        LINKS, folder=tmp_path / "a\x1b[31mb", environ={"TERM": "xterm", "PATH": "/nowhere"}
    )
    assert "\x1b" not in result.sentence


def test_what_was_kept_goes_after_a_day(tmp_path: Path) -> None:
    kept = kept_links.keep_links(LINKS, tmp_path)
    other = tmp_path / "other.txt"
    other.write_text("not ours")
    left = tmp_path / ".links-0123"
    left.write_text("of a crash")
    written = datetime(2026, 11, 27, 12, tzinfo=UTC)
    for file in (kept, left):
        os.utime(file, (written.timestamp(), written.timestamp()))
    kept_links.forget_old(tmp_path, written + timedelta(hours=23, minutes=59, seconds=59))
    assert kept.exists()
    assert left.exists()
    kept_links.forget_old(tmp_path, written + timedelta(hours=24))
    assert [p.name for p in tmp_path.iterdir()] == ["other.txt"]
    kept_links.forget_old(tmp_path, written + timedelta(days=3))
    kept_links.forget_old(tmp_path / "missing", written)


def test_forgetting_follows_no_link(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / kept_links.FILE_NAME).symlink_to(victim)
    kept_links.forget_old(folder, datetime.now(UTC) + timedelta(days=2))
    assert victim.read_text() == "precious"
    assert list(folder.iterdir()) == []
