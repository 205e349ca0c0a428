"""The client of Work against servers that differ from this one: that page otherwise, support less, or answer oddly."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.checks.long import few
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import CutAnswer, Say
from tests.support.sends.jobs import connected
from tests.support.servers.server import ServerProcess
from tests.support.users.work import Worker
from tui.clients.connection import Target, open_http
from tui.clients.work import WorkClient, pages
from tui.rules.errors import Conflict, Failed, NotFound, Problem
from tui.wire.work import Container, Document, Shortcut

JSON = "application/json"
HTML = b"<!doctype html><h1>Welcome to the wifi</h1>"


@pytest.fixture
async def work(server: ServerProcess, spoiled: Misbehaving) -> AsyncIterator[WorkClient]:
    async with connected(spoiled.url, server.token) as (_, client):
        await client.discover()
        yield client


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
    assert folder.name == ""
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


@few(3)
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


@few(2)
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
