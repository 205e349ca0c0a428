"""Documents of Work that are sent, with the real Work and Share; Work's audit (P3)."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests.support.network.misbehave import ALWAYS
from tests.support.network.spoiling import CutAnswer, Say
from tests.support.sends.jobs import connected, fetch, job_of_documents, states, through_proxy
from tests.support.servers.server import ServerProcess
from tui.clients.work import WorkClient
from tui.rules.errors import Interrupted, NotFound
from tui.rules.link_settings import LinkSettings
from tui.sending.job.job import SendJob
from tui.sending.plan import Plan
from tui.sending.sources import WorkSource
from tui.wire.work import Document


async def work_documents(work: WorkClient, count: int) -> list[Document]:
    found: list[Document] = []
    for space in (await work.workspaces()).items:
        waiting = [space.id]
        while waiting and len(found) < count:
            for entry in (await work.children(waiting.pop(0))).items:
                if isinstance(entry, Document):
                    found.append(entry)
                elif entry.wstype == "folder":
                    waiting.append(entry.id)
    return found[:count]


async def test_documents_of_work_are_sent_without_a_detour(sample_server: ServerProcess) -> None:
    async with connected(sample_server.url, sample_server.token) as (share, work):
        documents = await work_documents(work, 6)
        assert len(documents) == 6
        job = job_of_documents(share, work, *documents, password="correct horse 7!", downloads_permitted=3)
        await job.run()
        assert states(job) == ["succeeded"] * 6
        assert not any(row.changed for row in job.rows)
        for document, sent in zip(documents, job.documents, strict=True):
            original = b"".join([piece async for piece in work.download(document.id)])
            assert sent.source == document.id
            assert sent.sha256 == document.sha256
            assert fetch(sample_server, sent, "correct horse 7!") == original


async def test_a_work_server_that_tells_no_sizes(sample_server: ServerProcess) -> None:
    """The length of the download is queried instead, and what arrives is checked against it."""
    async with through_proxy(sample_server) as (proxy, share, work):
        document = (await work_documents(work, 1))[0]
        profile = {"id": document.id, "wstype": "document", "name": document.name}
        said = Say(200, json.dumps({"data": profile}).encode(), "application/json")
        proxy.spoil("GET", said, f"/documents/{document.id}?", times=9)
        listed = await work.document(document.id)
        assert (listed.size, listed.sha256) == (None, None)
        job = job_of_documents(share, work, listed)
        await job.run()
        assert (job.documents[0].size, job.documents[0].sha256) == (document.size, document.sha256)
        proxy.spoil("GET", Say(200, b"no such length", "application/octet-stream"), "/download", times=9)
        job = job_of_documents(share, work, listed)
        await job.run()
        assert states(job) == ["failed"]


async def test_works_history_tells_of_the_send_and_keeps_the_secrets(sample_server: ServerProcess) -> None:
    """P3"""
    async with connected(sample_server.url, sample_server.token) as (share, work):
        document = (await work_documents(work, 1))[0]
        expiry = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
        plan = Plan([WorkSource(work, document)])
        name = plan.rename(0, "Offer to the client")
        settings = LinkSettings(password="correct horse 7!", expires_at=expiry, downloads_permitted=5)
        job = SendJob(share, work, plan, settings)
        await job.run()
        sent = job.documents[0]
        history = (await work.history(document.id, activity="share")).items
        assert [(item.name, item.user) for item in history][:1] == [("SHARED", "DJONES")]
        comments = history[0].comments
        assert comments is not None
        for part in (name, "2030-01-02 03:04:05 UTC", "downloads permitted 5", "with password"):
            assert part in comments
        assert "correct horse" not in comments
        assert sent.url is not None
        assert sent.url.rpartition("/")[2] not in comments
        assert any(item.name == "EXPORT" for item in (await work.history(document.id)).items)


async def test_a_history_that_is_refused_does_not_stop_a_send(sample_server: ServerProcess) -> None:
    async with through_proxy(sample_server) as (proxy, share, work):
        documents = await work_documents(work, 2)
        proxy.spoil("POST", Say(404), "/history", times=ALWAYS)
        job = job_of_documents(share, work, *documents)
        await job.run()
        assert states(job) == ["succeeded"] * 2


async def test_a_document_that_is_gone_from_work_fails_alone(sample_server: ServerProcess) -> None:
    async with connected(sample_server.url, sample_server.token) as (share, work):
        there = (await work_documents(work, 1))[0]
        gone = there.model_copy(update={"id": "ACTIVE!999999.1", "name": "gone"})
        other = there.model_copy(update={"checksum": f"SHA256:{'0' * 64}", "name": "other"})
        job = job_of_documents(share, work, gone, other, there)
        await job.run()
        assert states(job) == ["failed", "failed", "succeeded"]
        assert isinstance(job.rows[0].error, NotFound)
        assert job.rows[1].error is not None
        assert "Reload" in job.rows[1].error.message


@pytest.mark.parametrize("times", [1, 99])
async def test_a_download_from_work_that_breaks_off(
    sample_server: ServerProcess, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once: it is started again. Always: the row fails, and nothing half-sent is left. For a Work server that does not
    publish its documents itself."""
    monkeypatch.setattr(WorkSource, "with_share", False)
    async with through_proxy(sample_server) as (proxy, share, work):
        document = max(await work_documents(work, 60), key=lambda d: d.size or 0)
        original = b"".join([piece async for piece in work.download(document.id)])
        proxy.spoil("GET", CutAnswer(len(original) // 2), "/download", times=times)
        job = job_of_documents(share, work, document)
        await job.run()
        if times == 1:
            assert fetch(sample_server, job.documents[0]) == original
        else:
            assert states(job) == ["failed"]
            assert isinstance(job.rows[0].error, Interrupted)
            assert job.documents == []
            assert proxy.count("POST", "/uploads") == proxy.count("DELETE", "/uploads")
            proxy.behave()
            await job.run()
            assert states(job) == ["succeeded"]
