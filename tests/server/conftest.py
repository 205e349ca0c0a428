"""Fixtures for the server tests: users of Work over HTTP, and a proxy to the server that misbehaves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.network.misbehave import Misbehaving
from tests.support.sends.dying import Sends, connect
from tests.support.sends.jobs import connected
from tests.support.servers.buckets import S3Bucket
from tests.support.servers.moving import MovingFirm
from tests.support.servers.put_back import put_back
from tests.support.servers.s3_home import S3Home, opened
from tests.support.servers.seaweed import Seaweed
from tests.support.servers.server import ServerProcess
from tests.support.users.imports import TREE, made
from tests.support.users.share import Sender
from tests.support.users.work import Worker, add_person
from tui.clients.connection import Target, open_http
from tui.clients.library import LibraryClient
from tui.clients.share import ShareClient
from tui.server.blobs.base import PIECE
from tui.server.blobs.sealing import objects


@pytest.fixture(scope="module")
def work(server: ServerProcess) -> Iterator[Worker]:
    """A user of Work on the module's server."""
    with Worker(server) as worker:
        yield worker


@pytest.fixture(scope="module")
def other(server: ServerProcess) -> Iterator[Worker]:
    """Another user on the same server."""
    with Worker(server, add_person(server, "BSMITH")) as worker:
        yield worker


@pytest.fixture(scope="module")
def sample(sample_server: ServerProcess) -> Iterator[Worker]:
    """A user of Work on a server with the sample matters."""
    with Worker(sample_server) as worker:
        yield worker


@pytest.fixture
def worker(server: ServerProcess) -> Iterator[Worker]:
    """A user of Work alongside the client under test."""
    with Worker(server) as found:
        yield found


@pytest.fixture
def spoiled(server: ServerProcess) -> Iterator[Misbehaving]:
    """A proxy to the module's server that misbehaves when instructed to."""
    with Misbehaving(server.url) as proxy:
        yield proxy


@pytest.fixture
def proxy(server: ServerProcess) -> Iterator[Misbehaving]:
    """The same, for a send job."""
    with Misbehaving(server.url) as found:
        yield found


@pytest.fixture
async def share(server: ServerProcess, proxy: Misbehaving) -> AsyncIterator[ShareClient]:
    """Share through ``proxy``."""
    async with connected(proxy.url, server.token) as (found, _):
        yield found


@pytest.fixture
async def dying(server: ServerProcess, proxy: Misbehaving, tmp_path: Path) -> AsyncIterator[Sends]:
    """Sends through ``proxy``, over their own connection, that end in the middle."""
    async with connected(proxy.url, server.token) as (found, _):
        kept = found.http
        try:
            yield Sends(tmp_path / "state", found)
        finally:
            connect(found, kept)


@pytest.fixture
def space(work: Worker) -> str:
    """A workspace of theirs."""
    return work.workspace("Matter")


@pytest.fixture
def folder(work: Worker, space: str) -> str:
    """A folder in it."""
    return work.folder(space, "Papers")


@pytest.fixture
async def library(server: ServerProcess, spoiled: Misbehaving) -> AsyncIterator[LibraryClient]:
    """The library through ``spoiled``."""
    async with open_http(Target(spoiled.url, server.token)) as http:
        yield LibraryClient(http)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder tree to import."""
    return made(tmp_path / "tree", TREE)


@pytest.fixture
def restored_server(server: ServerProcess) -> Iterator[ServerProcess]:
    """The module's server, whose state and clock are afterwards as they were before."""
    with put_back(server):
        yield server


@pytest.fixture
def restored(restored_server: ServerProcess) -> Iterator[Sender]:
    """An administrator of such a server."""
    with Sender(restored_server) as sender:
        yield sender


@pytest.fixture
def s3_bucket(s3_store: Seaweed, monkeypatch: pytest.MonkeyPatch) -> S3Bucket:
    """A place in the S3 store for one installation; this process reaches it as servers do."""
    for name, value in s3_store.environment.items():
        monkeypatch.setenv(name, value)
    return S3Bucket(s3_store)


@pytest.fixture
async def s3_home(tmp_path: Path, s3_bucket: S3Bucket) -> AsyncIterator[S3Home]:
    """An installation that keeps its documents there."""
    async with opened(tmp_path, s3_bucket) as home:
        yield home


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of an S3 store have 2 MiB."""
    monkeypatch.setattr(objects, "PIECE_BYTES", 2 * PIECE)


@pytest.fixture
def firm(
    s3_store: Seaweed,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    database_url: Callable[[], str | None],
) -> Iterator[MovingFirm]:
    """An installation whose documents can be moved between its data folder and the S3 store."""
    for name, value in s3_store.environment.items():
        monkeypatch.setenv(name, value)
    with ExitStack() as started:
        yield MovingFirm(tmp_path, s3_store, started, database_url())
