"""``sentlinks smart-attach`` with a saved message."""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path

import pytest

from tests.support.checks.long import few
from tests.support.mail.messages import BROKEN, MIXED, PDF, SAMPLES, message
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender, fetch
from tests.system.command import Client
from tests.system.smart_attach import nothing_left, urls

NEVER = "sentlinks: You have never sent anything to keller@example.com.\n"


@pytest.fixture
def client(firm: ServerProcess, tmp_path: Path) -> Client:
    made = Client(firm.url, firm.token, tmp_path)
    made.environ = {**made.environ, "SENTLINKS_HOME": str(tmp_path / "home")}
    return made


def published(server: ServerProcess) -> int:
    with Sender(server) as me:
        return sum(document["published"] for document in me.get("/documents")["documents"])


def test_a_saved_message(client: Client, firm: ServerProcess, tmp_path: Path) -> None:
    """The message goes to standard output with a link to the attachment; every other byte is unchanged."""
    raw = message(MIXED, "X-Odd:x", eol="\r\n")
    client.file("offer.eml", raw)
    done = client("smart-attach", "offer.eml", "--downloads", "3")
    # Another test may have sent to the same address before.
    assert (done.status, done.err.replace(NEVER, "")) == (0, "")
    (url,) = urls(done.out)
    assert fetch(firm, url) == PDF
    begin = raw.index(b"Dana Jones\r\n") + len(b"Dana Jones\r\n")
    assert done.out.encode().startswith(raw[:begin])
    assert "application/pdf" not in done.out
    assert "3 downloads permitted" in done.out
    nothing_left(tmp_path)


def test_a_message_without_attachments_is_the_same(client: Client, firm: ServerProcess) -> None:
    before = published(firm)
    for name in ("no attachment", "signed", "outlook's own"):
        raw = SAMPLES[name].raw
        client.file("a.eml", raw)
        done = client("smart-attach", "a.eml")
        assert (done.status, done.out.encode()) == (0, raw), name
        assert ("it stays" in done.err) == (name != "no attachment")
    assert published(firm) == before


def test_a_message_from_a_pipe(client: Client, firm: ServerProcess) -> None:
    """As the shell names the output of another command."""
    (url,) = urls(client("smart-attach", "/dev/stdin", given=message(MIXED)).out)
    assert fetch(firm, url) == PDF
    empty = client("smart-attach", "/dev/stdin", given=b"")
    assert (empty.status, empty.err) == (2, "sentlinks: /dev/stdin is empty; there is no message in it.\n")


def test_as_json(client: Client, firm: ServerProcess) -> None:
    client.file("two.eml", SAMPLES["two"].raw)
    done = client("smart-attach", "two.eml", "--json", "--generate-password")
    assert done.status == 0
    assert [document["name"] for document in done.documents] == ["offer.pdf", "offer (2).pdf"]
    text = base64.b64decode(done.json["message_base64"])
    assert urls(text) == [document["url"] for document in done.documents]
    password = re.findall(r"The password is (\S+)", done.err)[0]
    assert password not in text.decode()
    assert fetch(firm, urls(text)[1], password) == PDF


def test_what_a_killed_command_left_goes(client: Client, firm: ServerProcess, tmp_path: Path) -> None:
    """Attachments left behind by a killed command are removed; those of a running command stay."""
    state = tmp_path / "home" / "state"
    old, new = state / "attachments-old", state / "attachments-new"
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "0").write_bytes(PDF)
    os.utime(old, (0, 0))
    client.file("a.eml", message(MIXED))
    assert client("smart-attach", "a.eml").status == 0
    assert [path.name for path in state.glob("attachments-*")] == ["attachments-new"]


def test_its_recipients_are_kept_with_the_links(client: Client) -> None:
    """Those that everyone sees."""
    head = (
        "To: =?utf-8?q?J=C3=B6rg?= <j@example.com>,\n anna@example.com",
        "Cc: Anna <ANNA@example.com>, nobody",
    )
    client.file("a.eml", message(MIXED, *head, "Bcc: hidden@example.com"))
    done = client("smart-attach", "a.eml", "--json")
    assert done.documents[0]["recipients"] == [
        "Jörg <j@example.com>",
        "anna@example.com",
        "keller@example.com",
    ]


def test_the_messages_own_header(client: Client) -> None:
    client.file("a.eml", message(MIXED, "X-Sentlinks: expires=7d; downloads=2"))
    done = client("smart-attach", "a.eml", "--downloads", "9", "--json")
    assert done.documents[0]["downloads_permitted"] == 2
    assert done.documents[0]["expires_at"] is not None
    assert b"X-Sentlinks" not in base64.b64decode(done.json["message_base64"])
    client.file("none.eml", message(MIXED, "X-Sentlinks: expires=None; downloads=NONE"))
    (document,) = client(
        "smart-attach", "none.eml", "--expires", "7d", "--downloads", "3", "--json"
    ).documents
    assert (document["expires_at"], document["downloads_permitted"]) == (None, None)
    client.file("b.eml", message(MIXED, "X-Sentlinks: notify=yes"))
    assert client("smart-attach", "b.eml", "--json").error == "notify.no_mail_server"
    client.file("b.eml", message(MIXED, "X-Sentlinks: passwort=1"))
    wrong = client("smart-attach", "b.eml")
    assert (wrong.status, wrong.out) == (2, "")
    assert "X-Sentlinks has passwort=1" in wrong.err
    client.file("b.eml", message(MIXED, "X-Sentlinks: expires=7d; downloads=2; expires=5d"))
    twice = client("smart-attach", "b.eml")
    assert (twice.status, twice.out) == (2, "")
    assert "X-Sentlinks has both expires=7d and expires=5d; write one of them." in twice.err
    client.file("b.eml", message(MIXED, "X-Sentlinks: downloads=2; downloads=2"))
    assert client("smart-attach", "b.eml", "--json").documents[0]["downloads_permitted"] == 2


@few(4)
@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_refused(client: Client, firm: ServerProcess, name: str, tmp_path: Path) -> None:
    before = published(firm)
    client.file("a.eml", BROKEN[name])
    done = client("smart-attach", "a.eml")
    assert (done.status, done.out) == (2, "")
    assert done.err
    assert published(firm) == before
    nothing_left(tmp_path)


def test_a_message_that_is_an_attachment_becomes_one_with_a_link(client: Client, firm: ServerProcess) -> None:
    client.file("a.eml", SAMPLES["all of it an attachment"].raw)
    done = client("smart-attach", "a.eml")
    assert (done.status, done.err.replace(NEVER, "")) == (0, "")
    (url,) = urls(done.out)
    assert fetch(firm, url) == PDF
    assert "application/pdf" not in done.out


def test_a_text_that_cannot_be_decoded_publishes_nothing(client: Client, firm: ServerProcess) -> None:
    """There is no place to insert the links."""
    before = published(firm)
    client.file("a.eml", SAMPLES["base64"].raw.replace(b"RGVhciBN", b"!!!!!!!!", 1))
    done = client("smart-attach", "a.eml")
    assert (done.status, done.out) == (2, "")
    assert published(firm) == before


def test_what_is_wrong_with_the_command_line(client: Client, tmp_path: Path) -> None:
    client.file("empty.eml", b"")
    for arguments in (
        (),
        ("a.eml", "b.eml"),
        ("missing.eml",),
        ("empty.eml",),
        (str(tmp_path),),
        ("empty.eml", "--or-unchanged"),
        ("empty.eml", "--over", "large"),
        ("empty.eml", "--unknown"),
    ):
        done = client("smart-attach", *arguments)
        assert (done.status, done.out) == (2, ""), arguments


def test_all_or_nothing(client: Client, firm: ServerProcess) -> None:
    """If the expiry or the policy refuses a message with two attachments, nothing is written and nothing published."""
    before = published(firm)
    raw = SAMPLES["two"].raw
    client.file("a.eml", raw)
    assert client("smart-attach", "a.eml", "--expires", "2001-01-01").status == 2
    with Sender(firm) as me:
        me.request("PATCH", "/policy", json={"password_required": True}).raise_for_status()
        try:
            refused = client("smart-attach", "a.eml")
        finally:
            me.request("PATCH", "/policy", json={"password_required": None}).raise_for_status()
    assert (refused.status, refused.out) == (3, "")
    assert published(firm) == before


@pytest.mark.parametrize(
    "text", [b"Dear Anna,\n\nthe offer: see below.\n", b"%PDF-1.4\n", b"\x00\x01", b"\nTo: a\n"]
)
def test_what_is_no_message_is_refused(client: Client, text: bytes) -> None:
    """It was printed as it is: whoever names the attachment instead of the message would take it for done."""
    client.file("Offer letter.txt", text)
    done = client("smart-attach", "Offer letter.txt")
    assert (done.status, done.out) == (2, "")
    assert done.err == (
        "sentlinks: Offer letter.txt is no e-mail: it doesn't begin with a header. Name a message, MESSAGE.eml.\n"
    )
