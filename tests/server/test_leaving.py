"""A send that is left to another process, or cancelled so that it can be resumed: what the server has is used."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.support.network.misbehave import ALWAYS, Misbehaving
from tests.support.network.spoiling import Hang, HoldAnswer, refusal
from tests.support.sends.dying import Sends, files
from tests.support.sends.jobs import PIECE, Bytes, fetch, job_of, states
from tests.support.servers.server import ServerProcess
from tui.clients.share import ShareClient
from tui.rules.errors import PolicyBreach
from tui.sending.job.job import Phase, SendJob


async def begun(job: SendJob, proxy: Misbehaving, method: str, path: str = "") -> asyncio.Task[None]:
    """The run of a job that waits for the answer to such a request."""
    running = asyncio.create_task(job.run())
    async with asyncio.timeout(60):
        while not any(seen.held for seen in proxy.seen) and not proxy.count(method, path):
            await asyncio.sleep(0.005)
    return running


async def uploads(share: ShareClient, job: SendJob) -> dict[str, int]:
    """The unfinished uploads of a send on the server, and how many bytes they have."""
    assert job.send is not None
    state = await share.sends.state(job.send.id)
    return {upload.id: upload.offset for upload in state.uploads if not upload.published}


@pytest.mark.parametrize("moment", ["checking", "opening", "sending"])
async def test_another_process_goes_on_where_it_was_left(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving, dying: Sends, tmp_path: Path, moment: str
) -> None:
    method, path = {"checking": ("GET", "/me"), "opening": ("POST", "/sends"), "sending": ("PATCH", "")}[
        moment
    ]
    proxy.spoil(method, HoldAnswer(), path, times=ALWAYS)
    paths = files(tmp_path, 4 * PIECE, 3 * PIECE)
    job = dying.begin(paths)
    running = await begun(job, proxy, method, path)
    async with asyncio.timeout(60):
        while moment == "sending" and sum((await uploads(share, job)).values()) < 4 * PIECE:
            await asyncio.sleep(0.005)
    await job.leave()
    assert not job.running
    await running
    assert states(job) == ["cancelled"] * 2
    assert job.journal is not None
    assert job.journal.held
    had = await uploads(share, job) if moment == "sending" else {}
    assert sum(had.values()) >= (4 * PIECE if moment == "sending" else 0)
    proxy.behave()
    # The other process takes the journal over.
    job.journal.release()
    assert dying.left == [job.journal.id]
    before = sum(proxy.received("PATCH")) + sum(proxy.received("POST"))
    again = await dying.resume(share)
    await again.run()
    assert [fetch(server, document) for document in again.documents] == [each.read_bytes() for each in paths]
    sent = sum(proxy.received("PATCH")) + sum(proxy.received("POST")) - before
    assert sent <= 7 * PIECE - sum(had.values()) + 4096
    assert await uploads(share, again) == {}


async def test_a_send_that_has_not_begun_can_be_left_too(
    share: ShareClient, dying: Sends, tmp_path: Path
) -> None:
    job = dying.begin(files(tmp_path, 10))
    await job.leave()
    assert job.journal is not None
    assert job.journal.held
    job.journal.release()
    again = await dying.resume(share)
    await again.run()
    assert states(again) == ["succeeded"]


async def test_where_no_journal_can_be_written_it_cannot_be_left(
    share: ShareClient, proxy: Misbehaving, tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("a file in the place of the folder")
    job = Sends(tmp_path / "state", share).begin(files(tmp_path, 2 * PIECE))
    proxy.spoil("PATCH", HoldAnswer(), times=ALWAYS)
    running = await begun(job, proxy, "PATCH")
    await job.leave()
    await running
    assert job.journal is not None
    assert not job.journal.held


@pytest.mark.parametrize("keep", [True, False])
async def test_uploads_are_kept_only_for_those_who_go_on(
    share: ShareClient, proxy: Misbehaving, dying: Sends, tmp_path: Path, keep: bool
) -> None:
    proxy.spoil("PATCH", HoldAnswer(), times=ALWAYS)
    job = dying.begin(files(tmp_path, 3 * PIECE))
    running = await begun(job, proxy, "PATCH")
    job.cancel(keep=keep)
    assert states(job) == ["cancelled"]
    await running
    assert len(await uploads(share, job)) == keep
    # Either way it is an interrupted send.
    assert len(dying.left) == 1
    proxy.behave()
    # The same job can go on, too.
    await job.run()
    assert states(job) == ["succeeded"]
    assert await uploads(share, job) == {}
    job.links_shown()
    assert dying.left == []


async def test_a_send_that_was_refused_when_it_was_left_stays_in_its_journal(
    share: ShareClient, proxy: Misbehaving, dying: Sends, tmp_path: Path
) -> None:
    """One that is resumed and refused stays as it was."""
    proxy.spoil("POST", Hang(), "/sends")
    job = dying.begin(files(tmp_path, 10))
    running = await begun(job, proxy, "POST", "/sends")
    await job.leave()
    await running
    assert job.journal is not None
    job.journal.release()
    proxy.spoil("POST", refusal(422, "policy.password", "A password is required."), "/sends")
    again = await dying.resume(share)
    with pytest.raises(PolicyBreach):
        await again.run()
    assert again.journal is not None
    again.journal.release()
    assert dying.left == [job.journal.id]


async def test_a_job_that_is_not_running_has_nothing_to_cancel(share: ShareClient) -> None:
    job = job_of(share, Bytes("a.txt", b"a"))
    job.cancel()
    assert (states(job), job.phase) == (["pending"], Phase.IDLE)
    await job.ended()
    await job.run()
    job.cancel()
    await job.run()
    assert (states(job), job.phase) == (["succeeded"], Phase.DONE)
    # Without a journal, nothing needs to be noted.
    job.links_shown()
