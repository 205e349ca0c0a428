"""A document of Work: its profile, versions and bytes."""

from __future__ import annotations

import hashlib
import socket
from typing import Any

import pytest

from tests.support.servers.server import ServerProcess
from tests.support.users.work import DOCUMENT_ID, LIBRARY, MOMENT, PASSWORD, Worker, error
from tui.sample import matters

DEAL = ("Halyard - Share Sale", "Deal Documents")


@pytest.fixture(scope="module")
def agreement(sample: Worker) -> dict[str, Any]:
    deal = sample.items("folders", name="deal")[0]["id"]
    return next(
        d for d in sample.items(f"folders/{deal}/children") if d["name"] == "Share Purchase Agreement"
    )


def test_a_profile_field_by_field(sample: Worker, agreement: dict[str, Any]) -> None:
    paper = matters().document((*DEAL, "Share Purchase Agreement.docx"))
    latest = paper.latest
    found = sample.data(f"documents/{agreement['id']}")
    assert DOCUMENT_ID.fullmatch(found["id"])
    number, version = found["id"].partition("!")[2].split(".")
    assert (found["document_number"], found["version"]) == (int(number), int(version))
    assert (found["wstype"], found["database"], found["content_type"]) == ("document", "ACTIVE", "D")
    assert (found["extension"], found["type"], found["type_description"]) == (
        "docx",
        "WORDX",
        "Microsoft Word",
    )
    assert (found["class"], found["author"]) == (paper.document_class, paper.author)
    assert (found["operator"], found["last_user"]) == (latest.operator, latest.operator)
    assert found["author_description"] == matters().person(paper.author).name
    assert found["size"] == latest.size
    assert found["checksum"] == f"SHA256:{hashlib.sha256(latest.read()).hexdigest().upper()}"
    assert found["comment"] == latest.comment
    assert found["access"] == found["effective_security"] == "read_write"
    assert found["is_external"] is False
    assert found["workspace_name"] == DEAL[0]
    assert found["iwl"].endswith(f"&&num={number}&&ver={version}")
    for key in ("create_date", "edit_date", "file_create_date", "file_edit_date"):
        assert MOMENT.fullmatch(found[key])
    assert not {"is_latest", "latest", "latest_version", "operations"} & found.keys()
    assert {k: v for k, v in agreement.items() if k != "activity_date"}.items() <= found.items()


def test_what_only_comes_when_asked_for(sample: Worker, agreement: dict[str, Any]) -> None:
    last = agreement["version"]
    newest = sample.data(f"documents/{agreement['id']}", is_latest="true", include_operations="true")
    assert (newest["is_latest"], newest["latest"], newest["latest_version"]) == (True, str(last), last)
    assert newest["operations"]["create_new_version"] is True
    first = sample.data(f"documents/ACTIVE!{agreement['document_number']}.1", is_latest="true")
    assert (first["is_latest"], first["latest"], first["version"]) == (False, str(last), 1)
    assert sample.data(f"documents/{agreement['id']}/operations") == newest["operations"]


def test_versions_come_newest_first(sample: Worker, agreement: dict[str, Any]) -> None:
    paper = matters().document((*DEAL, "Share Purchase Agreement.docx"))
    answer = sample.get(f"documents/{agreement['id']}/versions", limit=25, offset=0, total="true")
    found = answer["data"]
    assert [v["version"] for v in found] == [v.number for v in reversed(paper.versions)]
    assert [v["operator"] for v in found] == [v.operator for v in reversed(paper.versions)]
    assert answer["total_count"] == len(paper.versions) > 1
    first = sample.items(f"documents/ACTIVE!{agreement['document_number']}.1/versions")
    assert [v["id"] for v in first] == [v["id"] for v in found]
    pages = sample.pages(f"documents/{agreement['id']}/versions", limit=1)
    assert [[v["id"] for v in page] for page in pages] == [[v["id"]] for v in found]


def test_a_missing_version_is_no_record(sample: Worker, agreement: dict[str, Any]) -> None:
    number = agreement["document_number"]
    for path in ("", "/versions", "/path", "/operations", "/download", "/history"):
        error(sample.request("GET", f"documents/ACTIVE!{number}.99{path}"), 404, "NRC_NO_RECORD")


def test_the_way_to_a_document(sample: Worker, agreement: dict[str, Any]) -> None:
    ways = sample.data(f"documents/{agreement['id']}/path")
    assert [[step["name"] for step in way] for way in ways] == [list(DEAL)]
    assert [step["wstype"] for step in ways[0]] == ["workspace", "folder"]


def test_every_version_is_downloaded_as_it_was_put_in(sample: Worker) -> None:
    expected = sorted(
        (d.name, d.extension, v.number, hashlib.sha256(v.read()).hexdigest())
        for _, d in matters().documents()
        for v in d.versions
    )
    found = []
    for item in sample.items("documents", latest="false"):
        answer = sample.download(item["id"], activity="export")
        assert answer.headers["content-length"] == str(item["size"]) == str(len(answer.content))
        digest = hashlib.sha256(answer.content).hexdigest()
        found.append((item["name"], item["extension"], item["version"], digest))
    assert sorted(found) == expected


def test_what_a_download_goes_out_with(work: Worker, folder: str) -> None:
    paper = work.upload(folder, 'Tÿpe "A"; x\u202e/y', b"<b>0123456789</b>", "html")
    answer = work.download(paper["id"])
    assert answer.status_code == 200
    assert answer.content == b"<b>0123456789</b>"
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith("attachment; ")
    assert 'filename="Type _A__ x__y.html"' in disposition or 'filename="Type _A_; x__y.html"' in disposition
    assert "filename*=UTF-8''T%C3%BFpe%20_A_%3B%20x__y.html" in disposition
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert "html" not in answer.headers["content-type"]
    assert "no-store" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    ("asked", "status", "content", "told"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=4-", 206, b"456789", "bytes 4-9/10"),
        ("bytes=-2", 206, b"89", "bytes 8-9/10"),
        ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
        ("bytes=1-2,4-5", 200, b"0123456789", None),
        ("lines=1-2", 200, b"0123456789", None),
        ("bytes=10-", 416, None, "bytes */10"),
    ],
)
def test_ranges(
    work: Worker, folder: str, asked: str, status: int, content: bytes | None, told: str | None
) -> None:
    paper = work.upload(folder, "digits", b"0123456789")
    answer = work.request("GET", f"documents/{paper['id']}/download", headers={"Range": asked})
    assert answer.status_code == status
    assert answer.headers.get("content-range") == told
    if content is not None:
        assert answer.content == content
    else:
        error(answer, 416, "NRC_INVALID_PARAM")


def test_head_gives_the_length_and_writes_nothing(work: Worker, folder: str) -> None:
    paper = work.upload(folder, "length", b"x" * 1234)
    before = work.history(paper["id"])
    answer = work.request("HEAD", f"documents/{paper['id']}/download")
    assert answer.status_code == 200
    assert answer.headers["content-length"] == "1234"
    assert answer.content == b""
    assert work.history(paper["id"]) == before


def test_an_empty_document_and_the_latest_of_an_old_one(work: Worker, folder: str) -> None:
    paper = work.upload(folder, "empty", b"")
    assert paper["size"] == 0
    assert work.download(paper["id"]).content == b""
    work.new_version(paper["id"], "empty", b"not any more")
    assert work.download(paper["id"]).content == b""
    assert work.download(paper["id"], latest="true").content == b"not any more"
    assert work.download(paper["id"] + "?latest=true").status_code == 200


def test_a_person_of_the_sample_cannot_sign_in_without_a_password(sample_server: ServerProcess) -> None:
    with sample_server.guest() as guest:
        form = {"grant_type": "password", "username": "MKELLER", "password": PASSWORD}
        assert guest.post("/auth/oauth2/token", data=form).status_code == 401


def test_a_reader_that_disconnects_does_no_harm(server: ServerProcess, work: Worker, folder: str) -> None:
    paper = work.upload(folder, "long", b"x" * 12_000_000)
    path = f"{LIBRARY}/documents/{paper['id']}/download"
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as sock:
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {server.token}\r\n\r\n".encode())
        assert sock.recv(1000).startswith(b"HTTP/1.1 200")
    assert len(work.download(paper["id"]).content) == 12_000_000
    assert "Traceback" not in server.log.read_text()


def test_content_that_is_missing_is_an_error(fresh_server: ServerProcess) -> None:
    with Worker(fresh_server) as work:
        paper = work.upload(work.workspace("W"), "lost", b"content")
        for path in (fresh_server.data / "blobs").rglob("*"):
            if path.is_file():
                path.unlink()
        error(work.download(paper["id"]), 503, "NRC_CONTENT_MISSING")
        assert work.history(paper["id"]) == ["NEWDOCUMENT"]
