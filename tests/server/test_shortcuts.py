"""The shortcut to the Secure Sent Links folder on Work servers that do less, and while others change it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Call, Say, refusal
from tests.support.sends.jobs import connected
from tests.support.servers.server import ServerProcess
from tests.support.users.work import Worker
from tui.clients.share import ShareClient
from tui.clients.work import WorkClient
from tui.rules.errors import Conflict
from tui.sending.folder import TRIES, ensure
from tui.wire.folders import Folder

Clients = tuple[ShareClient, WorkClient]


@pytest.fixture
def network(restored_server: ServerProcess) -> Iterator[Misbehaving]:
    with Misbehaving(restored_server.url) as proxy:
        yield proxy


@pytest.fixture
async def clients(restored_server: ServerProcess, network: Misbehaving) -> AsyncIterator[Clients]:
    async with connected(network.url, restored_server.token) as found:
        yield found


async def shortcuts_to(work: WorkClient, folder: Folder) -> list[str]:
    """The ids of the shortcuts that lead to the folder, also those in categories."""
    return [f.id for f in await work.shortcuts() if f.target is not None and f.target.id == folder.work_id]


async def deleted(share: ShareClient, folder: Folder) -> None:
    answer = await share.http.delete(f"/share/v1/folders/{folder.id}")
    assert answer.status_code == 200, answer.text


async def test_where_a_shortcut_can_only_be_renamed_it_is_replaced(
    clients: Clients, network: Misbehaving
) -> None:
    share, work = clients
    old = await ensure(share, work)
    (shortcut,) = await work.favorites()
    await deleted(share, old)
    renamed = {"id": shortcut.id, "name": "x", "wstype": "folder_shortcut", "target": {"id": old.work_id}}
    network.spoil(
        "PATCH", Say(200, json.dumps({"data": renamed}).encode(), "application/json"), "/my-favorites"
    )
    folder = await ensure(share, work)
    found = await work.favorites()
    assert [each.id for each in found] == await shortcuts_to(work, folder)
    assert [each.name for each in found] == [folder.name]
    assert found[0].id != shortcut.id
    assert (await share.current_folder()).confirmed


@pytest.mark.parametrize("faster", [False, True])
async def test_of_two_shortcuts_the_older_remains(
    restored_server: ServerProcess, clients: Clients, network: Misbehaving, faster: bool
) -> None:
    """Another send has made one at the same moment, and may be faster to remove the newer one, too."""
    share, work = clients
    made: list[str] = []
    with Worker(restored_server) as other:

        def makes_one() -> None:
            with restored_server.client() as client:
                target = client.get("/share/v1/folder").json()["folder"]["work_id"]
            # Two that lead to one target must be in different categories.
            category = other.request(
                "POST", "my-favorites/categories", json={"name": "Sent"}
            ).raise_for_status()
            body = {"name": "Links", "target_id": target, "parent_id": category.json()["data"]["id"]}
            answer = other.request("POST", "my-favorites/children", json=body).raise_for_status()
            made.append(answer.json()["data"]["id"])

        def removes_ours() -> None:
            newer = next(
                each["id"] for each in other.items("my-favorites/children") if each["id"] not in made
            )
            other.request("DELETE", f"my-favorites/children/{newer}").raise_for_status()

        network.spoil("POST", Call(makes_one), "/my-favorites")
        if faster:
            network.spoil("DELETE", Call(removes_ours), "/my-favorites")
        folder = await ensure(share, work)
    assert len(made) == 1
    assert network.count("DELETE", "/my-favorites") >= 1
    assert await shortcuts_to(work, folder) == made
    assert (await share.current_folder()).confirmed


async def test_a_folder_that_others_change_meanwhile_is_looked_at_again(
    clients: Clients, network: Misbehaving
) -> None:
    share, work = clients
    network.spoil("POST", refusal(409, "folder.changed", "It has changed."), "/v1/folder", times=TRIES - 1)
    folder = await ensure(share, work)
    assert await shortcuts_to(work, folder) != []
    network.spoil("POST", refusal(409, "folder.changed", "It has changed."), "/v1/folder", times=TRIES)
    with pytest.raises(Conflict) as changed:
        await ensure(share, work)
    assert changed.value.code == "folder.changed"
    assert "try again" in changed.value.message


async def test_a_folder_that_is_refused_is_not_asked_for_again(
    clients: Clients, network: Misbehaving
) -> None:
    share, work = clients
    network.spoil("POST", refusal(409, "folder.limit", "You have too many folders."), "/v1/folder")
    with pytest.raises(Conflict) as refused:
        await ensure(share, work)
    assert refused.value.code == "folder.limit"
    assert network.count("POST", "/v1/folder") == 1


async def test_a_folder_that_is_gone_at_once_is_asked_for_again(
    clients: Clients, network: Misbehaving
) -> None:
    """Its deletion came between the request and its response."""
    share, work = clients
    gone = {"generation": 1, "folder": None, "confirmed": False}
    network.spoil("POST", Say(200, json.dumps(gone).encode(), "application/json"), "/v1/folder")
    folder = await ensure(share, work)
    assert [each.id for each in await share.folders()] == [folder.id]
