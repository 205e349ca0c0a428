"""A mail server that goes away or falls silent in the middle: one sentence, which says what may have happened (M2)."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.support.checks.long import few
from tests.support.mail.mail_accounts import PASSWORD, USER, Dovecot
from tests.support.mail.mail_server import mail_server
from tests.support.mail.mail_trouble import CONTENT, GREETING, Trouble, troubled
from tests.support.servers import certificates
from tests.support.servers.certificates import Authority
from tui.mail import imap, servers, smtp
from tui.mail.account import Protocol, parse_account
from tui.mail.attempt import Attempt, Delivery
from tui.mail.draft import DraftLink, compose
from tui.mail.message import to_sendable
from tui.rules.errors import Failed, Problem, Unreachable

DRAFT = compose([DraftLink("Offer.pdf", "https://links.example/s/one")], "DJONES", from_address=USER)
UNKNOWN = "It isn't known whether the "


pytestmark = pytest.mark.usefixtures("trusted")


def put(port: int, *, tls: bool = True, attempt: Attempt | None = None, message: bytes = b"") -> None:
    account = parse_account(f"imap{'s' if tls else ''}://{USER}@localhost:{port}", Protocol.IMAP)
    imap.put_in_drafts(account, PASSWORD, message or to_sendable(DRAFT), attempt=attempt)


def submit(port: int, *, tls: bool = True, attempt: Attempt | None = None, message: bytes = b"") -> None:
    account = parse_account(f"smtp{'s' if tls else ''}://{USER}@localhost:{port}", Protocol.SMTP)
    smtp.submit(account, PASSWORD, message or to_sendable(DRAFT), USER, ["bob@example.com"], attempt)


def is_one_message(problem: Problem) -> bool:
    """Whether it is for people: nothing of Python, and not long."""
    return problem.message.endswith(".") and not {"[", "'socket", "EOF"} & set(problem.message.split())


@few(1)
@pytest.mark.parametrize(
    "step", [GREETING, b"AUTHENTICATE", b"LIST", b"APPEND", CONTENT], ids=lambda step: step.decode()
)
def test_a_mailbox_that_goes_away(step: bytes, mailbox: Dovecot, authority: Authority) -> None:
    before = len(mailbox.messages())
    with troubled(authority, mailbox.tls_port, Trouble(step)) as trouble:
        with pytest.raises(Unreachable) as caught:
            put(trouble.port)
        assert trouble.reached.is_set()
    assert is_one_message(caught.value)
    assert (UNKNOWN in caught.value.message) == (step == CONTENT)
    if step in (b"AUTHENTICATE", b"LIST", b"APPEND"):
        assert caught.value.message == "localhost closed the connection. The draft wasn't stored."
    assert len(mailbox.messages()) == before


def test_a_mailbox_that_has_the_draft_and_does_not_say_so(mailbox: Dovecot, authority: Authority) -> None:
    before = len(mailbox.messages())
    with (
        troubled(authority, mailbox.tls_port, Trouble(CONTENT, arrives=True)) as trouble,
        pytest.raises(Unreachable) as caught,
    ):
        put(trouble.port)
    assert caught.value.message == f"localhost closed the connection. {Delivery.DRAFT.value[1]}"
    assert len(mailbox.messages()) == before + 1


@few(1)
@pytest.mark.parametrize(
    "step", [GREETING, b"AUTH", b"MAIL", b"RCPT", b"DATA", CONTENT], ids=lambda step: step.decode()
)
def test_a_mail_server_that_goes_away(step: bytes, authority: Authority) -> None:
    with mail_server(authority, tls=True) as server:
        with troubled(authority, server.port, Trouble(step)) as trouble:
            with pytest.raises(Unreachable) as caught:
                submit(trouble.port)
            assert trouble.reached.is_set()
        assert server.sent == []
    assert is_one_message(caught.value)
    assert (UNKNOWN in caught.value.message) == (step == CONTENT)
    if step in (b"AUTH", b"MAIL", b"RCPT", b"DATA"):
        assert caught.value.message == "localhost closed the connection. The e-mail wasn't sent."


def test_a_mail_server_that_has_the_e_mail_and_does_not_say_so(authority: Authority) -> None:
    with mail_server(authority, tls=True) as server:
        with (
            troubled(authority, server.port, Trouble(CONTENT, arrives=True)) as trouble,
            pytest.raises(Unreachable) as caught,
        ):
            submit(trouble.port)
        assert len(server.sent) == 1
    assert caught.value.message == f"localhost closed the connection. {Delivery.E_MAIL.value[1]}"


@few(1)
@pytest.mark.parametrize("protocol", list(Protocol))
def test_the_end_in_the_middle_of_a_long_message(
    protocol: Protocol, mailbox: Dovecot, authority: Authority
) -> None:
    """What ends a message never came, so the server can't have taken it."""
    line, before = b"x" * 70 + b"\r\n", len(mailbox.messages())
    message = to_sendable(DRAFT) + line * 50_000 + b"HALFWAY\r\n" * 20_000 + line * 250_000
    with mail_server(authority, tls=True) as server:
        port, give = (mailbox.tls_port, put) if protocol is Protocol.IMAP else (server.port, submit)
        with (
            troubled(authority, port, Trouble(b"HALFWAY")) as trouble,
            pytest.raises(Unreachable) as caught,
        ):
            give(trouble.port, message=message)
        assert trouble.reached.is_set()
        assert server.sent == []
    thing = Delivery.DRAFT if protocol is Protocol.IMAP else Delivery.E_MAIL
    assert caught.value.message == f"localhost closed the connection. {thing.value[0]}"
    assert len(mailbox.messages()) == before


@few(1)
@pytest.mark.parametrize("protocol", list(Protocol))
def test_a_server_that_takes_its_time_for_the_answer(
    protocol: Protocol, mailbox: Dovecot, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Longer than for any other: it may deliver the message first, or look for viruses (RFC 5321, 4.5.3.2.6)."""
    assert servers.ANSWER_SECONDS >= 120
    for module in (imap, smtp):
        monkeypatch.setattr(module, "SECONDS", 2.0)
    thing = Delivery.DRAFT if protocol is Protocol.IMAP else Delivery.E_MAIL
    attempt, held, outcome = Attempt(thing), threading.Event(), list[object]()
    with mail_server(authority, tls=True) as server:
        port, give = (mailbox.tls_port, put) if protocol is Protocol.IMAP else (server.port, submit)
        with troubled(authority, port, Trouble(CONTENT, held=held)) as trouble:
            thread = threading.Thread(target=lambda: outcome.append(give(trouble.port, attempt=attempt)))
            thread.start()
            assert trouble.reached.wait(60)
            while attempt.waiting < 2.3 and thread.is_alive():
                thread.join(0.1)
            assert thread.is_alive()
            assert attempt.outcome == thing.value[1]
            held.set()
            thread.join(60)
    assert outcome == [None]


@few(1)
@pytest.mark.parametrize("protocol", list(Protocol))
def test_a_server_that_never_answers(
    protocol: Protocol, mailbox: Dovecot, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (imap, smtp):
        monkeypatch.setattr(module, "ANSWER_SECONDS", 0.2)
    thing = Delivery.DRAFT if protocol is Protocol.IMAP else Delivery.E_MAIL
    with mail_server(authority, tls=True) as server:
        port, give = (mailbox.tls_port, put) if protocol is Protocol.IMAP else (server.port, submit)
        with (
            troubled(authority, port, Trouble(CONTENT, hangs=True)) as trouble,
            pytest.raises(Unreachable) as caught,
        ):
            give(trouble.port)
    assert caught.value.message == f"localhost doesn't respond any more. {thing.value[1]}"


def test_an_e_mail_that_is_cancelled_before_its_last_dot(authority: Authority) -> None:
    """The dot isn't sent any more."""
    attempt = Attempt(Delivery.E_MAIL)
    with mail_server(authority, tls=True) as server:
        held = threading.Event()
        with troubled(authority, server.port, Trouble(b"DATA", held=held)) as trouble:
            ended = list[Problem]()

            def run() -> None:
                try:
                    submit(trouble.port, attempt=attempt)
                except Problem as problem:
                    ended.append(problem)

            thread = threading.Thread(target=run)
            thread.start()
            assert trouble.reached.wait(60)
            assert attempt.cancel().message == "Cancelled. The e-mail wasn't sent."
            held.set()
            thread.join(60)
            assert not thread.is_alive()
        assert server.sent == []
    assert len(ended) == 1
    assert "wasn't sent" in ended[0].message


@few(1)
@pytest.mark.parametrize("lines", [[b"."], [b"..", b".x", b"x.", b""]], ids=["a dot", "dots"])
def test_dots_at_the_beginning_of_a_line(lines: list[bytes], authority: Authority) -> None:
    message = to_sendable(DRAFT) + b"\r\n".join(lines) + b"\r\n"
    with mail_server(authority, tls=True) as server:
        submit(server.port, message=message)
        assert [sent.content for sent in server.sent] == [message]


@few(2)
@pytest.mark.parametrize("hangs", [False, True], ids=["goes away", "is silent"])
@pytest.mark.parametrize("protocol", list(Protocol))
def test_the_end_before_encryption(
    protocol: Protocol, hangs: bool, mailbox: Dovecot, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was said to the server by then that isn't for everyone."""
    for module in (imap, smtp):
        monkeypatch.setattr(module, "SECONDS", 2.0)
    with mail_server(authority) as server:
        port, give = (mailbox.port, put) if protocol is Protocol.IMAP else (server.port, submit)
        with (
            troubled(authority, port, Trouble(b"STARTTLS", hangs), tls=False) as trouble,
            pytest.raises(Unreachable) as caught,
        ):
            give(trouble.port, tls=False)
        assert server.sent == []
    assert is_one_message(caught.value)
    assert not hangs or "doesn't respond" in caught.value.message


@few(1)
@pytest.mark.parametrize("step", [GREETING, b"AUTH"], ids=["greeting", "signing in"])
@pytest.mark.parametrize("protocol", list(Protocol))
def test_a_server_that_is_silent(
    protocol: Protocol, step: bytes, mailbox: Dovecot, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (imap, smtp):
        monkeypatch.setattr(module, "SECONDS", 2.0)
    with mail_server(authority, tls=True) as server:
        port, give = (mailbox.tls_port, put) if protocol is Protocol.IMAP else (server.port, submit)
        with (
            troubled(authority, port, Trouble(step, hangs=True)) as trouble,
            pytest.raises(Unreachable, match="doesn't respond") as caught,
        ):
            give(trouble.port)
    assert is_one_message(caught.value)


@few(1)
@pytest.mark.parametrize("step", [b"AUTH", CONTENT], ids=["signing in", "content"])
@pytest.mark.parametrize("protocol", list(Protocol))
def test_waiting_is_cancelled(
    protocol: Protocol, step: bytes, mailbox: Dovecot, authority: Authority
) -> None:
    """The thread ends, too, long before it would have given up; what it says is what is known."""
    thing = Delivery.DRAFT if protocol is Protocol.IMAP else Delivery.E_MAIL
    attempt, ended = Attempt(thing), list[Problem]()
    before = len(mailbox.messages())
    with mail_server(authority, tls=True) as server:
        port, give = (mailbox.tls_port, put) if protocol is Protocol.IMAP else (server.port, submit)
        with troubled(authority, port, Trouble(step, hangs=True)) as trouble:

            def run() -> None:
                try:
                    give(trouble.port, attempt=attempt)
                except Problem as problem:
                    ended.append(problem)

            thread = threading.Thread(target=run)
            thread.start()
            assert trouble.reached.wait(60)
            while step == CONTENT and not attempt.waiting:
                # The server has seen it a moment before it has all of it.
                thread.join(0.01)
            said = attempt.cancel()
            thread.join(10)
            assert not thread.is_alive()
        assert server.sent == []
    assert len(mailbox.messages()) == before
    assert said.message == f"Cancelled. {thing.value[step == CONTENT]}"
    assert len(ended) == 1


def test_what_is_cancelled_before_is_never_given(mailbox: Dovecot, authority: Authority) -> None:
    before = len(mailbox.messages())
    attempt = Attempt(Delivery.DRAFT)
    assert attempt.cancel().message == "Cancelled. The draft wasn't stored."
    with pytest.raises(Failed, match="Cancelled"):
        put(mailbox.tls_port, attempt=attempt)
    assert len(mailbox.messages()) == before


@pytest.mark.parametrize("tls", [True, False], ids=["tls", "starttls"])
def test_a_certificate_of_someone_else(
    tls: bool, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the password is sent."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.make_authority(tmp_path).file))
    with mail_server(authority, tls=tls) as server:
        with pytest.raises(Failed) as caught:
            submit(server.port, tls=tls)
        assert server.sent == []
    assert caught.value.code == "mail.certificate"
    assert "Nothing was sent to it" in caught.value.message
