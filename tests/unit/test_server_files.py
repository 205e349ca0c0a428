"""Files that only the server may read."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tui.rules.errors import Failed
from tui.server.base.files import create_private, write_private
from tui.server.base.keys import KeyLost, load_keys, make_keys
from tui.server.base.signing_key import load_signing_key


def test_a_line_is_written_over_an_older_one(tmp_path: Path) -> None:
    for text in ("one", "two"):
        write_private(tmp_path / "token", text)
    assert (tmp_path / "token").read_text() == "two\n"
    assert (tmp_path / "token").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["token"]


def test_nothing_is_left_where_it_cannot_be_written(tmp_path: Path) -> None:
    """On a full disk, each attempt, one a minute, would otherwise leave a file."""
    (tmp_path / "token" / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match="irectory"):
        write_private(tmp_path / "token", "text")
    assert [path.name for path in tmp_path.iterdir()] == ["token"]


def without_links(*_: object) -> None:
    raise OSError(errno.EPERM, "no links here")


@pytest.mark.parametrize("links", [True, False])
def test_one_that_is_there_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", without_links)
    assert create_private(tmp_path / "key", "one")
    assert not create_private(tmp_path / "key", "two")
    assert (tmp_path / "key").read_text() == "one\n"
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "key").stat().st_nlink == 1
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


# ---------------------------------------------------------------- keys


def test_a_key_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At no moment before its bytes are on the disk does it have its name."""
    there: list[bool] = []

    def fsync(handle: int) -> None:
        there.append((tmp_path / "key").exists())
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="full"):
        make_keys(tmp_path)
    assert there == [False]
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(KeyLost):
        load_keys(tmp_path)


def emptied(path: Path) -> None:
    path.touch(0o600)


def as_a_folder(path: Path) -> None:
    path.mkdir(0o700)


def as_a_pipe(path: Path) -> None:
    os.mkfifo(path, 0o600)


@pytest.mark.parametrize(("make", "code", "words"), [
    (emptied, "malformed", "is empty. Restore it from a backup, or copy it from another machine"),
    (as_a_folder, "no_file", "isn't a file. Move it away, and restore the key from a backup."),
    (as_a_pipe, "no_file", "isn't a file. Move it away, and restore the key from a backup."),
])  # fmt: skip
def test_it_is_said_what_to_do_about_what_is_no_key(
    tmp_path: Path, make: Callable[[Path], None], code: str, words: str
) -> None:
    for name, load in (("key", load_keys), ("signing.key", load_signing_key)):
        make(tmp_path / name)
        with pytest.raises(Failed) as refused:
            load(tmp_path)
        assert refused.value.code.endswith(f"key.{code}")
        assert refused.value.message.startswith(
            f"The key {'in ' if make is emptied else ''}{tmp_path / name}"
        )
        assert words in refused.value.message


def as_a_loop(path: Path) -> None:
    path.symlink_to(path)


def behind_a_file(path: Path) -> None:
    (path.parent / "file").touch()
    path.symlink_to("file/key")


@pytest.mark.parametrize("make", [as_a_loop, behind_a_file])
def test_a_link_that_leads_nowhere_is_no_matter_of_owners(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    for name, load in (("key", load_keys), ("signing.key", load_signing_key)):
        (tmp_path / "file").unlink(missing_ok=True)
        make(tmp_path / name)
        with pytest.raises(Failed) as refused:
            load(tmp_path)
        assert refused.value.code == "key.unreadable"
        assert refused.value.message.startswith(f"The key {tmp_path / name} can't be read (")
        assert refused.value.message.endswith("). Move it away, and restore the key from a backup.")


def test_a_key_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_keys(tmp_path)

    def unreadable(*_: object, **__: object) -> bytes:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "read", unreadable)
    with pytest.raises(Failed) as refused:
        load_keys(tmp_path)
    assert refused.value.code == "key.unreadable"
    assert refused.value.message.endswith("Run the server as its owner.")
