"""A send whose connections break, whose server misbehaves or loses it: what arrives, and what is said."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.network.misbehave import ALWAYS, Misbehaving
from tests.support.network.spoiling import Call, Cut, Hang, LoseAnswer, Say
from tests.support.sends.jobs import (
    MIB,
    PIECE,
    Bytes,
    connected,
    count_sent,
    error_of,
    fetch,
    job_of,
    states,
)
from tests.support.servers.server import ServerProcess
from tui.clients.retries import RetryPolicy
from tui.clients.share import ShareClient
from tui.rules.errors import (
    Failed,
    Interrupted,
    NotSignedIn,
    Problem,
    Throttled,
    TooLarge,
)
from tui.sending.sources import FileSource

# ---------------------------------------------------------------- connections that break


async def test_a_file_changed_after_the_upload_broke_off_starts_over(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving, tmp_path: Path
) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(os.urandom(4 * PIECE))
    proxy.spoil("PATCH", Cut(after=0), skip=1, times=ALWAYS)
    job = job_of(share, FileSource.of(path))
    await job.run()
    assert isinstance(error_of(job), Interrupted)
    assert job.rows[0].acknowledged == 2 * PIECE
    proxy.behave()
    path.write_bytes(os.urandom(3 * PIECE + 5))
    await job.run()
    assert fetch(server, job.documents[0]) == path.read_bytes()
    assert proxy.count("DELETE") == 1


async def test_after_a_cut_only_what_is_missing_is_sent_again(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving
) -> None:
    content = os.urandom(6 * PIECE)
    proxy.spoil("PATCH", Cut(after=100_000), skip=1)
    proxy.spoil("PATCH", Cut(after=0), skip=2)
    source = Bytes("a.bin", content)
    job = job_of(share, source)
    await job.run()
    assert states(job) == ["succeeded"]
    assert fetch(server, job.documents[0]) == content
    # Of what had arrived, only what follows the last mark is read again.
    assert source.given <= len(content) + 2 * (MIB + PIECE)
    assert proxy.count("HEAD") >= 2
    assert sum(proxy.received("PATCH")) + PIECE >= len(content)
    # The bytes of a cut piece may or may not have been kept, and the piece is sent again for as long as the server is
    # still writing them; nothing before it was sent twice.
    offsets = [int(seen.headers["upload-offset"]) for seen in proxy.seen if seen.method == "PATCH"]
    assert offsets == sorted(offsets)


async def test_a_lost_answer_does_not_make_anything_twice(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving
) -> None:
    for method, path in (("POST", "/sends"), ("POST", "/uploads"), ("PATCH", ""), ("POST", "/documents")):
        proxy.spoil(method, LoseAnswer(), path)
    before = await count_sent(share)
    content = os.urandom(3 * PIECE)
    job = job_of(share, Bytes("a.bin", content))
    await job.run()
    assert states(job) == ["succeeded"]
    assert fetch(server, job.documents[0]) == content
    assert await count_sent(share) == before + 1


async def test_a_server_that_goes_away_and_comes_back(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving
) -> None:
    content = os.urandom(8 * PIECE)
    proxy.spoil("PATCH", Cut(after=0), skip=2, times=ALWAYS)
    source = Bytes("a.bin", content)
    job = job_of(share, source)
    await job.run()
    problem = error_of(job)
    assert isinstance(problem, Interrupted)
    assert problem.exit_status == 1
    kept = job.rows[0].acknowledged
    assert kept >= 3 * PIECE
    proxy.behave()
    before = len(proxy.seen)
    await job.run()
    assert fetch(server, job.documents[0]) == content
    # A piece may be sent twice: the server refuses it while the one that was cut off is still being written.
    pieces = [int(seen.headers["upload-offset"]) for seen in proxy.seen[before:] if seen.method == "PATCH"]
    assert sorted(set(pieces)) == list(range(kept, len(content), PIECE))
    assert proxy.count("POST", "/uploads") == 1
    # Each attempt starts reading a little before where it resumes, not at the beginning.
    assert source.given <= 2 * len(content) + MIB * proxy.count("PATCH")


async def test_a_killed_server_that_is_started_again_goes_on(tmp_path: Path) -> None:
    """S25, T4: only the missing bytes are sent again."""
    first = ServerProcess(tmp_path / "data")
    port = urlsplit(first.url).port
    assert port is not None
    second: list[ServerProcess] = []

    def kill_and_restart() -> None:
        first.stop(signal.SIGKILL)
        second.append(ServerProcess(tmp_path / "data", port=port))

    try:
        content = os.urandom(8 * PIECE)
        with Misbehaving(first.url) as proxy:
            proxy.spoil("PATCH", Call(kill_and_restart), skip=3)
            async with connected(proxy.url, first.token) as (share, _):
                patience = RetryPolicy(30, first=0.1, most=1)
                job = job_of(share, Bytes("a.bin", content), patience=patience, password="correct horse 7!")
                await job.run()
                assert states(job) == ["succeeded"]
                assert sum(proxy.received("PATCH")) == len(content) - PIECE
                assert fetch(second[0], job.documents[0], "correct horse 7!") == content
    finally:
        for process in (first, *second):
            process.stop()


async def test_a_document_damaged_on_its_way_is_sent_again(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving
) -> None:
    proxy.spoil("PATCH", Say(460), times=2)
    content = os.urandom(3 * PIECE)
    job = job_of(share, Bytes("a.bin", content))
    await job.run()
    assert fetch(server, job.documents[0]) == content


# ---------------------------------------------------------------- a server that misbehaves


#: More than fits into one request of such a job.
LARGE = PIECE + 1


def problem_json(code: str, detail: str) -> bytes:
    return f'{{"title": "x", "status": 1, "code": "{code}", "detail": "{detail}"}}'.encode()


async def test_what_a_server_may_answer_to_an_upload(share: ShareClient, proxy: Misbehaving) -> None:
    """One after the other, to the same job; then it succeeds."""
    answers: list[tuple[Say, type[Problem], str]] = [
        (Say(413), TooLarge, "smaller"),
        (Say(507), Failed, "out of disk space"),
        (Say(500, b"<h1>Oops</h1>"), Failed, "500"),
        (Say(502, b"<h1>nginx</h1>"), Interrupted, "gateway"),
        (Say(401), NotSignedIn, "sign in"),
        (Say(423), Failed, "busy"),
        (Say(429, headers=(("Retry-After", "60"),)), Throttled, "60 seconds"),
        (Say(200, b"<h1>Welcome</h1>"), Failed, "tus"),
        (Say(201, b"", headers=(("Location", "http://evil.example/"),)), Failed, "tus"),
    ]
    job = job_of(share, Bytes("a.txt", b"a" * LARGE))
    for say, kind, part in answers:
        proxy.spoil("POST", say, "/uploads", times=ALWAYS)
        await job.run()
        problem = error_of(job)
        assert isinstance(problem, kind), say
        assert part in problem.message, say
        assert job.documents == []
        proxy.behave()
    await job.run()
    assert states(job) == ["succeeded"]


async def test_what_a_server_may_answer_in_the_middle(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving
) -> None:
    """Each time a piece further on."""
    content = os.urandom(9 * PIECE)
    job = job_of(share, Bytes("a.bin", content))
    wrong = Say(204, headers=(("Upload-Offset", "999999999"),))
    for say in (Say(413), Say(507), Say(500), Say(503), Say(423), wrong):
        proxy.spoil("PATCH", say, times=ALWAYS, skip=1)
        await job.run()
        error_of(job)
        proxy.behave()
    await job.run()
    assert states(job) == ["succeeded"]
    assert fetch(server, job.documents[0]) == content


@pytest.mark.parametrize("path", ["/uploads", "/documents", "/sends"])
async def test_a_failure_that_passes_is_not_seen(share: ShareClient, proxy: Misbehaving, path: str) -> None:
    for say in (Say(503), Say(429, headers=(("Retry-After", "1"),))):
        proxy.spoil("POST", say, path)
        job = job_of(share, Bytes("a.txt", b"a"))
        await job.run()
        assert states(job) == ["succeeded"]
        proxy.behave()


async def test_a_server_that_hangs(share: ShareClient, proxy: Misbehaving) -> None:
    proxy.spoil("PATCH", Hang(), times=ALWAYS)
    patience = RetryPolicy(1.0, first=0.01, most=0.02, answer=0.3)
    job = job_of(share, Bytes("a.bin", os.urandom(3 * PIECE)), patience=patience)
    await job.run()
    assert isinstance(error_of(job), Interrupted)
    assert "did not answer" in error_of(job).message
    proxy.behave()
    await job.run()
    assert states(job) == ["succeeded"]


async def test_an_upload_that_the_server_lost_is_begun_again(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving
) -> None:
    proxy.spoil("PATCH", Say(404), skip=1)
    content = os.urandom(4 * PIECE)
    job = job_of(share, Bytes("a.bin", content))
    await job.run()
    assert fetch(server, job.documents[0]) == content
    assert proxy.count("POST", "/uploads") == 2


async def test_a_web_page_in_place_of_the_published_document(share: ShareClient, proxy: Misbehaving) -> None:
    before = await count_sent(share)
    proxy.spoil("POST", Say(200, b"<h1>Welcome</h1>"), "/documents")
    job = job_of(share, Bytes("a.bin", os.urandom(2 * PIECE)))
    await job.run()
    assert error_of(job).code == "answer.not_understood"
    await job.run()
    assert states(job) == ["succeeded"]
    # The upload was complete, so it is not sent a second time.
    assert proxy.count("POST", "/uploads") == 1
    assert await count_sent(share) == before + 1


@pytest.mark.parametrize(("path", "size"), [("/documents", LARGE), ("/batch", 1)])
async def test_a_publication_whose_answer_is_lost_for_good_is_not_made_twice(
    share: ShareClient, proxy: Misbehaving, path: str, size: int
) -> None:
    """Decision: once, not twice."""
    before = await count_sent(share)
    proxy.spoil("POST", LoseAnswer(), path, times=ALWAYS)
    job = job_of(share, Bytes("a.txt", b"a" * size))
    await job.run()
    assert isinstance(error_of(job), Interrupted)
    proxy.behave()
    await job.run()
    assert states(job) == ["succeeded"]
    assert await count_sent(share) == before + 1


# ---------------------------------------------------------------- a send that is gone


async def test_a_send_that_is_gone_is_opened_again_with_the_same_settings(
    share: ShareClient, proxy: Misbehaving
) -> None:
    gone = Say(404, problem_json("send.unknown", "No such send."), "application/problem+json")
    proxy.spoil("POST", gone, "/uploads", times=3)
    job = job_of(share, *(Bytes(f"{i}.txt", b"a") for i in range(5)), downloads_permitted=3)
    await job.run()
    assert states(job) == ["succeeded"] * 5
    assert {d.downloads_permitted for d in job.documents} == {3}
    assert proxy.count("POST", "/sends") - proxy.count("POST", "/documents") == 2


@pytest.mark.parametrize(("path", "size"), [("/uploads", LARGE), ("/batch", 1)])
async def test_a_send_with_a_password_that_is_gone_says_so(
    share: ShareClient, proxy: Misbehaving, path: str, size: int
) -> None:
    gone = Say(404, problem_json("send.unknown", "No such send."), "application/problem+json")
    proxy.spoil("POST", gone, path)
    job = job_of(share, Bytes("a.txt", b"a" * size), password="correct horse 7!")
    await job.run()
    assert error_of(job).code == "send.gone"
    assert "password" in error_of(job).message
