"""Uploads in every form that iManage clients send, and broken ones."""

from __future__ import annotations

import hashlib
import json
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.work import LIBRARY, MOMENT, Worker, error

CONTENT = b"The \x00 bytes\r\n--X\r\n of it\n"


@pytest.fixture(scope="module")
def folder(work: Worker) -> str:
    return work.folder(work.workspace("Uploads"), "Papers")


def form(*parts: tuple[str, bytes]) -> bytes:
    """A multipart body with the boundary ``BOUND``, made of the parts' header lines and contents."""
    body = b"".join(
        b"--BOUND\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n" for head, content in parts
    )
    return body + b"--BOUND--\r\n"


def send(work: Worker, folder: str, body: bytes, boundary: str = "BOUND") -> Any:
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    return work.request("POST", f"folders/{folder}/documents", content=body, headers=headers)


def blobs_of(server: ServerProcess) -> set[Path]:
    return {path for path in (server.data / "blobs").rglob("*") if path.is_file()}


PROFILE = json.dumps({"doc_profile": {"name": "NDA", "extension": "docx", "type": "WORDX"}}).encode()
FILE = 'Content-Disposition: form-data; name="file"; filename="nda.docx"'


@few(3)
@pytest.mark.parametrize(
    "parts",
    [
        (('Content-Disposition: form-data; name="profile"', PROFILE), (FILE, CONTENT)),
        ((FILE, CONTENT), ('Content-Disposition: form-data; name="profile"', PROFILE)),
        (
            ("Content-Disposition: form-data; name=profile\r\nContent-Type: application/json", PROFILE),
            ("Content-Disposition: form-data; name=file; filename=nda.docx", CONTENT),
        ),
        (
            ('Content-Disposition: form-data; name="profile"; filename="profile.json"', PROFILE),
            (FILE, CONTENT),
        ),
        (
            ('Content-Type: application/json; name="profile"', PROFILE),
            ('Content-Type: application/octet-stream; name="file"', CONTENT),
        ),
        (
            ("content-disposition: form-data; name=Profile", PROFILE),
            ("CONTENT-DISPOSITION: FORM-DATA; NAME=FILE", CONTENT),
        ),
        (
            ('Content-Disposition: form-data; name="profile"', PROFILE),
            ('Content-Disposition: form-data; name="file"\r\nContent-Type: application/x-unknown', CONTENT),
        ),
        (
            ('Content-Disposition: form-data; name="note"', b"passed over"),
            ('Content-Disposition: form-data; name="profile"', b"\xef\xbb\xbf" + PROFILE),
            ('Content-Disposition: form-data; name="document"; filename="nda.docx"', CONTENT),
        ),
    ],
)
def test_every_form_of_upload_is_taken(
    work: Worker, folder: str, parts: tuple[tuple[str, bytes], ...]
) -> None:
    answer = send(work, folder, form(*parts))
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert body["warnings"] == []
    data = body["data"]
    assert (data["name"], data["extension"], data["type"], data["version"]) == ("NDA", "docx", "WORDX", 1)
    assert data["size"] == len(CONTENT)
    assert data["checksum"] == f"SHA256:{hashlib.sha256(CONTENT).hexdigest().upper()}"
    assert data["workspace_id"].startswith("ACTIVE!")
    assert data["iwl"]
    for key in ("create_date", "file_create_date", "file_edit_date"):
        assert MOMENT.fullmatch(data[key])
    assert work.download(data["id"]).content == CONTENT


def test_what_the_profile_says_is_kept(work: Worker, folder: str) -> None:
    profile = {
        "warnings_for_required_and_disabled_fields": True,
        "keep_locked": True,
        "audit": {"comments": "From the client"},
        "doc_profile": {
            "name": "Письмо\u202e \x1b[31m",
            "extension": ".PDF",
            "class": "letter",
            "author": "mkeller",
            "operator": "SOMEBODY",
            "file_create_date": "2001-02-03T04:05:06+01:00",
            "file_edit_date": "2001-02-04T04:05:06Z",
            "checksum": f"SHA256:{hashlib.sha256(b'x').hexdigest()}",
            "size": "7",
            "custom1": "001",
        },
    }
    answer = send(
        work,
        folder,
        form(('Content-Disposition: form-data; name="profile"', json.dumps(profile).encode()), (FILE, b"x")),
    )
    data = answer.json()["data"]
    assert data["name"] == "Письмо\u202e \x1b[31m"
    assert (data["extension"], data["type"], data["class"]) == ("pdf", "ACROBAT", "LETTER")
    assert (data["author"], data["operator"]) == ("MKELLER", "DJONES")
    assert data["file_create_date"] == "2001-02-03T03:05:06.000Z"
    assert data["file_edit_date"] == "2001-02-04T04:05:06.000Z"
    assert data["comment"] == "From the client"
    assert data["in_use_by"] == "DJONES"


@pytest.mark.parametrize(
    ("profile", "file_name", "expected"),
    [
        ({}, "Offer Letter.docx", ("Offer Letter", "docx", "WORDX")),
        ({}, "no dot", ("no dot", "", "ANSI")),
        ({"name": "Other"}, "x.tar.gz", ("Other", "gz", "GZ")),
        ({"name": "T", "type": "excelx"}, "", ("T", "xlsx", "EXCELX")),
        ({"doc_profile": {"name": "A.docx", "extension": "docx"}}, "b.pdf", ("A.docx", "docx", "WORDX")),
    ],
)
def test_names_and_types_follow_from_the_file(
    work: Worker, folder: str, profile: dict[str, Any], file_name: str, expected: tuple[str, str, str]
) -> None:
    tail = f'; filename="{file_name}"' if file_name else ""
    body = form(
        ('Content-Disposition: form-data; name="profile"', json.dumps(profile).encode()),
        (f'Content-Disposition: form-data; name="file"{tail}', b"x"),
    )
    data = send(work, folder, body).json()["data"]
    assert (data["name"], data["extension"], data["type"]) == expected


GOOD = form(('Content-Disposition: form-data; name="profile"', PROFILE), (FILE, CONTENT))


@few(4)
@pytest.mark.parametrize(
    ("body", "boundary", "code"),
    [
        (GOOD[:-20], "BOUND", "NRC_INVALID_PARAM"),
        (GOOD[:40], "BOUND", "NRC_INVALID_PARAM"),
        (b"", "BOUND", "NRC_INVALID_PARAM"),
        (GOOD, "OTHER", "NRC_INVALID_PARAM"),
        (GOOD, "B" * 300, "NRC_INVALID_PARAM"),
        (
            form((FILE, b"x"), ('Content-Disposition: form-data; name="profile"', b"{")),
            "BOUND",
            "NRC_INVALID_PROFILE",
        ),
        (
            form((FILE, b"x"), ('Content-Disposition: form-data; name="profile"', b"[]")),
            "BOUND",
            "NRC_INVALID_PROFILE",
        ),
        (form(('Content-Disposition: form-data; name="profile"', PROFILE)), "BOUND", "NRC_INVALID_PROFILE"),
        (form(('Content-Disposition: form-data; name="file"', b"x")), "BOUND", "NRC_INVALID_PROFILE"),
        (
            form((FILE, b"x"), ('Content-Disposition: form-data; name="profile"', b'{"name": "a\\u0000"}')),
            "BOUND",
            "NRC_INVALID_PROFILE",
        ),
        (
            form(
                (FILE, b"x"),
                (
                    'Content-Disposition: form-data; name="profile"',
                    b'{"checksum": "SHA256:' + b"0" * 64 + b'"}',
                ),
            ),
            "BOUND",
            "NRC_INVALID_PROFILE",
        ),
        (
            form(
                (FILE, b"x"), ('Content-Disposition: form-data; name="profile"', b'{"default_security": "x"}')
            ),
            "BOUND",
            "NRC_INVALID_PROFILE",
        ),
        (
            form(*((f'Content-Disposition: form-data; name="p{n}"', b"") for n in range(60))),
            "BOUND",
            "NRC_INVALID_PARAM",
        ),
    ],
)
def test_broken_uploads_leave_nothing(
    server: ServerProcess, work: Worker, folder: str, body: bytes, boundary: str, code: str
) -> None:
    before, blobs = work.items(f"folders/{folder}/children"), blobs_of(server)
    error(send(work, folder, body, boundary), 400, code)
    assert work.items(f"folders/{folder}/children") == before
    assert blobs_of(server) == blobs


def test_a_body_of_another_kind_is_refused(work: Worker, folder: str) -> None:
    answer = work.request("POST", f"folders/{folder}/documents", json={"name": "x"})
    error(answer, 400, "NRC_INVALID_PARAM")
    answer = work.request("POST", f"folders/{folder}/documents", data={"file": "x"})
    error(answer, 400, "NRC_INVALID_PARAM")


def test_an_upload_into_nothing_is_no_record(work: Worker) -> None:
    error(send(work, "ACTIVE!999999", GOOD), 404, "NRC_NO_RECORD")


def test_a_sender_that_goes_away_leaves_nothing(server: ServerProcess, work: Worker, folder: str) -> None:
    before, blobs = work.items(f"folders/{folder}/children"), blobs_of(server)
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as sock:
        head = (
            f"POST {LIBRARY}/folders/{folder}/documents HTTP/1.1\r\nHost: x\r\n"
            f"X-Auth-Token: {server.token}\r\nContent-Length: 5000000\r\n"
            "Content-Type: multipart/form-data; boundary=BOUND\r\n\r\n"
        )
        sock.sendall(head.encode() + GOOD[:200] + b"x" * 2_000_000)
    # The server answers again only after it has seen the end of that connection.
    for _ in range(200):
        assert work.items(f"folders/{folder}/children") == before
        if blobs_of(server) == blobs:
            break
    assert blobs_of(server) == blobs
    assert "Traceback" not in server.log.read_text()


def test_a_large_file_goes_through_whole(work: Worker, folder: str) -> None:
    content = bytes(range(256)) * 4096 * 30
    paper = work.upload(folder, "large", content, "bin")
    assert paper["size"] == len(content)
    assert paper["checksum"] == f"SHA256:{hashlib.sha256(content).hexdigest().upper()}"
    assert hashlib.sha256(work.download(paper["id"]).content).digest() == hashlib.sha256(content).digest()


def test_a_new_version_keeps_what_it_does_not_say(work: Worker, folder: str) -> None:
    paper = work.upload(folder, "Deed", b"1", "docx", **{"class": "DEED", "author": "APATEL"})
    files = {"profile": (None, "{}", "application/json"), "file": ("other name.docx", b"22")}
    answer = work.request("POST", f"documents/{paper['id']}/versions", files=files)
    assert answer.status_code == 201, answer.text
    data = answer.json()["data"]
    assert (data["name"], data["extension"], data["version"], data["size"]) == ("Deed", "docx", 2, 2)
    assert (data["class"], data["author"], data["type"]) == ("DEED", "APATEL", "WORDX")
