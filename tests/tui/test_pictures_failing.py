"""How screens look when something fails or is being sent; and whether an app whose size and colours were changed looks
like one that was started with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.support.app.app import app_for, settled
from tests.support.app.failing import FAILING, Failing, documents_fail, unreachable
from tests.support.checks.long import few
from tests.support.network.misbehave import Misbehaving
from tests.support.pictures.picture import Picture, rows_of
from tests.support.pictures.pictures import compare, pictures, unpainted
from tests.support.pictures.scene_start import ARGUMENTS, STANDS_AT, Scene
from tests.support.pictures.scenes import SCENES
from tests.support.pictures.send_scenes import SENDING
from tests.support.servers.server import ServerProcess
from tui.clients.target import Target
from tui.config.preferences import Preferences
from tui.session import Session
from tui.ui.app import SentlinksApp


def _through(proxy: Misbehaving, scene: Failing) -> Scene:
    return lambda pilot: scene(pilot, proxy)


async def test_looks(still_server: ServerProcess, snapshot: SnapshotAssertion) -> None:
    with Misbehaving(still_server.url) as proxy:
        app = app_for(still_server, None, url=proxy.url)
        scenes = {name: _through(proxy, scene) for name, scene in FAILING.items()}
        await compare(app, scenes, snapshot, at_end=proxy.behave)


async def test_a_server_that_is_not_there_looks(snapshot: SnapshotAssertion) -> None:
    app = SentlinksApp(Session(Target("http://127.0.0.1:9", "x"), demo=False))
    await compare(app, {"unreachable": unreachable}, snapshot)


async def test_what_sends_looks(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    with (
        ServerProcess(tmp_path / "data", sample=True, arguments=ARGUMENTS, stands_at=STANDS_AT) as server,
        Misbehaving(server.url) as proxy,
    ):
        app = app_for(server, None, url=proxy.url)
        scenes = {**SENDING, "failed-send": _through(proxy, documents_fail)}
        await compare(app, scenes, snapshot)


@few(1)
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
    async with unpainted(app_for(still_server, None)) as pilot:
        await SCENES[scene](pilot)
        [taken] = [picture async for _, picture in pictures(pilot, {size: (theme,)})]
    if theme == "mono":
        monkeypatch.setenv("NO_COLOR", "1")
    app = app_for(still_server, None, preferences=Preferences(theme=theme))
    async with app.run_test(size=size) as pilot:
        await SCENES[scene](pilot)
        await settled(pilot)
        started = Picture.of({theme: rows_of(app)})
    assert list(taken.differences(started)) == []
