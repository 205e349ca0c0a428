"""How screens look when empty, when full, and with malicious names."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.support.app.app import app_for
from tests.support.pictures.pictures import compare
from tests.support.pictures.states import MORE, OF_PEOPLE, fill_disk, hint, on_disk
from tests.support.servers.server import ServerProcess


@pytest.mark.parametrize("what", MORE)
async def test_looks(what: str, still_server: ServerProcess, snapshot: SnapshotAssertion) -> None:
    await compare(app_for(still_server, None), MORE[what], snapshot)


@pytest.mark.parametrize("user", OF_PEOPLE)
async def test_looks_to_others(
    user: str, still: tuple[ServerProcess, dict[str, str]], snapshot: SnapshotAssertion
) -> None:
    server, tokens = still
    await compare(app_for(server, None, token=tokens[user]), OF_PEOPLE[user], snapshot)


async def test_files_look(still_server: ServerProcess, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    fill_disk(tmp_path)
    await compare(app_for(still_server, None), on_disk(tmp_path), snapshot)


async def test_the_first_start_looks(
    still_server: ServerProcess, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    await compare(app_for(still_server, tmp_path / "state"), {"hint": hint}, snapshot)
