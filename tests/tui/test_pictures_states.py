"""How screens look when empty, when full, and with malicious names."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.support.app import app_for
from tests.support.pictures import compare
from tests.support.server import ServerProcess
from tests.support.states import MORE, OF_PEOPLE, ON_DISK, fill_disk, hint, on_disk, sign_in_people


@pytest.fixture(scope="module")
def tokens(still_server: ServerProcess) -> dict[str, str]:
    return sign_in_people(still_server)


@pytest.mark.parametrize("scene", MORE)
async def test_looks(
    scene: str, still_server: ServerProcess, tokens: dict[str, str], snapshot: SnapshotAssertion
) -> None:
    await compare(app_for(still_server, None), scene, MORE[scene], snapshot)


@pytest.mark.parametrize("scene", OF_PEOPLE)
async def test_looks_to_others(
    scene: str, still_server: ServerProcess, tokens: dict[str, str], snapshot: SnapshotAssertion
) -> None:
    user, play = OF_PEOPLE[scene]
    await compare(app_for(still_server, None, token=tokens[user]), scene, play, snapshot)


@pytest.mark.parametrize("scene", ON_DISK)
async def test_files_look(
    scene: str,
    still_server: ServerProcess,
    tokens: dict[str, str],
    tmp_path: Path,
    snapshot: SnapshotAssertion,
) -> None:
    fill_disk(tmp_path)
    await compare(app_for(still_server, None), scene, on_disk(tmp_path)[scene], snapshot)


async def test_the_first_start_looks(
    still_server: ServerProcess, tokens: dict[str, str], tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    await compare(app_for(still_server, tmp_path / "state"), "hint", hint, snapshot)
