"""Answers from Work that are wrong in any way: to a list, a download, an upload. Each gives one sentence, sends no
token to anyone else, and leaves nothing half done."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from tests.support.checks.long import few
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Call, CutAnswer, Say
from tests.support.servers.server import ServerProcess
from tests.support.users.work import PASSWORD, Worker, add_person
from tui.clients.connection import Target, open_http
from tui.clients.library import FileContent, LibraryClient
from tui.clients.work import WorkClient, pages
from tui.rules.errors import (
    Conflict,
    Failed,
    Interrupted,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Problem,
    Throttled,
    TooLarge,
    Unreachable,
)

JSON = "application/json"
HTML = b"<!doctype html><h1>Welcome to the wifi</h1>"
BYTES = b"the content of a paper" * 1000


def coded(status: int, code: str, sentence: str) -> Say:
    body = {"error": {"code": code, "code_message": code, "message": sentence}}
    return Say(status, json.dumps(body).encode(), JSON)


#: What may come in place of an answer, the error it causes, and a part of its sentence.
ANSWERS: list[tuple[Any, type[Problem], str]] = [
    (Say(200, HTML), Failed, "a web page"),
    (Say(200, b'{"data": [', JSON), Failed, "instead of data"),
    (Say(200, b"\xff\xfe\x00", JSON), Failed, "instead of data"),
    (Say(200, b"[" * 100_000, JSON), Failed, "instead of data"),
    (Say(200, b"\x1f\x8bno gzip", JSON, (("Content-Encoding", "gzip"),)), Failed, "can't be read"),
    (CutAnswer(40), Interrupted, "broke"),
    (CutAnswer(100), Interrupted, "broke"),
    (coded(401, "x", "X-Auth-Token is invalid or missing"), NotSignedIn, "sign in"),
    (coded(403, "NRC_NO_ACCESS", "You may not see this."), NotAllowed, "You may not see this."),
    (coded(404, "NRC_NO_RECORD", "There is no such record."), NotFound, "There is no such record."),
    (coded(409, "NRC_LOCKED", "Somebody else has it."), Conflict, "Somebody else has it."),
    (Say(403, HTML), NotAllowed, "does not allow this"),
    (Say(404, HTML), NotFound, "may have been deleted"),
    (Say(409, HTML), Conflict, "something changed"),
    (Say(413, HTML), TooLarge, "this large"),
    (Say(429, HTML, headers=(("Retry-After", "120"),)), Throttled, "120 seconds"),
    (Say(500, HTML), Failed, "an error"),
    (Say(502, HTML), Unreachable, "gateway"),
    (Say(503, HTML), Unreachable, "not available"),
    (Say(504, HTML), Unreachable, "gateway"),
    (Say(302, b"", headers=(("Location", "https://evil.example/x"),)), Failed, "evil.example"),
    (Say(307, b"", headers=(("Location", "//evil.example/x"),)), Failed, "redirects to"),
]
#: The same for downloads, where malformed JSON proves nothing, since a document's bytes may be anything.
OF_BYTES = [
    (Say(200, HTML), Failed, "(size or checksum)"),
    *[one for one in ANSWERS if not (isinstance(one[0], Say) and one[0].status == 200)],
    (Say(200, BYTES[:-1], "application/octet-stream"), Failed, "(size or checksum)"),
    (Say(200, BYTES + b"x", "application/octet-stream"), Failed, "(size or checksum)"),
    (Say(200, BYTES[:-1] + b"!", "application/octet-stream"), Failed, "(size or checksum)"),
    (Say(206, BYTES[:10], "application/octet-stream"), Failed, "(size or checksum)"),
    (Say(200, BYTES, "application/octet-stream", (("Content-Encoding", "gzip"),)), Failed, "can't be read"),
    (CutAnswer(10_000), Interrupted, "broke"),
]


@pytest.fixture
async def work(server: ServerProcess, spoiled: Misbehaving) -> AsyncIterator[LibraryClient]:
    async with open_http(Target(spoiled.url, server.token)) as http:
        client = LibraryClient(http)
        await client.discover()
        yield client


def told(problem: Problem, kind: type[Problem], words: str) -> None:
    assert type(problem) is kind, problem
    assert words in problem.message
    assert problem.message.endswith(".")
    assert not set("\n\x1b<") & set(problem.message)


async def read(stream: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in stream])


async def pour(stream: AsyncIterator[bytes], into: bytearray) -> None:
    async for piece in stream:
        into += piece


@few(6)
@pytest.mark.parametrize("number", range(len(ANSWERS)))
async def test_lists(work: LibraryClient, spoiled: Misbehaving, number: int) -> None:
    """Each answer to two of the calls: they all read it in the same way."""
    said, kind, words = ANSWERS[number]
    calls = (
        (work.workspaces, "/workspaces"),
        (work.recent, "/recent-documents"),
        (partial(work.versions, "ACTIVE!1.1"), "/versions"),
        (partial(work.history, "ACTIVE!1.1"), "/history"),
        (work.checked_out, "/checked-out"),
        (partial(work.children, "ACTIVE!1"), "/children"),
    )
    for call, path in (calls[number % 6], calls[(number // 6 + number + 1) % 6]):
        spoiled.spoil("GET", said, path, times=2)
        with pytest.raises(Problem) as caught:
            await call()
        told(caught.value, kind, words)
        spoiled.behave()
    await work.workspaces()


@few(6)
@pytest.mark.parametrize(("said", "kind", "words"), OF_BYTES)
async def test_downloads(
    worker: Worker, work: LibraryClient, spoiled: Misbehaving, said: Any, kind: type[Problem], words: str
) -> None:
    """What arrives is what was listed, or it is rejected: the last piece is held back."""
    made = worker.upload(worker.workspace("W"), "Paper", BYTES)
    paper = await work.document(made["id"])
    assert paper.size == len(BYTES)
    assert paper.sha256
    spoiled.spoil("GET", said, "/download", times=3)
    got = bytearray()
    with pytest.raises(Problem) as caught:
        await pour(work.download(paper.id, size=paper.size, sha256=paper.sha256), got)
    told(caught.value, kind, words)
    assert len(got) < len(BYTES)
    spoiled.behave()
    assert await read(work.download(paper.id, size=paper.size, sha256=paper.sha256)) == BYTES


async def one_piece() -> AsyncIterator[bytes]:
    yield BYTES


@few(6)
@pytest.mark.parametrize(("said", "kind", "words"), ANSWERS)
async def test_uploads(
    worker: Worker, work: LibraryClient, spoiled: Misbehaving, said: Any, kind: type[Problem], words: str
) -> None:
    """Nothing is sent a second time, since the document may already be there."""
    space = worker.workspace("U")
    spoiled.spoil("POST", said, "/documents", times=2)
    with pytest.raises(Problem) as caught:
        await work.upload(space, {"doc_profile": {"name": "New"}}, FileContent(len(BYTES), one_piece))
    told(caught.value, kind, words)
    assert spoiled.count("POST", "/documents") == 1


@pytest.mark.parametrize("said", [{"size": len(BYTES) - 1}, {"checksum": "SHA256:" + "0" * 64}])
async def test_an_upload_that_arrived_otherwise(
    work: LibraryClient, spoiled: Misbehaving, said: dict[str, Any]
) -> None:
    document = {"id": "ACTIVE!7.1", "wstype": "document", "name": "New", **said}
    spoiled.spoil("POST", Say(201, json.dumps({"data": document}).encode(), JSON), "/documents")
    with pytest.raises(Failed) as caught:
        await work.upload("ACTIVE!1", {"doc_profile": {"name": "New"}}, FileContent(len(BYTES), one_piece))
    assert caught.value.code == "upload.differs"


async def test_a_short_wait_is_met_everywhere(
    worker: Worker, work: LibraryClient, spoiled: Misbehaving
) -> None:
    """429 with a Retry-After of one second: the list, the download and the upload still succeed."""
    space = worker.workspace("Waits")
    paper = worker.upload(space, "Paper", BYTES)["id"]
    busy = Say(429, headers=(("Retry-After", "1"),))
    for method in ("GET", "POST"):
        spoiled.spoil(method, busy, "/children" if method == "GET" else "/documents")
    spoiled.spoil("GET", busy, "/download")
    assert [item.name for item in (await work.children(space)).items] == ["Paper"]
    assert await read(work.download(paper)) == BYTES
    made = await work.upload(space, {"doc_profile": {"name": "New"}}, FileContent(len(BYTES), one_piece))
    assert made.size == len(BYTES)


async def test_a_redirect_takes_the_token_nowhere(
    server: ServerProcess, worker: Worker, work: LibraryClient, spoiled: Misbehaving
) -> None:
    paper = worker.upload(worker.workspace("R"), "Paper")["id"]
    with Misbehaving(server.url) as elsewhere:
        for status in (301, 302, 303, 307, 308):
            leads = Say(status, headers=(("Location", f"{elsewhere.url}/work/api/v2/x"),))
            spoiled.spoil("GET", leads, "/workspaces")
            spoiled.spoil("GET", leads, "/download")
            spoiled.spoil("POST", leads, "/documents")
            spoiled.spoil("POST", leads, "/history")
            content = FileContent(len(BYTES), one_piece)
            for act in (
                work.workspaces(),
                read(work.download(paper)),
                work.upload("ACTIVE!1", {}, content),
                work.add_history(paper, "SHARED", "x"),
            ):
                with pytest.raises(Failed) as caught:
                    await act
                assert caught.value.code == "answer.redirect"
        assert elsewhere.seen == []


async def test_a_token_that_ends_between_two_pages(fresh_server: ServerProcess) -> None:
    """If it can be renewed, the list continues where it was; if not, an error says so, and what had arrived is kept."""
    token = add_person(fresh_server, "SIGNER")
    with Worker(fresh_server, token) as worker:
        space = worker.workspace("Pages")
        for number in range(5):
            worker.upload(space, f"P{number}")
    with Misbehaving(fresh_server.url) as proxy:
        gone = coded(401, "x", "X-Auth-Token is invalid or missing")
        async with open_http(Target(proxy.url)) as http:
            work = WorkClient(http)
            await work.session.sign_in("SIGNER", PASSWORD)
            proxy.spoil("GET", gone, "/children", skip=1)
            names = [i.name async for page in work.child_pages(space, 2) for i in page.items]
            assert names == [f"P{number}" for number in range(5)]
            assert proxy.count("POST", "/auth/oauth2/token") == 2
        async with open_http(Target(proxy.url, token)) as http:
            work = WorkClient(http)
            proxy.spoil("GET", gone, "/children", skip=1)
            listed = pages(lambda cursor: work.children(space, cursor, 2))
            found = [item.name for item in (await anext(listed)).items]
            with pytest.raises(NotSignedIn):
                await anext(listed)
            assert found == ["P0", "P1"]


async def test_a_document_deleted_between_listing_and_download(
    worker: Worker, work: LibraryClient, spoiled: Misbehaving
) -> None:
    space = worker.workspace("D")
    paper = worker.upload(space, "Gone", BYTES)["id"]
    listed = (await work.children(space)).items[0]
    spoiled.spoil(
        "GET", Call(lambda: worker.request("DELETE", f"documents/{paper}").raise_for_status()), "/download"
    )
    with pytest.raises(NotFound) as caught:
        await read(work.download(listed.id))
    assert caught.value.code == "NRC_NO_RECORD"
    assert (await work.children(space)).items == []
