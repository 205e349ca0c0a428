"""Hypothesis settings and fixtures shared by the unit tests."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.app.browsing import Desk
from tests.support.app.fake_lists import LOCATIONS
from tests.support.checks.long import cases
from tui.terminal.processes import run_quietly

# A time limit per example would only measure how busy the machine is. HYPOTHESIS_EXAMPLES=5000 searches harder.
settings.register_profile(
    "unit",
    deadline=None,
    max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", cases(60, 1000))),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("unit")


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A list that shows the first three of a shelf's eleven documents."""
    desk = Desk()
    desk.opened(LOCATIONS[0])
    yield desk
    desk.close()


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Path]:
    """Creates a program in a folder that, with the shell's, is the whole search path. It has time to answer, however
    busy the machine is."""
    defaults = run_quietly.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "seconds", 60.0)
    folder = tmp_path / "bin"
    folder.mkdir()

    def make(name: str, script: str) -> Path:
        file = folder / name
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        return folder

    return make


@pytest.fixture
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The system's zone is UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
