"""The sources of a journal, found again in Work or on this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Say
from tests.support.sends.jobs import Bytes, connected
from tests.support.servers.server import ServerProcess
from tests.support.users.work import Worker
from tui.clients.connection import Target, open_http
from tui.clients.work import WorkClient
from tui.rules.errors import InvalidValue, NotFound, NotSignedIn, Problem, Throttled, Unreachable
from tui.sending.journal.same_items import identity
from tui.sending.recorded_sources import LostSource, find_source, source_record
from tui.sending.sources import FileSource, WorkSource


@pytest.fixture
async def client(server: ServerProcess, proxy: Misbehaving) -> AsyncIterator[WorkClient]:
    """Work through ``proxy``, on the server that also publishes."""
    async with connected(proxy.url, server.token) as (_, work):
        yield work


async def source_in(worker: Worker, client: WorkClient) -> WorkSource:
    paper = worker.upload(worker.workspace("Sources"), "Offer", b"offer", "docx")
    return WorkSource(client, await client.document(paper["id"]))


async def test_a_version_in_work_is_found_again(worker: Worker, client: WorkClient) -> None:
    source = await source_in(worker, client)
    record = source_record(source)
    assert record == {
        "work": source.document.id, "server": "", "name": "Offer.docx", "label": source.document.id, "size": 5,
    }  # fmt: skip
    found = await find_source(client, record)
    assert isinstance(found, WorkSource)
    assert b"".join([piece async for piece in found.read(1)]) == b"ffer"
    assert (found.version_number, found.version, found.size) == (1, source.document.id, 5)


async def test_a_version_that_is_gone_is_lost(worker: Worker, client: WorkClient) -> None:
    """It fails when its turn comes, and says why."""
    source = await source_in(worker, client)
    worker.request("DELETE", f"documents/{source.document.id}").raise_for_status()
    lost = await find_source(client, source_record(source))
    assert isinstance(lost, LostSource)
    assert (lost.name, lost.extension, lost.label, lost.size) == ("Offer.docx", "docx", source.document.id, 5)
    with pytest.raises(NotFound):
        await lost.check()
    with pytest.raises(NotFound):
        lost.read(0)


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        (Say(503), Unreachable),
        (Say(429, headers=(("Retry-After", "3600"),)), Throttled),
        (
            Say(401, b'{"error": {"code": "NRC_TOKEN_INVALID", "message": "The token is invalid."}}'),
            NotSignedIn,
        ),
    ],
)
async def test_a_version_is_not_lost_because_work_fails(
    worker: Worker, client: WorkClient, proxy: Misbehaving, action: Say, kind: type[Problem]
) -> None:
    source = await source_in(worker, client)
    proxy.spoil("GET", action, "/documents/", times=9)
    with pytest.raises(kind):
        await find_source(client, source_record(source))


async def test_a_version_on_another_work_server_is_lost_until_you_sign_in_there(
    server: ServerProcess, worker: Worker, client: WorkClient
) -> None:
    record = source_record(await source_in(worker, client))
    async with open_http(Target(server.url, server.token)) as http:
        apart = WorkClient(http, apart=True)
        elsewhere = await find_source(apart, record)
        assert source_record(await source_in(worker, apart))["server"] == server.url
    for lost in (elsewhere, await find_source(None, record)):
        assert isinstance(lost, LostSource)
        assert lost.problem.code == "document.elsewhere"
        assert "Offer.docx" in lost.problem.message


async def test_a_file_is_looked_at_only_when_its_turn_comes(tmp_path: Path) -> None:
    path = tmp_path / "offer.txt"
    path.write_text("offer")
    source = FileSource.of(path)
    record = source_record(source)
    known = {"name": "offer.txt", "label": "file:offer.txt", "size": 5}
    assert record == {"file": str(path), "version": source.version, **known}
    path.unlink()
    found = await find_source(None, record)
    assert (found.name, found.size) == ("offer.txt", 5)
    with pytest.raises(InvalidValue):
        await found.check()
    path.write_text("longer offer")
    await found.check()
    assert found.size == 12


async def test_what_makes_two_sources_the_same(tmp_path: Path, worker: Worker, client: WorkClient) -> None:
    """Where they are, not what they contain."""
    path = tmp_path / "offer.txt"
    path.write_text("offer")
    before = identity(source_record(FileSource.of(path)))
    path.write_text("other")
    assert identity(source_record(FileSource.of(path))) == before
    source = await source_in(worker, client)
    other = await source_in(worker, client)
    made = Bytes("offer.txt", b"offer")
    assert source_record(made) == {"name": "offer.txt", "label": "file:offer.txt", "size": 5}
    assert len({before, *(identity(source_record(each)) for each in (source, other, made))}) == 4
