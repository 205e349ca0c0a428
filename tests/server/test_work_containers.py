"""Libraries, workspaces, folders and what is in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.work import CONTAINER_ID, CUSTOMER, MOMENT, Worker, error
from tui.sample import matters

HALYARD = "Halyard - Share Sale"


@pytest.fixture(scope="module")
def work(sample_server: ServerProcess) -> Iterator[Worker]:
    with Worker(sample_server) as worker:
        yield worker


@pytest.fixture(scope="module")
def halyard(work: Worker) -> dict[str, Any]:
    return next(w for w in work.items("workspaces") if w["name"] == HALYARD)


def names_of(items: list[dict[str, Any]]) -> list[str]:
    return [item["name"] for item in items]


def test_libraries(work: Worker) -> None:
    answer = work.get(f"{CUSTOMER}/libraries", total="true")
    assert answer["total_count"] == 1
    assert answer["data"][0]["id"] == "ACTIVE"
    assert answer["data"][0]["type"] == "worksite"
    assert answer["data"][0]["is_hidden"] is False


def test_workspaces_are_all_there_by_name(work: Worker) -> None:
    answer = work.get("workspaces", total="true")
    found = answer["data"]["results"]
    assert names_of(found) == sorted((w.name for w in matters().workspaces), key=str.casefold)
    assert answer["total_count"] == len(found)
    assert "cursor" not in answer


def test_a_workspace_field_by_field(work: Worker, halyard: dict[str, Any]) -> None:
    assert CONTAINER_ID.fullmatch(halyard["id"])
    assert halyard["wstype"] == "workspace"
    assert halyard["database"] == "ACTIVE"
    assert halyard["description"] == "Sale of Halyard Tidewell Limited to Castellan Marsh plc"
    assert (halyard["owner"], halyard["owner_description"]) == ("DJONES", "Dana Jones")
    assert (halyard["author"], halyard["class"], halyard["version"]) == ("DJONES", "WEBDOC", 1)
    assert halyard["document_number"] == int(halyard["id"].partition("!")[2])
    assert halyard["iwl"].startswith("iwl:dms=127.0.0.1&&lib=ACTIVE&&num=")
    assert (halyard["default_security"], halyard["effective_security"]) == ("public", "read_write")
    assert (halyard["has_subfolders"], halyard["has_documents"]) == (True, False)
    assert MOMENT.fullmatch(halyard["create_date"])
    assert MOMENT.fullmatch(halyard["edit_date"])
    assert work.data(f"workspaces/{halyard['id']}") == halyard


@pytest.mark.parametrize("path", ["workspaces/{}/children", "folders/{}/children"])
def test_children_of_a_workspace(work: Worker, halyard: dict[str, Any], path: str) -> None:
    answer = work.get(path.format(halyard["id"]), total="true")
    folders = matters().place((HALYARD,)).folders
    assert sorted(names_of(answer["data"])) == sorted(folder.name for folder in folders)
    assert answer["total_count"] == len(folders)
    assert {item["wstype"] for item in answer["data"]} == {"folder"}


def test_a_folder_field_by_field(work: Worker, halyard: dict[str, Any]) -> None:
    folder = next(f for f in work.items(f"folders/{halyard['id']}/children") if f["name"] == "Deal Documents")
    assert CONTAINER_ID.fullmatch(folder["id"])
    assert folder["wstype"] == "folder"
    assert (folder["folder_type"], folder["view_type"]) == ("regular", "document")
    assert (folder["parent_id"], folder["workspace_id"]) == (halyard["id"], halyard["id"])
    assert folder["workspace_name"] == HALYARD
    assert (folder["default_security"], folder["inherited_default_security"]) == ("inherit", "public")
    assert folder["has_documents"] is True
    assert folder["is_external"] is False
    assert not {"extension", "document_number", "imanage_share_eid"} & folder.keys()
    assert work.data(f"folders/{folder['id']}") == folder
    assert work.data(f"folders/{folder['id']}/path")[0]["id"] == halyard["id"]


def test_every_folder_holds_what_the_sample_says(work: Worker) -> None:
    sample = matters()
    seen = 0

    def walk(path: tuple[str, ...], container: str) -> None:
        nonlocal seen
        place = sample.place(path)
        items = work.items(f"folders/{container}/children")
        kinds = [item["wstype"] for item in items]
        assert kinds == sorted(kinds, reverse=True), "folders come first"
        folders = {item["name"]: item for item in items if item["wstype"] == "folder"}
        papers = {(item["name"], item["extension"]): item for item in items if item["wstype"] == "document"}
        assert set(folders) == {folder.name for folder in place.folders}
        assert set(papers) == {(paper.name, paper.extension) for paper in place.documents}
        for paper in place.documents:
            item = papers[paper.name, paper.extension]
            assert item["version"] == paper.latest.number
            assert item["size"] == paper.latest.size
            assert item["operator"] == paper.latest.operator
            assert item.get("in_use_by") == (paper.checked_out.by if paper.checked_out else None)
            seen += 1
        for folder in place.folders:
            inner = folders[folder.name]
            assert inner["has_documents"] is bool(folder.documents)
            assert inner["has_subfolders"] is bool(folder.folders)
            walk((*path, folder.name), inner["id"])

    for workspace in work.items("workspaces"):
        walk((workspace["name"],), workspace["id"])
    assert seen == sum(1 for _ in sample.documents()) >= 60


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_children_page_by_page_by_cursor_and_by_offset(work: Worker, limit: int) -> None:
    firm = next(w for w in work.items("workspaces") if w["name"] == "Firm - Know-how")
    path = f"folders/{firm['id']}/children"
    whole = [item["id"] for item in work.items(path)]
    assert len({item["wstype"] for item in work.items(path)}) == 2, "the page's border is to cross kinds"
    pages = list(work.pages(path, limit=limit))
    assert [item["id"] for page in pages for item in page] == whole
    assert all(len(page) == limit for page in pages[:-1])
    assert pages[-1]
    by_offset: list[str] = []
    while page := work.items(path, limit=limit, offset=len(by_offset)):
        by_offset += [item["id"] for item in page]
    assert by_offset == whole
    assert work.items(path, offset=10**9) == []


def test_paging_details(work: Worker) -> None:
    first = work.get("workspaces", limit=2, cursor="")
    assert first["data"]["results"] == work.items("workspaces", limit=2)
    assert first["cursor"]
    second = work.get("workspaces", limit=2, cursor=first["cursor"])
    # An empty cursor starts over; an offset next to a cursor is ignored.
    assert work.get("workspaces", limit=2, cursor="", offset=0) == first
    assert work.get("workspaces", limit=2, cursor=first["cursor"], offset=7) == second
    assert "cursor" not in work.get("workspaces", limit=2)
    assert "cursor" not in work.get("workspaces", limit=6, cursor="")


@few(2)
@pytest.mark.parametrize(
    "cursor", ["x", "W10", "bnVsbA", "Ww", "!!", "a" * 2000, "WyJmb2xkZXIubmFtZSIsMSwyXQ"]
)
def test_a_cursor_of_another_kind_is_refused(work: Worker, cursor: str) -> None:
    error(work.request("GET", "workspaces", params={"cursor": cursor}), 400, "NRC_INVALID_PARAM")


def test_a_cursor_of_another_list_is_refused(work: Worker, halyard: dict[str, Any]) -> None:
    cursor = work.get("recent-documents", limit=1, cursor="")["cursor"]
    answer = work.request("GET", f"folders/{halyard['id']}/children", params={"cursor": cursor})
    error(answer, 400, "NRC_INVALID_PARAM")


@few(3)
@pytest.mark.parametrize(
    "query",
    [
        "limit=x",
        "limit=-3",
        "limit=0",
        "limit=",
        "offset=-1",
        "total=maybe",
        "limit=99999999999999999999",
        "no=thing",
    ],
)
def test_junk_in_parameters_is_passed_over(work: Worker, query: str) -> None:
    assert len(work.items(f"workspaces?{query}")) == len(matters().workspaces)


def test_parameters_that_were_appended_to_a_query(work: Worker) -> None:
    answer = work.get("workspaces?name=halyard?total=true&offset=0&limit=50")
    assert names_of(answer["data"]["results"]) == [HALYARD]
    assert names_of(work.items("workspaces?limit=2?total=true"))[2:] == []


@few(3)
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"name": "halyard"}, [HALYARD]),
        ({"name": "SALE share"}, [HALYARD]),
        ({"name": "halyar"}, []),
        ({"name": "halyar*"}, [HALYARD]),
        ({"anywhere": "castellan"}, [HALYARD]),
        ({"name_or_description": "Halyard*"}, [HALYARD]),
        ({"name_or_description": "halyard"}, []),
        ({"name": "nothing like it"}, []),
        ({"name": "100%_"}, []),
    ],
)
def test_workspaces_are_searched_by_whole_words(
    work: Worker, query: dict[str, str], found: list[str]
) -> None:
    answer = work.get("workspaces", total="true", **query)
    assert names_of(answer["data"]["results"]) == found
    assert answer["total_count"] == len(found)


def test_folders_are_searched(work: Worker, halyard: dict[str, Any]) -> None:
    found = work.items("folders", name="deal")
    assert names_of(found) == ["Deal Documents"]
    assert found[0]["workspace_id"] == halyard["id"]
    assert work.items("folders/search", name="deal") == found
    assert names_of(work.items("folders", container_id=halyard["id"])) == names_of(
        work.items(f"folders/{halyard['id']}/children")
    )


def test_children_are_filtered(work: Worker) -> None:
    deal = work.items("folders", name="deal")[0]["id"]
    path = f"folders/{deal}/children"
    everything = work.items(path)
    found = names_of(work.items(path, name="agree"))
    assert found == ["Non-Disclosure Agreement (signed)", "Share Purchase Agreement"]
    assert all(item["is_checked_out"] for item in work.items(path, checked_out="true"))
    assert work.items(path, checked_out="true")
    assert len(work.items(path, checked_out="true")) + len(work.items(path, checked_out="false")) == len(
        everything
    )
    assert {item["wstype"] for item in work.items(path, exclude_docs="true")} <= {"folder"}
    assert {item["wstype"] for item in work.items(path, exclude_folders="true")} == {"document"}
    assert work.items(f"folders/{deal}/documents") == [i for i in everything if i["wstype"] == "document"]
    assert work.get(path, author="DJONES", total="true")["total_count"] == sum(
        item.get("author") == "DJONES" for item in everything
    )
    pages = work.pages(path, limit=1, author="DJONES")
    assert [i["id"] for page in pages for i in page] == [i["id"] for i in work.items(path, author="DJONES")]


def test_children_types_of_a_workspace(work: Worker) -> None:
    firm = next(w for w in work.items("workspaces") if w["name"] == "Firm - Know-how")
    path = f"workspaces/{firm['id']}/children"
    everything = work.items(path, children_type="all")
    folders = work.items(path, children_type="folders")
    assert {item["wstype"] for item in everything} == {"folder", "document"}
    assert folders == [item for item in everything if item["wstype"] == "folder"]
    assert work.items(path, children_type="tabs") == []


@few(2)
@pytest.mark.parametrize("sort", ["name", "-name", "edited", "-edited"])
def test_children_are_sorted(work: Worker, sort: str) -> None:
    deal = work.items("folders", name="deal")[0]["id"]
    path = f"folders/{deal}/children"
    key = "edit_date" if "edited" in sort else "name"
    values = [
        str(item[key]).casefold() for item in work.items(path, sort=sort) if item["wstype"] == "document"
    ]
    assert values == sorted(values, reverse=sort.startswith("-"))
    pages = work.pages(path, sort=sort, limit=3)
    assert [i["id"] for page in pages for i in page] == [i["id"] for i in work.items(path, sort=sort)]


def test_an_unknown_sort_is_refused(work: Worker, halyard: dict[str, Any]) -> None:
    answer = work.request("GET", f"folders/{halyard['id']}/children", params={"sort": "size"})
    error(answer, 400, "NRC_INVALID_PARAM")


def test_operations(work: Worker, halyard: dict[str, Any]) -> None:
    rights = work.data(f"workspaces/{halyard['id']}/operations")
    assert rights["add_folders"] is True
    assert rights["default_security_values"] == ["inherit", "private", "view", "public"]
    assert work.data(f"folders/{halyard['id']}/operations") == rights
    assert work.data(f"folders/{halyard['id']}", include_operations="true")["operations"] == rights


def test_a_folder_is_no_workspace(work: Worker) -> None:
    deal = work.items("folders", name="deal")[0]["id"]
    for path in (f"workspaces/{deal}", f"workspaces/{deal}/children", f"workspaces/{deal}/operations"):
        error(work.request("GET", path), 404, "NRC_NO_RECORD")
