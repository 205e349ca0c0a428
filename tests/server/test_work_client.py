"""The client of Work against the real server, and while it misbehaves."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import CutAnswer, Say
from tests.support.sends.jobs import connected
from tests.support.servers.server import ServerProcess
from tests.support.users.work import PASSWORD, Worker, add_person
from tui.clients.connection import Target, open_http
from tui.clients.work import WorkClient, pages
from tui.clients.work_target import TokenGrant
from tui.clients.work_versions import version_of
from tui.rules.errors import Failed, Interrupted, NotFound, NotSignedIn
from tui.sample import matters
from tui.wire.work import Container, Document

JSON = "application/json"
HTML = b"<!doctype html><h1>Welcome to the wifi</h1>"


@pytest.fixture
async def sample(sample_server: ServerProcess) -> AsyncIterator[WorkClient]:
    async with open_http(Target(sample_server.url, sample_server.token)) as http:
        yield WorkClient(http)


@pytest.fixture
async def work(server: ServerProcess, spoiled: Misbehaving) -> AsyncIterator[WorkClient]:
    async with connected(spoiled.url, server.token) as (_, client):
        await client.discover()
        yield client


async def bytes_of(stream: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in stream])


async def pour(stream: AsyncIterator[bytes], into: bytearray) -> None:
    async for piece in stream:
        into += piece


# ---------------------------------------------------------------- the real server


async def test_discovery_and_libraries(sample: WorkClient) -> None:
    found = await sample.discover()
    assert (found.customer_id, found.user_id, found.user_name) == (1, "DJONES", "Dana Jones")
    assert (found.library, found.libraries) == ("ACTIVE", ("ACTIVE",))
    assert [library.id for library in await sample.libraries()] == ["ACTIVE"]


async def test_the_whole_library_is_walked_by_small_pages(sample: WorkClient) -> None:
    found: set[tuple[tuple[str, ...], str]] = set()

    async def walk(path: tuple[str, ...], container: str) -> None:
        async for page in sample.child_pages(container, limit=2):
            for item in page.items:
                if isinstance(item, Document):
                    found.add((path, item.file_name))
                else:
                    assert isinstance(item, Container)
                    await walk((*path, item.name), item.id)

    async for page in pages(lambda cursor: sample.workspaces(cursor, 2)):
        for workspace in page.items:
            assert workspace.is_workspace
            await walk((workspace.name,), workspace.id)
    assert found == {(path, document.file_name) for path, document in matters().documents()}


async def test_the_samples_lists(sample: WorkClient) -> None:
    worklist = [d async for page in pages(lambda c: sample.recent(c, 3)) for d in page.items]
    assert [d.file_name for d in worklist] == [path[-1] for path in matters().recent]
    own = [d for _, d in matters().documents() if d.checked_out and d.checked_out.by == "DJONES"]
    out = (await sample.checked_out()).items
    assert sorted(d.name for d in out) == sorted(d.name for d in own)
    assert {d.checked_out_by for d in out} == {"DJONES"}
    assert sorted(f.name for f in await sample.favorites()) == sorted(f.name for f in matters().favorites)


async def test_versions_and_who_has_them(sample: WorkClient) -> None:
    letter = (await sample.find("disclosure letter")).items[0]
    versions = await sample.versions(letter.id)
    assert [v.version for v in versions] == [3, 2, 1]
    rule = version_of(versions[0])
    assert (rule.version, rule.checked_out_by) == (3, "Martin Keller")
    assert rule.checked_out_at is not None
    assert version_of(versions[1]).checked_out_by is None
    latest = await sample.document(letter.id.partition(".")[0])
    assert (latest.id, latest.version) == (letter.id, 3)
    first = await sample.document(versions[-1].id)
    assert (first.is_latest, first.latest_version) == (False, 3)
    assert [step.name for step in await sample.path(letter.id)] == ["Halyard - Share Sale", "Deal Documents"]


async def test_what_is_not_there(sample: WorkClient) -> None:
    for ask in (
        sample.document("ACTIVE!99999.1"),
        sample.document("ACTIVE!99999"),
        sample.document("../../api"),
        sample.versions("x y/z?#"),
        sample.container("ACTIVE!99999"),
        sample.favorites("ACTIVE!99999"),
        sample.add_favorite("ACTIVE!99999", "x"),
        sample.remove_favorite("ACTIVE!99999"),
        sample.rename_favorite("ACTIVE!99999", "x"),
        sample.add_history("ACTIVE!99999.1", "SHARED", "x"),
    ):
        with pytest.raises(NotFound):
            await ask


async def test_favorites_are_changed(server: ServerProcess, worker: Worker, work: WorkClient) -> None:
    one, two = worker.workspace("One"), worker.workspace("Two")
    made = await work.add_favorite(one, "First")
    assert (made.name, made.wstype, made.is_category) == ("First", "workspace_shortcut", False)
    assert made.target is not None
    assert made.target.id == one
    renamed = await work.rename_favorite(made.id, "Второй", two)
    assert renamed.target is not None
    assert (renamed.id, renamed.name, renamed.target.id) == (made.id, "Второй", two)
    assert [f.name for f in await work.favorites()] == ["Второй"]
    await work.remove_favorite(made.id)
    assert await work.favorites() == []


async def test_history_is_read_and_added_to(worker: Worker, work: WorkClient) -> None:
    paper = worker.upload(worker.workspace("W"), "History")["id"]
    await work.add_history(paper, "SHARED", "Offer.pdf; expires 2030-01-01", duration=2)
    assert await bytes_of(work.download(paper)) == b"x"
    found = (await work.history(paper)).items
    assert [entry.name for entry in found] == ["EXPORT", "SHARED", "NEWDOCUMENT"]
    shared = (await work.history(paper, activity="share")).items
    assert [entry.comments for entry in shared] == ["Offer.pdf; expires 2030-01-01"]
    assert shared[0].at is not None
    assert shared[0].at.tzinfo is not None
    assert (shared[0].user, shared[0].version, shared[0].duration) == ("DJONES", 1, 2)


# ---------------------------------------------------------------- downloads


async def test_a_download_is_held_against_size_and_checksum(worker: Worker, work: WorkClient) -> None:
    content = bytes(range(256)) * 20_000
    paper = worker.upload(worker.workspace("W"), "Checked", content, "bin")["id"]
    digest = hashlib.sha256(content).hexdigest()
    assert await bytes_of(work.download(paper, size=len(content), sha256=digest)) == content
    for start in (1, 70_000, len(content) - 1):
        assert (
            await bytes_of(work.download(paper, start, size=len(content), sha256=digest)) == content[start:]
        )
    assert await bytes_of(work.download(paper, len(content), size=len(content))) == b""
    wrongs: tuple[dict[str, Any], ...] = (
        {"size": len(content) + 1},
        {"size": len(content) - 1},
        {"sha256": "0" * 64},
    )
    for wrong in wrongs:
        got = bytearray()
        with pytest.raises(Failed) as caught:
            await pour(work.download(paper, **wrong), got)
        assert caught.value.code == "document.changed"
        assert len(got) < len(content), "the last piece is never given out"


async def test_a_server_without_ranges_is_read_from_its_beginning(
    worker: Worker, work: WorkClient, spoiled: Misbehaving
) -> None:
    paper = worker.upload(worker.workspace("W"), "Old")["id"]
    spoiled.spoil("GET", Say(200, b"0123456789", "application/octet-stream"), "/download", times=3)
    assert await bytes_of(work.download(paper, 4)) == b"456789"
    digest = hashlib.sha256(b"0123456789").hexdigest()
    assert await bytes_of(work.download(paper, 9, size=10, sha256=digest)) == b"9"
    with pytest.raises(Failed):
        await bytes_of(work.download(paper, 11))


async def test_a_download_that_breaks_off(worker: Worker, work: WorkClient, spoiled: Misbehaving) -> None:
    paper = worker.upload(worker.workspace("W"), "Broken", b"x" * 3_000_000)["id"]
    spoiled.spoil("GET", CutAnswer(1_000_000), "/download")
    got = bytearray()
    with pytest.raises(Interrupted):
        await pour(work.download(paper), got)
    assert 0 < len(got) < 1_000_001
    rest = await bytes_of(work.download(paper, len(got)))
    assert len(got) + len(rest) == 3_000_000


# ---------------------------------------------------------------- tokens


async def test_sign_in_with_a_password(server: ServerProcess) -> None:
    add_person(server, "SIGNER")
    kept: list[TokenGrant] = []
    async with open_http(Target(server.url)) as http:
        work = WorkClient(http, on_grant=kept.append)
        with pytest.raises(NotSignedIn):
            await work.discover()
        with pytest.raises(NotSignedIn) as caught:
            await work.session.sign_in("SIGNER", "wrong")
        assert caught.value.message == "User ID or Password is incorrect"
        await work.session.sign_in("signer", PASSWORD)
        assert (await work.discover()).user_id == "SIGNER"
    assert len(kept) == 1


async def test_a_token_that_ends_is_renewed_once_for_all(fresh_server: ServerProcess) -> None:
    add_person(fresh_server, "SIGNER")
    kept: list[TokenGrant] = []
    async with open_http(Target(fresh_server.url)) as http:
        work = WorkClient(http, on_grant=kept.append)
        await work.session.sign_in("SIGNER", PASSWORD)
        await work.discover()
        fresh_server.turn_clock(1801)
        found = await asyncio.gather(*(work.workspaces() for _ in range(6)))
        assert [page.items for page in found] == [[]] * 6
        assert len(kept) == 2, "one renewal serves all calls that met the old token"
        fresh_server.turn_clock(3700)
        made = await work.recent()
        assert made.items == []
        assert len(kept) == 3


async def test_in_the_middle_of_paging_and_of_guessed_calls(fresh_server: ServerProcess) -> None:
    token = add_person(fresh_server, "SIGNER")
    with Worker(fresh_server, token) as worker:
        spaces = [worker.workspace(f"W{number}") for number in range(3)]
        paper = worker.upload(spaces[0], "Paper")["id"]
    async with open_http(Target(fresh_server.url)) as http:
        work = WorkClient(http)
        await work.session.sign_in("SIGNER", PASSWORD)
        names = []
        async for page in pages(lambda cursor: work.workspaces(cursor, 1)):
            names += [space.name for space in page.items]
            if len(names) == 1:
                fresh_server.turn_clock(1801)
        assert names == ["W0", "W1", "W2"]
        fresh_server.turn_clock(2 * 1801)
        assert (await work.add_favorite(spaces[0], "F")).name == "F"
        fresh_server.turn_clock(3 * 1801)
        assert await bytes_of(work.download(paper)) == b"x"


async def test_a_refresh_token_that_is_refused(server: ServerProcess) -> None:
    async with open_http(Target(server.url, "0" * 48)) as http:
        work = WorkClient(http, grant=TokenGrant("0" * 48, "0" * 48))
        for _ in range(2):
            with pytest.raises(NotSignedIn):
                await work.discover()


def space(number: int) -> dict[str, Any]:
    return {"id": f"ACTIVE!{number}", "wstype": "Workspace", "name": f"W{number}"}


async def test_a_unix_socket(fresh_server_with_socket: tuple[ServerProcess, Any]) -> None:
    server, socket = fresh_server_with_socket
    async with open_http(Target("http://localhost", server.token, socket)) as http:
        assert (await WorkClient(http).workspaces()).items == []


@pytest.fixture
def fresh_server_with_socket(tmp_path: Any) -> Iterator[tuple[ServerProcess, Any]]:
    path = tmp_path / "s"
    with ServerProcess(tmp_path / "data", arguments=("--socket", str(path))) as process:
        yield process, path


def test_nothing_of_the_screen_is_imported() -> None:
    import subprocess
    import sys

    code = (
        "import sys, tui.clients.work; "
        "print([m for m in sys.modules if m.split('.')[0] in ('textual', 'sqlalchemy', 'fastapi')])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
