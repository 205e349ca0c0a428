"""A send that is cancelled: it ends at once, and what is published by then is named."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable

import pytest

from tests.support.network.misbehave import ALWAYS, Misbehaving
from tests.support.network.spoiling import Call, Hang, HoldAnswer, Slow
from tests.support.sends.jobs import (
    PIECE,
    Bytes,
    count_sent,
    error_of,
    fetch,
    job_of,
    names_in_folder,
    states,
)
from tests.support.servers.server import ServerProcess
from tui.clients.share import ShareClient
from tui.sending.job.job import Phase, RowState


async def until(holds: Callable[[], bool], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.005)


async def test_cancelling_ends_at_once_and_keeps_what_is_published(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving
) -> None:
    """D11"""
    proxy.spoil("PATCH", Slow(100_000), times=ALWAYS)
    small = [Bytes(f"small{i}.txt", b"s") for i in range(2)]
    large = [Bytes(f"large{i}.bin", os.urandom(4 * PIECE)) for i in range(4)]
    job = job_of(share, *small, *large)
    running = asyncio.create_task(job.run())
    await until(lambda: proxy.count("PATCH") >= 3)
    began = asyncio.get_running_loop().time()
    job.cancel()
    assert states(job) == ["succeeded"] * 2 + ["cancelled"] * 4
    await running
    assert asyncio.get_running_loop().time() - began < 3
    assert [d.name for d in job.documents] == ["small0.txt", "small1.txt"]
    assert not job.running
    assert proxy.count("DELETE") >= 3
    proxy.behave()
    await job.run()
    assert states(job) == ["succeeded"] * 6
    # It is one send, and one that has nothing left to do asks for nothing more.
    changes = [(seen.method, seen.path) for seen in proxy.seen if seen.method != "GET"]
    assert sum(method == "POST" and path.endswith("/sends") for method, path in changes) == 1
    phases: list[Phase] = []
    job.on_change = lambda _: phases.append(job.phase)
    await job.run()
    assert set(phases) == {Phase.CHECKING, Phase.DONE}
    assert [(seen.method, seen.path) for seen in proxy.seen if seen.method != "GET"] == changes
    for row in job.rows:
        assert row.document is not None
        assert fetch(server, row.document) == row.source.content  # type: ignore[attr-defined]


async def test_cancelling_before_anything_was_sent(share: ShareClient, proxy: Misbehaving) -> None:
    proxy.spoil("GET", Hang(), "/me")
    job = job_of(share, Bytes("a.txt", b"a"))
    running = asyncio.create_task(job.run())
    await until(lambda: proxy.count("GET", "/me") == 1)
    job.cancel()
    await asyncio.wait_for(running, 3)
    assert (states(job), job.phase) == (["cancelled"], Phase.IDLE)
    await job.run()
    assert states(job) == ["succeeded"]


async def test_what_is_being_published_when_cancelled_is_named_if_it_succeeds(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving
) -> None:
    # Each is too large to share a request with others.
    job = job_of(share, *(Bytes(f"{i}.txt", bytes(PIECE + 1)) for i in range(8)))
    loop = asyncio.get_running_loop()
    at_once: list[str] = []

    def cancel() -> None:
        job.cancel()
        at_once.extend(states(job))

    proxy.spoil("POST", Call(lambda: loop.call_soon_threadsafe(cancel)), "/documents")
    await job.run()
    assert "in progress" in at_once
    assert at_once.count("cancelled") >= 5
    succeeded = [row for row in job.rows if row.state is RowState.SUCCEEDED]
    assert 1 <= len(succeeded) <= 3
    assert all(row.state in (RowState.SUCCEEDED, RowState.CANCELLED) for row in job.rows)
    there = await names_in_folder(share)
    assert {d.name for d in job.documents} <= set(there)
    await job.run()
    assert states(job) == ["succeeded"] * 8


@pytest.mark.parametrize(("path", "size"), [("/documents", PIECE + 1), ("/batch", 1)])
async def test_a_publication_that_is_not_answered_when_cancelled_is_found_out_by_sending_again(
    share: ShareClient, proxy: Misbehaving, monkeypatch: pytest.MonkeyPatch, path: str, size: int
) -> None:
    monkeypatch.setattr("tui.sending.job.background_tasks._GRACE_SECONDS", 0.3)
    before = await count_sent(share)
    proxy.spoil("POST", HoldAnswer(), path)
    job = job_of(share, Bytes("a.txt", b"a" * size))
    running = asyncio.create_task(job.run())
    await until(lambda: proxy.count("POST", path) == 1)
    # By then the server has published it.
    async with asyncio.timeout(5):
        while await count_sent(share) == before:
            await asyncio.sleep(0.02)
    job.cancel()
    await asyncio.wait_for(running, 3)
    assert error_of(job).code == "publish.unknown"
    await job.run()
    assert states(job) == ["succeeded"]
    assert await count_sent(share) == before + 1


@pytest.mark.parametrize("job_too", [False, True])
async def test_a_task_that_is_cancelled_from_outside_ends_cancelled(
    share: ShareClient, proxy: Misbehaving, job_too: bool
) -> None:
    proxy.spoil("PATCH", Slow(50_000), times=ALWAYS)
    job = job_of(share, Bytes("a.bin", os.urandom(4 * PIECE)))
    running = asyncio.create_task(job.run())
    await until(lambda: proxy.count("PATCH") == 1)
    if job_too:
        job.cancel()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert states(job) == ["cancelled"]
    assert proxy.count("DELETE") >= 1
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


async def test_a_connection_that_is_closed_under_a_job_fails_its_row(share: ShareClient) -> None:
    """As when the program ends while something is published: that is no fault to be logged."""

    class LastOne(Bytes):
        async def read(self, start: int) -> AsyncIterator[bytes]:
            async for part in super().read(start):
                yield part
            await share.http.aclose()

    job = job_of(share, LastOne("a.txt", b"a"))
    await job.run()
    assert error_of(job).code == "connection.closed"


async def test_a_job_runs_once_at_a_time(share: ShareClient) -> None:
    job = job_of(share, Bytes("a.txt", b"a"))
    first = asyncio.create_task(job.run())
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError):
        await job.run()
    await first
    await job.ended()
