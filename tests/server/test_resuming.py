"""A send whose process has ended is resumed in another: each document is published once, and none is lost."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.network.misbehave import ALWAYS, Misbehaving
from tests.support.network.spoiling import Cut, HoldAnswer, LoseAnswer, refusal
from tests.support.sends.dying import Dead, Sends, connect, files
from tests.support.sends.jobs import PIECE, count_sent, fetch, states
from tests.support.sends.journals import published
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tui.clients.share import ShareClient
from tui.rules.errors import Conflict, Interrupted, InvalidValue
from tui.sending.job.job import SendJob
from tui.sending.journal.journal_contents import read
from tui.sending.resuming import end_uploads


def at(proxy: Misbehaving, job: SendJob, patches: int, published: int) -> Callable[[], bool]:
    """Whether this many PATCHes have arrived and this many documents are published, as far as the job knows."""
    return lambda: proxy.count("PATCH") >= patches and len(job.documents) >= published


async def unfinished(share: ShareClient, job: SendJob) -> list[str]:
    assert job.send is not None
    state = await share.sends.state(job.send.id)
    return [upload.id for upload in state.uploads if not upload.published]


async def test_it_goes_on_where_it_was(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving, dying: Sends, tmp_path: Path
) -> None:
    """Large documents resume at the byte the server has reached; what was published is known even without an answer."""
    before = await count_sent(share)
    paths = files(tmp_path, 10, 20, 12 * PIECE, 30, 9 * PIECE)
    job = dying.begin(paths, downloads_permitted=3)
    proxy.spoil("PATCH", HoldAnswer(), skip=6, times=ALWAYS)
    await dying.ended_after(job, at(proxy, job, 8, 3))
    proxy.behave()
    stands = await dying.stands(share)
    assert len(stands.published) == 3
    assert stands.send is not None
    had = sum(stands.offsets.values())
    assert had > 2 * PIECE
    sent = sum(proxy.received("PATCH")) + sum(proxy.received("POST"))
    again = await dying.resume(share)
    assert sum(row.acknowledged for row in again.rows) >= had
    await again.run()
    assert states(again) == ["succeeded"] * 5
    assert [d.name for d in again.documents] == [path.name for path in paths]
    assert [fetch(server, d) for d in again.documents] == [path.read_bytes() for path in paths]
    assert {d.downloads_permitted for d in again.documents} == {3}
    assert await count_sent(share) == before + 5
    assert await unfinished(share, again) == []
    more = sum(proxy.received("PATCH")) + sum(proxy.received("POST")) - sent
    assert more < 21 * PIECE - had + 4096
    again.links_shown()
    assert dying.left == []


@pytest.mark.parametrize("path", ["/batch", "/documents"])
async def test_what_was_published_without_an_answer_is_not_published_twice(
    share: ShareClient, proxy: Misbehaving, dying: Sends, tmp_path: Path, path: str
) -> None:
    before = await count_sent(share)
    paths = files(tmp_path, *((10, 20, 30) if path == "/batch" else (5 * PIECE,)))
    proxy.spoil("POST", HoldAnswer(), path)
    job = dying.begin(paths)
    there = asyncio.Event()

    async def look() -> None:
        while await count_sent(share) < before + len(paths):
            await asyncio.sleep(0.05)
        there.set()

    looking = asyncio.create_task(look())
    await dying.ended_after(job, there.is_set)
    await looking
    again = await dying.resume(share)
    assert states(again) == ["succeeded"] * len(paths)
    assert again.journal is not None
    kept = published(read(again.journal.path))
    assert [d.name for d in kept] == [p.name for p in paths], "known from now on"
    await again.run()
    assert [d.name for d in again.documents] == [p.name for p in paths]
    assert await count_sent(share) == before + len(paths)


async def test_one_that_was_never_opened_is_opened(
    share: ShareClient, proxy: Misbehaving, dying: Sends, tmp_path: Path
) -> None:
    """The password has to be given again, because nothing has stored it."""
    proxy.spoil("POST", HoldAnswer(), "/sends")
    job = dying.begin(files(tmp_path, 10), password="correct horse 7!")
    await dying.ended_after(job, lambda: proxy.count("POST", "/sends") == 1)
    stands = await dying.stands(share)
    assert stands.send is None
    assert stands.needs_password
    with pytest.raises(InvalidValue) as refused:
        await dying.resume(share)
    assert refused.value.code == "password.missing"
    again = await dying.resume(share, password="another horse 8!")
    await again.run()
    (document,) = again.documents
    assert document.has_password
    again.links_shown()
    assert dying.left == []


async def test_one_with_a_password_goes_on_without_it(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving, dying: Sends, tmp_path: Path
) -> None:
    """The server has the password's hash."""
    paths = files(tmp_path, 10, 5 * PIECE)
    proxy.spoil("PATCH", HoldAnswer(), times=ALWAYS)
    job = dying.begin(paths, password="correct horse 7!")
    await dying.ended_after(job, lambda: proxy.count("PATCH") >= 1)
    proxy.behave()
    again = await dying.resume(share)
    await again.run()
    assert [d.has_password for d in again.documents] == [True, True]
    assert fetch(server, again.documents[1], "correct horse 7!") == paths[1].read_bytes()


async def test_a_server_that_is_away_leaves_it_as_it_was(
    share: ShareClient, proxy: Misbehaving, dying: Sends, tmp_path: Path
) -> None:
    """A send that was killed before its opening was answered has nothing to show, but can still be resumed."""
    job = dying.begin(files(tmp_path, 10, 20))
    proxy.spoil("POST", HoldAnswer(), "/sends", times=9)
    await dying.ended_after(job, lambda: proxy.count("POST", "/sends") >= 1)
    proxy.behave()
    before = dying.left
    again = await dying.resume(share)
    kept = share.http
    connect(again.share, Dead())
    with pytest.raises(Interrupted):
        await again.run()
    assert again.journal is not None
    again.journal.release()
    assert dying.left == before
    connect(share, kept)
    last = await dying.resume(share)
    await last.run()
    assert states(last) == ["succeeded"] * 2


async def test_a_file_that_has_changed_is_sent_as_it_is_now(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving, dying: Sends, tmp_path: Path
) -> None:
    """From the beginning; the half-sent upload of the old content is ended. A file that is missing fails alone."""
    paths = files(tmp_path, 5 * PIECE, 6 * PIECE, 7 * PIECE)
    proxy.spoil("PATCH", HoldAnswer(), times=ALWAYS)
    job = dying.begin(paths)
    await dying.ended_after(job, lambda: proxy.count("PATCH") >= 3)
    proxy.behave()
    paths[0].write_bytes(os.urandom(4 * PIECE))
    paths[1].unlink()
    again = await dying.resume(share)
    await again.run()
    assert states(again) == ["succeeded", "failed", "succeeded"]
    assert again.rows[1].error is not None
    assert again.rows[1].error.code == "file.missing"
    assert fetch(server, again.documents[0]) == paths[0].read_bytes()
    again.links_shown()
    # The missing file may come back.
    assert len(dying.left) == 1
    paths[1].write_bytes(b"back")
    await again.run()
    assert states(again) == ["succeeded"] * 3
    assert await unfinished(share, again) == []


@pytest.mark.parametrize(("where", "size"), [("/documents", PIECE + 1), ("/batch", 10)])
async def test_content_that_changed_after_it_was_published_unheard_is_published_once(
    share: ShareClient, proxy: Misbehaving, dying: Sends, tmp_path: Path, where: str, size: int
) -> None:
    """Within one process, which does not ask the server first: it gets the original answer."""
    before = await count_sent(share)
    (path,) = files(tmp_path, size)
    proxy.spoil("POST", LoseAnswer(), where, times=ALWAYS)
    job = dying.begin([path])
    await job.run()
    assert states(job) == ["failed"]
    path.write_bytes(b"other")
    proxy.behave()
    await job.run()
    assert states(job) == ["succeeded"]
    assert job.documents[0].size == size
    assert await count_sent(share) == before + 1


async def test_what_was_removed_for_good_since_is_not_sent_again(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving, dying: Sends, tmp_path: Path
) -> None:
    paths = files(tmp_path, 10, 20, 5 * PIECE)
    proxy.spoil("PATCH", HoldAnswer(), times=ALWAYS)
    job = dying.begin(paths)
    await dying.ended_after(job, at(proxy, job, 1, 2))
    proxy.behave()
    with Sender(server) as sender:
        first, second = (await dying.stands(share)).published
        sender.delete(f"/documents/{first.id}")
        sender.post("/trash/empty")
        sender.post(f"/documents/{second.id}/unpublish")
    again = await dying.resume(share)
    await again.run()
    assert states(again) == ["failed", "succeeded", "succeeded"]
    assert again.rows[0].error is not None
    assert again.rows[0].error.code == "document.purged"
    assert [d.published for d in again.documents] == [False, True]


async def test_giving_up_leaves_nothing_half_sent(
    share: ShareClient, proxy: Misbehaving, dying: Sends, tmp_path: Path
) -> None:
    proxy.spoil("PATCH", HoldAnswer(), times=ALWAYS)
    job = dying.begin(files(tmp_path, 10, 5 * PIECE, 6 * PIECE))
    await dying.ended_after(job, at(proxy, job, 2, 1))
    assert len(await unfinished(share, job)) == 2
    stands = await dying.stands(share)
    await end_uploads(share, stands.contents)
    assert await unfinished(share, job) == []
    assert len(stands.published) == 1


async def test_uploads_that_nothing_goes_on_with_are_ended(
    share: ShareClient, proxy: Misbehaving, dying: Sends, server: ServerProcess, tmp_path: Path
) -> None:
    """For example those of a process that was killed between ending one upload and beginning another."""
    proxy.spoil("PATCH", HoldAnswer(), times=ALWAYS)
    job = dying.begin(files(tmp_path, 5 * PIECE))
    await dying.ended_after(job, lambda: proxy.count("PATCH") >= 1)
    proxy.behave()
    assert job.send is not None
    with Sender(server) as sender:
        sender.begin(job.send.id, 77)
    again = await dying.resume(share)
    assert len(await unfinished(share, again)) == 1
    await again.run()
    assert await unfinished(share, again) == []


async def test_two_processes_do_not_go_on_with_one(
    share: ShareClient, proxy: Misbehaving, dying: Sends, tmp_path: Path
) -> None:
    proxy.spoil("PATCH", HoldAnswer(), times=ALWAYS)
    job = dying.begin(files(tmp_path, 5 * PIECE))
    await dying.ended_after(job, lambda: proxy.count("PATCH") >= 1)
    proxy.behave()
    first = await dying.resume(share)
    with pytest.raises(Conflict):
        await dying.resume(share)
    await first.run()
    assert states(first) == ["succeeded"]


# ---------------------------------------------------------------- cancelled, and nothing left


@pytest.mark.parametrize("action", [HoldAnswer(), Cut(100_000)], ids=["unanswered", "cut"])
async def test_a_cancel_ends_an_upload_whose_creation_was_not_answered(
    share: ShareClient, proxy: Misbehaving, dying: Sends, tmp_path: Path, action: object
) -> None:
    """Its id is known, because the client chose it."""
    proxy.spoil("POST", action, "/uploads", times=ALWAYS)  # type: ignore[arg-type]
    job = dying.begin(files(tmp_path, 5 * PIECE, 5 * PIECE, 5 * PIECE))
    running = asyncio.create_task(job.run())
    async with asyncio.timeout(60):
        while proxy.count("POST", "/uploads") < 3:
            await asyncio.sleep(0.005)
        while job.send is None or len(await unfinished(share, job)) < 3:
            await asyncio.sleep(0.005)
    job.cancel()
    await running
    assert states(job) == ["cancelled"] * 3
    assert await unfinished(share, job) == []
    # It can still be resumed.
    assert dying.left == [job.journal.id if job.journal else ""]


async def test_a_send_that_was_refused_as_a_whole_leaves_no_journal(
    share: ShareClient, proxy: Misbehaving, dying: Sends, tmp_path: Path
) -> None:
    proxy.spoil("POST", refusal(422, "policy.password", "A password is required."), "/sends")
    job = dying.begin(files(tmp_path, 10))
    with pytest.raises(Exception, match="required"):
        await job.run()
    assert dying.left == []
    await job.run()
    assert states(job) == ["succeeded"]


async def test_the_journal_is_there_before_anything_is_changed(
    share: ShareClient, proxy: Misbehaving, dying: Sends, tmp_path: Path
) -> None:
    job = dying.begin(files(tmp_path, 10))
    seen: list[tuple[str, int]] = []
    real = proxy._action

    def look(request: object) -> object:
        seen.append((request.method, len(dying.left)))  # type: ignore[attr-defined]
        return real(request)  # type: ignore[arg-type]

    proxy._action = look  # type: ignore[assignment, method-assign]
    await job.run()
    changing = [count for method, count in seen if method != "GET"]
    assert changing == [1] * len(changing) != []
