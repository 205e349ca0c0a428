"""Drafts in a real IMAP mailbox, and e-mails that a real SMTP server accepts (M2)."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.support.checks.long import few, more
from tests.support.mail import mail_accounts
from tests.support.mail.mail_accounts import PASSWORD, TOKEN, USER, Dovecot, dovecot
from tests.support.mail.mail_server import mail_server
from tests.support.servers import certificates
from tests.support.servers.certificates import Authority
from tui.cli.checks.mail_servers import checks
from tui.config import Config, places
from tui.mail import folders, imap, smtp
from tui.mail.account import Account, Protocol, parse_account
from tui.mail.attempt import Attempt, Delivery
from tui.mail.draft import DraftLink, compose
from tui.mail.folders import DRAFTS, SENT, WantedFolder
from tui.mail.message import to_sendable
from tui.rules.check_results import Check
from tui.rules.errors import Failed, InvalidValue, NotFound, NotSignedIn, Problem, Unreachable

DRAFT = compose(
    [DraftLink("Prüfung 契約.pdf", "https://links.example/s/one", None, 2)],
    "DJONES",
    ["Jörg <joerg@example.com>", "bob@example.com"],
    from_address="Anna <anna@example.com>",
)
MESSAGE = to_sendable(DRAFT)


pytestmark = pytest.mark.usefixtures("trusted")


def imap_account(url: str) -> Account:
    return parse_account(url, Protocol.IMAP)


def smtp_account(url: str) -> Account:
    return parse_account(url, Protocol.SMTP)


def check(account: Account) -> None:
    if account.protocol is Protocol.IMAP:
        imap.check(account, PASSWORD, [WantedFolder(DRAFTS)])
    else:
        smtp.check(account, PASSWORD)


# ---------------------------------------------------------------- IMAP


@few(1)
@pytest.mark.parametrize("oauth", [False, True], ids=["password", "token"])
@pytest.mark.parametrize("tls", [True, False], ids=["tls", "starttls"])
def test_a_draft_is_in_the_mailbox_byte_by_byte(tls: bool, oauth: bool, mailbox: Dovecot) -> None:
    """The folder that the server marks as the one for drafts is used, whatever it is called."""
    message = to_sendable(DRAFT)
    folder = imap.put_in_drafts(
        imap_account(mailbox.url(tls=tls, oauth=oauth)), TOKEN if oauth else PASSWORD, message
    )
    assert folder == "Entwürfe & mehr"
    # Each message has an id of its own, so it is this one.
    assert mailbox.fetch_last("Entw&APw-rfe &- mehr") == (message, {r"\Draft", r"\Seen"})


def test_a_copy_of_what_was_sent_is_in_the_mailbox(mailbox: Dovecot) -> None:
    """As an e-mail that was read, and not as a draft."""
    message = to_sendable(DRAFT)
    assert imap.put_in_sent(imap_account(mailbox.url(tls=True)), PASSWORD, message) == "Gesendet"
    assert mailbox.fetch_last("Gesendet") == (message, {r"\Seen"})


@few(1)
@pytest.mark.parametrize("tls", [True, False], ids=["tls", "starttls"])
@pytest.mark.parametrize("oauth", [False, True], ids=["password", "token"])
def test_what_the_server_says_of_a_wrong_password_or_token(tls: bool, oauth: bool, mailbox: Dovecot) -> None:
    before = mailbox.messages()
    with pytest.raises(NotSignedIn) as caught:
        imap.put_in_drafts(imap_account(mailbox.url(tls=tls, oauth=oauth)), "wrong", MESSAGE)
    assert f"didn't accept the {'access token' if oauth else 'password'}" in caught.value.message
    assert "AUTHENTICATIONFAILED" in caught.value.message
    if oauth:
        assert "invalid_token" in caught.value.message or "401" in caught.value.message
    assert "wrong" not in caught.value.message
    assert mailbox.messages() == before


@pytest.mark.parametrize("tls", [True, False], ids=["tls", "starttls"])
def test_a_certificate_of_someone_else_is_refused(
    tls: bool, mailbox: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the password is sent."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.make_authority(tmp_path).file))
    with pytest.raises(Failed) as caught:
        imap.put_in_drafts(imap_account(mailbox.url(tls=tls)), PASSWORD, MESSAGE)
    assert caught.value.code == "mail.certificate"
    assert "Nothing was sent to it" in caught.value.message


@pytest.mark.parametrize(
    ("name", "days", "words"), [("other.example", 30, "localhost"), ("localhost", -1, "expired")]
)
def test_a_certificate_that_is_wrong_is_refused(
    name: str, days: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = certificates.make_authority(tmp_path, name, days)
    monkeypatch.setenv("SSL_CERT_FILE", str(own.file))
    with mail_server(own, tls=True) as server:
        with pytest.raises(Failed) as caught:
            smtp.check(smtp_account(server.url()), PASSWORD)
        assert caught.value.code == "mail.certificate"
        assert words in caught.value.message


@more
def test_the_folder_of_the_settings(mailbox: Dovecot) -> None:
    account = imap_account(mailbox.url(tls=True))
    assert imap.put_in_drafts(account, PASSWORD, MESSAGE, "Other") == "Other"
    assert any("/.Other/" in str(path) and content for path, content in mailbox.messages())
    with pytest.raises(InvalidValue) as caught:
        imap.put_in_drafts(account, PASSWORD, MESSAGE, "Nowhere")
    assert "has no folder Nowhere" in caught.value.message
    assert "Entwürfe & mehr" in caught.value.message


def test_a_server_that_marks_no_folder(authority: Authority) -> None:
    """It is then found by its name; if there is none, nothing is stored anywhere."""
    with dovecot(authority, mail_accounts.BY_NAME) as server:
        account = imap_account(server.url(tls=True))
        assert imap.put_in_drafts(account, PASSWORD, MESSAGE) == "Drafts"
        assert imap.put_in_sent(account, PASSWORD, MESSAGE) == "Gesendete Elemente"
        report = imap.check(
            account, PASSWORD, [WantedFolder(SENT), WantedFolder(DRAFTS), WantedFolder(DRAFTS, "Other")]
        )
        assert report.folders == ("Gesendete Elemente", "Drafts", "Other")
        assert report.certificate == "localhost, 127.0.0.1"
        assert report.ends_at is not None
    with dovecot(authority, mail_accounts.NEITHER) as server:
        with pytest.raises(NotFound, match="no folder for drafts"):
            imap.put_in_drafts(imap_account(server.url(tls=True)), PASSWORD, MESSAGE)
        with pytest.raises(NotFound, match=r"no folder for sent e-mails\. Name one in mail_sent_folder"):
            imap.put_in_sent(imap_account(server.url(tls=True)), PASSWORD, MESSAGE)
        assert server.messages() == []


@more
def test_a_mailbox_that_is_full(authority: Authority) -> None:
    """It is told in the server's words, and the message isn't there."""
    with dovecot(authority, more=mail_accounts.SMALL) as server:
        account = imap_account(server.url(tls=True))
        large = MESSAGE + b"x" * 70 * 20 + b"\r\n"
        with pytest.raises(
            Failed, match=r"didn't take the message into Entwürfe & mehr\. It said: .*[Qq]uota"
        ):
            imap.put_in_drafts(account, PASSWORD, large)
        assert server.messages() == []
        assert imap.put_in_drafts(account, PASSWORD, b"Subject: Offer\r\n\r\nHello\r\n")


# ---------------------------------------------------------------- SMTP


@few(1)
@pytest.mark.parametrize("oauth", [False, True], ids=["password", "token"])
@pytest.mark.parametrize("tls", [True, False], ids=["tls", "starttls"])
def test_an_e_mail_is_submitted_as_it_is(tls: bool, oauth: bool, authority: Authority) -> None:
    with mail_server(authority, tls=tls) as server:
        account = smtp_account(server.url(oauth=oauth))
        recipients = ["joerg@example.com", "bob@example.com"]
        smtp.submit(account, TOKEN if oauth else PASSWORD, MESSAGE, USER, recipients)
        (sent,) = server.sent
    assert (sent.sender, sent.recipients) == (USER, recipients)
    assert sent.content == MESSAGE
    assert sent.message["From"] == "Anna <anna@example.com>"


@pytest.mark.parametrize("oauth", [False, True], ids=["password", "token"])
def test_a_wrong_password_sends_nothing(oauth: bool, authority: Authority) -> None:
    with mail_server(authority) as server:
        with pytest.raises(NotSignedIn) as caught:
            smtp.submit(smtp_account(server.url(oauth=oauth)), "wrong", MESSAGE, USER, ["a@example.com"])
        assert server.sent == []
    assert "535" in caught.value.message or "credentials invalid" in caught.value.message
    if oauth:
        assert "status 401" in caught.value.message


def test_one_recipient_that_is_refused_is_all(authority: Authority) -> None:
    """An e-mail that half of its recipients have would have to be sent again to the others only."""
    with mail_server(authority) as server:
        server.refused = {"bob@example.com"}
        account = smtp_account(server.url())
        with pytest.raises(Failed) as caught:
            smtp.submit(account, PASSWORD, MESSAGE, USER, ["a@example.com", "bob@example.com"])
        assert server.sent == []
        assert "bob@example.com; nothing was sent to anyone" in caught.value.message
        assert "Nobody of that name here" in caught.value.message


def test_no_password_without_encryption(authority: Authority) -> None:
    with mail_server(authority, starttls=False) as server:
        with pytest.raises(Failed) as caught:
            smtp.submit(smtp_account(server.url()), PASSWORD, MESSAGE, USER, ["a@example.com"])
        assert caught.value.code == "mail.no_starttls"
        assert "smtps://" in caught.value.message
        assert server.sent == []


def test_the_wrong_kind_of_connection_is_told(authority: Authority, mailbox: Dovecot) -> None:
    with pytest.raises(Failed) as caught:
        check(imap_account(f"imaps://{USER}@localhost:{mailbox.port}"))
    assert "imap://" in caught.value.message
    with mail_server(authority) as server, pytest.raises(Problem) as other:
        smtp.check(smtp_account(f"smtps://{USER}@localhost:{server.port}"), PASSWORD)
    assert "smtp://" in other.value.message


@pytest.mark.parametrize("protocol", list(Protocol))
def test_a_server_that_is_not_there(protocol: Protocol) -> None:
    (port,) = mail_accounts._free_ports(1)
    account = parse_account(f"{protocol}s://{USER}@127.0.0.1:{port}", protocol)
    with pytest.raises(Unreachable, match=f"127.0.0.1:{port} can't be reached"):
        check(account)


@more
def test_a_server_that_marks_folders_only_on_request(mailbox: Dovecot) -> None:
    """RFC 6154 allows that; the extended LIST then names the folder."""
    account, attempt = imap_account(mailbox.url(tls=True)), Attempt(Delivery.DRAFT)
    with imap._signed_in(account, PASSWORD, attempt) as connection:
        found = {each.name: each.flags for each in folders.listed(folders.special_use(connection))}
    assert r"\drafts" in found["Entwürfe & mehr"]
    assert r"\sent" in found["Gesendet"]


def test_what_doctor_finds(mailbox: Dovecot, authority: Authority, tmp_path: Path) -> None:
    """Reached, certificate with its days, signed in, the Drafts folder; it stores and sends nothing."""
    before = mailbox.messages()
    prints = f"echo {shlex.quote(PASSWORD)}"
    with mail_server(authority) as server:
        file = {
            "mail_imap_url": mailbox.url(tls=True),
            "mail_imap_password_command": prints,
            "mail_smtp_url": server.url(),
            "mail_smtp_password_command": "echo 1",
            "keyring": False,
        }

        def found(**changed: object) -> dict[str, Check]:
            settings = Config(places({"SENTLINKS_HOME": str(tmp_path)}), {**file, **changed}, {})
            return {check.id: check for check in checks(settings)}

        first = found()
        assert first["mailbox"].state == "ok"
        assert first["mailbox"].found == (
            "localhost as anna@example.com: Signing in works. Drafts go into Entwürfe & mehr. Copies of sent e-mails "
            "go into Gesendet."
        )
        assert first["mailbox certificate"].found == (
            "The certificate for localhost, 127.0.0.1 is valid for 29 more days."
        )
        assert (first["mail server"].state, "credentials" in first["mail server"].found) == ("bad", True)
        assert first["mail server"].remedy == "Check mail_smtp_password_command."
        assert "Copies" not in found(mail_copy_sent=False)["mailbox"].found
        second = found(mail_smtp_password_command=prints, mail_imap_password_command="")
        assert second["mail server"].found == "localhost as anna@example.com: Signing in works."
        assert second["mail server certificate"].state == "ok"
        assert second["mailbox"].state == "warn"
        assert found(mail_imap_url="")["mailbox"].found.startswith(
            "mail_imap_url is not set, so drafts can't"
        )
        broken = found(mail_imap_password_command="false")["mailbox"]
        assert broken.remedy.startswith(
            "mail_imap_password_command has to be a command that prints the password;"
        )
        assert found(mail_smtp_url="x")["mail server"].state == "bad"
        assert found(mail_html=tmp_path / "gone")["mail templates"].state == "bad"
        assert server.sent == []
    assert mailbox.messages() == before
