"""Sending through a mail server: encrypted, signed in, and never to the wrong one."""

from __future__ import annotations

import smtplib
import ssl
import time
from email.message import Message
from pathlib import Path

import pytest

from tests.support.mail.mail_accounts import PASSWORD, USER
from tests.support.mail.mail_server import mail_server
from tests.support.servers.certificates import make_authority
from tui.rules.errors import InvalidValue
from tui.server.base import mailer as mailer_module
from tui.server.base.mailer import Mailer, parse_mailer
from tui.wire.smtp import connect

SENDER = "links@firm.example"


def message() -> Message:
    made = Message()
    made["From"], made["To"], made["Subject"] = SENDER, "djones@firm.example", "Delivered"
    made.set_payload("offer.pdf")
    return made


@pytest.mark.parametrize("tls", [True, False])
def test_it_signs_in_over_tls(tls: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also with a password that isn't ASCII."""
    authority = make_authority(tmp_path)
    with mail_server(authority, tls=tls) as server:
        mailer = Mailer("127.0.0.1", server.port, tls, SENDER, USER, PASSWORD)
        assert not PASSWORD.isascii()
        sent: list[Message] = []
        with pytest.raises(ssl.SSLCertVerificationError):
            mailer.send([message()], sent.append)
        assert (sent, server.sent) == ([], [])
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        mailer.send([message()], sent.append)
        assert len(sent) == len(server.sent) == 1
        wrong = Mailer("127.0.0.1", server.port, tls, SENDER, USER, "another")
        with pytest.raises(smtplib.SMTPAuthenticationError):
            wrong.send([message()], sent.append)
        assert len(server.sent) == 1


def test_it_signs_in_where_a_server_has_only_the_older_method(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That can't have a password beyond ASCII: the server refuses it, as it refuses a wrong one."""
    authority = make_authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    with mail_server(authority, tls=True, method="LOGIN", password="secret") as server:
        sent: list[Message] = []
        Mailer("127.0.0.1", server.port, True, SENDER, USER, "secret").send([message()], sent.append)
        assert len(sent) == len(server.sent) == 1
        for wrong in ("another", PASSWORD):
            with pytest.raises(smtplib.SMTPAuthenticationError):
                Mailer("127.0.0.1", server.port, True, SENDER, USER, wrong).send([message()], sent.append)
        assert len(server.sent) == 1


@pytest.mark.parametrize("reply", ["220 mail.firm.example", "250 OK", "454 4.7.0 Try again later", "What?"])
def test_no_other_reply_means_that_it_is_signed_in(
    reply: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = make_authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    with mail_server(authority, tls=True) as server:
        server.reply_to_sign_in = reply
        with pytest.raises(smtplib.SMTPAuthenticationError):
            Mailer("127.0.0.1", server.port, True, SENDER, USER, PASSWORD).send([message()], lambda _: None)


def test_a_connection_is_encrypted_unless_it_may_be_plain() -> None:
    with mail_server() as server:
        with pytest.raises(smtplib.SMTPNotSupportedError):
            connect("127.0.0.1", server.port, tls=False, seconds=30, answer_seconds=30)
        connect("127.0.0.1", server.port, tls=False, seconds=30, answer_seconds=30, may_be_plain=True).close()


def test_only_a_local_server_may_do_without_tls() -> None:
    with mail_server() as server:
        # This address reaches the same server, but isn't known to be this machine's.
        remote = Mailer("0.0.0.0", server.port, tls=False, sender=SENDER)
        sent: list[Message] = []
        with pytest.raises(smtplib.SMTPNotSupportedError):
            remote.send([message()], sent.append)
        assert server.sent == []
        Mailer("127.0.0.1", server.port, tls=False, sender=SENDER).send([message()], sent.append)
        assert len(server.sent) == 1


def test_the_answer_to_a_message_may_take_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the server has it, and gets it again and again."""
    assert mailer_module._ANSWER_SECONDS >= 120
    monkeypatch.setattr(mailer_module, "_SECONDS", 0.5)
    with mail_server() as server:
        server.on_message = lambda: time.sleep(0.7)
        sent: list[Message] = []
        Mailer("127.0.0.1", server.port, tls=False, sender=SENDER).send([message(), message()], sent.append)
        assert len(sent) == len(server.sent) == 2


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtps://mail.firm.example", ("mail.firm.example", 465, True, "")),
        ("smtp://mail.firm.example", ("mail.firm.example", 587, False, "")),
        (
            "smtp://links%40firm.example@mail.firm.example:25",
            ("mail.firm.example", 25, False, "links@firm.example"),
        ),
        ("smtp://[::1]:2525/", ("::1", 2525, False, "")),
    ],
)
def test_addresses_of_mail_servers(url: str, expected: tuple[str, int, bool, str]) -> None:
    mailer = parse_mailer(url, "Links <links@firm.example>", "secret")
    assert (mailer.host, mailer.port, mailer.tls, mailer.user) == expected
    assert mailer.sender == "Links <links@firm.example>"
    assert "secret" not in repr(mailer)


@pytest.mark.parametrize(
    ("url", "sender", "code"),
    [
        ("mail.firm.example", SENDER, "smtp.unknown"),
        ("https://mail.firm.example", SENDER, "smtp.unknown"),
        ("smtp://mail.firm.example:99999", SENDER, "smtp.unknown"),
        ("smtp://mail.firm.example/inbox", SENDER, "smtp.unknown"),
        ("smtp://me:secret@mail.firm.example", SENDER, "smtp.password"),
        ("smtp://mail.firm.example", "", "smtp.sender"),
        ("smtp://mail.firm.example", "links", "mail.address"),
    ],
)
def test_what_is_no_mail_server(url: str, sender: str, code: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        parse_mailer(url, sender, "")
    assert caught.value.code == code
    assert "secret" not in caught.value.message
