"""A version in Work is published by the server that stores it: rows only, and only for users who may read it."""

from __future__ import annotations

import hashlib
import os
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.network.misbehave import ALWAYS, Misbehaving
from tests.support.network.spoiling import Cut, LoseAnswer
from tests.support.sends.jobs import QUICK, error_of, job_of_documents, job_of_versions, states
from tests.support.sends.jobs import connected as connected_to_one
from tests.support.servers.databases import both
from tests.support.servers.server import ServerProcess
from tests.support.users.share import NOBODY, Sender, fetch, problem, stored
from tests.support.users.work import Worker, add_person
from tui.clients.target import Target
from tui.clients.two_servers import connected
from tui.clients.work_target import WorkTarget
from tui.rules.link_settings import LinkSettings
from tui.sending.job.job import SendJob
from tui.sending.journal.journal import Journal
from tui.sending.journal.unfinished import unfinished_sends
from tui.sending.plan import Plan
from tui.sending.resuming import query_status, resumed
from tui.sending.sources import WorkSource
from tui.server.blobs.sealing.chunks import stored_length
from tui.server.installation import jobs
from tui.server.installation.installation import open_context
from tui.ui.send.progress import status_cell

CONTENT = b"the deed" * 1000


@pytest.fixture(scope="module")
def owner(server: ServerProcess) -> Iterator[Worker]:
    with Worker(server, add_person(server, "OWNER")) as worker:
        yield worker


@pytest.fixture
def mine(owner: Worker) -> Iterator[Sender]:
    """The same user, as a sender."""
    with Sender(owner.server, owner.http.headers["X-Auth-Token"]) as sender:
        yield sender


def publish(
    who: Sender,
    send: str,
    version: str,
    content: bytes = CONTENT,
    name: str = "Deed.pdf",
    key: str | None = None,
) -> httpx.Response:
    body = {"version": version, "name": name, "sha256": hashlib.sha256(content).hexdigest()}
    headers = {"Idempotency-Key": key} if key else {}
    return who.request("POST", f"/sends/{send}/versions", json=body, headers=headers)


def made(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 201, response.text
    document: dict[str, Any] = response.json()
    return document


async def sweep(server: ServerProcess) -> None:
    context = await open_context(server.settings)
    try:
        await jobs.run_all(context)
    finally:
        await context.close()


def test_a_send_takes_versions_for_a_week(restored: Sender) -> None:
    with Worker(restored.server) as worker:
        paper = worker.upload(worker.workspace("M"), "Deed", CONTENT, "pdf")["id"]
    send = restored.open()["id"]
    restored.server.turn_clock(6.9 * 86_400)
    made(publish(restored, send, paper))
    restored.server.turn_clock(7.1 * 86_400)
    problem(publish(restored, send, paper, name="Again.pdf"), 404, "send.unknown")
    assert restored.get("/documents")["total"] == 1


def test_another_version_of_it_is_another_document(owner: Worker, mine: Sender) -> None:
    paper = owner.upload(owner.workspace("M"), "Deed", CONTENT, "pdf")["id"]
    second = owner.new_version(paper, "Deed", b"second", "pdf")["id"]
    send = mine.open()["id"]
    assert fetch(owner.server, made(publish(mine, send, paper))["url"]) == CONTENT
    assert fetch(owner.server, made(publish(mine, send, second, b"second", "Second.pdf"))["url"]) == b"second"
    problem(publish(mine, send, second, CONTENT, "Third.pdf"), 409, "version.changed")
    problem(publish(mine, send, paper), 422, "name.taken")
    problem(publish(mine, send, paper, name="a/b.pdf"), 422, "name.forbidden_character")
    for wrong in ("ACTIVE!99999999.1", paper.rpartition(".")[0], f"{paper}9", "x", "file:x", ""):
        problem(publish(mine, send, wrong, name="Wrong.pdf"), 404, "version.unknown")


def test_it_is_published_once(owner: Worker, mine: Sender) -> None:
    paper = owner.upload(owner.workspace("M"), "Deed", CONTENT, "pdf")["id"]
    send = mine.open()["id"]
    first = made(publish(mine, send, paper, key="once"))
    assert made(publish(mine, send, paper, key="once")) == first
    problem(publish(mine, send, paper, name="Other.pdf", key="once"), 422, "idempotency.reused")


def test_bytes_that_are_not_there_are_not_published(owner: Worker, mine: Sender) -> None:
    before = set(stored(owner.server))
    paper = owner.upload(owner.workspace("M"), "Deed", CONTENT, "pdf")["id"]
    (path,) = set(stored(owner.server)) - before
    path.unlink()
    problem(publish(mine, mine.open()["id"], paper), 503, "version.unavailable")


# ---------------------------------------------------------------- a send


async def test_a_send_carries_no_byte_of_it(owner: Worker) -> None:
    server, token = owner.server, owner.http.headers["X-Auth-Token"]
    space = owner.workspace("M")
    papers = [owner.upload(space, f"Deed {n}", CONTENT + b"%d" % n, "pdf")["id"] for n in range(3)]
    large = owner.upload(space, "Large", os.urandom(5_000_000), "bin")["id"]
    with Misbehaving(server.url) as proxy:
        async with connected_to_one(proxy.url, token) as (share, work):
            sources = [WorkSource(work, await work.document(paper)) for paper in (*papers, large)]
            job = SendJob(share, work, Plan(sources), LinkSettings(), patience=QUICK)
            shown: set[str] = set()
            job.on_change = lambda index: shown.add(status_cell(job.rows[index or 0])[0])
            proxy.spoil("POST", LoseAnswer(), "/versions")
            await job.run()
            assert states(job) == ["succeeded"] * 4
            assert shown == {"○ pending", "on the server", "✓ succeeded"}
        assert proxy.count("GET", "/download") == proxy.count("POST", "/uploads") == 0
        assert proxy.count("POST", "/batch") == 0
        assert sum(seen.body for seen in proxy.seen) < 20_000
    assert [document.source for document in job.documents] == [*papers, large]
    assert [document.source_name for document in job.documents] == [
        *(f"Deed {n}.pdf" for n in range(3)),
        "Large.bin",
    ]
    assert fetch(server, str(job.documents[1].url)) == CONTENT + b"1"
    assert owner.history(large)[:2] == ["SHARED", "EXPORT"]


async def test_a_send_that_goes_on_carries_none_either(owner: Worker, tmp_path: Path) -> None:
    paper = owner.upload(owner.workspace("M"), "Deed", CONTENT, "pdf")["id"]
    with Misbehaving(owner.server.url) as proxy:
        async with connected_to_one(proxy.url, owner.http.headers["X-Auth-Token"]) as (share, work):
            plan = Plan([WorkSource(work, await work.document(paper))])
            journal = Journal(tmp_path, "local", "OWNER")
            job = SendJob(share, work, plan, LinkSettings(), patience=QUICK, journal=journal)
            proxy.spoil("POST", Cut(0), "/versions", times=ALWAYS)
            await job.run()
            assert states(job) == ["failed"]
            journal.release()
            proxy.behave()
            (left_over,) = unfinished_sends(tmp_path, "local", "OWNER", datetime.now(UTC))
            found = await query_status(share, left_over.contents)
            taken = Journal.take(tmp_path, found.contents)
            again = await resumed(share, work, taken, found, patience=QUICK)
            await again.run()
            assert states(again) == ["succeeded"]
        assert proxy.count("GET", "/download") == proxy.count("POST", "/uploads") == 0
    assert again.documents[0].source == paper


async def test_a_version_that_went_meanwhile_says_so(owner: Worker) -> None:
    paper = owner.upload(owner.workspace("M"), "Deed", CONTENT, "pdf")["id"]
    async with connected_to_one(owner.server.url, owner.http.headers["X-Auth-Token"]) as (share, work):
        source = WorkSource(work, await work.document(paper))
        owner.request("DELETE", f"documents/{paper}").raise_for_status()
        job = SendJob(share, work, Plan([source]), LinkSettings(), patience=QUICK)
        await job.run()
        assert "was deleted, or you no longer have access" in error_of(job).message
        changed = owner.upload(owner.workspace("M"), "Deed", CONTENT, "pdf")["id"]
        listed = (await work.document(changed)).model_copy(update={"checksum": f"SHA256:{'0' * 64}"})
        job = job_of_documents(share, work, listed)
        await job.run()
        assert "changed since it was listed" in error_of(job).message


async def test_between_two_servers_nothing_is_held_whole(owner: Worker, tmp_path: Path) -> None:
    """It is streamed from one to the other."""
    content = os.urandom(16 * 1024 * 1024)
    paper = owner.upload(owner.workspace("M"), "Large", content, "bin")["id"]
    work_target = WorkTarget(Target(owner.server.url, owner.http.headers["X-Auth-Token"]))
    del content
    with ServerProcess(tmp_path / "share") as other:
        async with connected(Target(other.url, other.token), work_target) as (share, work):
            job = await job_of_versions(share, work, paper)
            tracemalloc.start()
            try:
                await job.run()
                _, most = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
        assert states(job) == ["succeeded"]
        assert not job.rows[0].on_server
        assert most < 8 * 1024 * 1024
        # No temporary file either: the document is all that is stored.
        assert sum(file.stat().st_size for file in stored(other)) == stored_length(16 * 1024 * 1024)


@both
def test_it_is_a_document_like_any_other(owner: Worker, mine: Sender) -> None:
    paper = owner.upload(owner.workspace("M"), "Deed", CONTENT, "pdf")["id"]
    before = len(stored(owner.server))
    send = mine.open(downloads_permitted=2)["id"]
    sent = made(publish(mine, send, paper))
    assert (sent["source"], sent["name"], sent["size"]) == (paper, "Deed.pdf", len(CONTENT))
    assert (sent["published"], sent["downloads_permitted"]) == (True, 2)
    assert fetch(owner.server, sent["url"]) == CONTENT
    assert len(stored(owner.server)) == before
    # Both sides record it.
    events = mine.get(f"/documents/{sent['id']}/audit")["events"]
    assert [event["event"] for event in reversed(events)][:2] == ["sent", "published"]
    assert events[-1]["details"]["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    assert mine.get(f"/documents/{sent['id']}/audit/verify")["broken"] is None
    assert owner.history(paper)[0] == "EXPORT"
    uploaded = mine.publish(send, mine.upload(send, CONTENT), "Other.pdf", CONTENT, source=paper).json()
    assert sent.keys() == uploaded.keys()


@both
async def test_the_bytes_stay_as_long_as_one_side_has_them(owner: Worker, mine: Sender) -> None:
    first = owner.upload(owner.workspace("M"), "Deed", CONTENT, "pdf")["id"]
    second = owner.upload(owner.workspace("N"), "Deed", b"other", "pdf")["id"]
    before = len(stored(owner.server))
    send = mine.open()["id"]
    sent, other = made(publish(mine, send, first)), made(publish(mine, send, second, b"other", "Other.pdf"))
    owner.request("DELETE", f"documents/{first}").raise_for_status()
    owner.request("DELETE", f"trash-bin/documents/{first}").raise_for_status()
    await sweep(owner.server)
    assert fetch(owner.server, sent["url"]) == CONTENT
    for document in (sent, other):
        mine.delete(f"/documents/{document['id']}")
    mine.post("/trash/empty")
    await sweep(owner.server)
    assert owner.download(second).content == b"other"
    assert len(stored(owner.server)) == before - 1


@both
def test_only_who_may_read_the_version_may_send_it(owner: Worker, mine: Sender, me: Sender) -> None:
    """S8: not even an administrator, and only as long as the right lasts."""
    space = owner.workspace("Secret", default_security="private")
    paper = owner.upload(space, "Deed", CONTENT, "pdf")["id"]
    with Sender(owner.server, add_person(owner.server, "READER")) as reader:
        for who in (me, reader):
            problem(publish(who, who.open()["id"], paper), 404, "version.unknown")
        readers = {"default_security": "private", "user_trustees": [{"id": "READER", "access_level": "read"}]}
        owner.request("PATCH", f"documents/{paper}", json=readers).raise_for_status()
        send = reader.open()["id"]
        sent = made(publish(reader, send, paper, key="mine"))
        assert fetch(owner.server, sent["url"]) == CONTENT
        owner.request("PATCH", f"documents/{paper}", json={**readers, "user_trustees": []}).raise_for_status()
        problem(publish(reader, send, paper, name="Again.pdf"), 404, "version.unknown")
        # The one that was already sent is the reader's own.
        assert made(publish(reader, send, paper, key="mine")) == sent
        assert fetch(owner.server, sent["url"]) == CONTENT
    # No one can publish in another user's send.
    problem(publish(me, mine.open()["id"], paper), 404, "send.unknown")
    problem(publish(mine, NOBODY, paper), 404, "send.unknown")
