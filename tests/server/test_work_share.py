"""The Secure Sent Links folder as Work shows it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender, fetch
from tests.support.users.work import CONTAINER_ID, DOCUMENT_ID, Worker, error

FILES = {"profile": (None, "{}"), "file": ("x.txt", b"x")}


@pytest.fixture
def sender(fresh_server: ServerProcess) -> Iterator[Sender]:
    with Sender(fresh_server) as person:
        yield person


@pytest.fixture
def work(fresh_server: ServerProcess) -> Iterator[Worker]:
    with Worker(fresh_server) as worker:
        yield worker


def folder_of(sender: Sender) -> str:
    return str(sender.get("/folder")["folder"]["work_id"])


def listed(work: Worker, folder: str) -> dict[str, dict[str, Any]]:
    answer = work.get(f"folders/{folder}/children", total="true")
    assert answer["total_count"] == len(answer["data"])
    return {item["id"]: item for item in answer["data"]}


def test_the_folder_and_its_document_field_by_field(sender: Sender, work: Worker) -> None:
    sent = sender.send("Offer.pdf", b"the offer")
    folder = work.data(f"folders/{folder_of(sender)}")
    assert CONTAINER_ID.fullmatch(folder["id"])
    assert (folder["name"], folder["wstype"]) == ("DJONES - Secure Sent Links", "folder")
    assert (folder["view_type"], folder["imanage_share_eid"]) == ("imanage_share", sent["folder"]["id"])
    assert (folder["owner"], folder["default_security"]) == ("DJONES", "private")
    assert folder["effective_security"] == "read"
    assert not {"parent_id", "workspace_id"} & folder.keys()
    (found,) = listed(work, folder["id"]).values()
    assert DOCUMENT_ID.fullmatch(found["id"])
    assert (found["id"], found["version"]) == (sent["work_id"], 1)
    assert (found["name"], found["extension"], found["size"]) == ("Offer", "pdf", 9)
    assert found["is_external"] is True
    assert found["access"] == "read"
    assert (found["author"], found["parent_id"]) == ("DJONES", folder["id"])
    profile = work.data(f"documents/{found['id']}", is_latest="true")
    assert profile["is_latest"] is True
    assert [v["id"] for v in work.items(f"documents/{found['id']}/versions")] == [found["id"]]
    assert [step["id"] for step in work.data(f"documents/{found['id']}/path")[0]] == [folder["id"]]


def test_the_external_flag_follows_the_link(
    fresh_server: ServerProcess, sender: Sender, work: Worker
) -> None:
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    stays, ends, limited, expires = (
        sender.send("stays.pdf"),
        sender.send("ends.pdf"),
        sender.send("limited.pdf", downloads_permitted=1),
        sender.send("expires.pdf", expires_at=soon),
    )
    folder = folder_of(sender)

    def flags() -> list[bool]:
        items = listed(work, folder)
        return [items[d["work_id"]]["is_external"] for d in (stays, ends, limited, expires)]

    assert flags() == [True, True, True, True]
    sender.post(f"/documents/{ends['id']}/unpublish")
    assert fetch(fresh_server, limited["url"]) == b"content"
    fresh_server.turn_clock(3700)
    assert flags() == [True, False, False, False]
    sender.post(f"/documents/{ends['id']}/resend", {})
    assert flags() == [True, True, False, False]


def test_the_trash_is_not_listed(sender: Sender, work: Worker) -> None:
    kept, gone = sender.send("kept.pdf"), sender.send("gone.pdf")
    folder = folder_of(sender)
    sender.delete(f"/documents/{gone['id']}")
    assert list(listed(work, folder)) == [kept["work_id"]]
    for path in ("", "/versions", "/download", "/history", "/path", "/operations"):
        error(work.request("GET", f"documents/{gone['work_id']}{path}"), 404, "NRC_NO_RECORD")
    sender.post(f"/trash/{gone['id']}/restore")
    assert list(listed(work, folder)) == [gone["work_id"], kept["work_id"]]
    assert listed(work, folder)[gone["work_id"]]["is_external"] is False
    sender.delete(f"/documents/{gone['id']}")
    sender.post("/trash/empty")
    assert list(listed(work, folder)) == [kept["work_id"]]
    error(work.request("GET", f"documents/{gone['work_id']}"), 404, "NRC_NO_RECORD")


def test_it_is_read_only_in_work(sender: Sender, work: Worker) -> None:
    sent = sender.send()
    folder, paper = folder_of(sender), sent["work_id"]
    for method, path, more in (
        ("POST", f"folders/{folder}/documents", {"files": FILES}),
        ("POST", f"folders/{folder}/subfolders", {"json": {"name": "x"}}),
        ("POST", f"documents/{paper}/versions", {"files": FILES}),
        ("POST", f"documents/{paper}/lock", {}),
        ("DELETE", f"documents/{paper}/lock", {}),
        ("POST", f"documents/{paper}/checkout", {}),
    ):
        error(work.request(method, path, **more), 403, "NRC_ACCESS_DENIED")
    assert set(work.data(f"documents/{paper}/operations").values()) == {True, False}
    assert work.data(f"documents/{paper}/operations")["create_new_version"] is False


def test_downloads_through_work_are_not_counted_on_the_link(sender: Sender, work: Worker) -> None:
    sent = sender.send("Offer.pdf", b"the offer", downloads_permitted=1)
    for _ in range(3):
        assert work.download(sent["work_id"], activity="export").content == b"the offer"
    after = sender.document(sent["id"])
    assert (after["downloads"], after["published"]) == (0, True)
    assert work.history(sent["work_id"])[:3] == ["EXPORT"] * 3
    assert sent["work_id"] in [d["id"] for d in work.items("recent-documents")]
    assert work.items("recent-workspaces") == []


def test_only_owner_and_members_see_it(fresh_server: ServerProcess, sender: Sender, work: Worker) -> None:
    sent = sender.send("Offer.pdf", b"the offer")
    folder, paper = folder_of(sender), sent["work_id"]
    with sender.add_user("BSMITH") as other:
        token = other.http.headers["X-Auth-Token"]
        with Worker(fresh_server, token) as guest:
            for path in (f"folders/{folder}", f"folders/{folder}/children", f"documents/{paper}"):
                error(guest.request("GET", path), 404, "NRC_NO_RECORD")
            error(guest.request("GET", f"documents/{paper}/download"), 404, "NRC_NO_RECORD")
            error(guest.request("POST", f"documents/{paper}/lock"), 404, "NRC_NO_RECORD")
            assert guest.items("documents", name="offer") == []
            assert guest.items("folders", name="secure") == []
            sender.request("POST", f"/folders/{sent['folder']['id']}/members", json={"name": "BSMITH"})
            assert list(listed(guest, folder)) == [paper]
            assert guest.download(paper).content == b"the offer"
            assert [d["id"] for d in guest.items("documents", name="offer")] == [paper]
            error(guest.request("POST", f"documents/{paper}/lock"), 403, "NRC_ACCESS_DENIED")
            assert guest.items("recent-documents")[0]["id"] == paper
            sender.request("DELETE", f"/folders/{sent['folder']['id']}/members/BSMITH")
            error(guest.request("GET", f"documents/{paper}"), 404, "NRC_NO_RECORD")
            assert guest.items("recent-documents") == []
    assert [d["id"] for d in work.items("documents", name="offer")] == [paper]
    assert [f["id"] for f in work.items("folders", name="secure")] == [folder]


def test_a_deleted_folder_is_gone_for_work(sender: Sender, work: Worker) -> None:
    sent = sender.send()
    folder = folder_of(sender)
    sender.request("DELETE", f"/folders/{sent['folder']['id']}").raise_for_status()
    for path in (f"folders/{folder}", f"folders/{folder}/children", f"documents/{sent['work_id']}"):
        error(work.request("GET", path), 404, "NRC_NO_RECORD")
    assert work.items("documents") == []


def test_it_pages_like_any_folder(sender: Sender, work: Worker) -> None:
    sent = sender.open()
    for name in ("c", "a", "e", "b", "d"):
        data = name.encode()
        sender.publish(sent["id"], sender.upload(sent["id"], data), f"{name}.txt", data)
    folder = folder_of(sender)
    path = f"folders/{folder}/children"
    gone = work.items(path)[1]
    sender.delete(f"/documents/{_share_id(sender, gone['id'])}")
    for sort, expected in (("name", "acde"), ("-name", "edca"), ("edited", "caed"), ("-edited", "deac")):
        for limit in (1, 2, 4):
            pages = work.pages(path, sort=sort, limit=limit)
            assert "".join(item["name"] for page in pages for item in page) == expected
        found = work.items(path, sort=sort, offset=1, limit=2)
        assert "".join(item["name"] for item in found) == expected[1:3]
    assert [item["name"] for item in work.items(path, name="d")] == ["d"]
    assert work.items(path, exclude_docs="true") == []


def _share_id(sender: Sender, work_id: str) -> str:
    documents = sender.get("/documents")["documents"]
    return str(next(d["id"] for d in documents if d["work_id"] == work_id))
