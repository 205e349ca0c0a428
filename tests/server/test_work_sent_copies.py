"""Searches and the copies in Secure Sent Links: left out or marked if the client asks, as documented otherwise."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.checks.long import few
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Say
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tests.support.users.work import Worker, add_person
from tui.clients.connection import Target, open_http
from tui.clients.work import WorkClient, pages

DATABASE = "both"
_COPIES = 7


@pytest.fixture(scope="module")
def work(server: ServerProcess) -> Iterator[Worker]:
    with Worker(server) as worker:
        yield worker


@pytest.fixture(scope="module")
def originals(server: ServerProcess, work: Worker) -> list[str]:
    """The ids of three originals, all older than the copies of that name; newest first."""
    space = work.workspace("Board papers")
    ids = [work.upload(space, f"Board Minutes {n}", b"x", "pdf")["id"] for n in range(3)]
    with Sender(server) as person:
        copies = [person.send(f"Board Minutes copy {n}.pdf") for n in range(_COPIES)]
        person.post(f"/documents/{copies[0]['id']}/unpublish")
    return ids[::-1]


def ids_of(items: list[dict[str, Any]]) -> list[str]:
    return [item["id"] for item in items]


@few(2)
@pytest.mark.parametrize(
    "asked",
    [
        {"anywhere": "board"},
        {"anywhere": "*oard"},
        {"name": "board min"},
        {"anywhere": "board", "latest": "false"},
        {"anywhere": "board", "edit_date_from": "2001-01-01"},
        {"class": "DOC"},
    ],
)
def test_copies_are_left_out_if_the_client_asks(
    work: Worker, originals: list[str], asked: dict[str, str]
) -> None:
    """A page is full although the newest matches are copies, and counts agree with the pages."""
    for path in ("documents", "documents/search"):
        assert ids_of(work.items(path, **asked, sent_copies="false", limit=3)) == originals
        assert ids_of(work.items(path, **asked, sent_copies="false", limit=2, offset=1)) == originals[1:]
        everything = work.items(path, **asked, sent_copies="true")
        assert [item["id"] for item in everything if "sent_copy" not in item] == originals
        assert [item["sent_copy"] for item in everything[:_COPIES]] == [True] * _COPIES
    counted = work.get("documents", **asked, sent_copies="false", total="true", limit=1)
    assert counted["total_count"] == len(originals)


def test_all_documents_are_counted_without_copies(work: Worker, originals: list[str]) -> None:
    for sent, more in (("false", 0), ("true", _COPIES)):
        found = work.get("documents", sent_copies=sent, total="true")
        assert found["total_count"] == len(originals) + more
        assert len(found["data"]["results"]) == found["total_count"]


def test_other_clients_get_the_documented_answers(work: Worker, originals: list[str]) -> None:
    for asked in ({}, {"sent_copies": ""}, {"sent_copies": "maybe"}):
        found = work.items("documents", anywhere="board", **asked)
        assert len(found) == len(originals) + _COPIES
        assert not any("sent_copy" in item for item in found)
    posted = work.request("POST", "documents/search", json={"filters": {"anywhere": "board"}, "limit": 50})
    assert len(posted.json()["data"]) == len(originals) + _COPIES
    filters = {"anywhere": "board", "sent_copies": False}
    posted = work.request("POST", "documents/search", json={"filters": filters, "limit": 3})
    assert ids_of(posted.json()["data"]) == originals
    assert posted.json()["overflow"] is False


def test_members_and_people_with_many_rules(
    server: ServerProcess, work: Worker, originals: list[str]
) -> None:
    """A member of the folder doesn't find its copies either; they are there if asked for."""
    token = add_person(server, "MEMBERONE")
    with Sender(server) as person:
        folder = person.get("/folder")["folder"]["id"]
        person.post(f"/folders/{folder}/members", {"name": "MEMBERONE"})
    with Worker(server, token) as member:
        assert ids_of(member.items("documents", anywhere="board", sent_copies="false")) == originals
        found = member.items("documents", anywhere="board", sent_copies="true")
        assert sum(bool(item.get("sent_copy")) for item in found) == _COPIES


def test_the_client_asks(server: ServerProcess, originals: list[str]) -> None:
    """A search by words leaves them out; one by an id that names a copy finds it. Both are marked."""

    async def run() -> None:
        async with open_http(Target(server.url, server.token)) as http:
            client = WorkClient(http)
            assert [each.id for each in (await client.find("board")).items] == originals
            found = (await client.find("board", copies=True)).items
            assert [each.is_sent_copy for each in found] == [True] * _COPIES + [False] * len(originals)
            (named,) = (await client.find(found[0].id)).items
            assert named.is_sent_copy
            listed = [
                each async for page in pages(lambda at: client.find("board", at, 2)) for each in page.items
            ]
            assert [each.id for each in listed] == originals

    asyncio.run(run())


def test_a_server_that_does_not_know_how_to_leave_them_out(
    server: ServerProcess, work: Worker, originals: list[str]
) -> None:
    """Its published copies are left out by the client; a page of nothing but copies isn't the end."""
    answers = [
        work.get("documents", anywhere="board", limit=3, offset=start) for start in range(0, 3 + _COPIES, 3)
    ]

    async def run(proxy: Misbehaving) -> None:
        async with open_http(Target(proxy.url, server.token)) as http:
            client = WorkClient(http)
            await client.discover()
            for answer in answers:
                proxy.spoil("GET", Say(200, json.dumps(answer).encode(), "application/json"), "/documents")
            listed = [page.items async for page in pages(lambda at: client.find("board", at, 3))]
            # One copy is unpublished, and can't be told from a document that is in no workspace.
            unpublished, *found = [each.id for page in listed for each in page]
            assert found == originals
            assert unpublished not in originals
            # No page was empty, and each request was for the next three.
            assert all(listed)
            assert proxy.count("GET", "/documents") == len(answers)

    with Misbehaving(server.url) as proxy:
        asyncio.run(run(proxy))
