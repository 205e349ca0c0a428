"""My Favorites: shortcuts and categories, each person's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.servers.server import ServerProcess
from tests.support.users.work import CONTAINER_ID, MOMENT, Worker, add_person, error

CHILDREN = "my-favorites/children"


@pytest.fixture
def work(fresh_server: ServerProcess) -> Iterator[Worker]:
    with Worker(fresh_server) as worker:
        yield worker


def added(work: Worker, status: int = 201, **body: Any) -> dict[str, Any]:
    answer = work.request("POST", CHILDREN, json=body)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


def names_of(work: Worker, path: str = CHILDREN) -> list[str]:
    return [item["name"] for item in work.items(path)]


def test_a_shortcut_field_by_field(work: Worker) -> None:
    folder = work.folder(work.workspace("Matter"), "Papers")
    made = added(work, target_id=folder, name="My papers")
    assert CONTAINER_ID.fullmatch(made["id"])
    assert (made["wstype"], made["name"], made["database"]) == ("folder_shortcut", "My papers", "ACTIVE")
    assert (made["owner"], made["default_security"]) == ("DJONES", "private")
    assert MOMENT.fullmatch(made["edit_date"])
    assert made["target"] == {
        "id": folder,
        "wstype": "folder",
        "name": "Papers",
        "database": "ACTIVE",
        "folder_type": "regular",
        "view_type": "document",
        "subtype": "work",
    }
    assert work.get(CHILDREN, total="true") == {"data": [made], "total_count": 1}


def test_shortcuts_lead_to_folders_workspaces_and_documents(work: Worker) -> None:
    space = work.workspace("Matter")
    paper = work.upload(space, "Offer", extension="pdf")
    assert added(work, target_id=space)["wstype"] == "workspace_shortcut"
    shortcut = added(work, target_id=paper["id"])
    assert shortcut["wstype"] == "document_shortcut"
    assert shortcut["name"] == "Offer"
    assert (shortcut["target"]["id"], shortcut["target"]["extension"]) == (paper["id"], "pdf")
    # Shortcuts have their own numbers: a container's number never names a shortcut.
    later = work.workspace("Later")
    assert later not in [item["id"] for item in work.items(CHILDREN)]


def test_each_target_has_one_shortcut(work: Worker) -> None:
    space = work.workspace("Matter")
    first = added(work, target_id=space, name="First")
    assert added(work, 200, target_id=space, name="Second") == first
    assert names_of(work) == ["First"]


def test_shortcuts_are_renamed_retargeted_and_removed(work: Worker) -> None:
    one, two = work.workspace("One"), work.workspace("Two")
    made = added(work, target_id=one)
    path = f"{CHILDREN}/{made['id']}"
    renamed = work.request("PATCH", path, json={"name": "Uno – ένα"}).json()["data"]
    assert (renamed["name"], renamed["target"]["id"]) == ("Uno – ένα", one)
    moved = work.request("PATCH", path, json={"name": "Due", "target_id": two}).json()["data"]
    assert (moved["id"], moved["name"], moved["target"]["id"]) == (made["id"], "Due", two)
    assert names_of(work) == ["Due"]
    assert work.request("DELETE", path).status_code == 204
    assert names_of(work) == []
    error(work.request("DELETE", path), 404, "NRC_NO_RECORD")
    assert work.data(f"folders/{two}")["name"] == "Two"


def test_categories_hold_shortcuts(work: Worker) -> None:
    space = work.workspace("Matter")
    answer = work.request("POST", "my-favorites/categories", json={"name": "Deals"})
    assert answer.status_code == 201
    category = answer.json()["data"]
    assert (category["wstype"], category["category_type"]) == ("category", "my_favorites")
    assert "target" not in category
    inner = added(work, target_id=space, name="In", parent_id=category["id"])
    assert inner["parent_id"] == category["id"]
    added(work, target_id=space, name="Out")
    assert names_of(work) == ["Deals", "Out"]
    within = f"my-favorites/categories/{category['id']}/children"
    assert names_of(work, within) == ["In"]
    error(work.request("GET", f"my-favorites/categories/{inner['id']}/children"), 404, "NRC_NO_RECORD")
    nested = work.request(
        "POST", "my-favorites/categories", json={"name": "Closed", "parent_id": category["id"]}
    )
    added(work, target_id=space, parent_id=nested.json()["data"]["id"])
    assert work.request("DELETE", f"{CHILDREN}/{category['id']}").status_code == 204
    assert names_of(work) == ["Out"]
    error(work.request("GET", within), 404, "NRC_NO_RECORD")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "NRC_INVALID_PROFILE"),
        ({"target_id": "ACTIVE!99999"}, 404, "NRC_NO_RECORD"),
        ({"target_id": "ACTIVE!99999.1"}, 404, "NRC_NO_RECORD"),
        ({"target_id": "nonsense"}, 404, "NRC_NO_RECORD"),
        ({"target_id": 5}, 400, "NRC_INVALID_PROFILE"),
    ],
)
def test_wrong_shortcuts_are_refused(work: Worker, body: Any, status: int, code: str) -> None:
    error(work.request("POST", CHILDREN, json=body), status, code)
    assert names_of(work) == []


def test_a_shortcut_whose_target_is_gone_stays(work: Worker) -> None:
    current = work.request("GET", "/share/v1/folder").json()
    body = {"generation": current["generation"], "shortcut": False}
    folder = work.request("POST", "/share/v1/folder", json=body).json()["folder"]
    made = added(work, target_id=folder["work_id"])
    assert made["name"] == "DJONES - Secure Sent Links"
    assert (made["target"]["view_type"], made["target"]["imanage_share_eid"]) == (
        "imanage_share",
        folder["id"],
    )
    work.request("DELETE", f"/share/v1/folders/{folder['id']}").raise_for_status()
    error(work.request("GET", f"folders/{folder['work_id']}"), 404, "NRC_NO_RECORD")
    left = work.items(CHILDREN)[0]
    assert left["target"]["id"] == folder["work_id"]
    assert left["target"]["name"] == left["name"] == "DJONES - Secure Sent Links"
    assert "imanage_share_eid" not in left["target"]


def test_favorites_are_each_persons_own(work: Worker) -> None:
    space = work.workspace("Matter")
    hidden = work.workspace("Hidden", default_security="private")
    made = added(work, target_id=space)
    category = work.request("POST", "my-favorites/categories", json={"name": "Mine"}).json()["data"]
    with Worker(work.server, add_person(work.server, "BSMITH")) as other:
        assert names_of(other) == []
        for method in ("PATCH", "DELETE"):
            error(other.request(method, f"{CHILDREN}/{made['id']}", json={"name": "x"}), 404, "NRC_NO_RECORD")
        error(other.request("POST", CHILDREN, json={"target_id": hidden}), 404, "NRC_NO_RECORD")
        body = {"target_id": space, "parent_id": category["id"]}
        error(other.request("POST", CHILDREN, json=body), 404, "NRC_NO_RECORD")
        added(other, target_id=space, name="Theirs")
    assert names_of(work) == ["Matter", "Mine"]


def test_favorites_page_by_page(work: Worker) -> None:
    for number in range(5):
        added(work, target_id=work.workspace(f"W{number}"))
    whole = names_of(work)
    assert whole == [f"W{number}" for number in range(5)]
    for limit in (1, 2, 5):
        pages = list(work.pages(CHILDREN, limit=limit))
        assert [item["name"] for page in pages for item in page] == whole
        assert len(pages) == -(-5 // limit)
    assert [item["name"] for item in work.items(CHILDREN, limit=2, offset=3)] == whole[3:]
