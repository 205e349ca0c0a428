"""What the status line says once: to a new user, and after an upgrade."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.app.app import app_for, main_screen, said, settled
from tests.support.checks.long import more
from tests.support.network.misbehave import Misbehaving
from tests.support.sends.killed_sends import again, killed_app
from tests.support.servers.server import ServerProcess
from tui import guides

VERSION, SENTENCE = guides.newest_changes()
NEW = f"New in {VERSION}: {SENTENCE[0].lower()}{SENTENCE[1:]} More: f3, changes; or sentlinks help changes."
OLD = "0.9.0\n"


async def said_at_start(server: ServerProcess, state: Path | None) -> str:
    app = app_for(server, state)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        assert app.screen is main
        return said(main)


async def test_a_first_hint_is_given_once(sample_server: ServerProcess, tmp_path: Path) -> None:
    """To a new user, nothing is new in this version."""
    for expected in ("New here? space selects documents, s sends them, f1 is help.", "", ""):
        assert await said_at_start(sample_server, tmp_path) == expected
    assert (tmp_path / "version").read_text() == f"{VERSION}\n"


@more
@pytest.mark.parametrize("before", [OLD, None, "not a version"])
async def test_what_is_new_is_said_once_after_an_upgrade(
    sample_server: ServerProcess, tmp_path: Path, before: str | None
) -> None:
    (tmp_path / "seen").touch()
    if before is not None:
        (tmp_path / "version").write_text(before)
    for expected in (NEW, ""):
        assert await said_at_start(sample_server, tmp_path) == expected
        assert (tmp_path / "version").read_text() == f"{VERSION}\n"


@more
async def test_after_a_newer_version_nothing_is_new(sample_server: ServerProcess, tmp_path: Path) -> None:
    (tmp_path / "seen").touch()
    (tmp_path / "version").write_text("99.0.0\n")
    assert await said_at_start(sample_server, tmp_path) == ""
    assert (tmp_path / "version").read_text() == "99.0.0\n"


@more
async def test_nothing_is_said_where_it_cannot_be_noted(sample_server: ServerProcess, tmp_path: Path) -> None:
    """It would be said at each start."""
    (tmp_path / "seen").touch()
    (tmp_path / "version").mkdir()
    assert await said_at_start(sample_server, tmp_path) == ""
    assert await said_at_start(sample_server, None) == ""


@pytest.fixture
def proxy(server: ServerProcess) -> Iterator[Misbehaving]:
    with Misbehaving(server.url) as found:
        yield found


@more
async def test_it_does_not_cover_a_send_that_was_interrupted(
    server: ServerProcess, proxy: Misbehaving, paths: list[Path], state: Path
) -> None:
    """What is new waits for a start at which nothing else is said."""
    await killed_app(server, proxy, state, paths)
    (state / "version").write_text(OLD)
    async with again(server, proxy, state) as (_, main):
        assert said(main).startswith("Your last send was interrupted: ")
    assert (state / "version").read_text() == OLD
