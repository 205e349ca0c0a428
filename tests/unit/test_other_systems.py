"""What only Linux has, on systems that lack it. ``.ci/long`` checks the types of all that would run there."""

from __future__ import annotations

import fcntl
import os
import sys
from pathlib import Path

import pytest

from tests.support.sends.journals import SEND, begun, found, left_behind
from tui.files.syncing import sync_data


@pytest.fixture
def syncs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """As on macOS, where nothing syncs the bytes of a file alone. Which calls synced instead."""
    called: list[str] = []
    fsync = os.fsync

    def noted(handle: int) -> None:
        called.append("fsync")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.delattr(os, "fdatasync")
    # No call of this system's: a file system that can't do it.
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 2**20, raising=False)
    monkeypatch.setattr(sys, "platform", "darwin")
    return called


def test_a_send_is_kept(tmp_path: Path, syncs: list[str]) -> None:
    journal = begun(tmp_path, "a.txt")
    before = len(syncs)
    journal.opened(SEND)
    assert len(syncs) > before
    left_behind(journal)
    (one,) = found(tmp_path)
    assert one.contents.opened == [SEND]


def test_bytes_are_synced_past_the_drives_memory(
    tmp_path: Path, syncs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the file system can do that."""
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", fcntl.F_GETFD)
    with (tmp_path / "file").open("wb") as file:
        sync_data(file.fileno())
    assert syncs == []
