"""A server that is down for a while, at any point of a send: the job waits for it, and nothing is done twice."""

from __future__ import annotations

import asyncio
import os
from functools import partial
from pathlib import Path

import pytest

from tests.support.network.away import Clock
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Call, LoseAnswer
from tests.support.sends.jobs import PIECE, FixedPace, count_sent, fetch, states
from tests.support.servers.server import ServerProcess
from tui.clients.share import ShareClient
from tui.rules.link_settings import LinkSettings
from tui.sending.job.job import SendJob
from tui.sending.plan import Plan
from tui.sending.sources import FileSource

#: A request that is lost when the server goes away; with a number, after so many more the answer to one is lost, too.
Point = tuple[str, str, int]
BEGINNING: list[Point] = [
    ("GET", "/me", 0), ("GET", "/policy", 0), ("GET", "/folder", 0), ("POST", "/v1/folder", 0),
    ("POST", "/sends", 0), ("POST", "/batch", 0),
]  # fmt: skip
UPLOADING: list[Point] = [("POST", "/uploads", 1), ("PATCH", "", 4), ("POST", "/documents", 1)]


@pytest.mark.parametrize(
    ("points", "seconds"),
    [(BEGINNING, 30), (UPLOADING, 30), (UPLOADING[-1:], 5)],
    ids=["beginning", "uploading", "not for long"],
)
async def test_it_is_waited_for(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving, tmp_path: Path, points: list[Point],
    seconds: float,
) -> None:  # fmt: skip
    """Whether the request itself or only its answer was lost, the job waits, and nothing is done twice."""
    before = await count_sent(share)
    paths = []
    for number, size in enumerate((10, 3 * PIECE, 4 * PIECE, 20)):
        paths.append(tmp_path / f"{number}.bin")
        paths[-1].write_bytes(os.urandom(size))
    clock = Clock()
    plan = Plan([FileSource.of(each) for each in paths])
    said: list[int] = []
    loop = asyncio.get_running_loop()

    def changed(_: int | None) -> None:
        if job.waiting:
            said.append(job.waiting)

    job = SendJob(share, None, plan, LinkSettings(), changed, patience=clock.patience(600))
    job._context.chunk_sizer = FixedPace(PIECE)
    lost: list[Point] = []
    outages = 0
    away = False

    def back() -> None:
        nonlocal away
        away = False
        proxy.up()

    def lose(point: Point) -> None:
        nonlocal away, outages
        lost.append(point)
        # Open connections are reset; of those that go on to the end, one may be lost while the server is away.
        if not away:
            away, outages = True, outages + 1
            loop.call_soon_threadsafe(lambda: clock.at(clock.now + seconds, back))
            proxy.refuse()
        raise ConnectionResetError

    for point in points:
        method, path, skip = point
        if skip:
            proxy.spoil(method, LoseAnswer(), path, skip=skip)
        proxy.spoil(method, Call(partial(lose, point)), path)
    await job.run()
    assert states(job) == ["succeeded"] * 4
    assert sorted(lost) == sorted(points)
    assert outages
    assert clock.now >= seconds * outages
    assert said
    assert [fetch(server, document) for document in job.documents] == [each.read_bytes() for each in paths]
    assert await count_sent(share) == before + 4
