"""The history of a document of Work: what is in it, who writes it, and how it is filtered."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.users.work import MOMENT, Worker, error


def test_history_tells_each_act_once(work: Worker, folder: str) -> None:
    paper = work.upload(folder, "acts", b"one")
    document = paper["id"]
    work.download(document)
    work.download(document, activity="export")
    assert work.history(document) == ["EXPORT", "VIEW", "NEWDOCUMENT"]
    second = work.new_version(document, "acts", b"two")
    assert work.history(second["id"]) == ["NEWDOCVER"]
    assert work.history(document) == ["EXPORT", "VIEW", "NEWDOCUMENT"]
    whole = work.get(f"documents/{document}/history", all_versions="true", total="true")
    assert whole["total_count"] == len(whole["data"]) == 4


def test_a_history_entry_field_by_field(work: Worker, folder: str) -> None:
    paper = work.upload(folder, "entry", b"one")
    entry = work.items(f"documents/{paper['id']}/history")[0]
    assert entry["activity"] == "NEWDOCUMENT"
    assert isinstance(entry["activity_code"], int)
    assert MOMENT.fullmatch(entry["activity_date"])
    assert (entry["document_id"], entry["document_number"]) == (paper["id"], paper["document_number"])
    assert (entry["version"], entry["database"]) == (1, "ACTIVE")
    assert (entry["user"], entry["user_fullname"]) == ("DJONES", "DJONES")
    assert entry["application_name"]
    assert entry["duration"] == 0
    assert entry["id"]


def test_reading_on_in_the_middle_is_one_reading(work: Worker, folder: str) -> None:
    paper = work.upload(folder, "pieces", b"0123456789")

    def piece(span: str) -> None:
        work.request("GET", f"documents/{paper['id']}/download", headers={"Range": span})

    piece("bytes=0-4")
    piece("bytes=5-9")
    assert work.history(paper["id"]) == ["VIEW", "NEWDOCUMENT"]
    # Leaving out the first byte is no way around the history.
    another = work.upload(folder, "sneaky", b"0123456789")
    work.request("GET", f"documents/{another['id']}/download", headers={"Range": "bytes=1-"})
    assert work.history(another["id"]) == ["VIEW", "NEWDOCUMENT"]


@pytest.mark.parametrize(
    ("activity", "expected"),
    [
        ("share", ["SHARE_REVOKED", "SHARED"]),
        ("download", ["EXPORT"]),
        ("view", ["VIEW"]),
        ("edit", ["NEWDOCUMENT"]),
        ("print", []),
        ("all", ["SHARE_REVOKED", "SHARED", "EXPORT", "VIEW", "NEWDOCUMENT"]),
    ],
)
def test_history_is_filtered(work: Worker, folder: str, activity: str, expected: list[str]) -> None:
    paper = work.upload(folder, "filtered")
    work.download(paper["id"])
    work.download(paper["id"], activity="export")
    for name in ("SHARED", "SHARE_REVOKED"):
        body = {"activity": name, "comments": "Offer.pdf, expires never", "duration": 3}
        assert work.request("POST", f"documents/{paper['id']}/history", json=body).status_code == 201
    assert work.history(paper["id"], activity=activity) == expected
    pages = work.pages(f"documents/{paper['id']}/history", activity=activity, limit=2)
    assert [entry["activity"] for page in pages for entry in page] == expected


def test_an_entry_is_added_by_its_code(work: Worker, folder: str) -> None:
    paper = work.upload(folder, "coded")
    body = {"activity_code": 18, "comments": "Downloaded by a program"}
    assert work.request("POST", f"documents/{paper['id']}/history", json=body).status_code == 201
    entry = work.items(f"documents/{paper['id']}/history")[0]
    assert (entry["activity"], entry["activity_code"]) == ("EXPORT", 18)
    assert entry["comments"] == "Downloaded by a program"


@pytest.mark.parametrize("activity", ["NEWDOCVER", "CHECKOUT", "DELETE", "INVENTED", "", None, 5])
def test_what_only_an_act_may_write_is_refused(work: Worker, folder: str, activity: Any) -> None:
    paper = work.upload(folder, "forged")
    body = {"activity": activity, "comments": "never happened"}
    error(work.request("POST", f"documents/{paper['id']}/history", json=body), 400, "NRC_INVALID_PROFILE")
    assert work.history(paper["id"]) == ["NEWDOCUMENT"]


def test_an_unknown_activity_is_refused(work: Worker, folder: str) -> None:
    paper = work.upload(folder, "unknown")
    answer = work.request("GET", f"documents/{paper['id']}/history", params={"activity": "dance"})
    error(answer, 400, "NRC_INVALID_PARAM")
