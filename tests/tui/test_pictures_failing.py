"""How screens look when something fails or is being sent; and whether an app whose size and colours were changed looks
like one that was started with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.support.app import app_for, settled
from tests.support.failing import FAILING, documents_fail, unreachable
from tests.support.misbehave import Misbehaving
from tests.support.picture import Picture, rows_of
from tests.support.pictures import compare, pictures
from tests.support.scenes import SCENES
from tests.support.send_scenes import SENDING
from tests.support.server import ServerProcess
from tests.support.stage import ARGUMENTS, STANDS_AT
from tui.app import SentlinksApp
from tui.clients.target import Target
from tui.config.preferences import Preferences
from tui.session import Session


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[ServerProcess]:
    """For tests that leave something behind."""
    with ServerProcess(tmp_path / "data", sample=True, arguments=ARGUMENTS, stands_at=STANDS_AT) as server:
        yield server


@pytest.mark.parametrize("scene", FAILING)
async def test_looks(scene: str, still_server: ServerProcess, snapshot: SnapshotAssertion) -> None:
    with Misbehaving(still_server.url) as proxy:
        app = app_for(still_server, None, url=proxy.url)
        await compare(app, scene, lambda pilot: FAILING[scene](pilot, proxy), snapshot)


async def test_a_server_that_is_not_there_looks(snapshot: SnapshotAssertion) -> None:
    app = SentlinksApp(Session(Target("http://127.0.0.1:9", "x"), demo=False))
    await compare(app, "unreachable", unreachable, snapshot)


@pytest.mark.parametrize("scene", SENDING)
async def test_what_sends_looks(scene: str, own_server: ServerProcess, snapshot: SnapshotAssertion) -> None:
    await compare(app_for(own_server, None), scene, SENDING[scene], snapshot)


async def test_a_failed_send_looks(own_server: ServerProcess, snapshot: SnapshotAssertion) -> None:
    with Misbehaving(own_server.url) as proxy:
        app = app_for(own_server, None, url=proxy.url)
        await compare(app, "failed-send", lambda pilot: documents_fail(pilot, proxy), snapshot)


@pytest.mark.parametrize(
    ("scene", "size", "theme"),
    [
        ("folder", (60, 20), "dark of 256"),
        ("menu", (80, 24), "16"),
        ("filtered", (120, 40), "mono"),
    ],
)
async def test_an_app_started_so_looks_the_same(
    scene: str,
    size: tuple[int, int],
    theme: str,
    still_server: ServerProcess,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = app_for(still_server, None)
    [taken] = [picture async for _, picture in pictures(app, SCENES[scene], {size: (theme,)})]
    if theme == "mono":
        monkeypatch.setenv("NO_COLOR", "1")
    app = app_for(still_server, None, preferences=Preferences(theme=theme))
    async with app.run_test(size=size) as pilot:
        await SCENES[scene](pilot)
        await settled(pilot)
        started = Picture.of({theme: rows_of(app)})
    assert list(taken.differences(started)) == []
