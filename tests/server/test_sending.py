"""A whole send against a real server: bytes, order, progress, sources that fail, and the size of pieces."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.support.network.misbehave import ALWAYS, Misbehaving
from tests.support.network.spoiling import Call, Slow
from tests.support.sends.jobs import MIB, PIECE, Bytes, connected, error_of, fetch, job_of, states
from tests.support.servers.server import ServerProcess
from tui.clients.chunk_sizer import MOST, ChunkSizer
from tui.clients.connection import Target, open_http
from tui.clients.share import ShareClient
from tui.clients.work import WorkClient
from tui.rules.link_settings import LinkSettings
from tui.rules.text import printable
from tui.sending.job.job import Phase, SendJob
from tui.sending.plan import Plan
from tui.sending.sources import FileSource


@pytest.fixture
async def clients(server: ServerProcess) -> AsyncIterator[tuple[ShareClient, WorkClient]]:
    async with connected(server.url, server.token) as found:
        yield found


# ---------------------------------------------------------------- a whole send


async def test_files_arrive_as_they_are_in_the_order_of_the_plan(
    server: ServerProcess, clients: tuple[ShareClient, WorkClient], tmp_path: Path
) -> None:
    share, work = clients
    contents = {
        "empty.txt": b"",
        "one.txt": b"1",
        "large.bin": os.urandom(5_000_000),
        "piece.bin": os.urandom(MIB),
        "Grüße – 契約.pdf": b"%PDF",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    plan = Plan(FileSource.of(tmp_path / name) for name in contents)
    plan.move(2, -2)
    plan.rename(1, "nothing")
    changes: list[int | None] = []
    job = SendJob(share, work, plan, LinkSettings(), changes.append)
    await job.run()
    assert states(job) == ["succeeded"] * 5
    assert [d.name for d in job.documents] == [
        "large.bin",
        "nothing.txt",
        "one.txt",
        "piece.bin",
        "Grüße – 契約.pdf",
    ]
    for row, document in zip(job.rows, job.documents, strict=True):
        content = contents[row.source.name]
        assert document.sha256 == hashlib.sha256(content).hexdigest()
        assert document.size == len(content)
        assert document.source == f"file:{row.source.name}"
        assert document.published
        assert fetch(server, document) == content
    assert set(changes) == {None, 0, 1, 2, 3, 4}
    assert job.unfinished == []
    assert job.progress.done == job.progress.total == sum(map(len, contents.values()))
    assert (job.phase, job.running) == (Phase.DONE, False)


NAMES = [
    "契約\u3000書 👨\u200d👩\u200d👧.pdf",
    "a\n\x1b]0;x\x07b.txt",
    "x\u202egpj.exe",
    "-rf",
    "~",
    "a b&c=d%2F.txt",
    "x" * 251 + ".pdf",
]


async def test_names_of_files_may_hold_anything(
    server: ServerProcess, share: ShareClient, tmp_path: Path
) -> None:
    """S11: characters that a link's name can't contain become _, and nothing controls a terminal."""
    for name in NAMES:
        (tmp_path / name).write_bytes(name.encode())
    job = job_of(share, *(FileSource.of(tmp_path / name) for name in NAMES))
    await job.run()
    assert states(job) == ["succeeded"] * len(NAMES)
    for name, row, document in zip(NAMES, job.rows, job.documents, strict=True):
        assert document.name == row.link_name
        for text in (document.name, document.source):
            assert text == printable(text)
        assert fetch(server, document) == name.encode()


async def test_at_most_three_are_sent_at_once(share: ShareClient) -> None:
    under_way = most = 0

    def watch(index: int | None) -> None:
        nonlocal under_way, most
        under_way = states(job).count("in progress")
        most = max(most, under_way)

    job = job_of(share, *(Bytes(f"{i}.bin", os.urandom(2 * PIECE)) for i in range(5)))
    job.on_change = watch
    await job.run()
    assert most == 3


async def test_progress_is_what_the_server_acknowledged(share: ShareClient, proxy: Misbehaving) -> None:
    """D10"""
    seen: list[tuple[int, int]] = []
    job = job_of(share, Bytes("a.bin", os.urandom(4 * PIECE)))

    def watch(index: int | None) -> None:
        if index is not None:
            seen.append((job.rows[0].acknowledged, job.rows[0].percent))

    job.on_change = watch
    proxy.spoil("PATCH", Call(lambda: seen.append((-1, len(proxy.received("PATCH"))))), times=ALWAYS)
    await job.run()
    acknowledged = [count for count, _ in seen if count >= 0]
    assert acknowledged == sorted(acknowledged)
    assert {0, PIECE, 2 * PIECE, 3 * PIECE, 4 * PIECE} == set(acknowledged)
    # When the n-th PATCH arrives, its bytes are not counted yet.
    for place, (count, number) in enumerate(seen):
        if count == -1:
            assert max(c for c, _ in seen[:place]) == number * PIECE
    assert max(percent for count, percent in seen[:-1] if count >= 0) <= 99
    assert seen[-1] == (4 * PIECE, 100)


async def test_rate_and_time_left(share: ShareClient, proxy: Misbehaving) -> None:
    proxy.spoil("PATCH", Slow(2 * MIB), times=ALWAYS)
    figures = []
    job = job_of(share, Bytes("a.bin", os.urandom(6 * PIECE)))
    job.on_change = lambda index: figures.append(job.progress)
    await job.run()
    under_way = [f for f in figures if PIECE < f.done < 6 * PIECE]
    assert under_way
    last = under_way[-1]
    assert 0.5 * MIB < last.rate < 4 * MIB


# ---------------------------------------------------------------- a source that fails


async def test_a_source_that_is_not_as_listed_fails_alone_and_leaves_nothing(
    share: ShareClient, proxy: Misbehaving
) -> None:
    content = os.urandom(2 * PIECE)
    short, long = Bytes("short.bin", content, len(content) + 1), Bytes("long.bin", content, len(content) - 1)
    other = Bytes("other.bin", content)
    other.sha256 = hashlib.sha256(b"another").hexdigest()
    job = job_of(share, short, long, other, Bytes("good.bin", content))
    await job.run()
    assert states(job) == ["failed", "failed", "failed", "succeeded"]
    assert [error_of(job, i).code for i in range(3)] == ["source.short", "source.long", "document.changed"]
    assert "short.bin" in error_of(job).message
    # A source that may have changed is started again, once.
    assert proxy.count("DELETE") == 5
    assert [d.name for d in job.documents] == ["good.bin"]
    short.size, long.size, other.sha256 = len(content), len(content), None
    await job.run()
    assert [d.name for d in job.documents] == ["short.bin", "long.bin", "other.bin", "good.bin"]


@pytest.mark.parametrize("times", [1, 2])
async def test_a_file_that_grows_while_it_is_sent_is_begun_again_once(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving, tmp_path: Path, times: int
) -> None:
    path = tmp_path / "busy.log"
    path.write_bytes(os.urandom(8 * PIECE))

    def grow() -> None:
        with path.open("ab") as file:
            file.write(b"more")

    proxy.spoil("POST", Call(grow), "/uploads", times=times)
    job = job_of(share, FileSource.of(path))
    await job.run()
    assert proxy.count("DELETE") == times
    if times == 2:
        assert error_of(job).code == "file.changed"
        assert job.documents == []
        await job.run()
    assert fetch(server, job.documents[0]) == path.read_bytes()


# ---------------------------------------------------------------- pieces


async def test_pieces_grow_on_a_quick_line_and_stay_small_on_a_slow_one() -> None:
    pace = ChunkSizer()
    pace.took(pace.size, 0.002)
    assert pace.size == MOST
    pace.took(1000, 0.1)
    assert pace.size == MOST
    pace.took(MOST, 80.0)
    assert pace.size == 64 * 1024
    pace.took(64 * 1024, 0.25)
    assert pace.size == 128 * 1024


async def test_httpx_is_left_with_no_connection_in_use(server: ServerProcess) -> None:
    async with open_http(Target(server.url, server.token)) as http:
        job = job_of(ShareClient(http), *(Bytes(f"{i}.bin", os.urandom(PIECE)) for i in range(4)))
        await job.run()
        transport = http._transport
        assert isinstance(transport, httpx.AsyncHTTPTransport)
        assert all(connection.is_idle() for connection in transport._pool.connections)
