"""The e-mail of a command: the mailbox, and submission (M1, M2, T5)."""

from __future__ import annotations

import email
import re
import threading
from pathlib import Path

import pytest

from tests.support.checks.long import few, more
from tests.support.mail import keyring
from tests.support.mail.mail_accounts import PASSWORD, USER, Dovecot
from tests.support.mail.mail_server import Sent, mail_server
from tests.support.mail.mail_trouble import CONTENT, Trouble, troubled
from tests.support.servers.certificates import Authority
from tests.support.servers.server import ServerProcess
from tests.support.users.share import PASSWORD as ACCOUNT
from tests.support.users.share import Sender
from tests.support.users.work import Worker
from tests.system.mail_desk import Desk, in_terminal


@pytest.fixture
def desk(tmp_path: Path, server: ServerProcess, authority: Authority) -> Desk:
    return Desk(tmp_path, server, authority)


def test_a_sent_document_is_in_the_drafts(desk: Desk, mailbox: Dovecot) -> None:
    """From the user's template, with the recipients and the link."""
    (desk.home / "mail.txt").write_text(
        "Subject: Unterlagen: $count\n\nSehr geehrte Damen und Herren,\n\n$links\n"
    )
    desk.configure(
        mail_imap_url=mailbox.url(tls=True),
        mail_imap_password_command=desk.password_command,
        mail_template="mail.txt",
        mail_from=USER,
    )
    before = {path for path, _ in mailbox.messages()}
    done = desk("send", "a.txt", "--drafts", "--to", "Jörg <joerg@example.com>", "--json")
    assert done.status == 0, done.err
    ((_, content),) = [found for found in mailbox.messages() if found[0] not in before]
    message = Sent("", [], content).message
    assert (message["To"], message["From"]) == ("Jörg <joerg@example.com>", USER)
    assert message["Subject"] == "Unterlagen: 1"
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        assert part is not None
        assert "Sehr geehrte Damen und Herren," in part.get_content()
        assert done.documents[0]["url"] in part.get_content()


def test_a_wrong_password_is_told_before_anything_is_sent(desk: Desk, mailbox: Dovecot) -> None:
    count = len(desk("links", "--json").documents)
    desk.configure(
        mail_imap_url=mailbox.url(tls=True),
        mail_imap_password_command="echo 1",
        mail_from=USER,
    )
    done = desk("send", "a.txt", "--drafts")
    assert (done.status, "AUTHENTICATIONFAILED" in done.err) == (4, True)
    assert len(desk("links", "--json").documents) == count


def test_a_password_is_asked_for_on_a_terminal(desk: Desk, mailbox: Dovecot) -> None:
    desk.configure(mail_imap_url=mailbox.url(tls=False))
    done = desk("send", "a.txt", "--drafts")
    assert (done.status, "set mail_imap_password_command" in done.err) == (2, True)
    before = len(mailbox.messages())
    with in_terminal(desk, "send", "a.txt", "--drafts") as terminal:
        terminal.wait_for("Password for localhost as anna@example.com:")
        terminal.type(f"{PASSWORD}\r")
        terminal.wait_for("The e-mail is in the folder Entwürfe & mehr at localhost.")
        assert terminal.wait() == 0
    assert PASSWORD.encode() not in terminal.written
    assert len(mailbox.messages()) == before + 1


@few(1)
@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["ctrl+c", "ctrl+d"])
def test_the_password_is_not_given(key: str, desk: Desk, mailbox: Dovecot) -> None:
    desk.configure(mail_imap_url=mailbox.url(tls=False))
    count = len(desk("links", "--json").documents)
    with in_terminal(desk, "send", "a.txt", "--drafts") as terminal:
        terminal.wait_for("Password for localhost as anna@example.com:")
        terminal.type(key)
        assert terminal.wait() == 130
        assert "anna@example.com:\nsentlinks: Interrupted." in re.sub(r" *\n", "\n", terminal.text)
    assert len(desk("links", "--json").documents) == count


@more
def test_a_typed_password_is_kept_in_the_keyring(desk: Desk, mailbox: Dovecot) -> None:
    """S17: only if the user wants that; one that isn't accepted any more is asked for again."""
    keyring.want()
    desk.configure(mail_imap_url=mailbox.url(tls=True), keyring="true")
    wants = ("send", "a.txt", "--drafts", "--anew")
    asks, offers = "Password for localhost as anna@example.com:", "Keep the password in the system's keyring?"
    stored = "The e-mail is in the folder Entwürfe & mehr at localhost."
    with keyring.session(desk.folder / "session") as session:
        for answer in ("n", "y"):
            with in_terminal(desk, *wants, **session.environ) as terminal:
                terminal.wait_for(asks)
                terminal.type("wrong\r")
                terminal.wait_for(asks, times=2)
                terminal.type(f"{PASSWORD}\r")
                terminal.wait_for(offers)
                if answer == "y":
                    # Nor was it before the first answer, or by it.
                    assert PASSWORD not in session.items()
                terminal.type(f"{answer}\r")
                terminal.wait_for(stored)
                assert terminal.wait() == 0
        assert PASSWORD in session.items()
        desk.environ |= session.environ
        done = desk(*wants)
        assert (done.status, stored in done.err) == (0, True)
    assert not any(PASSWORD.encode() in path.read_bytes() for path in desk.home.rglob("*") if path.is_file())


@more
def test_a_copy_of_what_is_submitted_is_in_the_mailbox(
    desk: Desk, mailbox: Dovecot, authority: Authority
) -> None:
    """If that fails, the e-mail was sent all the same, and the command has done what it was to do."""
    with mail_server(authority) as server:
        settings = {
            "mail_smtp_url": server.url(),
            "mail_smtp_password_command": desk.password_command,
            "mail_imap_url": mailbox.url(tls=True),
            "mail_imap_password_command": desk.password_command,
            "mail_from": USER,
        }
        wants = ("send", "a.txt", "--submit", "--to", "bob@example.com", "--yes", "--anew")
        desk.configure(**settings)
        done = desk(*wants)
        assert (done.status, done.err.splitlines()[-2:]) == (
            0,
            [
                "sentlinks: localhost accepted the e-mail for 1 recipient.",
                "sentlinks: A copy is in the folder Gesendet at localhost.",
            ],
        )
        assert mailbox.fetch_last("Gesendet") == (server.sent[0].content, {r"\Seen"})
        copies = len(mailbox.messages())
        desk.configure(**settings, mail_copy_sent="false")
        done = desk(*wants)
        assert (done.status, "copy" in done.err) == (0, False)
        # It is told before anything is sent, and doesn't keep it from being sent.
        desk.configure(**{**settings, "mail_imap_password_command": "echo 1"})
        done = desk(*wants)
        assert (done.status, "There will be no copy of the e-mail in your mailbox." in done.err) == (0, True)
        assert "AUTHENTICATIONFAILED" in done.err
        assert len(server.sent) == 3
        # The mailbox goes away after that.
        with troubled(authority, mailbox.tls_port, Trouble(CONTENT)) as trouble:
            desk.configure(**{**settings, "mail_imap_url": f"imaps://{USER}@localhost:{trouble.port}"})
            done = desk(*wants)
        assert (done.status, "The e-mail was sent, but there is no copy" in done.err) == (0, True)
        assert "It isn't known whether it was stored." in done.err
        assert len(server.sent) == 4
        assert len(mailbox.messages()) == copies


@more
def test_ctrl_c_ends_the_waiting_for_a_mail_server(
    desk: Desk, mailbox: Dovecot, authority: Authority
) -> None:
    """The links are there, and it is said what may have happened. Nothing else is begun."""
    with (
        mail_server(authority) as server,
        troubled(authority, mailbox.tls_port, Trouble(CONTENT, hangs=True)) as trouble,
    ):
        desk.configure(
            mail_imap_url=f"imaps://{USER}@localhost:{trouble.port}",
            mail_imap_password_command=desk.password_command,
            mail_smtp_url=server.url(),
            mail_smtp_password_command=desk.password_command,
            mail_copy_sent="false",
            mail_from=USER,
        )
        wants = ("send", "a.txt", "--drafts", "--submit", "--to", "bob@example.com", "--yes")
        with in_terminal(desk, *wants) as terminal:
            terminal.wait_for("Waiting for the answer of localhost: ")
            assert trouble.reached.is_set()
            terminal.type("\x03")
            assert terminal.wait() == 130
            text = " ".join(terminal.text.split())
        assert "/s/" in text
        assert "Cancelled. It isn't known whether the draft was stored;" in text
        assert "The e-mail wasn't sent. sentlinks: The links are published. To try the e-mail again:" in text
        assert text.replace(" ", "").endswith("--drafts--submit")
        assert server.sent == []


@more
@pytest.mark.parametrize("cancelled", [False, True], ids=["until it answers", "until ctrl+c"])
def test_how_long_a_mail_server_has_been_waited_for(
    cancelled: bool, desk: Desk, authority: Authority
) -> None:
    """A line says so on a terminal, and is gone afterwards."""
    held = threading.Event()
    with (
        mail_server(authority, tls=True) as server,
        troubled(authority, server.port, Trouble(CONTENT, held=held)) as trouble,
    ):
        desk.configure(
            mail_smtp_url=f"smtps://{USER}@localhost:{trouble.port}",
            mail_smtp_password_command=desk.password_command,
            mail_from=USER,
        )
        wants = ("send", "a.txt", "--submit", "--to", "bob@example.com", "--yes")
        with in_terminal(desk, *wants) as terminal:
            terminal.wait_for("Waiting for the answer of localhost: ")
            (seconds,) = re.findall(r": (\d+) s \(ctrl\+c stops waiting\)", terminal.text)
            while f": {seconds} s" in terminal.text:
                terminal.during(0.1)
            assert "Waiting for the answer of localhost: " in terminal.text
            if cancelled:
                terminal.type("\x03")
            else:
                held.set()
            status = terminal.wait()
            text = " ".join(terminal.text.split())
        held.set()
    assert "Waiting" not in text
    if cancelled:
        assert status == 130
        assert "Cancelled. It isn't known whether the e-mail was sent;" in text
    else:
        assert status == 0
        assert text.endswith("localhost accepted the e-mail for 1 recipient.")


def test_an_e_mail_is_submitted_after_a_question(
    desk: Desk, authority: Authority, server: ServerProcess
) -> None:
    with Worker(server) as work:
        paper = work.upload(work.workspace("Names"), "d:e", b"x")["id"]
    with mail_server(authority) as mails:
        desk.configure(mail_smtp_url=mails.url(), mail_smtp_password_command=desk.password_command)
        wants = ("send", "a.txt", "--submit", "--to", "bob@example.com")
        done = desk(*wants, "--yes")
        assert (done.status, "--submit needs mail_from" in done.err) == (2, True)
        desk.configure(
            mail_smtp_url=mails.url(), mail_smtp_password_command=desk.password_command, mail_from=USER
        )
        done = desk(*wants)
        assert (done.status, "Add --yes" in done.err) == (2, True)
        assert mails.sent == []
        done = desk(*wants, "--yes")
        assert (done.status, "localhost accepted the e-mail for 1 recipient." in done.err) == (0, True)
        (sent,) = mails.sent
        assert (sent.sender, sent.recipients) == (USER, ["bob@example.com"])
        assert done.out.strip() in str(sent.message.get_body(("plain",)))
        # What is sent although the server then refuses the e-mail stays sent, and the links are printed.
        mails.refused = {"bob@example.com"}
        done = desk(*wants, "--yes")
        assert (done.status, "Nobody of that name here" in done.err) == (1, True)
        assert "/s/" in done.out
        (desk.folder / "b:c.txt").write_text("b")
        with in_terminal(desk, *wants, "b:c.txt", paper) as terminal:
            terminal.wait_for("bob@example.com")
            terminal.wait_for("Send it? [y/N]")
            # Also what documents are called, as long as they can be left alone.
            assert "is sent as “b_c.txt”" in terminal.text
            assert "is sent as “d_e.txt”" in terminal.text
            terminal.type("n\r")
            assert terminal.wait() == 2
            assert "Nothing was sent." in terminal.text
        assert len(mails.sent) == 1


def test_the_sender_is_who_recipients_see(desk: Desk, server: ServerProcess) -> None:
    with Sender(server) as admin:
        admin.post("/users", {"name": "CARLA", "password": ACCOUNT, "full_name": "Carla Mai"}, 201)
        desk.environ["SENTLINKS_TOKEN"] = admin.sign_in("CARLA")["token"]
    sent = desk("send", "a.txt", "--json", "--mail", "sent.eml")
    again = desk("resend", sent.documents[0]["id"], "--mail", "again.eml")
    assert (sent.status, again.status) == (0, 0)
    for name in ("sent.eml", "again.eml"):
        message = email.message_from_bytes((desk.folder / name).read_bytes(), policy=email.policy.default)
        body = message.get_body(("plain",))
        assert body is not None
        assert body.get_content().splitlines()[-2:] == ["", "Carla Mai"]


@few(3)
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--drafts"], "Set mail_imap_url first"),
        (["--submit", "--to", "a@example.com", "--yes"], "mail_from"),
        (["--submit", "--yes"], "--to ADDRESS"),
        (["--to", "nobody"], "nobody is not an e-mail address"),
        (["--to", "a@example.com\nBcc: b@example.com"], "contains a control character"),
        ([word for n in range(101) for word in ("--to", f"a{n}@example.com")], "at most 100 recipients"),
        (["--yes"], "--yes needs --submit"),
        (["--drafts", "--to", "nobody"], "nobody is not an e-mail address"),
    ],
)
def test_what_is_missing_is_told_first(options: list[str], words: str, desk: Desk) -> None:
    done = desk("send", "a.txt", *options)
    assert (done.status, words in done.err, done.out) == (2, True, "")
