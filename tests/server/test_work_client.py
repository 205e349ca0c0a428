"""The client of Work, against the real server and against one that misbehaves or supports less."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests.support.misbehave import CutAnswer, Misbehaving, Say
from tests.support.server import ServerProcess
from tests.support.work import PASSWORD, Worker, add_person
from tui.clients.connection import Target, open_http
from tui.clients.target import Grant
from tui.clients.work import WorkClient, pages, version_of
from tui.rules.errors import Conflict, Failed, Interrupted, NotFound, NotSignedIn, Problem
from tui.sample import matters
from tui.wire.work import Container, Document, Shortcut

JSON = "application/json"
HTML = b"<!doctype html><h1>Welcome to the wifi</h1>"


@pytest.fixture
async def sample(sample_server: ServerProcess) -> AsyncIterator[WorkClient]:
    async with open_http(Target(sample_server.url, sample_server.token)) as http:
        yield WorkClient(http)


@pytest.fixture
async def work(server: ServerProcess, spoiled: Misbehaving) -> AsyncIterator[WorkClient]:
    async with open_http(Target(spoiled.url, server.token)) as http:
        client = WorkClient(http)
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
    spaces = [w async for page in pages(sample.recent_workspaces) for w in page.items]
    assert [w.name for w in spaces] == list(dict.fromkeys(path[0] for path in matters().recent))
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
    kept: list[Grant] = []
    async with open_http(Target(server.url)) as http:
        work = WorkClient(http, on_grant=kept.append)
        with pytest.raises(NotSignedIn):
            await work.discover()
        with pytest.raises(NotSignedIn) as caught:
            await work.sign_in("SIGNER", "wrong")
        assert caught.value.message == "User ID or Password is incorrect"
        await work.sign_in("signer", PASSWORD)
        assert (await work.discover()).user_id == "SIGNER"
    assert len(kept) == 1


async def test_a_token_that_ends_is_renewed_once_for_all(fresh_server: ServerProcess) -> None:
    add_person(fresh_server, "SIGNER")
    kept: list[Grant] = []
    async with open_http(Target(fresh_server.url)) as http:
        work = WorkClient(http, on_grant=kept.append)
        await work.sign_in("SIGNER", PASSWORD)
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
        await work.sign_in("SIGNER", PASSWORD)
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
        work = WorkClient(http, grant=Grant("0" * 48, "0" * 48))
        for _ in range(2):
            with pytest.raises(NotSignedIn):
                await work.discover()


# ---------------------------------------------------------------- servers that differ


def answer(data: Any, **more: Any) -> Say:
    return Say(200, json.dumps({"data": data, **more}).encode(), JSON)


def space(number: int) -> dict[str, Any]:
    return {"id": f"ACTIVE!{number}", "wstype": "Workspace", "name": f"W{number}"}


async def test_a_server_that_knows_no_cursors(work: WorkClient, spoiled: Misbehaving) -> None:
    for start in (0, 2, 4):
        spoiled.spoil(
            "GET", answer([space(n) for n in range(start, min(start + 2, 5))]), "/workspaces", skip=0
        )
    found = [w.name async for page in pages(lambda c: work.workspaces(c, 2)) for w in page.items]
    assert found == ["W0", "W1", "W2", "W3", "W4"]
    asked = [seen.path for seen in spoiled.seen if "/workspaces" in seen.path]
    assert ["offset" in path for path in asked] == [False, True, True]
    assert [f"offset={n}" in asked[n // 2] for n in (2, 4)] == [True, True]


async def test_a_server_that_takes_no_offset_either(work: WorkClient, spoiled: Misbehaving) -> None:
    spoiled.spoil("GET", answer([space(0), space(1)]), "/workspaces", times=9)
    found = [w.name async for page in pages(lambda c: work.workspaces(c, 2)) for w in page.items]
    assert found == ["W0", "W1"]


async def test_a_total_spares_the_last_question(work: WorkClient, spoiled: Misbehaving) -> None:
    spoiled.spoil("GET", answer([space(0), space(1)], total_count=2), "/workspaces", times=9)
    found = [w.name async for page in pages(lambda c: work.workspaces(c, 2)) for w in page.items]
    assert found == ["W0", "W1"]
    assert spoiled.count("GET", "/workspaces") == 1


async def test_a_cursor_that_never_moves_ends(work: WorkClient, spoiled: Misbehaving) -> None:
    spoiled.spoil("GET", answer({"results": [space(0)]}, cursor="same"), "/workspaces", times=9)
    found = [w.name async for page in pages(lambda c: work.workspaces(c, 1)) for w in page.items]
    assert found == ["W0", "W0"]


async def test_odd_entries_hide_no_others(work: WorkClient, spoiled: Misbehaving) -> None:
    odd = [
        None,
        5,
        "x",
        {},
        {"wstype": "document"},
        {"id": 5, "wstype": "folder"},
        {"id": "A!1", "wstype": "saved_search"},
    ]
    good = [
        {"id": "A!1", "wstype": "FOLDER", "name": None, "view_type": "IMANAGE_SHARE", "new_key": {"x": 1}},
        {
            "id": "A!7.2",
            "wstype": "Document",
            "extension": ".PDF",
            "size": "12",
            "in_use": True,
            "edit_date": "",
        },
        {"id": "A!8.1", "wstype": "email", "name": "Re", "size": "big", "is_in_use": "perhaps"},
        {"id": "A!9", "wstype": "folder_shortcut", "target": {"id": "A!1", "wstype": "Folder"}},
        {"id": "A!10", "wstype": "folder_shortcut", "target": {}},
        {"id": "A!11", "wstype": "category", "category_type": "my_favorites"},
    ]
    spoiled.spoil("GET", answer([*odd, *good]), "/children")
    found = (await work.children("ACTIVE!1")).items
    assert [item.id for item in found] == ["A!1", "A!7.2", "A!8.1", "A!9", "A!11"]
    folder, paper, mail, shortcut, category = found
    assert isinstance(folder, Container)
    assert (folder.name, folder.is_share) == ("", True)
    assert isinstance(paper, Document)
    assert (paper.document_number, paper.version, paper.extension, paper.size) == (7, 2, "pdf", 12)
    assert (paper.is_in_use, paper.checked_out_by, paper.edit_date) == (True, "", None)
    assert isinstance(mail, Document)
    assert (mail.size, mail.is_in_use, mail.checked_out_by, mail.file_name) == (None, None, None, "Re")
    assert isinstance(shortcut, Shortcut)
    assert shortcut.target is not None
    assert shortcut.target.wstype == "folder"
    assert isinstance(category, Shortcut)
    assert category.is_category


@pytest.mark.parametrize(
    "said",
    [
        Say(200, HTML),
        Say(200, b"", JSON),
        Say(200, b'{"data": [', JSON),
        Say(500, HTML),
        Say(503, HTML),
        Say(302, b"", headers=(("Location", "https://elsewhere.example/"),)),
        Say(429, b"", headers=(("Retry-After", "30"),)),
        CutAnswer(60),
    ],
)
async def test_answers_that_are_none(work: WorkClient, spoiled: Misbehaving, said: Any) -> None:
    spoiled.spoil("GET", said, "/workspaces", times=2)
    with pytest.raises(Problem) as caught:
        await work.workspaces()
    assert caught.value.message.endswith(".")
    spoiled.behave()
    await work.workspaces()


@pytest.mark.parametrize(
    "said",
    [Say(200, HTML), answer({}), answer([]), Say(200, b"[]", JSON), Say(200, b"5", JSON), Say(404, HTML)],
)
async def test_a_server_without_discovery(server: ServerProcess, spoiled: Misbehaving, said: Say) -> None:
    spoiled.spoil("GET", said, "/api", times=2)
    async with open_http(Target(spoiled.url, server.token)) as http:
        with pytest.raises(Problem):
            await WorkClient(http).discover()


async def test_the_base_is_the_one_that_discovery_tells_on_the_configured_host(
    server: ServerProcess, spoiled: Misbehaving
) -> None:
    data = {
        "user": {"customer_id": 7, "id": "X"},
        "work": {"libraries": [{"alias": "LIB"}]},
        "versions": [{"name": "v1", "url": "x"}, {"name": "v2", "url": "https://evil.example/deep/api/v2/"}],
    }
    spoiled.spoil("GET", answer(data), "/api")
    spoiled.spoil("GET", answer({"results": [space(1)]}), "/deep/api/v2/customers/7/libraries/LIB/workspaces")
    async with open_http(Target(spoiled.url, server.token)) as http:
        assert [w.name for w in (await WorkClient(http).workspaces()).items] == ["W1"]


@pytest.mark.parametrize("status", [404, 405, 501])
async def test_guessed_calls_that_a_server_does_not_know(
    work: WorkClient, spoiled: Misbehaving, status: int
) -> None:
    for method in ("POST", "PATCH", "DELETE"):
        spoiled.spoil(method, Say(status, HTML), "", times=9)
    for ask, code in (
        (work.add_favorite("ACTIVE!1", "x"), "favorites.unsupported"),
        (work.rename_favorite("ACTIVE!1", "x"), "favorites.unsupported"),
        (work.remove_favorite("ACTIVE!1"), "favorites.unsupported"),
        (work.add_history("ACTIVE!1.1", "SHARED", "x"), "history.unsupported"),
    ):
        with pytest.raises(Failed) as caught:
            await ask
        assert caught.value.code == code
        assert "iManage Work" in caught.value.message
    # A call that the server doesn't know is not made again, so a send of many documents reports it once.
    asked = len(spoiled.seen)
    for _ in range(3):
        with pytest.raises(Failed, match="add to a document's history"):
            await work.add_history("ACTIVE!1.1", "SHARED", "x")
    assert len(spoiled.seen) == asked
    spoiled.spoil("GET", Say(status, HTML), "/my-favorites")
    with pytest.raises(Problem):
        await work.favorites()


async def test_what_a_known_call_does_not_find_switches_nothing_off(worker: Worker, work: WorkClient) -> None:
    with pytest.raises(NotFound):
        await work.add_history("ACTIVE!99999.1", "SHARED", "x")
    paper = worker.upload(worker.workspace("W"), "Paper")["id"]
    await work.add_history(paper, "SHARED", "x")


async def test_names_are_looked_for_by_offset_where_a_cursor_finds_none(
    work: WorkClient, spoiled: Misbehaving
) -> None:
    """In cursor mode a server may take name patterns literally, and ignore texts."""
    spoiled.spoil("GET", answer([], total_count=0), "/workspaces")
    spoiled.spoil("GET", answer([space(1)], total_count=1), "/workspaces")
    assert [w.name for w in (await work.workspaces(name="*W*")).items] == ["W1"]
    spoiled.spoil("GET", answer([space(2)], total_count=1), "/workspaces")
    assert [w.name for w in (await work.workspaces(text="W")).items] == ["W2"]
    asked = [seen.path for seen in spoiled.seen if "/workspaces" in seen.path]
    assert ["cursor" in path for path in asked] == [True, False, False]
    assert ["offset=0" in path for path in asked] == [False, True, True]


async def test_a_conflict_stays_a_conflict(work: WorkClient, spoiled: Misbehaving) -> None:
    said = Say(409, b'{"error": {"code": "NRC_X", "message": "Somebody was faster."}}', JSON)
    spoiled.spoil("POST", said, "/my-favorites")
    with pytest.raises(Conflict):
        await work.add_favorite("ACTIVE!1", "x")


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
