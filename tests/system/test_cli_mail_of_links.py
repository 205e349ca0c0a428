"""`sentlinks mail`: an e-mail for links that exist, as after one that couldn't be sent."""

from __future__ import annotations

import os
import shlex
import signal
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from tests.support.checks.long import few, more
from tests.support.mail.mail_accounts import USER, Dovecot
from tests.support.mail.mail_server import MailServer, mail_server
from tests.support.servers.certificates import Authority
from tests.support.servers.server import ServerProcess
from tests.support.users.share import PASSWORD as ACCOUNT
from tests.support.users.share import Sender
from tests.system.command import Running
from tests.system.links import fetch
from tests.system.mail_desk import Desk, in_terminal

BOB, CAROL = "Bob <bob@example.com>", "carol@example.com"
UNKNOWN = "0" * 32


@pytest.fixture
def desk(tmp_path: Path, server: ServerProcess, authority: Authority) -> Desk:
    return Desk(tmp_path, server, authority)


@pytest.fixture
def submits(desk: Desk, authority: Authority) -> Iterator[MailServer]:
    """The mail server in the desk's configuration."""
    with mail_server(authority) as server:
        desk.configure(
            mail_smtp_url=server.url(), mail_smtp_password_command=desk.password_command, mail_from=USER
        )
        yield server


def sent(desk: Desk, name: str, *options: str) -> dict[str, Any]:
    (desk.folder / name).write_text(name)
    done = desk("send", name, "--json", "--anew", *options)
    assert done.status == 0, done.err
    return done.documents[0]


def saved(desk: Desk, name: str = "a.eml") -> EmailMessage:
    found = message_from_bytes((desk.folder / name).read_bytes(), policy=default)
    assert isinstance(found, EmailMessage)
    return found


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_whom_a_new_recipient_replaces_is_said(desk: Desk) -> None:
    """They have the link still, though it isn't listed as theirs any more."""
    one = sent(desk, "one.txt", "--to", f"{BOB}, {CAROL}")
    others = [sent(desk, name, "--to", "erik@example.com") for name in ("two.txt", "three.txt")]
    ids = [each["id"] for each in (one, *others)]
    done = desk("mail", *ids, "--mail", "a.eml", "--to", "dora@example.com, bob@example.com")
    assert [line for line in done.err.splitlines() if "--to replaces" in line] == [
        f"sentlinks: one.txt: {CAROL} still has its link, but isn't kept with it any more: --to replaces.",
        "sentlinks: 2 documents: erik@example.com still has their links, but isn't kept with them any more: "
        "--to replaces.",
    ]
    for again in (["mail", one["id"], "--mail", "b.eml"], ["resend", one["id"], "--to", "DORA@example.com"]):
        replaced = "--to replaces" in desk(*again).err
        assert replaced == (again[0] == "resend"), "Bob"


def test_after_a_failed_submit_there_is_a_way(desk: Desk, submits: MailServer) -> None:
    """The message names the command, which sends the same e-mail to the same people."""
    (desk.folder / "b.txt").write_text("b")
    submits.refused = {"bob@example.com"}
    failed = desk("send", "b.txt", "a.txt", "--submit", "--yes", "--to", f"{BOB}, {CAROL}", "--json")
    assert (failed.status, len(failed.documents), submits.sent) == (1, 2, [])
    said = failed.err.splitlines()[-1]
    ids = " ".join(document["id"] for document in failed.documents)
    assert (
        said == f"sentlinks: The links are published. To try the e-mail again: sentlinks mail {ids} --submit"
    )
    submits.refused = set()
    again = desk(*shlex.split(said.partition("again: sentlinks ")[2]), "--yes", "--json")
    assert again.status == 0
    # Only the send itself can tell that.
    assert [{**each, "changed_while_sent": False} for each in again.documents] == failed.documents
    (mail,) = submits.sent
    assert mail.recipients == ["bob@example.com", CAROL]
    text = text_of(mail.message)
    assert text.index(failed.documents[0]["url"]) < text.index(failed.documents[1]["url"])
    assert desk("links", "--json", "--all").documents[0]["downloads"] == 0


def test_one_that_was_killed_before_the_answer(desk: Desk, submits: MailServer) -> None:
    """The next one doesn't send the e-mail a second time without a word: it tells that it may have been sent. After
    that, it is the user's decision. Other links, or other people, are another e-mail."""
    document, other = sent(desk, "a.txt", "--to", BOB), sent(desk, "b.txt", "--to", BOB)
    wants = ("mail", document["id"], "--submit", "--yes")
    killed = Running(wants, cwd=desk.folder, env=os.environ | desk.environ)
    submits.on_message = lambda: killed.send_signal(signal.SIGKILL)
    assert killed.ended()[0] == -signal.SIGKILL
    submits.on_message = lambda: None
    assert len(submits.sent) == 1
    assert desk("mail", other["id"], "--submit", "--yes").status == 0
    assert desk(*wants, "--to", CAROL).status == 0
    assert desk(*wants, "--to", "bob <BOB@example.com>").status == 1
    assert len(submits.sent) == 3
    done = desk(*wants, "--to", BOB)
    assert (done.status, len(submits.sent)) == (0, 4)


@more
def test_what_is_told_of_one_that_was_killed(desk: Desk, submits: MailServer) -> None:
    """With the command for those who find that it wasn't sent; nothing in the note opens a document."""
    (desk.folder / "b.txt").write_text("b")
    wants = ("send", "b.txt", "--submit", "--yes", "--to", BOB)
    killed = Running(wants, cwd=desk.folder, env=os.environ | desk.environ)
    submits.on_message = lambda: killed.send_signal(signal.SIGKILL)
    killed.ended()
    submits.on_message = lambda: None
    ident = desk("links", "--json").documents[0]["id"]
    done = desk("mail", ident, "--submit", "--yes")
    assert (done.status, len(submits.sent)) == (1, 1)
    assert "This e-mail may have been sent already, on " in done.err
    assert f"To try the e-mail again: sentlinks mail {ident} --submit" in done.err
    assert desk("mail", ident, "--submit", "--yes").status == 0
    # One that ends by itself leaves no note, however it ends.
    submits.refused = {"bob@example.com"}
    assert "Nobody of that name here" in desk("mail", ident, "--submit", "--yes").err
    submits.refused = set()
    assert desk("mail", ident, "--submit", "--yes").status == 0
    (notes,) = desk.home.rglob("handed-over")
    assert list(notes.iterdir()) == []


@more
def test_it_can_fail_again(desk: Desk, submits: MailServer) -> None:
    """Also for other reasons, and in other ways; only what has failed is named."""
    document = sent(desk, "a.txt", "--to", BOB)
    submits.refused = {CAROL}
    done = desk("mail", document["id"], "--submit", "--yes", "--mail", "a.eml", "--to", CAROL)
    assert done.status == 1
    assert done.err.endswith(f"again: sentlinks mail {document['id']} --submit\n")
    assert saved(desk)["To"] == CAROL
    (desk.home / "mail.txt").write_text("no links in it\n")
    desk.configure(mail_template="mail.txt")
    assert desk("mail", document["id"], "--mail", "b.eml").status == 2


@more
def test_in_the_order_given_and_each_once(desk: Desk) -> None:
    one, two, three = (sent(desk, f"{n}.txt") for n in "123")
    ids = [document["id"] for document in (three, one, two, three)]
    done = desk("mail", *ids, "--mail", "a.eml", "--json")
    assert (done.status, [each["id"] for each in done.documents]) == (0, ids)
    text = text_of(saved(desk))
    assert [text.count(each["url"]) for each in (one, two, three)] == [1, 1, 1]
    assert text.index(three["url"]) < text.index(one["url"]) < text.index(two["url"])
    assert saved(desk)["Subject"] == "3 documents for you"


def test_recipients_are_kept_as_in_resend(desk: Desk) -> None:
    one, two = sent(desk, "1.txt", "--to", BOB), sent(desk, "2.txt", "--to", CAROL)
    ids = one["id"], two["id"]
    done = desk("mail", *ids, "--mail", "a.eml", "--json")
    assert done.err.count("sent to different people") == 1
    assert saved(desk)["To"] == f"{BOB}, {CAROL}"
    assert [each["recipients"] for each in done.documents] == [[BOB], [CAROL]]
    again = desk("resend", *ids, "--mail", "c.eml", "--json")
    assert again.err.count("sent to different people") == 1
    again = desk("mail", *ids, "--mail", "b.eml", "--to", "Dora <d@example.com>", "--json")
    assert "different" not in again.err
    changed = again.documents
    assert saved(desk, "b.eml")["To"] == "Dora <d@example.com>"
    assert [each["recipients"] for each in changed] == [["Dora <d@example.com>"]] * 2
    assert [d["recipients"] for d in desk("links", "--json").documents[:2]] == [["Dora <d@example.com>"]] * 2


def test_links_that_cannot_be_mailed(desk: Desk, server: ServerProcess) -> None:
    """They are left out and told, each with what to do; the others are in the e-mail."""
    good, off, expired, gone = (sent(desk, f"{n}.txt") for n in ("good", "off", "expired", "gone"))
    limited = sent(desk, "used.txt", "--downloads", "1")
    with Sender(server) as me:
        me.request("POST", f"/documents/{off['id']}/unpublish")
        me.http.post(limited["url"])
    desk("delete", gone["id"])
    ids = [each["id"] for each in (off, good, gone, limited)]
    done = desk("mail", UNKNOWN, *ids, "--mail", "a.eml", "--json")
    assert done.status == 1
    errors = [each["error"] and each["error"]["code"] for each in done.documents]
    assert errors == ["document.unknown", "link.stopped", None, "document.in_trash", "link.stopped"]
    assert f"sentlinks resend {off['id']} publishes it again." in done.err
    text = text_of(saved(desk))
    assert good["url"] in text
    assert not any(each["url"] in text for each in (off, gone, limited))
    for wanted, status in (([UNKNOWN], 5), ([gone["id"]], 5), ([off["id"]], 1)):
        done = desk("mail", *wanted, "--mail", "none.eml", "--json")
        assert (done.status, (desk.folder / "none.eml").exists()) == (status, False)
        assert done.error in ("document.unknown", "document.in_trash", "link.stopped")
    assert expired["published"]


def test_of_someone_else(desk: Desk, server: ServerProcess) -> None:
    """A member may fetch it, and has no link."""
    document = sent(desk, "a.txt")
    with Sender(server) as admin:
        admin.post("/users", {"name": "MEMBER", "password": ACCOUNT}, 201)
        token = admin.sign_in("MEMBER")["token"]
        wants = ["mail", document["id"], "--mail", "a.eml", "--json"]
        mine, desk.environ["SENTLINKS_TOKEN"] = desk.environ["SENTLINKS_TOKEN"], token
        assert (desk(*wants).status, desk(*wants).error) == (5, "document.unknown")
        desk.environ["SENTLINKS_TOKEN"] = mine
        assert desk("folders", "members", document["folder"]["id"], "--add", "MEMBER").status == 0
        desk.environ["SENTLINKS_TOKEN"] = token
        assert (desk(*wants).status, desk(*wants).error) == (5, "document.not_owner")


def test_with_a_password_that_was_guessed_at(desk: Desk) -> None:
    """The e-mail says that the password comes separately; that recipients have to wait is told."""
    document = sent(desk, "a.txt", "--generate-password")
    while fetch(document["url"], "wrong").status_code != 429:
        pass
    done = desk("mail", document["id"], "--mail", "a.eml", "--json")
    assert done.status == 0
    assert "You'll need a password" in text_of(saved(desk))
    assert done.documents[0]["has_password"]
    assert f"sentlinks unlock {document['id']} lets them try at once." in done.err


@more
def test_into_the_mailbox(desk: Desk, mailbox: Dovecot) -> None:
    document = sent(desk, "a.txt", "--to", BOB)
    desk.configure(
        mail_imap_url=mailbox.url(tls=True), mail_imap_password_command=desk.password_command, mail_from=USER
    )
    done = desk("mail", document["id"], "--drafts")
    assert (done.status, done.out) == (0, "")
    assert "The e-mail is in the folder Entwürfe & mehr at localhost." in done.err
    content, _ = mailbox.fetch_last("Entw&APw-rfe &- mehr")
    assert document["url"].encode() in content


def test_it_asks_before_it_sends(desk: Desk, submits: MailServer) -> None:
    """With the number of links that work. Without an answer nothing is sent, and no recipient changed."""
    document = sent(desk, "a.txt", "--to", BOB)
    wants = ("mail", document["id"], "--submit", "--to", CAROL)
    done = desk(*wants)
    assert (done.status, "Add --yes" in done.err) == (2, True)
    with in_terminal(desk, *wants) as terminal:
        terminal.wait_for("Send it? [y/N]")
        assert "localhost sends an e-mail with 1 working link to:" in terminal.text
        terminal.type("n\r")
        assert terminal.wait() == 2
    assert submits.sent == []
    assert desk("links", "--json").documents[0]["recipients"] == [BOB]
    # Unpublished before the question is answered.
    with in_terminal(desk, *wants) as terminal:
        terminal.wait_for("Send it? [y/N]")
        assert desk("unpublish", document["id"]).status == 0
        terminal.type("y\r")
        assert terminal.wait() == 1
        assert "no longer works (unpublished)" in " ".join(terminal.text.split())
    assert submits.sent == []


@few(2)
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "Say where the e-mail goes"),
        (["--to", BOB], "Say where the e-mail goes"),
        (["--submit", "--yes"], "--to ADDRESS"),
        (["--mail", "a.txt"], "already exists"),
        (["--mail", "a.eml", "--yes"], "--yes needs --submit"),
        (["--mail", "a.eml", "--to", "nobody"], "nobody is not an e-mail address"),
    ],
)
def test_what_is_missing(options: list[str], words: str, desk: Desk, submits: MailServer) -> None:
    document = sent(desk, "a.txt")
    done = desk("mail", document["id"], *options)
    assert (done.status, words in done.err, submits.sent) == (2, True, [])
    assert desk("mail", *options).status == 2
