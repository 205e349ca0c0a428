"""Putting a draft, or a copy of a sent e-mail, into a folder of a mailbox with IMAP (RFC 9051)."""

from __future__ import annotations

import imaplib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any

from tui.rules.errors import Failed
from tui.rules.text import printable
from tui.wire.mail_reader import AnswerTooLong, MailReader

from .account import Account
from .attempt import Attempt, Delivery
from .folders import DRAFTS, SENT, WantedFolder, find_folder, last_words
from .servers import (
    ANSWER_SECONDS,
    FAREWELL_SECONDS,
    SECONDS,
    ServerReport,
    challenge_text,
    connection_failures,
    lost,
    refused,
    rejected,
    report,
    tls_context,
    too_long,
    words,
    xoauth2,
)

_BARE = re.compile(rb"\S+ (OK|NO|BAD)\r\n")
#: What imaplib makes of an answer that it doesn't expect, and of a command that the server takes for a wrong one.
_ODD = re.compile(r"unexpected response: b['\"](.*)['\"]", re.DOTALL)
_COMMAND = re.compile(r"^command: \w+ => ")
_BAD = re.compile(r"^\w+ command error: BAD \[b['\"](.*)['\"]\]$", re.DOTALL)
#: How a server says that it isn't the password (RFC 5530).
_NOT_NOW = re.compile(r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN)\]", re.IGNORECASE)
#: How often a server may ask in a sign-in.
_MOST_CHALLENGES = 5


def put_in_drafts(
    account: Account, secret: str, message: bytes, folder: str = "", attempt: Attempt | None = None
) -> str:
    """Append ``message`` to ``folder``, or else to the folder for drafts, as a draft. Returns the folder's name.

    Lines of the message end with CRLF; it is stored byte by byte. Raises :class:`tui.rules.errors.Problem`.
    """
    attempt = attempt or Attempt(Delivery.DRAFT)
    return _append(account, secret, message, WantedFolder(DRAFTS, folder), r"(\Draft \Seen)", attempt)


def put_in_sent(
    account: Account, secret: str, message: bytes, folder: str = "", attempt: Attempt | None = None
) -> str:
    """Append a copy of the sent ``message`` to ``folder``, or else to the folder for sent e-mails, as
    :func:`put_in_drafts` does."""
    return _append(
        account, secret, message, WantedFolder(SENT, folder), r"(\Seen)", attempt or Attempt(Delivery.COPY)
    )


def check(account: Account, secret: str, wanted: Sequence[WantedFolder]) -> ServerReport:
    """Sign in and find folders; changes nothing. Raises :class:`tui.rules.errors.Problem`."""
    with _signed_in(account, secret, Attempt(Delivery.DRAFT)) as connection:
        found = tuple(printable(find_folder(account, connection, each).name) for each in wanted)
        return report(account, connection.socket(), found)


def _append(
    account: Account, secret: str, message: bytes, wanted: WantedFolder, flags: str, attempt: Attempt
) -> str:
    with _signed_in(account, secret, attempt) as connection:
        mailbox = find_folder(account, connection, wanted)
        connection.hand_over(message, attempt)
        status, said = connection.append_to(mailbox.quoted, flags, message)
        if status == "OK" and not attempt.is_handed_over:
            raise _protocol(account, attempt, "It accepts a message that it hasn't got.")
        if status != "OK":
            raise refused(
                account, f"didn't take the message into {printable(mailbox.name)}", last_words(said)
            )
        return printable(mailbox.name)


# --- signing in -------------------------------------------------------------------------------------


@contextmanager
def _signed_in(account: Account, secret: str, attempt: Attempt) -> Iterator[_ImapConnection]:
    with connection_failures(account), _protocol_failures(account, attempt):
        connection = _connected(account)
    try:
        with _protocol_failures(account, attempt):
            try:
                attempt.use(connection.socket())
                _sign_in(account, connection, secret)
                yield connection
            except OSError as error:
                raise lost(account, attempt, error) from None
    except BaseException:
        with suppress(imaplib.IMAP4.error, OSError):
            connection.shutdown()
        raise
    with suppress(imaplib.IMAP4.error, OSError, AnswerTooLong):
        connection.socket().settimeout(FAREWELL_SECONDS)
        connection.logout()


@contextmanager
def _protocol_failures(account: Account, attempt: Attempt) -> Iterator[None]:
    try:
        yield
    except AnswerTooLong:
        raise too_long(account, attempt) from None
    except imaplib.IMAP4.abort as error:
        said = _said(error)
        if odd := _ODD.search(said):
            raise _protocol(account, attempt, odd[1]) from None
        # Other than that, it is what the server said at its BYE.
        said = "" if "socket error" in said else _COMMAND.sub("", said)
        raise lost(account, attempt, error, said) from None
    except imaplib.IMAP4.error as error:
        said = _said(error)
        raise _protocol(account, attempt, _BAD.sub(r"\1", said)) from None


def _protocol(account: Account, attempt: Attempt, said: str) -> Failed:
    text = f"{account.host} doesn't work as expected: {words(said)} {attempt.outcome}"
    return Failed("mail.protocol", text)


class _ImapConnection(imaplib.IMAP4):
    """One that says when it hands over a message: imaplib asks for the server's consent, and sends it, in one call.

    Answers are bounded: reading one raises :class:`AnswerTooLong`.
    """

    _message: bytes | None = None
    _attempt: Attempt | None = None
    _reader: MailReader | None = None

    def _read_from(self) -> MailReader:
        # Once it has TLS, it is another socket.
        if self._reader is None or self._reader.connection is not self.socket():
            self._reader = MailReader(self.socket())
        return self._reader

    def readline(self) -> bytes:
        line = self._read_from().readline()
        # Some servers have no text after it, which imaplib requires.
        return line.replace(b"\r\n", b" \r\n") if _BARE.fullmatch(line) else line

    def append_to(self, mailbox: bytes, flags: str, message: bytes) -> tuple[str, list[Any]]:
        """Append to the folder with this quoted name, which needn't be ASCII: the command is made of bytes as it is."""
        name: Any = mailbox
        return self.append(name, flags, "", message)

    def read(self, size: int) -> bytes:
        return self._read_from().read(size)

    def hand_over(self, message: bytes, attempt: Attempt) -> None:
        """``message`` is about to be appended by ``attempt``."""
        self._message, self._attempt = message, attempt

    def send(self, data: Any) -> None:
        super().send(data)
        self._read_from().begin()
        if self._attempt is not None and data == self._message:
            # Only with the line break that comes next does the server have the message.
            self._attempt.hand_over()
            self.socket().settimeout(ANSWER_SECONDS)


class _TlsImapConnection(_ImapConnection, imaplib.IMAP4_SSL):
    """The same with TLS from the start."""


def _connected(account: Account) -> _ImapConnection:
    if not account.starttls:
        return _TlsImapConnection(account.host, account.port, ssl_context=tls_context(), timeout=SECONDS)
    connection = _ImapConnection(account.host, account.port, timeout=SECONDS)
    try:
        if "STARTTLS" not in connection.capabilities:
            raise Failed(
                "mail.no_starttls",
                f"{account.host} doesn't offer STARTTLS on port {account.port}. Use imaps:// in mail_imap_url.",
            )
        connection.starttls(ssl_context=tls_context())
    except BaseException:
        with suppress(imaplib.IMAP4.error, OSError):
            connection.shutdown()
        raise
    return connection


def _sign_in(account: Account, connection: imaplib.IMAP4, secret: str) -> None:
    if connection.state == "AUTH":
        # The server knows by other means who it is. Only with TLS from the start: after that, there is no STARTTLS.
        return
    challenges: list[str] = []
    asked = count(1)

    def answers() -> None:
        """A server that goes on asking is answered no more."""
        if next(asked) > _MOST_CHALLENGES:
            raise AnswerTooLong

    def password(_challenge: bytes) -> bytes:
        answers()
        return f"\0{account.user}\0{secret}".encode()

    def token(challenge: bytes) -> bytes:
        answers()
        if challenge:
            # The server says what is wrong, and waits for an empty response before it refuses the token.
            challenges.append(challenge_text(challenge))
            return b""
        return xoauth2(account.user, secret).encode()

    try:
        if account.oauth:
            connection.authenticate("XOAUTH2", token)
        elif "AUTH=PLAIN" in connection.capabilities:
            connection.authenticate("PLAIN", password)
        elif "LOGINDISABLED" in connection.capabilities or not (account.user + secret).isascii():
            raise Failed("mail.no_method", f"{account.host} takes no password that this program can send.")
        else:
            connection.login(account.user, secret)
    except (imaplib.IMAP4.abort, imaplib.IMAP4.readonly):
        raise
    except imaplib.IMAP4.error as error:
        if _NOT_NOW.search(_said(error)):
            raise refused(account, "doesn't let you sign in now", _said(error)) from None
        raise rejected(account, _said(error), " ".join(challenges)) from None


def _said(error: imaplib.IMAP4.error) -> str:
    found: Any = error.args[0] if error.args else ""
    return found.decode("utf-8", "replace") if isinstance(found, bytes) else str(found)
