"""Every list of Work: it is filled, counted, paged by cursor and by offset, and one's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.public_clients import Json, items
from tests.support.users.work import Worker, add_person, error


@pytest.fixture(scope="module")
def lists(server: ServerProcess) -> Iterator[tuple[Worker, Worker, dict[str, str]]]:
    """A user who has filled every list with three entries, and a user who may see none of them."""
    with (
        Worker(server, add_person(server, "FILLER")) as filler,
        Worker(server, add_person(server, "NOSY")) as nosy,
    ):
        ids: dict[str, str] = {}
        for number in range(3):
            space = filler.workspace(f"Filled {number}", default_security="private")
            ids.setdefault("space", space)
            folder = filler.folder(ids["space"], f"Folder {number}")
            ids.setdefault("folder", folder)
            paper = filler.upload(space if number else ids["folder"], f"Fillpaper {number}")
            ids.setdefault("paper", paper["id"])
            filler.request("POST", f"documents/{paper['id']}/lock").raise_for_status()
            filler.request("POST", "my-favorites/children", json={"target_id": folder}).raise_for_status()
        for number in range(2):
            filler.upload(ids["folder"], f"Fillmore {number}")
            filler.new_version(ids["paper"], f"Version {number}", keep_locked=True)
            filler.upload(ids["folder"], f"Gone {number}")
        for item in filler.items("documents", name="gone"):
            filler.request("DELETE", f"documents/{item['id']}").raise_for_status()
        third = filler.upload(ids["folder"], "Gone 2")
        filler.request("DELETE", f"documents/{third['id']}").raise_for_status()
        category = filler.request("POST", "my-favorites/categories", json={"name": "Z"}).json()["data"]["id"]
        ids["category"] = category
        for item in filler.items("workspaces", name="filled"):
            body = {"target_id": item["id"], "parent_id": category}
            filler.request("POST", "my-favorites/children", json=body).raise_for_status()
        yield filler, nosy, ids


def _ids(entries: list[Json]) -> list[str]:
    return [str(entry["id"]) for entry in entries]


@few(8)
@pytest.mark.parametrize(
    ("path", "params", "count", "elsewhere"),
    [
        ("workspaces", {"name": "filled"}, 3, 0),
        ("folders", {"container_id": "{space}"}, 3, 0),
        ("workspaces/{space}/children", {}, 3, 404),
        ("folders/{space}/children", {}, 3, 404),
        ("folders/{folder}/children", {}, 3, 404),
        ("folders/{folder}/documents", {}, 3, 404),
        ("documents", {"name": "fillpaper", "latest": "false"}, 3, 0),
        ("documents", {"anywhere": "fill* 0"}, 1, 0),
        ("documents", {"container_id": "{folder}"}, 3, 0),
        ("documents/{paper}/versions", {}, 3, 404),
        ("documents/{paper}/history", {}, 3, 404),
        ("documents/{paper}/history", {"all_versions": "true"}, 5, 404),
        ("documents/checked-out", {}, 4, 0),
        ("recent-documents", {}, 5, 0),
        ("recent-workspaces", {}, 3, 0),
        ("my-favorites/children", {}, 4, 0),
        ("my-favorites/categories/{category}/children", {}, 3, 404),
        ("users/FILLER/my-matters/children", {}, 3, 404),
        ("trash-bin/documents", {"name": "gone"}, 3, 0),
    ],
)
def test_every_list_is_filled_counted_paged_and_ones_own(
    lists: tuple[Worker, Worker, dict[str, str]],
    path: str,
    params: dict[str, str],
    count: int,
    elsewhere: int,
) -> None:
    filler, nosy, ids = lists
    path = path.format(**ids)
    params = {key: value.format(**ids) for key, value in params.items()}
    whole = filler.get(path, total="true", **params)
    found = _ids(items(whole))
    assert len(found) == len(set(found)) == count
    assert whole["total_count"] == count
    assert type(whole["total_count"]) is int
    assert "cursor" not in whole
    for limit in {1, 2, count, count + 1}:
        pages = list(filler.pages(path, limit=limit, total="true", **params))
        assert [ident for page in pages for ident in _ids(page)] == found
        assert len(pages) == -(-count // limit)
    by_offset: list[str] = []
    while page := filler.items(path, limit=2, offset=len(by_offset), **params):
        by_offset += _ids(page)
    assert by_offset == found
    assert filler.items(path, offset=count + 5, **params) == []
    if elsewhere:
        error(nosy.request("GET", path, params=params), elsewhere, "NRC_NO_RECORD")
    else:
        answer = nosy.get(path, total="true", **params)
        assert not set(_ids(items(answer))) & set(found)
        assert answer["total_count"] == len(items(answer))
