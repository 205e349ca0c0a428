"""Lists that are filled by use, the search, and whole lists page by page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tests.support.users.work import CUSTOMER, MOMENT, Worker, add_person, error, kind
from tui.sample import matters

DAY = 24 * 3600


@pytest.fixture(scope="module")
def folder(work: Worker) -> str:
    return work.folder(work.workspace("Lists"), "Papers")


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["id"] for item in items]


# ---------------------------------------------------------------- the sample's lists


def test_the_samples_worklist(sample: Worker) -> None:
    answer = sample.get("recent-documents", total="true")
    found = answer["data"]["results"]
    assert [f"{d['name']}.{d['extension']}" for d in found] == [path[-1] for path in matters().recent]
    assert answer["total_count"] == len(found)
    dates = [d["activity_date"] for d in found]
    assert dates == sorted(dates, reverse=True)
    assert all(MOMENT.fullmatch(date) for date in dates)
    assert sample.items(f"{CUSTOMER}/recent-documents") == found


def test_the_worklist_has_versions_that_others_went_on_from(sample: Worker) -> None:
    found = sample.items("recent-documents")
    older = [d for d in found if not sample.data(f"documents/{d['id']}", is_latest="true")["is_latest"]]
    assert older, "the sample's worklist should lead to the question about versions"


def test_the_samples_recent_workspaces(sample: Worker) -> None:
    found = sample.items("recent-workspaces")
    expected = list(dict.fromkeys(path[0] for path in matters().recent))
    assert [w["name"] for w in found] == expected
    assert {w["wstype"] for w in found} == {"workspace"}
    assert sample.items(f"{CUSTOMER}/recent-workspaces") == found
    posted = sample.request("POST", "recent-workspaces", json={"profile_fields": {"workspace": ["id"]}})
    assert posted.json()["data"]["results"] == found


def test_the_samples_check_outs(sample: Worker) -> None:
    out = [d for _, d in matters().documents() if d.checked_out]
    assert out
    for person in {d.checked_out.by for d in out if d.checked_out}:
        answer = sample.get("documents/checked-out", user=person, total="true")
        names = sorted(d.name for d in out if d.checked_out and d.checked_out.by == person)
        assert sorted(d["name"] for d in answer["data"]) == names
        assert answer["total_count"] == len(names)
        assert {d["in_use_by"] for d in answer["data"]} == {person}


def test_the_samples_favorites(sample: Worker) -> None:
    found = sample.items("my-favorites/children")
    assert sorted(f["name"] for f in found) == sorted(f.name for f in matters().favorites)
    for shortcut in found:
        target = sample.data(f"folders/{shortcut['target']['id']}")
        assert target["name"] == shortcut["target"]["name"]
        assert shortcut["wstype"] == f"{target['wstype']}_shortcut"


def test_shortcuts_have_ids_of_their_own(sample: Worker) -> None:
    containers = ids(sample.items("workspaces")) + ids(sample.items("folders"))
    assert not set(containers) & set(ids(sample.items("my-favorites/children")))


# ---------------------------------------------------------------- use fills lists


@few(2)
@pytest.mark.parametrize("act", ["upload", "view", "export", "new version", "lock", "checkout"])
def test_each_use_heads_the_worklist(work: Worker, folder: str, act: str) -> None:
    paper = work.upload(folder, f"by {act}")
    document = paper["id"]
    if act != "upload":
        work.upload(folder, "something else")
        assert work.items("recent-documents", limit=1)[0]["name"] == "something else"
    match act:
        case "view":
            work.download(document)
        case "export":
            work.download(document, activity="export")
        case "new version":
            document = work.new_version(document, f"by {act}")["id"]
        case "lock" | "checkout":
            work.request("POST", f"documents/{document}/{act}").raise_for_status()
    first = work.get("recent-documents", limit=1)["data"]["results"][0]
    assert first["id"] == document
    assert work.items("recent-workspaces", limit=1)[0]["name"] == "Lists"
    again = [d for d in work.items("recent-documents") if d["document_number"] == paper["document_number"]]
    assert ids(again) == [document], "each document is there once, in the version used last"


def test_looking_at_a_profile_is_no_use(work: Worker, other: Worker, folder: str) -> None:
    paper = work.upload(folder, "looked at")
    before = other.items("recent-documents")
    other.data(f"documents/{paper['id']}")
    other.request("HEAD", f"documents/{paper['id']}/download")
    assert other.items("recent-documents") == before
    other.download(paper["id"])
    assert ids(other.items("recent-documents", limit=1)) == [paper["id"]]


def test_the_worklist_is_ones_own_and_forgets_after_30_days(fresh_server: ServerProcess) -> None:
    others = add_person(fresh_server, "BSMITH")
    with Sender(fresh_server) as sender:
        # The data folder's own token is valid over the network for those days only.
        token = sender.post("/exchange", {})["token"]
    with Worker(fresh_server, token) as work, Worker(fresh_server, others) as other:
        paper = work.upload(work.workspace("W"), "old")
        assert other.get("recent-documents", total="true") == {"data": {"results": []}, "total_count": 0}
        assert ids(work.items("recent-documents")) == [paper["id"]]
        fresh_server.turn_clock(29.9 * DAY)
        assert ids(work.items("recent-documents")) == [paper["id"]]
        fresh_server.turn_clock(30.1 * DAY)
        assert work.items("recent-documents") == []
        assert work.items("recent-workspaces") == []


def test_the_checked_out_list_is_the_callers_own(work: Worker, other: Worker, folder: str) -> None:
    paper = work.upload(folder, "mine now")
    other.request("POST", f"documents/{paper['id']}/lock").raise_for_status()
    assert paper["id"] in ids(other.items("documents/checked-out"))
    assert paper["id"] not in ids(work.items("documents/checked-out"))
    assert paper["id"] in ids(work.items("documents/checked-out", user="bsmith"))
    assert paper["id"] in ids(work.items("documents", checked_out="true", in_use_by="BSMITH"))
    other.request("DELETE", f"documents/{paper['id']}/lock").raise_for_status()
    assert paper["id"] not in ids(other.items("documents/checked-out"))


def test_lists_of_other_libraries_are_empty(work: Worker, folder: str) -> None:
    work.upload(folder, "here")
    for path in ("recent-documents", "recent-workspaces", "documents/checked-out", "documents"):
        assert work.items(f"{CUSTOMER}/{path}", libraries="ELSEWHERE") == []
    assert work.items(f"{CUSTOMER}/recent-documents", libraries="elsewhere,active")


def test_lists_page_by_page(fresh_server: ServerProcess) -> None:
    with Worker(fresh_server) as work:
        for number in range(7):
            paper = work.upload(work.workspace(f"W{number}"), f"d{number}")
            work.request("POST", f"documents/{paper['id']}/lock").raise_for_status()
        for path in ("recent-documents", "documents/checked-out", "documents", "recent-workspaces"):
            whole = ids(work.items(path))
            assert len(whole) == 7
            for limit in (1, 3, 7, 8):
                pages = list(work.pages(path, limit=limit, total="true"))
                assert [item for page in pages for item in ids(page)] == whole
                assert len(pages) == -(-7 // limit)
            by_offset = [i for start in (0, 3, 6, 9) for i in ids(work.items(path, limit=3, offset=start))]
            assert by_offset == whole
            assert work.get(path, limit=2, total="true")["total_count"] == 7


# ---------------------------------------------------------------- search


def numbers(items: list[dict[str, Any]]) -> set[int]:
    return {item["document_number"] for item in items}


@pytest.fixture(scope="module")
def library(work: Worker) -> dict[str, dict[str, Any]]:
    space = work.workspace("Search")
    inner = work.folder(space, "Inner")
    made = {
        "warranty": work.upload(space, "Warranty-Letter (draft) 2026", extension="docx", author="BSMITH"),
        "greek": work.upload(inner, "ΣΎΜΒΑΣΗ Ωνάσης", comment="on the purchase"),
        "chinese": work.upload(inner, "秘密保持契約書", extension="pdf"),
        "percent": work.upload(inner, "100%_\\ done", **kind("MEMO")),
        "mail": work.upload(inner, "Re: Offer", extension="eml"),
    }
    made["second"] = work.new_version(made["warranty"]["id"], "Guarantee", extension="docx")
    return {**made, "space": {"id": space}, "inner": {"id": inner}}


@few(8)
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"name": "guarantee"}, ["second"]),
        ({"name": "GUARAN"}, ["second"]),
        ({"name": "warranty"}, []),
        ({"name": "warrant", "latest": "false"}, ["warranty"]),
        ({"name": "letter", "latest": "false"}, ["warranty"]),
        ({"name": "draft warranty", "latest": "false"}, ["warranty"]),
        ({"name": "etter", "latest": "false"}, []),
        ({"name": "*etter", "latest": "false"}, ["warranty"]),
        ({"name": "w*ty", "latest": "false"}, ["warranty"]),
        ({"name": "σύμβαση"}, ["greek"]),
        ({"name": "契約"}, ["chinese"]),
        ({"name": "100%"}, ["percent"]),
        ({"name": "offer"}, ["mail"]),
        ({"anywhere": "purchase"}, ["greek"]),
        ({"anywhere": "bsmith letter", "latest": "false"}, ["warranty"]),
        ({"anywhere": "docx guarantee"}, ["second"]),
        ({"anywhere": "PURCHASE ωνάσης"}, ["greek"]),
        ({"anywhere": "memo 100*"}, ["percent"]),
        ({"author": "bsmith"}, ["second"]),
        ({"class": "memo"}, ["percent"]),
        ({"type": "ACROBAT"}, ["chinese"]),
        ({"email_only": "true"}, ["mail"]),
        ({"comments": "purchase"}, ["greek"]),
        ({"name": "nothing of the kind"}, []),
    ],
)
def test_documents_are_searched(
    work: Worker, library: dict[str, dict[str, Any]], query: dict[str, str], found: list[str]
) -> None:
    answer = work.get(
        "documents", total="true", container_id=library["space"]["id"], include_subtree="true", **query
    )
    assert set(ids(answer["data"]["results"])) == {library[name]["id"] for name in found}
    assert answer["total_count"] == len(found)


def test_search_by_number_container_and_date(work: Worker, library: dict[str, dict[str, Any]]) -> None:
    first = library["warranty"]["document_number"]
    assert ids(work.items("documents", document_number=first)) == [library["second"]["id"]]
    some = work.items("documents", document_number=f"{first + 1}-{first + 2},{first + 4}")
    assert numbers(some) == {first + 1, first + 2, first + 4}
    assert numbers(work.items("documents", document_number=f"<={first}")) >= {first}
    assert work.items("documents", document_number="none") == []
    one = work.items("documents", latest="false", document_number=first, document_version=1)
    assert ids(one) == [library["warranty"]["id"]]
    inner = library["inner"]["id"]
    assert len(work.items("documents", container_id=inner)) == 4
    assert len(work.items("documents", container_id=inner, exclude_emails="true")) == 3
    assert work.items("documents", container_id=inner, edit_date_to="2001-01-01") == []
    assert len(work.items("documents", container_id=inner, create_date_from="2001-01-01T00:00:00Z")) == 4


def test_search_gives_the_last_edited_first(work: Worker, library: dict[str, dict[str, Any]]) -> None:
    found = work.items("documents", container_id=library["space"]["id"], include_subtree="true")
    dates = [item["edit_date"] for item in found]
    assert dates == sorted(dates, reverse=True)
    every = work.items("documents", latest="false")
    pages = work.pages("documents", latest="false", limit=1)
    assert [item for page in pages for item in ids(page)] == ids(every)
    named = work.items("documents", name="o*")
    assert [i for page in work.pages("documents", name="o*", limit=1) for i in ids(page)] == ids(named)


def test_search_by_post(work: Worker, library: dict[str, dict[str, Any]]) -> None:
    body = {
        "limit": 2,
        "profile_fields": {"document": ["id"]},
        "filters": {"container_id": library["inner"]["id"], "latest": True},
    }
    answer = work.request("POST", "documents/search", json=body).json()
    assert len(answer["data"]) == 2
    assert answer["overflow"] is True
    body["limit"] = 50
    answer = work.request("POST", "documents/search", json=body).json()
    assert len(answer["data"]) == 4
    assert answer["overflow"] is False


@few(4)
@pytest.mark.parametrize("name", ["body", "custom1", "custom29_from", "subject", "to", "received_date_from"])
@pytest.mark.parametrize("path", ["documents", "workspaces", "folders"])
def test_filters_that_are_not_served_are_an_error(work: Worker, path: str, name: str) -> None:
    found = error(work.request("GET", path, params={name: "x"}), 400, "NRC_INDEX_UNAVAILABLE")
    assert found["messages"][0]["field"] == name
    assert work.request("GET", path, params={name: ""}).status_code == 200
