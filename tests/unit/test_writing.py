"""Writing many pieces to a file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from tui.server.blobs import writing


@pytest.mark.parametrize("most", [1, 5, 1_000_000])
def test_what_the_system_writes_only_in_part_is_written_whole(
    most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it may on a signal; and it takes a limited number of pieces in one call."""
    system = os.writev

    def writev(handle: int, pieces: Sequence[memoryview]) -> int:
        return system(handle, [b"".join(pieces)[:most]])

    monkeypatch.setattr(os, "writev", writev)
    pieces = [bytes([number % 256]) * (number % 7) for number in range(2500)]
    path = tmp_path / "file"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        writing.write_all(handle, pieces)
        writing.write_all(handle, [])
        monkeypatch.undo()
        writing.write_all(handle, pieces)
    finally:
        os.close(handle)
    assert path.read_bytes() == b"".join(pieces) * 2
