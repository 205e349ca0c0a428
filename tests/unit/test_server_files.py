"""Files that only the server may read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.server.files import write_private


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
