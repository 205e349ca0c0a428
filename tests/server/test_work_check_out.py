"""Checking documents of Work out and in, and new versions of them."""

from __future__ import annotations

import httpx

from tests.support.users.work import MOMENT, Worker, error


def test_lock_and_unlock(work: Worker, other: Worker, folder: str) -> None:
    paper = work.upload(folder, "locked")
    document = paper["id"]
    body = {"path": "C:\\NRPortbl\\x.txt", "comments": "At home", "due_date": "2030-01-02T03:04:05Z"}
    response = work.request("POST", f"documents/{document}/lock", json=body)
    assert response.status_code == 200
    locked = response.json()["data"]
    assert locked["is_checked_out"] is locked["is_in_use"] is locked["in_use"] is True
    assert (locked["in_use_by"], locked["checkout_path"]) == ("DJONES", "C:\\NRPortbl\\x.txt")
    assert (locked["checkout_comment"], locked["checkout_due_date"]) == (
        "At home",
        "2030-01-02T03:04:05.000Z",
    )
    assert MOMENT.fullmatch(locked["checkout_date"])
    assert other.data(f"documents/{document}")["in_use_by"] == "DJONES"
    error(other.request("POST", f"documents/{document}/lock"), 409, "NRC_CHECKED_OUT")
    error(other.request("DELETE", f"documents/{document}/lock"), 409, "NRC_CHECKED_OUT")
    assert work.request("POST", f"documents/{document}/lock").status_code == 200
    unlocked = work.request("DELETE", f"documents/{document}/lock")
    assert unlocked.status_code == 200
    free = work.data(f"documents/{document}")
    assert free["is_checked_out"] is False
    assert not {"in_use_by", "checkout_date", "checkout_path", "checkout_comment"} & free.keys()
    assert work.request("DELETE", f"documents/{document}/lock").status_code == 200
    assert work.history(document) == ["RELEASE", "CHECKOUT", "NEWDOCUMENT"]


def test_checkout_gives_the_bytes(work: Worker, folder: str) -> None:
    paper = work.upload(folder, "taken", b"the bytes")
    answer = work.request("POST", f"documents/{paper['id']}/checkout", json={"appname": "test"})
    assert answer.content == b"the bytes"
    assert work.data(f"documents/{paper['id']}")["in_use_by"] == "DJONES"


def test_the_holders_new_version_releases(work: Worker, other: Worker, folder: str) -> None:
    paper = work.upload(folder, "report", b"1")
    document = paper["id"]
    work.request("POST", f"documents/{document}/lock").raise_for_status()
    refused = other.request(
        "POST",
        f"documents/{document}/versions",
        files={"profile": (None, "{}"), "file": ("x.txt", b"2")},
    )
    error(refused, 409, "NRC_CHECKED_OUT")
    second = work.new_version(document, "report", b"2", comment="After the call")
    assert second["version"] == 2
    assert second["comment"] == "After the call"
    assert work.data(f"documents/{document}")["is_checked_out"] is False
    assert (
        work.items("documents/checked-out", limit=1) == []
        or work.items("documents/checked-out")[0]["document_number"] != paper["document_number"]
    )
    assert work.history(document) == ["CHECKIN", "CHECKOUT", "NEWDOCUMENT"]
    kept = work.new_version(second["id"], "report", b"3", keep_locked=True)
    assert kept["version"] == 3
    assert kept["in_use_by"] == "DJONES"


def test_a_new_version_of_an_old_one_is_the_greatest_and_one(work: Worker, folder: str) -> None:
    paper = work.upload(folder, "plan", b"1", custom1="ignored")
    work.new_version(paper["id"], "plan B", b"2", extension="md")
    third = work.new_version(paper["id"], "plan C", b"3")
    assert third["version"] == 3
    listed = work.items(f"folders/{folder}/children")
    assert [(d["name"], d["version"]) for d in listed] == [("plan C", 3)]
    versions = work.items(f"documents/{paper['id']}/versions")
    assert [(v["name"], v["extension"]) for v in versions] == [
        ("plan C", "txt"),
        ("plan B", "md"),
        ("plan", "txt"),
    ]


def test_versions_at_once_get_different_numbers(work: Worker, folder: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    paper = work.upload(folder, "busy", b"1")
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda n: work.new_version(paper["id"], f"busy {n}"), range(16)))
    assert sorted(m["version"] for m in made) == list(range(2, 18))


def test_only_one_of_many_gets_the_check_out(work: Worker, other: Worker, folder: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    paper = work.upload(folder, "wanted", b"1")

    def take(worker: Worker) -> httpx.Response:
        return worker.request("POST", f"documents/{paper['id']}/lock")

    with ThreadPoolExecutor(8) as threads:
        statuses = [r.status_code for r in threads.map(take, [work, other] * 8)]
    assert sorted(set(statuses)) == [200, 409]
    assert statuses.count(200) == 8
