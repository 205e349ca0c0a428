"""Who sees what: public, view and private containers and documents, in every list.

``test_work_calls.py`` and ``test_rights_model.py`` try every call with what is private to others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.work import Worker, add_person, error


@pytest.fixture(scope="module")
def owner(server: ServerProcess) -> Iterator[Worker]:
    with Worker(server, add_person(server, "OWNER")) as worker:
        yield worker


@pytest.fixture(scope="module")
def guest(server: ServerProcess) -> Iterator[Worker]:
    """Another user, who is also an administrator: administrators see no more than others."""
    with Worker(server) as worker:
        yield worker


@pytest.fixture(scope="module")
def private(owner: Worker) -> dict[str, Any]:
    space = owner.workspace("Secret Matter", default_security="private")
    folder = owner.folder(space, "Secret Folder")
    paper = owner.upload(folder, "Secret Paper", b"secret")
    owner.request("POST", f"documents/{paper['id']}/lock").raise_for_status()
    return {"space": space, "folder": folder, "paper": paper["id"], "number": paper["document_number"]}


FILES = {"profile": (None, "{}"), "file": ("x.txt", b"x")}


@few(6)
@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("workspaces", {}),
        ("workspaces", {"name": "secret"}),
        ("workspaces", {"anywhere": "secret"}),
        ("folders", {"name": "secret"}),
        ("folders", {"container_id": "{space}"}),
        ("documents", {}),
        ("documents", {"name": "secret"}),
        ("documents", {"anywhere": "secret", "latest": "false"}),
        ("documents", {"document_number": "{number}"}),
        ("documents", {"container_id": "{folder}"}),
        ("documents", {"container_id": "{space}", "include_subtree": "true"}),
        ("documents/checked-out", {"user": "OWNER"}),
        ("recent-documents", {}),
        ("recent-workspaces", {}),
    ],
)
def test_what_is_private_is_in_no_list_and_in_no_total(
    guest: Worker, owner: Worker, private: dict[str, Any], path: str, params: dict[str, str]
) -> None:
    params = {key: value.format(**private) for key, value in params.items()}
    answer = guest.get(path, total="true", **params)
    data = answer["data"]["results"] if isinstance(answer["data"], dict) else answer["data"]
    assert not [item for item in data if "Secret" in item["name"]]
    assert answer["total_count"] == len(data)
    assert [item for item in owner.items(path, **params) if "Secret" in item["name"]]


def test_a_private_folder_in_a_public_place(owner: Worker, guest: Worker) -> None:
    space = owner.workspace("Open")
    hidden = owner.folder(space, "B hidden", default_security="private")
    owner.folder(space, "A open")
    owner.folder(space, "C open")
    owner.upload(space, "b hidden paper", default_security="private")
    owner.upload(space, "a paper")
    inner = owner.folder(hidden, "Within")
    everything = ["A open", "B hidden", "C open", "a paper", "b hidden paper"]
    path = f"folders/{space}/children"
    assert [item["name"] for item in owner.items(path)] == everything
    answer = guest.get(path, total="true")
    assert [item["name"] for item in answer["data"]] == ["A open", "C open", "a paper"]
    assert answer["total_count"] == 3
    assert owner.get(path, total="true")["total_count"] == 5
    for worker, expected in ((owner, everything), (guest, ["A open", "C open", "a paper"])):
        for limit in (1, 2, 3, 5):
            pages = list(worker.pages(path, limit=limit))
            assert [item["name"] for page in pages for item in page] == expected
        for offset in range(6):
            found = worker.items(path, offset=offset, limit=2)
            assert [item["name"] for item in found] == expected[offset : offset + 2]
    error(guest.request("GET", f"folders/{inner}"), 404, "NRC_NO_RECORD")
    assert owner.data(f"folders/{inner}")["inherited_default_security"] == "private"


def test_sorting_merges_what_has_different_rules(owner: Worker, guest: Worker) -> None:
    space = owner.workspace("Merged")
    for name in ("d", "a", "c", "b"):
        security = "private" if name in "ac" else "inherit"
        owner.upload(space, name, default_security=security)
    path = f"folders/{space}/children"
    for sort, expected in (("name", "abcd"), ("-name", "dcba"), ("edited", "dacb"), ("-edited", "bcad")):
        for limit in (1, 3, 9):
            pages = owner.pages(path, sort=sort, limit=limit)
            assert "".join(item["name"] for page in pages for item in page) == expected
        seen = "".join(item["name"] for item in guest.items(path, sort=sort))
        assert seen == "".join(name for name in expected if name in "bd")


def test_view_lets_others_read_and_not_write(owner: Worker, guest: Worker) -> None:
    space = owner.workspace("Shown", default_security="view")
    paper = owner.upload(space, "Shown paper", b"seen")
    shown = guest.data(f"workspaces/{space}")
    assert (shown["default_security"], shown["effective_security"]) == ("view", "read")
    assert owner.data(f"workspaces/{space}")["effective_security"] == "full_access"
    assert guest.download(paper["id"]).content == b"seen"
    assert guest.data(f"documents/{paper['id']}")["access"] == "read"
    assert guest.data(f"documents/{paper['id']}/operations")["lock"] is False
    assert guest.data(f"folders/{space}/operations")["add_content"] is False
    for method, path, more in (
        ("POST", f"workspaces/{space}/folders", {"json": {"name": "x"}}),
        ("POST", f"folders/{space}/subfolders", {"json": {"name": "x"}}),
        ("POST", f"folders/{space}/documents", {"files": FILES}),
        ("POST", f"documents/{paper['id']}/versions", {"files": FILES}),
        ("POST", f"documents/{paper['id']}/lock", {}),
        ("POST", f"documents/{paper['id']}/checkout", {}),
        ("DELETE", f"documents/{paper['id']}/lock", {}),
    ):
        error(guest.request(method, path, **more), 403, "NRC_ACCESS_DENIED")
    assert (
        guest.request("POST", f"documents/{paper['id']}/history", json={"activity": "PRINT"}).status_code
        == 201
    )
    assert [w["name"] for w in guest.items("workspaces", name="shown")] == ["Shown"]


def test_trustees_have_what_they_were_given(owner: Worker, guest: Worker) -> None:
    trustees = [{"id": "djones", "access_level": "read"}]
    space = owner.workspace("Trusted", default_security="private", user_trustees=trustees)
    paper = owner.upload(space, "Trusted paper")
    assert guest.data(f"documents/{paper['id']}")["access"] == "read"
    error(guest.request("POST", f"documents/{paper['id']}/lock"), 403, "NRC_ACCESS_DENIED")
    more = [{"id": "DJONES", "access_level": "read_write"}]
    mine = owner.upload(space, "More", default_security="private", user_trustees=more)
    assert guest.request("POST", f"documents/{mine['id']}/lock").status_code == 200
    own = owner.upload(space, "Own", default_security="private")
    error(guest.request("GET", f"documents/{own['id']}"), 404, "NRC_NO_RECORD")


def test_what_one_may_no_longer_see_leaves_ones_lists(owner: Worker, guest: Worker) -> None:
    hidden = owner.workspace("Passing", default_security="private")
    inner = owner.folder(hidden, "Door", default_security="public")
    paper = owner.upload(inner, "Reachable")
    found = guest.data(f"documents/{paper['id']}")
    assert not {"workspace_id", "workspace_name"} & found.keys()
    assert [step["name"] for step in guest.data(f"documents/{paper['id']}/path")[0]] == ["Door"]
    guest.download(paper["id"])
    assert guest.items("recent-documents", limit=1)[0]["id"] == paper["id"]
    assert hidden not in [w["id"] for w in guest.items("recent-workspaces")]
