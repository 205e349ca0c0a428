"""Large documents, streamed from their source: damage is found within a piece, and only that is sent again."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator

import pytest

from tests.support.network.misbehave import ALWAYS, Misbehaving
from tests.support.network.spoiling import Cut, Flip, LoseAnswer, Slow
from tests.support.sends.jobs import MIB, Bytes, connected, error_of, fetch, job_of, states
from tests.support.servers.server import ServerProcess
from tui.clients import uploads
from tui.clients.chunk_sizer import ChunkSizer
from tui.clients.share import ShareClient
from tui.sending.job.job import SendJob

LONG = 4 * MIB


class Pieces(ChunkSizer):
    """They begin at 4 MiB, which is also the maximum."""

    def __init__(self) -> None:
        super().__init__(256 * 1024, LONG)

    def answered(self, seconds: float) -> None: ...

    def took(self, sent: int, seconds: float) -> None: ...

    def arrived(self, whole: bool) -> None:
        super().arrived(whole)
        self.piece = min(self.piece, LONG)


def streamed(share: ShareClient, content: bytes) -> SendJob:
    job = job_of(share, Bytes("a.bin", content))
    job._context.chunk_sizer = Pieces()
    return job


def offsets(proxy: Misbehaving) -> list[int]:
    return [int(seen.headers["upload-offset"]) for seen in proxy.seen if seen.method == "PATCH"]


async def test_one_request_for_each_long_piece(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving
) -> None:
    content = os.urandom(9 * MIB)
    job = streamed(share, content)
    await job.run()
    assert fetch(server, job.documents[0]) == content
    assert offsets(proxy) == [262_144 + n * LONG for n in range(3)]
    assert proxy.count("POST", "/uploads") == 1


async def test_a_flipped_byte_is_found_within_its_piece(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving
) -> None:
    """Nothing before the piece is sent again, and the piece itself is sent in smaller ones."""
    content = os.urandom(12 * MIB)
    proxy.spoil("PATCH", Flip(every=5 * MIB // 2, most=1), skip=1)
    job = streamed(share, content)
    await job.run()
    assert states(job) == ["succeeded"]
    assert fetch(server, job.documents[0]) == content
    begins = offsets(proxy)
    damaged = begins[1]
    assert begins.count(damaged) == 2
    assert all(begins.count(begin) == 1 for begin in begins if begin != damaged)
    assert sum(proxy.received("PATCH")) + 262_144 == len(content) + LONG


async def test_of_the_first_bytes_too(server: ServerProcess, share: ShareClient, proxy: Misbehaving) -> None:
    content = os.urandom(3 * MIB)
    proxy.spoil("POST", Flip(every=MIB), "/uploads")
    job = streamed(share, content)
    await job.run()
    assert fetch(server, job.documents[0]) == content
    assert proxy.count("POST", "/uploads") == 1


@pytest.mark.long
async def test_a_flip_in_each_megabyte_gets_through(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving
) -> None:
    content = os.urandom(3 * MIB)
    proxy.spoil("PATCH", Flip(every=1_000_000, skip=500_000), times=ALWAYS)
    job = streamed(share, content)
    await job.run()
    assert states(job) == ["succeeded"]
    assert fetch(server, job.documents[0]) == content


async def test_a_line_that_changes_everything_is_given_up(
    share: ShareClient, proxy: Misbehaving, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy.spoil("PATCH", Flip(every=1000), times=ALWAYS)
    job = streamed(share, os.urandom(2 * MIB))
    await job.run()
    assert error_of(job).code == "upload.checksum"
    assert "another network" in error_of(job).message
    proxy.behave()
    await job.run()
    assert states(job) == ["succeeded"]


@pytest.mark.long
async def test_six_cuts_send_hardly_anything_again(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving
) -> None:
    content = os.urandom(30 * MIB)
    for number in range(6):
        proxy.spoil("PATCH", Cut(3 * MIB + number * 100_003, arrive=True))
    job = streamed(share, content)
    job._context.chunk_sizer = ChunkSizer(256 * 1024, 64 * MIB)
    await job.run()
    assert states(job) == ["succeeded"]
    assert fetch(server, job.documents[0]) == content
    assert proxy.count("PATCH") > 6
    assert sum(proxy.received("PATCH")) <= 1.02 * len(content)


async def test_an_answer_that_is_lost_costs_no_byte(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving
) -> None:
    content = os.urandom(9 * MIB)
    proxy.spoil("PATCH", LoseAnswer(), times=2)
    job = streamed(share, content)
    await job.run()
    assert fetch(server, job.documents[0]) == content
    assert sum(proxy.received("PATCH")) == len(content) - 262_144


async def test_how_far_a_long_piece_is_shows_while_it_is_sent(
    share: ShareClient, proxy: Misbehaving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is what the server reports that it has."""
    monkeypatch.setattr(uploads, "_POLL_SECONDS", 0.05)
    proxy.spoil("PATCH", Slow(8 * MIB))
    job = streamed(share, os.urandom(LONG))
    seen: list[int] = []
    job.on_change = lambda index: seen.append(job.rows[0].acknowledged)
    await job.run()
    assert states(job) == ["succeeded"]
    assert seen == sorted(seen)
    assert len({count for count in seen if 262_144 < count < LONG}) >= 2


async def test_nothing_of_a_source_is_held_whole(server: ServerProcess) -> None:
    """What is read is sent before much more is read, however slow the connection is."""
    read = 0

    class Endless(Bytes):
        async def read(self, start: int) -> AsyncIterator[bytes]:
            nonlocal read
            for begin in range(start, self.size, 100_000):
                read = begin
                yield bytes(min(100_000, self.size - begin))
                await asyncio.sleep(0)

    with Misbehaving(server.url) as proxy:
        proxy.spoil("PATCH", Slow(4 * MIB))
        async with connected(proxy.url, server.token) as (share, _):
            job = job_of(share, Endless("a.bin", b"", 64 * MIB))
            job._context.chunk_sizer = ChunkSizer(256 * 1024, 64 * MIB)
            running = asyncio.create_task(job.run())
            while read < 16 * MIB:
                await asyncio.sleep(0.01)
            # What has not reached the server yet is in the system's and the proxy's buffers.
            assert read - proxy.received("PATCH")[0] < 12 * MIB
            job.cancel()
            await running
