"""Send jobs for tests, with sources in memory and a connection to a real server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from tests.support.network.misbehave import Misbehaving
from tests.support.servers.server import ServerProcess
from tui.clients.chunk_sizer import ChunkSizer
from tui.clients.connection import Target, open_http
from tui.clients.retries import RetryPolicy
from tui.clients.share import ShareClient
from tui.clients.work import WorkClient
from tui.rules.errors import Problem
from tui.rules.link_settings import LinkSettings
from tui.sending.job.job import RowState, SendJob
from tui.sending.plan import Plan
from tui.sending.sources import SendSource, WorkSource
from tui.wire.share import Document
from tui.wire.work import Document as WorkDocument

#: Soon again, but not so often that the tries of two seconds take more time than all else.
QUICK = RetryPolicy(2.0, first=0.02, most=0.6, answer=5.0, tries=4)
MIB = 1024 * 1024
PIECE = 256 * 1024


class Bytes:
    """A source made of bytes in memory, which a test can make misbehave."""

    sha256: str | None = None
    version: object = None
    version_number: int | None = None
    work_name: str | None = None
    matter: str | None = None

    def __init__(self, name: str, content: bytes, size: int | None = None) -> None:
        self.name = name
        self.content = content
        self.size = len(content) if size is None else size
        self.reads = 0
        #: How many bytes were read, including those that were read again.
        self.given = 0

    @property
    def label(self) -> str:
        return f"file:{self.name}"

    @property
    def extension(self) -> str:
        return self.name.rpartition(".")[2]

    async def check(self) -> None: ...

    def has_changed(self) -> bool:
        return False

    async def read(self, start: int) -> AsyncIterator[bytes]:
        self.reads += 1
        for begin in range(start, len(self.content), 100_000):
            self.given += len(self.content[begin : begin + 100_000])
            yield self.content[begin : begin + 100_000]


@asynccontextmanager
async def connected(url: str, token: str) -> AsyncIterator[tuple[ShareClient, WorkClient]]:
    async with open_http(Target(url, token)) as http:
        yield ShareClient(http), WorkClient(http)


@asynccontextmanager
async def through_proxy(
    server: ServerProcess,
) -> AsyncIterator[tuple[Misbehaving, ShareClient, WorkClient]]:
    """The clients of a server, with a proxy before it that misbehaves when instructed to."""
    with Misbehaving(server.url) as proxy:
        async with connected(proxy.url, server.token) as (share, work):
            yield proxy, share, work


def job_of(
    share: ShareClient, *sources: SendSource, patience: RetryPolicy = QUICK, **settings: object
) -> SendJob:
    """A job with small chunks, so that a document has several of them."""
    made = SendJob(share, None, Plan(sources), LinkSettings(**settings), patience=patience)  # type: ignore[arg-type]
    made._context.chunk_sizer = FixedPace(PIECE, PIECE)
    return made


def job_of_documents(
    share: ShareClient, work: WorkClient, *documents: WorkDocument, **settings: object
) -> SendJob:
    """A job for documents as Work listed them."""
    plan = Plan(WorkSource(work, document) for document in documents)
    return SendJob(share, work, plan, LinkSettings(**settings), patience=QUICK)  # type: ignore[arg-type]


async def job_of_versions(share: ShareClient, work: WorkClient, *idents: str) -> SendJob:
    """A job for the latest versions of documents of Work."""
    return job_of_documents(share, work, *[await work.document(ident) for ident in idents])


class FixedPace(ChunkSizer):
    def answered(self, seconds: float) -> None: ...

    def took(self, sent: int, seconds: float) -> None: ...

    def arrived(self, whole: bool) -> None: ...


def fetch(server: ServerProcess, document: Document, password: str | None = None) -> bytes:
    """The document as a recipient gets it."""
    assert document.url is not None
    with server.guest() as guest:
        form = {"password": password} if password else {}
        granted = guest.post(urlsplit(document.url).path, data=form)
        assert granted.status_code == 303, granted.text
        answer = guest.get(granted.headers["location"])
        assert answer.status_code == 200
        return answer.content


async def names_in_folder(share: ShareClient) -> list[str]:
    current = (await share.current_folder()).folder
    if current is None:
        return []
    return [d.name async for page in share.document_pages(current.id) for d in page.documents]


async def count_sent(share: ShareClient) -> int:
    """How many documents they have sent so far."""
    return (await share.all_documents(limit=1)).total or 0


def states(job: SendJob) -> list[str]:
    return [row.state.value for row in job.rows]


def error_of(job: SendJob, index: int = 0) -> Problem:
    row = job.rows[index]
    assert row.state is RowState.FAILED, row
    assert row.error is not None
    assert row.error.message.endswith("."), row.error.message
    return row.error
