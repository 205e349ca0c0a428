"""A whole send against a real server: bytes, order, settings, the folder, and what is checked before."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.jobs import (
    MIB,
    PIECE,
    Bytes,
    connected,
    error_of,
    fetch,
    job_of,
    names_in_folder,
    states,
    through_proxy,
)
from tests.support.misbehave import ALWAYS, Call, Misbehaving, Slow
from tests.support.server import ServerProcess
from tui.clients.chunk_sizer import MOST, ChunkSizer
from tui.clients.connection import Target, open_http
from tui.clients.share import ShareClient
from tui.clients.work import WorkClient
from tui.rules.errors import (
    InvalidValue,
    NotSignedIn,
    PolicyBreach,
    Unreachable,
)
from tui.rules.link_settings import LinkSettings
from tui.rules.text import printable
from tui.sending.job import Phase, SendJob
from tui.sending.plan import FileSource, Plan


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
        "large.bin": os.urandom(20_000_000),
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


@pytest.mark.parametrize(
    "name",
    [
        "契約\u3000書 👨\u200d👩\u200d👧.pdf",
        "a\n\x1b]0;x\x07b.txt",
        "x\u202egpj.exe",
        "-rf",
        "~",
        "a b&c=d%2F.txt",
        "x" * 251 + ".pdf",
    ],
)
async def test_names_of_files_may_hold_anything(
    server: ServerProcess, share: ShareClient, tmp_path: Path, name: str
) -> None:
    """S11: characters that a link's name can't contain become _, and nothing controls a terminal."""
    (tmp_path / name).write_bytes(b"x")
    job = job_of(share, FileSource.of(tmp_path / name))
    await job.run()
    assert states(job) == ["succeeded"]
    document = job.documents[0]
    assert document.name == job.rows[0].link_name
    for text in (document.name, document.source):
        assert text == printable(text)
    assert fetch(server, document) == b"x"


async def test_at_most_three_are_sent_at_once(share: ShareClient) -> None:
    under_way = most = 0

    def watch(index: int | None) -> None:
        nonlocal under_way, most
        under_way = states(job).count("in progress")
        most = max(most, under_way)

    job = job_of(share, *(Bytes(f"{i}.bin", os.urandom(MIB)) for i in range(9)))
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


# ---------------------------------------------------------------- settings


async def test_settings_hold_and_the_password_is_dropped_once_the_send_is_open(
    server: ServerProcess, share: ShareClient
) -> None:
    expiry = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)
    job = job_of(
        share, Bytes("a.txt", b"a"), password="correct horse 7!", expires_at=expiry, downloads_permitted=2
    )
    await job.run()
    document = job.documents[0]
    assert (document.has_password, document.expires_at, document.downloads_permitted) == (True, expiry, 2)
    assert fetch(server, document, "correct horse 7!") == b"a"
    assert job.settings.password is None
    assert "correct horse" not in repr(vars(job))


async def test_defaults_of_the_policy_are_taken_unless_none_is_said(
    fresh_server: ServerProcess,
) -> None:
    async with connected(fresh_server.url, fresh_server.token) as (share, _):
        await share.change_policy({"expires_default": "7d", "downloads_default": "4"})
        job = job_of(share, Bytes("a.txt", b"a"))
        await job.run()
        assert job.documents[0].downloads_permitted == 4
        assert job.documents[0].expires_at is not None
        job = job_of(share, Bytes("a.txt", b"a"), expires_at=None, downloads_permitted=None)
        await job.run()
        assert job.documents[0].downloads_permitted is None
        assert job.documents[0].expires_at is None


# ---------------------------------------------------------------- checked before anything is sent


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"expires_at": datetime(2020, 1, 1, tzinfo=UTC)}, "expires.past"),
        ({"expires_at": datetime(2090, 1, 1, tzinfo=UTC)}, "expires.too_far"),
        ({"downloads_permitted": 0}, "downloads.out_of_range"),
        ({"downloads_permitted": 10**12}, "downloads.out_of_range"),
        ({"password": ""}, "password.empty"),
        ({"password": "a\x07b"}, "password.control_character"),
    ],
)
async def test_a_value_that_is_wrong_sends_nothing(
    share: ShareClient, proxy: Misbehaving, settings: dict[str, Any], code: str
) -> None:
    job = job_of(share, Bytes("a.txt", b"a"), **settings)
    for attempt in (job.check, job.run):
        with pytest.raises(InvalidValue) as caught:
            await attempt()
        assert caught.value.code == code
    assert states(job) == ["pending"]
    assert {seen.method for seen in proxy.seen} <= {"GET"}


async def test_a_breach_of_the_policy_sends_nothing(fresh_server: ServerProcess) -> None:
    async with through_proxy(fresh_server) as (proxy, share, _):
        await share.change_policy({"password_required": "true", "downloads_max": "3"})
        cases: list[tuple[dict[str, Any], str]] = [
            ({}, "policy.password_required"),
            ({"password": "horse battery", "downloads_permitted": 4}, "policy.downloads_too_many"),
        ]
        for settings, code in cases:
            job = job_of(share, Bytes("a.txt", b"a"), **settings)
            with pytest.raises(PolicyBreach) as caught:
                await job.run()
            assert caught.value.code == code
        assert proxy.count("POST") == 0


async def test_a_policy_that_changes_after_the_check_is_met_at_the_server(
    fresh_server: ServerProcess,
) -> None:
    async with connected(fresh_server.url, fresh_server.token) as (share, _):
        job = job_of(share, Bytes("a.txt", b"a"))
        await job.check()
        await share.change_policy({"password_required": "true"})
        with pytest.raises(PolicyBreach) as caught:
            await job.run()
        assert caught.value.code == "policy.password_required"
        assert states(job) == ["pending"]
        assert await names_in_folder(share) == []
        await share.change_policy({"password_required": ""})
        await job.run()
        assert states(job) == ["succeeded"]


async def test_a_file_that_is_gone_by_now_sends_nothing(
    share: ShareClient, proxy: Misbehaving, tmp_path: Path
) -> None:
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"b")
    job = job_of(share, FileSource.of(tmp_path / "a"), FileSource.of(tmp_path / "b"))
    (tmp_path / "b").unlink()
    with pytest.raises(InvalidValue) as caught:
        await job.run()
    assert caught.value.code == "file.missing"
    assert proxy.seen == []


async def test_an_empty_plan_is_nothing_to_send(share: ShareClient) -> None:
    with pytest.raises(InvalidValue, match="nothing to send"):
        await job_of(share).run()


async def test_a_server_that_is_not_there_and_a_token_that_is_wrong(
    server: ServerProcess, proxy: Misbehaving
) -> None:
    proxy.down()
    async with connected(proxy.url, server.token) as (share, _):
        job = job_of(share, Bytes("a.txt", b"a"))
        with pytest.raises(Unreachable) as caught:
            await job.run()
        assert caught.value.exit_status == 6
        assert (states(job), job.phase) == (["pending"], Phase.IDLE)
        proxy.up()
        await job.run()
        assert states(job) == ["succeeded"]
    async with connected(server.url, "wrong") as (share, _):
        with pytest.raises(NotSignedIn):
            await job_of(share, Bytes("a.txt", b"a")).run()


# ---------------------------------------------------------------- a source that fails


async def test_a_source_that_is_not_as_listed_fails_alone_and_leaves_nothing(
    share: ShareClient, proxy: Misbehaving
) -> None:
    content = os.urandom(3 * PIECE)
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
        job = job_of(ShareClient(http), *(Bytes(f"{i}.bin", os.urandom(MIB)) for i in range(6)))
        await job.run()
        transport = http._transport
        assert isinstance(transport, httpx.AsyncHTTPTransport)
        assert all(connection.is_idle() for connection in transport._pool.connections)
