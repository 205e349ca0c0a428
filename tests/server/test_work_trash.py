"""The library's trash: versions and documents that were deleted, and how they come back or end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.checks.derived_data import check_kept
from tests.support.servers.server import ServerProcess
from tests.support.users.edits import blobs_of, children
from tests.support.users.work import Worker, add_person, error


@pytest.fixture(scope="module")
def work(server: ServerProcess) -> Iterator[Worker]:
    with Worker(server) as worker:
        yield worker
    check_kept(server)


def trash_of(work: Worker, **params: Any) -> list[str]:
    return [item["id"] for item in work.items("trash-bin/documents", **params)]


def test_versions_are_deleted_one_by_one_and_restored(work: Worker, other: Worker, folder: str) -> None:
    first = work.upload(folder, "Going", b"1")
    second, third = (work.new_version(first["id"], f"Going {n}", str(n).encode()) for n in (2, 3))
    number = first["document_number"]
    other.download(third["id"])
    for gone, listed in ((third, ["Going 2"]), (first, ["Going 2"]), (second, [])):
        assert work.request("DELETE", f"documents/{gone['id']}").status_code == 200
        error(work.request("GET", f"documents/{gone['id']}"), 404, "NRC_NO_RECORD")
        error(work.request("GET", f"documents/{gone['id']}/download"), 404, "NRC_NO_RECORD")
        error(work.request("DELETE", f"documents/{gone['id']}"), 404, "NRC_NO_RECORD")
        assert children(work, folder) == listed
    assert work.items("documents", document_number=number) == []
    assert work.get(f"folders/{folder}/children", total="true")["total_count"] == 0
    assert not [d for d in other.items("recent-documents") if d["document_number"] == number]
    deleted = work.get("trash-bin/documents", document_number=number, total="true")
    assert [item["id"] for item in deleted["data"]] == [second["id"], first["id"], third["id"]]
    assert deleted["total_count"] == 3
    assert {item["deleted_by"] for item in deleted["data"]} == {"DJONES"}
    assert all(item["delete_date"] for item in deleted["data"])
    pages = work.pages("trash-bin/documents", document_number=number, limit=2)
    assert [item["id"] for page in pages for item in page] == trash_of(work, document_number=number)
    body = {"comments": "Needed after all"}
    back = work.request("POST", f"trash-bin/documents/{first['id']}/restore", json=body)
    assert back.status_code == 200
    assert back.json()["data"]["id"] == first["id"]
    assert children(work, folder) == ["Going"]
    assert work.history(first["id"])[:2] == ["RESTORE", "DELETE"]
    # Version numbers are not reused.
    assert work.new_version(first["id"], "Going 4")["version"] == 4
    work.request("POST", f"trash-bin/documents/{third['id']}/restore", json={}).raise_for_status()
    assert [v["version"] for v in work.items(f"documents/{first['id']}/versions")] == [4, 3, 1]


def test_a_deleted_version_is_checked_out_no_more(work: Worker, folder: str) -> None:
    paper = work.upload(folder, "Taken")
    work.request("POST", f"documents/{paper['id']}/lock").raise_for_status()
    work.request("DELETE", f"documents/{paper['id']}").raise_for_status()
    assert paper["id"] not in [d["id"] for d in work.items("documents/checked-out")]
    work.request("POST", f"trash-bin/documents/{paper['id']}/restore", json={}).raise_for_status()
    assert work.data(f"documents/{paper['id']}")["is_checked_out"] is False


def test_restoring_into_another_folder(work: Worker, other: Worker, space: str, folder: str) -> None:
    paper = work.upload(folder, "Stray")
    work.request("DELETE", f"documents/{paper['id']}").raise_for_status()
    work.request("DELETE", f"folders/{folder}").raise_for_status()
    path = f"trash-bin/documents/{paper['id']}/restore"
    error(work.request("POST", path, json={}), 409, "NRC_FOLDER_GONE")
    hidden = work.folder(space, "Hidden", default_security="private")
    assert work.request("POST", path, json={"folder_ids": [hidden]}).status_code == 200
    assert children(work, hidden) == ["Stray"]
    error(other.request("GET", f"documents/{paper['id']}"), 404, "NRC_NO_RECORD")
    error(work.request("POST", path, json={}), 404, "NRC_NO_RECORD")


def test_the_trash_is_seen_by_who_saw_what_is_in_it(work: Worker, other: Worker, folder: str) -> None:
    paper = work.upload(folder, "Private", default_security="private")
    shown = work.upload(folder, "Shown", default_security="view")
    for gone in (paper, shown):
        work.request("DELETE", f"documents/{gone['id']}").raise_for_status()
    assert paper["id"] in trash_of(work)
    assert paper["id"] not in trash_of(other)
    assert shown["id"] in trash_of(other)
    for method, tail in (("POST", "/restore"), ("DELETE", "")):
        path = f"trash-bin/documents/{{}}{tail}"
        error(other.request(method, path.format(paper["id"]), json={}), 404, "NRC_NO_RECORD")
        error(other.request(method, path.format(shown["id"]), json={}), 403, "NRC_ACCESS_DENIED")


def test_what_is_purged_is_gone_with_its_bytes(fresh_server: ServerProcess) -> None:
    with Worker(fresh_server) as work, Worker(fresh_server, add_person(fresh_server, "BSMITH")) as other:
        space = work.workspace("W")
        paper = work.upload(space, "Doomed", b"content")
        before = blobs_of(fresh_server)
        work.request("DELETE", f"documents/{paper['id']}").raise_for_status()
        path = f"trash-bin/documents/{paper['id']}"
        error(other.request("DELETE", path), 403, "NRC_ACCESS_DENIED")
        assert blobs_of(fresh_server) == before
        assert work.request("DELETE", path).status_code == 204
        assert blobs_of(fresh_server) == before - 1
        error(work.request("DELETE", path), 404, "NRC_NO_RECORD")
        assert trash_of(work) == []
    check_kept(fresh_server)


def test_two_who_delete_at_once(work: Worker, folder: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    paper = work.upload(folder, "Twice")
    versions = [paper["id"], *(work.new_version(paper["id"], f"T{n}")["id"] for n in range(5))]
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda v: work.request("DELETE", f"documents/{v}"), versions * 2))
    assert sorted(a.status_code for a in answers) == [200] * 6 + [404] * 6
    assert children(work, folder) == []
    assert work.get(f"folders/{folder}/children", total="true")["total_count"] == 0
