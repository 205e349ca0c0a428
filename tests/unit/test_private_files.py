"""Files that only the current user can access."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from tui.files.private_files import create_private, take_name, write_private

#: As long as a name can be.
LONG = "n" * 255


@pytest.mark.parametrize("name", ["token", LONG])
def test_one_is_written_over_an_older_one(tmp_path: Path, name: str) -> None:
    path, umask = tmp_path / name, os.umask(0)
    try:
        for content in (b"one and much more", b"two"):
            write_private(path, content)
    finally:
        os.umask(umask)
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("other")
    (tmp_path / "link").symlink_to("other")
    write_private(tmp_path / "link", b"mine")
    assert (tmp_path / "other").read_text() == "other"
    assert not (tmp_path / "link").is_symlink()
    with pytest.raises(FileExistsError):
        create_private(tmp_path / "link", b"new")
    (tmp_path / "nowhere").symlink_to("missing")
    with pytest.raises(FileExistsError):
        create_private(tmp_path / "nowhere", b"new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "nowhere", "other"]


@pytest.mark.parametrize("write", [write_private, create_private])
def test_one_that_cannot_be_completed_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: object
) -> None:
    def fsync(handle: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    assert callable(write)
    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="full"):
        write(tmp_path / "key", b"content")
    monkeypatch.undo()
    with pytest.raises(ValueError, match="null"):
        write(tmp_path / "nul\0", b"content")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("without", [None, errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP])
def test_a_name_that_is_taken_is_not_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without: int | None
) -> None:
    """On file systems without links, too."""

    def without_links(*_: object) -> None:
        raise OSError(without, "no links here")

    if without is not None:
        monkeypatch.setattr(os, "link", without_links)
    create_private(tmp_path / "key", b"one")
    with pytest.raises(FileExistsError):
        create_private(tmp_path / "key", b"two")
    assert (tmp_path / "key").read_bytes() == b"one"
    assert (tmp_path / "key").stat().st_nlink == 1
    other = tmp_path / "other"
    other.write_text("three")
    with pytest.raises(FileExistsError):
        take_name(other, tmp_path / "key")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["key", "other"]
    take_name(other, tmp_path / "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["key", "new"]
