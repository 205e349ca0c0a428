"""Fixtures shared by the tests of whole programs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.tmux import Tmux, want_tmux


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    want_tmux()
    found = Tmux(tmp_path / "tmux")
    yield found
    found.close()
