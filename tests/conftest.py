"""Fixtures that all tests share: real servers in their own processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.postgres import Postgres, running
from tests.support.server import ServerProcess


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees, or writes to, the configuration of whoever runs it."""
    for name in ("SENTLINKS_SERVER", "SENTLINKS_TOKEN", "SENTLINKS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SENTLINKS_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """An empty server, shared by the tests of a module."""
    with ServerProcess(tmp_path_factory.mktemp("server") / "data") as process:
        yield process


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[ServerProcess]:
    """An empty server for one test, which may turn its clock or end it."""
    with ServerProcess(tmp_path / "data") as process:
        yield process


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL of the tests' own."""
    with running() as started:
        yield started


@pytest.fixture(scope="module")
def sample_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server with the sample matters, shared by the tests of a module."""
    with ServerProcess(tmp_path_factory.mktemp("sample") / "data", sample=True) as process:
        yield process
