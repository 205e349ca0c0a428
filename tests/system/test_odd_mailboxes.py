"""Drafts in mailboxes of servers that spell folders oddly, are full, or don't answer as they should (M2, S43)."""

from __future__ import annotations

import pytest

from tests.support.checks.long import few
from tests.support.mail.mail_accounts import USER
from tests.support.mail.mail_server import mail_server
from tests.support.mail.scripted_mailbox import ScriptedMailbox
from tests.support.servers.certificates import Authority
from tui.mail import imap, smtp
from tui.mail.account import Protocol, parse_account
from tui.mail.attempt import Delivery
from tui.rules.errors import Failed, NotFound, NotSignedIn, Problem, Unreachable

pytestmark = pytest.mark.usefixtures("trusted")

MESSAGE = b"Subject: Offer\r\n\r\nHello\r\n"
NOTHING, UNKNOWN = Delivery.DRAFT.value


def put(mailbox: ScriptedMailbox, authority: Authority, folder: str = "") -> str:
    with mailbox.on(authority) as server:
        account = parse_account(f"imaps://{USER}@localhost:{server.port}", Protocol.IMAP)
        return imap.put_in_drafts(account, "secret", MESSAGE, folder)


def refused(mailbox: ScriptedMailbox, authority: Authority) -> Problem:
    with pytest.raises(Problem) as caught:
        put(mailbox, authority)
    return caught.value


@few(2)
@pytest.mark.parametrize(
    ("folders", "name", "wire"),
    [
        (['(\\Drafts) "/" "Entwürfe"'.encode()], "Entwürfe", '"Entwürfe"'.encode()),
        ([b'(\\Drafts) "/" "Entw\xfcrfe"'], "Entw\ufffdrfe", b'"Entw\xfcrfe"'),
        ([b'(\\Drafts) "/" "Entw&APw-rfe"'], "Entwürfe", b'"Entw&APw-rfe"'),
        ([b'(\\Drafts) "/" "&!!!-"'], "&!!!-", b'"&!!!-"'),
        ([b'(\\Drafts) "/" "a\\"b\\\\c"'], 'a"b\\c', b'"a\\"b\\\\c"'),
        ([b'(\\Drafts \\Noselect) "/" "All"', b'() "/" "Drafts"'], "Drafts", b'"Drafts"'),
        ([b'(\\Drafts \\NonExistent) "/" "Gone"', b'() "/" "Drafts"'], "Drafts", b'"Drafts"'),
        ([b'(\\Drafts) "/" ""', b'() "/" "Drafts"'], "Drafts", b'"Drafts"'),
        ([b'(\\Drafts) "/" {5}\r\na\r\nA1', b'() "/" "Drafts"'], "Drafts", b'"Drafts"'),
    ],
)
def test_folders_are_named_as_the_server_spells_them(
    folders: list[bytes], name: str, wire: bytes, authority: Authority
) -> None:
    """Whatever it is; those that no message can be in, or no command can name, are none."""
    mailbox = ScriptedMailbox(folders=tuple(folders))
    assert put(mailbox, authority) == name
    (command,) = mailbox.appends
    assert command.startswith(b"APPEND " + wire + b" (")
    assert mailbox.messages == [MESSAGE]


def test_a_folder_of_the_settings_that_is_not_there(authority: Authority) -> None:
    with pytest.raises(Problem, match="has no folder Weg"):
        put(ScriptedMailbox(), authority, "Weg")
    assert isinstance(refused(ScriptedMailbox(folders=()), authority), NotFound)


def test_a_server_that_has_signed_the_user_in_already(authority: Authority) -> None:
    """By the certificate or the address that the connection comes from (PREAUTH). No password is sent there."""
    mailbox = ScriptedMailbox(greeting=b"* PREAUTH signed in as djones", signed_in=b"BAD already signed in")
    assert put(mailbox, authority) == "Drafts"
    assert mailbox.messages == [MESSAGE]


def test_nor_is_anything_sent_to_one_that_says_so_before_it_has_tls() -> None:
    """Somebody in between could say it, so that the message comes to him unencrypted."""
    mailbox = ScriptedMailbox(greeting=b"* PREAUTH welcome", capabilities=b"IMAP4rev1 STARTTLS AUTH=PLAIN")
    with mailbox.on(None) as server:
        account = parse_account(f"imap://{USER}@localhost:{server.port}", Protocol.IMAP)
        with pytest.raises(Failed, match="doesn't work as expected"):
            imap.put_in_drafts(account, "secret", MESSAGE, "")
    assert (mailbox.appends, mailbox.messages) == ([], [])


@few(1)
@pytest.mark.parametrize("answer", [b"OK stored", b"OK [APPENDUID 1 2] stored", b"OK", b"OK "])
def test_the_answer_that_it_is_stored(answer: bytes, authority: Authority) -> None:
    """Some servers don't say more; it used to be told that it isn't known whether the draft was stored."""
    mailbox = ScriptedMailbox(stored=answer)
    assert put(mailbox, authority) == "Drafts"
    assert mailbox.messages == [MESSAGE]


def test_a_full_mailbox(authority: Authority) -> None:
    """Whether that is said before the message or after it."""
    said = "localhost didn't take the message into Drafts. It said: [OVERQUOTA] The mailbox is full."
    for mailbox in (
        ScriptedMailbox(refusal=b"NO [OVERQUOTA] The mailbox is full"),
        ScriptedMailbox(stored=b"NO [OVERQUOTA] The mailbox is full"),
    ):
        problem = refused(mailbox, authority)
        assert isinstance(problem, Failed)
        assert problem.message == said
        assert len(mailbox.appends) == 1


@few(1)
@pytest.mark.parametrize(
    ("mailbox", "said"),
    [
        (ScriptedMailbox(refusal=b"OK stored"), f"It accepts a message that it hasn't got. {NOTHING}"),
        (ScriptedMailbox(refusal=b"BAD No such command"), f"No such command. {NOTHING}"),
        (ScriptedMailbox(greeting=b"HTTP/1.1 400 Bad Request"), f"HTTP/1.1 400 Bad Request. {NOTHING}"),
    ],
    ids=["without a message", "bad", "another protocol"],
)
def test_what_no_mail_server_does(mailbox: ScriptedMailbox, said: str, authority: Authority) -> None:
    """It hasn't closed the connection, and its words are told without Python's quotes."""
    problem = refused(mailbox, authority)
    assert isinstance(problem, Failed)
    assert problem.message == f"localhost doesn't work as expected: {said}"


def test_the_end_after_the_message(authority: Authority) -> None:
    """It is given once, and isn't told to be lost."""
    mailbox = ScriptedMailbox(hangs_up=True)
    problem = refused(mailbox, authority)
    assert isinstance(problem, Unreachable)
    assert problem.message == f"localhost closed the connection. {UNKNOWN}"
    assert mailbox.messages == [MESSAGE]


@few(1)
@pytest.mark.parametrize("code", [b"UNAVAILABLE", b"INUSE", b"LIMIT"])
def test_a_sign_in_that_is_refused_for_now(code: bytes, authority: Authority) -> None:
    """It isn't the password, which would be asked for again."""
    problem = refused(ScriptedMailbox(signed_in=b"NO [%s] Come back later" % code), authority)
    assert isinstance(problem, Failed)
    assert "localhost doesn't let you sign in now. It said: [" in problem.message
    assert isinstance(
        refused(ScriptedMailbox(signed_in=b"NO [AUTHENTICATIONFAILED] No"), authority), NotSignedIn
    )


def test_the_same_of_a_server_that_sends(authority: Authority) -> None:
    with mail_server(authority, tls=True) as server:
        account = parse_account(server.url(), Protocol.SMTP)
        server.reply_to_sign_in = "454 4.7.0 Temporary authentication failure"
        with pytest.raises(Failed, match="doesn't let you sign in now"):
            smtp.check(account, "secret")
        server.reply_to_sign_in = "535 5.7.8 Bad credentials"
        with pytest.raises(NotSignedIn):
            smtp.check(account, "secret")
