"""Small documents that a job sends in one request: reported one by one, once each, whatever happens to the request."""

from __future__ import annotations

import asyncio
import gc
import json
import os

import pytest

from tests.support.network.misbehave import ALWAYS, Misbehaving
from tests.support.network.spoiling import Call, Cut, HoldAnswer, LoseAnswer, Say, refusal
from tests.support.sends.jobs import (
    PIECE,
    QUICK,
    Bytes,
    FixedPace,
    count_sent,
    error_of,
    fetch,
    job_of,
    names_in_folder,
    states,
)
from tests.support.servers.server import ServerProcess
from tui.clients.chunk_sizer import LEAST, ChunkSizer
from tui.clients.share import ShareClient
from tui.override import override
from tui.rules.errors import Failed, Problem, Throttled, Unreachable
from tui.rules.link_settings import LinkSettings
from tui.sending.job.job import JobRow, SendJob
from tui.sending.job.small_documents import SMALL, Ready, Waiting
from tui.sending.plan import Plan
from tui.wire.batch import MOST_BYTES


def small(share: ShareClient, count: int, mark: str = "document") -> SendJob:
    return job_of(share, *(Bytes(f"{i}.txt", f"{mark} {i}".encode()) for i in range(count)))


def quarters(share: ShareClient, count: int) -> SendJob:
    """Four of them fill a request."""
    return job_of(share, *(Bytes(f"{i}.txt", f"{i:<{PIECE // 4}}".encode()) for i in range(count)))


async def test_many_small_documents_go_in_few_requests(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving
) -> None:
    job = small(share, 130)
    changed: list[int | None] = []
    job.on_change = changed.append
    await job.run()
    assert states(job) == ["succeeded"] * 130
    assert [d.name for d in job.documents] == [f"{i}.txt" for i in range(130)]
    assert (proxy.count("POST", "/batch"), proxy.count("POST", "/uploads")) == (3, 0)
    assert fetch(server, job.documents[37]) == b"document 37"
    assert set(changed) == {*range(130), None}
    progress = job.progress
    assert progress.done == progress.total == sum(len(f"document {i}") for i in range(130))


async def test_large_ones_among_them_go_by_themselves(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving
) -> None:
    large = os.urandom(3 * PIECE)
    sources = [Bytes(f"{i}", b"s" if i % 3 else large) for i in range(9)]
    job = job_of(share, *sources)
    await job.run()
    assert states(job) == ["succeeded"] * 9
    assert [d.name for d in job.documents] == [f"{i}" for i in range(9)]
    assert (proxy.count("POST", "/batch"), proxy.count("POST", "/uploads")) == (1, 3)
    assert fetch(server, job.documents[3]) == large


async def test_one_small_document_takes_one_request(share: ShareClient, proxy: Misbehaving) -> None:
    """On a distant server each request costs a round trip."""
    job = small(share, 1)
    await job.run()
    assert states(job) == ["succeeded"]
    assert proxy.count("POST", "/batch") == 1
    assert proxy.count("POST", "/uploads") == proxy.count("POST", "/documents") == 0


async def test_what_cannot_be_read_fails_alone(share: ShareClient) -> None:
    """Including a source that is shorter, longer or different from what was listed."""
    short, long = Bytes("short", b"abc", size=5), Bytes("long", b"abcdef", size=5)
    other, gone = Bytes("other", b"abcde"), Bytes("gone", b"abcde")
    other.sha256 = "0" * 64

    async def check() -> None:
        if job.running and job.send is not None:
            raise Failed("file.gone", "It is gone.")

    gone.check = check  # type: ignore[method-assign]
    job = job_of(share, Bytes("good", b"abcde"), short, long, other, gone, Bytes("last", b"abcde"))
    await job.run()
    assert states(job) == ["succeeded", "failed", "failed", "failed", "failed", "succeeded"]
    codes = [error_of(job, index).code for index in (1, 2, 3, 4)]
    assert codes == ["source.short", "source.long", "document.changed", "file.gone"]
    gc.collect()
    assert not [each for each in gc.get_objects() if isinstance(each, Ready)], "their contents are forgotten"


async def test_what_has_grown_since_goes_by_itself(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving
) -> None:
    grown, content = Bytes("grown", b"a"), os.urandom(SMALL + 1)

    async def check() -> None:
        grown.content, grown.size = content, len(content)

    grown.check = check  # type: ignore[method-assign]
    job = job_of(share, Bytes("a", b"a"), grown, Bytes("b", b"b"))
    # It grows after it was listed.
    job._checked = True
    await job.run()
    assert states(job) == ["succeeded"] * 3
    assert proxy.count("POST", "/uploads") == 1
    assert fetch(server, job.documents[1]) == content


async def test_what_the_server_refuses_fails_alone(share: ShareClient, proxy: Misbehaving) -> None:
    """Such as a name that became invalid after the job checked it."""
    job = small(share, 5)

    def take() -> None:
        job.rows[2].link_name = "bad/name"

    proxy.spoil("POST", Call(take), "/sends")
    await job.run()
    assert states(job) == ["succeeded", "succeeded", "failed", "succeeded", "succeeded"]
    assert error_of(job, 2).code == "name.forbidden_character"


@pytest.mark.parametrize(
    "action", [LoseAnswer(), Cut(200), Say(503), Say(429, headers=(("Retry-After", "1"),))]
)
async def test_a_request_that_is_lost_is_sent_again_and_publishes_once(
    share: ShareClient, proxy: Misbehaving, action: object
) -> None:
    before = await count_sent(share)
    proxy.spoil("POST", action, "/batch")  # type: ignore[arg-type]
    job = small(share, 6)
    await job.run()
    assert states(job) == ["succeeded"] * 6
    assert await count_sent(share) == before + 6


async def test_a_failed_request_is_shown_on_each_row_and_can_be_tried_again(
    share: ShareClient, proxy: Misbehaving
) -> None:
    """One failure after the other, in the same job; then it succeeds."""
    before = await count_sent(share)
    failures: list[tuple[Say, type[Problem]]] = [
        (Say(500), Failed), (Say(503), Unreachable), (Say(507), Failed), (Say(200, b"{}"), Failed),
        (Say(200, b'{"results": []}'), Failed), (Say(429, headers=(("Retry-After", "9"),)), Throttled),
    ]  # fmt: skip
    job = small(share, 6)
    for say, kind in failures:
        proxy.spoil("POST", say, "/batch", times=ALWAYS)
        await job.run()
        assert states(job) == ["failed"] * 6, say
        assert all(isinstance(error_of(job, index), kind) for index in range(6)), say
        assert await count_sent(share) == before, say
        proxy.behave()
    await job.run()
    assert states(job) == ["succeeded"] * 6
    assert await count_sent(share) == before + 6


async def test_an_answer_that_never_came_is_found_out_by_trying_again(
    share: ShareClient, proxy: Misbehaving
) -> None:
    """The server has published them; the next try, even with other rows in it, gets the same links."""
    before = await count_sent(share)
    proxy.spoil("POST", LoseAnswer(), "/batch", times=ALWAYS)
    job = small(share, 6)
    await job.run()
    assert states(job) == ["failed"] * 6
    proxy.behave()
    await job.run()
    assert states(job) == ["succeeded"] * 6
    assert await count_sent(share) == before + 6


async def test_a_server_that_takes_no_batches_gets_them_one_by_one(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving
) -> None:
    """It runs an earlier version; each worker asks it once at most."""
    proxy.spoil("POST", Say(404, b'{"detail": "Not Found"}'), "/batch", times=ALWAYS)
    job = quarters(share, 13)
    await job.run()
    assert states(job) == ["succeeded"] * 13
    assert proxy.count("POST", "/batch") <= 3
    assert fetch(server, job.documents[12]).rstrip() == b"12"


async def test_a_folder_removed_during_the_send_is_created_again(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving
) -> None:
    job = small(share, 4)
    gone: list[int] = []

    def delete() -> None:
        assert job.folder is not None
        # Not through the proxy, which is waiting for this.
        with server.client() as client:
            gone.append(client.delete(f"/share/v1/folders/{job.folder.id}").status_code)

    proxy.spoil("POST", Call(delete), "/batch")
    await job.run()
    assert gone == [200]
    assert states(job) == ["succeeded"] * 4


async def test_a_cancel_in_the_middle_names_what_was_published(
    share: ShareClient, proxy: Misbehaving
) -> None:
    """Rows of the request under way finish; the others are cancelled at once."""
    job = quarters(share, 18)
    loop = asyncio.get_running_loop()
    proxy.spoil("POST", Call(lambda: loop.call_soon_threadsafe(job.cancel)), "/batch")
    await job.run()
    done = [row.link_name for row in job.rows if row.state.value == "succeeded"]
    assert 1 <= len(done) < 18
    assert set(states(job)) <= {"succeeded", "cancelled"}
    assert set(done) <= set(await names_in_folder(share))
    await job.run()
    assert states(job) == ["succeeded"] * 18


async def test_a_request_that_is_not_answered_when_cancelled(
    share: ShareClient, proxy: Misbehaving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.sending.job.background_tasks._GRACE_SECONDS", 0.3)
    before = await count_sent(share)
    proxy.spoil("POST", HoldAnswer(), "/batch")
    job = small(share, 5)
    running = asyncio.create_task(job.run())
    async with asyncio.timeout(10):
        while await count_sent(share) < before + 5:
            await asyncio.sleep(0.02)
    job.cancel()
    await asyncio.wait_for(running, 5)
    assert {error_of(job, index).code for index in range(5)} == {"publish.unknown"}
    await job.run()
    assert states(job) == ["succeeded"] * 5
    assert await count_sent(share) == before + 5


class Timed(ChunkSizer):
    """Notes how long each request took."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    @override
    def took(self, size: int, seconds: float) -> None:
        self.seconds.append(seconds)
        super().took(size, seconds)


async def test_how_long_it_took_decides_how_much_is_sent_next(share: ShareClient) -> None:
    job = small(share, 5)
    job._context.chunk_sizer = pace = Timed()
    async with asyncio.timeout(60):
        await job.run()
    assert pace.seconds
    assert all(0 < seconds < 60 for seconds in pace.seconds)


def test_what_goes_together() -> None:
    """As much as the connection carries in a moment, at most 64, each up to 1 MiB, in order; the rest in order too."""
    sizes = [10, SMALL + 1, 10, 60_000, 10, 100_000, 10, 10]
    rows = [JobRow(Bytes(str(i), b""), str(i), size) for i, size in enumerate(sizes)]
    waiting = Waiting(rows, range(len(rows)), ChunkSizer(), MOST_BYTES)
    taken = []
    while found := waiting.take():
        taken.append(found)
    assert taken == [[0, 2, 3, 4, 6, 7], [1], [5]]
    # Not all others are looked at each time.
    rows = [JobRow(Bytes(str(i), b""), str(i), size) for i, size in enumerate([10, *[100_000] * 40, 10])]
    assert Waiting(rows, range(len(rows)), ChunkSizer(), MOST_BYTES).take() == [0]
    many = [JobRow(Bytes(str(i), b""), str(i), 1) for i in range(150)]
    waiting = Waiting(many, range(150), ChunkSizer(), MOST_BYTES)
    assert [len(waiting.take()) for _ in range(4)] == [64, 64, 22, 0]
    waiting = Waiting(many, range(3), ChunkSizer(), MOST_BYTES)
    waiting.together = False
    assert [waiting.take() for _ in range(4)] == [[0], [1], [2], []]


def test_a_request_has_no_more_than_the_server_takes() -> None:
    """However fast the connection is."""
    rows = [JobRow(Bytes(str(i), b""), str(i), SMALL) for i in range(18)]
    waiting = Waiting(rows, range(len(rows)), ChunkSizer(MOST_BYTES), 6 * SMALL)
    assert [len(waiting.take()) for _ in range(5)] == [2, 4, 6, 6, 0]


def test_the_first_requests_do_not_end_together() -> None:
    """Three at a time share the line: if they ended together, it would be idle until the next ones are under way."""
    rows = [JobRow(Bytes(str(i), b""), str(i), 64 * 1024) for i in range(16)]
    waiting = Waiting(rows, range(len(rows)), ChunkSizer(12 * 64 * 1024), MOST_BYTES)
    assert [len(waiting.take()) for _ in range(3)] == [4, 8, 4]


@pytest.mark.parametrize(("near", "requests"), [(60.0, ["batch"]), (0.0, ["uploads", "documents"])])
async def test_a_mebibyte_goes_in_one_request_if_the_server_is_near(
    share: ShareClient, proxy: Misbehaving, monkeypatch: pytest.MonkeyPatch, near: float, requests: list[str]
) -> None:
    """A line to a server that answers at once carries it in a moment; on any other, pieces show the progress."""
    monkeypatch.setattr("tui.clients.chunk_sizer._NEAR_SECONDS", near)
    job = SendJob(share, None, Plan([Bytes("a.bin", os.urandom(SMALL))]), LinkSettings(), patience=QUICK)
    await job.run()
    assert states(job) == ["succeeded"]
    posted = [seen.path.rpartition("/")[2] for seen in proxy.seen if seen.method == "POST"]
    assert posted == ["folder", "sends", *requests]


async def test_a_line_that_proved_slow_stays_slow_when_rows_are_tried_again(
    share: ShareClient, proxy: Misbehaving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However quickly the server once answered."""
    monkeypatch.setattr("tui.clients.chunk_sizer._NEAR_SECONDS", 60.0)
    proxy.spoil("POST", refusal(403, "forbidden", "Not now."), "/batch")
    job = SendJob(share, None, Plan([Bytes("a.bin", os.urandom(SMALL))]), LinkSettings(), patience=QUICK)
    await job.run()
    assert states(job) == ["failed"]
    job._context.chunk_sizer.size = LEAST
    await job.run()
    assert states(job) == ["succeeded"]
    assert (proxy.count("POST", "/batch"), proxy.count("POST", "/uploads")) == (1, 1)


async def test_an_earlier_server_takes_half_as_much(share: ShareClient, proxy: Misbehaving) -> None:
    """It doesn't say how much it takes."""
    me = (await share.me()).model_dump(mode="json")
    assert me.pop("batch_bytes") == MOST_BYTES
    proxy.spoil("GET", Say(200, json.dumps(me).encode(), "application/json"), "/me")
    job = job_of(share, *(Bytes(f"{i}.bin", os.urandom(SMALL)) for i in range(8)))
    job._context.chunk_sizer = FixedPace(MOST_BYTES)
    await job.run()
    assert states(job) == ["succeeded"] * 8
    sent = [seen.body for seen in proxy.seen if seen.path.endswith("/batch")]
    assert 4 * SMALL < max(sent) < 5 * SMALL
