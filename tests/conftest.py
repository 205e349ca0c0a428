"""Fixtures that all tests share: real servers in their own processes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.postgres import Postgres, running
from tests.support.server import ServerProcess
from tests.support.share import Sender


def pytest_xdist_auto_num_workers() -> int:
    """More at once than there are processors: most tests wait for a program that they have started."""
    return len(os.sched_getaffinity(0)) * 3 // 2 if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees, or writes to, the configuration of whoever runs it."""
    for name in ("SERVER", "TOKEN", "KEY", "WORK_SERVER", "WORK_TOKEN"):
        monkeypatch.delenv(f"SENTLINKS_{name}", raising=False)
    monkeypatch.setenv("SENTLINKS_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL of the tests' own."""
    with running() as started:
        yield started


@pytest.fixture(scope="module")
def database_url(request: pytest.FixtureRequest) -> Callable[[], str | None]:
    """What gives each server a database: a file in its folder, unless the module says ``DATABASE = "postgres"``."""
    if getattr(request.module, "DATABASE", "sqlite") == "postgres":
        started: Postgres = request.getfixturevalue("postgres")
        return started.database
    return lambda: None


@pytest.fixture(scope="module")
def server(
    database_url: Callable[[], str | None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    """An empty server, shared by the tests of a module."""
    data = tmp_path_factory.mktemp("server") / "data"
    with ServerProcess(data, database_url=database_url()) as process:
        yield process


@pytest.fixture
def fresh_server(database_url: Callable[[], str | None], tmp_path: Path) -> Iterator[ServerProcess]:
    """An empty server for one test, which may turn its clock or end it."""
    with ServerProcess(tmp_path / "data", database_url=database_url()) as process:
        yield process


@pytest.fixture(scope="module")
def sample_server(
    database_url: Callable[[], str | None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    """A server with the sample matters, shared by the tests of a module."""
    data = tmp_path_factory.mktemp("sample") / "data"
    with ServerProcess(data, database_url=database_url(), sample=True) as process:
        yield process


@pytest.fixture
def me(server: ServerProcess) -> Iterator[Sender]:
    """Somebody who sends, on the module's server."""
    with Sender(server) as sender:
        yield sender


@pytest.fixture
def alone(fresh_server: ServerProcess) -> Iterator[Sender]:
    """Somebody who sends, on a server of the test's own."""
    with Sender(fresh_server) as sender:
        yield sender
