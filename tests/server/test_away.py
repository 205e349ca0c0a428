"""A server that is down for a while, at any point of a send: the job waits for it, and nothing is done twice."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from tests.support.away import Clock
from tests.support.jobs import PIECE, FixedPace, fetch, names_in_folder, states
from tests.support.misbehave import Misbehaving
from tests.support.server import ServerProcess
from tests.support.spoiling import Call, LoseAnswer
from tui.clients.share import ShareClient
from tui.rules.link_settings import LinkSettings
from tui.sending.job import SendJob
from tui.sending.plan import FileSource, Plan

POINTS = [
    ("GET", "/me", 0), ("GET", "/policy", 0), ("GET", "/folder", 0), ("POST", "/v1/folder", 0),
    ("POST", "/sends", 0), ("POST", "/uploads", 0), ("POST", "/uploads", 1), ("PATCH", "", 0), ("PATCH", "", 4),
    ("POST", "/batch", 0), ("POST", "/documents", 0), ("POST", "/documents", 1),
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "skip", "seconds"), [*((*point, 30) for point in POINTS), (*POINTS[-1], 5)]
)
async def test_it_is_waited_for(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving, tmp_path: Path, method: str, path: str,
    skip: int, seconds: float,
) -> None:  # fmt: skip
    """Whether the request itself or only its answer was lost, the job waits, and nothing is done twice."""
    before = len(await names_in_folder(share))
    paths = []
    for number, size in enumerate((10, 3 * PIECE, 20, 4 * PIECE, 30)):
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
    gone = asyncio.Event()

    def away() -> None:
        clock.at(clock.now + seconds, proxy.up)
        gone.set()

    def lose() -> None:
        loop.call_soon_threadsafe(away)
        # Open connections are reset.
        proxy.refuse()
        raise ConnectionResetError

    proxy.spoil(method, LoseAnswer() if skip else Call(lose), path, skip=skip)
    proxy.spoil(method, Call(lose), path, skip=0 if skip else 99)
    await job.run()
    assert states(job) == ["succeeded"] * 5
    assert gone.is_set()
    assert clock.now >= seconds
    assert said
    assert [fetch(server, document) for document in job.documents] == [each.read_bytes() for each in paths]
    assert len(await names_in_folder(share)) == before + 5
