"""E-mails in Work, and the name-value pairs of documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.edits import replace
from tests.support.users.work import Worker, error

EMAIL = """From: Dana Jones <djones@example.test>\r
To: "Keller, Martin" <mkeller@example.test>,\r
 b@example.test\r
Cc: c@example.test\r
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= and more\r
Date: Wed, 01 May 2024 12:00:00 +0200\r
Received: from x by y; Wed, 01 May 2024 12:00:05 +0200\r
Message-ID: <2@example.test>\r
References: <1@example.test> <2@example.test>\r
\r
Body\r
"""


def test_an_email_tells_what_its_header_says(work: Worker, folder: str) -> None:
    mail = work.upload(folder, "Re Offer", EMAIL.encode(), "eml")
    expected = {
        "from": "Dana Jones <djones@example.test>",
        "to": '"Keller, Martin" <mkeller@example.test>, b@example.test',
        "cc": "c@example.test",
        "subject": "Grüße and more",
        "sent_date": "2024-05-01T10:00:00.000Z",
        "received_date": "2024-05-01T10:00:05.000Z",
        "conversation_id": "1@example.test",
    }
    for shown in (mail, work.data(f"documents/{mail['id']}"), work.items(f"folders/{folder}/children")[0]):
        assert {key: shown[key] for key in expected} == expected
        assert "bcc" not in shown
    replaced = replace(work, mail["id"], EMAIL.replace("Offer", "X").replace("c@ex", "d@ex").encode())
    assert replaced.json()["data"]["cc"] == "d@example.test"
    second = work.new_version(mail["id"], "Re Offer", b"no mail at all", "eml")
    assert "subject" not in second
    assert work.data(f"documents/{mail['id']}")["cc"] == "d@example.test"


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\xff" * 500, b"From: \xff\xfe\r\nDate: never\r\n\r\n", b"Subject: \x1b[31m a\r\n b", b":"],
)
def test_what_is_no_email_is_a_document(work: Worker, folder: str, content: bytes) -> None:
    paper = work.upload(folder, "Odd", content, "eml")
    assert work.download(paper["id"]).content == content
    assert not any(char < " " for char in paper.get("subject", ""))


MALFORMED = {
    "comments": b"To: " + b"(" * 5000 + b")" * 5000 + b" a@example.test",
    "open comments": b"From: " + b"(" * 200_000,
    "groups in groups": b"Cc: " + b"a:" * 5000,
    "groups": b"Cc: " + b"Team:a@example.test;" * 5000,
    "brackets": b"To: " + b"<" * 100_000,
    "no charsets": b"To: =?hex?q?a?= <a@example.test>, =?idna?b?!?= <b@example.test>",
    "encoded words": b"X: " + b"=?utf-8?q?a?= " * 15_000,
    "a long date": b"Date: " + b"9" * 100_000,
    "no date": b"Date: Mon, 99 Xxx 99999 99:99:99 +9999",
    "semicolons": b"Received: " + b";" * 100_000,
    "a long id": b"Message-ID: " + b"<" * 100_000,
}


@few(4)
@pytest.mark.parametrize("header", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_header_keeps_no_one_waiting(
    work: Worker, folder: str, server: ServerProcess, header: bytes
) -> None:
    """The others are read, and the document is there."""
    content = b"Subject: Offer\r\nSender: x\r\n" + header + b"\r\n\r\nText"
    paper = work.upload(folder, "Odd", content, "eml")
    assert paper["subject"] == "Offer"
    assert work.download(paper["id"]).content == content
    assert "Traceback" not in Path(server.log).read_text()


def test_name_value_pairs(work: Worker, folder: str, server: ServerProcess) -> None:
    paper = work.upload(folder, "Tagged")
    path = f"documents/{paper['id']}/name-value-pairs"
    assert work.data(path) == {}
    assert work.request("POST", path, json={"client": "Halyard", "no": "7"}).status_code == 200
    assert work.request("PATCH", path, json={"no": None, "é": "x"}).json()["data"] == {
        "client": "Halyard",
        "é": "x",
    }
    assert work.data(path) == {"client": "Halyard", "é": "x"}
    for wrong in ({"": "x"}, {"a": 5}, {"a": "x" * 5000}, {"\x1b": "x"}, {"n" * 300: "x"}):
        error(work.request("POST", path, json=wrong), 400, "NRC_INVALID_PROFILE")
    many = {f"k{number}": "v" for number in range(201)}
    error(work.request("POST", path, json=many), 400, "NRC_INVALID_PROFILE")
    assert work.data(path) == {"client": "Halyard", "é": "x"}
    assert Path(server.log).read_text().count("Traceback") == 0
