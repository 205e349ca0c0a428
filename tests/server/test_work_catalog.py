"""My Matters, types, classes, people, summaries of the history, and searches by POST."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.servers.server import ServerProcess
from tests.support.users.work import CONTAINER_ID, CUSTOMER, Worker, add_person, error, kind

# ---------------------------------------------------------------- My Matters

MATTERS = "users/CDOE/my-matters/children"


def test_what_one_makes_is_in_my_matters(server: ServerProcess, other: Worker) -> None:
    with Worker(server, add_person(server, "CDOE")) as work:
        assert work.get(MATTERS, total="true") == {"data": [], "total_count": 0}
        spaces = [work.workspace(name) for name in ("Gamma", "Alpha", "Beta")]
        answer = work.get(MATTERS, total="true", exclude_emails="true")
        assert [item["name"] for item in answer["data"]] == ["Alpha", "Beta", "Gamma"]
        assert answer["total_count"] == 3
        alpha = answer["data"][0]
        assert CONTAINER_ID.fullmatch(alpha["id"])
        assert (alpha["wstype"], alpha["owner"]) == ("workspace_shortcut", "CDOE")
        assert alpha["target"] == {
            "id": spaces[1], "wstype": "workspace", "name": "Alpha", "database": "ACTIVE", "subtype": "work",
        }  # fmt: skip
        assert work.items("users/cdoe/my-matters/children") == answer["data"]
        pages = list(work.pages(MATTERS, limit=2))
        assert [item["name"] for page in pages for item in page] == ["Alpha", "Beta", "Gamma"]
        assert len(pages) == 2
        # No one else has them, and they are not favorites.
        theirs = {item["target"]["id"] for item in other.items("users/BSMITH/my-matters/children")}
        assert theirs.isdisjoint(spaces)
        error(other.request("GET", MATTERS), 404, "NRC_NO_RECORD")
        assert work.items("my-favorites/children") == []


def test_my_matters_are_changed(server: ServerProcess, work: Worker) -> None:
    with Worker(server, add_person(server, "EFOX")) as other:
        space = work.workspace("Theirs too")
        folder = work.folder(space, "F")
        path = "users/EFOX/my-matters"
        made = other.request("POST", f"{path}/children", json={"target_id": space, "name": "Mine"})
        assert made.status_code == 201
        assert other.request("POST", f"{path}/children", json={"target_id": space}).status_code == 200
        error(
            other.request("POST", f"{path}/children", json={"target_id": folder}), 400, "NRC_INVALID_PROFILE"
        )
        error(work.request("POST", f"{path}/children", json={"target_id": space}), 404, "NRC_NO_RECORD")
        category = other.request("POST", f"{path}/categories", json={"name": "Closed"}).json()["data"]
        assert (category["wstype"], category["category_type"]) == ("category", "my_matters")
        body = {"target_id": space, "name": "In", "parent_id": category["id"]}
        other.request("POST", f"{path}/children", json=body).raise_for_status()
        within = f"{path}/categories/{category['id']}/children"
        assert [item["name"] for item in other.items(within)] == ["In"]
        assert [item["name"] for item in other.items(f"{path}/children")] == ["Closed", "Mine"]
        one = made.json()["data"]["id"]
        assert (
            other.request("PATCH", f"{path}/children/{one}", json={"name": "M"}).json()["data"]["name"] == "M"
        )
        # One list does not affect the other.
        error(other.request("DELETE", f"my-favorites/children/{one}"), 404, "NRC_NO_RECORD")
        error(
            other.request("GET", f"my-favorites/categories/{category['id']}/children"), 404, "NRC_NO_RECORD"
        )
        assert other.request("DELETE", f"{path}/children/{one}").status_code == 204
        assert other.request("DELETE", f"{path}/children/{category['id']}").status_code == 204
        assert other.items(f"{path}/children") == []
        assert work.data(f"workspaces/{space}")["name"] == "Theirs too"


# ---------------------------------------------------------------- types, classes, people


def test_types_by_extension(work: Worker) -> None:
    everything = work.get("types", total="true")
    assert everything["total_count"] == len(everything["data"])
    assert {"WORDX", "ACROBAT", "ANSI"} <= {kind["id"] for kind in everything["data"]}
    for asked in ("docx", ".DOCX"):
        assert work.items("types", app_extension=asked) == [
            {"id": "WORDX", "database": "ACTIVE", "description": "Microsoft Word", "app_extension": "docx"}
        ]
    assert work.items("types", app_extension="nothing") == []
    # A document of that extension has that type.
    paper = work.upload(work.workspace("W"), "x", extension="xlsx")
    assert [kind["id"] for kind in work.items("types", app_extension="xlsx")] == [paper["type"]]


def test_classes_are_those_that_documents_have(work: Worker) -> None:
    before = [kind["id"] for kind in work.items("classes")]
    assert "DOC" in before
    space = work.workspace("W")
    paper = work.upload(space, "x", **kind("deed_of_trust"))
    found = {kind["id"]: kind for kind in work.items("classes")}
    assert sorted(found) == sorted([*before, "DEED_OF_TRUST"])
    assert found["DEED_OF_TRUST"]["description"] == paper["class_description"] == "Deed Of Trust"
    work.new_version(paper["id"], "x", **kind("LEASE"))
    work.upload(space, "y", **kind("will"))
    answer = work.get("classes", total="true")
    assert {kind["id"] for kind in answer["data"]} == {*before, "LEASE", "WILL"}
    assert answer["total_count"] == len(answer["data"]) == len(before) + 2
    newest = work.items(f"documents/{paper['id']}/versions")[0]["id"]
    work.request("PATCH", f"documents/{newest}", json={"class": "bond"}).raise_for_status()
    assert {kind["id"] for kind in work.items("classes")} == {*before, "BOND", "WILL"}
    work.request("DELETE", f"documents/{newest}").raise_for_status()
    assert {kind["id"] for kind in work.items("classes")} == {*before, "DEED_OF_TRUST", "WILL"}


def test_people(sample_server: ServerProcess) -> None:
    with Worker(sample_server) as sample:
        everybody = sample.get("users", total="true")
        names = [person["id"] for person in everybody["data"]]
        assert names == sorted(names)
        assert everybody["total_count"] == len(names) > 5
        keller = next(person for person in everybody["data"] if person["id"] == "MKELLER")
        assert (keller["full_name"], keller["wstype"], keller["login"]) == ("Martin Keller", "user", True)
        assert "@" in keller["email"]
        assert sample.data("users/mkeller") == keller
        assert sample.items("users", search="kell") == [keller]
        assert [p["id"] for page in sample.pages("users", limit=3) for p in page] == names
        error(sample.request("GET", "users/NOBODY"), 404, "NRC_NO_RECORD")


def test_library_operations(work: Worker) -> None:
    found = work.data("operations")
    assert found["m1_bits"]["checkout"] is True
    assert set(found) == {"m1_bits", "m2_bits", "m3_bits"}


# ---------------------------------------------------------------- history


def test_summaries_of_the_history(work: Worker, other: Worker) -> None:
    paper = work.upload(work.workspace("W"), "Summed", b"x")
    document = paper["id"]
    for _ in range(3):
        other.download(document)
    work.download(document, activity="export")
    work.new_version(document, "Summed", b"y")
    path = f"documents/{document}/history"
    activities = work.get(f"{path}/activities", total="true")
    assert activities["data"] == [
        {"alias": "EXPORT", "count": 1, "description": "Exported"},
        {"alias": "NEWDOCUMENT", "count": 1, "description": "Created"},
        {"alias": "VIEW", "count": 3, "description": "Viewed"},
    ]
    assert activities["total_count"] == 3
    people = work.get(f"{path}/users", total="true")
    assert people["data"] == [
        {"id": "BSMITH", "full_name": "BSMITH", "login": True, "wstype": "user", "activity_count": 3},
        {"id": "DJONES", "full_name": "DJONES", "login": True, "wstype": "user", "activity_count": 2},
    ]
    assert people["total_count"] == 2
    every = work.items(f"{path}/activities", all_versions="true")
    assert [a["count"] for a in every if a["alias"] == "NEWDOCVER"] == [1]
    assert sum(a["count"] for a in every) == len(work.history(document, all_versions="true"))
    assert [a["alias"] for a in work.items(f"{path}/activities", activity="view")] == ["VIEW"]
    for tail in ("activities", "users"):
        error(work.request("GET", f"documents/ACTIVE!99999.1/history/{tail}"), 404, "NRC_NO_RECORD")
        error(work.request("GET", f"{path}/{tail}", params={"activity": "dance"}), 400, "NRC_INVALID_PARAM")


# ---------------------------------------------------------------- searches by POST


@pytest.mark.parametrize(
    ("path", "filters", "expected"),
    [
        ("workspaces/search", {"name": "postable"}, ["Postable one", "Postable two"]),
        ("workspaces/search", {"name": "two"}, ["Postable two"]),
        ("folders/search", {"name": "inner"}, ["Inner a", "Inner b"]),
        ("folders/search", {"container_id": "{one}"}, ["Inner a"]),
        ("folders/search", {"name": "nothing"}, []),
    ],
)
def test_searches_by_post(
    server: ServerProcess, work: Worker, path: str, filters: dict[str, Any], expected: list[str]
) -> None:
    if not work.items("workspaces", name="postable"):
        for name, inner in (("one", "Inner a"), ("two", "Inner b")):
            work.folder(work.workspace(f"Postable {name}"), inner)
    one = work.items("workspaces", name="postable")[0]["id"]
    filters = {key: value.format(one=one) for key, value in filters.items()}
    answer = work.request("POST", path, json={"limit": 50, "filters": filters}).json()
    assert [item["name"] for item in answer["data"]] == expected
    assert answer["overflow"] is False
    if len(expected) > 1:
        answer = work.request("POST", path, json={"limit": 1, "filters": filters}).json()
        assert [item["name"] for item in answer["data"]] == expected[:1]
        assert answer["overflow"] is True
    by_get = work.items(path.removesuffix("/search"), **filters)
    assert [item["name"] for item in by_get] == expected
    error(work.request("POST", path, json={"filters": {"body": "x"}}), 400, "NRC_INDEX_UNAVAILABLE")
    assert work.request("POST", path, content=b"").json()["data"]


def test_all_of_it_for_one_library_and_for_all(work: Worker) -> None:
    for path in ("workspaces", "folders", "documents", "recent-documents", "documents/checked-out"):
        assert work.items(f"{CUSTOMER}/{path}") == work.items(path)
