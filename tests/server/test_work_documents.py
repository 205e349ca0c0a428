"""A document of Work: its profile, versions, bytes and history, and what can be done with it."""

from __future__ import annotations

import hashlib
import socket
from typing import Any

import httpx
import pytest

from tests.support.server import ServerProcess
from tests.support.work import DOCUMENT_ID, LIBRARY, MOMENT, PASSWORD, Worker, error
from tui.sample import matters

DEAL = ("Halyard - Share Sale", "Deal Documents")


@pytest.fixture(scope="module")
def agreement(sample: Worker) -> dict[str, Any]:
    deal = sample.items("folders", name="deal")[0]["id"]
    return next(
        d for d in sample.items(f"folders/{deal}/children") if d["name"] == "Share Purchase Agreement"
    )


@pytest.fixture
def folder(work: Worker) -> str:
    return work.folder(work.workspace("Matter"), "Papers")


# ---------------------------------------------------------------- reading


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


# ---------------------------------------------------------------- history


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


# ---------------------------------------------------------------- check-out


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


def test_a_person_of_the_sample_cannot_sign_in_without_a_password(sample_server: ServerProcess) -> None:
    with sample_server.guest() as guest:
        form = {"grant_type": "password", "username": "MKELLER", "password": PASSWORD}
        assert guest.post("/auth/oauth2/token", data=form).status_code == 401


def test_a_reader_that_disconnects_does_no_harm(server: ServerProcess, work: Worker, folder: str) -> None:
    paper = work.upload(folder, "long", b"x" * 30_000_000)
    path = f"{LIBRARY}/documents/{paper['id']}/download"
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as sock:
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {server.token}\r\n\r\n".encode())
        assert sock.recv(1000).startswith(b"HTTP/1.1 200")
    assert len(work.download(paper["id"]).content) == 30_000_000
    assert "Traceback" not in server.log.read_text()


def test_content_that_is_missing_is_an_error(fresh_server: ServerProcess) -> None:
    with Worker(fresh_server) as work:
        paper = work.upload(work.workspace("W"), "lost", b"content")
        for path in (fresh_server.data / "blobs").rglob("*"):
            if path.is_file():
                path.unlink()
        error(work.download(paper["id"]), 503, "NRC_CONTENT_MISSING")
        assert work.history(paper["id"]) == ["NEWDOCUMENT"]
